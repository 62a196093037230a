//! The console, from a pipe.

use crate::support::{Sandbox, tells};

const CONFIG: &str = r#"
variable "region" {
  default = "north"
}

variable "token" {
  default   = "hush"
  sensitive = true
}

locals {
  tags = { a = 1, b = ["x"] }
}

resource "terraform_data" "r" {
  input = { k = "v" }
}

resource "terraform_data" "counted" {
  count = 2
  input = count.index
}

module "m" {
  source = "./m"
}
"#;

#[test]
fn expressions_see_what_is_declared_and_recorded() {
    let sandbox = Sandbox::with(CONFIG);
    sandbox.write("m/main.snap.hcl", "output \"x\" {\n  value = upper(\"in\")\n}\n");
    sandbox.types("terraform_data.r.id\n");
    sandbox.run("console").succeeded();
    sandbox.quietly("apply -auto-approve").succeeded();
    for typed in [
        "terraform_data.r.input\n",
        "terraform_data.counted[*].output\n",
        "module.m\n",
        "\"${upper(var.region)} ${local.tags.b[0]}\"\n",
        "1 + 1\nlocal.tags.a + 1\n",
        "[for key, value in local.tags :\n  key\n]\n",
        "var.token\n",
        "type(local.tags)\n",
        "help\n",
        "<<EOT\na\nb\nEOT\n",
        "exit\nnothing.here\n",
    ] {
        sandbox.note(&format!("typed: {typed:?}"));
        sandbox.types(typed);
        sandbox.run("console").succeeded();
    }
    sandbox.types("var.region\n");
    sandbox.run("console -var=region=south").succeeded().says("\"south\"");
    sandbox.types("terraform_data.r.id\n");
    sandbox.quietly("console -state=missing.tfstate").succeeded().says("(known after apply)");
    for typed in ["nothing.here\n", "1 +\n", "var.regoin\n", "f(\n", "type(1)\nlength(1)\n"] {
        sandbox.note(&format!("typed: {typed:?}"));
        sandbox.types(typed);
        sandbox.run("console").failed();
    }
    tells!(sandbox);
}

#[test]
fn with_a_plan_expressions_see_what_it_would_lead_to() {
    let sandbox = Sandbox::with(CONFIG);
    sandbox.write("m/main.snap.hcl", "output \"x\" {\n  value = upper(\"in\")\n}\n");
    sandbox.types("terraform_data.counted\n");
    sandbox.run("console -plan").succeeded();
    sandbox.quietly("apply -auto-approve").succeeded();
    sandbox
        .write("main.snap.hcl", CONFIG.replace("count = 2", "count = 3").replace("\"v\"", "\"w\""));
    for typed in [
        "terraform_data.r.input\n",
        "[for found in terraform_data.counted : found.input]\n",
        "terraform_data.counted[2].id\n",
        "timestamp()\n",
    ] {
        sandbox.note(&format!("typed: {typed:?}"));
        sandbox.types(typed);
        sandbox.run("console -plan").succeeded();
    }
    sandbox.note("without -plan: what is recorded");
    sandbox.types("terraform_data.r.input\n");
    sandbox.run("console").succeeded();
    sandbox.write(
        "main.snap.hcl",
        "variable \"a\" {\n  default = 1\n}\n\nresource \"terraform_data\" \"r\" {\n  lifecycle {\n    precondition {\n      condition     = var.a > 2\n      error_message = \"no\"\n    }\n  }\n}\n",
    );
    sandbox.types("1\n");
    sandbox.run("console -plan").failed();
    tells!(sandbox);
}
