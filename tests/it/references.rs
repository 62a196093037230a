//! What the references demand and what each seed says: rows of data, held to the schemas, the tests
//! and the seeds themselves.

mod page;
mod tests_by_path;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use regex::Regex;
use serde::Deserialize;
use snapform::providers::REGISTRY;
use snapform::schema::{Attribute, Constraint, OnChange, Schema};
use snapform::sdk::Provider;

use crate::support::repository;
use tests_by_path::find;

/// All about one vendor.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reference {
    provider: String,
    title: String,
    rows: Vec<Row>,
    seed: Seed,
}

/// Something that is demanded, with exactly one way in which it is met, or why it is not.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    demand: String,
    attribute: Option<String>,
    setting: Option<String>,
    test: Option<String>,
    reason: Option<String>,
    /// Type, presence, change, default and secrecy of the attribute or setting.
    #[serde(rename = "is")]
    shape: Option<String>,
    /// Variables that stand in for the setting, among others.
    #[serde(default)]
    environment: Vec<String>,
}

/// The user's document about one vendor.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Seed {
    number: String,
    file: String,
    items: Vec<Item>,
}

/// Something that a seed says, word for word, and the test that shows it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Item {
    part: String,
    text: String,
    test: String,
    /// How the test writes it, where that differs.
    shown: Option<String>,
}

