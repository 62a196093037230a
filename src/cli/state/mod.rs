//! `snapform state`: looking into the state and changing what is recorded. Nothing here asks a vendor.

mod list;
mod moving;
mod provider;
mod removing;
mod show;
mod transfer;

use crate::addr::{InstanceAddr, Target};
use crate::diag::{Diagnostic, code};
use crate::engine::{Catalog, read_object};
use crate::state::{EditError, ObjectRecord, Session};
use crate::value::Value;

use super::args::StateCommand;
use super::state_problem::state_problem;
use super::workbench::{Start, Workbench};
use super::{Done, Stop, args};

/// Runs one of the state commands.
pub(super) async fn run(start: Start, args: args::State) -> Done {
    match args.command {
        StateCommand::List(args) => list::run(start, args).await,
        StateCommand::Show(args) => show::run(start, args).await,
        StateCommand::Mv(args) => moving::run(start, args).await,
        StateCommand::Rm(args) => removing::run(start, args).await,
        StateCommand::Pull(args) => transfer::pull(start, args.world).await,
        StateCommand::Push(args) => transfer::push(start, args).await,
        StateCommand::ReplaceProvider(args) => provider::run(start, args).await,
    }
}

/// The attributes of an object with marks, as far as its type is known.
pub(super) fn read(catalog: &Catalog, address: &InstanceAddr, record: &ObjectRecord) -> Value {
    read_object(catalog, address, record).unwrap_or_else(|_| {
        record.attributes.value().map_or(Value::NULL, std::borrow::Cow::into_owned)
    })
}

/// What was typed as an address of anything in state.
pub(super) fn target(option: &str, text: &str) -> Result<Target, Stop> {
    text.parse().map_err(|error| super::address_problem(option, error))
}

/// What was typed as the address of one instance.
pub(super) fn instance(text: &str) -> Result<InstanceAddr, Stop> {
    text.parse().map_err(|error| super::address_problem("ADDRESS", error))
}

/// An address at which state holds nothing, with those that may have been meant.
pub(super) fn missing(session: &Session, text: &str) -> Diagnostic {
    let state = session.state();
    let found = Diagnostic::error(code::TARGET, format!("State holds no object `{text}`."));
    if state.resources.is_empty() {
        return found.help("state holds no objects at all; they come into it by an apply");
    }
    let all = "`snapform state list` shows every address";
    let typed = text.parse::<Target>().ok().and_then(|target| target.single_instance());
    if let Some(resource) = typed.and_then(|typed| state.resources.get(&typed.resource)) {
        let keys: Vec<_> = resource.instances.iter().map(|(key, _)| key.to_string()).collect();
        let shown = keys.iter().take(MOST_KEYS).map(|key| match key.as_str() {
            "" => "the one without a key".to_owned(),
            key => format!("`{key}`"),
        });
        let more = if keys.len() > MOST_KEYS { " and others" } else { "" };
        let shown = shown.collect::<Vec<_>>().join(", ");
        return found.help(format!("its instances in state are {shown}{more}")).help(all);
    }
    let mut known: Vec<_> = state.instances().map(|(address, ..)| address.to_string()).collect();
    known.extend(state.resources.keys().map(|address| address.module.to_string()));
    found.did_you_mean(text, known.iter().map(String::as_str)).help(all)
}

/// Keys of instances that are proposed at the most.
const MOST_KEYS: usize = 5;

/// A change that cannot be made.
pub(super) fn refused(session: &Session, error: &EditError) -> Diagnostic {
    match error {
        EditError::Missing(target) => missing(session, &target.to_string()),
        other => Diagnostic::error(code::STATE_EDIT, other.to_string()),
    }
}

/// Refuses a change that concerns an address whose last create is not settled: the object that it
/// may have made would be recorded under the wrong address, or nowhere.
pub(super) fn settled(
    workbench: &Workbench,
    session: &Session,
    concerns: impl Fn(&InstanceAddr) -> bool,
) -> Result<(), Stop> {
    let open = session.open_intents();
    let open = open.iter().find(|intent| concerns(&intent.address.0));
    let Some(open) = open else { return Ok(()) };
    let address = &open.address.0;
    let detail = format!("An earlier run may have made an object for `{address}`.");
    Err(workbench.stop(
        Diagnostic::error(code::UNCERTAIN_INTENT, detail)
            .address(address)
            .help("run `snapform recover` first, which finds out or lets you say what was made")
            .into(),
    ))
}

/// Saves what was changed, at once and as a whole.
pub(super) async fn save(workbench: &Workbench, session: &Session) -> Result<(), Stop> {
    session.checkpoint().await.map_err(|error| workbench.stop(state_problem(error).into()))
}

/// Ends a command that works on a state where there is none.
pub(super) fn exists(workbench: &Workbench, session: &Session) -> Result<(), Stop> {
    if session.exists() {
        return Ok(());
    }
    let detail = format!("There is no state at `{}`.", session.place());
    Err(workbench.stop(
        Diagnostic::error(code::NO_STATE, detail)
            .help("the first apply makes it; `-chdir=DIR` and `-state=FILE` name another place")
            .into(),
    ))
}
