//! What is done to an object, and why.

use serde::{Deserialize, Serialize};

use crate::addr::InstanceKey;
use crate::value::Path;

/// In which order an object is replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplaceOrder {
    /// The old one goes, then the new one is made.
    DeleteFirst,
    /// The new one is made, then the old one goes.
    CreateFirst,
}

/// What is done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Nothing.
    NoOp,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// Another one takes its place.
    Replace(ReplaceOrder),
    /// It is deleted.
    Delete,
    /// It stays, and state no longer names it.
    Forget,
    /// It is looked up: data whose arguments are not known before.
    Read,
}

impl Action {
    /// The sign in front of its lines.
    pub fn symbol(self) -> &'static str {
        match self {
            Self::NoOp => " ",
            Self::Create => "+",
            Self::Update => "~",
            Self::Replace(ReplaceOrder::DeleteFirst) => "-/+",
            Self::Replace(ReplaceOrder::CreateFirst) => "+/-",
            Self::Delete => "-",
            Self::Forget => ".",
            Self::Read => "<=",
        }
    }

    /// Tells whether the object at hand goes away or is replaced.
    pub fn destroys(self) -> bool {
        matches!(self, Self::Replace(_) | Self::Delete)
    }
}

/// Why it is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// There is nothing to do.
    Unchanged,
    /// It is declared and there is none yet.
    New,
    /// It was there, and the vendor no longer has it.
    Gone,
    /// It was there, and its time was over.
    Expired,
    /// These arguments changed.
    Changed,
    /// These arguments changed and cannot be changed in place.
    CannotUpdate(Vec<String>),
    /// It is of no use since an earlier failure.
    Tainted,
    /// It is there and failed, as the vendor says.
    Failed(String),
    /// `-replace` asks for it.
    Requested,
    /// Something changed that `replace_triggered_by` names.
    Triggered,
    /// Its block is gone.
    NotDeclared,
    /// Its module instance is gone, of which this is the address.
    NoModule(String),
    /// `count` is lower now.
    CountTooLow(u64),
    /// Its key is no longer in `for_each`.
    KeyNotInForEach(String),
    /// The resource has no keys any more, or keys of another kind.
    KeyKindChanged,
    /// Everything is to be destroyed.
    Destroy,
    /// It was replaced and is still there.
    Deposed,
    /// A `removed` block says that it shall only be forgotten.
    Removed,
    /// What it is looked up by is known after apply.
    ArgumentsUnknown,
    /// What it depends on is changed before.
    DependencyPending,
}

impl Reason {
    /// The reason for an instance whose key the configuration no longer yields.
    pub fn for_lost_key(
        key: &InstanceKey,
        repeated_by_count: bool,
        repeated_by_each: bool,
    ) -> Self {
        match key {
            InstanceKey::Index(index) if repeated_by_count => Self::CountTooLow(*index),
            InstanceKey::Name(name) if repeated_by_each => Self::KeyNotInForEach(name.to_string()),
            _ => Self::KeyKindChanged,
        }
    }

    /// The reason for a replacement because of these paths.
    pub fn cannot_update(paths: &[Path]) -> Self {
        Self::CannotUpdate(paths.iter().map(ToString::to_string).collect())
    }
}
