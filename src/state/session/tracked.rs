//! What a session is opened on.

use super::super::watermark::{Recalled, Receded, WatermarkFile};
use super::{Backend, SessionError};

/// A backend, and where this folder remembers how far what it keeps had come.
pub struct Tracked {
    pub(in crate::state) backend: Box<dyn Backend>,
    watermark: Option<WatermarkFile>,
}

impl Tracked {
    /// Has the watermark of what `backend` keeps in `watermark`; without one, nothing is remembered.
    pub fn new(backend: Box<dyn Backend>, watermark: Option<WatermarkFile>) -> Self {
        Self { backend, watermark }
    }

    /// The problem with what is kept there.
    pub(super) fn receded(&self, reason: Receded) -> SessionError {
        let known = self.watermark.as_ref().map(WatermarkFile::name).unwrap_or_default();
        SessionError::Receded { place: self.backend.place(), reason, known }
    }

    /// What is remembered. It has to be recalled before the place is read: whoever works there at
    /// this moment brings it further.
    pub(in crate::state) fn recall(&self) -> Recalled {
        self.watermark.as_ref().map(WatermarkFile::recall).unwrap_or_default()
    }
}

impl<B: Backend + 'static> From<Box<B>> for Tracked {
    fn from(backend: Box<B>) -> Self {
        Self::new(backend, None)
    }
}

impl From<Box<dyn Backend>> for Tracked {
    fn from(backend: Box<dyn Backend>) -> Self {
        Self::new(backend, None)
    }
}
