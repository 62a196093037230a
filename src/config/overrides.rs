//! Override files: their blocks change what the other files of the folder declare.
//!
//! In: the bodies of all files of a folder. Out: the bodies of its primary files with everything
//! taken in that an override file says, and what overrides nothing. It knows nothing of what the
//! arguments mean: it merges blocks, by Terraform's rules, before they are decoded.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{Attribute, Block, Body};
use crate::text::Span;

/// Whether a file of this name overrides others: `override.ENDING` or `NAME_override.ENDING`.
pub(super) fn is_override(name: &str, endings: &[&str]) -> bool {
    let name = name.rsplit('/').next().unwrap_or(name);
    let stem = endings.iter().find_map(|ending| name.strip_suffix(ending));
    stem.is_some_and(|stem| stem == "override" || stem.ends_with("_override"))
}

/// Blocks that stand for themselves: nothing could tell which one another means.
const NAMELESS: [&str; 3] = ["moved", "import", "check"];

/// Blocks in these hold their arguments one by one; other nested blocks are replaced as a whole.
const MERGED: [&str; 2] = ["lifecycle", "required_providers"];

/// Nested blocks that only add to what is there, so that an override file could not take one away.
const ONLY_ADDED: [&str; 3] = ["validation", "precondition", "postcondition"];

/// What the override files of a folder say.
#[derive(Debug, Default)]
pub(super) struct Overrides {
    /// Blocks that change others, in the order in which they do so, by what they change.
    blocks: BTreeMap<Subject, Vec<Block>>,
    /// Values of `locals`, the last one wins.
    locals: BTreeMap<Arc<str>, Attribute>,
    /// What was found in primary files.
    found: Vec<Subject>,
}

/// What a block declares: its kind, its labels, and the alias of a provider configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Subject {
    kind: Arc<str>,
    labels: Vec<Arc<str>>,
    alias: Option<Arc<str>>,
}

impl Subject {
    fn of(block: &Block) -> Self {
        let alias = block.body.attribute("alias").filter(|_| &*block.kind == "provider");
        Self {
            kind: Arc::clone(&block.kind),
            labels: block.labels.iter().map(|label| Arc::clone(&label.text)).collect(),
            alias: alias.and_then(|alias| alias.value.as_literal_string()),
        }
    }

    fn is_settings(&self) -> bool {
        matches!(&*self.kind, "terraform" | "snapform")
    }
}

impl Overrides {
    /// Takes in an override file. Gives what overrides nothing: what was removed may be said in any
    /// file, and what stands outside every block is refused by whoever decodes it.
    pub(super) fn take(&mut self, mut body: Body, problems: &mut Diagnostics) -> Body {
        for block in std::mem::take(&mut body.blocks) {
            match &*block.kind {
                "locals" => {
                    let locals = block.body.attributes.into_iter();
                    self.locals.extend(locals.map(|local| (Arc::clone(&local.name), local)));
                }
                kind if NAMELESS.contains(&kind) => {
                    problems.push(not_overriding(
                        format!("`{kind}` blocks override nothing."),
                        block.header,
                        "move it to a file whose name does not end with `override`",
                    ));
                }
                "removed" => body.blocks.push(block),
                _ => {
                    problems.extend(refused(&block));
                    self.blocks.entry(Subject::of(&block)).or_default().push(block);
                }
            }
        }
        body
    }

    fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.locals.is_empty()
    }

    /// Changes what a primary file declares.
    pub(super) fn apply(&mut self, body: &mut Body) {
        if self.is_empty() {
            return;
        }
        for block in &mut body.blocks {
            if &*block.kind == "locals" {
                for local in &mut block.body.attributes {
                    if let Some(other) = self.locals.get(&local.name) {
                        *local = other.clone();
                        let kind = Arc::clone(&block.kind);
                        let labels = vec![Arc::clone(&local.name)];
                        self.found.push(Subject { kind, labels, alias: None });
                    }
                }
                continue;
            }
            let subject = Subject::of(block);
            let Some(others) = self.blocks.get(&subject) else { continue };
            for other in others {
                merge(&mut block.body, &other.body);
            }
            // A second block may bring what the first one lacks; it does not say it again.
            if subject.is_settings() {
                self.blocks.remove(&subject);
            } else {
                self.found.push(subject);
            }
        }
    }

    /// What is left once all primary files are read: provider configurations and settings, which
    /// may stand in override files alone. What else changes nothing is a problem.
    pub(super) fn rest(mut self, problems: &mut Diagnostics) -> Vec<Block> {
        self.found.sort();
        let mut rest = Vec::new();
        for (name, local) in self.locals {
            let kind = Arc::from("locals");
            let subject = Subject { kind, labels: vec![Arc::clone(&name)], alias: None };
            if self.found.binary_search(&subject).is_err() {
                problems.push(nothing(&format!("local value `{name}`"), local.name_span));
            }
        }
        for (subject, blocks) in self.blocks {
            if self.found.binary_search(&subject).is_ok() {
                continue;
            }
            let mut blocks = blocks.into_iter();
            let Some(mut first) = blocks.next() else { continue };
            if subject.is_settings() || &*subject.kind == "provider" {
                for other in blocks {
                    merge(&mut first.body, &other.body);
                }
                rest.push(first);
            } else {
                let labels = subject.labels.iter().map(|label| format!(" \"{label}\""));
                let what = format!("block `{}{}`", subject.kind, labels.collect::<String>());
                problems.push(nothing(&what, first.header));
            }
        }
        rest
    }
}

/// What an override file may not say: it would add to what is there, and nobody could tell.
fn refused(block: &Block) -> Diagnostics {
    let mut problems = Diagnostics::default();
    if let Some(waits) = block.body.attribute("depends_on") {
        problems.push(not_overriding(
            "`depends_on` cannot be overridden.".to_owned(),
            waits.name_span,
            "say it in the block that is overridden",
        ));
    }
    let lifecycles = block.body.blocks_of("lifecycle").map(|lifecycle| &lifecycle.body);
    let nested = lifecycles.chain([&block.body]).flat_map(|body| &body.blocks);
    for inner in nested.filter(|inner| ONLY_ADDED.contains(&&*inner.kind)) {
        problems.push(not_overriding(
            format!("`{}` blocks cannot be overridden.", inner.kind),
            inner.header,
            "say it in the block that is overridden",
        ));
    }
    problems
}

/// What `other` says, in place of what `body` says about the same.
fn merge(body: &mut Body, other: &Body) {
    for attribute in &other.attributes {
        // The two say how many instances there are: the one that comes later is meant.
        let rival = match &*attribute.name {
            "count" => "for_each",
            "for_each" => "count",
            name => name,
        };
        body.attributes.retain(|held| &*held.name != rival && held.name != attribute.name);
        body.attributes.push(attribute.clone());
    }
    let mut replaced: Vec<&str> = Vec::new();
    for block in &other.blocks {
        let merged = MERGED.contains(&&*block.kind);
        let held = body.blocks.iter_mut().find(|held| held.kind == block.kind);
        match held {
            Some(held) if merged => merge(&mut held.body, &block.body),
            _ => {
                let made = made_by(block);
                if !replaced.contains(&made) {
                    body.blocks.retain(|held| made_by(held) != made);
                    replaced.push(made);
                }
                body.blocks.push(block.clone());
            }
        }
    }
}

/// The kind of the blocks that a block stands for: a `dynamic` block for those it makes.
fn made_by(block: &Block) -> &str {
    match block.labels.first() {
        Some(label) if &*block.kind == super::DYNAMIC => &label.text,
        _ => &block.kind,
    }
}

fn nothing(what: &str, place: Span) -> Diagnostic {
    not_overriding(
        format!("No other file declares the {what} that this one changes."),
        place,
        "declare it in a file whose name does not end with `override`",
    )
}

fn not_overriding(detail: String, place: Span, help: &'static str) -> Diagnostic {
    Diagnostic::error(code::OVERRIDE, detail).at(place).help(help)
}
