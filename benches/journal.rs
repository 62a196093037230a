//! What it costs to have every call on disk before it leaves.
//!
//! `cargo bench --bench journal` applies 10,000 creates, ten at a time, each of which a vendor answers
//! after one millisecond, and after five: with the state in memory, and with the state, its journal
//! and their flushes on this disk. The difference is what the journal costs. What one flush
//! takes is measured as well: as long as another step has the vendor's ear meanwhile, it costs nothing.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement ends where it fails, shows what it found, and asks the system for the time"
)]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
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
use snapform::state::{
    Backend, LocalBackend, LockHolder, MemoryBackend, Session, Tracked, Trust, WatermarkFile,
};
use snapform::text::SourceMap;
use snapform::value::{Type, Value};
use snapform::world::World;

const STEPS: usize = 10_000;
const ROUNDS: usize = 3;
const LATENCIES: [Duration; 2] = [Duration::from_millis(1), Duration::from_millis(5)];
const PARALLELISM: usize = 10;
const FLUSHES: usize = 200;

struct Vendor;

struct Thing;

/// How long the vendor takes, in milliseconds.
static LATENCY: AtomicU64 = AtomicU64::new(0);

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
        tokio::time::sleep(Duration::from_millis(LATENCY.load(Ordering::Relaxed))).await;
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
        Schema::new("A vendor who takes its time.", Vec::new())
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
async fn run(tracked: Tracked) -> Duration {
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
    let session = Session::open(tracked, &holder, Duration::ZERO, &world, Trust::Checked).await;
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

/// The files of a state, and the watermark as the command line keeps it.
fn on_disk(base: &Path) -> Tracked {
    let backend = Box::new(LocalBackend::new(base));
    let watermark = WatermarkFile::new(&base.join("watermarks"), backend.identity());
    Tracked::new(backend, Some(watermark))
}

/// How long a flush of ten entries takes where the disk had nothing to do before.
async fn flush(base: &Path) -> Duration {
    let path = base.join("flushed");
    let mut file = File::create(&path).unwrap();
    let mut all = Vec::new();
    for _ in 0..FLUSHES {
        tokio::time::sleep(LATENCIES[0]).await;
        let begun = Instant::now();
        file.write_all(&[b'x'; 4096]).unwrap();
        file.sync_data().unwrap();
        all.push(begun.elapsed());
    }
    median(all)
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let base = Path::new(env!("CARGO_TARGET_TMPDIR")).join("journal");
    std::fs::create_dir_all(&base).unwrap();
    println!("a flush takes {:.2?}", runtime.block_on(flush(&base)));
    for latency in LATENCIES {
        LATENCY.store(u64::try_from(latency.as_millis()).unwrap(), Ordering::Relaxed);
        let (mut without, mut with) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let in_memory = Box::new(MemoryBackend::default());
            without.push(runtime.block_on(run(in_memory.into())));
            std::fs::remove_dir_all(&base).unwrap();
            with.push(runtime.block_on(run(on_disk(&base))));
        }
        let (without, with) = (median(without), median(with));
        let share = (with.as_secs_f64() - without.as_secs_f64()) / with.as_secs_f64() * 100.0;
        println!(
            "apply of {STEPS} creates, {latency:?} each, {PARALLELISM} at a time: {without:.2?} in \
             memory, {with:.2?} on disk; the journal is {share:.1} % of it"
        );
    }
}
