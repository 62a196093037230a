//! For tests: a provider in front of its own emulator, with a wire that can lose answers.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::schema::{Schema, TIMEOUTS};
use crate::sdk::emulator::{Host, InProcess, LedgerEntry, LedgerOperation};
use crate::sdk::http::{Interruption, Request, Response, Transport, TransportError};
use crate::sdk::{
    ConfigureContext, Context, Created, Deletion, DynResource, Environment, Provider,
    ProviderError, Reading, Recovery,
};
use crate::value::{Key, Type, Value};
use crate::world::{BoxFuture, Timestamp, World};

pub(super) const START: &str = "2026-11-20T12:00:00Z";

/// What happens to a request on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loss {
    /// The vendor carries it out and nobody hears of it.
    Answer,
    /// It never arrives, and nobody can tell.
    Request,
}

type Operation = fn(&Request) -> String;

/// A transport to the emulators of a host that notes what passes.
pub(super) struct Wire {
    host: Arc<Host>,
    world: World,
    operation: Operation,
    lose: Mutex<Option<(String, Loss)>>,
    loses_create: AtomicBool,
    echoes: AtomicBool,
    babble: Mutex<Option<&'static str>>,
    throttles: AtomicBool,
    refused: Mutex<BTreeSet<String>>,
    sent: Mutex<Vec<String>>,
    ledger: Mutex<Vec<LedgerEntry>>,
}

impl Transport for Wire {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        Box::pin(async move {
            self.world.clock.sleep(Duration::from_millis(20)).await;
            let operation = (self.operation)(&request);
            self.sent.lock().unwrap().push(operation.clone());
            let loss = {
                let mut lose = self.lose.lock().unwrap();
                let due = lose.as_ref().is_some_and(|(name, _)| *name == operation);
                if due { lose.take().map(|(_, loss)| loss) } else { None }
            };
            let broken = || TransportError {
                interruption: Interruption::Interrupted,
                message: "the connection broke".to_owned(),
            };
            if loss == Some(Loss::Request) {
                return Err(broken());
            }
            let vendor = request.url.host_str().and_then(|host| host.strip_suffix(".emulator"));
            let vendor = vendor.unwrap_or_default();
            if self.echoes.load(Ordering::SeqCst) {
                let body = String::from_utf8_lossy(&request.body);
                let text = format!("{} {:?} {body}", request.url, request.headers);
                let refusal = Response::new(400).header("X-Request-Id", "r-4711");
                return Ok(Response { body: text.into_bytes(), ..refusal });
            }
            if let Some(body) = *self.babble.lock().unwrap() {
                return Ok(Response { body: body.into(), ..Response::new(200) });
            }
            if self.throttles.load(Ordering::SeqCst) {
                let kind = format!("{:?} {}", request.method, request.path());
                if self.refused.lock().unwrap().insert(kind) {
                    let emulator = self.host.emulator(vendor).unwrap();
                    return Ok(emulator.throttled(&request, self.world.clock.now()));
                }
            }
            let (response, entries) = self.host.answer(vendor, &request);
            let creates = entries.iter().any(|entry| entry.operation == LedgerOperation::Create);
            self.ledger.lock().unwrap().extend(entries);
            let is_lost = creates && self.loses_create.swap(false, Ordering::SeqCst);
            if loss.is_some() || is_lost { Err(broken()) } else { Ok(response) }
        })
    }
}

/// A configured resource type and everything around it.
pub(super) struct Bench {
    pub(super) world: World,
    pub(super) wire: Arc<Wire>,
    pub(super) vendor: &'static str,
    pub(super) resource: Arc<dyn DynResource>,
    schema: Schema,
    settings: Value,
    accepted: Arc<Mutex<Vec<serde_json::Value>>>,
    progress: Arc<Mutex<Vec<String>>>,
}

/// The parts of a bench that a test may want to differ.
#[derive(Default)]
pub(super) struct Setup<'a> {
    pub(super) knobs: &'a [(&'a str, u64)],
    pub(super) settings: &'a [(&'static str, Option<&'a str>)],
}

