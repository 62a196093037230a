//! What conditions said last.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::addr::{Checkable, CheckableKind, CheckedObject, CheckedObjectAddr};

/// Whether conditions hold. Of several, the last in this order counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CheckStatus {
    /// They do.
    #[default]
    Pass,
    /// That cannot be told yet.
    Unknown,
    /// One does not.
    Fail,
    /// One could not be evaluated.
    Error,
}

/// What the conditions of one object said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checked {
    /// Whether they hold.
    pub status: CheckStatus,
    /// What people were told about those that do not.
    pub failures: Vec<String>,
}

/// What the conditions of all declarations said. A declaration without objects has no instances; one
/// whose instances are not known has [`None`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CheckResults(pub BTreeMap<Checkable, Option<BTreeMap<CheckedObject, Checked>>>);

impl CheckResults {
    /// Notes what the conditions of one object said.
    pub fn note(&mut self, checkable: Checkable, object: CheckedObject, checked: Checked) {
        let objects = self.0.entry(checkable).or_default();
        objects.get_or_insert_default().insert(object, checked);
    }

    /// Notes that the instances of a declaration are known, even where there are none.
    pub fn expanded(&mut self, checkable: Checkable) {
        self.0.entry(checkable).or_default().get_or_insert_default();
    }

    /// Notes that the instances of a declaration are not known.
    pub fn unknown(&mut self, checkable: Checkable) {
        self.0.entry(checkable).or_default();
    }

    /// Takes over what `later` knows, object by object.
    pub fn update(&mut self, later: Self) {
        for (checkable, objects) in later.0 {
            let known = self.0.entry(checkable).or_default();
            if let Some(objects) = objects {
                known.get_or_insert_default().extend(objects);
            }
        }
    }
}

/// The status of all objects of one declaration together.
pub fn overall(objects: Option<&BTreeMap<CheckedObject, Checked>>) -> CheckStatus {
    let Some(objects) = objects else { return CheckStatus::Unknown };
    objects.values().map(|checked| checked.status).max().unwrap_or_default()
}

/// A declaration as state files hold it.
#[derive(Serialize, Deserialize)]
pub(super) struct FileCheck {
    object_kind: FileKind,
    config_addr: String,
    status: CheckStatus,
    #[serde(default)]
    objects: Option<Vec<FileChecked>>,
}

#[derive(Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum FileKind {
    Resource,
    Output,
    Check,
    Var,
}

#[derive(Serialize, Deserialize)]
struct FileChecked {
    object_addr: String,
    status: CheckStatus,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    failure_messages: Vec<String>,
}

impl FileKind {
    fn of(kind: CheckableKind) -> Self {
        match kind {
            CheckableKind::Check => Self::Check,
            CheckableKind::Output => Self::Output,
            CheckableKind::Resource => Self::Resource,
            CheckableKind::Variable => Self::Var,
        }
    }

    fn kind(self) -> CheckableKind {
        match self {
            Self::Check => CheckableKind::Check,
            Self::Output => CheckableKind::Output,
            Self::Resource => CheckableKind::Resource,
            Self::Var => CheckableKind::Variable,
        }
    }
}

/// The form of state files; `None` where there are no conditions.
pub(super) fn to_file(results: &CheckResults) -> Option<Vec<FileCheck>> {
    let checks = results.0.iter().map(|(checkable, objects)| FileCheck {
        object_kind: FileKind::of(checkable.kind()),
        config_addr: checkable.to_string(),
        status: overall(objects.as_ref()),
        objects: objects.as_ref().map(|objects| {
            let objects = objects.iter().map(|(object, checked)| FileChecked {
                object_addr: object.of(&checkable.local).to_string(),
                status: checked.status,
                failure_messages: checked.failures.clone(),
            });
            objects.collect()
        }),
    });
    (!results.0.is_empty()).then(|| checks.collect())
}

/// What conditions said, as plans hold it.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredChecks(pub CheckResults);

impl Serialize for StoredChecks {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        to_file(&self.0).unwrap_or_default().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for StoredChecks {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Vec::deserialize(deserializer).map(from_file).map(Self)
    }
}

/// What a state file holds. Entries that cannot be read are of another version's kind, and nothing
/// is decided from them: they are dropped.
pub(super) fn from_file(checks: Vec<FileCheck>) -> CheckResults {
    let read = checks.into_iter().filter_map(|check| {
        let kind = check.object_kind.kind();
        let declared = CheckedObjectAddr::parse(&check.config_addr, kind).ok()?.declared();
        let objects = check.objects.map(|objects| {
            let objects = objects.into_iter().filter_map(|found| {
                let address = CheckedObjectAddr::parse(&found.object_addr, kind).ok()?;
                let checked = Checked { status: found.status, failures: found.failure_messages };
                Some((address.object, checked))
            });
            objects.collect()
        });
        Some((declared, objects))
    });
    CheckResults(read.collect())
}
