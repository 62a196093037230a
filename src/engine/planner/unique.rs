//! Instances that say the same where only one should.

use std::collections::BTreeMap;

use crate::addr::{ProviderConfigAddr, ResourceMode};
use crate::diag::{Diagnostic, code};
use crate::plan::{Action, Change};
use crate::schema::Schema;
use crate::sdk::{Sharing, Unique};
use crate::text::Span;
use crate::value::Value;

use super::super::report;
use super::Planner;

/// Instances whose values may be the same: of one type, with one provider configuration, and with
/// texts that differ in nothing but upper and lower case.
type Group<'p> = (&'p str, &'p ProviderConfigAddr, String);

impl Planner<'_> {
    /// Tells of objects that are to be made with arguments that another instance has already, where
    /// its type allows only one. What exists twice, and stays, is nothing that a plan could change.
    pub(super) fn tell_shared(&mut self) {
        if !self.changes.iter().any(is_made) {
            return;
        }
        let mut groups: BTreeMap<Group<'_>, Vec<(&Change, Vec<Value>)>> = BTreeMap::new();
        for change in &self.changes {
            let type_name = change.address.resource.type_name();
            let unique = self.engine.catalog.resource(type_name).and_then(|spec| spec.unique);
            let Some(values) = unique.and_then(|unique| values(change, unique)) else { continue };
            let spelled: Vec<_> = values.iter().map(|value| value.to_json().to_string()).collect();
            let group = (type_name, &change.provider, spelled.join(" ").to_lowercase());
            groups.entry(group).or_default().push((change, values));
        }
        let mut found = Vec::new();
        let crowded = groups.iter().filter(|(_, members)| {
            members.len() > 1 && members.iter().any(|(change, _)| is_made(change))
        });
        for ((type_name, _, _), members) in crowded {
            let Some(spec) = self.engine.catalog.resource(type_name) else { continue };
            let Some(unique) = spec.unique else { continue };
            for (position, (change, values)) in members.iter().enumerate() {
                let earlier = members.iter().take(position).find(|(earlier, others)| {
                    (is_made(earlier) || is_made(change))
                        && are_same(&spec.schema, unique, others, values)
                });
                let pair = earlier.map(|(earlier, _)| self.shared((earlier, change), unique));
                found.extend(pair);
            }
        }
        self.problems.extend(found);
    }

    fn shared(&self, (first, second): (&Change, &Change), unique: Unique) -> Diagnostic {
        let named = unique.arguments.iter().filter(|name| is_set(second, name));
        let named = named.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
        let detail = format!(
            "`{}` and `{}` have the same {named}, and {}.",
            first.address, second.address, unique.reason
        );
        let diagnostic = match unique.sharing {
            Sharing::Refused => Diagnostic::error(code::ARGUMENT_SHARED, detail),
            Sharing::Advised => Diagnostic::warning(code::ARGUMENT_REPEATED, detail),
        };
        let diagnostic = diagnostic
            .at_if_missing(self.place_of(second, unique))
            .address(&second.address)
            .help("change one of them, or keep only one");
        match self.place_of(first, unique) {
            Some(span) if Some(span) != diagnostic.span() => diagnostic.label(span, "and here"),
            _ => diagnostic,
        }
    }

    fn place_of(&self, change: &Change, unique: Unique) -> Option<Span> {
        let resource = self.inputs.config.resource(&change.address.resource);
        let body = resource.map(|resource| &resource.body);
        report::place(body, change.declared_at, unique.arguments.first().copied())
    }
}

/// The values that must be the only ones of their kind, as far as all are known.
fn values(change: &Change, unique: Unique) -> Option<Vec<Value>> {
    let is_managed = change.address.resource.local.mode == ResourceMode::Managed;
    let stays = !matches!(change.action, Action::Delete | Action::Forget);
    if !is_managed || !stays || change.deposed.is_some() {
        return None;
    }
    let planned = change.planned.as_ref()?;
    let is_told_apart =
        |name| planned.attribute(name).map(Value::reveal) == Some(Value::from(true));
    if unique.unless.is_some_and(is_told_apart) {
        return None;
    }
    let value = |name: &&str| planned.attribute(name).map(Value::reveal);
    let values = unique.arguments.iter().map(value).collect::<Option<Vec<_>>>()?;
    values.iter().all(Value::is_wholly_known).then_some(values)
}

fn is_made(change: &Change) -> bool {
    matches!(change.action, Action::Create | Action::Replace(_))
}

fn is_set(change: &Change, name: &str) -> bool {
    let value = change.planned.as_ref().and_then(|planned| planned.attribute(name));
    value.is_some_and(|value| !value.is_null())
}

fn are_same(schema: &Schema, unique: Unique, left: &[Value], right: &[Value]) -> bool {
    let pairs = unique.arguments.iter().zip(left.iter().zip(right));
    pairs.into_iter().all(|(name, (left, right))| {
        schema.attribute(name).is_some_and(|attribute| attribute.same(left, right))
    })
}
