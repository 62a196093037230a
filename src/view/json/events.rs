//! Streams of events, one JSON object a line, as Terraform's `-json` gives them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::addr::{InstanceAddr, ModuleInstance};
use crate::diag::{Diagnostics, Severity};
use crate::engine::apply::Applied;
use crate::engine::{Event, Observer, StepVerb};
use crate::plan::{Action, Change, Plan};
use crate::state::{LANGUAGE_VERSION, OutputRecord, Text};
use crate::text::SourceMap;
use crate::world::{Clock, Timestamp};

use super::super::{Paint, Terminal, counted, elapsed, summary_line};
use super::change::{Importing, OutputAction, event_reason, output_action};
use super::diagnostics::{Shown, shown_all};
use super::resources::Index;
use super::values::{Plain, Secrets};

/// Version of the shape of the events, as Terraform counts it.
const UI_VERSION: &str = "1.2";

/// Writes events as lines of JSON.
pub struct EventStream {
    terminal: Arc<Terminal>,
    clock: Arc<dyn Clock>,
    secrets: Secrets,
}

#[derive(Serialize)]
struct Line<'a, Body> {
    #[serde(rename = "@level")]
    level: &'static str,
    #[serde(rename = "@message")]
    message: &'a str,
    #[serde(rename = "@module")]
    module: &'static str,
    #[serde(rename = "@timestamp")]
    timestamp: Text<Timestamp>,
    #[serde(flatten)]
    body: Body,
    #[serde(rename = "type")]
    kind: &'static str,
}

#[derive(Serialize)]
struct Version {
    snapform: &'static str,
    terraform: &'static str,
    ui: &'static str,
}

#[derive(Serialize)]
struct Hook<'a> {
    hook: Step<'a>,
}

/// What a step is about.
#[derive(Serialize)]
struct Step<'a> {
    resource: Resource<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_key: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    id_value: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    elapsed_seconds: Option<u64>,
    /// What the provider says of its progress; ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<&'a str>,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the names are Terraform's")]
struct Resource<'a> {
    addr: Text<&'a InstanceAddr>,
    module: Module<'a>,
    resource: String,
    implied_provider: &'a str,
    resource_type: &'a str,
    resource_name: &'a str,
    resource_key: Option<Index>,
}

struct Module<'a>(&'a ModuleInstance);

impl Serialize for Module<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.0.is_root() { serializer.serialize_str("") } else { serializer.collect_str(self.0) }
    }
}

impl<'a> Resource<'a> {
    fn of(address: &'a InstanceAddr) -> Self {
        let local = &address.resource.local;
        Self {
            addr: Text(address),
            module: Module(&address.resource.module),
            resource: format!("{local}{}", address.key),
            implied_provider: local.type_name.provider_word(),
            resource_type: &local.type_name.0,
            resource_name: &local.name,
            resource_key: Index::of(&address.key),
        }
    }
}

#[derive(Serialize)]
struct Changed<'a> {
    change: Planned<'a>,
}

#[derive(Serialize)]
struct Planned<'a> {
    resource: Resource<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_resource: Option<Resource<'a>>,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    importing: Option<Importing<'a>>,
}

#[derive(Serialize)]
struct Summed {
    changes: Counts,
}

#[derive(Serialize)]
struct Counts {
    add: usize,
    change: usize,
    import: usize,
    remove: usize,
    operation: &'static str,
}

#[derive(Serialize)]
struct Outputs<'a> {
    outputs: BTreeMap<&'a str, Output<'a>>,
}

#[derive(Serialize)]
struct Output<'a> {
    sensitive: bool,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    ty: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<Plain<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<OutputAction>,
}

#[derive(Serialize)]
struct InitOutput {
    message_code: &'static str,
}

#[derive(Serialize)]
struct Told<'a> {
    diagnostic: Shown<'a>,
}

impl EventStream {
    /// A stream of lines on `terminal`, which begins with the version of this program.
    pub fn new(terminal: Arc<Terminal>, clock: Arc<dyn Clock>, secrets: Secrets) -> Self {
        let stream = Self { terminal, clock, secrets };
        let snapform = env!("CARGO_PKG_VERSION");
        let version = Version { snapform, terraform: LANGUAGE_VERSION, ui: UI_VERSION };
        stream.write("info", &format!("snapform {snapform}"), "version", version);
        stream
    }

