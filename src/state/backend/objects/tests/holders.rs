//! Who holds the lock, and what those can do who no longer do.

use std::time::Duration;

use object_store::path::Path;
use object_store::{
    Attribute, Attributes, ObjectStore as _, ObjectStoreExt as _, PutMode, PutOptions, PutPayload,
};
use tokio::time::Instant;

use super::super::super::{
    Backend as _, BackendError, Hold as _, LockState, Store as _, lock_within,
};
use super::super::hold::ObjectHold;
use super::super::layout::Layout;
use super::super::store::{BucketStore, LEASE};
use super::weather::{Random, Weather};
use super::{backend, backend_of, contents, folders, holder, next};

/// Longer than anybody waits for a lock whose holder is dead.
const PATIENCE: Duration = Duration::from_secs(60);

async fn locked(weather: &Weather, user: &str) -> ObjectHold {
    backend(weather).lock_now(&holder(user)).await.unwrap()
}

/// Takes the lock of somebody who gives no sign of life.
async fn taken_over(weather: &Weather, user: &str) -> ObjectHold {
    let (backend, holder) = (backend(weather), holder(user));
    let begun = Instant::now();
    loop {
        match backend.lock_now(&holder).await {
            Err(BackendError::Locked(_)) if begun.elapsed() < PATIENCE => {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            result => return result.unwrap(),
        }
    }
}

fn is_locked_by<T>(result: Result<T, BackendError>, user: &str) -> bool {
    matches!(result, Err(BackendError::Locked(Some(other))) if other.user == user)
}

#[tokio::test(start_paused = true)]
async fn of_two_at_once_one_gets_the_lock_and_the_other_learns_its_name() {
    for round in 0..100 {
        let weather = Weather::slow(Random::new(round).into());
        let (first, second) = (backend(&weather), backend(&weather));
        let (ann, bob) = (holder("ann"), holder("bob"));
        let (first, second) = tokio::join!(first.lock(&ann), second.lock(&bob));
        match (first, second) {
            (Ok(_hold), other) => assert!(is_locked_by(other, "ann"), "{round}"),
            (other, Ok(_hold)) => assert!(is_locked_by(other, "bob"), "{round}"),
            (first, second) => panic!("{round}: {:?} {:?}", first.err(), second.err()),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_lock_of_the_dead_is_free_after_the_time_of_a_lease_and_not_before() {
    let weather = Weather::calm();
    let mut hold = locked(&weather, "ann").await;
    hold.append(b"one\n").await.unwrap();
    // It is the signs of life that count, not the time since the lock was taken.
    tokio::time::sleep(4 * LEASE).await;
    assert!(hold.lease().is_held());
    drop(hold);
    let begun = Instant::now();
    let other = backend(&weather);
    assert!(is_locked_by(other.lock(&holder("bob")).await, "ann"));
    let mut hold = lock_within(&other, &holder("bob"), PATIENCE).await.unwrap();
    let waited = begun.elapsed();
    assert!(LEASE <= waited && waited < LEASE + Duration::from_secs(1), "{waited:?}");
    assert_eq!(hold.read().await, Ok(contents(None, "one\n")));
    hold.append(b"two\n").await.unwrap();
    hold.replace(next("state", "base\n")).await.unwrap();
    hold.release().await;
    assert_eq!(other.holder().await, Ok(None));
    assert_eq!(other.read().await, Ok(contents(Some("state"), "base\n")));
}

#[tokio::test(start_paused = true)]
async fn the_lock_of_the_living_is_never_taken_over() {
    let weather = Weather::calm();
    let mut hold = locked(&weather, "ann").await;
    let other = backend(&weather);
    let tried = lock_within(&other, &holder("bob"), 20 * LEASE).await;
    assert!(is_locked_by(tried, "ann"));
    let held = LockState { holder: Some(holder("ann")) };
    assert_eq!(other.holder().await, Ok(Some(held)));
    assert!(hold.lease().is_held());
    hold.append(b"line\n").await.unwrap();
    Box::new(hold).release().await;
    assert!(other.lock(&holder("bob")).await.is_ok());
    let left = weather.names().await;
    assert!(left.iter().any(|name| name == "a/state.tflock"), "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn a_holder_stops_before_others_may_begin() {
    let weather = Weather::calm();
    let hold = locked(&weather, "ann").await;
    let lease = hold.lease();
    weather.storm(super::weather::Fault::Request, 0, u64::MAX);
    let begun = Instant::now();
    while lease.is_held() {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // The last sign of life was when the lock was taken.
    assert!(begun.elapsed() <= LEASE * 5 / 6 + Duration::from_millis(100), "{:?}", begun.elapsed());
    // Back in touch, nobody has taken over, and it goes on.
    weather.clear_up();
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert!(lease.is_held());
}

/// What happens while a holder sleeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd)]
enum Meanwhile {
    TakenOver,
    Appended,
    Replaced,
    GivenBack,
    TakenAgain,
    Unlocked,
}

#[tokio::test(start_paused = true)]
async fn whoever_wakes_late_can_neither_append_nor_replace() {
    use Meanwhile::{Appended, GivenBack, Replaced, TakenAgain, TakenOver, Unlocked};
    for meanwhile in [TakenOver, Appended, Replaced, GivenBack, TakenAgain, Unlocked] {
        for had_state in [false, true] {
            for replaces in [false, true] {
                let case = format!("{meanwhile:?} {had_state} {replaces}");
                wakes_late(meanwhile, had_state, replaces, &case).await;
            }
        }
    }
}

async fn wakes_late(meanwhile: Meanwhile, had_state: bool, replaces: bool, case: &str) {
    let weather = Weather::calm();
    let mut late = locked(&weather, "ann").await;
    if had_state {
        late.replace(next("old", "")).await.unwrap();
    }
    late.append(b"ann 1\n").await.unwrap();
    late.put_to_sleep();
    if meanwhile == Meanwhile::Unlocked {
        // A person took the lock away, as `terraform force-unlock` does.
        weather.inner().delete(&Path::from("a/state.tflock")).await.unwrap();
    }
    let mut hold = taken_over(&weather, "bob").await;
    let old = had_state.then_some("old");
    let mut expected = contents(old, "ann 1\n");
    assert_eq!(hold.read().await, Ok(expected.clone()), "{case}");
    if meanwhile >= Meanwhile::Appended {
        hold.append(b"bob 1\n").await.unwrap();
        expected = contents(old, "ann 1\nbob 1\n");
    }
    if meanwhile >= Meanwhile::Replaced {
        hold.replace(next("new", "base\n")).await.unwrap();
        expected = contents(Some("new"), "base\n");
    }
    if meanwhile >= Meanwhile::GivenBack {
        Box::new(hold).release().await;
        hold = locked(&weather, "eve").await;
    }
    let done = if replaces {
        late.replace(next("late", "late\n")).await
    } else {
        late.append(b"late\n").await
    };
    assert!(matches!(done, Err(BackendError::Lost { .. })), "{case}: {done:?}");
    assert_eq!(backend(&weather).read().await, Ok(expected.clone()), "{case}");
    // Nor does giving back what is not theirs take it from anybody.
    Box::new(late).release().await;
    assert_eq!(hold.read().await, Ok(expected), "{case}");
    hold.append(b"goes on\n").await.unwrap();
    hold.replace(next("last", "")).await.unwrap();
    Box::new(hold).release().await;
    assert_eq!(backend(&weather).read().await, Ok(contents(Some("last"), "")), "{case}");
}

#[tokio::test(start_paused = true)]
async fn a_lock_of_terraform_s_is_never_taken_over() {
    let note = r#"{"ID":"7d","Operation":"OperationTypeApply","Info":"","Who":"ann@laptop",
        "Version":"1.11.4","Created":"2026-01-02T03:04:05Z","Path":"b/a/state"}"#;
    let weather = Weather::calm();
    let lock = Path::from("a/state.tflock");
    weather.inner().put(&lock, PutPayload::from(note)).await.unwrap();
    let other = backend(&weather);
    let tried = lock_within(&other, &holder("bob"), 20 * LEASE).await;
    assert!(is_locked_by(tried, "ann"));
    assert_eq!(other.holder().await.unwrap().unwrap().holder.unwrap().host, "laptop");
    weather.inner().delete(&lock).await.unwrap();
    assert!(other.lock(&holder("bob")).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_terraform_notes_at_the_blob_is_obeyed() {
    use base64::Engine as _;
    let note = r#"{"ID":"7d","Operation":"OperationTypePlan","Who":"ann@laptop"}"#;
    let weather = Weather::calm();
    let layout = Layout::Endings { key: "state".to_owned() };
    let mut attributes = Attributes::new();
    let text = base64::engine::general_purpose::STANDARD.encode(note);
    attributes.insert(Attribute::Metadata("terraformlockid".into()), text.into());
    let options = PutOptions { attributes, ..PutOptions::from(PutMode::Create) };
    let state = Path::from("state");
    weather.inner().put_opts(&state, PutPayload::from("{}"), options).await.unwrap();
    let other = backend_of(&weather, &layout);
    assert!(is_locked_by(other.lock(&holder("bob")).await, "ann"));
    assert!(other.holder().await.unwrap().is_some());
    assert!(!weather.names().await.contains(&"state.journal/lock".to_owned()));
    weather.inner().put(&state, PutPayload::from("{}")).await.unwrap();
    assert!(other.lock(&holder("bob")).await.is_ok());
}

#[tokio::test(start_paused = true)]
async fn what_terraform_wrote_meanwhile_is_not_written_over() {
    let weather = Weather::calm();
    let mut hold = locked(&weather, "ann").await;
    hold.replace(next("ours", "")).await.unwrap();
    hold.read().await.unwrap();
    let state = Path::from("a/state");
    weather.inner().put(&state, PutPayload::from("theirs")).await.unwrap();
    let replaced = hold.replace(next("more", "")).await;
    assert!(matches!(replaced, Err(BackendError::Conflict { .. })), "{replaced:?}");
    assert_eq!(hold.read().await, Ok(contents(Some("theirs"), "")));
    hold.replace(next("more", "")).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn workspaces_are_found_and_taken_away() {
    let layouts =
        [folders(), Layout::Files { folder: "a".into() }, Layout::Endings { key: "a/k".into() }];
    for layout in layouts {
        let weather = Weather::calm();
        let store = std::sync::Arc::new(weather.clone());
        let store = BucketStore::new(store, "s3://b".to_owned(), layout.clone(), LEASE);
        assert_eq!(store.workspaces().await.unwrap(), ["default"]);
        for name in ["dev", "default"] {
            let backend = store.workspace(name).unwrap();
            let mut hold = backend.lock(&holder("ann")).await.unwrap();
            hold.replace(next(name, "base\n")).await.unwrap();
            hold.append(b"line\n").await.unwrap();
            hold.release().await;
        }
        assert_eq!(store.workspaces().await.unwrap(), ["default", "dev"]);
        let dev = store.workspace("dev").unwrap();
        let hold = dev.lock(&holder("ann")).await.unwrap();
        assert_eq!(store.workspaces().await.unwrap(), ["default", "dev"]);
        store.delete("dev").await.unwrap();
        hold.release().await;
        assert_eq!(store.workspaces().await.unwrap(), ["default"]);
        assert!(!weather.names().await.iter().any(|name| name.contains("dev")), "{layout:?}");
        assert_eq!(dev.read().await, Ok(contents(None, "")));
        let kept = store.workspace("default").unwrap().read().await;
        assert_eq!(kept, Ok(contents(Some("default"), "base\nline\n")));
        assert!(store.workspace("a/b").is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_lock_one_of_two_writers_is_told() {
    let weather = Weather::calm();
    let (first, second) = (backend(&weather), backend(&weather));
    let mut first = first.without_lock().await.unwrap();
    let mut second = second.without_lock().await.unwrap();
    assert_eq!(first.read().await, Ok(contents(None, "")));
    assert_eq!(second.read().await, Ok(contents(None, "")));
    first.append(b"one\n").await.unwrap();
    let conflict = |done| matches!(done, Err(BackendError::Conflict { .. }));
    assert!(conflict(second.append(b"two\n").await));
    first.replace(next("state", "")).await.unwrap();
    assert!(conflict(second.replace(next("other", "")).await));
    assert!(first.lease().is_held());
    first.release().await;
    assert_eq!(backend(&weather).read().await, Ok(contents(Some("state"), "")));
}
