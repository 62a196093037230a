//! What every backend must do, whatever is behind it.
//!
//! A [`Place`] makes backends that all mean the same state, as those of several machines would.

use std::sync::LazyLock;
use std::time::Duration;

use snapform::addr::{InstanceKey, ProviderConfigAddr, ResourceAddr};
use snapform::state::backend::{
    Backend, BackendError, Contents, Hold, LockHolder, Replacement, lock_within,
};
use snapform::state::{Dependencies, ObjectRecord, ObjectStatus, Session, Trust};
use snapform::value::Value;
use snapform::world::{Timestamp, World};
use tokio::runtime::{Builder, Runtime};
use tokio::time::Instant;

/// What a place says of whoever holds its lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// All that the holder said.
    Fully,
    /// User and host, while the holder has not written yet.
    Vaguely,
    /// Nothing.
    Not,
}

/// A place for one state, to be tried out.
pub(crate) struct Place {
    /// Makes another backend for the same state.
    pub(crate) backend: Box<dyn Fn() -> Box<dyn Backend> + Send + Sync>,
    /// How long a holder may be silent; `None` where the system ends a lock with its process.
    pub(crate) lease: Option<Duration>,
    /// How well the holder of a lock is known.
    pub(crate) names: Names,
    /// Whether time is that of the tests: then nothing is behind it that lives on real time.
    pub(crate) is_paused: bool,
    /// Whether a write over somebody else's is refused.
    pub(crate) compares: bool,
    /// Whether somebody without a lock can write while it is held.
    pub(crate) lets_outsiders_in: bool,
}

impl Place {
    /// A place that does everything, without leases.
    pub(crate) fn new(backend: impl Fn() -> Box<dyn Backend> + Send + Sync + 'static) -> Self {
        Self {
            backend: Box::new(backend),
            lease: None,
            names: Names::Fully,
            is_paused: false,
            compares: true,
            lets_outsiders_in: true,
        }
    }

    fn one(&self) -> Box<dyn Backend> {
        (self.backend)()
    }

    fn runtime(&self) -> Runtime {
        let mut builder = Builder::new_current_thread();
        builder.enable_all().start_paused(self.is_paused).build().unwrap()
    }

    fn runs<'a, T: Future>(&'a self, test: impl FnOnce(&'a Self) -> T) {
        self.runtime().block_on(test(self));
    }
}

/// Somebody who wants a lock.
pub(crate) fn holder(user: &str) -> LockHolder {
    LockHolder {
        user: user.to_owned(),
        host: "ci-7".to_owned(),
        process: 4711,
        command: "apply".to_owned(),
        since: Timestamp::EPOCH,
        job: Some("https://ci.example/jobs/1".to_owned()),
    }
}

/// A state whose bytes are unlike those that any program writes.
pub(crate) fn state(serial: u64, mark: &str) -> Vec<u8> {
    format!(
        "{{\n \"version\": 4,   \"terraform_version\": \"1.11.4\",\"serial\":  {serial},\n\
         \"lineage\": \"11111111-2222-3333-4444-555555555555\",\n\"outputs\": {{\n  \
         \"mark\": {{\"value\": \"{mark} ü }} \\\"snapform\\\"\", \"type\": \"string\"}}}},\n\
         \"resources\": [], \"check_results\": null\n}}\n\n"
    )
    .into_bytes()
}

/// Runs one test on a runtime of its own.
pub(crate) fn within<T>(test: impl Future<Output = T>) -> T {
    Builder::new_current_thread().enable_all().build().unwrap().block_on(test)
}

/// All of it. Nothing may have been saved at the place before.
pub(crate) fn run(place: &Place) {
    place.runs(what_is_kept_comes_back);
    place.runs(a_lock_is_for_one);
    place.runs(|place| two_at_once(place, 100));
    place.runs(nobody_writes_over_what_was_not_read);
    place.runs(a_holder_that_dies_is_followed);
    place.runs(a_holder_that_dies_is_followed_by_one);
    if let Some(lease) = place.lease {
        place.runs(|place| a_holder_that_lives_is_left_alone(place, lease));
        for has_written in [true, false] {
            a_holder_that_slept_writes_nothing(place, lease, has_written);
        }
    }
    place.runs(a_session_goes_on_where_another_one_died);
}

