//! Patterns for paths: `*`, `?`, `[…]`, `{a,b}` within a part, `**` over parts.

use regex::Regex;

/// A pattern, ready to be held against paths.
pub(super) struct Glob(Regex);

impl Glob {
    /// `None` where the pattern is none.
    pub(super) fn new(pattern: &str) -> Option<Self> {
        let mut text = String::from("^");
        let mut rest = pattern;
        let mut braces = 0_usize;
        while let Some(first) = rest.chars().next() {
            let (piece, length) = match first {
                '*' if rest.starts_with("**/") => ("(?:[^/]+/)*".to_owned(), 3),
                '*' if rest.starts_with("**") => (".*".to_owned(), 2),
                '*' => ("[^/]*".to_owned(), 1),
                '?' => ("[^/]".to_owned(), 1),
                '{' => {
                    braces += 1;
                    ("(?:".to_owned(), 1)
                }
                '}' if braces > 0 => {
                    braces -= 1;
                    (")".to_owned(), 1)
                }
                ',' if braces > 0 => ("|".to_owned(), 1),
                '[' => {
                    let end = rest.find(']').filter(|end| *end > 1)?;
                    let inner = rest.get(1..end)?;
                    let (not, set) =
                        inner.strip_prefix(['!', '^']).map_or(("", inner), |set| ("^", set));
                    (format!("[{not}{}]", set.replace('\\', "\\\\")), end + 1)
                }
                '\\' => {
                    let escaped = rest.chars().nth(1)?;
                    (regex::escape(&escaped.to_string()), 1 + escaped.len_utf8())
                }
                other => (regex::escape(&other.to_string()), other.len_utf8()),
            };
            text.push_str(&piece);
            rest = rest.get(length..)?;
        }
        text.push('$');
        if braces > 0 { None } else { Regex::new(&text).ok().map(Self) }
    }

    pub(super) fn matches(&self, path: &str) -> bool {
        self.0.is_match(path)
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;

    #[test]
    fn patterns_match_paths() {
        for (pattern, path, expected) in [
            ("*.txt", "a.txt", true),
            ("*.txt", "b/a.txt", false),
            ("**/*.txt", "a.txt", true),
            ("**/*.txt", "b/c/a.txt", true),
            ("**", "b/c", true),
            ("a?.{md,txt}", "ab.md", true),
            ("[!a]*", "a", false),
            ("a\\*", "a*", true),
        ] {
            assert_eq!(Glob::new(pattern).unwrap().matches(path), expected, "{pattern} {path}");
        }
        assert!(Glob::new("{a").is_none());
    }
}
