//! What expressions mention, step by step: for documents about configurations, not for evaluation.

use std::fmt;
use std::sync::Arc;

use crate::addr::{InstanceKey, LocalResource, Reference};
use crate::syntax::{Body, Expression, Kind, ReferenceNode, TraversalStep};

/// Something that an expression names, and the part of it that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mention {
    /// What is named.
    pub subject: Subject,
    /// The way to the part that is meant.
    pub rest: Vec<MentionStep>,
}

/// What a mention names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A variable.
    Variable(Arc<str>),
    /// A local value.
    Local(Arc<str>),
    /// A resource, or one of its instances.
    Resource(LocalResource, InstanceKey),
    /// A module, or one of its instances.
    Module(Arc<str>, InstanceKey),
    /// An output of a module.
    Output(Arc<str>, InstanceKey, Arc<str>),
    /// Something that is not declared, such as `each.key`.
    Other(Reference),
}

/// A step behind the name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MentionStep {
    /// `.name`.
    Name(Arc<str>),
    /// `[key]`.
    Key(InstanceKey),
}

impl fmt::Display for Subject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(formatter, "var.{name}"),
            Self::Local(name) => write!(formatter, "local.{name}"),
            Self::Resource(resource, key) => write!(formatter, "{resource}{key}"),
            Self::Module(name, key) => write!(formatter, "module.{name}{key}"),
            Self::Output(name, key, output) => write!(formatter, "module.{name}{key}.{output}"),
            Self::Other(reference) => reference.fmt(formatter),
        }
    }
}

impl fmt::Display for MentionStep {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(formatter, ".{name}"),
            Self::Key(key) => key.fmt(formatter),
        }
    }
}

/// The expressions of a body and of the blocks in it.
pub fn expressions_of(body: &Body) -> Vec<&Expression> {
    let own = body.attributes.iter().map(|attribute| &attribute.value);
    own.chain(body.blocks.iter().flat_map(|block| expressions_of(&block.body))).collect()
}

/// Everything that an expression mentions, in the order of the text. Names bound by `for` are no
/// mentions.
pub fn mentions(expression: &Expression) -> Vec<Mention> {
    let mut found = Vec::new();
    collect(expression, &mut found);
    found
}

fn collect(expression: &Expression, found: &mut Vec<Mention>) {
    match mention(expression) {
        Some(mention) => found.push(mention),
        None => expression.parts(&mut |part| collect(part, found)),
    }
}

fn mention(expression: &Expression) -> Option<Mention> {
    let node = start(expression)?;
    let steps = expression.as_traversal()?;
    let target = node.target.as_ref().ok()?;
    let behind = steps.into_iter().skip(node.words.len()).filter_map(|step| match step {
        TraversalStep::Name { name, .. } => Some(MentionStep::Name(name)),
        TraversalStep::Index { key, .. } => match key.as_str() {
            Some(key) => Some(MentionStep::Key(InstanceKey::Name(Arc::from(key)))),
            None => key.as_number()?.as_u64().map(|at| MentionStep::Key(InstanceKey::Index(at))),
        },
    });
    let mut rest: Vec<_> = behind.collect();
    let mut key = || match rest.first() {
        Some(MentionStep::Key(key)) => {
            let key = key.clone();
            rest.remove(0);
            key
        }
        _ => InstanceKey::None,
    };
    let subject = match target {
        Reference::Variable(name) => Subject::Variable(Arc::clone(name)),
        Reference::Local(name) => Subject::Local(Arc::clone(name)),
        Reference::Resource { mode, type_name, name } => {
            let (mode, type_name, name) = (*mode, type_name.clone(), Arc::clone(name));
            Subject::Resource(LocalResource { mode, type_name, name }, key())
        }
        Reference::Module { name, .. } => {
            let key = key();
            match rest.first().cloned() {
                Some(MentionStep::Name(output)) => {
                    rest.remove(0);
                    Subject::Output(Arc::clone(name), key, output)
                }
                _ => Subject::Module(Arc::clone(name), key),
            }
        }
        other => Subject::Other(other.clone()),
    };
    Some(Mention { subject, rest })
}

/// The words at the start of a traversal.
fn start(expression: &Expression) -> Option<&ReferenceNode> {
    match expression.kind() {
        Kind::Reference(node) => Some(node),
        Kind::Attribute(part) => start(&part.0),
        Kind::Index(part) => start(&part.0),
        _ => None,
    }
}

impl Mention {
    /// The texts under which documents list it: with all steps, with one less each, and what its
    /// subject is a part of.
    pub fn texts(&self) -> Vec<String> {
        let steps = |count: usize| -> String {
            let shown = self.rest.iter().take(count).map(ToString::to_string);
            format!("{}{}", self.subject, shown.collect::<String>())
        };
        let mut texts: Vec<_> = (0..=self.rest.len()).rev().map(steps).collect();
        match &self.subject {
            Subject::Resource(resource, key) if *key != InstanceKey::None => {
                texts.push(resource.to_string());
            }
            Subject::Module(name, key) if *key != InstanceKey::None => {
                texts.push(format!("module.{name}"));
            }
            Subject::Output(name, key, _) => texts.push(format!("module.{name}{key}")),
            _ => {}
        }
        texts
    }
}
