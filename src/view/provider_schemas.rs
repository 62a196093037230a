//! The schemas of providers as `providers schema -json` gives them.

use serde_json::{Map, Value as Json, json};

use crate::addr::ProviderName;
use crate::schema::{Attribute, Constraint, NestedBlock, Nesting, Schema};
use crate::sdk::Provider;

/// Version of the format, as Terraform counts it.
const FORMAT_VERSION: &str = "1.0";

/// One document about all of `providers`.
///
/// # Errors
///
/// None that could be met: everything in it has a form in JSON.
pub fn provider_schemas_json<'p>(
    providers: impl IntoIterator<Item = &'p dyn Provider>,
) -> Result<String, serde_json::Error> {
    let schemas = providers.into_iter().map(|provider| {
        let name = ProviderName(provider.name().into());
        let resources = provider.resources();
        let resources =
            resources.iter().map(|spec| (spec.type_name.to_owned(), versioned(&spec.schema)));
        let data = provider.data_sources();
        let data = data.iter().map(|spec| (spec.type_name.to_owned(), versioned(&spec.schema)));
        let about = json!({
            "provider": versioned(&provider.schema()),
            "resource_schemas": resources.collect::<Map<_, _>>(),
            "data_source_schemas": data.collect::<Map<_, _>>(),
        });
        (name.source(), about)
    });
    let schemas: Map<_, _> = schemas.collect();
    let mut document = Map::new();
    document.insert("format_version".to_owned(), FORMAT_VERSION.into());
    if !schemas.is_empty() {
        document.insert("provider_schemas".to_owned(), schemas.into());
    }
    serde_json::to_string(&document)
}

fn versioned(schema: &Schema) -> Json {
    json!({ "version": schema.version, "block": block(schema) })
}

fn block(schema: &Schema) -> Json {
    let plain = schema.attributes.iter().filter(|attribute| attribute.block.is_none());
    let attributes: Map<_, _> =
        plain.map(|attribute| (attribute.name.to_owned(), argument(attribute))).collect();
    let nested = schema.block_names().filter_map(|name| {
        let nested = schema.block(name)?;
        Some((name.to_owned(), block_type(&nested)))
    });
    let nested: Map<_, _> = nested.collect();
    let mut block = Map::new();
    if !attributes.is_empty() {
        block.insert("attributes".to_owned(), attributes.into());
    }
    if !nested.is_empty() {
        block.insert("block_types".to_owned(), nested.into());
    }
    describe(&mut block, schema.description);
    block.into()
}

fn block_type(nested: &NestedBlock) -> Json {
    let mode = match nested.nesting {
        Nesting::Single => "single",
        Nesting::List => "list",
        Nesting::Set => "set",
        Nesting::Map => "map",
    };
    let mut about = Map::new();
    about.insert("nesting_mode".to_owned(), mode.into());
    about.insert("block".to_owned(), block(&nested.schema));
    if nested.nesting != Nesting::Single {
        if nested.min_items > 0 {
            about.insert("min_items".to_owned(), nested.min_items.into());
        }
        about.extend(nested.max_items.map(|most| ("max_items".to_owned(), most.into())));
    }
    about.into()
}

fn argument(attribute: &Attribute) -> Json {
    let mut about = Map::new();
    about.insert("type".to_owned(), attribute.ty.to_json());
    describe(&mut about, attribute.description);
    let set_by: &[&str] = match attribute.constraint {
        Constraint::Required => &["required"],
        Constraint::Optional => &["optional"],
        Constraint::Computed => &["computed"],
        Constraint::OptionalComputed => &["optional", "computed"],
    };
    let marks = set_by.iter().copied().chain(attribute.sensitive.then_some("sensitive"));
    about.extend(marks.map(|mark| (mark.to_owned(), true.into())));
    about.into()
}

fn describe(about: &mut Map<String, Json>, description: &str) {
    if !description.is_empty() {
        about.insert("description".to_owned(), description.into());
    }
    about.insert("description_kind".to_owned(), "markdown".into());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Rule;
    use crate::value::Type;

    #[test]
    fn arguments_and_blocks_say_who_sets_them() {
        let port = Attribute::required("port", Type::Number, "The port.")
            .rule(Rule::whole_number(1, 65535));
        let rules = NestedBlock::new(Nesting::List, vec![port]).at_least(1).at_most(2);
        let schema = Schema::new(
            "A wall.",
            vec![
                Attribute::computed("id", Type::String, "Its id."),
                Attribute::blocks("rule", rules, "Who may come in."),
            ],
        );
        let expected = json!({
            "version": 0,
            "block": {
                "attributes": { "id": {
                    "type": "string", "description": "Its id.", "description_kind": "markdown",
                    "computed": true,
                } },
                "block_types": { "rule": {
                    "nesting_mode": "list",
                    "block": {
                        "attributes": { "port": {
                            "type": "number", "description": "The port.",
                            "description_kind": "markdown", "required": true,
                        } },
                        "description_kind": "markdown",
                    },
                    "min_items": 1,
                    "max_items": 2,
                } },
                "description": "A wall.",
                "description_kind": "markdown",
            },
        });
        assert_eq!(versioned(&schema), expected);
    }
}
