//! `snapform state list`.

use std::fmt::Write as _;

use anyhow::Context as _;
use serde_json::{Value as Json, json};

use crate::addr::{InstanceAddr, Target};
use crate::state::{InstanceRecord, ObjectStatus};

use super::super::workbench::{Start, Workbench};
use super::super::{Done, Exit, Stop, args};
use super::{exists, missing, target};

/// Lists the addresses of instances.
pub(super) async fn run(start: Start, args: args::StateList) -> Done {
    let mut workbench = Workbench::for_programs(start, args.world)?;
    workbench.keep_state_in(args.file.into());
    let targets: Vec<Target> =
        args.addresses.iter().map(|text| target("ADDRESS", text)).collect::<Result<_, Stop>>()?;
    if !args.json
        && args.id.is_none()
        && let Some(text) = addresses(&workbench, &targets).await
    {
        workbench.start.terminal.text(&text);
        return Ok(Exit::Success);
    }
    let session = workbench.look().await?;
    exists(&workbench, &session)?;
    let state = session.state();
    for (target, text) in targets.iter().zip(&args.addresses) {
        if !state.instances().any(|(address, ..)| target.selects(&address)) {
            return Err(workbench.stop(missing(&session, text).into()));
        }
    }
    let selected = state.instances().filter(|(address, _, instance)| {
        (targets.is_empty() || targets.iter().any(|target| target.selects(address)))
            && args.id.as_deref().is_none_or(|id| has_id(instance, id))
    });
    let terminal = &workbench.start.terminal;
    if args.json {
        let all: Vec<_> = selected.map(|(address, _, record)| entry(&address, record)).collect();
        terminal.line(&serde_json::to_string_pretty(&all).context("addresses")?);
    } else {
        let mut text = String::new();
        for (address, ..) in selected {
            text.push_str(&format!("{address}\n"));
        }
        terminal.text(&text);
        // The process is about to end: to take a large state apart would only take time.
        std::mem::forget(session);
    }
    Ok(Exit::Success)
}

/// The lines with addresses that `targets` select, from addresses alone. `None` where that is not
/// enough, also to tell people why.
async fn addresses(workbench: &Workbench, targets: &[Target]) -> Option<String> {
    let listing = workbench.listing().await?;
    let found = |target: &Target| listing.instances().any(|address| target.selects(&address));
    targets.iter().all(found).then_some(())?;
    let mut text = String::new();
    for address in listing.instances() {
        if targets.is_empty() || targets.iter().any(|target| target.selects(&address)) {
            writeln!(text, "{address}").ok()?;
        }
    }
    Some(text)
}

fn has_id(instance: &InstanceRecord, id: &str) -> bool {
    let mut objects = instance.current.iter().chain(instance.deposed.values());
    objects.any(|object| object.id().as_deref() == Some(id))
}

fn entry(address: &InstanceAddr, instance: &InstanceRecord) -> Json {
    let current = instance.current.as_ref();
    json!({
        "address": address.to_string(),
        "id": current.and_then(crate::state::ObjectRecord::id),
        "tainted": current.is_some_and(|object| object.status == ObjectStatus::Tainted),
        "deposed": instance.deposed.keys().map(ToString::to_string).collect::<Vec<_>>(),
    })
}
