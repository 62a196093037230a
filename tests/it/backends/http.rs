//! State on an HTTP server, with all habits that servers have.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;
use snapform::sdk::Environment;
use snapform::state::backend::{Backend, BackendError, HttpKind, Kind, Replacement, lock_within};
use snapform::state::read_state;
use snapform::value::Value;

use super::server::{Habits, Server};
use super::suite::{self, Names, Place, holder, state, within};
use super::{skip_judgement, terraform};

const PLAIN: Habits = Habits { compares: false, pretends: false, is_gitlab: false };
const COMPARING: Habits = Habits { compares: true, ..PLAIN };
const PRETENDING: Habits = Habits { pretends: true, ..PLAIN };
const GITLAB: Habits = Habits { is_gitlab: true, pretends: true, ..PLAIN };

/// How long a lease is unless somebody says otherwise.
const LEASE: Duration = Duration::from_secs(30);

/// Settings of a backend at `base`, as a block and as variables would give them.
fn settings(base: &str, habits: Habits, is_locked: bool) -> Vec<(&'static str, String)> {
    let mut all = vec![("address", format!("{base}/state"))];
    if is_locked {
        all.push(("lock_address", format!("{base}/lock")));
        all.push(("unlock_address", format!("{base}/lock")));
    }
    if habits.is_gitlab {
        all.push(("lock_method", "POST".to_owned()));
        all.push(("unlock_method", "DELETE".to_owned()));
    }
    all
}

