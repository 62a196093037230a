//! Draws the graph: a node for each declaration, an edge for each reference.

use std::sync::Arc;

use crate::addr::{ModulePath, Reference};
use crate::config::{CheckDecl, Config, Module, ModuleCall, ResourceDecl, references};
use crate::graph::{Dag, NodeId};
use crate::syntax::{Body, Expression};
use crate::text::Span;

use super::super::Catalog;
use super::lookup::{Allowed, Site};
use super::members::Members;
use super::{Declaration, Declared, Ids, Misreference, Places};

/// The graph with everything that was found on the way.
pub(super) struct Drawn {
    pub(super) graph: Dag<Declared>,
    pub(super) ids: Ids,
    pub(super) places: Places,
    pub(super) problems: Vec<Misreference>,
}

/// Draws the declarations of all modules.
pub(super) fn draw(catalog: &Catalog, config: &Config) -> Drawn {
    let mut drawn = Drawn {
        graph: Dag::default(),
        ids: Ids::new(),
        places: Places::new(),
        problems: Vec::new(),
    };
    for (path, found) in config.modules() {
        drawn.nodes(path, &found.module);
    }
    for (path, found) in config.modules() {
        let (module, allowed) = (&*found.module, Allowed::default());
        let site = Site { config, path, module, check: None, allowed };
        Edges { drawn: &mut drawn, catalog, site }.module();
    }
    drawn
}

impl Drawn {
    fn nodes(&mut self, module: &ModulePath, declared: &Module) {
        let declarations = (declared.variables.keys().cloned().map(Declaration::Variable))
            .chain(declared.locals.keys().cloned().map(Declaration::Local))
            .chain(declared.providers.keys().cloned().map(Declaration::Provider))
            .chain(declared.calls.keys().cloned().map(Declaration::Call))
            .chain(declared.calls.keys().cloned().map(Declaration::Whole))
            .chain(declared.resources.keys().cloned().map(Declaration::Resource))
            .chain(declared.outputs.keys().cloned().map(Declaration::Output))
            .chain(declared.checks.keys().cloned().map(Declaration::Check));
        let ids = declarations.map(|declaration| {
            let node = Declared { module: module.clone(), declaration: declaration.clone() };
            (declaration, self.graph.add(node))
        });
        self.ids.insert(module.clone(), ids.collect());
    }

    fn id(&self, module: &ModulePath, declaration: &Declaration) -> Option<NodeId> {
        self.ids.get(module)?.get(declaration).copied()
    }

    fn edge(&mut self, from: NodeId, to: NodeId, span: Span) {
        self.graph.need(from, to);
        self.places.push((from, to, span));
    }
}

/// Draws the edges of one module.
struct Edges<'a, 'd> {
    drawn: &'d mut Drawn,
    catalog: &'a Catalog,
    site: Site<'a>,
}

