//! `init` settles where states are kept, and moves them there.

use std::sync::Arc;

use crate::config::{Assignment, read_variables_file};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::schema::Schema;
use crate::state::{Session, Store};
use crate::text::SourceMap;
use crate::value::{Key, Value, convert};
use crate::view::counted;

use super::home::{self, Declared, Settled};
use super::state_problem::state_problem;
use super::workbench::Workbench;
use super::{Stop, args};

/// Where states are to be kept, and what that takes.
struct Settling<'a> {
    workbench: &'a Workbench,
    args: &'a args::Init,
}

/// Settles where states are kept; a line for people where there is something to say.
pub(super) async fn settle(
    workbench: &Workbench,
    args: &args::Init,
) -> Result<Option<String>, Stop> {
    if !args.backend || !args.cloud || workbench.emulates {
        return Ok(None);
    }
    let environment = &workbench.start.environment;
    let (declared, before) = (home::declared(workbench)?, home::read_settled(environment)?);
    let Some(declared) = declared else {
        if before.is_none() {
            return Ok(None);
        }
        let to: Box<dyn Store> = Box::new(workbench.local_store());
        let moved = Settling { workbench, args }.change(before.as_ref(), &*to).await?;
        home::remember(environment, None)?;
        return Ok(Some(format!("States are kept on this machine.{moved}")));
    };
    let settings = with_options(&declared, &args.backend_config)?;
    let to = declared.store(&settings, environment)?;
    let kind = declared.kind;
    let after = Settled {
        kind: kind.name().to_owned(),
        settings: kind.schema().encode(&settings).to_json(),
        block: declared.json(),
    };
    let is_elsewhere = before
        .as_ref()
        .is_none_or(|before| (&before.kind, &before.settings) != (&after.kind, &after.settings));
    let moved = if is_elsewhere {
        let settling = Settling { workbench, args };
        settling.change(before.as_ref(), &*to).await.map_err(|stop| located(stop, &declared))?
    } else {
        String::new()
    };
    home::remember(environment, Some(&after))?;
    Ok(Some(format!("States are kept in a `{}` backend.{moved}", kind.name())))
}

/// A refusal points to the block that asks for the change.
fn located(stop: Stop, declared: &Declared) -> Stop {
    match stop {
        Stop::Diagnostics(problems) => {
            let header = declared.block.header;
            let at = |problem: Diagnostic| problem.at_if_missing(Some(header));
            declared.stop(problems.0.into_iter().map(at).collect::<Diagnostics>())
        }
        other @ Stop::Other(_) => other,
    }
}

