//! The pages under `docs/` that are made from the code: stale ones fail, `UPDATE=1` rewrites them.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use snapform::cli::EnvironmentVariable;
use snapform::diag::explain::{self, GROUPS};
use snapform::lang::FunctionTable;
use snapform::providers::REGISTRY;
use snapform::schema::TIMEOUTS;
use snapform::sdk::emulator::Emulator;
use snapform::sdk::{DataSpec, Provider, Replacement, ResourceSpec, Sharing};

use crate::{references, terraform_table};

pub(crate) const NOTE: &str = "<!-- Made from the code by `just docs`. Do not edit. -->";

#[expect(clippy::disallowed_methods, reason = "the one switch of these tests")]
fn check(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(file);
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
    }
    let held = fs::read_to_string(&path).unwrap_or_default();
    assert!(held == text, "docs/{file} is stale: run `just docs` and look at the difference");
}

#[test]
fn diagnostics() {
    let mut text = format!("{NOTE}\n\n# Diagnostics\n\n");
    text.push_str(
        "Every error and warning has a code. A code never changes its meaning and is never used \
         again. `E` stops a command, `W` does not.\n",
    );
    text.push_str("`snapform explain CODE` shows the same on a terminal.\n");
    for group in GROUPS {
        let _ = write!(text, "\n## {}\n\n| code | summary |\n| --- | --- |\n", group.title);
        for code in group.codes() {
            let anchor = code.name().to_lowercase();
            let _ = writeln!(text, "| [{code}](#{anchor}) | {} |", code.title());
        }
        for code in group.codes() {
            let page = explain::page(code).unwrap();
            let _ = write!(text, "\n### {code}\n\n{}\n", page.text);
            for (title, examples) in [("Wrong", &page.wrong), ("Right", &page.right)] {
                let _ = write!(text, "\n{title}:\n");
                for example in examples {
                    let file = example.detail.filter(|detail| detail.contains('.'));
                    let place = file.map(|file| format!("\n`{file}`:\n")).unwrap_or_default();
                    let _ =
                        write!(text, "{place}\n```{}\n{}\n```\n", example.language, example.text);
                }
            }
        }
    }
    check("diagnostics.md", &text);
}

#[test]
fn environment() {
    let mut text = format!("{NOTE}\n\n# The environment\n\n");
    text.push_str(
        "Variables of the environment that change what snapform does. Where both names stand, either \
         does, and the first one wins. An empty variable counts as none. The variables with vendors' \
         credentials are on the pages of the [providers](providers).\n\n| variable | meaning |\n\
         | --- | --- |\n",
    );
    for variable in snapform::cli::ENVIRONMENT {
        let EnvironmentVariable { name, terraform, meaning } = variable;
        let twin = if *terraform { format!(", `TF_{name}`") } else { String::new() };
        let _ = writeln!(text, "| `SNAPFORM_{name}`{twin} | {meaning} |");
    }
    text.push_str(
        "\n`NO_COLOR` takes colours away, `CLICOLOR_FORCE` keeps them in a pipe, and `COLUMNS` is the \
         width of the terminal.\n\n## The log\n\nThe log holds every request and every answer: method, \
         path and status from `debug` on, headers and bodies with `trace`. A value is shown only where \
         its name says that it is harmless, such as an identifier or a state; credentials, signatures \
         and texts of all other arguments are not in it. An identifier is shown wherever it comes from.\n\n## Proxies\n\n\
         Requests to vendors and to backends, `pg` aside, go through the proxy that `HTTPS_PROXY` names, unencrypted ones to this \
         machine through that of `HTTP_PROXY`; `ALL_PROXY` stands for both. `NO_PROXY` lists what is reached \
         without one, with commas between: hosts, which stand for everything below them as well, addresses, \
         networks such as `10.0.0.0/8`, or `*` for all. All four may be written in small letters. A proxy may \
         have credentials, as in `http://user:password@proxy.example.com:3128`; they are shown nowhere. \
         For vendors, beyond what `NO_PROXY` says: what is not encrypted never goes to a proxy on another machine, \
         and a proxy that speaks SOCKS is refused.\n\n## Without effect\n\nTerraform has these, and \
         here they change nothing.\n\n| variable | why |\n| --- | --- |\n",
    );
    for (name, why) in snapform::cli::WITHOUT_EFFECT {
        let _ = writeln!(text, "| `{name}` | {why} |");
    }
    check("environment.md", &text);
}

#[test]
fn commands() {
    let text = format!(
        "{NOTE}\n\n# Commands\n\n`snapform COMMAND -help` shows the same on a terminal. Options may \
         be typed with one dash or two.\n\n{}",
        snapform::cli::command_reference()
    );
    check("commands.md", &text);
}