fn backend(kind: &HttpKind, settings: &[(&'static str, String)]) -> Box<dyn Backend> {
    let mut all: Vec<_> =
        settings.iter().map(|(name, value)| (*name, Value::from(value.as_str()))).collect();
    all.push(("retry_wait_min", Value::from(0)));
    let store = kind.configure(&Value::object(all), &Environment::new());
    store.unwrap_or_else(|problems| panic!("{problems:?}")).workspace("default").unwrap()
}

fn in_memory(server: &Server, habits: Habits, is_locked: bool) -> Box<dyn Backend> {
    let kind = HttpKind::over(Arc::new(server.clone()));
    backend(&kind, &settings("http://127.0.0.1:1", habits, is_locked))
}

fn keeps_the_rules(habits: Habits, is_locked: bool) {
    let server = Server::new(habits);
    let place = Place {
        lease: Some(LEASE),
        is_paused: true,
        ..Place::new(move || in_memory(&server, habits, is_locked))
    };
    suite::run(&place);
}

#[test]
fn a_server_with_locks_keeps_the_rules() {
    keeps_the_rules(PLAIN, true);
}

#[test]
fn a_server_with_locks_and_versions_keeps_the_rules() {
    keeps_the_rules(COMPARING, true);
}

#[test]
fn a_server_with_versions_alone_keeps_the_rules() {
    keeps_the_rules(COMPARING, false);
}

#[test]
fn a_server_whose_versions_mean_nothing_keeps_the_rules() {
    keeps_the_rules(PRETENDING, true);
}

/// GitLab says of a holder only who it is, unless there is a sign of life: the suite asks for more.
#[test]
fn a_server_like_gitlab_keeps_the_rules() {
    let server = Server::new(GITLAB);
    let place = Place {
        lease: Some(LEASE),
        is_paused: true,
        lets_outsiders_in: false,
        names: Names::Vaguely,
        ..Place::new(move || in_memory(&server, GITLAB, true))
    };
    suite::run(&place);
}

#[test]
fn without_locks_and_versions_there_is_no_lock() {
    within(async {
        for habits in [PLAIN, PRETENDING] {
            let server = Server::new(habits);
            let refused = in_memory(&server, habits, false).lock(&holder("ann")).await.err();
            let Some(BackendError::Failed { reason, .. }) = refused else { panic!("{refused:?}") };
            assert!(reason.contains("lock_address"), "{reason}");
            let mut hold = in_memory(&server, habits, false).without_lock().await.unwrap();
            hold.append(b"line\n").await.unwrap();
        }
    });
}

#[test]
fn who_only_looks_or_changes_nothing_writes_nothing() {
    within(async {
        let server = Server::new(GITLAB);
        let backend = in_memory(&server, GITLAB, true);
        let mut hold = backend.lock(&holder("ann")).await.unwrap();
        hold.read().await.unwrap();
        hold.release().await;
        assert_eq!(backend.holder().await, Ok(None));
        assert_eq!((server.writes(), server.lock()), (0, None));
    });
}

#[test]
fn a_document_with_a_journal_alone_is_an_empty_state_to_others() {
    within(async {
        let server = Server::new(PLAIN);
        let mut hold = in_memory(&server, PLAIN, true).lock(&holder("ann")).await.unwrap();
        hold.append(b"line\n").await.unwrap();
        let document = server.document().unwrap();
        let json: Json = serde_json::from_str(&document).unwrap();
        assert_eq!(json["snapform"]["journal"], "line\n");
        assert_eq!(json["snapform"]["lease"]["holder"]["user"], "ann");
        assert!(read_state(document.as_bytes()).unwrap().is_empty());
        let lock = server.lock().unwrap();
        assert_eq!((&lock["Who"], &lock["Operation"]), (&"ann@ci-7".into(), &"apply".into()));
    });
}

/// A person takes the lock away from somebody who lives: nothing is written over.
#[test]
fn a_lock_that_was_taken_away_is_noticed() {
    within(async {
        let server = Server::new(PLAIN);
        let (first, second) = (in_memory(&server, PLAIN, true), in_memory(&server, PLAIN, true));
        let mut hold = first.lock(&holder("ann")).await.unwrap();
        hold.append(b"by ann\n").await.unwrap();
        server.force_unlock();
        let refused = second.lock(&holder("bob")).await.err();
        assert_eq!(refused, Some(BackendError::Locked(Some(Box::new(holder("ann"))))));
        hold.append(b"still by ann\n").await.unwrap();
        hold.release().await;
        second.lock(&holder("bob")).await.unwrap().release().await;
    });
}

#[test]
fn settings_are_checked_and_come_from_the_environment_too() {
    let configure = |settings: &[(&'static str, &str)], environment: &[(&str, &str)]| {
        let settings = settings.iter().map(|(name, value)| (*name, Value::from(*value)));
        let environment = environment.iter().map(|(name, value)| (*name, *value));
        let environment: Environment =
            environment.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        HttpKind::default().configure(&Value::object(settings), &environment)
    };
    assert!(configure(&[], &[("TF_HTTP_ADDRESS", "https://h/s")]).is_ok());
    let store = configure(&[("address", "https://h/s")], &[]).ok().unwrap();
    assert!(store.workspace("other").is_err());
    for (name, value) in [
        ("address", "http://far.example/"),
        ("update_method", "MAKE"),
        ("lease", "1"),
        ("lock_address", "https://h/lock"),
        ("client_certificate_pem", "no certificate"),
    ] {
        let mut settings = vec![("address", "https://h/s")];
        settings.retain(|(other, _)| *other != name);
        settings.push((name, value));
        let problems = configure(&settings, &[]).err().unwrap_or_default();
        assert!(!problems.is_empty(), "{name} = {value}");
    }
}

#[test]
fn terraform_and_we_read_and_lock_the_same_document() {
    let test = "terraform_and_we_read_and_lock_the_same_document";
    let Some(terraform) = terraform::find() else { return skip_judgement(test) };
    for habits in [PLAIN, COMPARING, GITLAB] {
        let server = Server::new(habits);
        let base = server.serve();
        let settings = settings(&base, habits, true);
        let ours = || backend(&HttpKind::default(), &settings);
        let folder = terraform.folder("http", &settings);
        folder.apply("one").succeeds();
        within(async {
            let mut hold = ours().lock(&holder("ann")).await.unwrap();
            let read = read_state(&hold.read().await.unwrap().state.unwrap()).unwrap();
            assert_eq!(read.outputs.len(), 1, "what Terraform wrote");
            hold.append(b"line\n").await.unwrap();
            folder.apply("two").fails().says("snapform-30000ms-").says("ann@ci-7");
            let serial = read.serial.0 + 5;
            let next = state(serial, "ours");
            let next = Replacement { state: Some(&next), journal: b"base\n", previous: None };
            hold.replace(next).await.unwrap();
            hold.release().await;
        });
        folder.output().succeeds().says("ours ü }");
        // The lineage is another one now, as far as Terraform knows nothing of the old one.
        folder.apply("three").succeeds();
        within(async {
            let kept = ours().read().await.unwrap();
            let read = read_state(&kept.state.unwrap()).unwrap();
            assert!(kept.journal.is_empty(), "Terraform keeps nothing of ours");
            assert!(format!("{:?}", read.outputs).contains("three"));
        });
    }
}

#[tokio::test(start_paused = true)]
async fn the_lock_of_a_terraform_is_never_taken_over() {
    let server = Server::new(PLAIN);
    let mut lock = serde_json::json!({ "ID": "7a9c", "Who": "eve@desk" });
    lock["Operation"] = "OperationTypeApply".into();
    lock["Created"] = "2026-01-31T12:00:00Z".into();
    server.set_lock(lock);
    let backend = in_memory(&server, PLAIN, true);
    for _ in 0..24 {
        match backend.lock(&holder("ann")).await {
            Err(BackendError::Locked(Some(found))) => {
                assert_eq!((&*found.user, &*found.command), ("eve", "terraform apply"));
            }
            other => panic!("{:?}", other.err()),
        }
        tokio::time::sleep(Duration::from_hours(1)).await;
    }
}

/// Whoever dies between the lock and the first sign of life is followed, too.
#[tokio::test(start_paused = true)]
async fn a_lock_without_any_sign_of_life_ends() {
    for habits in [PLAIN, GITLAB] {
        let server = Server::new(habits);
        drop(in_memory(&server, habits, true).lock(&holder("ann")).await.unwrap());
        assert_eq!(server.writes(), 0);
        let backend = in_memory(&server, habits, true);
        let begun = tokio::time::Instant::now();
        let hold = lock_within(&*backend, &holder("bob"), LEASE * 2).await.unwrap();
        assert!(begun.elapsed() >= LEASE && begun.elapsed() < LEASE * 5 / 4);
        hold.release().await;
        assert_eq!(server.lock(), None);
    }
}

/// An answer that is lost on its way says nothing of what was done.
#[tokio::test(start_paused = true)]
async fn lost_answers_lose_and_double_nothing() {
    for (habits, is_locked) in
        [(PLAIN, true), (COMPARING, true), (COMPARING, false), (GITLAB, true)]
    {
        let server = Server::new(habits);
        let mut hold = in_memory(&server, habits, is_locked).lock(&holder("ann")).await.unwrap();
        let mut expected = Vec::new();
        for round in 0..40 {
            let line = format!("line {round}\n").into_bytes();
            server.lose_answers(round % 5);
            if hold.append(&line).await.is_ok() {
                expected.extend(line);
            }
            server.lose_answers(0);
        }
        assert_eq!(hold.read().await.unwrap().journal, expected, "{habits:?}");
        assert!(expected.len() > 150, "{habits:?}: {}", expected.len());
        hold.release().await;
    }
}