impl Bench {
    pub(super) fn new(
        provider: &'static dyn Provider,
        type_name: &str,
        operation: Operation,
        setup: Setup<'_>,
    ) -> Self {
        let vendor = provider.name();
        let world = World::fixed(START.parse().unwrap());
        let emulator = provider.emulator().unwrap();
        let mut settings = emulator.settings(&InProcess::base_url(vendor));
        settings.extend(setup.settings.iter().map(|(name, value)| (*name, value.map(Into::into))));
        let mut host = Host::in_memory(vec![emulator], world.clone());
        for (name, value) in setup.knobs {
            assert!(host.set_knob(vendor, name, *value).unwrap(), "no knob {name}");
        }
        let wire = Arc::new(Wire {
            host: Arc::new(host),
            world: world.clone(),
            operation,
            lose: Mutex::default(),
            loses_create: AtomicBool::default(),
            echoes: AtomicBool::default(),
            babble: Mutex::default(),
            throttles: AtomicBool::default(),
            refused: Mutex::default(),
            sent: Mutex::default(),
            ledger: Mutex::default(),
        });
        let settings = settings
            .into_iter()
            .map(|(name, value)| (name, value.map_or(Value::null(Type::String), Value::string)));
        let cx = ConfigureContext {
            world: world.clone(),
            transport: wire.clone(),
            environment: Environment::new(),
            keys: Arc::default(),
        };
        let settings = Value::object(settings.collect::<Vec<_>>());
        let configured = provider.configure(&settings, &cx).unwrap();
        let spec = provider.resources().into_iter().find(|spec| spec.type_name == type_name);
        Self {
            world,
            wire,
            vendor,
            resource: configured.resources[type_name].clone(),
            schema: spec.unwrap().schema,
            settings,
            accepted: Arc::default(),
            progress: Arc::default(),
        }
    }

    pub(super) fn context(&self) -> Context {
        let accepted = self.accepted.clone();
        let progress = self.progress.clone();
        Context::new(self.world.clone())
            .on_accepted(move |handle| {
                accepted.lock().unwrap().push(handle);
                std::future::ready(Ok(()))
            })
            .on_progress(move |text| progress.lock().unwrap().push(text.to_owned()))
    }

