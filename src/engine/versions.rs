//! Constraints on versions.

use crate::config::{RequiredVersion, Tool};
use crate::diag::{Diagnostic, code};
use crate::state::LANGUAGE_VERSION;

/// Checks a constraint such as `>= 0.1, < 2.0.0` against this version, or against the level of
/// Terraform's language that it follows.
pub(super) fn check(required: &RequiredVersion) -> Option<Diagnostic> {
    let constraint = &required.constraint;
    let (ours, what) = match required.tool {
        Tool::Snapform => {
            let version = env!("CARGO_PKG_VERSION");
            (version, format!("This is snapform {version}"))
        }
        Tool::Terraform => {
            (LANGUAGE_VERSION, format!("The language is that of Terraform {LANGUAGE_VERSION}"))
        }
    };
    let ours = numbers(ours)?;
    for part in constraint.split(',') {
        match holds(part.trim(), &ours) {
            Some(true) => {}
            Some(false) => {
                let detail = format!("{what}, and the configuration asks for {constraint}.");
                return Some(Diagnostic::error(code::REQUIRED_VERSION, detail).at(required.span));
            }
            None => {
                let detail = format!("`{constraint}` is not a version constraint.");
                let help = "write for instance `>= 0.1.0, < 2.0.0` or `~> 0.1`";
                return Some(
                    Diagnostic::error(code::REQUIRED_VERSION, detail).at(required.span).help(help),
                );
            }
        }
    }
    None
}

/// Tells whether one part of a constraint holds; `None` where it is no constraint.
fn holds(part: &str, ours: &[u64]) -> Option<bool> {
    let end = part.find(|character: char| character.is_ascii_digit())?;
    let (operator, version) = part.split_at(end);
    let version = numbers(version)?;
    let (left, right) = (padded(ours), padded(&version));
    Some(match operator.trim() {
        "" | "=" => left == right,
        "!=" => left != right,
        ">" => left > right,
        ">=" => left >= right,
        "<" => left < right,
        "<=" => left <= right,
        "~>" => {
            let kept = version.len().saturating_sub(1).max(1);
            left >= right && ours.get(..kept) == version.get(..kept)
        }
        _ => return None,
    })
}

fn numbers(version: &str) -> Option<Vec<u64>> {
    version.trim().split('.').map(|part| part.parse().ok()).collect()
}

fn padded(version: &[u64]) -> [u64; 3] {
    let part = |index| version.get(index).copied().unwrap_or_default();
    [part(0), part(1), part(2)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints() {
        let ours = [1, 11, 4];
        let cases = [
            (">= 1.5", Some(true)),
            ("~> 1.11", Some(true)),
            ("~> 1.11.0", Some(true)),
            ("~> 1.10.0", Some(false)),
            ("< 1.11", Some(false)),
            ("1.11.4", Some(true)),
            ("!= 1.11.4", Some(false)),
            ("=> 1", None),
            ("latest", None),
        ];
        for (part, expected) in cases {
            assert_eq!(holds(part, &ours), expected, "{part}");
        }
    }
}
