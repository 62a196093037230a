//! What a server's one slot holds, and when; everything follows from instants.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::sdk::emulator::{LedgerEntry, LedgerOperation, Stage};
use crate::world::Timestamp;

use super::super::wire::NAME_PATTERN;

/// Collection of slots, by the id of the server.
pub(super) const SLOTS: &str = "slots";

/// A server's snapshots and its queue.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Slot {
    /// Counts snapshots; numbers are never used again.
    counter: u64,
    /// When the last of the queued jobs ends.
    pub(super) free_at: Timestamp,
    snapshots: Vec<Snapshot>,
}

/// A snapshot.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Snapshot {
    pub(super) id: u64,
    /// When the work on it began: its name.
    began_at: Timestamp,
    /// From when on the server shows it.
    shown_at: Timestamp,
    /// When the platform removes it.
    expires_at: Timestamp,
    /// When a queued deletion has taken it away, and when the server no longer shows it.
    deleted_at: Option<Timestamp>,
    hidden_at: Option<Timestamp>,
}

impl Slot {
    /// The slot of a server. What has expired leaves the world here.
    pub(super) fn of(stage: &mut Stage<'_>, server: &str) -> Self {
        let empty = Self { counter: 0, free_at: Timestamp::EPOCH, snapshots: Vec::new() };
        let mut slot = stage.store.get(SLOTS, server).unwrap_or(empty);
        let before = slot.snapshots.len();
        slot.snapshots.retain(|snapshot: &Snapshot| {
            if snapshot.hidden_at.is_some_and(|hidden_at| hidden_at <= stage.now) {
                return false;
            }
            let expired = snapshot.deleted_at.is_none() && snapshot.expires_at <= stage.now;
            if expired {
                let id = format!("{server}/{}", snapshot.id);
                stage.record(LedgerEntry::new(LedgerOperation::Expire, id, server));
            }
            !expired
        });
        if slot.snapshots.len() != before {
            slot.keep(stage, server);
        }
        slot
    }

    /// Writes the slot into the world.
    pub(super) fn keep(&self, stage: &mut Stage<'_>, server: &str) {
        stage.store.put(SLOTS, server, self);
    }

    /// What the server shows.
    pub(super) fn shown(&self, now: Timestamp) -> Vec<&Snapshot> {
        self.snapshots.iter().filter(|snapshot| snapshot.shown_at <= now).collect()
    }

    /// The snapshot with this id, unless its deletion is queued.
    pub(super) fn held(&mut self, id: &str, now: Timestamp) -> Option<&mut Snapshot> {
        self.snapshots.iter_mut().find(|snapshot| {
            snapshot.id.to_string() == id
                && snapshot.shown_at <= now
                && snapshot.deleted_at.is_none()
        })
    }

    /// Whether the slot will be taken at `time`: a create queued behind a deletion finds it free.
    pub(super) fn is_taken(&self, time: Timestamp) -> bool {
        self.snapshots.iter().any(|snapshot| {
            snapshot.expires_at > time && snapshot.deleted_at.is_none_or(|gone| gone > time)
        })
    }

    /// Puts a snapshot into the slot whose job runs from `begin` to `end`.
    pub(super) fn add(
        &mut self,
        begin: Timestamp,
        end: Timestamp,
        lag: Duration,
        days: u64,
    ) -> u64 {
        self.counter += 1;
        self.snapshots.push(Snapshot {
            id: self.counter,
            began_at: begin,
            shown_at: end.saturating_add(lag),
            expires_at: begin.saturating_add(Duration::from_secs(days * 24 * 3600)),
            deleted_at: None,
            hidden_at: None,
        });
        self.counter
    }
}

impl Snapshot {
    /// Notes that a job deletes it at `end`.
    pub(super) fn delete(&mut self, end: Timestamp, lag: Duration) {
        self.deleted_at = Some(end);
        self.hidden_at = Some(end.saturating_add(lag));
    }

    /// As its server shows it.
    pub(super) fn json(&self, alias: &str, server: &str) -> Json {
        let path = format!("/v2/servers/{alias}/{server}/snapshots/{}", self.id);
        json!({
            "name": self.began_at.format(NAME_PATTERN),
            "links": [
                { "rel": "self", "href": path },
                { "rel": "delete", "href": path },
                { "rel": "restore", "href": format!("{path}/restore") },
            ],
        })
    }
}
