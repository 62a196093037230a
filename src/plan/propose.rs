//! From what is and what is wanted to what will be.

use std::sync::Arc;

use crate::schema::{Attribute, Constraint, OnChange, Schema, TIMEOUTS};
use crate::value::{Key, Path, Refinement, Value};

/// What one object will be like.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The whole object: what the configuration sets, what stays, unknown where the vendor decides.
    pub planned: Value,
    /// The arguments that change.
    pub changed: Vec<Path>,
    /// Those of them that need a new object.
    pub replace: Vec<Path>,
    /// Whether every change concerns only what we do ourselves.
    pub record_only: bool,
}

/// Completes `config`, an object in which everything that is not set is null, to what the object
/// will be. `prior` is the object as it is, unless it has to be made anew in any case.
pub fn propose(schema: &Schema, prior: Option<&Value>, config: &Value) -> Proposal {
    let mut entries: Vec<(Key, Value)> = Vec::with_capacity(schema.attributes.len() + 1);
    let mut changed = Vec::new();
    let mut replace = Vec::new();
    let mut record_only = true;
    for attribute in &schema.attributes {
        let before = prior.and_then(|prior| prior.attribute(attribute.name));
        let wanted = wanted(attribute, config);
        let planned = match (before, wanted) {
            (Some(before), Some(wanted)) if attribute.same(before, &wanted) => {
                // Each part has the marks of what is wanted there, and no others.
                before.reveal().marked_like(&wanted)
            }
            (before, Some(wanted)) => {
                if let Some(before) = before {
                    let learned = attribute.untold && before.is_null();
                    let on_change = if learned { OnChange::Record } else { attribute.on_change };
                    changed.push(Path::attribute(attribute.name));
                    record_only &= on_change == OnChange::Record;
                    if on_change == OnChange::Replace {
                        replace.push(Path::attribute(attribute.name));
                    }
                }
                wanted
            }
            (Some(before), None) => before.clone(),
            (None, None) => pending(attribute),
        };
        entries.push((attribute.key(), mark(attribute, planned)));
    }
    if schema.timeouts_type().is_some() {
        let wanted = config.attribute(TIMEOUTS).cloned().unwrap_or(Value::NULL);
        if prior.is_some_and(|prior| differs(prior.attribute(TIMEOUTS), &wanted)) {
            changed.push(Path::attribute(TIMEOUTS));
        }
        entries.push((Arc::from(TIMEOUTS), wanted));
    }
    let mut planned = Value::object(entries);
    if prior.is_some() && !changed.is_empty() && !record_only {
        planned = with_volatile_unknown(schema, &planned);
    }
    Proposal { planned, record_only: record_only && !changed.is_empty(), changed, replace }
}

/// An absent block and one in which nothing is set mean the same.
fn differs(before: Option<&Value>, wanted: &Value) -> bool {
    let set = |value: &Value| -> Vec<(Key, Value)> {
        let entries = value.entries().unwrap_or_default().iter();
        entries.filter(|(_, value)| !value.is_null()).cloned().collect()
    };
    before.map(set).unwrap_or_default() != set(wanted)
}

/// What the configuration wants; `None` leaves it to what is there or to the vendor.
fn wanted(attribute: &Attribute, config: &Value) -> Option<Value> {
    if attribute.constraint == Constraint::Computed {
        return None;
    }
    let set = config.attribute(attribute.name).filter(|value| !value.is_null()).cloned();
    let set = set.or_else(|| attribute.default.clone());
    match set {
        Some(value) => Some(value),
        None if attribute.constraint == Constraint::OptionalComputed => None,
        None => Some(Value::null(attribute.ty.clone())),
    }
}

/// What the vendor will set: known only by its type, and of an id, that it is there.
fn pending(attribute: &Attribute) -> Value {
    let not_null = attribute.name == "id";
    Value::unknown_with(attribute.ty.clone(), Refinement { not_null, ..Refinement::default() })
}

fn mark(attribute: &Attribute, value: Value) -> Value {
    if attribute.sensitive { value.sensitive() } else { value }
}

