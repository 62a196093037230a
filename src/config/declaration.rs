//! The declarations of a module.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{LocalCheckable, LocalProvider, LocalResource, Reference, Target};
use crate::lang::TypeConstraint;
use crate::syntax::{Attribute, Body, Expression};
use crate::text::Span;
use crate::value::Path;

/// Everything the files of one folder declare.
#[derive(Clone, Debug, Default)]
pub struct Module {
    /// `terraform` and `snapform` blocks.
    pub settings: Settings,
    /// `variable` blocks.
    pub variables: BTreeMap<Arc<str>, VariableDecl>,
    /// The attributes of `locals` blocks.
    pub locals: BTreeMap<Arc<str>, LocalDecl>,
    /// `output` blocks.
    pub outputs: BTreeMap<Arc<str>, OutputDecl>,
    /// `provider` blocks.
    pub providers: BTreeMap<LocalProvider, ProviderDecl>,
    /// `resource` and `data` blocks. They are large, and the rooms of a map are not all taken.
    pub resources: BTreeMap<LocalResource, Box<ResourceDecl>>,
    /// `module` blocks.
    pub calls: BTreeMap<Arc<str>, ModuleCall>,
    /// `moved` blocks.
    pub moved: Vec<MovedDecl>,
    /// `removed` blocks.
    pub removed: Vec<RemovedDecl>,
    /// `import` blocks.
    pub imports: Vec<ImportDecl>,
    /// `check` blocks.
    pub checks: BTreeMap<Arc<str>, CheckDecl>,
}

impl Module {
    /// Every declaration with conditions.
    pub fn checkables(&self) -> impl Iterator<Item = LocalCheckable> {
        let ruled = self.variables.values().filter(|variable| !variable.validations.is_empty());
        let outputs = self.outputs.values().filter(|output| !output.preconditions.is_empty());
        let promising = self.resources.values().filter(|resource| {
            let lifecycle = &resource.lifecycle;
            !(lifecycle.preconditions.is_empty() && lifecycle.postconditions.is_empty())
        });
        let checks = self.checks.keys().map(|name| LocalCheckable::Check(Arc::clone(name)));
        checks
            .chain(outputs.map(|output| LocalCheckable::Output(Arc::clone(&output.name))))
            .chain(promising.map(|found| LocalCheckable::Resource(found.address.clone())))
            .chain(ruled.map(|variable| LocalCheckable::Variable(Arc::clone(&variable.name))))
    }
}

/// What the configuration asks of the tool itself.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// `required_version` constraints.
    pub required_versions: Vec<RequiredVersion>,
    /// The configurations with an alias that whoever calls the module must hand in.
    pub configuration_aliases: Vec<LocalProvider>,
    /// Where states are kept. Only that of the root module counts.
    pub backend: Option<BackendDecl>,
}

/// A `backend` block.
#[derive(Clone, Debug)]
pub struct BackendDecl {
    /// Its label, such as `s3`.
    pub kind: Arc<str>,
    /// Where its label stands.
    pub kind_span: Span,
    /// Its settings.
    pub body: Body,
    /// Where it stands.
    pub header: Span,
}

/// A constraint on the version of a tool.
#[derive(Clone, Debug)]
pub struct RequiredVersion {
    /// Which tool.
    pub tool: Tool,
    /// The constraint, such as `>= 0.1, < 2.0`.
    pub constraint: Arc<str>,
    /// Where it stands.
    pub span: Span,
}

/// A tool whose version a configuration may constrain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool {
    /// This one: in `snapform` blocks.
    Snapform,
    /// Terraform, whose language this one follows: in `terraform` blocks.
    Terraform,
}

/// A `variable` block.
#[derive(Clone, Debug)]
pub struct VariableDecl {
    /// Its name.
    pub name: Arc<str>,
    /// The block's first line.
    pub header: Span,
    /// What its values must be.
    pub constraint: TypeConstraint,
    /// Where they say so.
    pub type_span: Option<Span>,
    /// How text from outside any file is read.
    pub outside: OutsideText,
    /// Taken when nothing is given.
    pub default: Option<Expression>,
    /// For people.
    pub description: Option<Arc<str>>,
    /// Hidden from people.
    pub sensitive: bool,
    /// Never kept: given anew to every run that needs it.
    pub ephemeral: bool,
    /// Whether null is accepted as it is; otherwise null stands for the default.
    pub nullable: bool,
    /// Further conditions.
    pub validations: Vec<Validation>,
}

/// How the text of an option, of the environment or of a prompt is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutsideText {
    /// As it is: the variable wants a word or a number, or does not say what.
    Verbatim,
    /// As an expression.
    Expression,
}

/// A `validation` block, or a condition elsewhere.
#[derive(Clone, Debug)]
pub struct Validation {
    /// What must hold.
    pub condition: Expression,
    /// What people are told otherwise.
    pub error_message: Expression,
    /// The block's first line.
    pub header: Span,
}

/// One attribute of a `locals` block.
#[derive(Clone, Debug)]
pub struct LocalDecl {
    /// Its name.
    pub name: Arc<str>,
    /// Where the name stands.
    pub name_span: Span,
    /// Its value.
    pub value: Expression,
}

/// An `output` block.
#[derive(Clone, Debug)]
pub struct OutputDecl {
    /// Its name.
    pub name: Arc<str>,
    /// The block's first line.
    pub header: Span,
    /// Its value.
    pub value: Expression,
    /// For people.
    pub description: Option<Arc<str>>,
    /// Hidden from people.
    pub sensitive: bool,
    /// Never kept: handed on to the caller of a module only.
    pub ephemeral: bool,
    /// What it waits for without referring to it.
    pub depends_on: Vec<(Reference, Span)>,
    /// Conditions before it is told.
    pub preconditions: Vec<Validation>,
}