async fn take(backend: &dyn Backend, user: &str) -> Box<dyn Hold> {
    let taken = backend.lock(&holder(user)).await;
    taken.unwrap_or_else(|error| panic!("{user} gets no lock at {}: {error:?}", backend.place()))
}

fn replacement<'a>(state: Option<&'a [u8]>, journal: &'a [u8]) -> Replacement<'a> {
    Replacement { state, journal, previous: None }
}

fn contents(state: Option<&[u8]>, journal: &[u8]) -> Contents {
    Contents { state: state.map(<[u8]>::to_vec), journal: journal.to_vec() }
}

async fn what_is_kept_comes_back(place: &Place) {
    let backend = place.one();
    assert_eq!(backend.read().await, Ok(Contents::default()));
    let mut hold = take(&*backend, "ann").await;
    assert_eq!(hold.read().await, Ok(Contents::default()));
    hold.append(b"0123 {\"entry\":\"a\"}\n").await.unwrap();
    hold.append("4567 {\"entry\":\"ü \\\"}\"}\n89 {}\n".as_bytes()).await.unwrap();
    let lines = "0123 {\"entry\":\"a\"}\n4567 {\"entry\":\"ü \\\"}\"}\n89 {}\n".as_bytes();
    assert_eq!(place.one().read().await, Ok(contents(None, lines)), "a journal alone");
    hold.release().await;
    let mut hold = take(&*backend, "ann").await;
    assert_eq!(hold.read().await, Ok(contents(None, lines)), "it outlives the lock");
    let first = state(1, "first");
    hold.replace(replacement(Some(&first), b"base 1\n")).await.unwrap();
    assert_eq!(hold.read().await, Ok(contents(Some(&first), b"base 1\n")));
    hold.append(b"next\n").await.unwrap();
    hold.append(b"last\n").await.unwrap();
    let all = b"base 1\nnext\nlast\n";
    assert_eq!(place.one().read().await, Ok(contents(Some(&first), all)));
    hold.replace(replacement(None, b"base 2\n")).await.unwrap();
    assert_eq!(hold.read().await, Ok(contents(Some(&first), b"base 2\n")), "the state stays");
    let second = state(2, "second");
    hold.replace(replacement(Some(&second), b"")).await.unwrap();
    hold.release().await;
    assert_eq!(place.one().read().await, Ok(contents(Some(&second), b"")));
}

async fn a_lock_is_for_one(place: &Place) {
    let (first, second) = (place.one(), place.one());
    assert_eq!(first.holder().await, Ok(None));
    let hold = take(&*first, "ann").await;
    for _ in 0..3 {
        let error = second.lock(&holder("bob")).await.err();
        is_told(place, error.as_ref(), "ann");
    }
    let found = second.holder().await.unwrap().unwrap();
    is_named(place, found.holder.as_ref(), "ann");
    hold.release().await;
    assert_eq!(second.holder().await, Ok(None));
    take(&*second, "bob").await.release().await;
}

/// Expects to be told who holds the lock.
fn is_told(place: &Place, error: Option<&BackendError>, user: &str) {
    match error {
        Some(BackendError::Locked(found)) => is_named(place, found.as_deref(), user),
        other => panic!("{other:?}"),
    }
}

fn is_named(place: &Place, found: Option<&LockHolder>, user: &str) {
    match place.names {
        Names::Fully => assert_eq!(found, Some(&holder(user))),
        Names::Vaguely => {
            assert_eq!(found.map(|found| (&*found.user, &*found.host)), Some((user, "ci-7")));
        }
        Names::Not => assert_eq!(found, None),
    }
}

async fn two_at_once(place: &Place, rounds: usize) {
    let (first, second) = (place.one(), place.one());
    for round in 0..rounds {
        let (ann, bob) = (holder("ann"), holder("bob"));
        let (one, other) = tokio::join!(first.lock(&ann), second.lock(&bob));
        let (mut hold, error, winner) = match (one, other) {
            (Ok(hold), Err(error)) => (hold, error, "ann"),
            (Err(error), Ok(hold)) => (hold, error, "bob"),
            (Ok(_), Ok(_)) => panic!("round {round}: both hold the lock"),
            (Err(one), Err(other)) => panic!("round {round}: nobody: {one:?}, {other:?}"),
        };
        is_told(place, Some(&error), winner);
        hold.append(b"line\n").await.unwrap();
        hold.release().await;
    }
    let kept = first.read().await.unwrap().journal;
    assert_eq!(kept, b"line\n".repeat(rounds), "each of them has noted once");
}