    fn write(&self, level: &'static str, message: &str, kind: &'static str, body: impl Serialize) {
        let timestamp = Text(self.clock.now());
        let module = "terraform.ui";
        let line = Line { level, message, module, timestamp, body, kind };
        // Everything in it has a form in JSON.
        if let Ok(text) = serde_json::to_string(&line) {
            self.terminal.line(&text);
        }
    }

    /// What a plan finds and does: drift, changes, their sum, outputs.
    pub fn plan(&self, plan: &Plan) {
        for drift in &plan.drift {
            let action = if drift.seen.is_some() { "update" } else { "delete" };
            let message = format!("{}: Drift detected ({action})", drift.address);
            let resource = Resource::of(&drift.address);
            self.changed(
                "resource_drift",
                &message,
                Planned {
                    resource,
                    previous_resource: None,
                    action,
                    reason: None,
                    importing: None,
                },
            );
        }
        self.changes(plan);
        let summary = plan.summary();
        self.summary(
            &summary_line(plan, Paint::PLAIN),
            Counts {
                add: summary.add,
                change: summary.change,
                import: summary.import,
                remove: summary.destroy,
                operation: "plan",
            },
        );
        let outputs = plan.outputs.iter().map(|(name, output)| {
            let told = Output {
                sensitive: output.sensitive || output.was_sensitive,
                ty: None,
                value: None,
                action: Some(output_action(output)),
            };
            (&**name, told)
        });
        if !plan.outputs.is_empty() {
            self.outputs(outputs.collect());
        }
    }

    /// What a plan does to objects.
    pub fn changes(&self, plan: &Plan) {
        let moved: BTreeMap<_, _> = plan.moves.iter().map(|step| (&step.to, &step.from)).collect();
        let imported: BTreeMap<_, _> =
            plan.imports.iter().map(|import| (&import.address, &*import.id)).collect();
        for change in plan.in_order_of_steps() {
            let current = change.deposed.is_none();
            let from = moved.get(&change.address).copied().filter(|_| current);
            let id = imported.get(&change.address).copied().filter(|_| current);
            self.planned(change, from, id);
        }
    }

    fn planned(&self, change: &Change, from: Option<&InstanceAddr>, import: Option<&str>) {
        let (action, words) = match change.action {
            Action::NoOp if import.is_some() => ("import", "Plan to import"),
            Action::NoOp if from.is_some() => ("move", "Plan to move"),
            Action::NoOp => return,
            Action::Create => ("create", "Plan to create"),
            Action::Update => ("update", "Plan to update"),
            Action::Replace(_) => ("replace", "Plan to replace"),
            Action::Delete => ("delete", "Plan to delete"),
            Action::Forget => ("remove", "Plan to forget"),
            Action::Read => ("read", "Plan to read"),
        };
        let reason = event_reason(&change.reason);
        self.changed(
            "planned_change",
            &format!("{}: {words}", change.address),
            Planned {
                resource: Resource::of(&change.address),
                previous_resource: from.map(Resource::of),
                action,
                reason,
                importing: import.map(|id| Importing { id }),
            },
        );
    }

    fn changed(&self, kind: &'static str, message: &str, change: Planned<'_>) {
        self.write("info", message, kind, Changed { change });
    }

    fn summary(&self, message: &str, changes: Counts) {
        self.write("info", message, "change_summary", Summed { changes });
    }

    fn outputs(&self, outputs: BTreeMap<&str, Output<'_>>) {
        let message = format!("Outputs: {}", outputs.len());
        self.write("info", &message, "outputs", Outputs { outputs });
    }

    /// What the command `operation` did: its sum, and what outputs are now where it tells them.
    pub fn applied(
        &self,
        operation: &'static str,
        tally: Applied,
        imported: usize,
        outputs: Option<&BTreeMap<Arc<str>, OutputRecord>>,
    ) {
        let message = format!(
            "Complete: {} added, {} changed, {} destroyed",
            tally.added,
            tally.changed,
            counted(tally.destroyed, "object")
        );
        self.summary(
            &message,
            Counts {
                add: tally.added,
                change: tally.changed,
                import: imported,
                remove: tally.destroyed,
                operation,
            },
        );
        let Some(outputs) = outputs else { return };
        let outputs = outputs.iter().map(|(name, output)| {
            let value = Plain::of(&output.value, self.secrets);
            let told = Output {
                sensitive: output.sensitive,
                ty: Some(output.value.ty().to_json()),
                value: (!output.sensitive).then_some(value),
                action: None,
            };
            (&**name, told)
        });
        self.outputs(outputs.collect());
    }

