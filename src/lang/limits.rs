//! What evaluating one expression may cost.
//!
//! In: values that are about to be put together. Out: an error where they outgrow what any
//! configuration needs. Without a ceiling, a text that is doubled forty times ends in a process
//! that is killed, and nobody is told why.

use std::cell::Cell;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::text::Span;
use crate::value::{Data, Value};

/// So many elements may one value hold, those of collections inside it included.
pub(super) const ELEMENTS: usize = 1_000_000;

/// So many bytes may all texts of one value have.
pub(super) const TEXT: usize = 32 << 20;

/// What an element counts for beside its text.
const ELEMENT: usize = TEXT / ELEMENTS;

/// So many elements may all `for`s and splats of one expression go through.
const STEPS: u64 = 5_000_000;

/// How much of what one expression may do is done.
#[derive(Debug, Default)]
pub(super) struct Budget {
    steps: Cell<u64>,
}

/// What parts of a value weigh together.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Weight(usize);

/// Told where a value outgrows [`TEXT`] and [`ELEMENTS`].
#[derive(Debug)]
pub(super) struct TooLarge;

impl Budget {
    /// Counts elements that are gone through at `span`.
    pub(super) fn step(&self, span: Span) -> Result<(), Diagnostics> {
        let steps = self.steps.get() + 1;
        self.steps.set(steps);
        if steps <= STEPS {
            return Ok(());
        }
        let detail = format!("This expression goes through more than {STEPS} elements.");
        Err(Diagnostic::error(code::VALUE_LIMIT, detail)
            .at(span)
            .help("filter or group the elements once, in a local value, and not for each of them")
            .into())
    }
}

impl Weight {
    /// Adds a text.
    pub(super) fn add_text(&mut self, text: &str) -> Result<(), TooLarge> {
        self.0 = self.0.saturating_add(ELEMENT + text.len());
        if self.0 > TEXT { Err(TooLarge) } else { Ok(()) }
    }

    /// Adds a value with all its parts.
    pub(super) fn add(&mut self, value: &Value) -> Result<(), TooLarge> {
        match value.data() {
            Data::String(text) => self.add_text(text),
            _ => {
                self.add_text("")?;
                for (key, _) in value.entries().unwrap_or_default() {
                    self.add_text(key)?;
                }
                value.children().try_for_each(|child| self.add(child))
            }
        }
    }
}

/// The error for a value that outgrows what may be held.
pub(super) fn too_large(span: Span) -> Diagnostics {
    Diagnostic::error(code::VALUE_LIMIT, format!("What this makes is {}.", reason()))
        .at(span)
        .help("look for what is repeated or doubled")
        .into()
}

/// The same for a text, of which only the length is known.
pub(super) fn check_text(length: usize, span: Span) -> Result<(), Diagnostics> {
    if length > TEXT { Err(too_large(span)) } else { Ok(()) }
}

/// Why a value cannot be made, as a phrase.
pub(super) fn reason() -> String {
    format!("larger than {ELEMENTS} elements and {} MiB of text together", TEXT >> 20)
}
