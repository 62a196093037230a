//! What a lock object says: Terraform's description of a lock, with our sign of life beside it.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::world::Timestamp;

use super::super::LockHolder;

/// The JSON of a lock object. Terraform reads the fields that are its own, and no others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct LockNote {
    /// Names this taking of the lock.
    #[serde(rename = "ID")]
    pub(super) id: String,
    #[serde(default)]
    operation: String,
    #[serde(default)]
    info: String,
    #[serde(default)]
    who: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    created: String,
    #[serde(default)]
    path: String,
    /// `None` where Terraform holds it.
    #[serde(rename = "snapform", skip_serializing_if = "Option::is_none", default)]
    life: Option<Life>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Life {
    /// Counts up with every sign of life.
    counter: u64,
    /// After how many milliseconds without one somebody else may take over.
    lease: u64,
    holder: LockHolder,
}

impl LockNote {
    /// The note of `holder`, who names this taking `id`.
    pub(super) fn of(id: String, holder: &LockHolder, lease: Duration, path: &str) -> Self {
        Self {
            id,
            operation: holder.command.clone(),
            info: holder.job.clone().unwrap_or_default(),
            who: format!("{}@{}", holder.user, holder.host),
            version: concat!("snapform ", env!("CARGO_PKG_VERSION")).to_owned(),
            created: holder.since.to_string(),
            path: path.to_owned(),
            life: Some(Life {
                counter: 0,
                lease: u64::try_from(lease.as_millis()).unwrap_or(u64::MAX),
                holder: holder.clone(),
            }),
        }
    }

    /// The same with one more sign of life.
    pub(super) fn renewed(&self) -> Self {
        let mut next = self.clone();
        if let Some(life) = &mut next.life {
            life.counter += 1;
        }
        next
    }

    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    pub(super) fn bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// After which time without a sign of life it may be taken over; `None` where it gives none.
    pub(super) fn lease(&self) -> Option<Duration> {
        self.life.as_ref().map(|life| Duration::from_millis(life.lease))
    }

    /// Who holds it. Of somebody who uses Terraform less is known.
    pub(super) fn holder(&self) -> LockHolder {
        if let Some(life) = &self.life {
            return life.holder.clone();
        }
        let (user, host) = self.who.split_once('@').unwrap_or((&self.who, ""));
        LockHolder {
            user: user.to_owned(),
            host: host.to_owned(),
            process: 0,
            command: format!("{} (Terraform {}, lock {})", self.operation, self.version, self.id),
            since: self.created.parse().unwrap_or(Timestamp::EPOCH),
            job: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_can_be_read_by_terraform_and_terraform_s_by_us() {
        let theirs = br#"{"ID":"7d","Operation":"OperationTypeApply","Info":"","Who":"ann@ci",
            "Version":"1.11.4","Created":"2026-01-02T03:04:05.678901234Z","Path":"b/k"}"#;
        let note = LockNote::read(theirs).unwrap();
        assert_eq!(note.lease(), None);
        let holder = note.holder();
        assert_eq!((holder.user.as_str(), holder.host.as_str()), ("ann", "ci"));
        assert!(holder.since.to_string().starts_with("2026-01-02T03:04:05"));

        let lease = Duration::from_secs(30);
        let ours = LockNote::of("8e".to_owned(), &holder, lease, "b/k");
        assert_eq!(LockNote::read(&ours.bytes()), Some(ours.clone()));
        assert_eq!((ours.lease(), ours.holder()), (Some(lease), holder));
        assert_ne!(ours.renewed().bytes(), ours.bytes());
        let json: serde_json::Value = serde_json::from_slice(&ours.bytes()).unwrap();
        for name in ["ID", "Operation", "Info", "Who", "Version", "Created", "Path"] {
            assert!(json[name].is_string(), "{name}");
        }
        assert_eq!(LockNote::read(b"no JSON"), None);
    }
}