async fn nobody_writes_over_what_was_not_read(place: &Place) {
    let (first, second) = (place.one(), place.one());
    let mut hold = take(&*first, "ann").await;
    let before = hold.read().await.unwrap();
    let other = state(50, "from outside");
    let mut outsider = second.without_lock().await.unwrap();
    let written = outsider.replace(replacement(Some(&other), b"")).await;
    outsider.release().await;
    if !place.lets_outsiders_in {
        assert!(written.is_err(), "a lock is a lock");
        assert_eq!(hold.read().await, Ok(before));
        hold.release().await;
        return;
    }
    written.unwrap();
    if place.compares {
        let ours = state(51, "ours");
        let refused = hold.replace(replacement(Some(&ours), b"base\n")).await;
        assert!(matches!(refused, Err(BackendError::Conflict { .. })), "{refused:?}");
        assert_eq!(hold.read().await, Ok(contents(Some(&other), b"")), "nothing of it is there");
        hold.replace(replacement(Some(&ours), b"base\n")).await.unwrap();
        assert_eq!(second.read().await, Ok(contents(Some(&ours), b"base\n")), "read, then written");
    }
    hold.release().await;
}

async fn a_holder_that_dies_is_followed(place: &Place) {
    let (first, second) = (place.one(), place.one());
    let mut hold = take(&*first, "ann").await;
    hold.replace(replacement(Some(&state(60, "before the death")), b"base\n")).await.unwrap();
    hold.append(b"noted\n").await.unwrap();
    drop(hold);
    let died = Instant::now();
    let patience = place.lease.map_or(Duration::ZERO, |lease| lease * 2 + Duration::from_secs(2));
    if place.lease.is_some() {
        is_told(place, second.lock(&holder("bob")).await.err().as_ref(), "ann");
    }
    let mut hold = lock_within(&*second, &holder("bob"), patience).await.unwrap();
    if let Some(lease) = place.lease {
        let waited = died.elapsed();
        assert!(waited >= lease, "after {waited:?} a holder may still live");
        assert!(waited < lease + Duration::from_secs(3), "{waited:?}");
    }
    let kept = contents(Some(&state(60, "before the death")), b"base\nnoted\n");
    assert_eq!(hold.read().await, Ok(kept), "nothing that was noted is lost");
    hold.append(b"followed\n").await.unwrap();
    hold.release().await;
    take(&*first, "cid").await.release().await;
}

async fn a_holder_that_dies_is_followed_by_one(place: &Place) {
    let (first, second) = (place.one(), place.one());
    let (ann, bob) = (holder("ann"), holder("bob"));
    let patience = place.lease.map_or(Duration::ZERO, |lease| lease * 2);
    for round in 0..if place.is_paused { 50 } else { 2 } {
        let dead = take(&*place.one(), "eve").await;
        drop(dead);
        let (one, other) = tokio::join!(
            lock_within(&*first, &ann, patience),
            lock_within(&*second, &bob, patience)
        );
        let (mut hold, error, winner) = match (one, other) {
            (Ok(hold), Err(error)) => (hold, error, "ann"),
            (Err(error), Ok(hold)) => (hold, error, "bob"),
            (one, other) => panic!("round {round}: {:?}, {:?}", one.err(), other.err()),
        };
        is_told(place, Some(&error), winner);
        hold.append(b"followed\n").await.unwrap();
        hold.release().await;
    }
}

async fn a_holder_that_lives_is_left_alone(place: &Place, lease: Duration) {
    let (first, second) = (place.one(), place.one());
    let mut hold = take(&*first, "ann").await;
    let begun = Instant::now();
    while begun.elapsed() < lease * 5 / 2 {
        is_told(place, second.lock(&holder("bob")).await.err().as_ref(), "ann");
        assert!(hold.lease().is_held(), "after {:?}", begun.elapsed());
        tokio::time::sleep(lease / 10).await;
    }
    hold.append(b"still here\n").await.unwrap();
    hold.release().await;
    take(&*second, "bob").await.release().await;
}

