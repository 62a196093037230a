//! What encryption keeps secret, what it finds out, and what it leaves as it was.

use super::super::MemoryBackend;
use super::*;
use crate::addr::{InstanceAddr, InstanceKey, ProviderConfigAddr, ResourceAddr};
use crate::sdk::auth::Secret;
use crate::sdk::seal::{KeySource, Keys};
use crate::state::{
    JournalError, Listing, NewIntent, ObjectRecord, ObjectStatus, Operation, Session, SessionError,
    Settled, State, Trust,
};
use crate::value::Value;
use crate::world::{Timestamp, World};

const CANARY: &str = "canary-in-the-mine";

fn keys(current: u8, previous: Option<u8>) -> Arc<Keyring> {
    let key = |byte: u8| KeySource::key(&Secret::from(format!("{byte:02x}").repeat(32)));
    Arc::new(Keyring::loading(move || {
        Ok(Keys { current: key(current), previous: previous.and_then(key) })
    }))
}

fn address() -> InstanceAddr {
    ResourceAddr::managed("t_a", "x").instance(InstanceKey::None)
}

fn object(text: &str) -> ObjectRecord {
    ObjectRecord {
        status: ObjectStatus::Ready,
        schema_version: 0,
        attributes: Value::object([("id", Value::from(text))]).into(),
        sensitive: Vec::new(),
        dependencies: crate::state::Dependencies::default(),
        create_before_destroy: false,
    }
}

async fn open(memory: &MemoryBackend, keys: Arc<Keyring>) -> Result<Session, SessionError> {
    let backend = Box::new(Sealed::new(Box::new(memory.clone()), keys));
    Session::open_without_lock(backend, &World::real(), Trust::Checked).await
}

async fn look(contents: Contents, keys: Arc<Keyring>) -> Result<Arc<State>, SessionError> {
    let memory = MemoryBackend::default();
    put(&memory, contents).await;
    let backend = Box::new(Sealed::new(Box::new(memory), keys));
    Ok(Session::look(backend, &World::real(), Trust::Checked).await?.state())
}

async fn put(memory: &MemoryBackend, contents: Contents) {
    let Contents { state, journal } = contents;
    let next = Replacement { state: state.as_deref(), journal: &journal, previous: None };
    memory.without_lock().await.unwrap().replace(next).await.unwrap();
}

async fn raw(memory: &MemoryBackend) -> Contents {
    memory.read().await.unwrap()
}

/// Notes a create; its outcome follows where `ends`.
async fn make(session: &Session, text: &str, ends: bool) {
    let provider = ProviderConfigAddr::default_of("t");
    let intent = NewIntent {
        operation: Operation::Create,
        address: &address(),
        deposed: None,
        provider: &provider,
        object: object(text),
        search: serde_json::Value::from(text),
    };
    let id = session.intend(intent, Timestamp::EPOCH).await.unwrap();
    if ends {
        session.settle(id, Settled::Object(Box::new(object(text)))).await.unwrap();
    }
}

/// A state that was saved, and a journal that goes on from it.
async fn kept(keys: &Arc<Keyring>) -> MemoryBackend {
    let memory = MemoryBackend::default();
    let session = open(&memory, Arc::clone(keys)).await.unwrap();
    make(&session, CANARY, true).await;
    session.checkpoint().await.unwrap();
    make(&session, &format!("{CANARY}-2"), false).await;
    memory
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test(start_paused = true)]
async fn nothing_is_kept_in_the_clear_and_everything_comes_back() {
    let memory = kept(&keys(1, None)).await;
    let Contents { state, journal } = raw(&memory).await;
    for bytes in [state.as_deref().unwrap(), &journal] {
        assert!(!holds(bytes, CANARY) && !holds(bytes, "lineage") && !holds(bytes, "t_a"));
    }
    assert!(holds(state.as_deref().unwrap(), "\"snapform_encrypted\": 1,"));
    assert!(serde_json::from_slice::<serde_json::Value>(state.as_deref().unwrap()).is_ok());
    let session = open(&memory, keys(1, None)).await.unwrap();
    assert_eq!(session.open_intents().len(), 1);
    assert_eq!(session.state().object(&address()), Some(&object(CANARY)));
    session.close().await;
    let looked = Listing::look(Box::new(Sealed::new(Box::new(memory), keys(1, None)))).await;
    assert!(looked.is_none(), "an open intent is in the journal");
}

