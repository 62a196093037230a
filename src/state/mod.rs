//! What is: the record of objects, where it is kept, and how it survives a death.
//!
//! In: outcomes of steps. Out: [`State`] in Terraform's file format, a [`Backend`] that keeps it,
//! a [`Session`] that holds the lock, and the [`Journal`] of intents and outcomes since the state
//! was last saved. It knows nothing of configurations, plans or vendors.

mod attributes;
pub mod backend;
mod checks;
mod edit;
mod file;
mod file_path;
mod instances;
mod journal;
mod known;
mod listing;
mod model;
mod session;
mod watermark;

pub use attributes::StoredAttributes;
pub use backend::{
    Backend, BackendError, Backup, DEFAULT_WORKSPACE, Kept, Kind, Lease, LocalBackend, LocalStore,
    LockHolder, LockState, MemoryBackend, Sealed, Store, kinds,
};
pub use checks::{CheckResults, CheckStatus, Checked, StoredChecks, overall};
pub use edit::{EditError, Step, Taken};
pub use file::{
    FORMAT_VERSION, LANGUAGE_VERSION, StateFileError, StoredObject, StoredState, read_state,
    write_state,
};
pub use instances::Instances;
pub use journal::{
    Entry, IntentId, Journal, JournalError, OpenIntent, Operation, Outcome as EntryOutcome, Text,
};
pub use listing::Listing;
pub use model::{
    Dependencies, DeposedKey, Digest, InstanceRecord, Lineage, ObjectRecord, ObjectStatus,
    OutputRecord, ResourceRecord, Serial, State,
};
pub use session::{NewIntent, Session, SessionError, Settled, Tracked, Trust};
pub use watermark::{Receded, Watermark, WatermarkFile};
