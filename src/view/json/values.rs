//! Values, and which of their parts are unknown or sensitive, in Terraform's shapes.

use std::borrow::Cow;

use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Serialize, Serializer};

use crate::value::{AsJson, Data, Value};

/// Whether documents show sensitive values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Secrets {
    /// As they are.
    Shown,
    /// [`HIDDEN`] stands in their place.
    Hidden,
}

/// What stands in a document where a sensitive value would.
pub const HIDDEN: &str = "(sensitive value)";

/// A value without its unknown parts: entries are left out, elements are null.
#[derive(Clone)]
pub(super) struct Plain<'v> {
    value: Cow<'v, Value>,
    secrets: Secrets,
}

impl<'v> Plain<'v> {
    pub(super) fn of(value: &'v Value, secrets: Secrets) -> Self {
        Self { value: Cow::Borrowed(value), secrets }
    }

    /// The same for a value that nobody else keeps.
    pub(super) fn owned(value: Value, secrets: Secrets) -> Self {
        Self { value: Cow::Owned(value), secrets }
    }
}

impl Serialize for Plain<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = &*self.value;
        let part = |value| Plain::of(value, self.secrets);
        if self.secrets == Secrets::Hidden && value.is_sensitive() && !value.is_null() {
            return serializer.serialize_str(HIDDEN);
        }
        match value.data() {
            Data::Unknown(_) => serializer.serialize_unit(),
            Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
                let items = value.elements().unwrap_or_default();
                serializer.collect_seq(items.iter().map(part))
            }
            Data::Map(_) | Data::Object(_) => {
                let entries = value.entries().unwrap_or_default().iter();
                let known = entries.filter(|(_, item)| item.is_known());
                serializer.collect_map(known.map(|(key, item)| (&**key, part(item))))
            }
            _ => AsJson(value).serialize(serializer),
        }
    }
}

/// Which parts of a value have a property: `true` for those that have it, in lists `false` for the
/// others, which are left out of objects.
#[derive(Clone)]
pub(super) struct Shape<'v> {
    value: &'v Value,
    has: fn(&Value) -> bool,
}

impl<'v> Shape<'v> {
    /// Which parts are known after apply.
    pub(super) fn unknown(value: &'v Value) -> Self {
        Self { value, has: |value| !value.is_known() }
    }

    /// Which parts are sensitive.
    pub(super) fn sensitive(value: &'v Value) -> Self {
        Self { value, has: Value::is_sensitive }
    }

    fn part<'p>(&self, value: &'p Value) -> Shape<'p> {
        Shape { value, has: self.has }
    }

    /// Whether it is more than `false`: containers are, even where no part has the property.
    fn is_said(&self) -> bool {
        (self.has)(self.value)
            || matches!(
                self.value.data(),
                Data::List(_) | Data::Set(_) | Data::Tuple(_) | Data::Map(_) | Data::Object(_)
            )
    }
}

impl Serialize for Shape<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = self.value;
        if (self.has)(value) {
            return serializer.serialize_bool(true);
        }
        match value.data() {
            Data::List(_) | Data::Set(_) | Data::Tuple(_) => {
                let items = value.elements().unwrap_or_default();
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(&self.part(item))?;
                }
                list.end()
            }
            Data::Map(_) | Data::Object(_) => {
                let mut map = serializer.serialize_map(None)?;
                for (key, item) in value.entries().unwrap_or_default() {
                    let part = self.part(item);
                    if part.is_said() {
                        map.serialize_entry(&**key, &part)?;
                    }
                }
                map.end()
            }
            _ => serializer.serialize_bool(false),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Type;

    fn sample() -> Value {
        Value::object([
            ("id", Value::unknown(Type::String)),
            ("plain", Value::from(1)),
            (
                "list",
                Value::tuple(vec![
                    Value::from("a").sensitive(),
                    Value::unknown(Type::String),
                    Value::NULL,
                ]),
            ),
            ("empty", Value::object::<&str>([])),
        ])
    }

    fn text(document: impl Serialize) -> String {
        serde_json::to_string(&document).unwrap()
    }

    #[test]
    fn what_is_unknown_is_left_out_and_what_is_sensitive_is_hidden() {
        let value = sample();
        let plain = |secrets| text(Plain::of(&value, secrets));
        assert_eq!(plain(Secrets::Shown), r#"{"empty":{},"list":["a",null,null],"plain":1}"#);
        assert_eq!(
            plain(Secrets::Hidden),
            r#"{"empty":{},"list":["(sensitive value)",null,null],"plain":1}"#
        );
    }

    #[test]
    fn shapes_follow_the_value() {
        let value = sample();
        assert_eq!(
            text(Shape::unknown(&value)),
            r#"{"empty":{},"id":true,"list":[false,true,false]}"#
        );
        assert_eq!(text(Shape::sensitive(&value)), r#"{"empty":{},"list":[true,false,false]}"#);
        assert_eq!(text(Shape::sensitive(&Value::from(1))), "false");
    }
}