    /// Problems, each as an event.
    pub fn diagnostics(&self, problems: &Diagnostics, sources: &SourceMap) {
        let mut sorted = problems.clone();
        sorted.sort();
        let documents = shown_all(&sorted, sources);
        for (problem, diagnostic) in sorted.iter().zip(documents) {
            let (level, word) = match problem.severity {
                Severity::Error => ("error", "Error"),
                Severity::Warning => ("warn", "Warning"),
            };
            let message = format!("{word}: {}", problem.summary());
            self.write(level, &message, "diagnostic", Told { diagnostic });
        }
    }

    /// A failure that is no diagnostic of its own.
    pub fn failure(&self, text: &str) {
        let diagnostic = Shown::plain(text);
        self.write("error", &format!("Error: {text}"), "diagnostic", Told { diagnostic });
    }

    /// What `init` found; `message_code` says of which kind it is.
    pub fn init_output(&self, message_code: &'static str, text: &str) {
        self.write("info", text, "init_output", InitOutput { message_code });
    }

    fn hook(&self, kind: &'static str, message: &str, hook: Step<'_>) {
        let level = if kind == "apply_errored" { "error" } else { "info" };
        self.write(level, message, kind, Hook { hook });
    }

    fn refreshed(&self, address: &InstanceAddr, id: Option<&str>) {
        let named = id.map_or_else(String::new, |id| format!(" [id={id}]"));
        for (kind, words) in
            [("refresh_start", "Refreshing state..."), ("refresh_complete", "Refresh complete")]
        {
            let hook = Step::of(address).id(id);
            self.hook(kind, &format!("{address}: {words}{named}"), hook);
        }
    }
}

impl<'a> Step<'a> {
    fn of(address: &'a InstanceAddr) -> Self {
        Self {
            resource: Resource::of(address),
            action: None,
            id_key: None,
            id_value: None,
            elapsed_seconds: None,
            status: None,
        }
    }

    fn does(self, verb: StepVerb) -> Self {
        Self { action: Some(action_of(verb)), ..self }
    }

    fn id(self, id: Option<&'a str>) -> Self {
        Self { id_key: id.map(|_| "id"), id_value: id, ..self }
    }

    fn took(self, time: Duration) -> Self {
        Self { elapsed_seconds: Some(time.as_secs()), ..self }
    }
}

fn action_of(verb: StepVerb) -> &'static str {
    match verb {
        StepVerb::Read => "read",
        StepVerb::Create => "create",
        StepVerb::Update => "update",
        StepVerb::Delete => "delete",
    }
}

impl Observer for EventStream {
    fn event(&self, event: &Event) {
        match event {
            Event::Refreshing { .. } | Event::AllRefreshed | Event::Forgotten { .. } => {}
            Event::Refreshed { address, id } => self.refreshed(address, id.as_deref()),
            Event::Started { address, verb, id } => {
                let hook = Step::of(address).does(*verb).id(id.as_deref());
                self.hook("apply_start", &format!("{address}: {} begins", action_of(*verb)), hook);
            }
            Event::Progress { address, text, elapsed: time } => {
                let message = format!("{address}: {text} [{} elapsed]", elapsed(*time));
                let hook = Step { status: Some(text), ..Step::of(address).took(*time) };
                self.hook("apply_progress", &message, hook);
            }
            Event::Completed { address, verb, id, elapsed: time } => {
                let (action, took) = (action_of(*verb), elapsed(*time));
                let hook = Step::of(address).does(*verb).id(id.as_deref()).took(*time);
                self.hook("apply_complete", &format!("{address}: {action} done in {took}"), hook);
            }
            Event::Withdrawn { address, verb, elapsed: time } => {
                let hook = Step::of(address).does(*verb).took(*time);
                let message = format!("{address}: {} was not sent", action_of(*verb));
                self.hook("apply_errored", &message, hook);
            }
            Event::Failed { address, verb, elapsed: time } => {
                let (action, took) = (action_of(*verb), elapsed(*time));
                let hook = Step::of(address).does(*verb).took(*time);
                self.hook(
                    "apply_errored",
                    &format!("{address}: {action} failed after {took}"),
                    hook,
                );
            }
        }
    }
}
