//! States in a real PostgreSQL.

use std::sync::Arc;
use std::time::Duration;

use snapform::sdk::Environment;
use snapform::state::backend::{Backend, BackendError, Contents, Kind, PgKind, Replacement, Store};
use snapform::state::read_state;
use snapform::value::Value;

use super::cluster::Cluster;
use super::suite::{self, Place, holder, state, within};
use super::{skip, skip_judgement, terraform};

/// The shared cluster, with a database for a test.
fn cluster(test: &str, database: &str) -> Option<Arc<Cluster>> {
    let cluster = Cluster::shared().map_err(|reason| skip(test, &reason)).ok()?;
    cluster.make(database);
    Some(cluster)
}

/// A server, and the lines of a `backend` block that mean a state in it.
pub(crate) fn site(database: &str) -> Option<(Arc<Cluster>, String)> {
    let cluster = cluster("a state in a database", database)?;
    let block = format!("conn_str = \"{}\"\nlease = \"2s\"\n", cluster.connection(database));
    Some((cluster, block))
}

fn store(cluster: &Cluster, database: &str) -> Box<dyn Store> {
    let settings = [
        ("conn_str", Value::from(cluster.connection(database).as_str())),
        ("schema_name", Value::from("our \"own\"")),
        ("lease", Value::from("2s")),
    ];
    let store = PgKind.configure(&Value::object(settings), &Environment::new());
    store.unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn backend(cluster: &Cluster, database: &str) -> Box<dyn Backend> {
    store(cluster, database).workspace("default").unwrap()
}

/// What Terraform is told.
fn settings(cluster: &Cluster, database: &str) -> [(&'static str, String); 2] {
    [("conn_str", cluster.connection(database)), ("schema_name", "our \"own\"".to_owned())]
}

#[test]
fn a_database_keeps_the_rules() {
    let Some(cluster) = cluster("a_database_keeps_the_rules", "rules") else { return };
    let place = Place {
        lease: Some(Duration::from_secs(2)),
        ..Place::new(move || backend(&cluster, "rules"))
    };
    suite::run(&place);
}

#[test]
fn workspaces_are_rows() {
    let Some(cluster) = cluster("workspaces_are_rows", "workspaces") else { return };
    within(async {
        let store = store(&cluster, "workspaces");
        assert_eq!(store.workspaces().await, Ok(vec!["default".to_owned()]));
        for name in ["b", "a"] {
            let backend = store.workspace(name).unwrap();
            let mut hold = backend.lock(&holder("ann")).await.unwrap();
            let kept = state(1, name);
            let next = Replacement { state: Some(&kept), journal: b"base\n", previous: None };
            hold.replace(next).await.unwrap();
            let other = store.workspace("c").unwrap();
            other.lock(&holder("bob")).await.unwrap().release().await;
            hold.release().await;
        }
        let names = ["a", "b", "c", "default"].map(str::to_owned).to_vec();
        assert_eq!(store.workspaces().await, Ok(names));
        store.delete("a").await.unwrap();
        let gone = store.workspace("a").unwrap().read().await;
        assert_eq!(gone, Ok(Contents::default()));
        let names = ["b", "c", "default"].map(str::to_owned).to_vec();
        assert_eq!(store.workspaces().await, Ok(names));
    });
}

/// Ends the sessions of all who hold locks.
const END_ALL: &str =
    "SELECT pg_terminate_backend(process) FROM \"our \"\"own\"\"\".snapform_leases";

/// A server that restarts, or whoever stands between, ends a session: the holder goes on with a new
/// one, because its lease still runs.
#[test]
fn a_broken_connection_is_no_lost_lock() {
    let Some(cluster) = cluster("a_broken_connection_is_no_lost_lock", "broken") else { return };
    within(async {
        let (first, second) = (backend(&cluster, "broken"), backend(&cluster, "broken"));
        let mut hold = first.lock(&holder("ann")).await.unwrap();
        hold.append(b"one\n").await.unwrap();
        for line in [&b"two\n"[..], b"three\n"] {
            let _ = cluster.sql("broken", END_ALL);
            hold.append(line).await.unwrap();
            assert!(matches!(
                second.lock(&holder("bob")).await.err(),
                Some(BackendError::Locked(_))
            ));
        }
        let kept = state(1, "kept");
        let _ = cluster.sql("broken", END_ALL);
        let next = Replacement { state: Some(&kept), journal: b"base\n", previous: None };
        hold.replace(next).await.unwrap();
        let found = Contents { state: Some(kept), journal: b"base\n".to_vec() };
        assert_eq!(hold.read().await, Ok(found));
        hold.release().await;
        second.lock(&holder("bob")).await.unwrap().release().await;
    });
}

#[test]
fn terraform_and_we_read_and_lock_the_same_row() {
    let test = "terraform_and_we_read_and_lock_the_same_row";
    let Some(cluster) = cluster(test, "shared") else { return };
    let Some(terraform) = terraform::find() else { return skip_judgement(test) };
    let settings = settings(&cluster, "shared");
    let ours = || backend(&cluster, "shared");
    let folder = terraform.folder("pg", &settings);
    within(async {
        let mut hold = ours().lock(&holder("ann")).await.unwrap();
        hold.append(b"line\n").await.unwrap();
        folder.apply("zero").fails().says("already locked");
        hold.release().await;
    });
    folder.apply("one").succeeds();
    within(async {
        let mut hold = ours().lock(&holder("ann")).await.unwrap();
        let kept = hold.read().await.unwrap();
        let read = read_state(&kept.state.unwrap()).unwrap();
        assert_eq!((read.outputs.len(), &*kept.journal), (1, &b"line\n"[..]));
        folder.apply("two").fails().says("already locked");
        let next = state(read.serial.0 + 1, "ours");
        hold.replace(Replacement { state: Some(&next), journal: b"", previous: None })
            .await
            .unwrap();
        hold.release().await;
    });
    folder.output().succeeds().says("ours ü }");
    folder.apply("three").succeeds();
}

/// Terraform's lock has no sign of life: it stays however long it lasts.
#[test]
fn the_lock_of_a_terraform_is_respected_and_named() {
    let test = "the_lock_of_a_terraform_is_respected_and_named";
    let Some(terraform) = terraform::find() else { return skip_judgement(test) };
    for (database, is_new) in [("of_row", false), ("of_creation", true)] {
        let Some(cluster) = cluster(test, database) else { return };
        let settings = settings(&cluster, database);
        let folder = terraform.folder("pg", &settings);
        if !is_new {
            folder.apply("one").succeeds();
        }
        let mut slow = folder.apply_slowly(4);
        within(async {
            let backend = backend(&cluster, database);
            // Whoever tries before it has the lock would be in its way.
            while backend.holder().await.unwrap().is_none() {
                assert!(slow.try_wait().unwrap().is_none(), "it ended without a lock");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let mut seen = 0;
            while slow.try_wait().unwrap().is_none() {
                match backend.lock(&holder("ann")).await {
                    Ok(hold) => hold.release().await,
                    Err(BackendError::Locked(Some(found))) if found.command == "terraform" => {
                        assert_eq!(found.user, "ops");
                        seen += 1;
                    }
                    Err(error) => panic!("{error:?}"),
                }
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
            assert!(seen >= 3, "{database}: its lock was seen {seen} times");
            backend.lock(&holder("ann")).await.unwrap().release().await;
        });
        assert!(slow.wait().unwrap().success());
    }
}

#[test]
fn connections_are_as_safe_as_the_settings_say() {
    let test = "connections_are_as_safe_as_the_settings_say";
    let Some(cluster) = cluster(test, "encrypted") else { return };
    let Some((_, authority)) = cluster.encrypted("localhost", "encrypted") else {
        return skip(test, "there is no openssl");
    };
    let connect = |host: &str, settings: String| {
        let (connection, _) = cluster.encrypted(host, "encrypted").unwrap();
        let settings = [("conn_str", Value::from(format!("{connection}?{settings}").as_str()))];
        let store = PgKind.configure(&Value::object(settings), &Environment::new()).unwrap();
        store.workspace("default").unwrap()
    };
    let known = format!("sslrootcert={authority}");
    for (host, settings, is_accepted) in [
        ("127.0.0.1", "sslmode=disable".to_owned(), true),
        ("127.0.0.1", String::new(), true),
        ("127.0.0.1", "sslmode=verify-ca".to_owned(), false),
        ("localhost", "sslmode=verify-full".to_owned(), false),
        ("localhost", format!("sslmode=verify-full&{known}"), true),
        ("127.0.0.1", format!("sslmode=verify-full&{known}"), false),
        ("127.0.0.1", format!("sslmode=verify-ca&{known}"), true),
        ("127.0.0.1", known.clone(), true),
    ] {
        let backend = connect(host, settings.clone());
        within(async {
            let read = backend.read().await;
            assert_eq!(read.is_ok(), is_accepted, "{host} {settings}: {read:?}");
            let encrypted = "SELECT count(*) FROM pg_stat_ssl WHERE ssl";
            let expected = u32::from(is_accepted && settings != "sslmode=disable").to_string();
            assert_eq!(cluster.sql("encrypted", encrypted), expected, "{host} {settings}");
        });
    }
}

/// Whoever may write rows and make nothing can go on with what others made.
#[test]
fn a_user_who_may_make_nothing_uses_what_is_there() {
    let Some(cluster) = cluster("a_user_who_may_make_nothing_uses_what_is_there", "narrow") else {
        return;
    };
    within(async {
        let taken = backend(&cluster, "narrow").lock(&holder("ann")).await.unwrap();
        taken.release().await;
        let _ = cluster.sql(
            "narrow",
            "CREATE ROLE clerk LOGIN; GRANT USAGE ON SCHEMA \"our \"\"own\"\"\" TO clerk; \
             GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA \"our \"\"own\"\"\" \
             TO clerk",
        );
        let connection = cluster.connection("narrow").replace("user=ops", "user=clerk");
        let settings = [
            ("conn_str", Value::from(connection.as_str())),
            ("schema_name", Value::from("our \"own\"")),
        ];
        let store = PgKind.configure(&Value::object(settings), &Environment::new()).unwrap();
        let mut hold = store.workspace("default").unwrap().lock(&holder("bob")).await.unwrap();
        hold.append(b"line\n").await.unwrap();
        hold.release().await;
    });
}

#[test]
fn settings_are_checked() {
    let configure = |name: &'static str, value: &str| {
        let settings = Value::object([(name, Value::from(value))]);
        PgKind.configure(&settings, &Environment::new()).err().unwrap_or_default()
    };
    assert!(configure("conn_str", "postgres://ann@h/d").is_empty());
    for (name, value) in [
        ("conn_str", "postgres://ann:secret@h/d?sslmode=maybe"),
        ("conn_str", "secret"),
        ("lease", "10ms"),
    ] {
        let problems = configure(name, value);
        assert!(
            !problems.is_empty() && !format!("{problems:?}").contains("secret"),
            "{problems:?}"
        );
    }
}
