//! Which part of a module `-target` selects.

use std::collections::BTreeSet;

use crate::addr::{InstanceAddr, ResourceAddr, Target};
use crate::config::Module;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::state::State;

use super::Declarations;

/// A selection of instances: everything, or some with what they need.
pub(super) struct Selection<'a> {
    targets: &'a [Target],
    /// Resources that are needed by selected ones, with all their instances.
    needed: BTreeSet<ResourceAddr>,
    /// Whether users of the selected objects come along, because they cannot outlive them.
    with_users: bool,
}

impl<'a> Selection<'a> {
    /// What `targets` select, with everything that it needs; with `with_users`, instead, with
    /// everything in state that needs it.
    pub(super) fn of(
        targets: &'a [Target],
        declarations: &Declarations,
        module: &Module,
        state: &State,
        with_users: bool,
        problems: &mut Diagnostics,
    ) -> Self {
        let mut needed = BTreeSet::new();
        if with_users {
            for (address, _, instance) in state.instances() {
                let objects = instance.current.iter().chain(instance.deposed.values());
                for dependency in objects.flat_map(|object| &object.dependencies) {
                    if targets.iter().any(|target| names(target, dependency)) {
                        needed.insert(address.resource.clone());
                    }
                }
            }
        } else {
            for (resource, dependencies) in declarations.resource_dependencies() {
                if targets.iter().any(|target| names(target, resource)) {
                    needed.extend(dependencies.into_iter().cloned());
                }
            }
        }
        for target in targets {
            let declared = module.resources.keys().any(|resource| names(target, resource));
            let recorded = state.resources.keys().any(|resource| names(target, resource));
            if !declared && !recorded {
                problems.push(nothing(target, module, state));
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
            || self.needed.contains(&address.resource)
            || self.targets.iter().any(|target| target.selects(address))
    }

    /// Tells whether any instance of a resource may be selected.
    pub(super) fn has_resource(&self, address: &ResourceAddr) -> bool {
        self.is_everything()
            || self.needed.contains(address)
            || self.targets.iter().any(|target| names(target, address))
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

fn names(target: &Target, resource: &ResourceAddr) -> bool {
    match target {
        Target::Module(module) => resource.module.is_within(module),
        Target::Resource(wanted) => wanted == resource,
        Target::Instance(instance) => instance.resource == *resource,
    }
}

fn nothing(target: &Target, module: &Module, state: &State) -> Diagnostic {
    let text = target.to_string();
    let known: Vec<_> =
        module.resources.keys().chain(state.resources.keys()).map(ToString::to_string).collect();
    Diagnostic::error(code::TARGET, format!("`{text}` is neither declared nor in state."))
        .did_you_mean(&text, known.iter().map(String::as_str))
}
