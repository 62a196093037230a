//! Arguments as Terraform's users type them.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::ArgMatches;

/// A value or a file of values, as typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Assigned {
    /// `-var NAME=VALUE`.
    Value(String),
    /// `-var-file FILE`.
    File(PathBuf),
}

/// Gives long options their second dash: `-auto-approve` is `--auto-approve`. What follows a bare
/// `--` stays as it is.
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
    normalised.collect()
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
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
