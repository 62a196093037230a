//! Where in the source a change comes from.

use serde::{Deserialize, Serialize};

use crate::text::{SourceMap, Span};

/// An argument or a setting that makes a change, with the place where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The argument, or the setting of the block, such as `count`.
    pub argument: String,
    /// Where its expression stands, while the sources are at hand.
    pub span: Option<Span>,
    /// The same for whoever reads the plan later.
    pub place: Option<Place>,
    /// What the expression mentions: variables, local values, attributes of others.
    pub mentions: Vec<String>,
}

/// A place in a file, counted from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file.
    pub file: String,
    /// Its line.
    pub line: usize,
    /// The column in it.
    pub column: usize,
}

impl Cause {
    /// Notes the place of the expression in words.
    pub fn locate(&mut self, sources: &SourceMap) {
        self.place = self.span.and_then(|span| {
            let file = sources.file(span.file)?.name.to_string();
            let start = sources.start(span);
            Some(Place { file, line: start.line, column: start.column })
        });
    }
}
