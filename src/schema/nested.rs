//! Blocks inside blocks.

use std::borrow::Cow;

use crate::value::{Path, PathSegment, Type, Value};

use super::{Attribute, Problem, Schema, TIMEOUTS};

/// What the occurrences of a nested block make together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nesting {
    /// One object; null where the block is absent.
    Single,
    /// A list of objects, in the order of the text.
    List,
    /// A set of objects.
    Set,
    /// A map of objects by the block's one label.
    Map,
}

/// A kind of nested block: what one holds, and how often it may stand there.
///
/// Everything in it is set by the configuration; what only the vendor tells belongs into an
/// attribute beside it. Where one of its attributes is sensitive, the whole is shown as sensitive.
#[derive(Clone, Debug)]
pub struct NestedBlock {
    /// What the occurrences make together.
    pub nesting: Nesting,
    /// What one of them holds.
    pub schema: Schema,
    /// At least so many.
    pub min_items: usize,
    /// At most so many; `None` for any number.
    pub max_items: Option<usize>,
}

impl NestedBlock {
    /// A block with these attributes, any number of times; at most once where it is single.
    pub fn new(nesting: Nesting, attributes: Vec<Attribute>) -> Self {
        let max_items = (nesting == Nesting::Single).then_some(1);
        Self { nesting, schema: Schema::new("", attributes), min_items: 0, max_items }
    }

    /// At least so many.
    #[must_use]
    pub fn at_least(mut self, items: usize) -> Self {
        self.min_items = items;
        self
    }

    /// At most so many.
    #[must_use]
    pub fn at_most(mut self, items: usize) -> Self {
        self.max_items = Some(items);
        self
    }

    /// How many labels one occurrence has.
    pub fn label_count(&self) -> usize {
        usize::from(self.nesting == Nesting::Map)
    }

    /// Whether so many may stand in one body.
    pub fn allows(&self, items: usize) -> bool {
        items >= self.min_items && self.max_items.is_none_or(|most| items <= most)
    }

    /// How many there may be, in words that follow "there may be" or "wanted:".
    pub fn range(&self) -> String {
        match (self.min_items, self.max_items) {
            (0, None) => "any number".to_owned(),
            (least, None) => format!("at least {least}"),
            (0, Some(most)) => format!("at most {most}"),
            (least, Some(most)) if least == most => format!("exactly {least}"),
            (least, Some(most)) => format!("{least} to {most}"),
        }
    }

    /// The type of all occurrences together.
    pub fn ty(&self) -> Type {
        let one = self.schema.object_type();
        match self.nesting {
            Nesting::Single => one,
            Nesting::List => Type::list(one),
            Nesting::Set => Type::set(one),
            Nesting::Map => Type::map(one),
        }
    }

    /// The value where there is no such block.
    pub fn absent(&self) -> Value {
        let one = self.schema.object_type();
        match self.nesting {
            Nesting::Single => Value::null(one),
            Nesting::List => Value::list(one, Vec::new()),
            Nesting::Set => Value::set(one, Vec::new()),
            Nesting::Map => Value::map(one, []),
        }
    }

    /// Checks the rules inside every occurrence of `value`; problems lead there by their path.
    pub(super) fn check_rules(&self, name: &str, value: &Value) -> Vec<Problem> {
        let inside = |at: Path, object: &Value| {
            // Members of a set have no order that anybody could count in.
            let place = if self.nesting == Nesting::Set { name.to_owned() } else { at.to_string() };
            let problems = self.schema.check_rules(object).into_iter();
            problems.map(move |problem| {
                let path = Path(at.0.iter().cloned().chain(problem.path.0).collect());
                let message = format!("In `{place}`: {}", problem.message);
                Problem { path, message, ..problem }
            })
        };
        let root = Path::attribute(name);
        if value.is_null() || !value.is_known() {
            return Vec::new();
        }
        match self.nesting {
            Nesting::Single => inside(root, value).collect(),
            Nesting::Map => {
                let entries = value.entries().unwrap_or_default().iter();
                let at = |key: &std::sync::Arc<str>| root.then(PathSegment::Attribute(key.clone()));
                entries.flat_map(|(key, object)| inside(at(key), object)).collect()
            }
            Nesting::List | Nesting::Set => {
                let items = value.children().enumerate();
                let at = |index| root.then(PathSegment::Index(index));
                items.flat_map(|(index, object)| inside(at(index), object)).collect()
            }
        }
    }
}

