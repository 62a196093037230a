//! The frame for vendors' APIs in memory.
//!
//! In: a vendor's [`Emulator`], a function from a request and a [`Store`] to an answer. Out: a
//! [`Transport`](super::http::Transport) in this process, a server on loopback, a world that
//! outlives the process, and a ledger of what really was created and deleted. It knows no vendor.

mod faults;
mod host;
mod ledger;
mod private;
mod server;
mod store;

use std::collections::BTreeMap;

use crate::world::{Ids, Timestamp};

use super::http::{Request, Response};

pub use host::{EmulatorError, Host, InProcess, read_ledger};
pub use ledger::{LedgerEntry, LedgerOperation};
pub use server::{Served, serve};
pub use store::Store;

/// A vendor's API: what it answers, and what that does to its world.
///
/// It holds no state of its own. Everything that must outlive a request lives in the store, so
/// that the world can be kept, killed and replayed. Answers depend on nothing but the request,
/// the store and the stage's time and identifiers.
pub trait Emulator: Send + Sync {
    /// The provider's name.
    fn vendor(&self) -> &'static str;

    /// Answers a request.
    fn answer(&self, request: &Request, stage: &mut Stage<'_>) -> Response;

    /// The provider settings that make a provider speak to this emulator at `base_url`, with its
    /// test credentials. `None` takes a setting away that would contradict.
    fn settings(&self, base_url: &str) -> Vec<(&'static str, Option<String>)>;

    /// Further test credentials that other clients may use: what the settings leave out because
    /// the provider takes one kind at a time.
    fn other_credentials(&self) -> Vec<(&'static str, &'static str)> {
        Vec::new()
    }

    /// The knobs a person may set, such as quotas and delays, with their defaults and meaning.
    fn knobs(&self) -> Vec<Knob> {
        Vec::new()
    }

    /// How the vendor refuses a request because there were too many; nothing was done.
    fn throttled(&self, _request: &Request, _now: Timestamp) -> Response {
        Response::new(429).header("Retry-After", "1")
    }
}

/// How long an answer takes.
const LATENCY: Knob = Knob {
    name: "latency_milliseconds",
    default: 0,
    description: "How much longer than usual each answer takes, in milliseconds.",
};

/// All knobs of an emulator: its own, and those that each has.
pub fn knobs_of(emulator: &dyn Emulator) -> Vec<Knob> {
    let mut knobs = emulator.knobs();
    knobs.extend([LATENCY, faults::PERCENT, faults::SEED]);
    knobs
}

/// A whole number that changes how an emulator behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knob {
    /// Its name, such as `create_quota`.
    pub name: &'static str,
    /// Its value unless set.
    pub default: u64,
    /// What it does, with its unit.
    pub description: &'static str,
}

/// What an emulator works with while it answers one request.
pub struct Stage<'a> {
    /// The vendor's world.
    pub store: &'a mut Store,
    /// The vendor's clock.
    pub now: Timestamp,
    /// The vendor's source of identifiers.
    pub ids: &'a dyn Ids,
    pub(super) ledger: &'a mut Vec<LedgerEntry>,
    pub(super) vendor: &'static str,
    pub(super) knobs: &'a BTreeMap<&'static str, u64>,
}

impl Stage<'_> {
    /// The value of a knob; 0 for a knob that the emulator did not declare.
    pub fn knob(&self, name: &str) -> u64 {
        self.knobs.get(name).copied().unwrap_or_default()
    }

    /// Notes that something really was created, changed or deleted.
    pub fn record(&mut self, entry: LedgerEntry) {
        self.ledger.push(LedgerEntry { time: self.now, vendor: self.vendor.to_owned(), ..entry });
    }
}
