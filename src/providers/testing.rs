//! What tests of several providers share: a transport that counts and can lose answers.

use std::sync::{Arc, Mutex};

use crate::sdk::emulator::{Emulator, Host, InProcess, LedgerEntry};
use crate::sdk::http::{Interruption, Method, Request, Response, Transport, TransportError};
use crate::sdk::{ConfigureContext, Context};
use crate::value::Value;
use crate::world::{BoxFuture, Timestamp, World};

type Loses = dyn Fn(&Request) -> bool + Send + Sync;

/// One emulated vendor, with all that tests want to know of it.
pub(in crate::providers) struct Bench {
    pub(in crate::providers) world: World,
    pub(in crate::providers) vendor: &'static str,
    pub(in crate::providers) host: Arc<Host>,
    pub(in crate::providers) line: Arc<Line>,
    emulator: Arc<dyn Emulator>,
}

/// The transport between a provider and its emulator.
pub(in crate::providers) struct Line {
    inner: InProcess,
    log: Mutex<Vec<String>>,
    loses: Mutex<Option<Arc<Loses>>>,
}

impl Bench {
    /// A vendor whose clock starts at `start`, with other than the default knobs.
    pub(in crate::providers) fn new(
        emulator: Arc<dyn Emulator>,
        start: &str,
        knobs: &[(&str, u64)],
    ) -> Self {
        let world = World::fixed(start.parse::<Timestamp>().unwrap());
        let vendor = emulator.vendor();
        let mut host = Host::in_memory(vec![Arc::clone(&emulator)], world.clone());
        for (name, value) in knobs {
            assert!(host.set_knob(vendor, name, *value).unwrap(), "no knob `{name}`");
        }
        let host = Arc::new(host);
        let line = Line {
            inner: InProcess::new(Arc::clone(&host)),
            log: Mutex::default(),
            loses: Mutex::default(),
        };
        Self { world, vendor, host, line: Arc::new(line), emulator }
    }

    /// What `Provider::configure` gets.
    pub(in crate::providers) fn configure_context(&self) -> ConfigureContext {
        ConfigureContext {
            world: self.world.clone(),
            transport: Arc::clone(&self.line) as Arc<dyn Transport>,
            environment: std::collections::BTreeMap::new(),
            keys: Arc::default(),
        }
    }

    /// The emulator's provider settings with some of them changed.
    pub(in crate::providers) fn settings(&self, changes: &[(&'static str, &str)]) -> Value {
        let base_url = InProcess::base_url(self.vendor);
        let given = self.emulator.settings(&base_url).into_iter();
        let given = given.map(|(name, text)| (name, text.map_or(Value::NULL, Value::string)));
        let changes = changes.iter().map(|(name, text)| (*name, Value::string(text)));
        Value::object(given.chain(changes))
    }

    /// A context that records nothing.
    pub(in crate::providers) fn context(&self) -> Context {
        Context::new(self.world.clone())
    }

    /// Lets time pass.
    pub(in crate::providers) async fn pass(&self, seconds: u64) {
        self.world.clock.sleep(std::time::Duration::from_secs(seconds)).await;
    }

    /// Sends a request as any client would, and gives the answer with what it added to the ledger.
    pub(in crate::providers) fn raw(&self, request: &Request) -> (Response, Vec<LedgerEntry>) {
        self.host.answer(self.vendor, request)
    }

    /// A request to the vendor.
    pub(in crate::providers) fn request(&self, method: Method, path: &str) -> Request {
        Request::new(method, &format!("{}{path}", InProcess::base_url(self.vendor))).unwrap()
    }

    /// From now on requests for which `loses` holds are carried out and their answers lost.
    pub(in crate::providers) fn lose(
        &self,
        loses: impl Fn(&Request) -> bool + Send + Sync + 'static,
    ) {
        *self.line.loses.lock().unwrap() = Some(Arc::new(loses));
    }

    /// No answer is lost any more.
    pub(in crate::providers) fn lose_nothing(&self) {
        *self.line.loses.lock().unwrap() = None;
    }

    /// The requests since the last call, as `GET /path`.
    pub(in crate::providers) fn requests(&self) -> Vec<String> {
        std::mem::take(&mut self.line.log.lock().unwrap())
    }
}

impl Transport for Line {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            let line = format!("{} {}", request.method.as_str(), request.path());
            self.log.lock().unwrap().push(line);
            let loses = self.loses.lock().unwrap().clone();
            let lost = loses.is_some_and(|loses| loses(&request));
            let answer = self.inner.send(request).await;
            if lost {
                return Err(TransportError {
                    interruption: Interruption::Interrupted,
                    message: "the connection broke".to_owned(),
                });
            }
            answer
        })
    }
}
