//! The same inputs give the same bytes, with a world that stands still.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use snapform::config::{Config, LoadedFile, TreeReader, decode_files};
use snapform::diag::Diagnostics;
use snapform::engine::apply::{Applying, apply};
use snapform::engine::planner::{PlanOptions, plan};
use snapform::engine::{
    Catalog, Declarations, Emulation, Engine, Evaluation, Event, Finals, Inputs, Observer,
    Surroundings, Variables, validate,
};
use snapform::plan::{PlanFile, write_plan};
use snapform::providers::REGISTRY;
use snapform::sdk::Provider;
use snapform::sdk::emulator::{Emulator, Host, InProcess};
use snapform::state::{LockHolder, MemoryBackend, Session, Trust, write_state};
use snapform::text::SourceMap;
use snapform::world::{Timestamp, World};

const CONFIG: &str = r#"
resource "terraform_data" "names" {
  input = { for index in range(3) : "name-${index}" => upper("n${index}") }
}

resource "zenlayer_disk_snapshot" "disk" {
  for_each = toset(["c", "a", "b"])
  disk_id  = "17"
  name     = "${each.key}-disk"
}

resource "apsara_ecs_snapshot" "ecs" {
  count   = 3
  disk_id = "d-bp1s5fnvk4gn2tws000${count.index}"
  name    = "after-${zenlayer_disk_snapshot.disk["a"].name}"
  tags    = terraform_data.names.output
}

resource "ctl_server_snapshot" "web" {
  server_id       = "WA1ALIASWB01"
  expiration_days = 7
}

resource "openstack_compute_snapshot" "volume" {
  volume_id = "521752a6-acf6-4b2d-bc7a-119f9148cd8c"
  name      = "volume"
}

output "ids" {
  value = apsara_ecs_snapshot.ecs[*].id
}
"#;

struct Nobody;

impl Observer for Nobody {
    fn event(&self, _: &Event) {}
}

/// Everything a run is made from, fixed.
struct Bench {
    world: World,
    catalog: Catalog,
    config: Config,
    declarations: Declarations,
    sources: Vec<(String, Arc<str>)>,
    emulation: Emulation,
    transport: Arc<InProcess>,
}

impl Bench {
    fn new() -> Self {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let world = World::fixed(start);
        let catalog = Catalog::new(REGISTRY.clone());
        let file = LoadedFile { name: "main.snap.hcl".to_owned(), text: CONFIG.into() };
        let mut problems = Diagnostics::default();
        let module =
            decode_files(std::slice::from_ref(&file), &mut SourceMap::default(), &mut problems);
        assert!(!problems.has_errors(), "{problems:?}");
        let config = Config::of_root(module);
        let declarations = validate(&catalog, &config).unwrap();
        let emulators: Vec<Arc<dyn Emulator>> =
            REGISTRY.providers().filter_map(Provider::emulator).collect();
        let settings = emulators.iter().map(|emulator| {
            let vendor = emulator.vendor();
            (vendor, emulator.settings(&InProcess::base_url(vendor)))
        });
        let emulation = Emulation(settings.collect());
        let host = Host::in_memory(emulators, world.clone());
        let transport = Arc::new(InProcess::new(Arc::new(host)));
        let sources = vec![(file.name, file.text)];
        Self { world, catalog, config, declarations, sources, emulation, transport }
    }

    fn surroundings<'a>(&'a self, files: &'a TreeReader, applies: bool) -> Surroundings<'a> {
        let now = self.world.clock.now();
        Surroundings {
            workspace: "default",
            root: ".",
            working_directory: "/",
            files,
            plan_time: now,
            apply_time: applies.then_some(now),
            ids: &*self.world.ids,
        }
    }

    /// The bytes of the plan and of the state after it.
    async fn run(&self) -> (Vec<u8>, Vec<u8>) {
        let engine = Engine {
            world: self.world.clone(),
            catalog: &self.catalog,
            transport: Arc::clone(&self.transport) as _,
            environment: BTreeMap::new(),
            keys: Arc::default(),
            emulation: Some(&self.emulation),
            observer: Arc::new(Nobody),
        };
        let holder = LockHolder {
            user: "ada".to_owned(),
            host: "bench".to_owned(),
            process: 1,
            command: "apply".to_owned(),
            since: self.world.clock.now(),
            job: None,
        };
        let backend = Box::new(MemoryBackend::default());
        let session = Session::open(backend, &holder, Duration::ZERO, &self.world, Trust::Checked)
            .await
            .unwrap();
        let session = Arc::new(session);
        let state = session.state();
        let (files, variables) = (TreeReader::new("."), Variables::new());
        let inputs = Inputs {
            config: &self.config,
            declarations: &self.declarations,
            variables: &variables,
            surroundings: self.surroundings(&files, false),
            state: &state,
        };
        let (plan, problems) = plan(&engine, inputs, &PlanOptions::default()).await;
        assert!(!problems.has_errors(), "{problems:?}");
        let file = PlanFile {
            made_by: "test".to_owned(),
            created: self.world.clock.now(),
            workspace: "default".to_owned(),
            emulated: true,
            prior: None,
            sources: self.sources.clone(),
            variables: BTreeMap::new(),
            ephemeral: std::collections::BTreeSet::new(),
            plan: plan.clone(),
        };
        let mut planned = Vec::new();
        write_plan(&file, &mut planned).unwrap();
        let evaluation = Evaluation::new(&self.config, &variables, self.surroundings(&files, true));
        let finals = Finals::new(&engine, &evaluation, &plan, &state);
        let applying = Applying { engine: &engine, finals: &finals, parallelism: 10 };
        let (tally, problems) = apply(applying, &plan, &session).await;
        assert!(!problems.has_errors(), "{problems:?}");
        assert_eq!(tally.added, 9);
        (planned, write_state(&session.state()).unwrap())
    }
}

#[test]
fn the_same_inputs_give_the_same_plan_and_the_same_state() {
    let runtime = || tokio::runtime::Builder::new_current_thread().build().unwrap();
    let (plan, state) = runtime().block_on(Bench::new().run());
    for _ in 0..3 {
        let (second_plan, second_state) = runtime().block_on(Bench::new().run());
        assert!(plan == second_plan, "two plans of the same inputs differ");
        assert!(state == second_state, "two states of the same inputs differ");
    }
    assert!(String::from_utf8(state).unwrap().contains("\"apsara_ecs_snapshot\""));
}

#[test]
fn two_plans_on_the_command_line_differ_in_their_time_only() {
    let sandbox = crate::support::Sandbox::with(CONFIG);
    let created = regex::Regex::new("\"created\":\"[^\"]*\"").unwrap();
    let plans = ["a.plan", "b.plan"].map(|name| {
        sandbox.quietly(&format!("plan -emulate -out={name}")).succeeded();
        let text = sandbox.read(name);
        // The last line is the sum of all before it.
        let body = text.lines().nth(1).unwrap();
        created.replace(body, "").into_owned()
    });
    assert_eq!(plans[0], plans[1]);
}
