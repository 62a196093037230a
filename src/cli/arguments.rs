//! Arguments as Terraform's users type them.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, ArgMatches, Command};

use crate::diag::{Diagnostic, code};

use super::Stop;
use super::environment::Environment;

/// A value or a file of values, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Assigned {
    /// `-var NAME=VALUE`.
    Value(String),
    /// `-var-file FILE`.
    File(PathBuf),
}

/// Gives long options their second dash: `-auto-approve` is `--auto-approve`. What follows a bare
/// `--` stays as it is. `help COMMAND` is `COMMAND -help`, and `-version` the command `version`.
pub(super) fn normalise(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut bare = false;
    let normalised = arguments.into_iter().map(|argument| {
        let text = argument.to_str().unwrap_or_default();
        bare |= text == "--";
        let mut characters = text.chars();
        let is_long = characters.next() == Some('-')
            && characters.next().is_some_and(char::is_alphabetic)
            && characters.next().is_some();
        if is_long && !bare { OsString::from(format!("-{text}")) } else { argument }
    });
    let mut words: Vec<_> = normalised.collect();
    let is = |word: &OsString, names: &[&str]| names.iter().any(|name| word == name);
    // Only before a command: behind one, `-v` is that command's, and `help` may be a name.
    let first = words.iter().skip(1).position(|word| {
        is(word, &["-v", "-V", "--version"]) || !word.to_string_lossy().starts_with('-')
    });
    let Some(first) = first.map(|position| position + 1) else { return words };
    if is(&words[first], &["-v", "-V", "--version"]) {
        words[first] = OsString::from("version");
    } else if is(&words[first], &["help"]) {
        words.remove(first);
        words.push(OsString::from("--help"));
    }
    words
}

/// Puts the arguments that the environment gives behind the command, before those that were typed:
/// later ones win. First those for this command, then those for every command.
pub(super) fn with_environment(
    typed: Vec<OsString>,
    root: &Command,
    environment: &Environment,
) -> Result<Vec<OsString>, Stop> {
    let Some((at, command, path)) = command_of(&typed, root) else { return Ok(typed) };
    let mut given = Vec::new();
    for name in [format!("CLI_ARGS_{}", path.replace(['-', ' '], "_")), "CLI_ARGS".to_owned()] {
        let Some(text) = environment.twin(&name) else { continue };
        let Some(words) = shlex::split(text) else {
            let variable = environment.twin_name(&name).unwrap_or(name);
            let detail =
                format!("The text in {variable} has a quotation mark that is never closed.");
            return Err(Diagnostic::error(code::USAGE, detail).into());
        };
        given.extend(normalise(words.into_iter().map(OsString::from)));
    }
    let can_ask = command.get_arguments().any(|argument| argument.get_id() == "input");
    if can_ask && environment.forbids_input() {
        given.insert(0, OsString::from("--input=false"));
    }
    let mut all = typed;
    let rest = all.split_off(at);
    all.extend(given);
    all.extend(rest);
    Ok(switched(all, root, command))
}

/// Takes switches as Terraform's users may type them: `-auto-approve=true`, `-json=false`, and `1`,
/// `t`, `0` or `f` where `true` or `false` is meant. What is switched off later is off.
fn switched(words: Vec<OsString>, root: &Command, command: &Command) -> Vec<OsString> {
    let mut all: Vec<OsString> = Vec::with_capacity(words.len());
    let mut words = words.into_iter();
    for word in words.by_ref() {
        let text = word.to_str().unwrap_or_default();
        if text == "--" {
            all.push(word);
            break;
        }
        let typed = text.strip_prefix("--").and_then(|typed| typed.split_once('='));
        let Some((name, value)) = typed else {
            all.push(word);
            continue;
        };
        let mut known = command.get_arguments().chain(root.get_arguments());
        let argument = known.find(|argument| argument.get_long() == Some(name));
        let is_switch =
            argument.is_some_and(|found| matches!(found.get_action(), ArgAction::SetTrue));
        let has_truth = argument
            .and_then(clap::Arg::get_value_names)
            .is_some_and(|names| names.iter().any(|name| name.as_str() == "BOOL"));
        let switch = format!("--{name}");
        match truth(value) {
            Some(true) if is_switch => all.push(OsString::from(switch)),
            Some(false) if is_switch => all.retain(|earlier| *earlier != *switch),
            Some(truth) if has_truth => all.push(OsString::from(format!("{switch}={truth}"))),
            _ => all.push(word),
        }
    }
    all.extend(words);
    all
}

fn truth(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

/// The position and the text of the first word that is neither an option nor the value of one.
pub(super) fn first_word<'w>(typed: &'w [OsString], root: &Command) -> Option<(usize, &'w str)> {
    let mut words = typed.iter().enumerate().skip(1);
    while let Some((position, word)) = words.next() {
        let word = word.to_str()?;
        let Some(option) = word.strip_prefix("--") else { return Some((position, word)) };
        let takes_value = root.get_arguments().any(|argument| {
            argument.get_long() == Some(option) && argument.get_action().takes_values()
        });
        if takes_value {
            words.next();
        }
    }
    None
}

