//! Every action, seen through plan and apply.

use serde_json::json;

use crate::support::{Sandbox, tells};

fn disk(name: &str, arguments: &str) -> String {
    format!("resource \"zenlayer_disk_snapshot\" \"{name}\" {{\n{arguments}\n}}\n")
}

#[test]
fn an_update_is_made_in_place() {
    let sandbox = Sandbox::with(&disk("a", "  disk_id = \"17\"\n  name = \"first\""));
    sandbox.apply();
    sandbox.config(&disk("a", "  disk_id = \"17\"\n  name = \"second\""));
    sandbox.run("apply -emulate -auto-approve").succeeded();
    sandbox.run("plan -emulate -detailed-exitcode").exits(0);
    sandbox.run("emulator ledger").succeeded();
    tells!(sandbox);
}

#[test]
fn more_days_are_set_in_place_where_the_interface_lets_them_grow() {
    let config = |mode: &str, days: u8| {
        format!(
            "provider \"apsara\" {{\n  auth_mode = \"{mode}\"\n  profile   = \"x\"\n}}\n\nresource \"apsara_ecs_snapshot\" \"a\" {{\n  disk_id        = \"d-1\"\n  retention_days = {days}\n}}\n"
        )
    };
    let sandbox = Sandbox::with(&config("acs3", 7));
    sandbox.apply();
    sandbox.config(&config("acs3", 30));
    sandbox.run("apply -emulate -auto-approve").succeeded().says("0 added, 1 changed");
    sandbox.quietly("plan -emulate -detailed-exitcode").exits(0);
    sandbox.config(&config("rpc", 31));
    sandbox.quietly("plan -emulate").succeeded().says("0 to add, 1 to change");
    // Fewer days, and the portal in any case, need a new snapshot.
    sandbox.config(&config("acs3", 7));
    sandbox.quietly("plan -emulate").succeeded().says("1 to add, 0 to change, 1 to destroy");
    sandbox.config(&config("apigw", 31));
    sandbox.quietly("plan -emulate").succeeded().says("1 to add, 0 to change, 1 to destroy");
    tells!(sandbox);
}

#[test]
fn a_replacement_comes_first_where_two_may_exist() {
    let sandbox = Sandbox::with(&disk("a", "  disk_id = \"17\"\n  name = \"one\""));
    sandbox.apply();
    sandbox.config(&disk("a", "  disk_id = \"18\"\n  name = \"one\""));
    sandbox.run("apply -emulate -auto-approve").succeeded();
    sandbox.run("emulator ledger").succeeded();
    tells!(sandbox);
}

#[test]
fn a_replacement_comes_last_where_only_one_may_exist() {
    let server = |days: u8| {
        format!(
            "resource \"ctl_server_snapshot\" \"web\" {{\n  server_id = \"WA1ALIASWB01\"\n  expiration_days = {days}\n}}\n"
        )
    };
    let sandbox = Sandbox::with(&server(7));
    sandbox.apply();
    sandbox.config(&server(3));
    sandbox.run("apply -emulate -auto-approve").succeeded();
    sandbox.run("plan -emulate -detailed-exitcode").exits(0);
    let ledger = sandbox.ledger();
    let operations: Vec<_> = ledger.iter().map(|entry| entry["operation"].clone()).collect();
    assert_eq!(operations, ["create", "delete", "create"]);
    tells!(sandbox);
}

#[test]
fn lifecycle_chooses_the_order_and_the_needed_follow() {
    let config = |trigger: u8| {
        format!(
            r#"
resource "terraform_data" "base" {{
  triggers_replace = {trigger}
  lifecycle {{
    create_before_destroy = true
  }}
}}

resource "terraform_data" "user" {{
  input = terraform_data.base.id
}}
"#
        )
    };
    let sandbox = Sandbox::with(&config(1));
    sandbox.apply();
    sandbox.config(&config(2));
    sandbox.run("apply -emulate -auto-approve").succeeded();
    tells!(sandbox);
}

#[test]
fn a_resource_that_gets_count_goes_on_as_its_first_instance() {
    let config = |count: &str| {
        format!(
            r#"
resource "zenlayer_disk_snapshot" "a" {{
  {count}
  disk_id = "1700000000000000042"
  name    = "kept"
}}
"#
        )
    };
    let sandbox = Sandbox::with(&config(""));
    sandbox.apply();
    sandbox.config(&config("count = 1"));
    sandbox.run("plan -emulate -detailed-exitcode -out=p.snapplan").exits(2);
    sandbox.run("apply -emulate p.snapplan").succeeded();
    sandbox.run("state list -emulate").succeeded();
    sandbox.run("plan -emulate -detailed-exitcode").exits(0);
    sandbox.config(&config(""));
    sandbox.run("apply -emulate -auto-approve").succeeded();
    sandbox.run("state list -emulate").succeeded();
    assert_eq!(sandbox.created().len(), 1);
    tells!(sandbox);
}

