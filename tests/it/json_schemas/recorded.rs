//! What a real Terraform printed for a configuration with a bit of everything
//! (`tests/data/terraform`, `record` there): it fits our schemas, and each key of it is in the same
//! place of what we print.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use serde_json::Value as Json;

use super::{misfits, misfits_of_output};
use crate::support::{Sandbox, copy_tree, repository};

/// What was recorded, by file, with the schema it fits and what prints ours.
const RECORDED: [(&str, &str); 8] = [
    ("plan-events.jsonl", "event"),
    ("plan.json", "plan"),
    ("apply-events.jsonl", "event"),
    ("state.json", "state"),
    ("output.json", "output"),
    ("validate.json", "validate"),
    ("modules.json", "modules"),
    ("version.json", "version"),
];

fn folder() -> PathBuf {
    repository().join("tests/data/terraform")
}

fn documents(text: &str, schema: &str) -> Vec<Json> {
    if schema == "event" {
        return text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    }
    vec![serde_json::from_str(text).unwrap()]
}

/// The same run of ours: every text, in the order of `RECORDED`.
fn ours() -> Vec<String> {
    let sandbox = Sandbox::empty();
    let print = |line: &str| {
        let output = sandbox.quietly(line).succeeded();
        let words: Vec<_> = line.split(' ').collect();
        assert_eq!(misfits_of_output(&words, &output.stdout), Vec::<String>::new(), "{line}");
        output.stdout
    };
    copy_tree(&folder().join("before"), &sandbox.path(""));
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.quietly("taint terraform_data.tainted").succeeded();
    copy_tree(&folder().join("rich"), &sandbox.path(""));
    [
        "plan -json -out=saved",
        "show -json saved",
        "apply -json saved",
        "show -json",
        "output -json",
        "validate -json",
        "modules -json",
        "version -json",
    ]
    .map(print)
    .into()
}

/// Every place where there is a key. Items of lists go by the address they have, events by kind and
/// address.
fn places(value: &Json, at: &str, found: &mut BTreeSet<String>) {
    match value {
        Json::Object(members) => {
            for (name, part) in members {
                let at = format!("{at}.{name}");
                // Parts of shapes that say nothing may be left out.
                if !says_nothing(&at, part) {
                    places(part, &at, found);
                    found.insert(at);
                }
            }
        }
        Json::Array(items) => {
            for item in items {
                places(item, &format!("{at}[{}]", name_of(item)), found);
            }
        }
        _ => {}
    }
}

fn says_nothing(at: &str, part: &Json) -> bool {
    let is_shape = ["sensitive", "sensitive_values", "unknown"];
    let empty = *part == Json::Bool(false)
        || part.as_object().is_some_and(serde_json::Map::is_empty)
        || part.as_array().is_some_and(|part| part.iter().all(|part| *part == false));
    empty && is_shape.iter().any(|word| at.contains(word))
}

fn name_of(item: &Json) -> String {
    let text = |place: &str| item.pointer(place).and_then(Json::as_str);
    let address =
        ["/address", "/address/to_display", "/hook/resource/addr", "/change/resource/addr"];
    let address = address.iter().find_map(|place| text(place)).unwrap_or_default();
    match text("/@level").and(text("/type")) {
        Some(kind) => format!("{kind} {address}"),
        None => address.to_owned(),
    }
}

#[test]
fn what_terraform_prints_fits() {
    for (name, schema) in RECORDED {
        let text = fs::read_to_string(folder().join(name)).unwrap();
        for document in documents(&text, schema) {
            assert_eq!(misfits(schema, &document), Vec::<String>::new(), "{name}");
        }
    }
}

#[test]
fn every_key_of_terraform_is_in_its_place() {
    let mut seen = 0;
    for ((name, schema), ours) in RECORDED.into_iter().zip(ours()) {
        let text = fs::read_to_string(folder().join(name)).unwrap();
        let (mut theirs, mut own) = (BTreeSet::new(), BTreeSet::new());
        places(&documents(&text, schema).into(), "", &mut theirs);
        places(&documents(&ours, schema).into(), "", &mut own);
        let missing: Vec<_> = theirs.difference(&own).collect();
        assert!(missing.is_empty(), "{name}: {missing:#?}");
        seen += theirs.len();
    }
    assert!(seen > 500, "only {seen} keys were compared");
}
