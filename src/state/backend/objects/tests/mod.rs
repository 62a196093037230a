//! Buckets in memory, on paused time.

mod deaths;
mod frozen;
mod holders;
#[cfg(all(feature = "s3", feature = "gcs", feature = "azurerm"))]
mod kinds;
mod random;
mod weather;

use std::sync::Arc;

use crate::world::{RandomIds, Timestamp};

use super::super::{Contents, LockHolder, Replacement};
use super::bucket::Bucket;
use super::layout::Layout;
use super::place::ObjectBackend;
use super::site::Site;
use super::store::LEASE;

use weather::Weather;

fn holder(user: &str) -> LockHolder {
    LockHolder {
        user: user.to_owned(),
        host: "ci".to_owned(),
        process: 1,
        command: "apply".to_owned(),
        since: Timestamp::EPOCH,
        job: None,
    }
}

fn backend_of(weather: &Weather, layout: &Layout) -> ObjectBackend {
    let store = Arc::new(weather.clone());
    ObjectBackend::new(Site {
        bucket: Bucket::new(store, "s3://b".to_owned()),
        paths: layout.paths("default").unwrap(),
        ids: Arc::new(RandomIds),
        lease: LEASE,
    })
}

fn folders() -> Layout {
    Layout::Folders { key: "a/state".to_owned(), folder: "env:".to_owned() }
}

fn backend(weather: &Weather) -> ObjectBackend {
    backend_of(weather, &folders())
}

fn contents(state: Option<&str>, journal: &str) -> Contents {
    Contents {
        state: state.map(|state| state.as_bytes().to_vec()),
        journal: journal.as_bytes().to_vec(),
    }
}

fn next<'a>(state: &'a str, journal: &'a str) -> Replacement<'a> {
    Replacement { state: Some(state.as_bytes()), journal: journal.as_bytes(), previous: None }
}
