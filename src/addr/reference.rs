//! What an expression may refer to.

use std::fmt;
use std::sync::Arc;

use super::{ResourceMode, ResourceType};

/// The start of a traversal, resolved as far as its own words tell; indices and attributes that
/// follow belong to the expression.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reference {
    /// `var.NAME`.
    Variable(Arc<str>),
    /// `local.NAME`.
    Local(Arc<str>),
    /// `TYPE.NAME` or `data.TYPE.NAME`: all instances of the resource.
    Resource {
        /// Managed or data.
        mode: ResourceMode,
        /// The resource type.
        type_name: ResourceType,
        /// The resource's name.
        name: Arc<str>,
    },
    /// `module.NAME`, or one output of it: `module.NAME.OUTPUT`, `module.NAME[KEY].OUTPUT`.
    Module {
        /// The name of the module call.
        name: Arc<str>,
        /// The output, where the words that follow name one; otherwise all of them are meant.
        output: Option<Arc<str>>,
        /// Whether a key or a splat stands before the output's name.
        keyed: bool,
    },
    /// `output.NAME`, as checks and tests use it.
    Output(Arc<str>),
    /// `each.key`.
    EachKey,
    /// `each.value`.
    EachValue,
    /// `count.index`.
    CountIndex,
    /// `self`.
    SelfObject,
    /// `path.module`, `path.root`, `path.cwd`: the word after the dot.
    Path(Arc<str>),
    /// `terraform.workspace`, `snapform.workspace`: the word after the dot.
    Terraform(Arc<str>),
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(formatter, "var.{name}"),
            Self::Local(name) => write!(formatter, "local.{name}"),
            Self::Resource { mode: ResourceMode::Managed, type_name, name } => {
                write!(formatter, "{type_name}.{name}")
            }
            Self::Resource { mode: ResourceMode::Data, type_name, name } => {
                write!(formatter, "data.{type_name}.{name}")
            }
            Self::Module { name, .. } => write!(formatter, "module.{name}"),
            Self::Output(name) => write!(formatter, "output.{name}"),
            Self::EachKey => formatter.write_str("each.key"),
            Self::EachValue => formatter.write_str("each.value"),
            Self::CountIndex => formatter.write_str("count.index"),
            Self::SelfObject => formatter.write_str("self"),
            Self::Path(word) => write!(formatter, "path.{word}"),
            Self::Terraform(word) => write!(formatter, "terraform.{word}"),
        }
    }
}
