//! `snapform emulator`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use serde_json::{Value as Json, json};

use crate::diag::{Diagnostic, code};
use crate::sdk::emulator::{Host, LedgerOperation, knobs_of, read_ledger, serve};
use crate::view::Terminal;
use crate::world::World;

use super::args::EmulatorCommand;
use super::emulation::{emulators, goes_on_at, host_in};
use super::workbench::Start;
use super::{Done, Exit, args};

/// Runs one of the emulator commands.
pub(super) async fn run(start: Start, args: args::Emulator) -> Done {
    let done = match args.command {
        EmulatorCommand::Serve { listen, data } => serve_all(&start.terminal, listen, &data).await,
        EmulatorCommand::Ledger { data, json } => ledger(&start.terminal, &data, json),
        EmulatorCommand::Knobs { set, data } => knobs(&start.terminal, &data, &set),
        EmulatorCommand::Wait { duration, data } => wait(&start.terminal, &data, duration),
    };
    done.map_err(|error| Diagnostic::error(code::EMULATOR, format!("{error:#}.")).into())
}

async fn serve_all(terminal: &Terminal, listen: SocketAddr, data: &Path) -> anyhow::Result<Exit> {
    if !listen.ip().is_loopback() {
        return Err(anyhow!(
            "Emulators take test credentials from anybody: listen on 127.0.0.1 or [::1]"
        ));
    }
    let host = host_in(data, terminal, |_| World::real())?;
    let host = Arc::new(host);
    let for_ready = Arc::clone(&host);
    let ready = move |served: &[crate::sdk::emulator::Served]| {
        let vendors: BTreeMap<_, Json> = served
            .iter()
            .map(|served| {
                let url = format!("http://{}", served.address);
                let emulator = for_ready.emulator(served.vendor);
                let settings =
                    emulator.as_ref().map(|emulator| emulator.settings(&url)).unwrap_or_default();
                let settings: serde_json::Map<_, _> = settings
                    .into_iter()
                    .filter_map(|(name, value)| Some((name.to_owned(), Json::from(value?))))
                    .collect();
                let others: serde_json::Map<_, _> = emulator
                    .map(|emulator| emulator.other_credentials())
                    .unwrap_or_default()
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), Json::from(value)))
                    .collect();
                let described =
                    json!({ "url": url, "settings": settings, "other_credentials": others });
                (served.vendor, described)
            })
            .collect();
        terminal.line(&json!(vendors).to_string());
    };
    serve(host, listen, ready).await.with_context(|| format!("{listen} cannot be listened on"))?;
    Ok(Exit::Success)
}

fn set_knob(host: &mut Host, text: &str) -> anyhow::Result<()> {
    let malformed = || anyhow!("`{text}` is not of the form `VENDOR.KNOB=NUMBER`");
    let (path, number) = text.split_once('=').ok_or_else(malformed)?;
    let (vendor, knob) = path.split_once('.').ok_or_else(malformed)?;
    let number = number.parse().map_err(|_| malformed())?;
    if host.set_knob(vendor, knob, number).context("the knob cannot be kept")? {
        Ok(())
    } else {
        Err(anyhow!("There is no knob `{path}`: `snapform emulator knobs` lists them"))
    }
}

fn ledger(terminal: &Terminal, data: &Path, json: bool) -> anyhow::Result<Exit> {
    let entries = read_ledger(data).context("the ledger cannot be read")?;
    for entry in &entries {
        if json {
            terminal.line(&serde_json::to_string(entry)?);
            continue;
        }
        let operation = match entry.operation {
            LedgerOperation::Create => "create",
            LedgerOperation::Change => "change",
            LedgerOperation::Delete => "delete",
            LedgerOperation::Expire => "expire",
        };
        let name = entry.name.as_ref().map_or_else(String::new, |name| format!(" \"{name}\""));
        terminal.line(&format!(
            "{}  {:<13} {operation}  {} of {}{name}",
            entry.time, entry.vendor, entry.id, entry.source
        ));
    }
    if entries.is_empty() && !json {
        terminal.line("Nothing was created, changed or deleted.");
    }
    Ok(Exit::Success)
}

fn wait(terminal: &Terminal, data: &Path, duration: Duration) -> anyhow::Result<Exit> {
    let later = |latest| World::rehearsal(goes_on_at(latest).saturating_add(duration));
    let host = host_in(data, terminal, later)?;
    for vendor in host.vendors() {
        host.edit(vendor, |_| ()).context("the time cannot be kept")?;
    }
    let now = host.world().clock.now().whole_seconds();
    terminal.line(&format!("In the emulated world it is {now} now."));
    Ok(Exit::Success)
}

fn knobs(terminal: &Terminal, data: &Path, set: &[String]) -> anyhow::Result<Exit> {
    let mut host = host_in(data, terminal, |_| World::real())?;
    for text in set {
        set_knob(&mut host, text)?;
    }
    let values = host.knobs();
    for emulator in emulators() {
        for knob in knobs_of(&*emulator) {
            let name = format!("{}.{}", emulator.vendor(), knob.name);
            let value = values.get(&name).copied().unwrap_or(knob.default);
            terminal.line(&format!("{name}={value}\n    {}", knob.description));
        }
    }
    Ok(Exit::Success)
}
