//! What `-help` shows: commands and options with headings and examples, with one dash as people
//! type them here.

use std::ffi::OsString;

use clap::builder::Styles;
use clap::{Arg, ArgAction, Args as _, Command, CommandFactory as _};

use crate::view::Look;

use super::args::{ALONE, Cli, EXAMPLES, Global, NAME};
use super::arguments::first_word;

/// Headings of options, by the names of the options in the code.
const HEADINGS: [(&str, &[&str]); 6] = [
    (
        "What is planned",
        &[
            "destroy",
            "refresh_only",
            "refresh",
            "target",
            "target_file",
            "target_source",
            "exclude",
            "exclude_file",
            "exclude_source",
            "replace",
        ],
    ),
    ("Values of variables", &["var", "var_file", "input"]),
    ("State", &["lock", "lock_timeout", "state", "state_out", "backup", "ignore_remote_version"]),
    ("How it runs", &["parallelism", "auto_approve", "absent", "dry_run"]),
    (
        "What is told",
        &[
            "out",
            "json",
            "json_into",
            "raw",
            "detailed_exitcode",
            "concise",
            "warn_expiry",
            "compact_warnings",
            "show_sensitive",
            "generate_config_out",
        ],
    ),
    ("Everywhere", &["chdir", "allow_files", "emulate", "log", "no_color", "help"]),
];

/// The command line with everything that its help says.
pub(super) fn command() -> Command {
    dressed(settled(Cli::command()), "")
}

/// The command line with no other command than the one that is typed, and without what only help
/// shows. `None` where no command is typed, or an unknown one. Whatever it refuses must be read again
/// with the whole command line, which tells what is wrong.
pub(super) fn command_alone(typed: &[OsString]) -> Option<Command> {
    let root = settled(Global::augment_args(Command::new(NAME)));
    let (_, word) = first_word(typed, &root)?;
    let (name, describe) = ALONE.iter().find(|(name, _)| *name == word)?;
    Some(root.subcommand(describe(Command::new(*name))))
}

/// What holds for every command.
fn settled(root: Command) -> Command {
    let help = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .global(true)
        .help("Show this");
    root.disable_version_flag(true)
        .disable_help_flag(true)
        .disable_help_subcommand(true)
        .arg_required_else_help(true)
        // Of options typed twice the later one counts, as with Terraform: the environment may give
        // some.
        .args_override_self(true)
        .arg(help)
}

fn dressed(command: Command, path: &str) -> Command {
    let examples = EXAMPLES.iter().find(|(of, _)| *of == path).map(|(_, examples)| *examples);
    let mut command = command.mut_args(headed);
    if let Some(examples) = examples {
        command = command.after_help(written(examples));
    }
    let names: Vec<_> =
        command.get_subcommands().map(|inner| inner.get_name().to_owned()).collect();
    for name in names {
        let path = if path.is_empty() { name.clone() } else { format!("{path} {name}") };
        command = command.mut_subcommand(&name, |inner| dressed(inner, &path));
    }
    command
}

fn headed(arg: Arg) -> Arg {
    let id = arg.get_id().as_str();
    let heading = HEADINGS.iter().find(|(_, ids)| ids.contains(&id)).map(|(heading, _)| *heading);
    match heading {
        Some(heading) if !arg.is_positional() => arg.help_heading(heading),
        _ => arg,
    }
}

