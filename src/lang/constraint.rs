//! Type constraints as they are written, with defaults for optional attributes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{Expression, Kind};
use crate::text::Span;
use crate::value::{ConversionError, Data, Key, Marks, ObjectAttribute, Type, Value, convert};

use super::evaluator::fail;
use super::{Environment, Evaluator, NoReferences};

/// A type and the defaults of its optional attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeConstraint {
    /// The type; attributes may be optional, parts may be [`Type::Any`].
    pub ty: Type,
    defaults: Option<Arc<Defaults>>,
}

/// Defaults of an object's attributes, and of the parts of a type.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Defaults {
    /// For attributes of the object at hand.
    values: BTreeMap<Key, Value>,
    /// For attributes of an object, by name; for elements of a tuple, by position.
    parts: BTreeMap<Key, Arc<Defaults>>,
    /// For all elements of a collection.
    element: Option<Arc<Defaults>>,
}

impl Defaults {
    fn into_option(self) -> Option<Arc<Self>> {
        let empty = self.values.is_empty() && self.parts.is_empty() && self.element.is_none();
        if empty { None } else { Some(Arc::new(self)) }
    }
}

impl TypeConstraint {
    /// No constraint at all.
    pub const ANY: Self = Self { ty: Type::Any, defaults: None };

    /// A type without defaults.
    pub fn of(ty: Type) -> Self {
        Self { ty, defaults: None }
    }

    /// Fills in defaults, then converts.
    ///
    /// # Errors
    ///
    /// Where the value does not fit the type.
    pub fn apply(&self, value: &Value) -> Result<Value, ConversionError> {
        match &self.defaults {
            Some(defaults) => convert(&fill(value, defaults), &self.ty),
            None => convert(value, &self.ty),
        }
    }
}

fn fill(value: &Value, defaults: &Defaults) -> Value {
    let filled = match value.data() {
        Data::Object(items) => fill_object(items, defaults),
        Data::Map(map) => {
            if defaults.values.is_empty() && defaults.parts.is_empty() {
                let items =
                    map.items.iter().map(|(key, item)| (Arc::clone(key), each(item, defaults)));
                // Elements may differ in type now, so this is an object until it is converted.
                Value::object(items)
            } else {
                fill_object(&map.items, defaults)
            }
        }
        Data::Tuple(items) => Value::tuple(
            items
                .iter()
                .enumerate()
                .map(|(index, item)| match defaults.parts.get(index.to_string().as_str()) {
                    Some(part) => fill(item, part),
                    None => each(item, defaults),
                })
                .collect(),
        ),
        Data::List(list) | Data::Set(list) if defaults.element.is_some() => {
            Value::tuple(list.items.iter().map(|item| each(item, defaults)).collect())
        }
        _ => return value.clone(),
    };
    filled.mark(value.marks())
}

fn each(item: &Value, defaults: &Defaults) -> Value {
    defaults.element.as_ref().map_or_else(|| item.clone(), |element| fill(item, element))
}

fn fill_object(items: &[(Key, Value)], defaults: &Defaults) -> Value {
    let mut attributes: BTreeMap<Key, Value> = items.iter().cloned().collect();
    for (name, default) in &defaults.values {
        let missing = attributes.get(name).is_none_or(Value::is_null);
        if missing {
            let marks = attributes.get(name).map_or(Marks::NONE, |value| value.marks().clone());
            attributes.insert(Arc::clone(name), default.clone().mark(&marks));
        }
    }
    for (name, value) in &mut attributes {
        if let Some(part) = defaults.parts.get(name) {
            *value = fill(value, part);
        } else {
            *value = each(value, defaults);
        }
    }
    Value::object(attributes)
}

/// Reads a type constraint such as `list(object({ a = optional(string, "x") }))`.
///
/// # Errors
///
/// Where the expression is no type, or a default does not fit its attribute.
pub fn type_constraint(expression: &Expression) -> Result<TypeConstraint, Diagnostics> {
    let (ty, defaults) = read(expression)?;
    Ok(TypeConstraint { ty, defaults })
}

type Read = (Type, Option<Arc<Defaults>>);

const KEYWORDS: [&str; 4] = ["string", "number", "bool", "any"];
const CONSTRUCTORS: [&str; 5] = ["list", "set", "map", "object", "tuple"];

fn read(expression: &Expression) -> Result<Read, Diagnostics> {
    let span = expression.span();
    if let Some(word) = expression.as_keyword() {
        return Ok((read_word(word, span)?, None));
    }
    let Kind::Call(call) = expression.kind() else {
        let mut diagnostic = Diagnostic::error(
            code::TYPE_CONSTRAINT,
            "A type must stand here, such as `string` or `list(number)`.",
        )
        .at(span);
        if expression.as_literal_string().is_some() {
            diagnostic = diagnostic.help("write the type without quotes");
        }
        return Err(diagnostic.into());
    };
    match &*call.name {
        "list" | "set" | "map" => {
            let [element] = &*call.arguments else {
                return Err(arity(&call.name, "one type", expression));
            };
            let (element, defaults) = read(element)?;
            let ty = match &*call.name {
                "list" => Type::list(element),
                "set" => Type::set(element),
                _ => Type::map(element),
            };
            Ok((ty, Defaults { element: defaults, ..Defaults::default() }.into_option()))
        }
        "tuple" => read_tuple(&call.arguments, expression),
        "object" => read_object(&call.arguments, expression),
        "optional" => Err(fail(
            code::TYPE_CONSTRAINT,
            span,
            "Only attributes of an object can be optional, so `optional` stands directly after \
             the name of one.",
        )),
        other => Err(Diagnostic::error(
            code::TYPE_CONSTRAINT,
            format!("There is no type constructor called `{other}`."),
        )
        .at(call.name_span)
        .did_you_mean(other, CONSTRUCTORS)
        .into()),
    }
}