impl Attribute {
    /// An argument that is written as blocks.
    pub fn blocks(name: &'static str, block: NestedBlock, description: &'static str) -> Self {
        let secret = block.schema.attributes.iter().any(|attribute| attribute.sensitive);
        let argument = Self::optional(name, block.ty(), description);
        Self { sensitive: secret, block: Some(Box::new(block)), ..argument }
    }
}

impl Schema {
    /// The nested block called `name`; `timeouts` is one, where there are any.
    pub fn block(&self, name: &str) -> Option<Cow<'_, NestedBlock>> {
        if name == TIMEOUTS && !self.timeouts.is_empty() {
            let operations = self.timeouts.iter();
            let patience = operations.map(|operation| {
                Attribute::optional(operation, Type::String, "How long it may take.")
            });
            return Some(Cow::Owned(NestedBlock::new(Nesting::Single, patience.collect())));
        }
        self.attribute(name)?.block.as_deref().map(Cow::Borrowed)
    }

    /// The names of all nested blocks.
    pub fn block_names(&self) -> impl Iterator<Item = &'static str> {
        let blocks = self.attributes.iter().filter(|attribute| attribute.block.is_some());
        let timeouts = (!self.timeouts.is_empty()).then_some(TIMEOUTS);
        blocks.map(|attribute| attribute.name).chain(timeouts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Rule;

    fn rules() -> Schema {
        let port = Attribute::required("port", Type::Number, "The port.")
            .rule(Rule::whole_number(1, 65535));
        let block = NestedBlock::new(Nesting::List, vec![port]).at_least(1).at_most(2);
        Schema::new("", vec![Attribute::blocks("rule", block, "Who may come in.")])
    }

    fn object(ports: &[i64]) -> Value {
        let ty = Type::object([("port", Type::Number)]);
        let items = ports.iter().map(|port| Value::object([("port", Value::from(*port))]));
        Value::object([("rule", Value::list(ty, items.collect()))])
    }

    #[test]
    fn a_block_is_an_attribute_of_its_objects() {
        let schema = rules();
        assert_eq!(
            schema.object_type().to_string(),
            "object({rule = list(object({port = number}))})"
        );
        let stored = schema.encode(&object(&[22, 80]));
        assert_eq!(schema.decode(&stored).unwrap(), object(&[22, 80]));
        let older = Value::object::<&str>([]);
        assert_eq!(schema.decode(&older).unwrap(), object(&[]), "an absent block is no null");
    }

    #[test]
    fn rules_inside_blocks_are_checked_where_they_are_broken() {
        let found = rules().check_rules(&object(&[22, 0]));
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].path.to_string(), "rule[1].port");
        assert!(found[0].message.starts_with("In `rule[1]`: `port` must be"), "{found:?}");
    }

    #[test]
    fn numbers_of_blocks_are_told_in_words() {
        let block = |least, most: Option<usize>| {
            let block = NestedBlock::new(Nesting::Set, Vec::new()).at_least(least);
            NestedBlock { max_items: most, ..block }
        };
        for (least, most, said, allowed) in [
            (0, None, "any number", [true, true, true]),
            (1, None, "at least 1", [false, true, true]),
            (0, Some(1), "at most 1", [true, true, false]),
            (1, Some(1), "exactly 1", [false, true, false]),
            (1, Some(2), "1 to 2", [false, true, true]),
        ] {
            let block = block(least, most);
            assert_eq!(block.range(), said);
            assert_eq!([0, 1, 2].map(|items| block.allows(items)), allowed, "{said}");
        }
    }
}
