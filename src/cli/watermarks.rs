//! Where it is remembered how far states have come: beside the configuration, and so apart from them.

use std::path::Path;

use crate::state::{Backend, Session, Tracked, WatermarkFile};

use super::Stop;
use super::emulation::FOLDER;
use super::state_problem::not_remembered;
use super::workbench::{Workbench, working_directory};

/// The folder for all of them.
const WATERMARKS: &str = "watermarks";

impl Workbench {
    /// What `backend` keeps, with what this folder remembers of it.
    pub(super) fn tracked(&self, backend: Box<dyn Backend>) -> Result<Tracked, Stop> {
        let folder = if self.emulates {
            // Whoever deletes a rehearsal begins the next one anew.
            Path::new(FOLDER).join(WATERMARKS)
        } else {
            self.start.environment.selection_file().with_file_name(WATERMARKS)
        };
        let identity = backend.identity();
        // Other configurations may have theirs in the same folder, unless it lies below this one,
        // with which it may be moved.
        let identity = if folder.is_absolute() {
            format!("{identity} in {}", working_directory()?)
        } else {
            identity
        };
        let watermark = WatermarkFile::new(&folder, identity);
        Ok(Tracked::new(Box::new(self.sealed(backend)), Some(watermark)))
    }

    /// Says where something could not be remembered.
    pub(super) async fn tell_watermark(&self, session: &Session) {
        if let Some(trouble) = session.watermark_trouble().await {
            self.tell(&not_remembered(trouble).into());
        }
    }
}