/// A type that is one word.
fn read_word(word: &str, span: Span) -> Result<Type, Diagnostics> {
    match word {
        "string" => Ok(Type::String),
        "number" => Ok(Type::Number),
        "bool" => Ok(Type::Bool),
        "any" => Ok(Type::Any),
        // The short forms of old configurations.
        "list" => Ok(Type::list(Type::Any)),
        "map" => Ok(Type::map(Type::Any)),
        "set" | "object" | "tuple" => {
            let detail = format!("`{word}` needs to be told what it holds.");
            Err(Diagnostic::error(code::TYPE_CONSTRAINT, detail)
                .at(span)
                .help(match word {
                    "set" => "write `set(string)`, for instance",
                    "object" => "write `object({ name = string })`, for instance",
                    _ => "write `tuple([string, number])`, for instance",
                })
                .into())
        }
        other => Err(Diagnostic::error(code::TYPE_CONSTRAINT, format!("`{other}` is not a type."))
            .at(span)
            .did_you_mean(other, KEYWORDS.into_iter().chain(CONSTRUCTORS))
            .into()),
    }
}

fn arity(name: &str, wanted: &str, expression: &Expression) -> Diagnostics {
    fail(
        code::TYPE_CONSTRAINT,
        expression.span(),
        format!("The type constructor `{name}` takes {wanted} in parentheses."),
    )
}

fn read_tuple(arguments: &[Expression], expression: &Expression) -> Result<Read, Diagnostics> {
    let items = match arguments {
        [items] => items.list_items(),
        _ => None,
    };
    let Some(items) = items else {
        return Err(arity("tuple", "one list of types", expression));
    };
    let mut problems = Diagnostics::default();
    let mut defaults = Defaults::default();
    let mut types = Vec::with_capacity(items.len());
    for (index, item) in items.iter().enumerate() {
        if let Some((ty, part)) = problems.absorb(read(item)) {
            types.push(ty);
            defaults.parts.extend(part.map(|part| (Key::from(index.to_string()), part)));
        }
    }
    problems.into_result((Type::tuple(types), defaults.into_option()))
}

fn read_object(arguments: &[Expression], expression: &Expression) -> Result<Read, Diagnostics> {
    let items = match arguments {
        [items] => items.object_items(),
        _ => None,
    };
    let Some(items) = items else {
        return Err(arity("object", "the attributes and their types in braces", expression));
    };
    let mut problems = Diagnostics::default();
    let mut defaults = Defaults::default();
    let mut attributes = Vec::with_capacity(items.len());
    let mut names = BTreeSet::new();
    for item in items {
        let Some(name) = item.key.as_literal_string() else {
            problems.push(
                Diagnostic::error(
                    code::TYPE_CONSTRAINT,
                    "The name of an attribute must stand here as it is.",
                )
                .at(item.key.span()),
            );
            continue;
        };
        if !names.insert(Arc::clone(&name)) {
            problems.push(
                Diagnostic::error(
                    code::TYPE_CONSTRAINT,
                    format!("The attribute `{name}` has its type already."),
                )
                .at(item.key.span())
                .help("keep one of them"),
            );
            continue;
        }
        let Some(attribute) = problems.absorb(read_attribute(&item.value)) else { continue };
        let AttributeRead { ty, parts, optional, default } = attribute;
        defaults.values.extend(default.map(|default| (Arc::clone(&name), default)));
        defaults.parts.extend(parts.map(|parts| (Arc::clone(&name), parts)));
        attributes.push(ObjectAttribute { name, ty, optional });
    }
    problems.into_result((Type::object_with(attributes), defaults.into_option()))
}

struct AttributeRead {
    ty: Type,
    parts: Option<Arc<Defaults>>,
    optional: bool,
    default: Option<Value>,
}

fn read_attribute(expression: &Expression) -> Result<AttributeRead, Diagnostics> {
    let Some(("optional", arguments)) = expression.as_call() else {
        let (ty, parts) = read(expression)?;
        return Ok(AttributeRead { ty, parts, optional: false, default: None });
    };
    let (ty_expression, default) = match arguments {
        [ty] => (ty, None),
        [ty, default] => (ty, Some(default)),
        _ => return Err(arity("optional", "a type and perhaps a default", expression)),
    };
    let (ty, parts) = read(ty_expression)?;
    let default = match default {
        Some(default) => {
            let value = Evaluator::new(&NoReferences, Environment::default()).evaluate(default)?;
            let filled = parts.as_ref().map_or_else(|| value.clone(), |parts| fill(&value, parts));
            convert(&filled, &ty).map_err(|error| {
                let detail = format!("This default does not fit its type: {}.", error.describe());
                fail(code::TYPE_CONSTRAINT, default.span(), detail)
            })?;
            Some(value).filter(|value| !value.is_null())
        }
        None => None,
    };
    Ok(AttributeRead { ty, parts, optional: true, default })
}
