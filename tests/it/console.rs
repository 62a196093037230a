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
