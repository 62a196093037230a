//! What really happened at the vendors, held against what is recorded.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value as Json;

use crate::support::{EMULATED_STATE, Sandbox};

/// The vendor's id of every object in state, by vendor.
pub(super) fn in_state(sandbox: &Sandbox) -> Vec<(String, String)> {
    let mut ids = Vec::new();
    for resource in sandbox.state()["resources"].as_array().unwrap() {
        let kind = resource["type"].as_str().unwrap();
        let vendor = kind.split('_').next().unwrap();
        for instance in resource["instances"].as_array().unwrap() {
            let attributes = &instance["attributes"];
            let id = if vendor == "ctl" { &attributes["snapshot_id"] } else { &attributes["id"] };
            let id = id.as_str().unwrap().to_owned();
            let id = match vendor {
                "ctl" => {
                    format!("{}/{id}", attributes["server_id"].as_str().unwrap().to_lowercase())
                }
                _ => id,
            };
            ids.push((vendor.to_owned(), id));
        }
    }
    ids
}

/// The same of every object that the ledger says exists.
pub(super) fn at_the_vendors(ledger: &[Json]) -> Vec<(String, String)> {
    let mut ids = Vec::new();
    for entry in ledger {
        let text = |name: &str| entry[name].as_str().unwrap().to_owned();
        let id = match &*text("vendor") {
            "ctl" => {
                let id = text("id");
                let last = id.rsplit('/').next().unwrap().to_owned();
                format!("{}/{last}", text("source").to_lowercase())
            }
            _ => text("id"),
        };
        let object = (text("vendor"), id);
        match entry["operation"].as_str().unwrap() {
            "create" => ids.push(object),
            "delete" | "expire" => ids.retain(|known| *known != object),
            _ => {}
        }
    }
    ids
}

/// How often each thing was made, by vendor, source and name.
pub(super) fn creates(ledger: &[Json]) -> BTreeMap<(String, String, String), usize> {
    let mut counts = BTreeMap::new();
    for entry in ledger.iter().filter(|entry| entry["operation"] == "create") {
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        // A server's snapshot is named by the vendor, so its source alone tells it.
        let name = if entry["vendor"] == "ctl" { String::new() } else { text("name") };
        *counts.entry((text("vendor"), text("source"), name)).or_default() += 1;
    }
    counts
}

/// Checks that every object that exists is in state exactly once, that nothing was made twice, and
/// that nothing is left to be done or settled.
pub(super) fn assert_settled(sandbox: &Sandbox, when: &str) {
    assert_nothing_twice(sandbox, when);
    let there = at_the_vendors(&sandbox.ledger());
    let recorded = in_state(sandbox);
    let unique: BTreeSet<_> = recorded.iter().collect();
    assert_eq!(unique.len(), recorded.len(), "{when}: in state twice");
    // What ThousandEyes cannot delete stays there when it goes out of state.
    let stays =
        |object: &&(String, String)| object.0 == "thousandeyes" && !recorded.contains(object);
    let expected: BTreeSet<_> = there.iter().filter(|object| !stays(object)).collect();
    assert_eq!(unique, expected, "{when}: what is recorded, and what is there");
    assert!(sandbox.nothing_open(EMULATED_STATE), "{when}: the journal is not empty");
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
}

/// Checks that nothing was made more than once.
pub(super) fn assert_nothing_twice(sandbox: &Sandbox, when: &str) {
    let twice: Vec<_> =
        creates(&sandbox.ledger()).into_iter().filter(|(_, count)| *count > 1).collect();
    assert!(twice.is_empty(), "{when}: made more than once: {twice:?}");
}

/// Checks that nothing is there any more but what cannot be deleted.
pub(super) fn assert_nothing_left(sandbox: &Sandbox) {
    let left = at_the_vendors(&sandbox.ledger());
    assert!(left.iter().all(|(vendor, _)| vendor == "thousandeyes"), "{left:?}");
}
