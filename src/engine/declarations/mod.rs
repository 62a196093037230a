//! What refers to what: the order of evaluation, and references to nothing.
//!
//! In: the modules of a configuration. Out: a graph of their declarations. It knows nothing of
//! values: a declaration stands for all its instances.

mod builder;
mod lookup;
mod members;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::Arc;

use crate::addr::{DeclaredResource, LocalProvider, LocalResource, ModulePath};
use crate::config::Config;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::graph::{Cycle, Dag, NodeId};
use crate::state::Dependencies;
use crate::syntax::Expression;
use crate::text::Span;

use super::Catalog;

/// The resources recorded as outliving an object are the nearest ones, at most so many: the
/// deletion of whatever lies beyond waits for theirs.
const MOST_DEPENDENCIES: usize = 32;

/// Something that is declared in a module and can be evaluated.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Declaration {
    /// A variable.
    Variable(Arc<str>),
    /// A local value.
    Local(Arc<str>),
    /// A provider configuration.
    Provider(LocalProvider),
    /// How many instances a module call has.
    Call(Arc<str>),
    /// A resource.
    Resource(LocalResource),
    /// An output.
    Output(Arc<str>),
    /// Everything in the module that a call leads to.
    Whole(Arc<str>),
    /// A check.
    Check(Arc<str>),
}

impl fmt::Display for Declaration {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Variable(name) => write!(formatter, "var.{name}"),
            Self::Local(name) => write!(formatter, "local.{name}"),
            Self::Provider(address) => write!(formatter, "provider.{address}"),
            Self::Resource(address) => address.fmt(formatter),
            Self::Output(name) => write!(formatter, "output.{name}"),
            Self::Call(name) | Self::Whole(name) => write!(formatter, "module.{name}"),
            Self::Check(name) => write!(formatter, "check.{name}"),
        }
    }
}

/// A declaration with its module.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Declared {
    /// The module in which it stands.
    pub module: ModulePath,
    /// What it is.
    pub declaration: Declaration,
}

impl Declared {
    /// The resource it is.
    fn resource(&self) -> Option<DeclaredResource> {
        match &self.declaration {
            Declaration::Resource(local) => {
                Some(DeclaredResource { module: self.module.clone(), local: local.clone() })
            }
            _ => None,
        }
    }
}

impl fmt::Display for Declared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(formatter, "{}.", self.module)?;
        }
        self.declaration.fmt(formatter)
    }
}

/// The nodes of declarations, by module.
type Ids = BTreeMap<ModulePath, BTreeMap<Declaration, NodeId>>;

/// Places of references: who refers to whom, and where.
type Places = Vec<(NodeId, NodeId, Span)>;

/// A reference to nothing.
pub(super) struct Misreference {
    /// Who refers.
    pub(super) from: NodeId,
    /// What would have to be in order for this to be told.
    pub(super) rests_on: Option<NodeId>,
    /// What is to be told.
    pub(super) problem: Diagnostic,
}

/// The declarations of a configuration in a graph of references.
pub struct Declarations {
    graph: Dag<Declared>,
    order: Vec<NodeId>,
    ids: Ids,
    /// What each node needs directly, by its position.
    needs: Vec<Box<[NodeId]>>,
    /// The resource that each node is, by its position.
    resources: Vec<Option<Arc<DeclaredResource>>>,
}

impl Declarations {
    /// Draws the graph, and finds references to nothing.
    ///
    /// # Errors
    ///
    /// Circles, with every place on them, beside the references to nothing.
    pub(super) fn of(
        catalog: &Catalog,
        config: &Config,
    ) -> Result<(Self, Vec<Misreference>), Diagnostics> {
        let builder::Drawn { graph, ids, places, problems } = builder::draw(catalog, config);
        match graph.order() {
            Ok(order) => {
                let needs = graph.nodes().map(|(id, _)| graph.needs(id).into()).collect();
                let resources =
                    graph.nodes().map(|(_, node)| node.resource().map(Arc::new)).collect();
                Ok((Self { graph, order, ids, needs, resources }, problems))
            }
            Err(cycle) => {
                let told = problems.into_iter().map(|found| found.problem);
                Err(told.chain([explain(&graph, &cycle, &places)]).collect())
            }
        }
    }

    /// Every declaration after those it refers to.
    pub fn in_order(&self) -> impl Iterator<Item = &Declared> {
        self.order.iter().filter_map(|id| self.graph.node(*id))
    }

    /// Every declaration after those it refers to, by its node.
    pub(super) fn nodes_in_order(&self) -> impl Iterator<Item = (NodeId, &Declared)> {
        self.order.iter().filter_map(|id| Some((*id, self.graph.node(*id)?)))
    }

    /// All declarations, and what each refers to itself.
    pub fn graph(&self) -> &Dag<Declared> {
        &self.graph
    }

    /// What a declaration refers to itself.
    pub(super) fn needs_of(&self, id: NodeId) -> &[NodeId] {
        self.needs.get(id.index()).map(|needs| &**needs).unwrap_or_default()
    }

    /// The node of a declaration.
    pub(super) fn id(&self, module: &ModulePath, declaration: &Declaration) -> Option<NodeId> {
        self.ids.get(module)?.get(declaration).copied()
    }

    fn id_of(&self, resource: &DeclaredResource) -> Option<NodeId> {
        self.id(&resource.module, &Declaration::Resource(resource.local.clone()))
    }

