//! Values of variables: where they come from, what they must be, and what stays secret.

use crate::support::{Sandbox, tells};

const LEVEL: &str = r#"
variable "level" {
  type    = string
  default = "default"
}

output "level" {
  value = var.level
}
"#;

fn level(sandbox: &Sandbox, options: &str) -> String {
    sandbox.quietly(format!("apply -auto-approve {options}").trim_end()).succeeded();
    sandbox.quietly("output -raw level").succeeded().stdout
}

#[test]
fn values_come_in_terraforms_order_of_precedence() {
    let sandbox = Sandbox::with(LEVEL);
    assert_eq!(level(&sandbox, ""), "default");
    sandbox.env("TF_VAR_level", "environment");
    assert_eq!(level(&sandbox, ""), "environment");
    sandbox.write("terraform.tfvars", "level = \"terraform.tfvars\"\n");
    assert_eq!(level(&sandbox, ""), "terraform.tfvars");
    sandbox.write("a.auto.tfvars", "level = \"a\"\n");
    sandbox.write("b.auto.tfvars", "level = \"b\"\n");
    assert_eq!(level(&sandbox, ""), "b");
    sandbox.write("own.tfvars", "level = \"own\"\n");
    assert_eq!(level(&sandbox, "-var-file=own.tfvars"), "own");
    assert_eq!(level(&sandbox, "-var-file=own.tfvars -var level=option"), "option");
    assert_eq!(level(&sandbox, "-var level=option -var-file own.tfvars"), "own");
    assert_eq!(level(&sandbox, "-var level=first --var=level=last"), "last");
}

#[test]
fn values_must_fit_their_variables() {
    let sandbox = Sandbox::with(
        r#"
variable "disks" {
  description = "What to copy."
  type = map(object({
    days = number
    name = optional(string, "unnamed")
  }))
}

variable "keep" {
  type     = bool
  nullable = false
  default  = true
}

output "disks" {
  value = var.disks
}
"#,
    );
    sandbox.run("plan -input=false").failed();
    sandbox.run("plan -var 'disks={ a = { days = \"many\" } }'").failed();
    sandbox.run("plan -var 'disks={ a = { name = \"x\" } }'").failed();
    sandbox.run("plan -var 'disks={ a = '").failed();
    sandbox.run("plan -var 'disks={}' -var keep=perhaps").failed();
    sandbox.run("plan -var 'disks={}' -var keep=null").failed();
    sandbox.run("plan -var 'disks={}' -var disk=1").failed();
    sandbox.write("own.tfvars", "disks = {\n  a = { days = 1 }\n}\nkep  = true\n");
    sandbox.run("plan -var-file=own.tfvars").succeeded();
    sandbox.write("bad.tfvars", "disks = {}\nkeep = 7\nlevel = var.x\n");
    sandbox.run("plan -var-file=bad.tfvars").failed();
    tells!(sandbox);
}

const SECRET: &str = "hunter2-très-secret";

fn has_secret(bytes: &[u8]) -> bool {
    bytes.windows(7).any(|window| window == b"hunter2")
}

#[test]
fn sensitive_values_are_shown_only_where_they_are_asked_for_by_name() {
    let sandbox = Sandbox::with(
        r#"
variable "password" {
  type      = string
  sensitive = true
}

resource "terraform_data" "a" {
  input = {
    password = var.password
    length   = length(var.password)
    plain    = "visible"
  }
}

output "password" {
  value     = "pw=${terraform_data.a.output.password}"
  sensitive = true
}

output "plain" {
  value = terraform_data.a.input.plain
}
"#,
    );
    sandbox.env("TF_VAR_password", SECRET);
    sandbox.run("plan").succeeded();
    sandbox.run("apply -auto-approve").succeeded();
    sandbox.run("show").succeeded();
    sandbox.run("state show terraform_data.a").succeeded();
    sandbox.run("output").succeeded();
    sandbox.env("TF_VAR_password", "hunter2-another");
    sandbox.run("plan").succeeded();
    sandbox.run("destroy -auto-approve").succeeded();
    let story = sandbox.story();
    assert!(!has_secret(story.as_bytes()), "{story}");
    tells!(sandbox);
}

#[test]
fn asked_for_by_name_a_sensitive_output_is_given() {
    let sandbox = Sandbox::with(
        "variable \"p\" {\n  sensitive = true\n}\noutput \"p\" {\n  value     = var.p\n  sensitive = true\n}\n",
    );
    sandbox.quietly(&format!("apply -auto-approve -var p={SECRET}")).succeeded();
    assert_eq!(sandbox.quietly("output -raw p").succeeded().stdout, SECRET);
    sandbox.quietly("output -json").succeeded().says(SECRET);
    assert!(!has_secret(sandbox.quietly("output").succeeded().text().as_bytes()));
}

#[test]
fn a_sensitive_value_may_not_leave_through_a_plain_output() {
    let sandbox = Sandbox::with(
        "variable \"p\" {\n  sensitive = true\n  default   = \"hunter2\"\n}\noutput \"p\" {\n  value = upper(var.p)\n}\n",
    );
    sandbox.run("plan").failed();
    assert!(!sandbox.story().contains("HUNTER2"));
    tells!(sandbox);
}

#[test]
fn a_refused_sensitive_value_is_not_quoted() {
    let sandbox = Sandbox::with(
        r#"
variable "count_of" {
  type      = number
  sensitive = true
}

variable "short" {
  sensitive = true
  default   = "hunter2"
  validation {
    condition     = length(var.short) < 3
    error_message = "Too long: ${var.short}."
  }
}
"#,
    );
    sandbox.run("plan -var count_of=1").failed();
    assert!(!has_secret(sandbox.quietly("plan -var count_of=hunter2").failed().text().as_bytes()));
    assert!(!has_secret(sandbox.story().as_bytes()));
    tells!(sandbox);
}