/// An update may move what the vendor keeps changing.
fn with_volatile_unknown(schema: &Schema, planned: &Value) -> Value {
    let entries = planned.entries().unwrap_or_default().iter().map(|(name, value)| {
        let volatile = schema
            .attribute(name)
            .filter(|attribute| attribute.volatile && attribute.is_computed());
        (Key::clone(name), volatile.map_or_else(|| value.clone(), pending))
    });
    Value::object(entries.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    fn schema() -> Schema {
        Schema::new(
            "",
            vec![
                Attribute::required("disk", Type::String, "").force_new(),
                Attribute::optional("name", Type::String, ""),
                Attribute::optional("force", Type::Bool, "").record_only().default(false),
                Attribute::optional_computed("category", Type::String, "").force_new(),
                Attribute::computed("id", Type::String, ""),
                Attribute::computed("status", Type::String, "").volatile(),
            ],
        )
    }

    fn config(entries: &[(&str, &str)]) -> Value {
        Value::object(entries.iter().map(|(name, text)| (*name, Value::from(*text))))
    }

    fn prior() -> Value {
        Value::object([
            ("disk", Value::from("d")),
            ("name", Value::from("n")),
            ("force", Value::from(false)),
            ("category", Value::from("standard")),
            ("id", Value::from("1")),
            ("status", Value::from("ok")),
        ])
    }

    #[test]
    fn a_new_object_leaves_to_the_vendor_what_nobody_sets() {
        let proposal = propose(&schema(), None, &config(&[("disk", "d")]));
        let known = |name: &str| proposal.planned.attribute(name).unwrap().is_known();
        assert!(!known("id") && !known("category") && !known("status"));
        assert_eq!(proposal.planned.attribute("force"), Some(&Value::FALSE));
        assert_eq!(proposal.planned.attribute("name"), Some(&Value::null(Type::String)));
        assert!(proposal.changed.is_empty());
    }

    #[test]
    fn the_same_configuration_changes_nothing() {
        let proposal = propose(&schema(), Some(&prior()), &config(&[("disk", "d"), ("name", "n")]));
        assert!(proposal.changed.is_empty() && !proposal.record_only);
        assert_eq!(proposal.planned, prior());
    }

    #[test]
    fn what_stays_is_as_secret_as_what_is_wanted_part_by_part() {
        let schema = Schema::new("", vec![Attribute::optional("login", Type::Any, "")]);
        let login = |password: Value| {
            let login = Value::object([("name", Value::from("ada")), ("password", password)]);
            Value::object([("login", login)])
        };
        let (secret, plain) = (login(Value::from("x").sensitive()), login(Value::from("x")));
        for (prior, config) in [(&plain, &secret), (&secret, &plain), (&secret, &secret)] {
            assert_eq!(&propose(&schema, Some(prior), config).planned, config);
        }
    }

    #[test]
    fn what_cannot_change_in_place_is_named() {
        let proposal = propose(&schema(), Some(&prior()), &config(&[("disk", "e"), ("name", "n")]));
        assert_eq!(proposal.replace, [Path::attribute("disk")]);
        let proposal = propose(&schema(), Some(&prior()), &config(&[("disk", "d")]));
        assert_eq!(proposal.changed, [Path::attribute("name")]);
        assert!(proposal.replace.is_empty());
        assert!(!proposal.planned.attribute("status").unwrap().is_known());
        assert!(proposal.planned.attribute("id").unwrap().is_known());
    }

    #[test]
    fn what_the_vendor_never_tells_is_learned_once_and_then_binds() {
        let schema = Schema::new(
            "",
            vec![Attribute::required("days", Type::Number, "").force_new().untold()],
        );
        let days = |days: Value| Value::object([("days", days)]);
        let imported = days(Value::null(Type::Number));
        let proposal = propose(&schema, Some(&imported), &days(Value::from(7)));
        assert!(proposal.record_only && proposal.replace.is_empty());
        assert_eq!(proposal.planned, days(Value::from(7)));
        let proposal = propose(&schema, Some(&days(Value::from(7))), &days(Value::from(8)));
        assert_eq!(proposal.replace, [Path::attribute("days")]);
    }

    #[test]
    fn a_change_of_our_own_doing_asks_nobody() {
        let mut wanted = vec![("disk", Value::from("d")), ("name", Value::from("n"))];
        wanted.push(("force", Value::TRUE));
        let proposal = propose(&schema(), Some(&prior()), &Value::object(wanted));
        assert!(proposal.record_only);
        assert_eq!(proposal.planned.attribute("status"), Some(&Value::from("ok")));
    }
}
