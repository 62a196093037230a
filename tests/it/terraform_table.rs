//! What Terraform's command line takes, and what ours makes of it: the page `docs/terraform.md`.
//!
//! `tests/data/terraform/commands.txt` says what Terraform takes and `verdicts.txt` what became of it here.
//! Neither can drift: every fact has a verdict, and every verdict is held against our own help.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use snapform::cli::{ENVIRONMENT, WITHOUT_EFFECT};

use crate::support::Sandbox;

const FACTS: &str = include_str!("../data/terraform/commands.txt");
const VERDICTS: &str = include_str!("../data/terraform/verdicts.txt");

/// What stands in both files for the options before any command.
const GLOBAL: &str = "terraform";
/// What stands in the verdicts for a flag wherever it has none of its own.
const ANY: &str = "*";

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Same,
    Better,
    NotApplicable,
    NotYet,
}

impl Verdict {
    const ALL: [Self; 4] = [Self::Same, Self::Better, Self::NotApplicable, Self::NotYet];

    fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::Better => "better",
            Self::NotApplicable => "not applicable",
            Self::NotYet => "not yet",
        }
    }
}

struct Judgement {
    verdict: Verdict,
    words: &'static str,
}

struct Flag {
    name: &'static str,
    /// Whether it takes a text; otherwise it takes `true` or `false`, and is true without either.
    takes_text: bool,
    /// Whether Terraform takes it without telling so.
    is_hidden: bool,
}

struct Command {
    name: &'static str,
    flags: Vec<Flag>,
}

/// What Terraform takes.
#[derive(Default)]
struct Facts {
    commands: Vec<Command>,
    variables: Vec<&'static str>,
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#'))
}

fn facts() -> Facts {
    let mut facts = Facts::default();
    for line in lines(FACTS) {
        if line.starts_with("TF_") {
            facts.variables.push(line);
            continue;
        }
        let Some((command, flag)) = line.split_once(" -") else {
            facts.commands.push(Command { name: line, flags: Vec::new() });
            continue;
        };
        let known = facts.commands.last_mut().unwrap();
        assert_eq!(known.name, command, "`{line}` is not below its command");
        let mut words = flag.split(' ');
        let name = words.next().unwrap();
        let takes_text = match words.next() {
            Some("text") => true,
            Some("bool") => false,
            kind => panic!("`{line}`: {kind:?}"),
        };
        known.flags.push(Flag { name, takes_text, is_hidden: words.next() == Some("hidden") });
    }
    facts
}