#[tokio::test(start_paused = true)]
async fn addresses_are_listed_without_what_is_recorded() {
    let memory = MemoryBackend::default();
    let session = open(&memory, keys(1, None)).await.unwrap();
    make(&session, CANARY, true).await;
    session.checkpoint().await.unwrap();
    let listing = Listing::look(Box::new(Sealed::new(Box::new(memory.clone()), keys(1, None))))
        .await
        .unwrap();
    assert_eq!(listing.instances().collect::<Vec<_>>(), [address()]);
    assert!(Listing::look(Box::new(Sealed::new(Box::new(memory), keys(2, None)))).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn without_the_key_nothing_is_read_and_nothing_written() {
    let memory = kept(&keys(1, None)).await;
    let before = raw(&memory).await;
    for (keys, is_none) in [(Arc::default(), true), (keys(2, None), false)] {
        let Err(SessionError::Backend(BackendError::Sealed { reason, .. })) =
            open(&memory, keys).await
        else {
            panic!("it was opened");
        };
        assert_eq!(matches!(reason, SealError::NoKey { .. }), is_none);
        assert!(reason.advice().unwrap().contains("SNAPFORM_STATE_KEY"));
    }
    assert_eq!(raw(&memory).await, before);
    // The journal alone is enough to be refused.
    let alone = Contents { state: None, ..before };
    assert!(look(alone, Arc::default()).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn no_bit_of_state_or_journal_changes_unnoticed() {
    let whole = raw(&kept(&keys(1, None)).await).await;
    let good = look(whole.clone(), keys(1, None)).await.unwrap();
    let (state, journal) = (whole.state.clone().unwrap(), whole.journal.clone());
    for bit in 0..state.len() * 8 {
        let mut changed = state.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let changed = Contents { state: Some(changed), journal: journal.clone() };
        assert!(look(changed, keys(1, None)).await.is_err(), "bit {bit} of the state");
    }
    for length in 0..state.len() {
        let cut = Contents { state: Some(state[..length].to_vec()), journal: journal.clone() };
        assert!(look(cut, keys(1, None)).await.is_err(), "{length} bytes of the state");
    }
    for bit in 0..journal.len() * 8 {
        let mut changed = journal.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let changed = Contents { state: Some(state.clone()), journal: changed };
        if let Ok(found) = look(changed, keys(1, None)).await {
            assert_eq!(found, good, "bit {bit} of the journal");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_torn_journal_is_cut_off_at_every_byte_and_goes_on() {
    let memory = kept(&keys(1, None)).await;
    let whole = raw(&memory).await;
    let lines: Vec<_> =
        whole.journal.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::len).collect();
    assert_eq!(lines.len(), 2, "a saved state's first line, and an intent");
    for length in lines[0] - 1..whole.journal.len() {
        let torn = Contents { journal: whole.journal[..length].to_vec(), ..whole.clone() };
        put(&memory, torn).await;
        let session = open(&memory, keys(1, None)).await.unwrap();
        // A line is there once all but its line break is.
        let is_there = length >= whole.journal.len() - 1;
        assert_eq!(session.open_intents().len(), usize::from(is_there), "{length}");
        make(&session, "next", false).await;
        drop(session);
        let again = open(&memory, keys(1, None)).await.unwrap();
        assert_eq!(again.open_intents().len(), 1 + usize::from(is_there), "{length}");
    }
}

#[tokio::test(start_paused = true)]
async fn clear_lines_are_only_read_before_sealed_ones() {
    let clear = kept(&Arc::default()).await;
    let mut mixed = raw(&clear).await;
    let line = mixed.journal.clone();
    assert!(look(mixed.clone(), keys(1, None)).await.is_ok());
    let session = open(&clear, keys(1, None)).await.unwrap();
    make(&session, "sealed", false).await;
    mixed = raw(&clear).await;
    assert!(look(mixed.clone(), keys(1, None)).await.is_ok());
    mixed.journal.extend(line);
    let refused = look(mixed, keys(1, None)).await;
    assert!(
        matches!(refused, Err(SessionError::Journal { reason: JournalError::Damaged { .. }, .. })),
        "{refused:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_in_the_clear_is_sealed_and_an_older_key_replaced_at_the_next_save() {
    let memory = MemoryBackend::default();
    let session = open(&memory, Arc::default()).await.unwrap();
    make(&session, CANARY, true).await;
    session.checkpoint().await.unwrap();
    let serial = session.state().serial;
    for (keys, older) in [(keys(1, None), None), (keys(2, Some(1)), Some(keys(1, None)))] {
        let session = open(&memory, Arc::clone(&keys)).await.unwrap();
        session.checkpoint().await.unwrap();
        assert_eq!(session.state().serial, serial, "nothing changed but the form");
        let now = raw(&memory).await;
        assert!(!holds(&now.journal, "lineage") && !holds(now.state.as_ref().unwrap(), CANARY));
        session.checkpoint().await.unwrap();
        assert_eq!(raw(&memory).await, now, "once is enough");
        assert!(look(now.clone(), keys).await.is_ok());
        if let Some(older) = older {
            assert!(look(now, older).await.is_err());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_stands_in_for_the_state_that_was_saved() {
    let key = || keys(1, None);
    let memory = kept(&key()).await;
    let older = raw(&memory).await;
    let session = open(&memory, key()).await.unwrap();
    make(&session, "later", true).await;
    session.checkpoint().await.unwrap();
    let newer = raw(&memory).await;
    let other = raw(&kept(&key()).await).await;
    let plan = key().seal(Purpose::Plan, b"a plan".to_vec()).unwrap();
    let with = |state: &[u8]| Contents { state: Some(state.to_vec()), ..newer.clone() };
    let put_back = look(with(older.state.as_ref().unwrap()), key()).await;
    assert!(
        matches!(put_back, Err(SessionError::Journal { reason: JournalError::Older { .. }, .. })),
        "{put_back:?}"
    );
    let foreign = look(with(other.state.as_ref().unwrap()), key()).await;
    assert!(
        matches!(foreign, Err(SessionError::Journal { reason: JournalError::Foreign { .. }, .. })),
        "{foreign:?}"
    );
    let kind = look(with(&plan), key()).await;
    assert!(
        matches!(
            &kind,
            Err(SessionError::Backend(BackendError::Sealed {
                reason: SealError::Purpose { found: Purpose::Plan, .. },
                ..
            }))
        ),
        "{kind:?}"
    );
    assert!(look(with(&newer.journal), key()).await.is_err());
    let state = newer.state.clone();
    for journal in [other.journal, newer.state.clone().unwrap(), plan] {
        assert!(look(Contents { state: state.clone(), journal }, key()).await.is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn a_state_that_cannot_be_opened_gives_way_to_one_that_is_forced_on_it() {
    let memory = MemoryBackend::default();
    let session = open(&memory, keys(1, None)).await.unwrap();
    make(&session, CANARY, true).await;
    session.checkpoint().await.unwrap();
    let good = session.state();
    let mut damaged = raw(&memory).await;
    damaged.state.as_mut().unwrap()[300] ^= 1;
    put(&memory, damaged).await;
    assert!(open(&memory, keys(1, None)).await.is_err());
    let backend = Box::new(Sealed::new(Box::new(memory.clone()), keys(1, None)));
    let forced = Session::open_without_lock(backend, &World::real(), Trust::AsFound).await.unwrap();
    assert!(matches!(forced.doubt(), Some(SessionError::Backend(BackendError::Sealed { .. }))));
    forced.replace(State::clone(&good)).await.unwrap();
    assert_eq!(*look(raw(&memory).await, keys(1, None)).await.unwrap(), *good);
}
