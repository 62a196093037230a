//! `validate -json`: Terraform's format, for editors.

use std::path::Path;

use serde_json::Value as Json;

use crate::json_schemas::problems;
use crate::support::{Sandbox, tells};

const WRONG: &str = r#"locals {
  a = "é😀👨‍👩‍👧"
  b = 1
}
output "o" {
  value = "é😀👨‍👩‍👧 ${upper([local.b, 2])}"
}
output "p" { value = parseint(local.a, 10) }
output "s" {
  value = {a=1}[
   local.a
   ]
}
variable "token" {
  ephemeral = true
}
resource "terraform_data" "x" {
  count = var.token
  input = max(local.a)
}
"#;

/// What is printed, after a look at its shape.
fn validated(sandbox: &Sandbox, options: &str) -> Json {
    let output = sandbox.quietly(format!("validate -json {options}").trim_end());
    let json: Json = serde_json::from_str(&output.stdout).unwrap();
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas/validate.json");
    assert_eq!(problems(&schema, &json), Vec::<String>::new());
    assert_eq!(output.code, Some(i32::from(json["valid"] == false)));
    json
}

#[test]
fn everything_there_is_to_say_is_in_one_document() {
    let sandbox = Sandbox::with(WRONG);
    sandbox.run("validate -json").failed();
    validated(&sandbox, "");
    tells!(sandbox);
}

#[test]
fn places_are_counted_as_terraform_does() {
    let json = validated(&Sandbox::with(WRONG), "");
    let found = json["diagnostics"].as_array().unwrap();
    let at = |line: u64| {
        found.iter().find(|found| found["range"]["start"]["line"] == line).unwrap().clone()
    };
    // As Terraform has it: columns in grapheme clusters, offsets in bytes.
    for (line, column, byte, context) in
        [(6, 24, 109, "output \"o\""), (8, 31, 157, "output \"p\"")]
    {
        let place = &at(line)["range"]["start"];
        assert_eq!((&place["column"], &place["byte"]), (&column.into(), &byte.into()), "{line}");
        assert_eq!(at(line)["snippet"]["context"], context);
    }
    let snippet = at(6)["snippet"].clone();
    let code = snippet["code"].as_str().unwrap();
    let offset = |name: &str| usize::try_from(snippet[name].as_u64().unwrap()).unwrap();
    let shown = &code[offset("highlight_start_offset")..offset("highlight_end_offset")];
    assert_eq!(shown, "[local.b, 2]");
}

#[test]
fn syntax_errors_warnings_and_success_have_the_same_shape() {
    let sandbox = Sandbox::with("locals {\n  o = 1 +\n}\n");
    let json = validated(&sandbox, "");
    assert_eq!(json["valid"], false);
    assert_eq!(json["error_count"], json["diagnostics"].as_array().unwrap().len());
    assert_eq!(json["diagnostics"][0]["code"], "E0101");
    sandbox.config(
        "resource \"zenlayer_disk_snapshot\" \"a\" {\n  disk_id = \"disk-1\"\n  name    = \"db-1\"\n}\n",
    );
    let json = validated(&sandbox, "-no-color -no-tests -test-directory=none");
    assert_eq!((&json["valid"], &json["warning_count"]), (&true.into(), &1.into()));
    assert_eq!(json["diagnostics"][0]["address"], "zenlayer_disk_snapshot.a");
    let empty = Sandbox::empty();
    let json = validated(&empty, "");
    assert_eq!(json["diagnostics"][0]["code"], "E0202");
    assert!(json["diagnostics"][0].get("range").is_none());
}