impl<'a> Edges<'a, '_> {
    fn module(&mut self) {
        let module = self.site.module;
        self.variables();
        for local in module.locals.values() {
            let Some(from) = self.id(Declaration::Local(Arc::clone(&local.name))) else { continue };
            self.expressions(from, [&local.value]);
        }
        for output in module.outputs.values() {
            let Some(from) = self.id(Declaration::Output(Arc::clone(&output.name))) else {
                continue;
            };
            self.expressions(from, [&output.value]);
            for condition in &output.preconditions {
                self.expressions(from, [&condition.condition, &condition.error_message]);
            }
            self.references(from, &output.depends_on);
        }
        for provider in module.providers.values() {
            let from = self.id(Declaration::Provider(provider.address.clone()));
            let Some(from) = from else { continue };
            self.body(from, &provider.body);
        }
        for resource in module.resources.values() {
            let from = self.id(Declaration::Resource(resource.address.clone()));
            let Some(from) = from else { continue };
            self.resource(from, resource);
        }
        for call in module.calls.values() {
            self.call(call);
        }
        for check in module.checks.values() {
            self.check(check);
        }
        self.imports();
        self.after_own_call();
    }

    fn variables(&mut self) {
        let module = self.site.module;
        for variable in module.variables.values() {
            let from = Declaration::Variable(Arc::clone(&variable.name));
            let Some(from) = self.id(from) else { continue };
            for validation in &variable.validations {
                for expression in [&validation.condition, &validation.error_message] {
                    for (reference, span) in expression.references() {
                        // A rule may look at the variable it guards; that is no circle.
                        if !matches!(&reference, Reference::Variable(name) if *name == variable.name)
                        {
                            self.reference(from, &reference, span);
                        }
                    }
                }
            }
        }
    }

    fn resource(&mut self, from: NodeId, resource: &'a ResourceDecl) {
        self.repetition(from, &resource.repetition);
        self.site.allowed = Allowed::by(&resource.repetition);
        self.body(from, &resource.body);
        self.provider(from, resource);
        let lifecycle = &resource.lifecycle;
        self.expressions(
            from,
            lifecycle.replace_triggered_by.iter().chain(&lifecycle.prevent_destroy),
        );
        for condition in &lifecycle.preconditions {
            self.expressions(from, [&condition.condition, &condition.error_message]);
        }
        self.site.allowed.this = true;
        for condition in &lifecycle.postconditions {
            self.expressions(from, [&condition.condition, &condition.error_message]);
        }
        self.site.allowed = Allowed::default();
        self.references(from, &resource.depends_on);
    }

    /// The edge to the provider configuration that a resource uses, wherever it is declared.
    fn provider(&mut self, from: NodeId, resource: &ResourceDecl) {
        let span = resource.provider_span.unwrap_or(resource.header);
        let found = self.site.config.provider(self.site.path, &resource.provider);
        let to = found.and_then(|address| {
            self.drawn.id(&address.module, &Declaration::Provider(address.local))
        });
        if let Some(to) = to {
            self.drawn.edge(from, to, span);
        }
    }

    fn repetition(&mut self, from: NodeId, repetition: &'a crate::config::Repetition) {
        match repetition {
            crate::config::Repetition::Single => {}
            crate::config::Repetition::Count(expression)
            | crate::config::Repetition::ForEach(expression) => {
                self.expressions(from, [expression]);
            }
        }
    }

    /// A call: how many instances it has, the values it hands in, and all that is behind it.
    fn call(&mut self, call: &'a ModuleCall) {
        let Some(expansion) = self.id(Declaration::Call(Arc::clone(&call.name))) else { return };
        self.repetition(expansion, &call.repetition);
        self.references(expansion, &call.depends_on);
        let child = self.site.path.child(&call.name);
        let Some(called) = self.site.config.module(&child) else { return };
        if let Some(whole) = self.id(Declaration::Whole(Arc::clone(&call.name))) {
            self.drawn.graph.need(whole, expansion);
            let inside = self.drawn.ids.get(&child).into_iter().flatten();
            let needed: Vec<_> = inside
                .filter(|(declaration, _)| {
                    matches!(
                        declaration,
                        Declaration::Resource(_) | Declaration::Output(_) | Declaration::Whole(_)
                    )
                })
                .map(|(_, id)| *id)
                .collect();
            for id in needed {
                self.drawn.graph.need(whole, id);
            }
        }
        self.site.allowed = Allowed::by(&call.repetition);
        for (name, argument) in &call.arguments {
            let variable = Declaration::Variable(Arc::clone(name));
            if !called.variables.contains_key(name) {
                continue;
            }
            let Some(from) = self.drawn.id(&child, &variable) else { continue };
            for (reference, span) in argument.value.references() {
                self.reference(from, &reference, span);
            }
            self.keys(from, &argument.value);
        }
        self.site.allowed = Allowed::default();
    }

    fn check(&mut self, check: &'a CheckDecl) {
        let Some(from) = self.id(Declaration::Check(Arc::clone(&check.name))) else { return };
        self.site.check = Some(check);
        if let Some(data) = &check.data {
            self.resource(from, data);
        }
        for assertion in &check.assertions {
            self.expressions(from, [&assertion.condition, &assertion.error_message]);
        }
        self.site.check = None;
    }

    /// What tells the vendor's name of an object must be known before the resource is planned.
    fn imports(&mut self) {
        for import in &self.site.module.imports {
            let target = super::super::imports::resource_of(&import.to);
            let Some((child, local)) = target.map(|found| (found.module, found.local)) else {
                continue;
            };
            let Some(from) = self.drawn.id(&child, &Declaration::Resource(local)) else {
                continue;
            };
            self.site.allowed.each = import.for_each.is_some();
            for (reference, span) in import.id.references() {
                self.reference(from, &reference, span);
            }
            self.site.allowed.each = false;
            for (reference, span) in import.for_each.iter().flat_map(Expression::references) {
                self.reference(from, &reference, span);
            }
        }
    }

    /// Everything in a called module comes after it is known how many instances the call has.
    fn after_own_call(&mut self) {
        let Some((caller, name)) = self.site.path.parent() else { return };
        let Some(call) = self.drawn.id(&caller, &Declaration::Call(Arc::clone(name))) else {
            return;
        };
        let inside = self.drawn.ids.get(self.site.path).into_iter().flatten();
        let all: Vec<_> = inside.map(|(_, id)| *id).collect();
        for id in all {
            self.drawn.graph.need(id, call);
        }
    }

    fn body(&mut self, from: NodeId, body: &'a Body) {
        for (reference, span) in references(body) {
            self.reference(from, &reference, span);
        }
        self.keys_in(from, body);
    }

    /// Names of attributes that stand where a key of an instance is missing, and that nothing has.
    fn keys_in(&mut self, from: NodeId, body: &Body) {
        for attribute in &body.attributes {
            self.keys(from, &attribute.value);
        }
        for block in &body.blocks {
            self.keys_in(from, &block.body);
        }
    }

    fn keys(&mut self, from: NodeId, expression: &Expression) {
        let Self { drawn, catalog, site } = self;
        let members = Members { catalog, site };
        expression.visit(&mut |part| {
            let found = members.wrong_step(part);
            let found = found.map(|problem| Misreference { from, rests_on: None, problem });
            drawn.problems.extend(found);
        });
    }

    fn expressions(&mut self, from: NodeId, expressions: impl IntoIterator<Item = &'a Expression>) {
        for expression in expressions {
            for (reference, span) in expression.references() {
                self.reference(from, &reference, span);
            }
            self.keys(from, expression);
        }
    }

    /// The edges of a `depends_on` list: a module is waited for with everything in it.
    fn references(&mut self, from: NodeId, references: &[(Reference, Span)]) {
        for (reference, span) in references {
            self.reference(from, reference, *span);
            if let Reference::Module { name, .. } = reference
                && let Some(to) = self.id(Declaration::Whole(Arc::clone(name)))
            {
                self.drawn.edge(from, to, *span);
            }
        }
    }

    /// The node of a declaration of this module.
    fn id(&self, declaration: Declaration) -> Option<NodeId> {
        self.drawn.id(self.site.path, &declaration)
    }

    fn reference(&mut self, from: NodeId, reference: &Reference, span: Span) {
        match self.site.targets(reference, span) {
            Ok(targets) => {
                for (module, declaration) in targets {
                    if let Some(to) = self.drawn.id(&module, &declaration) {
                        self.drawn.edge(from, to, span);
                    }
                }
            }
            Err(problem) => {
                let rests_on = match reference {
                    Reference::Module { name, .. } => self.id(Declaration::Whole(Arc::clone(name))),
                    _ => None,
                };
                self.drawn.problems.push(Misreference { from, rests_on, problem });
            }
        }
    }
}
