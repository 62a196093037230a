//! The snapshots of the world; what they are follows from the time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::sdk::emulator::Stage;
use crate::world::Timestamp;

/// Collection of snapshots.
pub(super) const SNAPSHOTS: &str = "snapshots";
/// Collection of volumes that the world says something about.
pub(super) const VOLUMES: &str = "volumes";

/// How times look once they have been through the database.
pub(super) const STORED: &str = "%Y-%m-%dT%H:%M:%S.000000";

/// A snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    pub(super) id: String,
    pub(super) project_id: String,
    pub(super) volume_id: String,
    pub(super) name: Option<String>,
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) metadata: BTreeMap<String, String>,
    pub(super) size: u64,
    /// Counts creates, because several may fall into one instant.
    pub(super) sequence: u64,
    pub(super) created_at: Timestamp,
    /// When something about it was last changed by hand.
    #[serde(default)]
    pub(super) updated_at: Option<Timestamp>,
    /// When making it ends.
    pub(super) done_at: Timestamp,
    /// Making it ends in `error`.
    pub(super) fails: bool,
    /// When its deletion ends.
    pub(super) gone_at: Option<Timestamp>,
    /// Its deletion ends in `error_deleting`.
    pub(super) deletion_fails: bool,
}

impl Record {
    /// Where it is in its life.
    pub(super) fn status(&self, now: Timestamp) -> &'static str {
        match self.gone_at {
            Some(gone_at) if now < gone_at => "deleting",
            Some(_) => "error_deleting",
            None if now < self.done_at => "creating",
            None if self.fails => "error",
            None => "available",
        }
    }

    fn is_gone(&self, now: Timestamp) -> bool {
        !self.deletion_fails && self.gone_at.is_some_and(|gone_at| now >= gone_at)
    }

    /// As nova shows it. Real clouds keep whole seconds, but the answer to a create has more.
    pub(super) fn nova_json(&self, now: Timestamp, fraction: &str) -> Json {
        json!({
            "id": self.id,
            "volumeId": self.volume_id,
            "status": self.status(now),
            "size": self.size,
            "createdAt": self.created_at.format(fraction),
            "displayName": self.name,
            "displayDescription": self.description,
        })
    }
}

/// The snapshots of a project, newest first. Those whose deletion is over leave the world here.
pub(super) fn living(stage: &mut Stage<'_>, project_id: &str) -> Vec<Record> {
    let mut records = Vec::new();
    for (id, record) in stage.store.all::<Record>(SNAPSHOTS) {
        if record.is_gone(stage.now) {
            stage.store.remove(SNAPSHOTS, &id);
        } else if record.project_id == project_id {
            records.push(record);
        }
    }
    records.sort_by_key(|record| std::cmp::Reverse((record.created_at, record.sequence)));
    records
}

/// A snapshot of a project, unless it is gone.
pub(super) fn find(stage: &mut Stage<'_>, project_id: &str, id: &str) -> Option<Record> {
    let record: Record = stage.store.get(SNAPSHOTS, id)?;
    if record.is_gone(stage.now) {
        stage.store.remove(SNAPSHOTS, id);
        return None;
    }
    (record.project_id == project_id).then_some(record)
}
