//! What a journal is made of.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::addr::{InstanceAddr, ProviderConfigAddr};
use crate::world::Timestamp;

use super::super::file::StoredObject;
use super::super::{DeposedKey, Digest, Lineage, Serial};

/// Names an intent within one journal: the position of its entry, from 1, never used again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IntentId(pub u64);

/// What a call is meant to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// Make an object.
    Create,
    /// Change an object in place.
    Update,
    /// Delete an object.
    Delete,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub enum Entry {
    /// The first line.
    Base(Base),
    /// The state is about to be saved like this.
    Saving {
        /// Its lineage.
        lineage: Lineage,
        /// Its serial from then on.
        serial: Serial,
        /// What its bytes come to.
        digest: Digest,
    },
    /// A call is about to leave.
    Intent(Arc<OpenIntent>),
    /// The vendor took the request and gave a handle.
    Accepted {
        /// The intent it answers.
        intent: IntentId,
        /// The handle, in the provider's own form.
        handle: serde_json::Value,
    },
    /// What became of an intent.
    Outcome {
        /// The intent.
        intent: IntentId,
        /// What became of it.
        outcome: Outcome,
    },
    /// A change of the record that needed no call.
    Recorded {
        /// The instance.
        address: Text<InstanceAddr>,
        /// What changed.
        change: RecordChange,
    },
}

/// The state that a journal builds on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// Its lineage.
    pub lineage: Lineage,
    /// Its serial.
    pub serial: Serial,
    /// How many journals were begun on it before.
    #[serde(skip_serializing_if = "is_first", default)]
    pub generation: u64,
    /// What its bytes come to; `None` where nothing was saved yet.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest: Option<Digest>,
}

/// Whether nothing was begun before, which is not worth a word.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out a reference")]
pub(in crate::state) fn is_first(generation: &u64) -> bool {
    *generation == 0
}

impl Base {
    /// The same for the journal that follows the one that begins with `before`.
    #[must_use]
    pub fn behind(mut self, before: &Self) -> Self {
        if (&self.lineage, self.serial) == (&before.lineage, before.serial) {
            self.generation = before.generation + 1;
        }
        self
    }
}

/// A call that left, or was about to, and whose outcome is not known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OpenIntent {
    /// Its name.
    pub id: IntentId,
    /// When it was noted.
    pub time: Timestamp,
    /// What it is meant to do.
    pub operation: Operation,
    /// The instance.
    pub address: Text<InstanceAddr>,
    /// The deposed object meant, where it is not the current one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deposed: Option<DeposedKey>,
    /// The provider configuration.
    pub provider: Text<ProviderConfigAddr>,
    /// The planned object, or the one to delete.
    pub object: StoredObject,
    /// What the provider wants to know when it has to find out what happened.
    pub search: serde_json::Value,
    /// The last handle the vendor gave.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub accepted: Option<serde_json::Value>,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The object is now like this.
    Object(Box<StoredObject>),
    /// The object is gone.
    Gone,
    /// Nothing was changed.
    Nothing,
}

/// A change of the record that needed no call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordChange {
    /// The current object awaits deletion under this key.
    Deposed(DeposedKey),
    /// A deposed object is current again.
    Restored(DeposedKey),
    /// The current object, or the deposed one, is taken out of the record.
    Forgotten(Option<DeposedKey>),
    /// The current object, or the deposed one, is recorded like this.
    Seen {
        /// The provider configuration.
        provider: Text<ProviderConfigAddr>,
        /// The deposed object meant, where it is not the current one.
        deposed: Option<DeposedKey>,
        /// The object.
        object: Box<StoredObject>,
    },
}

/// A value that is stored as its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Text<T>(pub T);

impl<T: std::fmt::Display> Serialize for Text<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: std::str::FromStr<Err: std::fmt::Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}
