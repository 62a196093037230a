//! What refers to what: the order of evaluation, and references to nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use crate::addr::{ProviderConfigAddr, Reference, ResourceAddr};
use crate::config::{Module, Repetition, ResourceDecl, references};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::graph::{Cycle, Dag, NodeId};
use crate::syntax::{Body, Expression};
use crate::text::Span;

/// Something that is declared and can be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Declaration {
    /// A variable.
    Variable(Arc<str>),
    /// A local value.
    Local(Arc<str>),
    /// A provider configuration.
    Provider(ProviderConfigAddr),
    /// A resource.
    Resource(ResourceAddr),
    /// An output.
    Output(Arc<str>),
}

impl fmt::Display for Declaration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(formatter, "var.{name}"),
            Self::Local(name) => write!(formatter, "local.{name}"),
            Self::Provider(address) => write!(formatter, "provider.{}", address.local()),
            Self::Resource(address) => address.fmt(formatter),
            Self::Output(name) => write!(formatter, "output.{name}"),
        }
    }
}

/// The declarations of a module in a graph of references.
pub struct Declarations {
    graph: Dag<Declaration>,
    order: Vec<NodeId>,
    ids: BTreeMap<Declaration, NodeId>,
}

impl Declarations {
    /// Draws the graph. Errors: references to nothing, and circles with every place on them.
    pub fn of(module: &Module) -> Result<Self, Diagnostics> {
        let mut builder = Builder::new(module);
        builder.variables();
        builder.values();
        for resource in module.resources.values() {
            builder.resource(resource);
        }
        let Builder { graph, ids, places, mut problems, .. } = builder;
        match graph.order() {
            Ok(order) => problems.into_result(Self { graph, order, ids }),
            Err(cycle) => {
                problems.push(explain(&graph, &cycle, &places));
                Err(problems)
            }
        }
    }

    /// Every declaration after those it refers to.
    pub fn in_order(&self) -> impl Iterator<Item = &Declaration> {
        self.order.iter().filter_map(|id| self.graph.node(*id))
    }

    /// For every resource, the resources it refers to, also by way of local values and other
    /// resources.
    pub fn resource_dependencies(&self) -> BTreeMap<&ResourceAddr, BTreeSet<&ResourceAddr>> {
        let mut reached: Vec<BTreeSet<&ResourceAddr>> = vec![BTreeSet::new(); self.graph.len()];
        let mut dependencies = BTreeMap::new();
        for id in &self.order {
            let mut all = BTreeSet::new();
            for need in self.graph.needs(*id) {
                all.extend(reached.get(need.index()).into_iter().flatten().copied());
                if let Some(Declaration::Resource(address)) = self.graph.node(need) {
                    all.insert(address);
                }
            }
            if let Some(Declaration::Resource(address)) = self.graph.node(*id) {
                dependencies.insert(address, all.clone());
            }
            if let Some(slot) = reached.get_mut(id.index()) {
                *slot = all;
            }
        }
        dependencies
    }

    /// The resources in a graph of their own, for people to look at.
    pub fn resource_graph(&self) -> Dag<ResourceAddr> {
        let mut graph = Dag::default();
        let mut added = BTreeMap::new();
        for declaration in self.ids.keys() {
            if let Declaration::Resource(address) = declaration {
                added.insert(address, graph.add(address.clone()));
            }
        }
        for (address, id) in &added {
            for needed in self.resources_of(&Declaration::Resource(ResourceAddr::clone(address))) {
                if let Some(needed) = added.get(needed) {
                    graph.need(*id, *needed);
                }
            }
        }
        graph
    }

    /// The resources that a declaration refers to without another resource in between.
    pub fn resources_of(&self, declaration: &Declaration) -> BTreeSet<&ResourceAddr> {
        let mut found = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let start = self.ids.get(declaration);
        let mut waiting: Vec<NodeId> = start.into_iter().copied().collect();
        while let Some(id) = waiting.pop() {
            for need in self.graph.needs(id) {
                match self.graph.node(need) {
                    Some(Declaration::Resource(resource)) => {
                        found.insert(resource);
                    }
                    _ if seen.insert(need) => waiting.push(need),
                    _ => {}
                }
            }
        }
        found
    }
}

/// Places of references: who refers to whom, and where.
type Places = BTreeMap<(NodeId, NodeId), Span>;