#[test]
fn functions() {
    let mut text = format!("{NOTE}\n\n# Functions\n\n");
    let _ = writeln!(
        text,
        "{} functions, with Terraform's names and meaning. `...` marks any number of further \
         arguments. `snapform functions NAME` says more about one of them.",
        FunctionTable::all().count()
    );
    for family in FunctionTable::families() {
        let _ = write!(text, "\n## {}\n\n| call | meaning |\n| --- | --- |\n", family.title);
        for function in family.functions() {
            let meaning = function.description.replace('|', "\\|");
            let _ = writeln!(text, "| `{}` | {meaning} |", function.signature());
        }
    }
    check("functions.md", &text);
}

#[test]
fn terraform() {
    check("terraform.md", &format!("{NOTE}\n\n{}", terraform_table::page()));
}

#[test]
fn coverage() {
    check("providers/coverage.md", &references::coverage());
}

#[test]
fn providers() {
    for provider in REGISTRY.providers() {
        check(&format!("providers/{}.md", provider.name()), &page(provider));
    }
    let held = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/providers")).unwrap();
    let pages = REGISTRY.providers().count() + ["coverage"].len();
    assert_eq!(held.count(), pages, "a page of a provider that is gone");
}

fn page(provider: &dyn Provider) -> String {
    let name = provider.name();
    let schema = provider.schema();
    let mut text = format!("{NOTE}\n\n# Provider `{name}`\n\n{}\n", schema.description);
    let settings = schema.settings_table();
    if !settings.is_empty() {
        let _ = write!(
            text,
            "\n## Settings\n\nOf the block `provider \"{name}\"`. What the block says wins over \
             the environment; of several variables the first one that is set counts.\n\n{settings}"
        );
    }
    for resource in provider.resources() {
        text.push_str(&resource_section(&resource));
    }
    for data in provider.data_sources() {
        text.push_str(&data_section(&data));
    }
    if let Some(emulator) = provider.emulator() {
        text.push_str(&emulator_section(&*emulator));
    }
    text
}

fn data_section(data: &DataSpec) -> String {
    let schema = &data.schema;
    let mut text = format!("\n## data `{}`\n\n{}\n", data.type_name, schema.description);
    let _ = write!(text, "\n{}", schema.data_table());
    let _ = write!(text, "\nAttributes besides:\n\n{}", schema.attributes_table());
    text
}

fn resource_section(resource: &ResourceSpec) -> String {
    let schema = &resource.schema;
    let mut text = format!("\n## `{}`\n\n{}\n", resource.type_name, schema.description);
    let _ = write!(text, "\n{}{}", schema.arguments_table(), schema.blocks_tables());
    if !schema.timeouts.is_empty() {
        let operations =
            schema.timeouts.iter().map(|operation| format!("`{operation}`")).collect::<Vec<_>>();
        let _ = writeln!(
            text,
            "\nA block `{TIMEOUTS}` sets the patience for {}, as a duration such as `90s` or \
             `1h30m`.",
            operations.join(" and ")
        );
    }
    let order = match resource.replacement {
        Replacement::CreateFirst => {
            "A replacement is created before the old object is deleted, unless \
             `create_before_destroy` says otherwise."
                .to_owned()
        }
        Replacement::DeleteFirst => {
            "A replacement is created after the old object was deleted, unless \
             `create_before_destroy` says otherwise."
                .to_owned()
        }
        Replacement::DeleteFirstOnly(reason) => {
            format!("A replacement is always created after the old object was deleted: {reason}.")
        }
    };
    let _ = writeln!(text, "\n{}", order.replace("..", "."));
    if let Some(argument) = resource.exclusive_by {
        let _ =
            writeln!(text, "Objects with the same `{argument}` are made and deleted one by one.");
    }
    if let Some(unique) = resource.unique {
        let arguments: Vec<_> =
            unique.arguments.iter().map(|argument| format!("`{argument}`")).collect();
        let arguments = arguments.join(" and ");
        let must = match unique.sharing {
            Sharing::Refused => "may",
            Sharing::Advised => "should",
        };
        let reason = unique.reason;
        let _ = writeln!(text, "No two instances {must} have the same {arguments}: {reason}.");
    }
    let computed = schema.attributes_table();
    if !computed.is_empty() {
        let _ = write!(text, "\nAttributes besides:\n\n{computed}");
    }
    text
}

fn emulator_section(emulator: &dyn Emulator) -> String {
    let mut text = String::from("\n## Emulator\n\nTest credentials and address:\n\n");
    text.push_str("| setting | value |\n| --- | --- |\n");
    for (name, value) in emulator.settings("http://127.0.0.1:PORT") {
        if let Some(value) = value {
            let _ = writeln!(text, "| `{name}` | `{value}` |");
        }
    }
    let vendor = emulator.vendor();
    let _ = write!(
        text,
        "\nKnobs, set with `snapform emulator knobs {vendor}.KNOB=NUMBER`:\n\n| knob | default | \
         meaning |\n| --- | --- | --- |\n"
    );
    for knob in snapform::sdk::emulator::knobs_of(emulator) {
        let _ = writeln!(text, "| `{}` | {} | {} |", knob.name, knob.default, knob.description);
    }
    text
}
