//! A schema as a page for people: Markdown tables, made from nothing but the schema.

use std::fmt::Write as _;

use crate::value::{ObjectAttribute, Type};

use super::{Attribute, Constraint, OnChange, Schema};

impl Schema {
    /// A table of the settings of a `provider` block, with the environment behind them.
    pub fn settings_table(&self) -> String {
        let plain = self.attributes.iter().filter(|attribute| attribute.block.is_none());
        let rows = plain.map(|attribute| {
            let variables = attribute.environment.iter().map(|name| code(name));
            [
                named(attribute),
                code(&attribute.ty.to_string()),
                listed(variables),
                meaning(attribute),
            ]
        });
        table(["setting", "type", "environment", "meaning"], rows)
    }

    /// A table of what a block may set: type, whether it must be there, what a change does.
    pub fn arguments_table(&self) -> String {
        let settable = self
            .attributes
            .iter()
            .filter(|attribute| attribute.is_settable() && attribute.block.is_none());
        let rows = settable.map(|attribute| {
            let constraint = match attribute.constraint {
                Constraint::Required => "required",
                Constraint::OptionalComputed => "optional, else the vendor's",
                Constraint::Optional | Constraint::Computed => "optional",
            };
            let change = match attribute.on_change {
                OnChange::Update => "in place",
                OnChange::Replace => "new object",
                OnChange::Record => "state only",
            };
            [
                named(attribute),
                code(&attribute.ty.to_string()),
                constraint.to_owned(),
                change.to_owned(),
                meaning(attribute),
            ]
        });
        table(["argument", "type", "", "change", "meaning"], rows)
    }

    /// A paragraph and a table for each kind of nested block, blocks inside blocks after them;
    /// empty where there are none.
    pub fn blocks_tables(&self) -> String {
        let mut text = String::new();
        for attribute in &self.attributes {
            let Some(block) = &attribute.block else { continue };
            let labelled = if block.label_count() == 1 { " with a label" } else { "" };
            let _ = write!(
                text,
                "\nBlocks {}{labelled}, {}. {}\n\n{}{}",
                named(attribute),
                block.range(),
                meaning(attribute),
                block.schema.arguments_table(),
                block.schema.blocks_tables()
            );
        }
        text
    }

    /// A table of what a `data` block may set, by which something is looked up.
    pub fn data_table(&self) -> String {
        let settable = self.attributes.iter().filter(|attribute| attribute.is_settable());
        let rows = settable.map(|attribute| {
            let constraint = match attribute.constraint {
                Constraint::Required => "required",
                _ => "optional",
            };
            [
                named(attribute),
                code(&attribute.ty.to_string()),
                constraint.to_owned(),
                meaning(attribute),
            ]
        });
        table(["argument", "type", "", "meaning"], rows)
    }

    /// A table of what only the vendor sets, and below each list of objects what every object has;
    /// empty where there is nothing.
    pub fn attributes_table(&self) -> String {
        let computed = self.attributes.iter().filter(|attribute| !attribute.is_settable());
        let rows = computed.flat_map(|attribute| {
            let mut rows =
                vec![[named(attribute), code(&outline(&attribute.ty)), meaning(attribute)]];
            add_fields(attribute.name, &attribute.ty, &mut rows);
            rows
        });
        table(["attribute", "type", "meaning"], rows)
    }
}

/// The objects in a collection, with what stands behind the collection's name in front of theirs.
fn objects(ty: &Type) -> Option<(&'static str, &[ObjectAttribute])> {
    let (Type::List(element) | Type::Set(element) | Type::Map(element)) = ty else { return None };
    let Type::Object(fields) = &**element else { return None };
    Some((if matches!(ty, Type::Map(_)) { "[KEY]" } else { "[*]" }, fields))
}

/// A type, without what the objects in it have.
fn outline(ty: &Type) -> String {
    let whole = ty.to_string();
    match (objects(ty), whole.split_once('(')) {
        (Some(_), Some((collection, _))) => format!("{collection}(object)"),
        _ => whole,
    }
}

