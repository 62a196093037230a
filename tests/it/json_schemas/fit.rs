//! Whether a document fits a schema: the part of JSON Schema that the schemas use. A word that it
//! does not know fails the test, so that no rule is passed over.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use regex::Regex;
use serde_json::Value as Json;

/// Schemas that were read, which tests in all threads share.
static READ: Mutex<BTreeMap<PathBuf, &'static Json>> = Mutex::new(BTreeMap::new());

fn read(path: &Path) -> &'static Json {
    let mut read = READ.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    read.entry(path.to_owned()).or_insert_with(|| {
        let text = fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Box::leak(Box::new(serde_json::from_slice(&text).unwrap()))
    })
}

/// Where `value` does not fit the schema in a file. References lead to that file or to one beside
/// it.
pub(crate) fn problems(schema: &Path, value: &Json) -> Vec<String> {
    let file = File { path: schema, root: read(schema) };
    file.check(file.root, value, "$")
}

#[derive(Clone, Copy)]
struct File<'a> {
    path: &'a Path,
    root: &'a Json,
}

impl File<'_> {
    fn check(self, schema: &Json, value: &Json, at: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (word, rule) in schema.as_object().unwrap() {
            match word.as_str() {
                "$schema" | "title" | "description" | "$defs" => {}
                "$ref" => found.extend(self.follow(rule.as_str().unwrap(), value, at)),
                "const" if rule == value => {}
                "enum" if rule.as_array().unwrap().contains(value) => {}
                "const" | "enum" => found.push(format!("{at} is {value}, not {rule}")),
                "type" => {
                    let one = [rule.clone()];
                    let allowed = rule.as_array().map_or(&one[..], Vec::as_slice);
                    if !allowed.iter().any(|name| is_a(value, name.as_str().unwrap())) {
                        found.push(format!("{at} is {value}, not {rule}"));
                    }
                }
                "minimum" if value.as_u64() >= rule.as_u64() => {}
                "minimum" => found.push(format!("{at} is less than {rule}")),
                "minItems" => {
                    let enough = value.as_array().map(|items| items.len() as u64) >= rule.as_u64();
                    found.extend((!enough).then(|| format!("{at} has too few items")));
                }
                "pattern" => {
                    let pattern = Regex::new(rule.as_str().unwrap()).unwrap();
                    let fits = value.as_str().is_none_or(|text| pattern.is_match(text));
                    found.extend((!fits).then(|| format!("{at} is {value}, not like {rule}")));
                }
                "required" => {
                    let names = rule.as_array().unwrap().iter().map(|name| name.as_str().unwrap());
                    let missing = names.filter(|name| value.get(name).is_none());
                    found.extend(missing.map(|name| format!("{at}.{name} is missing")));
                }
                "properties" | "additionalProperties" if value.is_object() => {
                    found.extend(self.members(word == "properties", schema, value, at));
                }
                "items" => {
                    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
                        found.extend(self.check(rule, item, &format!("{at}[{index}]")));
                    }
                }
                "oneOf" => found.extend(self.one_of(rule.as_array().unwrap(), value, at)),
                "properties" | "additionalProperties" => {}
                other => panic!("the check does not know `{other}`"),
            }
        }
        found
    }

    /// The members that have a rule of their own, or the others.
    fn members(self, named: bool, schema: &Json, value: &Json, at: &str) -> Vec<String> {
        let mut found = Vec::new();
        for (name, part) in value.as_object().into_iter().flatten() {
            let own = schema.get("properties").and_then(|rules| rules.get(name));
            let at = format!("{at}.{name}");
            match (own, &schema["additionalProperties"]) {
                (Some(rule), _) if named => found.extend(self.check(rule, part, &at)),
                (None, Json::Bool(false)) if !named => found.push(format!("{at} is not described")),
                (None, rule) if !named => found.extend(self.check(rule, part, &at)),
                _ => {}
            }
        }
        found
    }

    fn follow(self, reference: &str, value: &Json, at: &str) -> Vec<String> {
        let (file, place) = reference.split_once('#').unwrap();
        let path = match file {
            "" => self.path.to_owned(),
            file => self.path.with_file_name(file),
        };
        let file = File { path: &path, root: read(&path) };
        let schema = file.root.pointer(place);
        file.check(schema.unwrap_or_else(|| panic!("`{reference}` leads nowhere")), value, at)
    }

    /// Exactly one must fit. Where none does, the problems are those with the nearest.
    fn one_of(self, schemas: &[Json], value: &Json, at: &str) -> Vec<String> {
        let mut all: Vec<_> = schemas.iter().map(|schema| self.check(schema, value, at)).collect();
        let fitting = all.iter().filter(|problems| problems.is_empty()).count();
        if fitting > 1 {
            return vec![format!("{at} fits {fitting} of the shapes")];
        }
        all.sort_by_key(|problems| {
            // Who says of what kind it is means that kind.
            (problems.iter().any(|problem| problem.starts_with("$.type ")), problems.len())
        });
        all.swap_remove(0)
    }
}

fn is_a(value: &Json, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "boolean" => value.is_boolean(),
        "string" => value.is_string(),
        "integer" => value.is_u64() || value.is_i64(),
        "null" => value.is_null(),
        other => panic!("the check does not know the type `{other}`"),
    }
}