/// The position behind the words of the command, the command, and its words.
fn command_of<'c>(typed: &[OsString], root: &'c Command) -> Option<(usize, &'c Command, String)> {
    let (first, _) = first_word(typed, root)?;
    let mut command = root;
    let mut found = None;
    let mut path = String::new();
    for (position, word) in typed.iter().enumerate().skip(first) {
        let Some(inner) = command.find_subcommand(word) else { break };
        command = inner;
        if !path.is_empty() {
            path.push(' ');
        }
        path.push_str(inner.get_name());
        found = Some(position + 1);
    }
    found.map(|at| (at, command, path))
}

/// The values given on the command line, of both kinds in the order typed: later ones win.
pub(super) fn assignments(matches: &ArgMatches) -> Vec<Assigned> {
    let mut innermost = matches;
    while let Some((_, inner)) = innermost.subcommand() {
        innermost = inner;
    }
    let mut found: Vec<(usize, Assigned)> = Vec::new();
    if let Ok(Some(values)) = innermost.try_get_many::<String>("var") {
        let indices = innermost.indices_of("var").into_iter().flatten();
        found.extend(indices.zip(values.cloned().map(Assigned::Value)));
    }
    if let Ok(Some(files)) = innermost.try_get_many::<PathBuf>("var_file") {
        let indices = innermost.indices_of("var_file").into_iter().flatten();
        found.extend(indices.zip(files.cloned().map(Assigned::File)));
    }
    found.sort_by_key(|(index, _)| *index);
    found.into_iter().map(|(_, assigned)| assigned).collect()
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;
    use crate::cli::args::Cli;

    fn words(text: &str) -> Vec<OsString> {
        text.split(' ').map(OsString::from).collect()
    }

    #[test]
    fn one_dash_is_as_good_as_two() {
        let normalised = normalise(words("snapform -chdir=x plan -out p -h --target a - -- -var"));
        assert_eq!(normalised, words("snapform --chdir=x plan --out p -h --target a - -- -var"));
    }

    #[test]
    fn help_and_version_have_several_spellings() {
        for (typed, read) in [
            ("snapform help plan", "snapform plan --help"),
            ("snapform -chdir=x help state mv", "snapform --chdir=x state mv --help"),
            ("snapform help", "snapform --help"),
            ("snapform -version", "snapform version"),
            ("snapform -v", "snapform version"),
            ("snapform plan -v", "snapform plan -v"),
            ("snapform state show help", "snapform state show help"),
        ] {
            assert_eq!(normalise(words(typed)), words(read), "{typed}");
        }
    }

    #[test]
    fn the_order_of_values_and_files_is_kept() {
        let typed = normalise(words("snapform plan -var a=1 -var-file f -var a=2"));
        let matches = Cli::command().try_get_matches_from(typed).unwrap();
        assert_eq!(
            assignments(&matches),
            [
                Assigned::Value("a=1".to_owned()),
                Assigned::File("f".into()),
                Assigned::Value("a=2".to_owned())
            ]
        );
    }

    #[test]
    fn the_command_is_found_behind_global_options() {
        let found = |text: &str| {
            let command = Cli::command();
            let found = command_of(&normalise(words(text)), &command);
            found.map(|(at, _, path)| (at, path))
        };
        let at = |position: usize, path: &str| Some((position, path.to_owned()));
        assert_eq!(found("snapform plan -out p"), at(2, "plan"));
        assert_eq!(found("snapform -chdir plan state list x"), at(5, "state list"));
        assert_eq!(found("snapform -chdir=x -no-color force-unlock"), at(4, "force-unlock"));
        assert_eq!(found("snapform state"), at(2, "state"));
        assert_eq!(found("snapform -help"), None);
        assert_eq!(found("snapform nonsense plan"), None);
    }

    #[test]
    fn switches_may_be_spelled_out() {
        let typed = |text: &str| {
            let (root, typed) = (Cli::command(), normalise(words(text)));
            let command = command_of(&typed, &root).unwrap().1;
            let words = switched(typed, &root, command);
            words.into_iter().map(|word| word.into_string().unwrap()).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(
            typed("snapform apply -auto-approve=true -refresh=0 -no-color=t -lock=F"),
            "snapform apply --auto-approve --refresh=false --no-color --lock=false"
        );
        assert_eq!(typed("snapform apply -auto-approve -auto-approve=false"), "snapform apply");
        assert_eq!(
            typed("snapform plan -var=x=1 -out=1 -detailed-exitcode=maybe -- --json=true"),
            "snapform plan --var=x=1 --out=1 --detailed-exitcode=maybe -- --json=true"
        );
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
