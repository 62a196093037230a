//! `ignore_changes`: arguments that keep what is there.

use crate::config::IgnoreChanges;
use crate::schema::Schema;
use crate::value::{Data, Key, PathSegment, Value};

/// The arguments with what is there in place of what is ignored.
pub(super) fn apply(
    config: &Value,
    seen: Option<&Value>,
    schema: &Schema,
    ignored: &IgnoreChanges,
) -> Value {
    let Some(seen) = seen else { return config.clone() };
    match ignored {
        IgnoreChanges::None => config.clone(),
        IgnoreChanges::All => {
            let entries = config.entries().unwrap_or_default().iter().map(|(name, value)| {
                let settable =
                    schema.attribute(name).is_some_and(crate::schema::Attribute::is_settable);
                let kept = seen.attribute(name).filter(|_| settable);
                (Key::clone(name), kept.unwrap_or(value).clone())
            });
            Value::object(entries.collect::<Vec<_>>())
        }
        IgnoreChanges::Paths(paths) => paths.iter().fold(config.clone(), |config, ignored| {
            keep(&config, Some(seen), &ignored.path.0, ignored.is_key)
        }),
    }
}

/// `wanted` with the part at `path` as in `seen`. Where the containers differ in kind, the whole
/// container is kept. As Terraform has it, a key in brackets is one of a map: of an object it keeps
/// all; and a name behind a dot is none of a map.
fn keep(wanted: &Value, seen: Option<&Value>, path: &[PathSegment], is_key: bool) -> Value {
    let Some((segment, rest)) = path.split_first() else {
        return seen.cloned().unwrap_or_else(|| Value::null(wanted.ty()));
    };
    let name = match segment {
        PathSegment::Attribute(name) | PathSegment::Key(name) => name,
        PathSegment::Index(index) => return keep_element(wanted, seen, *index, (rest, is_key)),
    };
    let part = seen.and_then(|seen| seen.attribute(name));
    let replaced = |entries: &[(Key, Value)]| -> Vec<(Key, Value)> {
        let mut entries: Vec<_> = entries.to_vec();
        let position = entries.iter().position(|(key, _)| key == name);
        match (position, part) {
            (Some(position), part) if part.is_some() || !rest.is_empty() => {
                if let Some(entry) = entries.get_mut(position) {
                    entry.1 = keep(&entry.1, part, rest, is_key);
                }
            }
            (Some(position), _) => {
                entries.remove(position);
            }
            (None, Some(part)) if rest.is_empty() => entries.push((Key::clone(name), part.clone())),
            (None, _) => {}
        }
        entries
    };
    let kept = match wanted.data() {
        Data::Object(_) if rest.is_empty() && is_key => {
            return seen.cloned().unwrap_or_else(|| wanted.clone());
        }
        Data::Map(_) if rest.is_empty() && !is_key => return wanted.clone(),
        Data::Object(entries) => Value::object(replaced(entries)),
        Data::Map(map) => {
            let entries = replaced(&map.items);
            // Where nothing else is wanted, the type is not either.
            match seen.filter(|seen| seen.entries() == Some(&*entries)) {
                Some(seen) => seen.clone(),
                None => Value::map(map.element_type.clone(), entries),
            }
        }
        _ => return seen.cloned().unwrap_or_else(|| wanted.clone()),
    };
    kept.with_marks(wanted.marks().clone())
}

/// The same for one element. Where there is none in either, nothing is ignored.
fn keep_element(
    wanted: &Value,
    seen: Option<&Value>,
    index: usize,
    (rest, is_key): (&[PathSegment], bool),
) -> Value {
    let part = seen.and_then(|seen| seen.elements()?.get(index));
    let (Some(elements), Some(part)) = (wanted.elements(), part) else { return wanted.clone() };
    let mut elements = elements.to_vec();
    if let Some(element) = elements.get_mut(index) {
        *element = keep(element, Some(part), rest, is_key);
    }
    let kept = match wanted.data() {
        Data::Tuple(_) => Value::tuple(elements),
        // An element of another type makes it another list.
        Data::List(list) if elements.iter().any(|found| found.kind() != list.element_type) => {
            return seen.cloned().unwrap_or_else(|| wanted.clone());
        }
        Data::List(list) => Value::list(list.element_type.clone(), elements),
        _ => return wanted.clone(),
    };
    kept.with_marks(wanted.marks().clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::IgnoredPath;
    use crate::schema::Attribute;
    use crate::text::{SourceMap, Span};
    use crate::value::{Path, Type};

    #[test]
    fn a_part_of_a_map_can_be_ignored() {
        let schema =
            Schema::new("", vec![Attribute::optional("tags", Type::map(Type::String), "")]);
        let tags = |entries: &[(&str, &str)]| {
            let entries = entries.iter().map(|(key, value)| (Key::from(*key), Value::from(*value)));
            Value::object([("tags", Value::map(Type::String, entries))])
        };
        let span = Span::new(SourceMap::default().add("", ""), 0, 0);
        let path = Path::attribute("tags").then(PathSegment::Attribute("owner".into()));
        let ignored = IgnoreChanges::Paths(vec![IgnoredPath { path, is_key: true, span }]);
        let seen = tags(&[("owner", "someone"), ("env", "old")]);
        let kept = apply(&tags(&[("owner", "me"), ("env", "new")]), Some(&seen), &schema, &ignored);
        assert_eq!(kept, tags(&[("owner", "someone"), ("env", "new")]));
        let added = apply(&tags(&[("env", "new")]), Some(&seen), &schema, &ignored);
        assert_eq!(
            added,
            seen.attribute("tags").map(|_| tags(&[("owner", "someone"), ("env", "new")])).unwrap()
        );
    }
}
