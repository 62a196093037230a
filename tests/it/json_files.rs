//! Configuration and values of variables in JSON.

use serde_json::{Value as Json, json};

use crate::support::{Sandbox, tells};

/// What the outputs of a configuration come to.
fn outputs(sandbox: &Sandbox) -> Json {
    sandbox.quietly("apply -auto-approve").succeeded();
    let told = sandbox.quietly("output -json").succeeded().stdout;
    let told: Json = serde_json::from_str(&told).unwrap();
    let entries = told.as_object().unwrap().iter();
    entries.map(|(name, output)| (name.clone(), output["value"].clone())).collect()
}

#[test]
fn both_forms_make_one_module_and_other_files_do_not_count() {
    let sandbox = Sandbox::with(
        "variable \"given\" {}\noutput \"hcl\" {\n  value = \"${local.text} ${var.given}\"\n}\n",
    );
    sandbox.write(
        "more.snap.hcl.json",
        r#"{"//": "A comment",
            "locals": [{"text": "é${1 + 1}"}, {"number": 123456789012345678901234567890.5}],
            "variable": {"list": {"type": "list(object({ a = string, b = optional(number, 3) }))",
                                  "default": [{"a": "${literal}"}], "description": "${literal}"}},
            "resource": {"terraform_data": {"one": {"input": {"${"key"}": [true, null, "${local.number}"]},
                "lifecycle": {"ignore_changes": ["triggers_replace"]}},
              "two": [{"count": 2, "input": "${count.index}", "depends_on": ["terraform_data.one"]}]}},
            "output": {"list": {"value": "${var.list}"}, "one": {"value": "${terraform_data.one.output}"},
                       "two": {"value": "${terraform_data.two[*].output}"}}}"#
            .replace(r#""${"key"}""#, r#""${\"key\"}""#),
    );
    sandbox.write("other.tf.json", "{\"output\": {\"other\": {\"value\": 1}}}");
    sandbox.write("terraform.tfvars.json", "{\"//\": 1, \"given\": \"${as it is}\"}");
    let expected = json!({
        "hcl": "é2 ${as it is}",
        "list": [{ "a": "${literal}", "b": 3 }],
        "one": { "key": [true, null, serde_json::from_str::<Json>("123456789012345678901234567890.5").unwrap()] },
        "two": [0, 1],
    });
    assert_eq!(outputs(&sandbox), expected);
    sandbox.quietly("plan -detailed-exitcode").exits(0);
    sandbox.quietly("plan -out=saved.plan").succeeded();
    sandbox.quietly("apply saved.plan").succeeded();
}

#[test]
fn values_come_from_files_in_order() {
    let config = "variable \"a\" {}\noutput \"a\" {\n  value = var.a\n}\n";
    let sandbox = Sandbox::with(config);
    let expect = |name: &str, value: i32| {
        if !name.is_empty() {
            sandbox.write(name, format!("{{\"a\": {value}}}"));
        }
        assert_eq!(outputs(&sandbox), json!({ "a": value }), "{name}");
    };
    expect("terraform.tfvars.json", 1);
    expect("b.auto.tfvars.json", 2);
    expect("c.auto.tfvars.json", 3);
    sandbox.write("d.auto.tfvars", "a = 4\n");
    assert_eq!(outputs(&sandbox), json!({ "a": 4 }));
    sandbox.write("given.json", "{\"a\": [1, {\"b\": null}]}");
    let plan = sandbox.quietly("plan -var-file=given.json").succeeded();
    plan.says("b = null");
}

#[test]
fn terraforms_own_json_files_are_read_where_there_are_no_others() {
    let sandbox = Sandbox::empty();
    sandbox.write("main.tf.json", "[{\"output\": {\"a\": {\"value\": \"${[for x in [1]: x]}\"}}}]");
    sandbox.write("more.tf", "output \"b\" {\n  value = 2\n}\n");
    assert_eq!(outputs(&sandbox), json!({ "a": [1], "b": 2 }));
}

#[test]
fn problems_of_all_files_are_told_at_their_places() {
    let sandbox = Sandbox::with("output \"a\" {\n  value = 1 +\n}\n");
    sandbox.write("broken.snap.hcl.json", "{\"output\":\n  {'a': 1}}\n");
    sandbox.write(
        "wrong.snap.hcl.json",
        r#"{
  "resorce": {},
  "locals": {"a": 1, "a": 2, "b c": 3, "d": {"x": 1, "x": 2}, "e": "\u00e9\"${1 + }"},
  "output": {"b": {"vlaue": 1, "value": "${2}"}, "c": 1, "d": {"value": 1}},
  "variable": {"x": {"type": "lisst(string)"}, "x": {}},
  "resource": {"terraform_data": {}, "nothing_here": {"a": {"input": "${foo.bar.baz}"}}}
}
"#,
    );
    sandbox.run("validate").failed();
    sandbox.write(
        "broken.snap.hcl.json",
        "{\"output\": {\"b\": {\"value\": \"x\\n${foo.bar.id}\"}}}\n",
    );
    sandbox.write("wrong.snap.hcl.json", "{}");
    sandbox.config("variable \"v\" {}\n");
    sandbox.run("validate").failed();
    sandbox.write("broken.snap.hcl.json", "{}");
    sandbox.write("terraform.tfvars.json", "{\"v\": [1,], \"v\": 2}");
    sandbox.run("plan").failed();
    sandbox.write("terraform.tfvars.json", "{\"v\": 1, \"v\": 2, \"w\": 3}");
    sandbox.run("plan").failed();
    tells!(sandbox);
}
