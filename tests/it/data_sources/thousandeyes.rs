//! Data types of `thousandeyes`.

use serde_json::json;

use crate::support::{Sandbox, hours_ago};

/// A snapshot of each of two tests that are known by their names.
fn two_tests() -> String {
    format!(
        r#"
data "thousandeyes_test" "of" {{
  for_each = toset(["test 19955", "test 19956"])
  name     = each.key
}}

resource "thousandeyes_snapshot" "of" {{
  for_each = data.thousandeyes_test.of

  test_id        = each.value.id
  display_name   = "INC-7: ${{each.key}}"
  from           = "{}"
  duration_hours = 1
}}
"#,
        hours_ago(5)
    )
}

#[test]
fn tests_known_by_name_are_frozen_and_found_among_the_saved_events() {
    let sandbox = Sandbox::with(&two_tests());
    sandbox.apply();
    let mut created = sandbox.created();
    created.sort();
    assert_eq!(created, ["INC-7: test 19955", "INC-7: test 19956"]);
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    sandbox.config(&format!(
        r#"{}
data "thousandeyes_saved_events" "incident" {{
  name_prefix = "INC-7: "
}}

data "thousandeyes_saved_events" "last" {{
  most_recent = true
}}

resource "terraform_data" "noted" {{
  for_each = toset(data.thousandeyes_saved_events.incident.ids)
  input    = each.key
}}

output "last" {{
  value = data.thousandeyes_saved_events.last.ids
}}
"#,
        sandbox.read("main.snap.hcl")
    ));
    sandbox.apply();
    let output = sandbox.quietly("output -emulate -json last").succeeded();
    let last: Vec<String> = serde_json::from_str(&output.stdout).unwrap();
    assert_eq!(last, ["58857"]);
    let listed = sandbox.quietly("state list -emulate").succeeded().stdout;
    for id in ["58856", "58857"] {
        assert!(listed.contains(&format!("terraform_data.noted[\"{id}\"]")), "{listed}");
    }
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    assert_eq!(sandbox.created().len(), 2);
}

#[test]
fn none_and_several_tests_are_told_with_the_candidates() {
    let data = |arguments: &str| {
        Sandbox::with(&format!("data \"thousandeyes_test\" \"a\" {{\n{arguments}\n}}\n"))
    };
    data("  name = \"TEST 19955\"")
        .quietly("plan -emulate")
        .failed()
        .says("E0613")
        .says("There is no test named `TEST 19955`")
        .says("Nearly so: `test 19955`")
        .says("main.snap.hcl:2");
    let several = data("  name = \"checkout\"");
    for id in ["7", "8"] {
        several.record("thousandeyes", "tests", id, &json!({ "testName": "checkout" }));
    }
    several
        .quietly("plan -emulate")
        .failed()
        .says("E0613")
        .says("Several tests are named `checkout`")
        .says("8).");
    data("").quietly("plan -emulate").failed().says("No test is named");
    data("  name    = \"a\"\n  test_id = \"1\"")
        .quietly("plan -emulate")
        .failed()
        .says("both tell which test is meant");
}

#[test]
fn a_private_snapshot_is_taken_in_by_the_number_of_its_test() {
    let resource = format!(
        "resource \"thousandeyes_snapshot\" \"a\" {{\n  test_id      = \"19955\"\n  display_name = \"kept\"\n  from         = \"{}\"\n  to           = \"{}\"\n}}\n",
        hours_ago(5),
        hours_ago(4)
    );
    let sandbox = Sandbox::with(&resource);
    sandbox.apply();
    sandbox.quietly("state rm -emulate thousandeyes_snapshot.a").succeeded();
    let import = "import {\n  to = thousandeyes_snapshot.a\n  id = \"58856\"\n}\n";
    sandbox.config(&format!("{resource}{import}"));
    sandbox.apply().says("1 imported, 0 added, 1 changed, 0 destroyed");
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    assert_eq!(sandbox.created(), ["kept"]);
    sandbox.config(&format!("{resource}{}", import.replace("58856", "58857")));
    sandbox.quietly("state rm -emulate thousandeyes_snapshot.a").succeeded();
    sandbox.quietly("plan -emulate").failed().says("There is no saved event `58857`");
}

#[test]
fn the_successor_is_spoken_where_that_is_set() {
    let provider = "provider \"thousandeyes\" {\n  api_version = \"v7\"\n}\n";
    let sandbox = Sandbox::with(&format!("{provider}{}", two_tests()));
    sandbox.apply();
    assert_eq!(sandbox.created().len(), 2);
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    // The answer proves that the other kind was made, so nothing stays that is not what was asked for.
    sandbox.quietly("destroy -emulate -auto-approve").succeeded();
    sandbox.knobs("thousandeyes.v7_public_saves=1");
    sandbox
        .quietly("apply -emulate -auto-approve")
        .failed()
        .says("a share link: anyone who has it can look")
        .says("v7_public_means");
    let provider = provider.replace("\n}", "\n  v7_public_means = \"saved_event\"\n}");
    sandbox.config(&format!("{provider}{}", two_tests()));
    sandbox.apply();
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
}