fn references() -> Vec<Reference> {
    let folder = repository().join("tests/data/references");
    let mut paths: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path| serde_json::from_str(&fs::read_to_string(path).unwrap());
    paths
        .iter()
        .map(|path| read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        .collect()
}

/// The rows as a page for people.
pub(crate) fn coverage() -> String {
    page::page(&references())
}

#[test]
fn every_demand_is_met_or_has_a_reason() {
    let mut wrong = Vec::new();
    for reference in references() {
        let mut ids = BTreeSet::new();
        for row in &reference.rows {
            let fault = if ids.insert(&row.id) { fault(row) } else { Some("twice".to_owned()) };
            wrong.extend(fault.map(|fault| format!("{}: {}: {fault}", reference.provider, row.id)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let vendors: BTreeSet<_> =
        references().into_iter().map(|reference| reference.provider).collect();
    let providers = REGISTRY.providers().map(|provider| provider.name().to_owned());
    let providers: BTreeSet<_> = providers.filter(|name| name != "terraform").collect();
    assert_eq!(vendors, providers);
}

/// What is wrong with a row.
fn fault(row: &Row) -> Option<String> {
    match (&row.attribute, &row.setting, &row.test, &row.reason) {
        (Some(address), None, None, None) => described(row, schema_of(address), address),
        (None, Some(address), None, None) => {
            let (name, _) = address.split_once('.')?;
            described(row, REGISTRY.provider(name).map(Provider::schema), address)
        }
        (None, None, Some(test), None) => find(test).err(),
        (None, None, None, Some(reason)) => {
            let sentence = reason.ends_with('.') && reason.split(' ').count() > 7;
            (!sentence).then(|| "a reason is a full sentence".to_owned())
        }
        _ => Some("exactly one of attribute, setting, test and reason".to_owned()),
    }
}

/// The schema in which `TYPE.attribute` or `data.TYPE.attribute` stands.
fn schema_of(address: &str) -> Option<Schema> {
    let provider = |type_name: &str| REGISTRY.provider(type_name.split('_').next()?);
    if let Some(rest) = address.strip_prefix("data.") {
        let (type_name, _) = rest.split_once('.')?;
        let mut found = provider(type_name)?.data_sources().into_iter();
        return found.find(|spec| spec.type_name == type_name).map(|spec| spec.schema);
    }
    let (type_name, _) = address.split_once('.')?;
    let mut found = provider(type_name)?.resources().into_iter();
    found.find(|spec| spec.type_name == type_name).map(|spec| spec.schema)
}

fn described(row: &Row, schema: Option<Schema>, address: &str) -> Option<String> {
    let (of, name) = address.rsplit_once('.')?;
    let Some(schema) = schema else { return Some(format!("there is no `{of}`")) };
    let held = if name == "timeouts" {
        schema.timeouts.join(", ")
    } else {
        let Some(attribute) = schema.attribute(name) else {
            return Some(format!("there is no `{address}`"));
        };
        let missing =
            row.environment.iter().find(|name| !attribute.environment.contains(&&***name));
        if let Some(missing) = missing {
            return Some(format!("`{missing}` does not stand in for it"));
        }
        let is_setting = row.setting.is_some();
        shape(attribute, is_setting, of.starts_with("data."))
    };
    let differs = row.shape.as_ref().is_some_and(|shape| *shape != held);
    differs.then(|| format!("it is {held}"))
}

fn shape(attribute: &Attribute, is_setting: bool, is_data: bool) -> String {
    let mut text = attribute.ty.to_string();
    let mut add = |part: &str| {
        text.push_str(", ");
        text.push_str(part);
    };
    if !is_setting {
        add(match attribute.constraint {
            Constraint::Required => "required",
            Constraint::Optional => "optional",
            Constraint::OptionalComputed => "optional and computed",
            Constraint::Computed => "computed",
        });
    }
    if attribute.is_settable() && !is_setting && !is_data {
        add(match attribute.on_change {
            OnChange::Update => "in place",
            OnChange::Replace => "new object",
            OnChange::Record => "state only",
        });
    }
    if let Some(default) = &attribute.default {
        add(&format!("default {}", default.to_json()));
    }
    if attribute.sensitive {
        add("sensitive");
    }
    if attribute.volatile {
        add("volatile");
    }
    text
}

#[test]
fn everything_that_a_seed_says_is_in_a_test_of_its_name() {
    let mut wrong = Vec::new();
    let mut said = BTreeMap::new();
    for reference in references() {
        let Seed { number, file, items } = &reference.seed;
        let seed = fs::read_to_string(repository().join("tests/data/seeds").join(file)).unwrap();
        let seed = seed.replace('\\', "");
        for item in items {
            let Item { text, test, .. } = item;
            let mut fail = |what: &str| wrong.push(format!("{number}: `{text}` in {test}: {what}"));
            if !seed.contains(text) {
                fail("the seed does not say that");
            }
            let name = test.rsplit("::").next().unwrap();
            if !name.starts_with(&format!("seed_{number}_")) {
                fail("another name");
            }
            let said = said
                .entry(test.clone())
                .or_insert_with(|| find(test).map(|found| found.says().to_lowercase()));
            let literal = item.shown.as_ref().unwrap_or(text).to_lowercase();
            match said {
                Err(why) => fail(why),
                Ok(said) if !said.contains(&literal) => fail("the test does not hold it"),
                Ok(_) => {}
            }
        }
        let listed: BTreeSet<_> = items.iter().map(|item| item.text.clone()).collect();
        let left_out: Vec<_> = told(&seed).difference(&listed).cloned().collect();
        wrong.extend(left_out.iter().map(|text| format!("{number}: `{text}` is not listed")));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What can be told by its form to be a parameter, a field or a code: keys of the samples, and the
/// first columns of tables, in each of the forms that the seeds have.
fn told(seed: &str) -> BTreeSet<String> {
    // What stands in front of a page is about the page.
    let seed = seed.split_once("}}}").map_or(seed, |(_, page)| page);
    let found = |pattern: &str| -> Vec<String> {
        let pattern = Regex::new(pattern).unwrap();
        pattern.captures_iter(seed).map(|found| found[1].to_owned()).collect()
    };
    let mut told: BTreeSet<_> = found(r#""([A-Za-z_]+)"\s*:"#).into_iter().collect();
    told.extend(found(r"(?m)^([A-Za-z.]+?)BODY"));
    told.extend(found(r"\b([A-Z]+(?:_[A-Z]+){2,})\b"));
    let heads = ["Name", "Parameter Name", "Field", "HTTP Status Code", "Response Code"];
    let first = found(r"(?m)^\|([^|]+)\|").into_iter().map(|cell| cell.trim().to_owned());
    told.extend(
        first.filter(|cell| {
            !cell.is_empty() && !cell.starts_with("--") && !heads.contains(&&**cell)
        }),
    );
    told
}
