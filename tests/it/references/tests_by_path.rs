//! Tests by their paths: whether they are there, and what they say.

use std::fs;
use std::path::PathBuf;

use regex::Regex;

use crate::support::repository;

/// A test and the file in which it stands.
pub(super) struct Found {
    file: String,
    own: String,
}

/// The test with a path such as `providers::ctl::tests::import::NAME` or `it::expiry::NAME`.
pub(super) fn find(path: &str) -> Result<Found, String> {
    let (module, name) = path.rsplit_once("::").ok_or("no path of a test")?;
    let texts = files(module).into_iter().filter_map(|file| fs::read_to_string(file).ok());
    let mut found = texts.filter_map(|file| {
        let own = test(&file, name)?.to_owned();
        Some(Found { file, own })
    });
    found.next().ok_or_else(|| format!("there is no test `{path}`"))
}

impl Found {
    /// What it says, with the constants and functions of its file that it names, and what those name.
    pub(super) fn says(&self) -> String {
        let mut said = self.own.clone();
        let mut named = words(&said);
        for _ in 0..2 {
            let more = named.iter().filter_map(|word| definition(&self.file, word));
            let more = more.collect::<String>();
            named = words(&more);
            said.push_str(&more);
        }
        said
    }
}

/// Where a module may stand.
fn files(module: &str) -> Vec<PathBuf> {
    let root = repository().join(if module.starts_with("it::") { "tests" } else { "src" });
    let steps = module.replace("::", "/");
    let mut places = vec![format!("{steps}.rs"), format!("{steps}/mod.rs")];
    if let Some(around) = steps.strip_suffix("/tests") {
        places.extend([format!("{around}.rs"), format!("{around}/mod.rs")]);
    }
    places.into_iter().map(|place| root.join(place)).collect()
}

/// The text of the function `name`, where it is a test.
fn test<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let start = text.find(&format!("fn {name}()"))?;
    let before: Vec<_> = text[..start].lines().rev().take(4).collect();
    let is_test = before.iter().any(|line| {
        let line = line.trim();
        line == "#[test]" || line.starts_with("#[tokio::test")
    });
    is_test.then(|| whole(text, start, "}"))
}

fn definition(text: &str, word: &str) -> Option<String> {
    let function = [format!("fn {word}("), format!("fn {word}<")];
    let function = function.iter().find_map(|begin| text.find(begin.as_str()));
    let constant = || Some((text.find(&format!("const {word}:"))?, ";"));
    let (start, end) = function.map(|start| (start, "}")).or_else(constant)?;
    Some(whole(text, start, end).to_owned())
}

/// From `start` to the end of its item: the first line without a deeper indent that ends like this.
fn whole<'t>(text: &'t str, start: usize, end: &str) -> &'t str {
    let line = text[..start].rfind('\n').map_or(0, |newline| newline + 1);
    let indent = text[line..].len() - text[line..].trim_start().len();
    let mut length = 0;
    for line in text[line..].split_inclusive('\n') {
        length += line.len();
        let own = line.len() - line.trim_start().len() <= indent;
        if own && line.trim_end().ends_with(end) {
            break;
        }
    }
    &text[line..line + length]
}

fn words(text: &str) -> Vec<String> {
    let word = Regex::new(r"[A-Za-z_][A-Za-z_0-9]+").unwrap();
    let mut words: Vec<_> = word.find_iter(text).map(|found| found.as_str().to_owned()).collect();
    words.sort();
    words.dedup();
    words
}
