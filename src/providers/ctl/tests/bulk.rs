//! Reading many objects, with the ledger as the judge.

use std::collections::BTreeSet;

use crate::sdk::emulator::{LedgerEntry, LedgerOperation};

use super::document::{CREATE, log_in};
use super::*;

const MANY: usize = 100;

fn server(index: usize) -> String {
    format!("wa1aliasdb{index:03}")
}

fn send(bench: &Bench, token: &str, method: Method, path: &str, body: &Json) -> Vec<LedgerEntry> {
    let request = bench.request(method, path).header("Authorization", format!("Bearer {token}"));
    let (response, entries) = bench.raw(&request.json(body));
    assert_eq!(response.status, 200, "{path}");
    entries
}

/// Snapshots of so many servers as state would hold them, made behind the provider's back.
async fn many(bench: &Bench, token: &str) -> Vec<Object> {
    let mut objects = Vec::new();
    for index in 0..MANY {
        let body = json!({ "snapshotExpirationDays": 10, "serverIds": [server(index)] });
        let made = send(bench, token, Method::Post, CREATE, &body);
        assert_eq!(made[0].operation, LedgerOperation::Create);
        let object = json!({
            "server_id": server(index).to_uppercase(), "expiration_days": 10,
            "account_alias": ALIAS, "id": format!("alias/{}", made[0].id), "snapshot_id": "1",
        });
        objects.push(serde_json::from_value(object).unwrap());
    }
    bench.pass(60).await;
    let snapshot = provider(bench);
    let readings = snapshot.read_many(&bench.context(), objects).await;
    let present = readings.into_iter().map(|reading| match reading.unwrap() {
        Reading::Present(object) => object,
        other => panic!("{other:?}"),
    });
    present.collect()
}

/// The ids that are there, and those that are gone.
fn sorted(readings: Vec<Result<Reading<Object>, crate::sdk::ProviderError>>) -> BTreeSet<String> {
    let present = readings.into_iter().filter_map(|reading| match reading.unwrap() {
        Reading::Present(object) => Some(object.id),
        Reading::Gone => None,
        other => panic!("{other:?}"),
    });
    present.collect()
}

fn looks(bench: &Bench) -> (usize, usize) {
    let lines = bench.requests();
    let single = lines.iter().filter(|line| line.starts_with("GET /v2/servers/")).count();
    (lines.len(), single)
}

#[tokio::test]
async fn a_hundred_objects_take_a_handful_of_requests() {
    let bench = bench(&[]);
    let token = log_in(&bench);
    let objects = many(&bench, &token).await;
    let snapshot = provider(&bench);
    bench.requests();
    let readings = snapshot.read_many(&bench.context(), objects.clone()).await;
    // The login, the data centre, its tree.
    assert_eq!(looks(&bench), (3, 0));
    let all: BTreeSet<_> = objects.iter().map(|object| object.id.clone()).collect();
    assert_eq!(sorted(readings), all);
    let mut held = all;
    for index in [0, 41, 99] {
        let path = format!("/v2/servers/alias/{}/snapshots/1", server(index));
        for entry in send(&bench, &token, Method::Delete, &path, &json!({})) {
            assert_eq!(entry.operation, LedgerOperation::Delete);
            assert!(held.remove(&format!("alias/{}", entry.id)));
        }
    }
    bench.pass(60).await;
    let readings = snapshot.read_many(&bench.context(), objects).await;
    // What the tree no longer shows is asked for once more.
    assert_eq!(looks(&bench), (5, 3));
    assert_eq!(sorted(readings), held);
}

#[tokio::test]
async fn a_tree_that_lags_makes_nothing_look_gone() {
    let bench = bench(&[("tree_lag_seconds", 3600)]);
    let objects = many(&bench, &log_in(&bench)).await;
    let snapshot = provider(&bench);
    bench.requests();
    let readings = snapshot.read_many(&bench.context(), objects.clone()).await;
    assert_eq!(sorted(readings).len(), MANY);
    assert_eq!(looks(&bench).1, MANY);
    bench.pass(3600).await;
    let readings = snapshot.read_many(&bench.context(), objects).await;
    assert_eq!(sorted(readings).len(), MANY);
    assert_eq!(looks(&bench), (2, 0));
}

#[tokio::test]
async fn where_groups_are_shut_each_server_is_asked() {
    let bench = bench(&[("tree_access", 0)]);
    let objects = many(&bench, &log_in(&bench)).await;
    bench.requests();
    let readings = provider(&bench).read_many(&bench.context(), objects).await;
    assert_eq!(sorted(readings).len(), MANY);
    assert_eq!(looks(&bench).1, MANY);
}

#[tokio::test]
async fn what_has_expired_or_is_untold_takes_no_second_look() {
    let bench = bench(&[]);
    let objects = many(&bench, &log_in(&bench)).await;
    let archived = &objects[7];
    put_server(&bench, &archived.server_id.to_lowercase(), json!({ "status": "archived" }));
    put_server(&bench, &objects[8].server_id.to_lowercase(), json!({ "missing": true }));
    let snapshot = provider(&bench);
    bench.requests();
    let readings = snapshot.read_many(&bench.context(), objects.clone()).await;
    assert!(matches!(readings[7], Ok(Reading::NotVerifiable(..))), "{:?}", readings[7]);
    assert_eq!(readings[8], Ok(Reading::Gone));
    assert_eq!(looks(&bench).1, 1, "only the server that the tree lacks");
    bench.pass(10 * 24 * 3600).await;
    let readings = snapshot.read_many(&bench.context(), objects).await;
    let expired = readings.iter().filter(|reading| **reading == Ok(Reading::Expired)).count();
    assert_eq!(expired, MANY - 1);
    assert_eq!(looks(&bench).1, 1);
}

#[tokio::test]
async fn each_data_center_has_its_tree_and_a_few_servers_need_none() {
    let bench = bench(&[]);
    let snapshot = provider(&bench);
    let mut objects = Vec::new();
    for index in 0..8 {
        let center = if index < 5 { "wa1" } else { "ca1" };
        let json = json!({ "server_id": format!("{center}aliasdb{index}"), "expiration_days": 7 });
        let arguments = serde_json::from_value(json).unwrap();
        objects.push(create_with(&bench, &snapshot, arguments).await.unwrap());
    }
    bench.requests();
    let readings = snapshot.read_many(&bench.context(), objects).await;
    assert_eq!(sorted(readings).len(), 8);
    let lines = bench.requests();
    assert_eq!(lines[0], "GET /v2/datacenters/alias/wa1");
    assert_eq!(lines.iter().filter(|line| line.contains("/groups/")).count(), 1);
    assert_eq!(lines.iter().filter(|line| line.contains("/servers/alias/ca1")).count(), 3);
    assert_eq!(lines.len(), 5);
}
