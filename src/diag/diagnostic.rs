//! The diagnostic and its parts.

use crate::text::Span;

use super::Code;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The command cannot do what was asked.
    Error,
    /// The command goes on; a person should know.
    Warning,
}

/// A place that a diagnostic speaks of, with the words that stand beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub span: Span,
    /// What is to be seen there; may be empty.
    pub text: String,
}

/// A replacement of source text that would mend the problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// The text to replace.
    pub span: Span,
    /// What to write instead.
    pub replacement: String,
}

/// One thing a person can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// The advice, one sentence.
    pub text: String,
    /// The same advice as an edit, where it can be one.
    pub patch: Option<Patch>,
}

/// A named detail, such as the HTTP status of a vendor's refusal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is, for instance `request id`.
    pub name: &'static str,
    /// Its value, never a secret.
    pub value: String,
}

/// A value that had a part in a problem.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NamedValue {
    /// How it is referred to, such as `var.days`.
    pub traversal: String,
    /// What it is, as words after its name: `is 7`. Never a secret.
    pub statement: String,
}

/// A parameter of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignatureParameter {
    /// Its name.
    pub name: &'static str,
    /// Its type, as state files write types.
    pub ty: serde_json::Value,
}

/// The function that was called when a problem arose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CalledFunction {
    /// The name as it was written, with namespaces.
    pub called_as: String,
    /// Its own name.
    pub name: &'static str,
    /// What must be given.
    pub parameters: Vec<SignatureParameter>,
    /// What any further arguments are.
    pub variadic: Option<SignatureParameter>,
    /// The type of its result for arguments of these types.
    pub returns: serde_json::Value,
}

/// What had a part in a problem of an expression.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Involved {
    /// The values that were referred to, by name.
    pub values: Vec<NamedValue>,
    /// The function that was called.
    pub call: Option<CalledFunction>,
}

/// One problem, complete enough to be rendered as text, JSON or an annotation.
///
/// The summary is short and the same for every occurrence of its code; names and values belong in
/// the detail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable name of the kind of problem.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// What happened here, why, with the names involved. Full sentences.
    pub detail: String,
    /// The place of the problem first, then places that explain it.
    pub labels: Vec<Label>,
    /// Address of the object concerned, as a person would type it.
    pub address: Option<String>,
    /// What had a part in it, where an expression was evaluated.
    pub involved: Option<Box<Involved>>,
    /// Details such as a vendor's code and request id.
    pub facts: Vec<Fact>,
    /// What to do.
    pub helps: Vec<Help>,
}

impl Diagnostic {
    /// An error without a place yet.
    pub fn error(code: Code, detail: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, detail.into())
    }

    /// A warning without a place yet.
    pub fn warning(code: Code, detail: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, detail.into())
    }

    fn new(severity: Severity, code: Code, detail: String) -> Self {
        Self {
            code,
            severity,
            detail,
            labels: Vec::new(),
            address: None,
            involved: None,
            facts: Vec::new(),
            helps: Vec::new(),
        }
    }

    /// The short phrase that stands for every occurrence of this code.
    pub fn summary(&self) -> &'static str {
        self.code.title()
    }

    /// Points to the place; the first call gives the main place.
    #[must_use]
    pub fn at(self, span: Span) -> Self {
        self.label(span, "")
    }

    /// Points to the place unless one is known already: for callers that know only roughly where.
    #[must_use]
    pub fn at_if_missing(self, span: Option<Span>) -> Self {
        match span {
            Some(span) if self.labels.is_empty() => self.at(span),
            _ => self,
        }
    }

    /// Points to a place with words beside it.
    #[must_use]
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into() });
        self
    }

    /// Names the object concerned.
    #[must_use]
    pub fn address(mut self, address: impl ToString) -> Self {
        self.address = Some(address.to_string());
        self
    }

    /// Says what had a part in it, unless that was said already.
    #[must_use]
    pub fn involving(mut self, involved: Involved) -> Self {
        self.involved.get_or_insert_with(|| Box::new(involved));
        self
    }

    /// Adds a named detail.
    #[must_use]
    pub fn fact(mut self, name: &'static str, value: impl ToString) -> Self {
        self.facts.push(Fact { name, value: value.to_string() });
        self
    }

    /// Adds advice.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.helps.push(Help { text: text.into(), patch: None });
        self
    }

    /// Adds "did you mean" when a candidate is near enough to `word`.
    #[must_use]
    pub fn did_you_mean<'a>(
        self,
        word: &str,
        candidates: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        match crate::text::closest(word, candidates) {
            Some(candidate) => {
                let patch = self
                    .labels
                    .first()
                    .map(|label| Patch { span: label.span, replacement: candidate.to_owned() });
                let mut this = self;
                this.helps.push(Help { text: format!("did you mean `{candidate}`?"), patch });
                this
            }
            None => self,
        }
    }

    /// The main place.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// Every problem of a phase, in the order found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    /// Takes one in.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        self.0.push(diagnostic);
    }

    /// Tells whether any of them is an error.
    pub fn has_errors(&self) -> bool {
        self.0.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Tells whether there are none at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them in the order found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// Takes in what another phase found; on an error notes it and gives `None`.
    pub fn absorb<T>(&mut self, result: Result<T, impl Into<Self>>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(problems) => {
                self.0.extend(problems.into().0);
                None
            }
        }
    }

    /// Gives `value` when there is no error; the problems otherwise. Warnings are lost on success:
    /// callers that must keep them hand a collector down instead.
    pub fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.has_errors() { Err(self) } else { Ok(value) }
    }

    /// Orders by place, then errors first, so that the same problems always read the same.
    pub fn sort(&mut self) {
        self.0.sort_by(|left, right| {
            (left.severity, left.span(), left.code, &left.address, &left.detail).cmp(&(
                right.severity,
                right.span(),
                right.code,
                &right.address,
                &right.detail,
            ))
        });
        self.0.dedup();
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

impl FromIterator<Diagnostic> for Diagnostics {
    fn from_iter<T: IntoIterator<Item = Diagnostic>>(iterator: T) -> Self {
        Self(iterator.into_iter().collect())
    }
}

impl Extend<Diagnostic> for Diagnostics {
    fn extend<T: IntoIterator<Item = Diagnostic>>(&mut self, iterator: T) {
        self.0.extend(iterator);
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}
