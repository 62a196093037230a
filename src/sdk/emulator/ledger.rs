//! What really happened at the emulated vendors.

use serde::{Deserialize, Serialize};

use crate::world::Timestamp;

/// What was done to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LedgerOperation {
    /// It came into being.
    Create,
    /// It was changed in place.
    Change,
    /// It was deleted on request.
    Delete,
    /// Its time was over.
    Expire,
}

/// One line of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerEntry {
    /// When, by the vendor's clock.
    pub time: Timestamp,
    /// The provider's name.
    pub vendor: String,
    /// What was done.
    pub operation: LedgerOperation,
    /// The vendor's id of the object.
    pub id: String,
    /// What it was made from: the server, disk, volume or test.
    pub source: String,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// The token that came with the create, where the vendor takes one.
    pub client_token: Option<String>,
}

impl LedgerEntry {
    /// An entry for [`super::Stage::record`], which fills in time and vendor.
    pub fn new(
        operation: LedgerOperation,
        id: impl Into<String>,
        source: impl Into<String>,
    ) -> Self {
        Self {
            time: Timestamp::EPOCH,
            vendor: String::new(),
            operation,
            id: id.into(),
            source: source.into(),
            name: None,
            client_token: None,
        }
    }

    /// Adds the object's name.
    #[must_use]
    pub fn name(mut self, name: Option<&str>) -> Self {
        self.name = name.map(str::to_owned);
        self
    }

    /// Adds the token of the create.
    #[must_use]
    pub fn client_token(mut self, token: Option<&str>) -> Self {
        self.client_token = token.map(str::to_owned);
        self
    }
}
