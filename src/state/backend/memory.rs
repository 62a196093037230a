//! A state that lives as long as the process: for tests, and to keep the trait honest.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{Backend, BackendError, Guard, LockHolder};

/// State in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryBackend {
    kept: Arc<Mutex<Kept>>,
    locked: Arc<AtomicBool>,
}

#[derive(Debug, Default)]
struct Kept {
    state: Option<Vec<u8>>,
    journal: Vec<u8>,
}

impl MemoryBackend {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Held(Arc<AtomicBool>);

impl Guard for Held {}

impl Drop for Held {
    fn drop(&mut self) {
        self.0.store(false, Ordering::SeqCst);
    }
}

impl Backend for MemoryBackend {
    fn place(&self) -> String {
        "memory".to_owned()
    }

    fn read(&self) -> Result<Option<Vec<u8>>, BackendError> {
        Ok(self.kept().state.clone())
    }

    fn read_journal(&self) -> Result<Vec<u8>, BackendError> {
        Ok(self.kept().journal.clone())
    }

    fn lock(&self, _holder: &LockHolder) -> Result<Box<dyn Guard>, BackendError> {
        if self.locked.swap(true, Ordering::SeqCst) {
            return Err(BackendError::Locked(None));
        }
        Ok(Box::new(Held(Arc::clone(&self.locked))))
    }

    fn write(&self, bytes: &[u8]) -> Result<(), BackendError> {
        self.kept().state = Some(bytes.to_vec());
        Ok(())
    }

    fn append_journal(&self, bytes: &[u8]) -> Result<(), BackendError> {
        self.kept().journal.extend_from_slice(bytes);
        Ok(())
    }

    fn write_journal(&self, bytes: &[u8]) -> Result<(), BackendError> {
        self.kept().journal = bytes.to_vec();
        Ok(())
    }
}
