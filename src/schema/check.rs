//! Values against a schema.

use crate::value::{Path, Value};

use super::{Constraint, Schema, TIMEOUTS, parse_duration};

/// What kind of problem a value has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// One argument breaks a documented rule.
    Rule,
    /// Arguments contradict each other or one is missing beside another.
    Combination,
    /// A required setting is missing everywhere.
    Missing,
    /// Allowed, but most likely not meant: a warning.
    Advice,
}

/// A problem of arguments, found without a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What kind.
    pub kind: ProblemKind,
    /// The argument; the whole block where empty.
    pub path: Path,
    /// What is wrong, as full sentences.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    /// A problem of one argument.
    pub fn rule(attribute: &str, message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Rule, Path::attribute(attribute), message)
    }

    /// A problem between arguments, shown at `attribute`.
    pub fn combination(attribute: &str, message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Combination, Path::attribute(attribute), message)
    }

    /// A setting that is missing everywhere.
    pub fn missing(attribute: &str, message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Missing, Path::attribute(attribute), message)
    }

    /// A warning about one argument.
    pub fn advice(attribute: &str, message: impl Into<String>) -> Self {
        Self::new(ProblemKind::Advice, Path::attribute(attribute), message)
    }

    fn new(kind: ProblemKind, path: Path, message: impl Into<String>) -> Self {
        Self { kind, path, message: message.into(), help: None }
    }

    /// Adds what to do.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// A stored value that no longer fits its schema.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("attribute `{attribute}`: {reason}")]
pub struct CoerceError {
    /// The attribute.
    pub attribute: String,
    /// What is wrong with it.
    pub reason: String,
}

impl Schema {
    /// Checks the rules of every attribute of `arguments`, an object in which unknown parts pass.
    pub fn check_rules(&self, arguments: &Value) -> Vec<Problem> {
        let mut problems = Vec::new();
        for attribute in &self.attributes {
            let Some(value) = arguments.attribute(attribute.name) else { continue };
            let value = value.reveal();
            if let Some(block) = &attribute.block {
                problems.extend(block.check_rules(attribute.name, &value));
            }
            for rule in &attribute.rules {
                if let Err(reason) = rule.check(&value) {
                    let message = if attribute.sensitive {
                        format!("`{}` must be {}.", attribute.name, rule.description)
                    } else {
                        format!("`{}` {reason}.", attribute.name)
                    };
                    problems.push(Problem::rule(attribute.name, message));
                    break;
                }
            }
            if attribute.constraint == Constraint::Required && value.is_null() {
                problems.push(Problem::missing(
                    attribute.name,
                    format!("`{}` is required and may not be null.", attribute.name),
                ));
            }
        }
        problems.extend(check_timeouts(arguments));
        problems
    }
}

fn check_timeouts(arguments: &Value) -> Vec<Problem> {
    let timeouts = arguments.attribute(TIMEOUTS).and_then(Value::entries).unwrap_or_default();
    timeouts
        .iter()
        .filter_map(|(name, value)| value.as_str().map(|text| (name, text)))
        .filter(|(_, text)| parse_duration(text).is_none())
        .map(|(name, text)| {
            Problem::rule(TIMEOUTS, format!("`{name}` is not a duration: `{text}`."))
                .help("write a duration such as `90s`, `10m` or `1h30m`")
        })
        .collect()
}