struct Builder<'a> {
    module: &'a Module,
    graph: Dag<Declaration>,
    ids: BTreeMap<Declaration, NodeId>,
    places: Places,
    problems: Diagnostics,
}

/// Which of `each`, `count` and `self` an expression may use.
#[derive(Clone, Copy, Default)]
struct Allowed {
    each: bool,
    count: bool,
    this: bool,
}

impl<'a> Builder<'a> {
    fn new(module: &'a Module) -> Self {
        let mut graph = Dag::default();
        let declarations = (module.variables.keys().cloned().map(Declaration::Variable))
            .chain(module.locals.keys().cloned().map(Declaration::Local))
            .chain(module.providers.keys().cloned().map(Declaration::Provider))
            .chain(module.resources.keys().cloned().map(Declaration::Resource))
            .chain(module.outputs.keys().cloned().map(Declaration::Output));
        let ids = declarations.map(|node| (node.clone(), graph.add(node))).collect();
        Self { module, graph, ids, places: Places::new(), problems: Diagnostics::default() }
    }

    fn variables(&mut self) {
        for variable in self.module.variables.values() {
            let from = Declaration::Variable(Arc::clone(&variable.name));
            for validation in &variable.validations {
                for expression in [&validation.condition, &validation.error_message] {
                    // A rule may look at the variable it guards; that is no circle.
                    self.expression_except(&from, expression, Allowed::default(), Some(&from));
                }
            }
        }
    }

    fn values(&mut self) {
        for local in self.module.locals.values() {
            let from = Declaration::Local(Arc::clone(&local.name));
            self.expression(&from, &local.value, Allowed::default());
        }
        for output in self.module.outputs.values() {
            let from = Declaration::Output(Arc::clone(&output.name));
            self.expression(&from, &output.value, Allowed::default());
            for condition in &output.preconditions {
                self.expression(&from, &condition.condition, Allowed::default());
                self.expression(&from, &condition.error_message, Allowed::default());
            }
            self.resources(&from, &output.depends_on);
        }
        for provider in self.module.providers.values() {
            let from = Declaration::Provider(provider.address.clone());
            self.body(&from, &provider.body, Allowed::default());
        }
    }

    fn resource(&mut self, resource: &ResourceDecl) {
        let from = Declaration::Resource(resource.address.clone());
        let mut allowed = Allowed::default();
        match &resource.repetition {
            Repetition::Single => {}
            Repetition::Count(count) => {
                self.expression(&from, count, Allowed::default());
                allowed.count = true;
            }
            Repetition::ForEach(each) => {
                self.expression(&from, each, Allowed::default());
                allowed.each = true;
            }
        }
        self.body(&from, &resource.body, allowed);
        self.resources(&from, &resource.depends_on);
        let provider = Declaration::Provider(resource.provider.clone());
        if self.ids.contains_key(&provider) {
            self.edge(&from, &provider, resource.provider_span.unwrap_or(resource.header));
        }
        let lifecycle = &resource.lifecycle;
        for expression in lifecycle.replace_triggered_by.iter().chain(&lifecycle.prevent_destroy) {
            self.expression(&from, expression, allowed);
        }
        for condition in &lifecycle.preconditions {
            self.expression(&from, &condition.condition, allowed);
            self.expression(&from, &condition.error_message, allowed);
        }
        let with_self = Allowed { this: true, ..allowed };
        for condition in &lifecycle.postconditions {
            self.expression(&from, &condition.condition, with_self);
            self.expression(&from, &condition.error_message, with_self);
        }
    }

    fn body(&mut self, from: &Declaration, body: &Body, allowed: Allowed) {
        for (reference, span) in references(body) {
            self.reference(from, &reference, span, allowed, None);
        }
    }

    fn resources(&mut self, from: &Declaration, list: &[(ResourceAddr, Span)]) {
        for (address, span) in list {
            let to = Declaration::Resource(address.clone());
            if self.ids.contains_key(&to) {
                self.edge(from, &to, *span);
            } else {
                let problem = self.no_resource(address, *span);
                self.problems.push(problem);
            }
        }
    }

    fn expression(&mut self, from: &Declaration, expression: &Expression, allowed: Allowed) {
        self.expression_except(from, expression, allowed, None);
    }

    fn expression_except(
        &mut self,
        from: &Declaration,
        expression: &Expression,
        allowed: Allowed,
        except: Option<&Declaration>,
    ) {
        for (reference, span) in expression.references() {
            self.reference(from, &reference, span, allowed, except);
        }
    }