    /// The resources that a resource refers to, also by way of other declarations and other
    /// resources: the nearest ones, in order of address.
    pub fn dependencies_of(&self, resource: &DeclaredResource) -> Dependencies {
        let mut found = Vec::with_capacity(MOST_DEPENDENCIES);
        self.search(self.id_of(resource), |id, needed| {
            found.extend(needed.map(|needed| (id, needed)));
            if found.len() < MOST_DEPENDENCIES { Next::Beyond } else { Next::Enough }
        });
        // Resources got their nodes in order of address.
        found.sort_unstable_by_key(|(id, _)| *id);
        found.into_iter().map(|(_, needed)| Arc::clone(needed)).collect()
    }

    /// These resources and all that they need.
    pub fn with_needs(
        &self,
        resources: impl IntoIterator<Item = DeclaredResource>,
    ) -> BTreeSet<DeclaredResource> {
        let mut all: BTreeSet<_> = resources.into_iter().collect();
        let start: Vec<_> = all.iter().filter_map(|resource| self.id_of(resource)).collect();
        self.search(start, |_, needed| {
            all.extend(needed.map(|resource| DeclaredResource::clone(resource)));
            Next::Beyond
        });
        all
    }

    /// These resources and all that need them.
    pub(super) fn with_users(
        &self,
        resources: &BTreeSet<DeclaredResource>,
    ) -> BTreeSet<DeclaredResource> {
        let mut touched = BTreeSet::new();
        let mut all = BTreeSet::new();
        for (id, declared) in self.nodes_in_order() {
            let resource = declared.resource();
            let named = resource.as_ref().is_some_and(|resource| resources.contains(resource));
            if named || self.needs_of(id).iter().any(|need| touched.contains(need)) {
                touched.insert(id);
                all.extend(resource);
            }
        }
        all
    }

    /// All that the chosen resources need, other declarations included.
    pub(super) fn needed_by(
        &self,
        is_chosen: impl Fn(&DeclaredResource) -> bool,
    ) -> BTreeSet<Declared> {
        let declared = |id: &NodeId| self.graph.node(*id).and_then(Declared::resource);
        let start =
            self.order.iter().filter(|id| declared(id).is_some_and(|found| is_chosen(&found)));
        let mut all = BTreeSet::new();
        self.search(start.copied().collect::<Vec<_>>(), |id, _| {
            all.extend(self.graph.node(id).cloned());
            Next::Beyond
        });
        all
    }

    /// The resources that a declaration refers to without another resource in between.
    pub fn resources_of(
        &self,
        module: &ModulePath,
        declaration: &Declaration,
    ) -> BTreeSet<DeclaredResource> {
        let mut found = BTreeSet::new();
        self.search(self.id(module, declaration), |_, needed| match needed {
            Some(resource) => {
                found.insert(DeclaredResource::clone(resource));
                Next::Elsewhere
            }
            None => Next::Beyond,
        });
        found
    }

    /// Looks at what is needed, nearest first, each once: at the resource, where it is one.
    fn search<'d>(
        &'d self,
        start: impl IntoIterator<Item = NodeId>,
        mut look: impl FnMut(NodeId, Option<&'d Arc<DeclaredResource>>) -> Next,
    ) {
        let mut waiting: VecDeque<NodeId> = start.into_iter().collect();
        let mut seen: BTreeSet<NodeId> = waiting.iter().copied().collect();
        while let Some(id) = waiting.pop_front() {
            for need in self.needs.get(id.index()).into_iter().flat_map(|needs| &**needs) {
                if !seen.insert(*need) {
                    continue;
                }
                match look(*need, self.resources.get(need.index()).and_then(Option::as_ref)) {
                    Next::Beyond => waiting.push_back(*need),
                    Next::Enough => return,
                    Next::Elsewhere => {}
                }
            }
        }
    }

    /// The resources in a graph of their own, for people to look at.
    pub fn resource_graph(&self) -> Dag<DeclaredResource> {
        let mut graph = Dag::default();
        let mut added = BTreeMap::new();
        for (module, ids) in &self.ids {
            for declaration in ids.keys() {
                if let Declaration::Resource(local) = declaration {
                    let resource =
                        DeclaredResource { module: module.clone(), local: local.clone() };
                    added.insert(resource.clone(), graph.add(resource));
                }
            }
        }
        for (resource, id) in &added {
            let declaration = Declaration::Resource(resource.local.clone());
            for needed in self.resources_of(&resource.module, &declaration) {
                if let Some(needed) = added.get(&needed) {
                    graph.need(*id, *needed);
                }
            }
        }
        graph
    }
}

/// References of an expression of a module that lead to nothing.
pub(super) fn check(config: &Config, path: &ModulePath, expression: &Expression) -> Diagnostics {
    let Some(module) = config.module(path) else { return Diagnostics::default() };
    let allowed = lookup::Allowed::default();
    let site = lookup::Site { config, path, module, check: None, allowed };
    let references = expression.references().into_iter();
    references.filter_map(|(reference, span)| site.targets(&reference, span).err()).collect()
}

/// Where a search goes on.
enum Next {
    /// With what this one needs.
    Beyond,
    /// Not behind this one.
    Elsewhere,
    /// Nowhere.
    Enough,
}

/// A circle with the place of every reference on it.
fn explain(graph: &Dag<Declared>, cycle: &Cycle, places: &Places) -> Diagnostic {
    let name = |id: NodeId| graph.node(id).map(ToString::to_string).unwrap_or_default();
    let detail = format!("Each of these needs the next one first: {}.", cycle.describe(name));
    let mut diagnostic = Diagnostic::error(code::CYCLE, detail);
    let following = cycle.0.iter().skip(1).chain(cycle.0.first());
    for (from, to) in cycle.0.iter().zip(following) {
        let place = places.iter().find(|place| (place.0, place.1) == (*from, *to));
        if let Some((_, _, span)) = place {
            diagnostic =
                diagnostic.label(*span, format!("{} refers to {} here", name(*from), name(*to)));
        }
    }
    diagnostic.help("take one of these references out")
}
