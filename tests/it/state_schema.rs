//! `state/schema.json` describes the states that are written.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use crate::json_schemas::problems;

fn json(path: &Path) -> Json {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_sample_with_everything_fits() {
    let schema = root().join("state/schema.json");
    let sample = json(&root().join("src/state/file_sample.json"));
    assert_eq!(problems(&schema, &sample), Vec::<String>::new());
}

#[test]
fn what_an_apply_writes_fits() {
    let folder = tempfile::tempdir().unwrap();
    let example = root().join("examples/several-clouds");
    for entry in fs::read_dir(example).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), folder.path().join(entry.file_name())).unwrap();
        }
    }
    let ended = Command::new(env!("CARGO_BIN_EXE_snapform"))
        .args(["apply", "-auto-approve", "-emulate"])
        .current_dir(folder.path())
        .env_clear()
        .output()
        .unwrap();
    assert!(ended.status.success());
    let state = json(&folder.path().join(".snapform/emulator/state/default/state.json"));
    let schema = root().join("state/schema.json");
    assert_eq!(problems(&schema, &state), Vec::<String>::new());
}

#[test]
fn what_does_not_fit_is_found() {
    let schema = root().join("state/schema.json");
    let mut sample = json(&root().join("src/state/file_sample.json"));
    sample["version"] = Json::from(5);
    sample["resources"][0]["instances"][0]["colour"] = Json::from("red");
    sample["resources"][0].as_object_mut().unwrap().remove("mode");
    let found = problems(&schema, &sample);
    assert_eq!(found.len(), 3, "{found:?}");
}