    fn reference(
        &mut self,
        from: &Declaration,
        reference: &Reference,
        span: Span,
        allowed: Allowed,
        except: Option<&Declaration>,
    ) {
        match self.target(reference, span, allowed) {
            Ok(Some(to)) if Some(&to) != except => self.edge(from, &to, span),
            Ok(_) => {}
            Err(problem) => self.problems.push(problem),
        }
    }

    /// What a reference leads to; `None` where it leads to nothing that is declared by a block.
    fn target(
        &self,
        reference: &Reference,
        span: Span,
        allowed: Allowed,
    ) -> Result<Option<Declaration>, Diagnostic> {
        let missing = |kind: &str, name: &str, names: Vec<&str>| {
            Diagnostic::error(code::REFERENCE, format!("There is no {kind} `{name}`."))
                .at(span)
                .did_you_mean(name, names)
        };
        let only = |word: &str, place: &str, allowed: bool| {
            if allowed {
                return Ok(None);
            }
            let detail = format!("`{word}` has a meaning only {place}.");
            Err(Diagnostic::error(code::NOT_ALLOWED_HERE, detail).at(span))
        };
        match reference {
            Reference::Variable(name) if !self.module.variables.contains_key(name) => {
                let names = self.module.variables.keys().map(|name| &**name).collect();
                Err(missing("variable", name, names)
                    .help(format!("declare it: `variable \"{name}\" {{}}`")))
            }
            Reference::Local(name) if !self.module.locals.contains_key(name) => {
                let names = self.module.locals.keys().map(|name| &**name).collect();
                Err(missing("local value", name, names))
            }
            Reference::Variable(name) => Ok(Some(Declaration::Variable(Arc::clone(name)))),
            Reference::Local(name) => Ok(Some(Declaration::Local(Arc::clone(name)))),
            Reference::Resource { mode, type_name, name } => {
                let address = ResourceAddr {
                    mode: *mode,
                    type_name: type_name.clone(),
                    ..ResourceAddr::managed(Arc::clone(&type_name.0), Arc::clone(name))
                };
                if self.module.resources.contains_key(&address) {
                    Ok(Some(Declaration::Resource(address)))
                } else {
                    Err(self.no_resource(&address, span))
                }
            }
            Reference::EachKey | Reference::EachValue => {
                only("each", "in resources with `for_each`", allowed.each)
            }
            Reference::CountIndex => {
                only("count.index", "in resources with `count`", allowed.count)
            }
            Reference::SelfObject => only("self", "in postconditions", allowed.this),
            Reference::Module(name) => Err(missing("module", name, Vec::new())),
            Reference::Output(name) => {
                Err(missing("output that can be referred to", name, Vec::new()))
            }
            Reference::Path(_) | Reference::Terraform(_) => Ok(None),
        }
    }

    fn no_resource(&self, address: &ResourceAddr, span: Span) -> Diagnostic {
        let names: Vec<String> = self.module.resources.keys().map(ToString::to_string).collect();
        let text = address.to_string();
        Diagnostic::error(code::REFERENCE, format!("There is no resource `{text}`."))
            .at(span)
            .did_you_mean(&text, names.iter().map(String::as_str))
    }

    fn edge(&mut self, from: &Declaration, to: &Declaration, span: Span) {
        if let (Some(from), Some(to)) = (self.ids.get(from), self.ids.get(to)) {
            self.graph.need(*from, *to);
            self.places.entry((*from, *to)).or_insert(span);
        }
    }
}

/// A circle with the place of every reference on it.
fn explain(graph: &Dag<Declaration>, cycle: &Cycle, places: &Places) -> Diagnostic {
    let name = |id: NodeId| graph.node(id).map(ToString::to_string).unwrap_or_default();
    let detail = format!("Each of these needs the next one first: {}.", cycle.describe(name));
    let mut diagnostic = Diagnostic::error(code::CYCLE, detail);
    let following = cycle.0.iter().skip(1).chain(cycle.0.first());
    for (from, to) in cycle.0.iter().zip(following) {
        if let Some(span) = places.get(&(*from, *to)) {
            diagnostic =
                diagnostic.label(*span, format!("{} refers to {} here", name(*from), name(*to)));
        }
    }
    diagnostic.help("take one of these references out")
}
