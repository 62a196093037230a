//! What a plan covers: targets, requested replacements, modes, and provider configurations.

use crate::support::{Sandbox, tells};

const CHAIN: &str = r#"
resource "terraform_data" "base" {
  input = "b"
}

resource "terraform_data" "middle" {
  count = 2
  input = "${terraform_data.base.output}-${count.index}"
}

resource "terraform_data" "top" {
  input = terraform_data.middle[*].output
}

resource "terraform_data" "aside" {
  input = 1
}
"#;

#[test]
fn a_target_brings_what_it_needs_and_nothing_else() {
    let sandbox = Sandbox::with(CHAIN);
    sandbox.run("apply -auto-approve -target=terraform_data.middle[0]").succeeded();
    sandbox.run("state list").succeeded();
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.note("what is made from a target cannot outlive it");
    sandbox.run("destroy -auto-approve -target terraform_data.middle[1]").succeeded();
    sandbox.run("state list").succeeded();
    sandbox.run("plan -target=terraform_data.midle").succeeded();
    sandbox.run("plan -target=1nonsense").failed();
    tells!(sandbox);
}

#[test]
fn a_replacement_can_be_asked_for() {
    let sandbox = Sandbox::with(CHAIN);
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.run("apply -auto-approve -replace=terraform_data.aside").succeeded();
    sandbox.run("plan -replace=terraform_data.asid").failed();
    sandbox.run("plan -replace=terraform_data.middle[7]").failed();
    tells!(sandbox);
}

#[test]
fn steps_run_one_by_one_where_that_is_asked_for() {
    let config = "resource \"terraform_data\" \"a\" {\n  count = 4\n  input = count.index\n}\n";
    let sandbox = Sandbox::with(config);
    let text = sandbox.quietly("apply -auto-approve -parallelism=1").succeeded().stdout;
    let lines: Vec<_> = text.lines().filter(|line| line.contains("terraform_data.a[")).collect();
    let steps: Vec<_> = lines.iter().filter(|line| line.contains("reat")).collect();
    for pair in steps.iter().filter(|line| !line.contains("will be")).collect::<Vec<_>>().chunks(2)
    {
        assert!(pair[0].contains("Creating..."), "{text}");
        assert!(pair[1].contains("Creation complete"), "{text}");
    }
}

#[test]
fn each_provider_configuration_has_its_own_settings() {
    let sandbox = Sandbox::with(
        r#"
provider "openstack" {
  region = "RegionOne"
}

provider "openstack" {
  alias  = "second"
  region = "RegionTwo"
}

resource "openstack_compute_snapshot" "here" {
  volume_id = "521752a6-acf6-4b2d-bc7a-119f9148cd8c"
  name      = "here"
}

resource "openstack_compute_snapshot" "there" {
  provider  = openstack.second
  volume_id = "521752a6-acf6-4b2d-bc7a-119f9148cd8c"
  name      = "there"
}
"#,
    );
    sandbox.run("plan -emulate").succeeded();
    sandbox.config(
        "resource \"openstack_compute_snapshot\" \"a\" {\n  provider = openstack.third\n  volume_id = \"521752a6-acf6-4b2d-bc7a-119f9148cd8c\"\n}\n",
    );
    sandbox.run("plan -emulate").failed();
    tells!(sandbox);
}

#[test]
fn an_alias_is_used_by_what_names_it() {
    let sandbox = Sandbox::with(
        r#"
provider "thousandeyes" {
  alias        = "strict"
  create_quota = 1
}

resource "thousandeyes_snapshot" "two" {
  count          = 2
  provider       = thousandeyes.strict
  test_id        = "19955"
  display_name   = "number ${count.index}"
  from           = timeadd(plantimestamp(), "-3h")
  duration_hours = 1
}
"#,
    );
    sandbox.quietly("apply -emulate -auto-approve").failed().says("E0605");
    assert_eq!(sandbox.ledger().len(), 1);
}

#[test]
fn destroying_with_nothing_declared_still_destroys() {
    let sandbox = Sandbox::with(CHAIN);
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox.config("# nothing\n");
    let output = sandbox.quietly("destroy -auto-approve").succeeded();
    output.says("Destroy complete! Resources: 5 destroyed.");
    sandbox.run("state list").succeeded();
}