/// The verdicts by what they are about: a command, a flag of a command, a flag, a variable.
struct Verdicts(BTreeMap<&'static str, Judgement>);

impl Verdicts {
    fn read() -> Self {
        let mut all = BTreeMap::new();
        for line in lines(VERDICTS) {
            let parts = line.split(" | ").collect::<Vec<_>>();
            let [subject, verdict, words] = match parts[..] {
                [subject, verdict] => [subject, verdict, ""],
                [subject, verdict, words] => [subject, verdict, words],
                _ => panic!("`{line}` is no verdict"),
            };
            let known = Verdict::ALL.into_iter().find(|known| known.name() == verdict);
            let verdict = known.unwrap_or_else(|| panic!("`{line}`: no such verdict"));
            let needs_words = verdict != Verdict::Same;
            assert!(!needs_words || !words.is_empty(), "`{line}` gives no reason");
            let earlier = all.insert(subject, Judgement { verdict, words });
            assert!(earlier.is_none(), "two verdicts about `{subject}`");
        }
        Self(all)
    }

    fn find(&self, subject: &str) -> Option<(&'static str, &Judgement)> {
        self.0.get_key_value(subject).map(|(subject, judgement)| (*subject, judgement))
    }

    fn about(&self, subject: &str) -> &Judgement {
        self.find(subject).unwrap_or_else(|| panic!("no verdict about `{subject}`")).1
    }

    /// The verdict about a flag, and the line that it comes from: one of its own, one for the flag
    /// everywhere, or that of a command that does nothing.
    fn about_flag(&self, command: &Command, flag: &Flag) -> (&'static str, &Judgement) {
        let own = format!("{} -{}", command.name, flag.name);
        let anywhere = format!("{ANY} -{}", flag.name);
        let whole = self.find(command.name).filter(|(_, of)| of.verdict == Verdict::NotApplicable);
        let found = whole.or_else(|| self.find(&own)).or_else(|| self.find(&anywhere));
        found.unwrap_or_else(|| panic!("no verdict about `{own}`"))
    }
}

/// Our options of a command, from its help: names, and whether they take a text.
fn our_flags(command: &str) -> BTreeMap<String, bool> {
    let line = if command == GLOBAL { "-help".to_owned() } else { format!("{command} -help") };
    let help = Sandbox::empty().quietly(&line).succeeded().stdout;
    let mut flags = BTreeMap::new();
    // What an option does begins further in, and may begin with a dash as well.
    let options = help.lines().filter(|line| line.len() - line.trim_start().len() <= 6);
    for line in options.map(str::trim_start).filter(|line| line.starts_with('-')) {
        let names = line.split("  ").next().unwrap();
        let long = names.rsplit(", ").next().unwrap().trim_start_matches('-');
        let end = long.find([' ', '[']).unwrap_or(long.len());
        flags.insert(long[..end].to_owned(), long[end..].starts_with(" <"));
    }
    // What stands in place of a command is in no list of options.
    if command == GLOBAL {
        let taken = ["version", "v"]
            .into_iter()
            .filter(|name| Sandbox::empty().quietly(&format!("-{name}")).code == Some(0));
        flags.extend(taken.map(|name| (name.to_owned(), false)));
    }
    flags
}

#[test]
fn every_fact_has_a_verdict_and_every_verdict_a_fact() {
    let (facts, verdicts) = (facts(), Verdicts::read());
    let mut used = BTreeSet::new();
    for command in &facts.commands {
        used.insert(verdicts.find(command.name).unwrap_or_else(|| panic!("{}", command.name)).0);
        for flag in &command.flags {
            used.insert(verdicts.about_flag(command, flag).0);
        }
    }
    for variable in &facts.variables {
        used.insert(verdicts.find(variable).unwrap_or_else(|| panic!("{variable}")).0);
    }
    let idle = verdicts.0.keys().filter(|subject| !used.contains(*subject)).collect::<Vec<_>>();
    assert!(idle.is_empty(), "verdicts about nothing: {idle:?}");
}

#[test]
fn what_the_table_promises_is_in_our_command_line() {
    let (facts, verdicts) = (facts(), Verdicts::read());
    let mut wrong = Vec::new();
    for command in &facts.commands {
        if verdicts.about(command.name).verdict != Verdict::Same
            && verdicts.about(command.name).verdict != Verdict::Better
        {
            continue;
        }
        let ours = our_flags(command.name);
        for flag in &command.flags {
            let (_, judgement) = verdicts.about_flag(command, flag);
            let at = format!("{} -{}", command.name, flag.name);
            match (ours.get(flag.name), judgement.verdict) {
                (None, Verdict::NotYet) => {}
                (Some(_), Verdict::NotYet) => wrong.push(format!("{at} is there now")),
                (None, Verdict::NotApplicable) if flag.is_hidden => {}
                (None, verdict) => {
                    wrong.push(format!("{at} is missing and not {}", verdict.name()));
                }
                (Some(takes_text), _) if *takes_text != flag.takes_text => {
                    wrong.push(format!("{at} takes another kind of value"));
                }
                (Some(_), _) => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn commands_without_meaning_here_say_so_and_fail() {
    let (facts, verdicts) = (facts(), Verdicts::read());
    for command in &facts.commands {
        if verdicts.about(command.name).verdict == Verdict::NotApplicable {
            let output = Sandbox::empty().quietly(command.name);
            assert_eq!(output.code, Some(1), "{}", command.name);
            assert!(output.stderr.contains("E1008"), "{}: {}", command.name, output.stderr);
        }
    }
}

#[test]
fn variables_do_what_the_table_says() {
    let verdicts = Verdicts::read();
    for variable in facts().variables {
        let known = ENVIRONMENT
            .iter()
            .any(|ours| ours.terraform && variable.strip_prefix("TF_") == Some(ours.name));
        let verdict = verdicts.about(variable).verdict;
        let counts = matches!(verdict, Verdict::Same | Verdict::Better);
        assert_eq!(known, counts, "{variable} is {}", verdict.name());
    }
    for (name, _) in WITHOUT_EFFECT {
        let verdict = verdicts.about(name).verdict;
        assert!(verdict == Verdict::NotApplicable, "{name} is {}", verdict.name());
    }
}

/// The text of the page.
pub(crate) fn page() -> String {
    let (facts, verdicts) = (facts(), Verdicts::read());
    let mut counts = BTreeMap::new();
    let mut sections = String::new();
    for command in &facts.commands {
        let judgement = verdicts.about(command.name);
        let title = if command.name == GLOBAL {
            "Before the command".to_owned()
        } else {
            *counts.entry(judgement.verdict).or_insert(0) += 1;
            format!("`{}`", command.name)
        };
        let _ = write!(sections, "\n## {title}\n\n{}\n", sentence(judgement));
        if command.flags.is_empty() || judgement.verdict == Verdict::NotApplicable {
            let flags = command.flags.iter().map(|flag| format!("`-{}`", flag.name));
            let flags = flags.collect::<Vec<_>>().join(", ");
            if !flags.is_empty() {
                let _ = write!(sections, "\nThe same holds for {flags}.\n");
            }
            *counts.entry(judgement.verdict).or_insert(0) += command.flags.len();
            continue;
        }
        sections.push_str("\n| flag | here | in what way |\n| --- | --- | --- |\n");
        for flag in &command.flags {
            let (_, judgement) = verdicts.about_flag(command, flag);
            *counts.entry(judgement.verdict).or_insert(0) += 1;
            let hidden = if flag.is_hidden { " (not in its help)" } else { "" };
            let value = if flag.takes_text { "=…" } else { "" };
            let _ = writeln!(
                sections,
                "| `-{}{value}`{hidden} | {} | {} |",
                flag.name,
                judgement.verdict.name(),
                judgement.words.replace('|', "\\|")
            );
        }
    }
    sections
        .push_str("\n## Environment\n\n| variable | here | in what way |\n| --- | --- | --- |\n");
    for variable in &facts.variables {
        let judgement = verdicts.about(variable);
        *counts.entry(judgement.verdict).or_insert(0) += 1;
        let _ = writeln!(
            sections,
            "| `{variable}` | {} | {} |",
            judgement.verdict.name(),
            judgement.words
        );
    }
    let sums = Verdict::ALL.map(|verdict| {
        format!("{} {}", counts.get(&verdict).copied().unwrap_or(0), verdict.name())
    });
    format!("{}{}.\n{sections}", INTRODUCTION, sums.join(", "))
}

const INTRODUCTION: &str = "\
# Terraform's command line, and ours

Every command, flag and variable of Terraform 1.11.4, and what it is here. *Same*: the same flag with the \
same meaning. *Better*: the same, and more. *Not applicable*: there is nothing for it to do here, and it \
says why; what Terraform's help names is taken all the same, so that scripts go on working. *Not yet*: missing.

Flags may have one dash or two, and may stand before or behind other arguments. A flag that is on or off \
takes `-flag`, `-flag=true` and `-flag=false`, and of several the last one counts. What we have besides \
is in `snapform COMMAND -help`.

In all: ";

/// A verdict about a command, as a sentence.
fn sentence(judgement: &Judgement) -> String {
    let name = judgement.verdict.name();
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase()).into_iter();
    let name = first.chain(letters).collect::<String>();
    if judgement.words.is_empty() {
        format!("{name}.")
    } else {
        format!("{name}: {}.", judgement.words)
    }
}