impl Settling<'_> {
    /// Takes the states along from where they are to `to`, where that is asked for.
    async fn change(&self, before: Option<&Settled>, to: &dyn Store) -> Result<String, Stop> {
        if self.args.reconfigure {
            return Ok(String::new());
        }
        let from: Box<dyn Store> = match before {
            Some(before) => home::settled_store(before, &self.workbench.start.environment)?,
            None => Box::new(self.workbench.local_store()),
        };
        let used = self.used(&*from).await?;
        if used.is_empty() {
            return Ok(String::new());
        }
        if !self.args.migrate_state && !self.args.force_copy {
            let place = before.map_or_else(
                || "on this machine".to_owned(),
                |before| format!("in a `{}` backend", before.kind),
            );
            let states = counted(used.len(), "state");
            let detail = format!("{states} {place} would be left behind: {}.", used.join(", "));
            return Err(Diagnostic::error(code::BACKEND_CHANGED, detail)
                .help("add `-migrate-state` to take what is there along")
                .help("add `-reconfigure` to leave it where it is")
                .into());
        }
        for name in &used {
            self.carry(&*from, to, name).await?;
        }
        Ok(format!(" Moved: {}.", used.join(", ")))
    }

    /// The workspaces of which anything is kept.
    async fn used(&self, store: &dyn Store) -> Result<Vec<String>, Stop> {
        let problem = |error| self.workbench.stop(state_problem(error).into());
        let mut used = Vec::new();
        for name in store.workspaces().await.map_err(|error| problem(error.into()))? {
            let Ok(backend) = store.workspace(&name) else { continue };
            let contents = backend.read().await.map_err(|error| problem(error.into()))?;
            if contents.state.is_some() || !contents.journal.is_empty() {
                used.push(name);
            }
        }
        Ok(used)
    }

    /// Takes one state along, with the creates that are open in its journal. What was there before
    /// stays as it is but for those: they are open in one place only.
    async fn carry(&self, from: &dyn Store, to: &dyn Store, name: &str) -> Result<(), Stop> {
        let problem = |error| self.workbench.stop(state_problem(error).into());
        let places = [from, to].map(|store| store.workspace(name).map(|found| found.place()));
        // Not every setting is about every workspace.
        if matches!(places, [Ok(old), Ok(new)] if old == new) {
            return Ok(());
        }
        let old = self.open(from, name).await?;
        let new = self.open(to, name).await?;
        let (state, open) = (old.state(), old.open_intents());
        self.must_fit(name, &old, &new)?;
        new.take_over(Arc::clone(&state), open).await.map_err(problem)?;
        new.close().await;
        old.take_over(state, Vec::new()).await.map_err(problem)?;
        // What is left behind counts no more, and may be deleted.
        old.forget_watermark().await;
        old.close().await;
        Ok(())
    }

    async fn open(&self, store: &dyn Store, name: &str) -> Result<Arc<Session>, Stop> {
        let backend = store.workspace(name).map_err(|reason| {
            Stop::from(Diagnostic::error(code::WORKSPACE, format!("{reason}.")))
        })?;
        let trust = crate::state::Trust::Checked;
        self.workbench.open_backend(backend, "init -migrate-state", &self.args.lock, trust).await
    }

    /// Refuses to write over what is another state, or a newer one.
    fn must_fit(&self, name: &str, old: &Session, new: &Session) -> Result<(), Stop> {
        let open = new.open_intents();
        let refuse = |detail: String, help: &str| -> Result<(), Stop> {
            Err(Diagnostic::error(code::BACKEND_CHANGED, detail).help(help).into())
        };
        if !open.is_empty() && open != old.open_intents() {
            let detail = format!("The state of `{name}` has open creates where it is to go.");
            return refuse(detail, "settle them there first, with `snapform recover`");
        }
        if !new.exists() || self.args.force_copy {
            return Ok(());
        }
        let (old, new) = (old.state(), new.state());
        if old.lineage != new.lineage {
            let detail = format!("There is another state for `{name}` where it is to go.");
            return refuse(
                detail,
                "`-force-copy` writes over it; `-reconfigure` works with it and leaves this one",
            );
        }
        if new.serial > old.serial {
            let detail = format!(
                "The state of `{name}` is newer where it is to go: serial {} there, {} here.",
                new.serial, old.serial
            );
            return refuse(detail, "`-reconfigure` works with the newer one");
        }
        Ok(())
    }
}

/// The settings of the block with those of options over them.
fn with_options(declared: &Declared, options: &[String]) -> Result<Value, Stop> {
    let schema = declared.kind.schema();
    let mut given: Vec<(String, Value)> = Vec::new();
    for option in options {
        match option.split_once('=') {
            Some((name, text)) => given.push((name.trim().to_owned(), Value::string(text))),
            None => given.extend(of_file(option)?),
        }
    }
    let mut settings = declared.settings.clone();
    for (name, value) in given {
        settings = with_setting(&schema, &settings, &name, &value)?;
    }
    Ok(settings)
}

fn with_setting(
    schema: &Schema,
    settings: &Value,
    name: &str,
    value: &Value,
) -> Result<Value, Stop> {
    let Some(attribute) = schema.attribute(name) else {
        let known = schema.attributes.iter().map(|attribute| attribute.name);
        let detail = format!("`-backend-config`: there is no setting `{name}`.");
        return Err(Diagnostic::error(code::BACKEND, detail).did_you_mean(name, known).into());
    };
    let value = convert(value, &attribute.ty).map_err(|error| {
        let detail = format!("`-backend-config`: `{name}`: {}.", error.describe());
        Stop::from(Diagnostic::error(code::BACKEND, detail))
    })?;
    let entries = settings.entries().unwrap_or_default().iter().map(|(known, before)| {
        let value = if **known == *name { value.clone() } else { before.clone() };
        (Key::clone(known), value)
    });
    Ok(Value::object(entries.collect::<Vec<_>>()))
}

/// The settings in a file of assignments.
fn of_file(name: &str) -> Result<Vec<(String, Value)>, Stop> {
    let (mut sources, mut problems) = (SourceMap::default(), Diagnostics::default());
    let read = read_variables_file(name.as_ref(), &mut sources, &mut problems);
    let mut given = Vec::new();
    for (setting, assignment, _) in read {
        let literal = match &assignment {
            Assignment::Expression(expression) => expression.as_literal().cloned(),
            Assignment::Text(text) => Some(Value::string(text)),
        };
        match literal {
            Some(value) => given.push((setting.to_string(), value)),
            None => {
                let detail = format!("`{setting}` in `{name}` must be a plain value.");
                problems.push(Diagnostic::error(code::BACKEND, detail));
            }
        }
    }
    if problems.has_errors() {
        return Err(Stop::Diagnostics(Box::new((problems, sources))));
    }
    Ok(given)
}