    /// A planned object: arguments as given, what the vendor sets unknown.
    pub(super) fn planned(&self, arguments: &[(&'static str, Value)]) -> Value {
        let given = |name: &str| {
            arguments.iter().find(|(given, _)| *given == name).map(|(_, value)| value.clone())
        };
        let mut entries: Vec<(Key, Value)> = Vec::new();
        for attribute in &self.schema.attributes {
            let silent = || match &attribute.default {
                Some(default) => default.clone(),
                None if attribute.is_computed() => Value::unknown(attribute.ty.clone()),
                None => Value::null(attribute.ty.clone()),
            };
            entries.push((Key::from(attribute.name), given(attribute.name).unwrap_or_else(silent)));
        }
        if let Some(ty) = self.schema.timeouts_type() {
            let timeouts = given(TIMEOUTS).unwrap_or_else(|| Value::null(ty));
            entries.push((Key::from(TIMEOUTS), timeouts));
        }
        Value::object(entries)
    }

    /// An object of which only the id is recorded, as an import begins.
    pub(super) fn imported(&self, id: &str) -> Value {
        let attributes = self.schema.attributes.iter().map(|attribute| {
            let value = if attribute.name == "id" {
                Value::string(id)
            } else {
                Value::null(attribute.ty.clone())
            };
            (Key::from(attribute.name), value)
        });
        Value::object(attributes.collect::<Vec<_>>())
    }

    pub(super) async fn prepare(&self, planned: &Value) -> serde_json::Value {
        self.resource.prepare(&self.context(), planned).await.unwrap()
    }

    pub(super) async fn try_create(
        &self,
        planned: &Value,
    ) -> Result<Created<Value>, ProviderError> {
        let cx = self.context();
        let intent = self.resource.prepare(&cx, planned).await?;
        self.resource.create(&cx, planned, &intent).await
    }

    pub(super) async fn create(&self, planned: &Value) -> Value {
        match self.try_create(planned).await.unwrap() {
            Created::Ready(object) => object,
            Created::Tainted(_, error) => panic!("{error}"),
        }
    }

    pub(super) async fn read(&self, prior: &Value) -> Reading<Value> {
        let read = self.resource.read_many(&self.context(), std::slice::from_ref(prior)).await;
        read.into_iter().next().unwrap().unwrap()
    }

    pub(super) async fn update(&self, prior: &Value, planned: &Value) -> Value {
        self.resource.update(&self.context(), prior, planned).await.unwrap()
    }

    pub(super) async fn try_delete(&self, prior: &Value) -> Result<Deletion, ProviderError> {
        self.resource.delete(&self.context(), prior).await
    }

    pub(super) async fn recover(
        &self,
        planned: &Value,
        intent: &serde_json::Value,
    ) -> Recovery<Value> {
        let accepted = self.accepted.lock().unwrap().last().cloned();
        let cx = self.context();
        self.resource.recover(&cx, planned, intent, accepted.as_ref()).await.unwrap()
    }

    pub(super) fn lose(&self, operation: &str, loss: Loss) {
        *self.wire.lose.lock().unwrap() = Some((operation.to_owned(), loss));
    }

    /// Loses the answer to the next request that makes something.
    pub(super) fn lose_next_create(&self) {
        self.wire.loses_create.store(true, Ordering::SeqCst);
    }

    /// From now on the vendor refuses everything, and says again what it was sent.
    pub(super) fn echo(&self) {
        self.wire.echoes.store(true, Ordering::SeqCst);
    }

    /// From now on every answer is a good one with this body.
    pub(super) fn babble(&self, body: &'static str) {
        *self.wire.babble.lock().unwrap() = Some(body);
    }

    /// The settings of its provider.
    pub(super) fn settings(&self) -> &[(Key, Value)] {
        self.settings.entries().unwrap_or_default()
    }

    /// From now on the vendor refuses the first request to each address, because there were too many.
    pub(super) fn throttle(&self) {
        self.wire.throttles.store(true, Ordering::SeqCst);
    }

    /// How many requests were refused because there were too many.
    pub(super) fn refused(&self) -> usize {
        self.wire.refused.lock().unwrap().len()
    }

    /// The operations sent since the last call.
    pub(super) fn sent(&self) -> Vec<String> {
        std::mem::take(&mut *self.wire.sent.lock().unwrap())
    }

    pub(super) fn progress(&self) -> Vec<String> {
        std::mem::take(&mut *self.progress.lock().unwrap())
    }

    pub(super) fn accepted(&self) -> Vec<serde_json::Value> {
        self.accepted.lock().unwrap().clone()
    }

    pub(super) fn ledger(&self, operation: LedgerOperation) -> Vec<LedgerEntry> {
        let ledger = self.wire.ledger.lock().unwrap();
        ledger.iter().filter(|entry| entry.operation == operation).cloned().collect()
    }

    pub(super) async fn wait(&self, duration: Duration) {
        self.world.clock.sleep(duration).await;
    }

    pub(super) fn put(&self, collection: &str, id: &str, record: &serde_json::Value) {
        self.wire.host.edit(self.vendor, |store| store.put(collection, id, record)).unwrap();
    }

    /// Changes a record of the emulated world by hand.
    pub(super) fn edit(&self, collection: &str, id: &str, name: &str, value: serde_json::Value) {
        let change = |store: &mut crate::sdk::emulator::Store| {
            let mut record: serde_json::Value = store.get(collection, id).unwrap();
            record[name] = value;
            store.put(collection, id, &record);
        };
        self.wire.host.edit(self.vendor, change).unwrap();
    }

    /// Sends a request as any client would.
    pub(super) fn answer(&self, request: &Request) -> Response {
        self.wire.host.answer(self.vendor, request).0
    }

    pub(super) fn now(&self) -> Timestamp {
        self.world.clock.now()
    }
}

/// The text of an attribute.
pub(super) fn text(object: &Value, name: &str) -> String {
    object.attribute(name).and_then(Value::as_str).unwrap_or_default().to_owned()
}
