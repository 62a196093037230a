//! Blocks whose labels and arguments are fixed.

use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{Attribute, Block, Body, Expression};
use crate::text::Span;
use crate::value::{Type, convert};

use super::declaration::Validation;
use super::meta;

/// The attributes of a block whose arguments are fixed; what nobody takes is unknown.
pub(super) struct Fields<'a> {
    body: &'a Body,
    taken: Vec<&'static str>,
    pub(super) problems: &'a mut Diagnostics,
}

impl<'a> Fields<'a> {
    pub(super) fn of(body: &'a Body, problems: &'a mut Diagnostics) -> Self {
        Self { body, taken: Vec::new(), problems }
    }

    pub(super) fn take(&mut self, name: &'static str) -> Option<&'a Attribute> {
        self.taken.push(name);
        self.body.attribute(name)
    }

    pub(super) fn required(&mut self, name: &'static str, header: Span) -> Option<Expression> {
        let found = self.take(name).map(|attribute| attribute.value.clone());
        if found.is_none() {
            self.problems.push(
                Diagnostic::error(code::MISSING_ARGUMENT, format!("`{name}` is required here."))
                    .at(header),
            );
        }
        found
    }

    pub(super) fn text(&mut self, name: &'static str) -> Option<Arc<str>> {
        let attribute = self.take(name)?;
        let literal = attribute.value.as_literal();
        // Terraform takes a number or a truth value for the text that it reads as.
        let text = literal.filter(|value| !value.is_null()).and_then(|value| {
            convert(value, &Type::String).ok().and_then(|text| text.as_str().map(Arc::from))
        });
        if text.is_none() {
            self.problems.push(must_be_literal(attribute, "a text in quotation marks"));
        }
        text
    }

    pub(super) fn flag(&mut self, name: &'static str) -> Option<bool> {
        let attribute = self.take(name)?;
        let literal = attribute.value.as_literal();
        // Terraform takes the words for the values.
        let flag = literal.and_then(|value| match value.as_str() {
            Some("true") => Some(true),
            Some("false") => Some(false),
            _ => value.as_bool(),
        });
        if flag.is_none() {
            self.problems.push(must_be_literal(attribute, "`true` or `false`"));
        }
        flag
    }

    pub(super) fn not_yet(&mut self, name: &'static str) {
        if let Some(attribute) = self.take(name) {
            self.problems.push(
                Diagnostic::error(
                    code::UNSUPPORTED,
                    format!("`{name}` is not supported by this version of snapform."),
                )
                .at(attribute.name_span),
            );
        }
    }

    pub(super) fn finish(self, kind: &str, blocks: &[&'static str]) {
        for attribute in &self.body.attributes {
            if !self.taken.contains(&&*attribute.name) {
                self.problems.push(
                    Diagnostic::error(
                        code::UNKNOWN_ARGUMENT,
                        format!("`{kind}` blocks have no argument `{}`.", attribute.name),
                    )
                    .at(attribute.name_span)
                    .did_you_mean(&attribute.name, self.taken.iter().copied()),
                );
            }
        }
        for block in &self.body.blocks {
            if !blocks.contains(&&*block.kind) {
                self.problems.push(
                    Diagnostic::error(
                        code::UNKNOWN_BLOCK,
                        format!("`{kind}` blocks hold no `{}` blocks.", block.kind),
                    )
                    .at(block.kind_span)
                    .did_you_mean(&block.kind, blocks.iter().copied()),
                );
            }
        }
    }
}

/// A block with a condition and a message.
pub(super) fn validation(block: &Block) -> Result<Validation, Diagnostics> {
    labels::<0>(block, [])?;
    let mut problems = Diagnostics::default();
    let mut fields = Fields::of(&block.body, &mut problems);
    let condition = fields.required("condition", block.header);
    let error_message = fields.required("error_message", block.header);
    fields.finish(&block.kind, &[]);
    match (condition, error_message) {
        (Some(condition), Some(error_message)) if !problems.has_errors() => {
            if condition.references().is_empty() {
                let detail = "This condition refers to nothing, so it always says the same.";
                return Err(Diagnostic::error(code::CONDITION_FIXED, detail)
                    .at(condition.span())
                    .into());
            }
            Ok(Validation { condition, error_message, header: block.header })
        }
        _ => Err(problems),
    }
}

/// A block that holds arguments only.
pub(super) fn no_blocks(body: &Body, kind: &str) -> Result<(), Diagnostics> {
    match body.blocks.first() {
        None => Ok(()),
        Some(block) => Err(Diagnostic::error(
            code::UNKNOWN_BLOCK,
            format!("`{kind}` blocks hold no `{}` blocks.", block.kind),
        )
        .at(block.kind_span)
        .into()),
    }
}

/// A place where only what stands in the text may stand.
pub(super) fn must_be_literal(attribute: &Attribute, what: &str) -> Diagnostic {
    Diagnostic::error(
        code::NOT_ALLOWED_HERE,
        format!("`{}` must be {what}, without anything to evaluate.", attribute.name),
    )
    .at(attribute.value.span())
}

/// The labels of a block that must have exactly these, each a valid name.
pub(super) fn labels<const N: usize>(
    block: &Block,
    expected: [&str; N],
) -> Result<[Arc<str>; N], Diagnostics> {
    let texts: Vec<_> = block.labels.iter().map(|label| Arc::clone(&label.text)).collect();
    let found: Result<[Arc<str>; N], _> = texts.try_into();
    let Ok(found) = found else {
        let form = expected.iter().fold(format!("{} ", block.kind), |mut form, label| {
            form.push('"');
            form.push_str(label);
            form.push_str("\" ");
            form
        });
        let detail = format!(
            "A `{}` block has {N} {}, this one has {}.",
            block.kind,
            if N == 1 { "label" } else { "labels" },
            block.labels.len()
        );
        return Err(Diagnostic::error(code::BLOCK_SHAPE, detail)
            .at(block.header)
            .help(format!("write `{form}{{ … }}`"))
            .into());
    };
    for label in &block.labels {
        if !meta::is_name(&label.text) {
            let detail = format!(
                "`{}` is not a name: names begin with a letter or `_` and go on with letters, digits, `_` and `-`.",
                label.text
            );
            return Err(Diagnostic::error(code::NAME, detail).at(label.span).into());
        }
    }
    Ok(found)
}

/// Something that is declared twice, with both places.
pub(super) fn twice(kind: &str, name: &Arc<str>, again: Span, first: Span) -> Diagnostic {
    Diagnostic::error(code::DUPLICATE, format!("The {kind} `{name}` is declared twice."))
        .label(again, "declared again here")
        .label(first, "declared first here")
}
