//! The page of all commands, from what the command line itself knows.

use clap::{Arg, Command};

use super::args::EXAMPLES;
use super::help;

/// Every command with its arguments, options and examples, in Markdown, without a title.
pub fn command_reference() -> String {
    let mut root = help::command();
    root.build();
    let mut text = String::from("## Options of every command\n\n");
    let everywhere: Vec<_> =
        root.get_arguments().filter(|argument| !argument.is_positional()).collect();
    text.push_str(&table(&everywhere));
    section(&root, "", &mut text);
    text
}

fn section(command: &Command, path: &str, text: &mut String) {
    for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
        let name = inner.get_name();
        let path = if path.is_empty() { name.to_owned() } else { format!("{path} {name}") };
        if !inner.is_subcommand_required_set() {
            one(inner, &path, text);
        }
        section(inner, &path, text);
    }
}

/// The section of one command.
fn one(inner: &Command, path: &str, text: &mut String) {
    let about = inner.get_about().map(ToString::to_string).unwrap_or_default();
    text.push_str(&format!("\n## `{path}`\n\n{about}.\n"));
    let (arguments, options): (Vec<_>, Vec<_>) =
        inner.get_arguments().partition(|argument| argument.is_positional());
    let own = |argument: &&Arg| !argument.is_global_set() && argument.get_id() != "help";
    let options: Vec<_> = options.into_iter().filter(own).collect();
    for list in [arguments, options].iter().filter(|list| !list.is_empty()) {
        text.push('\n');
        text.push_str(&table(list));
    }
    let examples = EXAMPLES.iter().find(|(of, _)| *of == path);
    if let Some((_, examples)) = examples {
        text.push_str("\n```console\n");
        for (line, what) in *examples {
            text.push_str(&format!("# {what}\n$ {line}\n"));
        }
        text.push_str("```\n");
    }
}

fn table(arguments: &[&Arg]) -> String {
    let mut text = String::from("| argument | meaning |\n| --- | --- |\n");
    for argument in arguments {
        let mut meaning = argument.get_help().map(ToString::to_string).unwrap_or_default();
        let values: Vec<_> = argument
            .get_possible_values()
            .iter()
            .map(|value| format!("`{}`", value.get_name()))
            .collect();
        if argument.get_action().takes_values() && !values.is_empty() {
            meaning.push_str(&format!(" ({})", values.join(", ")));
        }
        let default: Vec<_> =
            argument.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        if argument.get_action().takes_values() && !default.is_empty() {
            meaning.push_str(&format!("; `{}` unless told otherwise", default.join(" ")));
        }
        let spelling = spelling(argument);
        text.push_str(&format!("| `{spelling}` | {} |\n", meaning.replace('|', "\\|")));
    }
    text
}

/// The argument as it is typed.
fn spelling(argument: &Arg) -> String {
    let names = argument.get_value_names().unwrap_or_default();
    let value = names.first().map(ToString::to_string).unwrap_or_default();
    match argument.get_long() {
        None => value,
        Some(name) if !argument.get_action().takes_values() => format!("-{name}"),
        Some(name) => format!("-{name}={value}"),
    }
}
