//! What each code means at length, with an example of the wrong and of the right text.
//!
//! The pages are Markdown beside this file, one file for each group of codes: a heading for each
//! code, sentences, then `## Wrong` and `## Right` with fenced examples. The words after the three
//! backticks say what an example is: `hcl` is a configuration that is validated, `hcl plan` one
//! that is planned, `hcl NAME` the file NAME beside it, `console` commands to be run, and `text`
//! something that only people can look at.

use super::code::{self, Code};

/// Codes that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// What their names have after the first letter.
    pub number: &'static str,
    /// What they are about.
    pub title: &'static str,
    pages: &'static str,
}

impl Group {
    /// Its codes, in order.
    pub fn codes(&self) -> impl Iterator<Item = Code> {
        let number = self.number;
        code::ALL.iter().copied().filter(move |code| code.name().get(1..3) == Some(number))
    }
}

macro_rules! groups {
    ($($number:literal, $title:literal, $file:literal;)*) => {
        /// All groups, in order.
        pub const GROUPS: &[Group] = &[$(Group {
            number: $number,
            title: $title,
            pages: include_str!(concat!("explain/", $file, ".md")),
        }),*];
    };
}

groups! {
    "01", "Text that is not HCL", "text";
    "02", "Declarations", "declarations";
    "03", "Expressions and values", "expressions";
    "04", "Functions", "functions";
    "05", "Arguments against a schema and the vendors' documented rules", "arguments";
    "06", "Vendors", "vendors";
    "07", "State", "state";
    "08", "Plans", "plans";
    "09", "Apply", "apply";
    "10", "The command line", "command-line";
}

/// The long form of one code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// The code.
    pub code: Code,
    /// Why it is told and what it means, as full sentences in lines.
    pub text: &'static str,
    /// What leads to it.
    pub wrong: Vec<Example>,
    /// What does not.
    pub right: Vec<Example>,
}

/// A text to look at, and perhaps to try out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Example {
    /// `hcl`, `console` or `text`.
    pub language: &'static str,
    /// The command it is for, or the name of the file it stands in.
    pub detail: Option<&'static str>,
    /// The text itself, without the line break at its end.
    pub text: &'static str,
}

/// The page of a code.
pub fn page(code: Code) -> Option<Page> {
    let group = GROUPS.iter().find(|group| group.codes().any(|held| held == code))?;
    let (_, rest) = group.pages.split_once(&*format!("# {code}\n"))?;
    let end = rest.match_indices("\n# ").map(|(at, _)| at).find(|at| {
        let name = rest.get(at + 3..at + 8).unwrap_or_default();
        Code::find(name).is_some()
    });
    let own = rest.get(..end.unwrap_or(rest.len()))?;
    let (text, examples) = own.split_once("\n## Wrong\n")?;
    let (wrong, right) = examples.split_once("\n## Right\n")?;
    Some(Page {
        code,
        text: text.trim(),
        wrong: self::examples(wrong),
        right: self::examples(right),
    })
}

/// The fenced parts of a text.
fn examples(text: &'static str) -> Vec<Example> {
    let fenced = text.split("```").skip(1).step_by(2);
    let read = fenced.filter_map(|part| {
        let (info, text) = part.split_once('\n')?;
        let (language, detail) = match info.split_once(' ') {
            Some((language, detail)) => (language, Some(detail)),
            None => (info, None),
        };
        Some(Example { language, detail, text: text.trim_end_matches('\n') })
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_page_with_both_examples() {
        let mut missing = Vec::new();
        for code in code::ALL {
            match page(*code) {
                Some(page) => {
                    assert!(page.text.ends_with('.'), "{code}: {}", page.text);
                    assert!(!page.wrong.is_empty() && !page.right.is_empty(), "{code}");
                    for example in page.wrong.iter().chain(&page.right) {
                        assert!(["hcl", "console", "text"].contains(&example.language), "{code}");
                        assert!(!example.text.is_empty(), "{code}");
                    }
                }
                None => missing.push(code),
            }
        }
        assert!(missing.is_empty(), "write pages beside src/diag/explain.rs for {missing:?}");
    }

    #[test]
    fn no_page_is_left_of_a_code_that_is_gone() {
        for group in GROUPS {
            let heads = group.pages.lines().filter_map(|line| line.strip_prefix("# "));
            let heads: Vec<_> = heads.filter(|head| head.len() == 5).collect();
            let codes: Vec<_> = group.codes().map(Code::name).collect();
            assert_eq!(heads, codes, "in the order of the table");
        }
        assert_eq!(
            GROUPS.iter().map(|group| group.codes().count()).sum::<usize>(),
            code::ALL.len()
        );
    }

    #[test]
    fn codes_are_found_by_name_in_any_case() {
        assert_eq!(Code::find("e0301"), Some(code::REFERENCE));
        assert_eq!(Code::find("E9999"), None);
    }
}
