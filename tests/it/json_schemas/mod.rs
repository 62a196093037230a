//! The schemas below `docs/schemas` describe what is printed for programs, and what Terraform prints
//! in their place.
//!
//! The scenarios check everything they see as well (`scenarios`).

mod fit;
mod recorded;

use std::fs;

use serde_json::{Value as Json, json};

use crate::support::{EMULATED_STATE, Sandbox, WORLD, repository};

pub(crate) use fit::problems;

fn misfits(schema: &str, value: &Json) -> Vec<String> {
    let path = repository().join("docs/schemas").join(schema).with_extension("json");
    problems(&path, value).into_iter().map(|problem| format!("{schema}: {problem}")).collect()
}

/// The schema of what a command prints with `-json`.
fn schema_of(words: &[&str], printed: &Json) -> Option<&'static str> {
    let plain: Vec<_> = words.iter().filter(|word| !word.starts_with('-')).copied().collect();
    Some(match *plain.first()? {
        "plan" | "apply" | "destroy" | "refresh" | "init" => "event",
        "show" if printed.get("planned_values").is_some() => "plan",
        "show" => "state",
        "output" if plain.len() == 1 => "output",
        "validate" => "validate",
        "modules" => "modules",
        "providers" => "provider-schemas",
        "metadata" => "functions",
        "version" => "version",
        _ => return None,
    })
}

/// Where what a command has printed with `-json` does not fit its schema.
pub(crate) fn misfits_of_output(words: &[&str], stdout: &str) -> Vec<String> {
    if !words.iter().any(|word| word.trim_start_matches('-') == "json") || stdout.is_empty() {
        return Vec::new();
    }
    let whole = serde_json::from_str::<Json>(stdout);
    match (schema_of(words, whole.as_ref().unwrap_or(&Json::Null)), whole) {
        (None, _) => Vec::new(),
        (Some("event"), _) => stdout.lines().flat_map(misfit_line).collect(),
        (Some(schema), Ok(whole)) => misfits(schema, &whole),
        (Some(schema), Err(error)) => vec![format!("{schema}: {error}")],
    }
}

fn misfit_line(line: &str) -> Vec<String> {
    match serde_json::from_str(line) {
        Ok(event) => misfits("event", &event),
        Err(error) => vec![format!("event: `{line}`: {error}")],
    }
}

/// Runs a command, and expects that what it prints fits; gives that.
#[track_caller]
fn fits(sandbox: &Sandbox, line: &str) -> String {
    let output = sandbox.quietly(line);
    assert!(!output.stdout.is_empty(), "`{line}` prints nothing: {}", output.stderr);
    let words: Vec<_> = line.split(' ').collect();
    assert_eq!(misfits_of_output(&words, &output.stdout), Vec::<String>::new(), "`{line}`");
    output.stdout
}

#[test]
fn what_there_is_before_anything_fits() {
    let sandbox = Sandbox::with("");
    for line in ["show -json", "output -json", "modules -json", "validate -json", "plan -json"] {
        fits(&sandbox, line);
    }
    for line in
        ["metadata functions -json", "version -json", "init -json", "apply -auto-approve -json"]
    {
        fits(&sandbox, line);
    }
    fits(&sandbox, "destroy -auto-approve -json");
}