/// Examples one below the other, what they do behind them or, where that is long, above.
fn written(examples: &[(&str, &str)]) -> String {
    let width = examples.iter().map(|(line, _)| line.chars().count()).max().unwrap_or_default();
    let lines = examples.iter().map(|(line, what)| {
        if width <= WIDEST {
            format!("  {line:<width$}   {what}")
        } else {
            format!("  # {what}\n  {line}")
        }
    });
    format!("Examples:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

/// Columns of examples that leave room for what they do.
const WIDEST: usize = 48;

/// The command that `words` name, as far as they do, and what it is called.
pub(super) fn innermost<'c>(root: &'c Command, words: &[String]) -> (&'c Command, String) {
    let (mut command, mut name) = (root, root.get_name().to_owned());
    let before = words.iter();
    for (word, before) in words.iter().skip(1).zip(before) {
        // Options before the command that take the next word as their value.
        if matches!(&**before, "--chdir" | "--allow-files") {
            continue;
        }
        if let Some(inner) = command.find_subcommand(word) {
            command = inner;
            name = format!("{name} {}", inner.get_name());
        } else if !word.starts_with('-') {
            break;
        }
    }
    (command, name)
}

/// The help of the command that `words` name.
pub(super) fn page(words: &[String], look: Look) -> String {
    let styles = if look.paint.colours { Styles::styled() } else { Styles::plain() };
    let mut root = command().styles(styles).term_width(look.width);
    root.build();
    let (found, _) = innermost(&root, words);
    let help = found.clone().render_help();
    let text = if look.paint.colours { help.ansi().to_string() } else { help.to_string() };
    let is_root = found.get_name() == root.get_name();
    let text = if is_root { with_main_commands(&text) } else { text };
    one_dash(&ordered(&text))
}

/// The commands of everyday work, in the order in which they are used.
const MAIN: [&str; 5] = ["init", "validate", "plan", "apply", "destroy"];

/// The list of all commands as two lists: what everybody needs, and the others.
fn with_main_commands(text: &str) -> String {
    let of_section = |section: &str| {
        let (title, list) = section.split_once('\n')?;
        let name = title.contains("Commands:").then_some("Commands:")?;
        let is_main = |line: &&str| MAIN.iter().any(|main| names(line, main));
        let (mut main, others): (Vec<_>, Vec<_>) = list.lines().partition(is_main);
        main.sort_by_key(|line| MAIN.iter().position(|main| names(line, main)));
        let first = title.replace(name, "Main commands:");
        let second = title.replace(name, "Other commands:");
        Some(format!("{first}\n{}\n\n{second}\n{}", main.join("\n"), others.join("\n")))
    };
    let sections = text.split("\n\n");
    let sections: Vec<_> =
        sections.map(|section| of_section(section).unwrap_or_else(|| section.to_owned())).collect();
    sections.join("\n\n")
}

/// Whether a line of the list is about this command, whatever it is painted with.
fn names(line: &str, command: &str) -> bool {
    let behind = line
        .trim_start()
        .trim_start_matches(|sign: char| sign == '\u{1b}' || sign == '[' || sign.is_ascii_digit());
    let painted = behind.strip_prefix('m').filter(|_| line.contains('\u{1b}'));
    let behind = painted.unwrap_or(behind);
    behind.strip_prefix(command).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
}

/// What every command takes stands behind what only this one does.
fn ordered(text: &str) -> String {
    let is_everywhere = |section: &&str| section.contains(HEADINGS[HEADINGS.len() - 1].0);
    let is_example = |section: &&str| section.starts_with("Examples:");
    let sections: Vec<_> = text.trim_end().split("\n\n").collect();
    let (last, sections): (Vec<_>, Vec<_>) = sections.into_iter().partition(is_everywhere);
    let (examples, sections): (Vec<_>, Vec<_>) = sections.into_iter().partition(is_example);
    let all: Vec<_> = [sections, last, examples].concat();
    format!("{}\n", all.join("\n\n"))
}

/// Options with the one dash with which they are typed; what stands behind them stays in its column.
pub(super) fn one_dash(text: &str) -> String {
    text.split_inclusive('\n').map(one_dash_in_line).collect()
}

fn one_dash_in_line(line: &str) -> String {
    let begin = line.len() - line.trim_start().len();
    let is_option = line.trim_start().starts_with(['-', '\u{1b}']);
    let gap = line.get(begin..).filter(|_| is_option).and_then(|text| text.find("  "));
    let (option, description) = line.split_at(gap.map_or(line.len(), |gap| begin + gap));
    let shorter = without_dashes(option);
    let lost = if description.is_empty() { 0 } else { option.len() - shorter.len() };
    format!("{shorter}{}{}", " ".repeat(lost), without_dashes(description))
}

/// `text` in which `--name` has one dash.
fn without_dashes(text: &str) -> String {
    let mut shorter = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once("--") {
        let is_styled = before.rsplit_once('\u{1b}').is_some_and(|(_, style)| {
            style
                .trim_end_matches('m')
                .trim_start_matches(|sign: char| {
                    sign == '[' || sign == ';' || sign.is_ascii_digit()
                })
                .is_empty()
        });
        let in_word = before.ends_with(|last: char| last.is_alphanumeric() || last == '-');
        let is_option = behind.starts_with(|next: char| next.is_ascii_alphabetic());
        shorter.push_str(before);
        shorter.push_str(if is_option && (is_styled || !in_word) { "-" } else { "--" });
        rest = behind;
    }
    shorter.push_str(rest);
    shorter
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use super::*;
    use crate::cli::arguments::normalise;
    use crate::cli::read;

    fn leaves(command: &Command, path: &str, found: &mut Vec<String>) {
        for inner in command.get_subcommands().filter(|inner| !inner.is_hide_set()) {
            let path = if path.is_empty() {
                inner.get_name().to_owned()
            } else {
                format!("{path} {}", inner.get_name())
            };
            leaves(inner, &path, found);
            // Commands that only say why they do nothing need no examples.
            let about = inner.get_about().map(ToString::to_string).unwrap_or_default();
            if !inner.is_subcommand_required_set() && !about.starts_with("Says why") {
                found.push(path);
            }
        }
    }

    /// Words as a shell would cut them, up to where its own signs begin.
    fn words(line: &str) -> Vec<OsString> {
        let end = [" > ", " | "].iter().filter_map(|sign| line.find(sign)).min();
        let line = line.get(..end.unwrap_or(line.len())).unwrap_or_default();
        line.split(' ').map(|word| OsString::from(word.trim_matches('\''))).collect()
    }

    #[test]
    fn every_command_has_examples_that_can_be_typed() {
        let mut paths = vec![String::new()];
        leaves(&command(), "", &mut paths);
        for path in paths {
            let examples = EXAMPLES.iter().find(|(of, _)| *of == path);
            let (_, examples) = examples.unwrap_or_else(|| panic!("no example of `{path}`"));
            assert!((2..=3).contains(&examples.len()), "{path}");
            for (line, _) in *examples {
                let parsed = command().try_get_matches_from(normalise(words(line)));
                assert!(parsed.is_ok(), "{line}: {}", parsed.unwrap_err());
            }
        }
    }

    #[test]
    fn a_command_alone_is_read_as_it_is_among_all_others() {
        let root = command();
        let shown = root.get_subcommands().filter(|inner| !inner.is_hide_set());
        let names: Vec<_> = shown.map(Command::get_name).collect();
        assert_eq!(names, ALONE.map(|(name, _)| name));
        for (line, _) in EXAMPLES.iter().flat_map(|(_, examples)| *examples) {
            let typed = normalise(words(line));
            let Some(alone) = command_alone(&typed) else {
                assert!(line.contains("help"), "{line}");
                continue;
            };
            let read = |command| format!("{:?}", read(command, &typed).unwrap().1);
            assert_eq!(read(alone), read(command()), "{line}");
        }
        for line in ["snapform", "snapform -help", "snapform plam", "snapform -chdir plan apply"] {
            let alone = command_alone(&normalise(words(line)));
            let found = alone.as_ref().and_then(|root| root.get_subcommands().next());
            let found = found.map(Command::get_name);
            assert_eq!(found, line.ends_with("apply").then_some("apply"), "{line}");
        }
    }

    #[test]
    fn options_lose_a_dash_and_descriptions_keep_their_column() {
        let text = "  --out <FILE>  Save it, as --out says\n  -h, --help    Help\n a--b -- c\n";
        let shown = "  -out <FILE>   Save it, as -out says\n  -h, -help     Help\n a--b -- c\n";
        assert_eq!(one_dash(text), shown);
        let painted = "      \u{1b}[1m--out\u{1b}[0m <FILE>  Save it\n";
        assert_eq!(one_dash(painted), "      \u{1b}[1m-out\u{1b}[0m <FILE>   Save it\n");
    }

    #[test]
    fn help_is_as_wide_as_the_terminal() {
        for width in [60, 80, 120] {
            let look = Look { paint: crate::view::Paint::PLAIN, width };
            let text = page(&["snapform".to_owned(), "plan".to_owned()], look);
            let wide = text.lines().take_while(|line| *line != "Examples:");
            let wide: Vec<_> = wide.filter(|line| line.chars().count() > width).collect();
            assert_eq!(wide, Vec::<&str>::new());
        }
    }
}
