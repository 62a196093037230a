//! Emulators in place of the vendors.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use crate::engine::Emulation;
use crate::providers::REGISTRY;
use crate::sdk::emulator::{Emulator, Host, InProcess};
use crate::view::Terminal;
use crate::world::{Clock as _, RealClock, Timestamp, World};

/// Where emulated worlds and their state are kept, below the configuration.
pub(super) const FOLDER: &str = ".snapform/emulator";

/// What every output says while emulating.
pub(super) const NOTICE: &str = "Emulating: emulators play every vendor. Their world and a state of its own are under .snapform/emulator.";

/// Emulators in this process, with a clock on which waiting costs nothing.
pub(super) struct Emulated {
    /// The world with that clock.
    pub(super) world: World,
    /// Leads to the emulators.
    pub(super) transport: Arc<InProcess>,
    /// Points the providers at them.
    pub(super) settings: Emulation,
}

/// The emulators whose worlds are kept in `data`. Whoever waits for another process is told so.
pub(super) fn host_in(
    data: &Path,
    terminal: &Terminal,
    world: impl FnOnce(Option<Timestamp>) -> World,
) -> anyhow::Result<Host> {
    let waiting = || {
        terminal.problem(&format!(
            "Waiting: another process has the emulators' world in `{}`, such as `emulator serve`.",
            data.display()
        ));
    };
    Host::kept_in(data, emulators(), waiting, world)
        .context("the emulators' world cannot be opened")
}

/// All emulators there are.
pub(super) fn emulators() -> Vec<Arc<dyn Emulator>> {
    REGISTRY.providers().filter_map(crate::sdk::Provider::emulator).collect()
}

impl Emulated {
    /// Opens the worlds below the working directory. Time goes on where it stood: an emulated run
    /// may have waited for hours that did not pass here.
    pub(super) fn open(terminal: &Terminal) -> anyhow::Result<Self> {
        let settings = emulators().into_iter().map(|emulator| {
            let vendor = emulator.vendor();
            (vendor, emulator.settings(&InProcess::base_url(vendor)))
        });
        let settings = Emulation(settings.collect());
        let goes_on = |latest| World::rehearsal(goes_on_at(latest));
        let host = host_in(Path::new(FOLDER), terminal, goes_on)?;
        let world = host.world().clone();
        Ok(Self { world, transport: Arc::new(InProcess::new(Arc::new(host))), settings })
    }
}

/// When emulated worlds go on that have seen the instant `latest`.
pub(super) fn goes_on_at(latest: Option<Timestamp>) -> Timestamp {
    let now = RealClock.now();
    let after = |latest: Timestamp| latest.saturating_add(Duration::from_secs(1));
    latest.map_or(now, |latest| now.max(after(latest)))
}

/// The folder with the states of all workspaces on this machine.
pub(super) fn state_base(emulates: bool) -> PathBuf {
    if emulates { Path::new(FOLDER).join("state") } else { PathBuf::from("state") }
}
