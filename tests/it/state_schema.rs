//! `state/schema.json` describes the states that are written.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

fn json(path: &Path) -> Json {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn a_sample_with_everything_fits() {
    let schema = json(&root().join("state/schema.json"));
    let sample = json(&root().join("src/state/file_sample.json"));
    assert_eq!(problems(&schema, &schema, &sample, "$"), Vec::<String>::new());
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
    let schema = json(&root().join("state/schema.json"));
    assert_eq!(problems(&schema, &schema, &state, "$"), Vec::<String>::new());
}

#[test]
fn what_does_not_fit_is_found() {
    let schema = json(&root().join("state/schema.json"));
    let mut sample = json(&root().join("src/state/file_sample.json"));
    sample["version"] = Json::from(5);
    sample["resources"][0]["instances"][0]["colour"] = Json::from("red");
    sample["resources"][0].as_object_mut().unwrap().remove("mode");
    let found = problems(&schema, &schema, &sample, "$");
    assert_eq!(found.len(), 3, "{found:?}");
}

/// The part of JSON Schema that the schema uses; a word it does not know fails.
pub(crate) fn problems(root: &Json, schema: &Json, value: &Json, at: &str) -> Vec<String> {
    let mut found = Vec::new();
    let no = Vec::new();
    for (word, rule) in schema.as_object().unwrap() {
        match word.as_str() {
            "$schema" | "title" | "description" | "$defs" | "additionalProperties" => {}
            "$ref" => {
                let name = rule.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                found.extend(problems(root, &root["$defs"][name], value, at));
            }
            "const" if rule == value => {}
            "enum" if rule.as_array().unwrap().contains(value) => {}
            "const" | "enum" => found.push(format!("{at} is {value}, not {rule}")),
            "type" => {
                let one = [rule.clone()];
                let allowed = rule.as_array().map_or(&one[..], Vec::as_slice);
                if !allowed.iter().any(|name| is_a(value, name.as_str().unwrap())) {
                    found.push(format!("{at} is {value}, not {rule}"));
                }
            }
            "minimum" => found.extend(
                (value.as_u64() < rule.as_u64()).then(|| format!("{at} is less than {rule}")),
            ),
            "minItems" => {
                let count = value.as_array().unwrap_or(&no).len();
                found.extend((count == 0).then(|| format!("{at} is empty")));
            }
            "required" => {
                let missing = rule.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                let missing = missing.filter(|name| value.get(name).is_none());
                found.extend(missing.map(|name| format!("{at}.{name} is missing")));
            }
            "properties" => {
                for (name, part) in value.as_object().into_iter().flatten() {
                    if rule.get(name).is_none() && schema["additionalProperties"] == false {
                        found.push(format!("{at}.{name} is not described"));
                    }
                    if let Some(rule) = rule.get(name) {
                        found.extend(problems(root, rule, part, &format!("{at}.{name}")));
                    }
                }
            }
            "items" => {
                for (index, item) in value.as_array().unwrap_or(&no).iter().enumerate() {
                    found.extend(problems(root, rule, item, &format!("{at}[{index}]")));
                }
            }
            other => panic!("the check does not know `{other}`"),
        }
    }
    if let Some(rule) = schema.get("additionalProperties").filter(|rule| rule.is_object()) {
        for (name, part) in value.as_object().into_iter().flatten() {
            found.extend(problems(root, rule, part, &format!("{at}.{name}")));
        }
    }
    found
}

fn is_a(value: &Json, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "null" => value.is_null(),
        other => panic!("the check does not know the type `{other}`"),
    }
}
