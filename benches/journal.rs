//! What it costs to have every call on disk before it leaves.
//!
//! `cargo bench --bench journal` applies 10,000 creates, each of which a vendor answers after a
//! millisecond, ten at a time: once with the state in memory, once with the state, its journal and
//! their flushes on this disk. The difference is what the journal costs.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement ends where it fails, shows what it found, and asks the system for the time"
)]

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use snapform::config::{Config, LoadedFile, TreeReader, decode_files};
use snapform::diag::Diagnostics;
use snapform::engine::apply::{Applying, apply};
use snapform::engine::planner::{PlanOptions, plan};
use snapform::engine::{
    Catalog, Engine, Evaluation, Event, Finals, Inputs, Observer, Surroundings, Variables, validate,
};
use snapform::schema::{Attribute, Problem, Schema};
use snapform::sdk::http::Network;
use snapform::sdk::{
    ConfigureContext, Configured, Context, Created, Deletion, Provider, ProviderError, Reading,
    Recovery, Registry, Resource, ResourceSpec, erase,
};
use snapform::state::{Backend, LocalBackend, LockHolder, MemoryBackend, Session, Trust};
use snapform::text::SourceMap;
use snapform::value::{Type, Value};
use snapform::world::World;

const STEPS: usize = 10_000;
const ROUNDS: usize = 3;
const LATENCY: Duration = Duration::from_millis(1);
const PARALLELISM: usize = 10;

struct Vendor;

struct Thing;

#[derive(Serialize, Deserialize)]
struct Arguments {
    name: String,
}

#[derive(Serialize, Deserialize)]
struct Object {
    id: String,
    name: String,
}

impl Resource for Thing {
    const TYPE: &'static str = "bench_thing";
    type Arguments = Arguments;
    type Object = Object;
    type Intent = ();

    fn schema() -> Schema {
        let name = Attribute::required("name", Type::String, "Its name.").force_new();
        Schema::new("A thing.", vec![Attribute::computed("id", Type::String, "Its id."), name])
    }

    async fn prepare(&self, _: &Context, _: &Arguments) -> Result<(), ProviderError> {
        Ok(())
    }

    async fn create(
        &self,
        _: &Context,
        arguments: Arguments,
        (): &(),
    ) -> Result<Created<Object>, ProviderError> {
        tokio::time::sleep(LATENCY).await;
        let name = arguments.name;
        Ok(Created::Ready(Object { id: format!("id-{name}"), name }))
    }

    async fn read(&self, _: &Context, prior: Object) -> Result<Reading<Object>, ProviderError> {
        Ok(Reading::Present(prior))
    }

    async fn delete(&self, _: &Context, _: Object) -> Result<Deletion, ProviderError> {
        Ok(Deletion::Deleted)
    }

    async fn recover(
        &self,
        _: &Context,
        _: Arguments,
        (): (),
        _: Option<serde_json::Value>,
    ) -> Result<Recovery<Object>, ProviderError> {
        Ok(Recovery::Absent)
    }
}

impl Provider for Vendor {
    fn name(&self) -> &'static str {
        "bench"
    }

    fn schema(&self) -> Schema {
        Schema::new("A vendor who answers after a millisecond.", Vec::new())
    }

    fn resources(&self) -> Vec<ResourceSpec> {
        vec![ResourceSpec::of::<Thing>()]
    }

    fn configure(&self, _: &Value, _: &ConfigureContext) -> Result<Configured, Vec<Problem>> {
        Ok(Configured::from([(Thing::TYPE, erase(Thing))]))
    }
}

static VENDOR: Vendor = Vendor;
static REGISTRY: Registry = Registry::new(&[&VENDOR]);

struct Nobody;

impl Observer for Nobody {
    fn event(&self, _: &Event) {}
}

fn declared() -> Config {
    let text = format!(
        "resource \"bench_thing\" \"t\" {{\n  count = {STEPS}\n  name  = \"n-${{count.index}}\"\n}}\n"
    );
    let file = LoadedFile { name: "main.snap.hcl".to_owned(), text: text.into() };
    let mut problems = Diagnostics::default();
    let module = decode_files(&[file], &mut SourceMap::default(), &mut problems);
    assert!(!problems.has_errors(), "{problems:?}");
    Config::of_root(module)
}

/// How long an apply of all steps takes.
async fn run(backend: Box<dyn Backend>) -> Duration {
    let world = World::real();
    let catalog = Catalog::new(REGISTRY.clone());
    let config = declared();
    let declarations = validate(&catalog, &config).unwrap();
    let files = TreeReader::new(".");
    let now = world.clock.now();
    let surroundings = Surroundings {
        workspace: "default",
        root: ".",
        working_directory: "/",
        files: &files,
        plan_time: now,
        apply_time: None,
        ids: &*world.ids,
    };
    let engine = Engine {
        world: world.clone(),
        catalog: &catalog,
        transport: Arc::new(Network::default()),
        environment: BTreeMap::new(),
        emulation: None,
        keys: Arc::default(),
        observer: Arc::new(Nobody),
    };
    let holder = LockHolder {
        user: "bench".to_owned(),
        host: "bench".to_owned(),
        process: 1,
        command: "apply".to_owned(),
        since: now,
        job: None,
    };
    let session = Session::open(backend, &holder, Duration::ZERO, &world, Trust::Checked).await;
    let session = Arc::new(session.unwrap());
    let (state, variables) = (session.state(), Variables::new());
    let inputs = Inputs {
        config: &config,
        declarations: &declarations,
        variables: &variables,
        surroundings,
        state: &state,
    };
    let (plan, problems) = plan(&engine, inputs, &PlanOptions::default()).await;
    assert!(!problems.has_errors(), "{problems:?}");
    let surroundings = Surroundings { apply_time: Some(now), ..surroundings };
    let evaluation = Evaluation::new(&config, &variables, surroundings);
    let finals = Finals::new(&engine, &evaluation, &plan, &state);
    drop(state);
    let applying = Applying { engine: &engine, finals: &finals, parallelism: PARALLELISM };
    let begun = Instant::now();
    let (tally, problems) = apply(applying, &plan, &session).await;
    let took = begun.elapsed();
    assert!(!problems.has_errors(), "{problems:?}");
    assert_eq!(tally.added, STEPS);
    session.close().await;
    took
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join("journal");
    let (mut without, mut with) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        without.push(runtime.block_on(run(Box::new(MemoryBackend::default()))));
        let _ = std::fs::remove_dir_all(&base);
        with.push(runtime.block_on(run(Box::new(LocalBackend::new(&base)))));
    }
    without.sort();
    with.sort();
    let (without, with) = (without[ROUNDS / 2], with[ROUNDS / 2]);
    let share = (with.as_secs_f64() - without.as_secs_f64()) / with.as_secs_f64() * 100.0;
    println!(
        "apply of {STEPS} creates, {LATENCY:?} each, {PARALLELISM} at a time: {without:.2?} in memory, \
         {with:.2?} on disk; the journal is {share:.1} % of it"
    );
}