/// As Terraform has it: the last sum is that of the command, whatever its plan is for.
#[test]
fn the_end_of_an_apply_that_destroys_fits() {
    let sandbox = Sandbox::with("resource \"terraform_data\" \"a\" {}\n");
    let ends_with = |line: &str, kinds: &[&str], operation: &str| {
        let printed = fits(&sandbox, line);
        let events: Vec<Json> =
            printed.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let last = &events[events.len() - kinds.len()..];
        assert!(last.iter().zip(kinds).all(|(event, kind)| event["type"] == **kind), "{last:?}");
        assert_eq!(last[0]["changes"]["operation"], operation);
    };
    ends_with("apply -auto-approve -json", &["change_summary", "outputs"], "apply");
    ends_with("apply -destroy -auto-approve -json", &["change_summary", "outputs"], "apply");
    assert_eq!(fits(&sandbox, "show -json").trim(), r#"{"format_version":"1.0"}"#);
    sandbox.quietly("apply -auto-approve").succeeded();
    ends_with("destroy -auto-approve -json", &["change_summary"], "destroy");
}

#[test]
fn mistakes_and_failures_fit() {
    let sandbox = Sandbox::with("output \"o\" {\n  value = upper(1, 2)\n}\nresource \"x\" {}\n");
    for line in ["validate -json", "plan -json", "apply -auto-approve -json", "init -json"] {
        let printed = fits(&sandbox, line);
        assert!(printed.contains("\"severity\":"), "{line}: {printed}");
    }
    sandbox.config(
        "resource \"terraform_data\" \"a\" {\n  input = 1\n  lifecycle {\n    postcondition {\n      \
         condition     = self.id == \"\"\n      error_message = \"has an id\"\n    }\n  }\n}\n",
    );
    let printed = fits(&sandbox, "apply -auto-approve -json");
    assert!(printed.contains("has an id"), "{printed}");
    fits(&sandbox, "show -json");
}

#[test]
fn outputs_of_every_type_fit() {
    let values = "[1, \"a\", true, null, { deep = [] }]";
    let sandbox = Sandbox::with(&format!(
        "output \"all\" {{ value = {values} }}\noutput \"set\" {{ value = toset([\"a\"]) }}\n\
         output \"map\" {{ value = tomap({{ k = 1 }}) }}\noutput \"big\" {{ value = 1e300 }}\n\
         output \"hidden\" {{\n  value     = {values}\n  sensitive = true\n}}\n"
    ));
    fits(&sandbox, "apply -auto-approve -json");
    let printed = fits(&sandbox, "output -json");
    assert_eq!(serde_json::from_str::<Json>(&printed).unwrap().as_object().unwrap().len(), 5);
    fits(&sandbox, "show -json");
    fits(&sandbox, "show -json -show-sensitive");
}

/// A state in which something is left of a replacement, and something else is damaged.
fn handwritten() -> Json {
    let object = |id: &str| json!({ "schema_version": 0, "attributes": { "id": id, "input": null, "output": null, "triggers_replace": null } });
    let mut left = object("left");
    left["deposed"] = "0a1b2c3d".into();
    let mut damaged = object("damaged");
    damaged["status"] = "tainted".into();
    let resource = |name: &str, instances: Json| {
        json!({
            "mode": "managed", "type": "terraform_data", "name": name,
            "provider": "provider[\"terraform.io/builtin/terraform\"]", "instances": instances,
        })
    };
    json!({
        "version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "by-hand", "outputs": {},
        "resources": [
            resource("a", json!([object("now"), left])), resource("b", json!([damaged])),
        ],
    })
}

#[test]
fn leftovers_and_damaged_objects_fit() {
    let sandbox = Sandbox::with(
        "resource \"terraform_data\" \"a\" {}\nresource \"terraform_data\" \"b\" {}\n",
    );
    sandbox.write("pushed.json", handwritten().to_string());
    sandbox.quietly("state push pushed.json").succeeded();
    let state = fits(&sandbox, "show -json");
    assert!(state.contains("deposed_key") && state.contains("tainted"), "{state}");
    fits(&sandbox, "plan -json -out=saved");
    let plan = fits(&sandbox, "show -json saved");
    assert!(plan.contains("\"deposed\"") && plan.contains("replace_because_tainted"), "{plan}");
    fits(&sandbox, "apply -json saved");
}

#[test]
fn vendors_and_what_was_changed_outside_fit() {
    let sandbox = Sandbox::empty();
    crate::support::copy_tree(&repository().join("examples/several-clouds"), &sandbox.path(""));
    sandbox.env("SNAPFORM_EMULATE", "1");
    fits(&sandbox, "providers schema -json");
    let stream = fits(&sandbox, "apply -auto-approve -json");
    assert!(stream.contains("apply_progress"), "{stream}");
    fits(&sandbox, "show -json");
    for entry in fs::read_dir(sandbox.path(WORLD)).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::remove_file(path).unwrap();
        }
    }
    assert!(sandbox.has(EMULATED_STATE));
    let stream = fits(&sandbox, "plan -json -out=saved");
    assert!(stream.contains("resource_drift"), "{stream}");
    let plan = fits(&sandbox, "show -json saved");
    assert!(plan.contains("resource_drift"), "{plan}");
}

#[test]
fn what_does_not_fit_is_told() {
    let line = r#"{"@level":"info","@message":"","@module":"terraform.ui","@timestamp":"","type":"change_summary","changes":{"add":1,"change":0,"import":-1,"operation":"plan","more":1}}"#;
    let found = misfits("event", &serde_json::from_str(line).unwrap());
    assert_eq!(
        found,
        [
            "event: $.changes.more is not described",
            "event: $.changes.import is less than 0",
            "event: $.changes.remove is missing",
        ]
    );
    let words = ["plan", "-json"];
    let found = misfits_of_output(&words, "{\"type\":\"log\"}");
    assert!(found.iter().any(|problem| problem.contains("$.type is \"log\"")), "{found:?}");
    assert_eq!(misfits_of_output(&["plan"], "no JSON"), Vec::<String>::new());
    assert_eq!(misfits_of_output(&["show", "-json"], "no JSON").len(), 1);
}
