//! Command lines that cannot be followed, told as every other problem is: what, and what to do.

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, Error};

use crate::diag::{Diagnostic, code};

use super::help::{innermost, one_dash};

/// What is wrong with the command line `words`.
pub(super) fn problem(error: &Error, root: &Command, words: &[String]) -> Diagnostic {
    let (command, name) = innermost(root, words);
    let problem = |detail: String| Diagnostic::error(code::USAGE, detail);
    let invalid = context(error, ContextKind::InvalidArg);
    let argument = invalid.first().map(|argument| spoken(argument)).unwrap_or_default();
    let value = context(error, ContextKind::InvalidValue).first().cloned().unwrap_or_default();
    let told = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            let word = context(error, ContextKind::InvalidSubcommand).concat();
            let names = command.get_subcommands().map(Command::get_name);
            return problem(format!("`{name}` has no command `{word}`."))
                .did_you_mean(&word, names)
                .help(format!("`{name} -help` lists its commands"));
        }
        ErrorKind::UnknownArgument => return unknown(root, command, &name, &argument),
        ErrorKind::InvalidValue if value.is_empty() => {
            problem(format!("`{argument}` needs a value."))
        }
        ErrorKind::InvalidValue => {
            let allowed = context(error, ContextKind::ValidValue);
            let list: Vec<_> = allowed.iter().map(|value| format!("`{value}`")).collect();
            problem(format!("`{value}` is no value of `{argument}`: it takes {}.", list.join(", ")))
                .did_you_mean(&value, allowed.iter().map(String::as_str))
        }
        ErrorKind::ValueValidation => problem(format!(
            "`{value}` is no value of `{argument}`: {}.",
            std::error::Error::source(error).map(reason).unwrap_or_default()
        )),
        ErrorKind::ArgumentConflict => {
            let others: Vec<_> = context(error, ContextKind::PriorArg)
                .iter()
                .map(|other| format!("`{}`", spoken(other)))
                .collect();
            problem(if others.is_empty() || others == [format!("`{argument}`")] {
                format!("`{argument}` may stand there only once.")
            } else {
                format!("`{argument}` does not go together with {}.", others.join(" and "))
            })
        }
        ErrorKind::MissingRequiredArgument => {
            let missing: Vec<_> =
                invalid.iter().map(|argument| format!("`{}`", one_dash(argument))).collect();
            problem(format!("`{name}` needs {}.", missing.join(" and ")))
        }
        ErrorKind::NoEquals => problem(format!("`{argument}` takes its value behind `=`.")),
        _ => problem(first_line(error)),
    };
    told.help(format!("`{name} -help` tells what it takes"))
}

/// An option or argument that the command does not have.
fn unknown(root: &Command, command: &Command, name: &str, typed: &str) -> Diagnostic {
    let detail = if typed.starts_with('-') {
        format!("`{name}` has no option `{typed}`.")
    } else {
        format!("`{name}` takes no `{typed}`.")
    };
    let own = options(command);
    let owners = owners(root, root.get_name(), typed);
    let told = Diagnostic::error(code::USAGE, detail)
        .did_you_mean(typed, own.iter().map(String::as_str).filter(|_| typed.starts_with('-')));
    let told = if owners.is_empty() {
        told
    } else {
        let owners: Vec<_> = owners.iter().take(3).map(|owner| format!("`{owner}`")).collect();
        told.help(format!("`{typed}` is an option of {}", owners.join(", ")))
    };
    told.help(format!("`{name} -help` tells what it takes"))
}

/// The options of a command, as they are typed.
fn options(command: &Command) -> Vec<String> {
    let names = command.get_arguments().filter_map(|argument| argument.get_long());
    names.map(|name| format!("-{name}")).collect()
}

/// The commands that have this option.
fn owners(command: &Command, name: &str, option: &str) -> Vec<String> {
    let own = options(command).iter().any(|own| own == option).then(|| name.to_owned());
    let below = command
        .get_subcommands()
        .flat_map(|inner| owners(inner, &format!("{name} {}", inner.get_name()), option));
    own.into_iter().chain(below).collect()
}

fn context(error: &Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

/// An option as it is typed, without its value: `-out` for `--out <FILE>`.
fn spoken(argument: &str) -> String {
    let typed = argument.split([' ', '=', '[']).next().filter(|typed| !typed.is_empty());
    one_dash(typed.unwrap_or(argument))
}

/// Why a value does not do, in words that do not speak of parsers.
fn reason(error: &(dyn std::error::Error + 'static)) -> String {
    let text = error.to_string();
    match &*text {
        "invalid digit found in string" | "cannot parse integer from empty string" => {
            "it is no whole number".to_owned()
        }
        "invalid socket address syntax" => "it is no address such as 127.0.0.1:8000".to_owned(),
        _ => text.replace("..=", " to ").replace(" is not in ", " is not within "),
    }
}

/// What `clap` says, for what has no words of our own.
fn first_line(error: &Error) -> String {
    let text = error.to_string();
    let line = text.lines().next().unwrap_or_default();
    format!("{}.", one_dash(line.trim_start_matches("error: ").trim_end_matches('.')))
}