/// A process that stands still, with all its tasks, is a runtime that nobody drives.
fn a_holder_that_slept_writes_nothing(place: &Place, lease: Duration, has_written: bool) {
    let (sleeper, awake) = (place.runtime(), place.runtime());
    let (first, second) = (place.one(), place.one());
    let kept = state(70, "before the sleep");
    let mut slept = sleeper.block_on(async {
        let mut hold = take(&*first, "ann").await;
        hold.replace(replacement(Some(&kept), b"base\n")).await.unwrap();
        if !has_written {
            hold.release().await;
            hold = take(&*first, "ann").await;
        }
        hold
    });
    let owned = slept.lease();
    let patience = lease * 2 + Duration::from_secs(2);
    let mut hold = awake.block_on(async {
        let hold = lock_within(&*second, &holder("bob"), patience).await.unwrap();
        assert!(!owned.is_held(), "the former holder must know before the next one may begin");
        hold
    });
    let before = if has_written { "base\nby bob\n" } else { "base\n" }.to_owned();
    awake.block_on(async {
        if has_written {
            hold.append(b"by bob\n").await.unwrap();
        }
    });
    sleeper.block_on(async {
        let refused = slept.append(b"by ann\n").await;
        assert!(matches!(refused, Err(BackendError::Lost { .. })), "{refused:?}");
        let refused = slept.replace(replacement(Some(&state(71, "by ann")), b"")).await;
        assert!(refused.is_err(), "{refused:?}");
        assert!(!slept.lease().is_held());
        // Its heart beats again, too, which must change nothing.
        tokio::time::sleep(lease / 2).await;
        slept.release().await;
    });
    awake.block_on(async {
        assert_eq!(second.read().await, Ok(contents(Some(&kept), before.as_bytes())));
        is_told(place, place.one().lock(&holder("cid")).await.err().as_ref(), "bob");
        hold.append(b"still by bob\n").await.unwrap();
        let all = format!("{before}still by bob\n");
        assert_eq!(hold.read().await, Ok(contents(Some(&kept), all.as_bytes())));
        hold.release().await;
    });
}

/// The bytes of a state must come back as they were, or its journal is not its journal any more.
async fn a_session_goes_on_where_another_one_died(place: &Place) {
    let world = World::real();
    let patience = place.lease.map_or(Duration::ZERO, |lease| lease * 2);
    let address = ResourceAddr::managed("t_a", "x").instance(InstanceKey::None);
    // What was kept so far was made for tests of bytes.
    let mut hold = take(&*place.one(), "ann").await;
    hold.read().await.unwrap();
    hold.replace(replacement(Some(&state(80, "for sessions")), b"")).await.unwrap();
    hold.release().await;
    let open = || Session::open(place.one(), &ANN, patience, &world, Trust::Checked);
    let session = open().await.unwrap();
    let provider = ProviderConfigAddr::default_of("t");
    session.edit(|state| state.set_object(&address, &provider, None, object()));
    session.checkpoint().await.unwrap();
    let serial = session.state().serial;
    session.forget(&address, None).await.unwrap();
    drop(session);
    let session = open().await.unwrap();
    assert!(session.state().object(&address).is_none(), "what was noted counts");
    assert_eq!(session.state().serial.0, serial.0 + 1);
    session.close().await;
    let looked = Session::look(place.one(), &world, Trust::Checked).await.unwrap();
    assert_eq!((looked.state().serial.0, looked.state().outputs.len()), (serial.0 + 1, 1));
}

static ANN: LazyLock<LockHolder> = LazyLock::new(|| holder("ann"));

fn object() -> ObjectRecord {
    ObjectRecord {
        status: ObjectStatus::Ready,
        schema_version: 0,
        attributes: Value::object([("id", Value::from("s-1"))]).into(),
        sensitive: Vec::new(),
        dependencies: Dependencies::default(),
        create_before_destroy: false,
    }
}
