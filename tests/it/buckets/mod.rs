//! State in buckets of real servers, which the tests start themselves: moto for `s3`, Azurite for
//! `azurerm`. `.ci/servers` installs them.
//!
//! For `gcs` there is no server to be had: gcp-storage-emulator and fake-gcs-server, which registries
//! have, know the JSON interface of Google and not the conditional writes of the XML one, which the
//! client uses. A stand-in in this folder does, as far as Google's pages say.

pub(crate) mod azurerm;
pub(crate) mod gcs;
pub(crate) mod s3;
mod server;

use std::time::Duration;

use snapform::sdk::Environment;
use snapform::state::backend::{Backend, Contents, Hold, Kind, Replacement, Store, lock_within};
use snapform::state::{BackendError, LockHolder};
use snapform::value::Value;
use snapform::world::Timestamp;
use tokio::time::Instant;

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

/// Texts as the settings of a block.
fn settings(texts: &[(&str, &str)]) -> Value {
    Value::object(texts.iter().map(|(name, text)| (*name, Value::from(*text))))
}

/// The same settings as the lines of a block.
fn lines(settings: &Value) -> String {
    let settings = settings.entries().unwrap().iter();
    let lines = settings.map(|(name, value)| format!("{name} = \"{}\"", value.as_str().unwrap()));
    lines.chain([String::new()]).collect::<Vec<_>>().join("\n")
}

fn store(kind: &dyn Kind, settings: &Value) -> Box<dyn Store> {
    kind.configure(settings, &Environment::new()).unwrap_or_else(|problems| panic!("{problems:?}"))
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

async fn lock(backend: &dyn Backend, user: &str) -> Box<dyn Hold> {
    lock_within(backend, &holder(user), Duration::from_secs(30)).await.unwrap()
}

/// What every store must do, with leases of three seconds.
async fn goes_as_promised(store: &dyn Store) {
    let (first, second) =
        (store.workspace("default").unwrap(), store.workspace("default").unwrap());
    assert_eq!(first.read().await, Ok(contents(None, "")));
    for round in 0..20 {
        let (ann, bob) = (holder("ann"), holder("bob"));
        let (one, other) = tokio::join!(first.lock(&ann), second.lock(&bob));
        let (hold, refused, winner) = match (one, other) {
            (Ok(hold), Err(refused)) => (hold, refused, "ann"),
            (Err(refused), Ok(hold)) => (hold, refused, "bob"),
            (one, other) => panic!("{round}: {:?} {:?}", one.err(), other.err()),
        };
        let BackendError::Locked(Some(named)) = refused else { panic!("{round}: {refused}") };
        assert_eq!(named.user, winner);
        hold.release().await;
    }

    let mut hold = lock(&*first, "ann").await;
    hold.append(b"one\n").await.unwrap();
    hold.append(b"two\n").await.unwrap();
    assert_eq!(second.read().await, Ok(contents(None, "one\ntwo\n")));
    hold.replace(next("old", "base\n")).await.unwrap();
    hold.append(b"three\n").await.unwrap();
    // Signs of life keep it.
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert!(hold.lease().is_held());
    assert!(matches!(second.lock(&holder("bob")).await, Err(BackendError::Locked(_))));
    drop(hold);

    let dead = Instant::now();
    let mut hold = lock(&*second, "bob").await;
    assert!(dead.elapsed() < Duration::from_secs(6), "{:?}", dead.elapsed());
    assert_eq!(hold.read().await, Ok(contents(Some("old"), "base\nthree\n")));
    hold.append(b"four\n").await.unwrap();
    hold.replace(next("new", "base\n")).await.unwrap();
    hold.release().await;
    assert_eq!(first.holder().await, Ok(None));
    assert_eq!(first.read().await, Ok(contents(Some("new"), "base\n")));

    let dev = store.workspace("dev").unwrap();
    let mut hold = lock(&*dev, "ann").await;
    hold.replace(next("dev", "")).await.unwrap();
    assert_eq!(store.workspaces().await.unwrap(), ["default", "dev"]);
    store.delete("dev").await.unwrap();
    hold.release().await;
    assert_eq!(store.workspaces().await.unwrap(), ["default"]);
}
