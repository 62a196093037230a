//! A state that lives as long as the process: for tests, and to keep the trait honest.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::world::BoxFuture;

use super::{
    Backend, BackendError, Contents, Hold, Lease, LockHolder, LockState, Outcome, Replacement,
};

/// State in memory.
#[derive(Clone, Debug, Default)]
pub struct MemoryBackend {
    kept: Arc<Mutex<Contents>>,
    locked: Arc<AtomicBool>,
}

impl MemoryBackend {
    fn kept(&self) -> MutexGuard<'_, Contents> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend for MemoryBackend {
    fn place(&self) -> String {
        "memory".to_owned()
    }

    fn read(&self) -> Outcome<'_, Contents> {
        Box::pin(async { Ok(self.kept().clone()) })
    }

    fn lock<'a>(&'a self, _holder: &'a LockHolder) -> Outcome<'a, Box<dyn Hold>> {
        Box::pin(async {
            if self.locked.swap(true, Ordering::SeqCst) {
                return Err(BackendError::Locked(None));
            }
            Ok(Box::new(Held { backend: self.clone(), is_lock: true }) as Box<dyn Hold>)
        })
    }

    fn without_lock(&self) -> Outcome<'_, Box<dyn Hold>> {
        let held = Held { backend: self.clone(), is_lock: false };
        Box::pin(async { Ok(Box::new(held) as Box<dyn Hold>) })
    }

    fn holder(&self) -> Outcome<'_, Option<LockState>> {
        let locked = self.locked.load(Ordering::SeqCst);
        Box::pin(async move { Ok(locked.then_some(LockState { holder: None })) })
    }
}

struct Held {
    backend: MemoryBackend,
    is_lock: bool,
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.is_lock {
            self.backend.locked.store(false, Ordering::SeqCst);
        }
    }
}

impl Hold for Held {
    fn read(&mut self) -> Outcome<'_, Contents> {
        self.backend.read()
    }

    fn append<'a>(&'a mut self, lines: &'a [u8]) -> Outcome<'a, ()> {
        self.backend.kept().journal.extend_from_slice(lines);
        Box::pin(async { Ok(()) })
    }

    fn replace<'a>(&'a mut self, next: Replacement<'a>) -> Outcome<'a, ()> {
        let mut kept = self.backend.kept();
        if let Some(state) = next.state {
            kept.state = Some(state.to_vec());
        }
        kept.journal = next.journal.to_vec();
        drop(kept);
        Box::pin(async { Ok(()) })
    }

    fn lease(&self) -> Lease {
        Lease::unlimited()
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(async {})
    }
}
