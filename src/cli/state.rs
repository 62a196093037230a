//! `snapform state`.

use crate::addr::{InstanceAddr, Target};
use crate::diag::{Diagnostic, code};
use crate::engine::{Catalog, read_object};
use crate::state::ObjectRecord;
use crate::value::Value;
use crate::view::render_object;

use super::args::StateCommand;
use super::workbench::{Start, Workbench};
use super::{Done, Exit, Stop, args};

/// Runs one of the state commands.
pub(super) fn run(start: Start, args: &args::State) -> Done {
    match &args.command {
        StateCommand::List { addresses, world } => list(start, addresses, *world),
        StateCommand::Show { address, world } => show(start, address, *world),
    }
}

/// The attributes of an object with marks, as far as its type is known.
pub(super) fn read(catalog: &Catalog, address: &InstanceAddr, record: &ObjectRecord) -> Value {
    read_object(catalog, address, record).unwrap_or_else(|_| {
        record.attributes.value().map_or(Value::NULL, std::borrow::Cow::into_owned)
    })
}

fn list(start: Start, addresses: &[String], world: args::World) -> Done {
    let workbench = Workbench::for_programs(start, world)?;
    let targets: Vec<Target> = addresses
        .iter()
        .map(|text| text.parse().map_err(|error| super::address_problem("ADDRESS", error)))
        .collect::<Result<_, Stop>>()?;
    let session = workbench.look()?;
    for (address, _, instance) in session.state().instances() {
        if !targets.is_empty() && !targets.iter().any(|target| target.selects(&address)) {
            continue;
        }
        if instance.current.is_some() {
            workbench.start.terminal.line(&address.to_string());
        }
        for key in instance.deposed.keys() {
            workbench.start.terminal.line(&format!("{address} (deposed {key})"));
        }
    }
    Ok(Exit::Success)
}

fn show(start: Start, text: &str, world: args::World) -> Done {
    let workbench = Workbench::new(start, world)?;
    let address: InstanceAddr =
        text.parse().map_err(|error| super::address_problem("ADDRESS", error))?;
    let session = workbench.look()?;
    let object =
        session.state().object(&address).ok_or_else(|| missing(&workbench, &session, text))?;
    let value = read(&workbench.catalog, &address, object);
    let terminal = &workbench.start.terminal;
    terminal.text(&render_object(&address, "", &value, terminal.look.paint));
    Ok(Exit::Success)
}

fn missing(workbench: &Workbench, session: &crate::state::Session, text: &str) -> Stop {
    let known: Vec<_> =
        session.state().instances().map(|(address, ..)| address.to_string()).collect();
    workbench.stop(
        Diagnostic::error(code::TARGET, format!("State holds no object `{text}`."))
            .did_you_mean(text, known.iter().map(String::as_str))
            .into(),
    )
}