#[test]
fn count_and_for_each_add_and_remove_single_instances() {
    let config = |count: u8, keys: &str| {
        format!(
            r#"
resource "terraform_data" "counted" {{
  count = {count}
  input = "number ${{count.index}}"
}}

resource "terraform_data" "keyed" {{
  for_each = toset({keys})
  input    = upper(each.key)
}}

output "all" {{
  value = concat(terraform_data.counted[*].output, [for each in terraform_data.keyed : each.output])
}}
"#
        )
    };
    let sandbox = Sandbox::with(&config(3, r#"["a", "b"]"#));
    sandbox.apply();
    sandbox.run("state list -emulate").succeeded();
    sandbox.config(&config(1, r#"["b", "c"]"#));
    sandbox.run("apply -emulate -auto-approve").succeeded();
    sandbox.run("state list -emulate").succeeded();
    sandbox.config(&config(0, "[]"));
    sandbox.run("apply -emulate -auto-approve").succeeded();
    tells!(sandbox);
}

#[test]
fn a_removed_block_forgets_and_a_removed_resource_is_deleted() {
    let sandbox = Sandbox::with(&format!(
        "{}{}",
        disk("kept", "  disk_id = \"17\"\n  name = \"kept\""),
        disk("gone", "  disk_id = \"18\"\n  name = \"gone\"")
    ));
    sandbox.apply();
    sandbox.config(
        r"
removed {
  from = zenlayer_disk_snapshot.kept
  lifecycle {
    destroy = false
  }
}
",
    );
    sandbox.run("apply -emulate -auto-approve").succeeded();
    sandbox.run("state list -emulate").succeeded();
    sandbox.run("emulator ledger").succeeded();
    tells!(sandbox);
}

#[test]
fn depends_on_orders_what_no_reference_does() {
    let sandbox = Sandbox::with(
        r#"
resource "terraform_data" "last" {
  depends_on = [terraform_data.first]
}

resource "terraform_data" "first" {}
"#,
    );
    let created = sandbox.apply().stdout;
    assert!(created.find("first: Creation complete") < created.find("last: Creating"), "{created}");
    let destroyed = sandbox.quietly("destroy -emulate -auto-approve").succeeded().stdout;
    let gone = destroyed.find("last: Destruction complete");
    assert!(gone.is_some() && gone < destroyed.find("first: Destroying"), "{destroyed}");
}

#[test]
fn what_is_protected_is_not_destroyed() {
    let protected = |input: u8| {
        format!(
            r#"
resource "terraform_data" "safe" {{
  triggers_replace = {input}
  lifecycle {{
    prevent_destroy = true
  }}
}}
"#
        )
    };
    let sandbox = Sandbox::with(&protected(1));
    sandbox.apply();
    sandbox.run("destroy -emulate -auto-approve").failed();
    sandbox.config(&protected(2));
    sandbox.run("plan -emulate").failed();
    sandbox.run("state list -emulate").succeeded();
    tells!(sandbox);
}

#[test]
fn ignored_changes_are_no_changes_and_triggers_are() {
    let config = |input: u8| {
        format!(
            r#"
resource "terraform_data" "source" {{
  input = {input}
}}

resource "terraform_data" "deaf" {{
  input = {input}
  lifecycle {{
    ignore_changes = [input]
  }}
}}

resource "terraform_data" "follower" {{
  input = "steady"
  lifecycle {{
    replace_triggered_by = [terraform_data.source.input]
  }}
}}
"#
        )
    };
    let sandbox = Sandbox::with(&config(1));
    sandbox.apply();
    sandbox.config(&config(2));
    sandbox.run("apply -emulate -auto-approve").succeeded();
    sandbox.run("plan -emulate -detailed-exitcode").exits(0);
    tells!(sandbox);
}

#[test]
fn conditions_stop_what_they_guard() {
    let config = |input: &str| {
        format!(
            r#"
variable "days" {{
  type    = number
  default = {input}
  validation {{
    condition     = var.days < 100
    error_message = "Days must be fewer than 100, not ${{var.days}}."
  }}
}}

resource "terraform_data" "guarded" {{
  input = var.days
  lifecycle {{
    precondition {{
      condition     = var.days > 0
      error_message = "Days must be more than none."
    }}
    postcondition {{
      condition     = self.output != 13
      error_message = "Not on a ${{self.output}}."
    }}
  }}
}}

output "checked" {{
  value = terraform_data.guarded.output
}}
"#
        )
    };
    let sandbox = Sandbox::with(&config("100"));
    sandbox.run("plan").failed();
    sandbox.config(&config("0"));
    sandbox.run("plan").failed();
    sandbox.config(&config("13"));
    sandbox.run("apply -auto-approve").failed();
    sandbox.run("state list").succeeded();
    sandbox.config(&config("14"));
    sandbox.run("apply -auto-approve").succeeded();
    tells!(sandbox);
}

#[test]
fn one_failure_stops_its_dependents_only_and_a_second_apply_finishes() {
    let sandbox = Sandbox::with(&format!(
        "{}{}{}",
        disk("good", "  disk_id = \"17\"\n  name = \"good\""),
        disk("bad", "  disk_id = \"18\"\n  name = \"bad\""),
        disk(
            "after",
            "  disk_id = \"19\"\n  name = \"after-${zenlayer_disk_snapshot.bad.name}\"\n  depends_on = [zenlayer_disk_snapshot.bad]"
        ),
    ));
    sandbox.quietly("plan -emulate -out=reviewed").succeeded();
    sandbox.note("the disk disappears after the review");
    sandbox.record("zenlayer", "disks", "18", &json!({ "missing": true }));
    sandbox.run("apply -emulate reviewed").failed();
    sandbox.run("state list -emulate").succeeded();
    sandbox.note("the disk appears");
    sandbox.record("zenlayer", "disks", "18", &json!({}));
    sandbox.run("apply -emulate -auto-approve").succeeded();
    assert_eq!(sandbox.created(), ["good", "bad", "after-bad"]);
    tells!(sandbox);
}

#[test]
fn what_came_out_broken_is_kept_as_tainted_and_replaced() {
    let sandbox = Sandbox::with(&disk("a", "  disk_id = \"17\"\n  name = \"one\""));
    sandbox.knobs("zenlayer.creation_fails=1");
    sandbox.run("apply -emulate -auto-approve").failed();
    sandbox.run("show -emulate").succeeded();
    sandbox.knobs("zenlayer.creation_fails=0");
    sandbox.run("apply -emulate -auto-approve").succeeded();
    sandbox.run("plan -emulate -detailed-exitcode").exits(0);
    sandbox.run("emulator ledger").succeeded();
    tells!(sandbox);
}

#[test]
fn what_vanished_outside_is_noticed_and_made_again() {
    let sandbox = Sandbox::with(&disk("a", "  disk_id = \"17\"\n  name = \"one\""));
    sandbox.apply();
    let id = sandbox.ledger()[0]["id"].as_str().unwrap().to_owned();
    sandbox.record("zenlayer", "snapshots", &id, &json!(null));
    sandbox.run("plan -emulate -refresh=false -detailed-exitcode").exits(0);
    sandbox.run("plan -emulate -refresh-only -detailed-exitcode").exits(2);
    sandbox.run("plan -emulate").succeeded();
    sandbox.run("apply -emulate -refresh-only -auto-approve").succeeded();
    sandbox.run("state list -emulate").succeeded();
    sandbox.apply();
    assert_eq!(sandbox.created(), ["one", "one"]);
    tells!(sandbox);
}

#[test]
fn a_trigger_with_a_key_is_fired_by_that_instance_only() {
    let config = |inputs: &str| {
        format!(
            "
resource \"terraform_data\" \"source\" {{
  count = 3
  input = {inputs}[count.index]
}}
resource \"terraform_data\" \"one\" {{
  count = 3
  lifecycle {{
    replace_triggered_by = [terraform_data.source[count.index]]
  }}
}}
resource \"terraform_data\" \"whole\" {{
  lifecycle {{
    replace_triggered_by = [terraform_data.source]
  }}
}}
"
        )
    };
    let sandbox = Sandbox::with(&config("[1, 2, 3]"));
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.config(&config("[1, 7, 3]"));
    let output = sandbox.quietly("plan").succeeded();
    let output = output.says("Plan: 2 to add, 1 to change, 2 to destroy.");
    output.says("terraform_data.one[1] ").says("terraform_data.whole ");
}
