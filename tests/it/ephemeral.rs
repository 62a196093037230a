//! Ephemeral values: used while a command runs, and kept nowhere.

use crate::support::{Sandbox, tells};

const SECRET: &str = "hunter2-ephemeral";

const CONFIG: &str = r#"
variable "token" {
  type      = string
  ephemeral = true

  validation {
    condition     = startswith(var.token, "hunter2")
    error_message = "The token is not one of ours."
  }
}

variable "spare" {
  type      = string
  ephemeral = true
  default   = "none"
}

variable "name" {
  type    = string
  default = "nightly"
}

locals {
  key = "${var.token}/${var.spare}"
}

provider "zenlayer" {
  access_key_id       = "test"
  access_key_password = local.key
}

resource "zenlayer_disk_snapshot" "a" {
  disk_id = "1700000000000000042"
  name    = var.name
}

resource "terraform_data" "b" {
  input = { name = var.name, token = ephemeralasnull(local.key) }
}

output "token" {
  value = ephemeralasnull(local.key)
}
"#;

fn keeps_no_secret(sandbox: &Sandbox) {
    for (path, bytes) in sandbox.files() {
        let found = bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes());
        assert!(!found, "{} holds the secret", path.display());
    }
    assert!(!sandbox.story().contains(SECRET), "{}", sandbox.story());
}

#[test]
fn ephemeral_values_reach_providers_and_are_kept_nowhere() {
    let sandbox = Sandbox::with(CONFIG);
    sandbox.env("TF_VAR_token", SECRET);
    sandbox.run("plan -emulate").succeeded();
    sandbox.run("apply -emulate -auto-approve").succeeded();
    sandbox.run("plan -emulate -detailed-exitcode").succeeded();
    sandbox.run("output -json -emulate").succeeded();
    sandbox.run("destroy -emulate -auto-approve").succeeded();
    keeps_no_secret(&sandbox);
    tells!(sandbox);
}

#[test]
fn a_saved_plan_asks_for_ephemeral_values_again() {
    let sandbox = Sandbox::with(CONFIG);
    let given = format!("-var token={SECRET}");
    sandbox.quietly(&format!("plan -emulate -out=one.plan {given}")).succeeded();
    keeps_no_secret(&sandbox);
    sandbox.run("apply -emulate one.plan").failed();
    sandbox.run("apply -emulate -var token=other one.plan").failed();
    sandbox.note("what had no value while planning may have none now");
    sandbox
        .quietly(&format!("apply -emulate {given} -var spare=x one.plan"))
        .failed()
        .says("E0215");
    sandbox.note("what is kept may not differ");
    sandbox.quietly(&format!("apply -emulate {given} -var name=x one.plan")).failed().says("E0215");
    sandbox.quietly(&format!("apply -emulate {given} -var nam=x one.plan")).failed().says("E0216");
    assert_eq!(sandbox.ledger().len(), 0);
    sandbox.note("by whatever way");
    sandbox.write("terraform.tfvars", "name = \"of a later plan\"\n");
    sandbox.env("TF_VAR_token", SECRET);
    sandbox.run("apply -emulate -var name=nightly one.plan").succeeded();
    sandbox.quietly("state show -emulate zenlayer_disk_snapshot.a").succeeded().says("nightly");
    keeps_no_secret(&sandbox);
    tells!(sandbox);
}
