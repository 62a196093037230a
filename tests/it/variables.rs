//! Values of variables: where they come from, what they must be, and what stays secret.

use serde_json::{Value as Json, json};

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

/// Where a value may come from, in Terraform's order: each wins over those before it.
#[derive(Clone, Copy, Debug)]
enum Source {
    Default,
    Environment,
    File(&'static str),
    Options(&'static str),
}

const SOURCES: [Source; 13] = [
    Source::Default,
    Source::Environment,
    Source::File("terraform.tfvars"),
    Source::File(".auto.tfvars"),
    Source::File("0.auto.tfvars"),
    Source::File("B.auto.tfvars"),
    Source::File("a.auto.tfvars"),
    Source::File("a.b.auto.tfvars"),
    Source::Options("-var level=option"),
    Source::Options("-var level=earlier -var level=later"),
    Source::Options("-var level=earlier --var=level=with=signs"),
    Source::Options("-var level=earlier -var-file own.tfvars"),
    Source::Options("-var-file=own.tfvars -var level=last"),
];

impl Source {
    /// Gives the value and says which one it is, and what has to be typed for it.
    fn give(self, sandbox: &Sandbox) -> (&'static str, &'static str) {
        match self {
            Self::Default => ("default", ""),
            Self::Environment => {
                sandbox.env("TF_VAR_level", "environment");
                ("environment", "")
            }
            Self::File(name) => {
                sandbox.write(name, format!("level = \"{name}\"\n"));
                (name, "")
            }
            Self::Options(options) => {
                sandbox.write("own.tfvars", "level = \"own\"\n");
                let last = options.rsplit("level=").next().unwrap();
                (if options.ends_with("own.tfvars") { "own" } else { last }, options)
            }
        }
    }
}

#[test]
fn values_come_in_terraforms_order_of_precedence() {
    let sandbox = Sandbox::with(LEVEL);
    for source in SOURCES {
        let (expected, options) = source.give(&sandbox);
        sandbox.quietly(format!("apply -auto-approve {options}").trim_end()).succeeded();
        let found = sandbox.quietly("output -raw level").succeeded().stdout;
        assert_eq!(found, expected, "{source:?} wins over everything before it");
    }
}

#[test]
fn variable_files_are_found_in_the_order_in_which_they_count() {
    let sandbox = Sandbox::with(LEVEL);
    let in_order = [
        "terraform.tfvars",
        "terraform.tfvars.json",
        ".hidden.auto.tfvars",
        "0.auto.tfvars.json",
        "Z.auto.tfvars",
        "a.auto.tfvars",
        "a.auto.tfvars.json",
        "a.z.auto.tfvars",
    ];
    let beside = ["other.tfvars", "a.auto.tfvars.bak", "auto.tfvars", "terraform.tfvars~"];
    for name in in_order.iter().rev().chain(&beside) {
        sandbox.write(name, "");
    }
    let found = snapform::config::Loader::new(sandbox.path("")).load().unwrap().variable_files;
    let names: Vec<_> = found.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    assert_eq!(names, in_order);
}

#[test]
fn who_is_told_of_an_undeclared_variable_depends_on_where_it_stands() {
    let sandbox = Sandbox::with(LEVEL);
    sandbox.env("TF_VAR_levle", "1");
    let silent = sandbox.quietly("plan").succeeded();
    assert!(!silent.text().contains("levle"), "{}", silent.text());
    sandbox.write("own.tfvars", "levle = 2\n");
    sandbox.quietly("plan -var-file=own.tfvars").succeeded().says("W0220").says("`level`");
    sandbox.write("a.auto.tfvars", "levle = 2\n");
    sandbox.quietly("plan").succeeded().says("W0220").says("a.auto.tfvars");
    sandbox.quietly("plan -var levle=3").failed().says("E0216").says("`level`");
    sandbox.quietly("plan -var-file=none.tfvars").failed().says("E0201");
    sandbox.quietly("plan -var level").failed().says("E1001");
}

#[test]
fn an_empty_value_is_a_value() {
    let sandbox = Sandbox::with(LEVEL);
    sandbox.env("TF_VAR_level", "");
    sandbox.quietly("apply -auto-approve").succeeded();
    assert_eq!(sandbox.quietly("output -raw level").succeeded().stdout, "");
}

#[test]
fn the_type_of_nothing_has_no_optional_attributes() {
    let sandbox = Sandbox::with(
        r#"
variable "disk" {
  type = object({
    name = optional(string, "unnamed")
    size = optional(object({ gigabytes = optional(number, 3) }), {})
  })
}

resource "terraform_data" "one" {
  input = [var.disk]
}
"#,
    );
    sandbox.quietly("apply -auto-approve -var=disk=null").succeeded();
    let state: Json = serde_json::from_str(&sandbox.read("state/default/state.json")).unwrap();
    let recorded = &state["resources"][0]["instances"][0]["attributes"]["input"]["type"];
    let size = json!(["object", { "gigabytes": "number" }]);
    assert_eq!(*recorded, json!(["tuple", [["object", { "name": "string", "size": size }]]]));
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
  triggers_replace = {
    password = var.password
    length   = length(var.password)
    plain    = "visible"
  }
}

output "password" {
  value     = "pw=${terraform_data.a.triggers_replace.password}"
  sensitive = true
}

output "plain" {
  value = terraform_data.a.triggers_replace.plain
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
