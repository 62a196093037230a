//! What happens, for whoever watches.

use std::time::Duration;

use crate::addr::InstanceAddr;

/// What a step does, in words for people.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepVerb {
    /// Data is looked up.
    Read,
    /// Makes an object.
    Create,
    /// Changes an object in place.
    Update,
    /// Deletes an object.
    Delete,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq)]
pub enum Event {
    /// Objects of one type are read from their vendor.
    Refreshing {
        /// How many there are in all.
        objects: usize,
    },
    /// An object was read.
    Refreshed {
        /// The instance.
        address: InstanceAddr,
        /// The object's id.
        id: Option<String>,
    },
    /// All objects were read.
    AllRefreshed,
    /// A step began.
    Started {
        /// The instance.
        address: InstanceAddr,
        /// What it does.
        verb: StepVerb,
        /// The object's id, where there is one.
        id: Option<String>,
    },
    /// A step tells how far it is.
    Progress {
        /// The instance.
        address: InstanceAddr,
        /// What is going on.
        text: String,
        /// How long it has been going on.
        elapsed: Duration,
    },
    /// A step was done.
    Completed {
        /// The instance.
        address: InstanceAddr,
        /// What it did.
        verb: StepVerb,
        /// The object's id, where there is one.
        id: Option<String>,
        /// How long it took.
        elapsed: Duration,
    },
    /// A step failed; the diagnostic follows at the end.
    Failed {
        /// The instance.
        address: InstanceAddr,
        /// What it tried.
        verb: StepVerb,
        /// How long it took.
        elapsed: Duration,
    },
    /// A step had begun, and was taken back before anything was sent, because the run was asked to stop.
    Withdrawn {
        /// The instance.
        address: InstanceAddr,
        /// What it was about to do.
        verb: StepVerb,
        /// How long it waited.
        elapsed: Duration,
    },
    /// An object is no longer recorded.
    Forgotten {
        /// The instance.
        address: InstanceAddr,
    },
}

/// Sees events as they happen. Called from one thread at a time.
pub trait Observer: Send + Sync {
    /// Takes one event in.
    fn event(&self, event: &Event);
}
