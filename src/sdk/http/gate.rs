//! Requests that may leave only while something holds.

use std::sync::Arc;

use crate::world::BoxFuture;

use super::{Interruption, Request, Response, Transport, TransportError, Trust};

/// Lets requests through as long as `is_open` says so. A run whose lock may have gone to somebody
/// else must not send anything more: the other run may be sending it.
pub struct Gate {
    inner: Arc<dyn Transport>,
    is_open: Arc<dyn Fn() -> bool + Send + Sync>,
}

impl Gate {
    /// A gate before `inner`.
    pub fn new(
        inner: Arc<dyn Transport>,
        is_open: impl Fn() -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { inner, is_open: Arc::new(is_open) }
    }
}

impl Transport for Gate {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        if (self.is_open)() {
            return self.inner.send(request);
        }
        let message = "the lock of the state was lost, so nothing is sent any more".to_owned();
        let error = TransportError { interruption: Interruption::NotSent, message };
        Box::pin(async { Err(error) })
    }

    fn encrypts(&self) -> bool {
        self.inner.encrypts()
    }

    fn trusting(&self, trust: Trust) -> Result<Arc<dyn Transport>, String> {
        let inner = self.inner.trusting(trust)?;
        Ok(Arc::new(Self { inner, is_open: Arc::clone(&self.is_open) }))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicBool, Ordering};

    use super::*;
    use crate::sdk::http::Method;

    struct Echo;

    impl Transport for Echo {
        fn send(&self, _request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
            Box::pin(async { Ok(Response::new(200)) })
        }
    }

    #[tokio::test]
    async fn nothing_passes_once_it_is_closed() {
        let open = Arc::new(AtomicBool::new(true));
        let told = Arc::clone(&open);
        let gate = Gate::new(Arc::new(Echo), move || told.load(Ordering::SeqCst));
        let request = Request::new(Method::Post, "https://vendor.example/").unwrap();
        assert_eq!(gate.send(request.clone()).await.unwrap().status, 200);
        open.store(false, Ordering::SeqCst);
        let error = gate.send(request).await.unwrap_err();
        assert_eq!(error.interruption, Interruption::NotSent);
    }
}