/// A row for each field of the objects in a collection, and of those in it.
fn add_fields(place: &str, ty: &Type, rows: &mut Vec<[String; 3]>) {
    let Some((step, fields)) = objects(ty) else { return };
    for field in fields {
        let place = format!("{place}{step}.{}", field.name);
        rows.push([code(&place), code(&outline(&field.ty)), String::new()]);
        add_fields(&place, &field.ty, rows);
    }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}

fn listed(words: impl Iterator<Item = String>) -> String {
    let listed = words.collect::<Vec<_>>().join(", ");
    if listed.is_empty() { "–".to_owned() } else { listed }
}

fn named(attribute: &Attribute) -> String {
    let mark = if attribute.sensitive { " (sensitive)" } else { "" };
    format!("`{}`{mark}", attribute.name)
}

/// Description, default and limits, in this order.
fn meaning(attribute: &Attribute) -> String {
    let mut text = attribute.description.to_owned();
    if let Some(default) = &attribute.default {
        let _ = write!(text, " Default: `{}`.", default.to_json());
    }
    for rule in &attribute.rules {
        let _ = write!(text, " Rule: {}.", rule.description);
    }
    text
}

fn table<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let line = |cells: [String; N]| {
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        format!("| {} |\n", cells.join(" | "))
    };
    let rows: String = rows.map(line).collect();
    if rows.is_empty() {
        return rows;
    }
    format!("{}{}{rows}", line(head.map(str::to_owned)), line(head.map(|_| "---".to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::{NestedBlock, Nesting, Rule};

    #[test]
    fn a_schema_tells_all_it_knows() {
        let schema = Schema::new(
            "A thing.",
            vec![
                Attribute::required("days", Type::Number, "How long.")
                    .force_new()
                    .default(7)
                    .rule(Rule::whole_number(1, 10)),
                Attribute::computed("key", Type::String, "A | secret.").sensitive(),
            ],
        );
        assert_eq!(
            schema.arguments_table(),
            "| argument | type |  | change | meaning |\n| --- | --- | --- | --- | --- |\n| `days` | `number` | required | new object | How long. Default: `7`. Rule: a whole number from 1 to 10. |\n"
        );
        assert_eq!(
            schema.attributes_table(),
            "| attribute | type | meaning |\n| --- | --- | --- |\n| `key` (sensitive) | `string` | A \\| secret. |\n"
        );
        assert!(schema.settings_table().contains("| – |"));
    }

    #[test]
    fn what_the_objects_of_a_list_have_is_told_line_by_line() {
        let inner = Type::list(Type::object([("device", Type::String)]));
        let disk = Type::object([("size", Type::Number), ("attachments", inner)]);
        let schema = Schema::new("", vec![Attribute::computed("disks", Type::list(disk), "All.")]);
        assert_eq!(
            schema.attributes_table(),
            "| attribute | type | meaning |\n| --- | --- | --- |\n\
             | `disks` | `list(object)` | All. |\n\
             | `disks[*].attachments` | `list(object)` |  |\n\
             | `disks[*].attachments[*].device` | `string` |  |\n\
             | `disks[*].size` | `number` |  |\n"
        );
    }

    #[test]
    fn a_schema_tells_of_its_blocks_apart() {
        let inner =
            NestedBlock::new(Nesting::Map, vec![Attribute::optional("n", Type::Number, "N.")]);
        let outer = NestedBlock::new(
            Nesting::List,
            vec![
                Attribute::required("a", Type::String, "A."),
                Attribute::blocks("inner", inner, "Inside."),
            ],
        );
        let schema = Schema::new("", vec![Attribute::blocks("outer", outer.at_least(1), "Two.")]);
        assert_eq!(schema.arguments_table(), "");
        assert_eq!(
            schema.blocks_tables(),
            "\nBlocks `outer`, at least 1. Two.\n\n\
             | argument | type |  | change | meaning |\n| --- | --- | --- | --- | --- |\n\
             | `a` | `string` | required | in place | A. |\n\
             \nBlocks `inner` with a label, any number. Inside.\n\n\
             | argument | type |  | change | meaning |\n| --- | --- | --- | --- | --- |\n\
             | `n` | `number` | optional | in place | N. |\n"
        );
    }
}
