//! Documented limits of an attribute, describable and checkable.

use std::fmt;
use std::sync::Arc;

use crate::value::{Data, Number, Value};

type Check = dyn Fn(&Value) -> Result<(), String> + Send + Sync;

/// One limit: a sentence for documentation and a check of a known value that is not null.
#[derive(Clone)]
pub struct Rule {
    /// For instance "1 to 10".
    pub description: String,
    check: Arc<Check>,
}

impl fmt::Debug for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Rule").field(&self.description).finish()
    }
}

impl Rule {
    /// Any rule. The check gives the sentence that completes "`NAME` …", such as "must be even".
    pub fn new(
        description: impl Into<String>,
        check: impl Fn(&Value) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self { description: description.into(), check: Arc::new(check) }
    }

    /// A rule for texts.
    pub fn text(
        description: impl Into<String>,
        check: impl Fn(&str) -> Result<(), String> + Send + Sync + 'static,
    ) -> Self {
        Self::new(description, move |value| value.as_str().map_or(Ok(()), &check))
    }

    /// A whole number from `least` to `most`.
    pub fn whole_number(least: i64, most: i64) -> Self {
        Self::new(format!("a whole number from {least} to {most}"), move |value| {
            let Some(number) = value.as_number() else { return Ok(()) };
            match number.as_i64() {
                Some(whole) if (least..=most).contains(&whole) => Ok(()),
                _ => Err(format!("must be a whole number from {least} to {most}, not {number}")),
            }
        })
    }

    /// A text of `least` to `most` characters, or a collection of so many elements.
    pub fn length(least: usize, most: usize) -> Self {
        Self::new(format!("{least} to {most} long"), move |value| {
            let (length, unit) = match value.data() {
                Data::String(text) => (text.chars().count(), "characters"),
                _ => (value.children().count(), "elements"),
            };
            if (least..=most).contains(&length) {
                Ok(())
            } else {
                Err(format!("must have {least} to {most} {unit}, not {length}"))
            }
        })
    }

    /// One of a few words.
    pub fn one_of(words: &'static [&'static str]) -> Self {
        let listed = words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        Self::text(format!("one of {listed}"), move |text| {
            if words.contains(&text) {
                Ok(())
            } else {
                Err(format!("must be one of {listed}, not `{text}`"))
            }
        })
    }

    /// One of a few whole numbers.
    pub fn one_of_numbers(numbers: &'static [i64]) -> Self {
        let listed = numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        Self::new(format!("one of {listed}"), move |value| {
            let Some(number) = value.as_number() else { return Ok(()) };
            if numbers.iter().any(|allowed| *number == Number::from(*allowed)) {
                Ok(())
            } else {
                Err(format!("must be one of {listed}, not {number}"))
            }
        })
    }

    /// Checks a value; unknown and null values pass.
    pub fn check(&self, value: &Value) -> Result<(), String> {
        if value.is_wholly_known() && !value.is_null() { (self.check)(value) } else { Ok(()) }
    }
}