/// A `provider` block.
#[derive(Clone, Debug)]
pub struct ProviderDecl {
    /// Provider and alias.
    pub address: LocalProvider,
    /// The block's first line.
    pub header: Span,
    /// The settings.
    pub body: Body,
}

/// A `resource` or `data` block.
#[derive(Clone, Debug)]
pub struct ResourceDecl {
    /// Its mode, type and name.
    pub address: LocalResource,
    /// The block's first line.
    pub header: Span,
    /// Where its type stands.
    pub type_span: Span,
    /// `count` or `for_each`.
    pub repetition: Repetition,
    /// The provider configuration, named or by the type's first word.
    pub provider: LocalProvider,
    /// Where the provider configuration is named.
    pub provider_span: Option<Span>,
    /// What it waits for without referring to it.
    pub depends_on: Vec<(Reference, Span)>,
    /// The `lifecycle` block.
    pub lifecycle: Lifecycle,
    /// The arguments, without meta-arguments.
    pub body: Body,
}

/// A `module` block.
#[derive(Clone, Debug)]
pub struct ModuleCall {
    /// Its name.
    pub name: Arc<str>,
    /// The block's first line.
    pub header: Span,
    /// The folder of the module's files, as it is written.
    pub source: Arc<str>,
    /// Where the source is written.
    pub source_span: Span,
    /// `count` or `for_each`.
    pub repetition: Repetition,
    /// The provider configurations that are handed in.
    pub providers: Vec<PassedProvider>,
    /// What everything in the module waits for.
    pub depends_on: Vec<(Reference, Span)>,
    /// The values of the module's variables.
    pub arguments: BTreeMap<Arc<str>, Attribute>,
}

/// One entry of `providers` of a `module` block.
#[derive(Clone, Debug)]
pub struct PassedProvider {
    /// What the module calls it.
    pub inner: LocalProvider,
    /// What the caller calls it.
    pub outer: LocalProvider,
    /// Where it is written.
    pub span: Span,
}

/// How many instances a resource or module has.
#[derive(Clone, Debug)]
pub enum Repetition {
    /// One, without a key.
    Single,
    /// As many as the number says.
    Count(Expression),
    /// One for each element.
    ForEach(Expression),
}

/// A `lifecycle` block.
#[derive(Clone, Debug, Default)]
pub struct Lifecycle {
    /// Whether a replacement comes before its predecessor goes; unset leaves it to the type.
    pub create_before_destroy: Option<(bool, Span)>,
    /// Whether plans that destroy the object are refused.
    pub prevent_destroy: Option<Expression>,
    /// What becomes of an object whose time is over, and where that stands.
    pub on_expiry: Option<(OnExpiry, Span)>,
    /// Arguments whose changes are not wanted.
    pub ignore_changes: IgnoreChanges,
    /// References whose changes replace the object.
    pub replace_triggered_by: Vec<Expression>,
    /// Conditions before the object is changed.
    pub preconditions: Vec<Validation>,
    /// Conditions on the object as it is afterwards.
    pub postconditions: Vec<Validation>,
}

/// What a plan does where an object is gone because its time was over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnExpiry {
    /// It makes a new one: what is declared is there.
    #[default]
    Recreate,
    /// It makes nothing; the record stays readable until the block goes or asks for something else.
    Forget,
    /// It fails.
    Error,
}

impl OnExpiry {
    /// All of them, by the words of configurations.
    pub const ALL: [(&str, Self); 3] =
        [("recreate", Self::Recreate), ("forget", Self::Forget), ("error", Self::Error)];
}

/// Which changes of arguments are not wanted.
#[derive(Clone, Debug, Default)]
pub enum IgnoreChanges {
    /// All are wanted.
    #[default]
    None,
    /// None is wanted.
    All,
    /// These are not wanted.
    Paths(Vec<IgnoredPath>),
}

/// An argument, or a part of it, whose changes are not wanted.
#[derive(Clone, Debug)]
pub struct IgnoredPath {
    /// Which part.
    pub path: Path,
    /// Whether its last step is a text in brackets, as for keys of maps.
    pub is_key: bool,
    /// Where it is named.
    pub span: Span,
}

/// A `moved` block. Its addresses start at the module in which it stands.
#[derive(Clone, Debug)]
pub struct MovedDecl {
    /// Where the objects were.
    pub from: Target,
    /// Where they belong.
    pub to: Target,
    /// The block's first line.
    pub header: Span,
}

/// A `removed` block.
#[derive(Clone, Debug)]
pub struct RemovedDecl {
    /// The resource or module that was removed, without keys; it starts at the module in which the
    /// block stands.
    pub from: Target,
    /// Whether its objects are deleted; otherwise they are only forgotten.
    pub destroy: bool,
    /// The block's first line.
    pub header: Span,
}

/// An `import` block.
#[derive(Clone, Debug)]
pub struct ImportDecl {
    /// The instance under which the object belongs; its keys may have to be evaluated.
    pub to: Expression,
    /// What the vendor calls the object.
    pub id: Expression,
    /// One import for each element.
    pub for_each: Option<Expression>,
    /// The provider configuration, where it is not that of the resource.
    pub provider: Option<(LocalProvider, Span)>,
    /// The block's first line.
    pub header: Span,
}

/// A `check` block.
#[derive(Clone, Debug)]
pub struct CheckDecl {
    /// Its name.
    pub name: Arc<str>,
    /// The block's first line.
    pub header: Span,
    /// Data that only its own conditions look at.
    pub data: Option<Box<ResourceDecl>>,
    /// The conditions.
    pub assertions: Vec<Validation>,
}
