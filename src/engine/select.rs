//! Which part of a configuration `-target` and `-exclude` select.

use std::collections::BTreeSet;

use crate::addr::{DeclaredResource, InstanceAddr, InstanceKey, ModulePath, ResourceAddr, Target};
use crate::config::Config;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::state::State;

use super::{Declarations, recorded};

/// What a person wants a plan to be limited to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Limits {
    /// Nothing.
    #[default]
    None,
    /// To these and what they need.
    Only(Vec<Target>),
    /// To all but these and what needs them.
    AllBut(Vec<Target>),
}

impl Limits {
    fn targets(&self) -> &[Target] {
        match self {
            Self::None => &[],
            Self::Only(targets) | Self::AllBut(targets) => targets,
        }
    }

    fn option(&self) -> &'static str {
        if let Self::AllBut(_) = self { "-exclude" } else { "-target" }
    }
}

/// A selection of instances: everything, some with what they need, or all but some and what needs
/// them.
pub(super) struct Selection<'a> {
    limits: &'a Limits,
    /// Resources that come along with those that are named, with all their instances: in the
    /// selection, or out of it.
    along: BTreeSet<DeclaredResource>,
    /// The same for single instances, which state knows.
    instances: BTreeSet<InstanceAddr>,
    /// Whether everything is destroyed: then users of an object go with it, and what it needs stays
    /// with it.
    destroys: bool,
}

impl<'a> Selection<'a> {
    /// What `limits` select.
    pub(super) fn of(
        limits: &'a Limits,
        declarations: &Declarations,
        config: &Config,
        state: &State,
        destroys: bool,
        problems: &mut Diagnostics,
    ) -> Self {
        let targets = limits.targets();
        let named = || -> BTreeSet<_> {
            declared_in(config)
                .filter(|resource| targets.iter().any(|target| covers(target, resource)))
                .collect()
        };
        let mut along = match (limits, destroys) {
            (Limits::Only(_), false) => declarations.with_needs(named()),
            (Limits::AllBut(_), false) => declarations.with_users(&named()),
            _ => BTreeSet::new(),
        };
        along.retain(|resource| !targets.iter().any(|target| covers(target, resource)));
        let instances = match limits {
            Limits::Only(_) if destroys => recorded::users(targets, state),
            Limits::AllBut(_) if destroys => recorded::needs(targets, state),
            _ => BTreeSet::new(),
        };
        for target in targets {
            let declared = declared_in(config).any(|resource| covers(target, &resource));
            let recorded = state.resources.keys().any(|resource| target.covers(resource));
            if !declared && !recorded {
                problems.push(nothing(limits.option(), target, config, state));
            }
        }
        Self { limits, along, instances, destroys }
    }

    /// Tells whether everything is selected.
    pub(super) fn is_everything(&self) -> bool {
        self.limits.targets().is_empty()
    }

    /// Tells whether only what is named is selected, with what it needs.
    pub(super) fn is_only(&self) -> bool {
        matches!(self.limits, Limits::Only(_)) && !self.is_everything()
    }

    /// Tells whether an instance is selected.
    pub(super) fn has(&self, address: &InstanceAddr) -> bool {
        let named = || {
            self.along.contains(&address.resource.declared())
                || self.instances.contains(address)
                || self.limits.targets().iter().any(|target| target.selects(address))
        };
        self.is_everything() || self.is_only() == named()
    }

    /// Tells whether any instance of a resource may be selected.
    pub(super) fn has_resource(&self, address: &ResourceAddr) -> bool {
        let targets = self.limits.targets();
        self.is_everything()
            || if self.is_only() {
                self.along.contains(&address.declared())
                    || self.instances.iter().any(|instance| instance.resource == *address)
                    || targets.iter().any(|target| target.covers(address))
            } else {
                !self.along.contains(&address.declared())
                    && !targets.iter().any(|target| is_whole(target) && target.covers(address))
            }
    }

    /// Tells whether instances of a declared resource may be selected.
    pub(super) fn has_declared(&self, resource: &DeclaredResource) -> bool {
        let targets = self.limits.targets();
        self.is_everything()
            || if self.is_only() {
                self.along.contains(resource)
                    || self.instances.iter().any(|instance| is_of(instance, resource))
                    || targets.iter().any(|target| covers(target, resource))
            } else {
                !self.along.contains(resource)
                    && !targets.iter().any(|target| is_whole(target) && covers(target, resource))
            }
    }

    /// What a person should know about a partial plan.
    pub(super) fn warning(&self) -> Option<Diagnostic> {
        let option = self.limits.option();
        let detail = match (self.limits, self.destroys) {
            _ if self.is_everything() => return None,
            (Limits::AllBut(_), false) => {
                format!("What `{option}` names, and what needs it, is no part of this plan.")
            }
            (Limits::AllBut(_), true) => {
                format!("What `{option}` names, and what it needs, is no part of this plan.")
            }
            (_, false) => {
                format!("Only what `{option}` selects, and what it needs, is part of this plan.")
            }
            (_, true) => format!(
                "Only what `{option}` selects, and what was made from it, is part of this plan."
            ),
        };
        Some(
            Diagnostic::warning(code::TARGETED, detail)
                .help(format!("plan once without `{option}` afterwards")),
        )
    }
}

/// Whether a target names all instances that there are under its name.
fn is_whole(target: &Target) -> bool {
    match target {
        Target::Module(module) => module.0.iter().all(|step| step.key == InstanceKey::None),
        Target::Resource(resource) => {
            resource.module.0.iter().all(|step| step.key == InstanceKey::None)
        }
        Target::Instance(_) => false,
    }
}

/// Tells whether an instance is one of a declared resource.
fn is_of(instance: &InstanceAddr, resource: &DeclaredResource) -> bool {
    instance.resource.local == resource.local && instance.resource.module.path() == resource.module
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

fn nothing(option: &str, target: &Target, config: &Config, state: &State) -> Diagnostic {
    let text = target.to_string();
    let known: Vec<_> = declared_in(config)
        .map(|resource| resource.to_string())
        .chain(state.resources.keys().map(ToString::to_string))
        .collect();
    let detail = format!("`{option}` names `{text}`, which is neither declared nor in state.");
    Diagnostic::warning(code::TARGETED, detail)
        .did_you_mean(&text, known.iter().map(String::as_str))
}
