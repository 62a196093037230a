//! Which part of a module `-target` selects.

use std::collections::BTreeSet;

use crate::addr::{DeclaredResource, InstanceAddr, ModulePath, ResourceAddr, Target};
use crate::config::Config;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::state::State;

use super::Declarations;

/// A selection of instances: everything, or some with what they need.
pub(super) struct Selection<'a> {
    targets: &'a [Target],
    /// Resources that are needed by selected ones, with all their instances.
    needed: BTreeSet<DeclaredResource>,
    /// Whether users of the selected objects come along, because they cannot outlive them.
    with_users: bool,
}

impl<'a> Selection<'a> {
    /// What `targets` select, with everything that it needs; with `with_users`, instead, with
    /// everything in state that needs it.
    pub(super) fn of(
        targets: &'a [Target],
        declarations: &Declarations,
        config: &Config,
        state: &State,
        with_users: bool,
        problems: &mut Diagnostics,
    ) -> Self {
        let mut needed = BTreeSet::new();
        if with_users {
            for (address, _, instance) in state.instances() {
                let objects = instance.current.iter().chain(instance.deposed.values());
                for dependency in objects.flat_map(|object| object.dependencies.iter()) {
                    if targets.iter().any(|target| covers(target, dependency)) {
                        needed.insert(address.resource.declared());
                    }
                }
            }
        } else {
            let selected: BTreeSet<_> = declared_in(config)
                .filter(|resource| targets.iter().any(|target| covers(target, resource)))
                .collect();
            needed = declarations.with_needs(selected.clone());
            needed.retain(|resource| !selected.contains(resource));
        }
        for target in targets {
            let declared = declared_in(config).any(|resource| covers(target, &resource));
            let recorded = state.resources.keys().any(|resource| target.covers(resource));
            if !declared && !recorded {
                problems.push(nothing(target, config, state));
            }
        }
        Self { targets, needed, with_users }
    }

    /// Tells whether everything is selected.
    pub(super) fn is_everything(&self) -> bool {
        self.targets.is_empty()
    }

    /// Tells whether an instance is selected.
    pub(super) fn has(&self, address: &InstanceAddr) -> bool {
        self.is_everything()
            || self.needed.contains(&address.resource.declared())
            || self.targets.iter().any(|target| target.selects(address))
    }

    /// Tells whether any instance of a resource may be selected.
    pub(super) fn has_resource(&self, address: &ResourceAddr) -> bool {
        self.is_everything()
            || self.needed.contains(&address.declared())
            || self.targets.iter().any(|target| target.covers(address))
    }

    /// Tells whether instances of a declared resource may be selected.
    pub(super) fn has_declared(&self, resource: &DeclaredResource) -> bool {
        self.is_everything()
            || self.needed.contains(resource)
            || self.targets.iter().any(|target| covers(target, resource))
    }

    /// What a person should know about a partial plan.
    pub(super) fn warning(&self) -> Option<Diagnostic> {
        (!self.is_everything()).then(|| {
            let along = if self.with_users { "what was made from it" } else { "what it needs" };
            Diagnostic::warning(
                code::TARGETED,
                format!("Only what `-target` selects, and {along}, is part of this plan."),
            )
            .help("plan once without `-target` afterwards")
        })
    }
}

/// Every resource of every module.
fn declared_in(config: &Config) -> impl Iterator<Item = DeclaredResource> {
    config.modules().flat_map(|(path, found)| {
        let resources = found.module.resources.keys();
        resources.map(|local| DeclaredResource { module: path.clone(), local: local.clone() })
    })
}

/// Tells whether a target names instances of a declared resource.
fn covers(target: &Target, resource: &DeclaredResource) -> bool {
    let is_in = |module: &ModulePath| resource.module.is_within(module);
    match target {
        Target::Module(module) => is_in(&module.path()),
        Target::Resource(wanted) => wanted.declared() == *resource,
        Target::Instance(instance) => instance.resource.declared() == *resource,
    }
}

fn nothing(target: &Target, config: &Config, state: &State) -> Diagnostic {
    let text = target.to_string();
    let known: Vec<_> = declared_in(config)
        .map(|resource| resource.to_string())
        .chain(state.resources.keys().map(ToString::to_string))
        .collect();
    let detail = format!("`{text}` is neither declared nor in state, so it selects nothing.");
    Diagnostic::warning(code::TARGETED, detail)
        .did_you_mean(&text, known.iter().map(String::as_str))
}
