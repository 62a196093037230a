use std::collections::VecDeque;

use super::*;
use crate::addr::{InstanceKey, ResourceAddr};
use crate::state::backend::Outcome;
use crate::state::{LocalBackend, LockState, MemoryBackend, ObjectStatus, OutputRecord};
use crate::value::Value;

/// What is there at one look after the other.
struct Changing(Mutex<VecDeque<Contents>>);

impl Backend for Changing {
    fn place(&self) -> String {
        "changing".to_owned()
    }

    fn read(&self) -> Outcome<'_, Contents> {
        let mut looks = self.0.lock().unwrap();
        let found = if looks.len() > 1 { looks.pop_front() } else { looks.front().cloned() };
        Box::pin(async { Ok(found.unwrap_or_default()) })
    }

    fn lock<'a>(&'a self, _: &'a LockHolder) -> Outcome<'a, Box<dyn Hold>> {
        self.without_lock()
    }

    fn without_lock(&self) -> Outcome<'_, Box<dyn Hold>> {
        Box::pin(async { Err(BackendError::Locked(None)) })
    }

    fn holder(&self) -> Outcome<'_, Option<LockState>> {
        Box::pin(async { Ok(None) })
    }
}

/// A state and its journal after each of two saves.
async fn saved_twice() -> [Contents; 2] {
    let backend = MemoryBackend::default();
    let world = World::real();
    let mut saved = Vec::new();
    for text in ["one", "two"] {
        let session = Session::open_without_lock(Box::new(backend.clone()), &world, Trust::Checked);
        let session = session.await.unwrap();
        let output = OutputRecord { value: Value::from(text), sensitive: false };
        session.edit(|state| state.outputs.insert("text".into(), output));
        session.checkpoint().await.unwrap();
        saved.push(backend.read().await.unwrap());
    }
    saved.try_into().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_look_between_two_writes_is_repeated() {
    let [before, after] = saved_twice().await;
    let torn = Contents { state: before.state.clone(), journal: after.journal.clone() };
    for (looks, fits) in [
        (vec![torn.clone(), after.clone()], true),
        (vec![torn.clone(), torn.clone(), torn.clone(), after], true),
        (vec![torn], false),
    ] {
        for trust in [Trust::Checked, Trust::AsFound] {
            let backend = Box::new(Changing(Mutex::new(looks.clone().into())));
            let session = Session::look(backend, &World::real(), trust).await;
            match (fits, trust) {
                (true, _) => assert!(session.unwrap().doubt().is_none()),
                (false, Trust::Checked) => assert!(session.is_err()),
                (false, Trust::AsFound) => assert!(session.unwrap().doubt().is_some()),
            }
        }
    }
}

#[tokio::test]
async fn what_cannot_be_noted_does_not_count() {
    let folder = tempfile::tempdir().unwrap();
    let backend = Box::new(LocalBackend::new(folder.path()));
    let session =
        Session::open_without_lock(backend, &World::real(), Trust::Checked).await.unwrap();
    let address = ResourceAddr::managed("t_a", "x").instance(InstanceKey::None);
    let object = ObjectRecord {
        status: ObjectStatus::Ready,
        schema_version: 0,
        attributes: Value::object([("id", Value::from("s-1"))]).into(),
        sensitive: Vec::new(),
        dependencies: crate::state::Dependencies::default(),
        create_before_destroy: false,
    };
    let provider = ProviderConfigAddr::default_of("t");
    session.edit(|state| state.set_object(&address, &provider, None, object));
    std::fs::create_dir(folder.path().join("journal.jsonl")).unwrap();
    let key = DeposedKey("00000001".to_owned());
    assert!(session.depose(&address, &key).await.is_err());
    assert!(session.forget(&address, None).await.is_err());
    assert!(session.state().object(&address).is_some());
}
