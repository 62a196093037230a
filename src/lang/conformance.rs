//! The recorded expressions of `tests/conformance`, evaluated and compared.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::addr::Reference;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax::{self, Body, Expression};
use crate::text::{SourceMap, Span};
use crate::value::{Marks, Refinement, Type, Value, read_json, write_json};

use super::tests::filling::conforms;
use super::{Environment, Evaluator, FileError, FileReader, NoReferences, Scope, type_constraint};

/// How many records there are.
const RECORDS: usize = 1892;

#[derive(Deserialize)]
struct Record {
    id: String,
    kind: String,
    expr: String,
    type_constraint: Option<String>,
    result_json: Option<String>,
    #[serde(default, rename = "type")]
    ty: Json,
    unknown: Option<Json>,
    partial_json: Option<String>,
    type_after_apply: Option<Json>,
    #[serde(default)]
    sensitive: bool,
    #[serde(default)]
    error: bool,
    variants: Option<Vec<Json>>,
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/conformance")
}

struct Fixtures;

impl FileReader for Fixtures {
    fn read(&self, path: &str) -> Result<Vec<u8>, FileError> {
        std::fs::read(folder().join("context").join(path))
            .map_err(|error| FileError { reason: error.to_string() })
    }

    fn exists(&self, path: &str) -> Result<bool, FileError> {
        Ok(folder().join("context").join(path).is_file())
    }

    fn list(&self, directory: &str) -> Result<Vec<String>, FileError> {
        let mut found = Vec::new();
        let mut rest = vec![String::new()];
        while let Some(below) = rest.pop() {
            let path = folder().join("context").join(directory).join(&below);
            for entry in std::fs::read_dir(path).into_iter().flatten().flatten() {
                let name = format!("{below}{}", entry.file_name().to_string_lossy());
                if entry.path().is_dir() { rest.push(format!("{name}/")) } else { found.push(name) }
            }
        }
        Ok(found)
    }

    fn home(&self) -> Option<String> {
        Some("/home/conformance".to_owned())
    }

    fn current_directory(&self) -> Option<String> {
        Some("/context".to_owned())
    }
}

pub(super) struct Prelude {
    variables: BTreeMap<Arc<str>, Value>,
    body: Body,
}

impl Prelude {
    pub(super) fn load() -> Self {
        let text = std::fs::read_to_string(folder().join("context/prelude.tf")).unwrap();
        let mut map = SourceMap::default();
        let file = map.add("prelude.tf", text.as_str());
        let mut problems = Diagnostics::default();
        let body = syntax::parse(file, &text, &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        let mut variables = BTreeMap::new();
        for block in body.blocks_of("variable") {
            let fixed = Evaluator::new(&NoReferences, Environment::default());
            let default = fixed.evaluate(&block.body.attribute("default").unwrap().value).unwrap();
            let mut value = match block.body.attribute("type") {
                Some(ty) => type_constraint(&ty.value).unwrap().apply(&default).unwrap(),
                None => default,
            };
            if block.body.attribute("sensitive").is_some() {
                value = value.sensitive();
            }
            variables.insert(Arc::clone(&block.labels[0].text), value);
        }
        Self { variables, body }
    }

    pub(super) fn environment() -> Environment<'static> {
        Environment {
            files: Some(&Fixtures),
            plan_time: Some("2026-01-02T03:04:05Z".parse().unwrap()),
            ..Environment::default()
        }
    }

    /// What the recorded expressions refer to.
    pub(super) fn scope(&self) -> impl Scope + '_ {
        Instance { prelude: self, each: Each::None }
    }

    fn planned(&self, input: &Expression, each: Each) -> Value {
        let scope = Instance { prelude: self, each };
        let input = Evaluator::new(&scope, Self::environment()).evaluate(input).unwrap();
        Value::object([
            ("id", Value::unknown_with(Type::String, Refinement::not_null())),
            ("output", Value::unknown(input.ty())),
            ("input", input),
            ("triggers_replace", Value::NULL),
        ])
    }

    fn resource(&self, name: &str) -> Option<Value> {
        let block = self.body.blocks_of("resource").find(|b| &*b.labels[1].text == name)?;
        let input = &block.body.attribute("input")?.value;
        Some(match name {
            "c" => {
                Value::tuple((0..2).map(|index| self.planned(input, Each::Count(index))).collect())
            }
            "e" => Value::object(
                ["a", "b"].map(|key| (key, self.planned(input, Each::Key(key.to_owned())))),
            ),
            _ => self.planned(input, Each::None),
        })
    }

    fn module(name: &str) -> Option<Value> {
        let instance = |x: &str| {
            Value::object([
                ("known", Value::string(format!("k-{x}"))),
                ("unk", Value::unknown_with(Type::String, Refinement::not_null())),
            ])
        };
        Some(match name {
            "m" => instance("mx"),
            "mm" => Value::object([("x", instance("1")), ("y", instance("2"))]),
            "mc" => Value::tuple(vec![instance("n0"), instance("n1")]),
            _ => return None,
        })
    }
}

enum Each {
    None,
    Count(i64),
    Key(String),
}

struct Instance<'p> {
    prelude: &'p Prelude,
    each: Each,
}

impl Scope for Instance<'_> {
    fn resolve(&self, reference: &Reference, span: Span) -> Result<Value, Diagnostics> {
        let prelude = self.prelude;
        let found = match reference {
            Reference::Variable(name) => prelude.variables.get(name).cloned(),
            Reference::Local(name) => {
                let locals = prelude.body.blocks_of("locals").next().unwrap();
                let expression = locals.body.attribute(name).map(|local| &local.value);
                match expression {
                    Some(expression) => {
                        Some(Evaluator::new(self, Prelude::environment()).evaluate(expression)?)
                    }
                    None => None,
                }
            }
            Reference::Resource { type_name, name, .. } if &*type_name.0 == "terraform_data" => {
                prelude.resource(name)
            }
            Reference::Module { name, .. } => Prelude::module(name),
            Reference::Path(word) if &**word == "cwd" => Some(Value::string("/context")),
            Reference::Path(_) => Some(Value::string(".")),
            Reference::Terraform(word) if &**word == "workspace" => Some(Value::string("default")),
            Reference::CountIndex => match self.each {
                Each::Count(index) => Some(Value::from(index)),
                _ => None,
            },
            Reference::EachKey | Reference::EachValue => match &self.each {
                Each::Key(key) => Some(Value::string(key)),
                _ => None,
            },
            _ => None,
        };
        found.ok_or_else(|| {
            Diagnostic::error(code::REFERENCE, format!("no {reference}")).at(span).into()
        })
    }
}

enum Outcome {
    Passed,
    Failed(String),
}

fn check(record: &Record, prelude: &Prelude) -> Outcome {
    let mut map = SourceMap::default();
    let mut problems = Diagnostics::default();
    // An output's value stands in a body: line ends count.
    let source = format!("value = {}\n", record.expr);
    let file = map.add("record", source.as_str());
    let body = syntax::parse(file, &source, &mut problems);
    let expression = body.attribute("value").map(|attribute| attribute.value.clone());
    let expression = match expression {
        Some(expression) if problems.is_empty() && body.blocks.is_empty() => expression,
        _ if record.error => return Outcome::Passed,
        _ => return Outcome::Failed(format!("not read: {problems:?}")),
    };
    let scope = Instance { prelude, each: Each::None };
    let evaluator = Evaluator::new(&scope, Prelude::environment());
    let result = evaluate(record, &expression, evaluator);
    compare(record, result)
}

fn evaluate(
    record: &Record,
    expression: &Expression,
    evaluator: Evaluator<'_>,
) -> Result<Value, String> {
    let shown = |problems: Diagnostics| {
        problems.iter().map(|problem| problem.detail.clone()).collect::<Vec<_>>().join(" | ")
    };
    let value = evaluator.evaluate(expression).map_err(shown)?;
    if record.kind != "variable" {
        return Ok(value);
    }
    let mut map = SourceMap::default();
    let mut problems = Diagnostics::default();
    let source = record.type_constraint.clone().unwrap_or_default();
    let file = map.add("type", source.as_str());
    let ty = syntax::parse_expression(file, &source, &mut problems).ok_or("type not read")?;
    let constraint = type_constraint(&ty).map_err(shown)?;
    constraint.apply(&value).map_err(|error| error.describe())
}

fn compare(record: &Record, result: Result<Value, String>) -> Outcome {
    let value = match result {
        Err(_) if record.error => return Outcome::Passed,
        Err(reason) => return Outcome::Failed(format!("error: {reason}")),
        Ok(value) if record.error => return Outcome::Failed(format!("no error but {value:?}")),
        Ok(value) => value,
    };
    if value.deep_marks().is_sensitive() != record.sensitive && record.variants.is_none() {
        return Outcome::Failed(format!("sensitive: {}", value.deep_marks().is_sensitive()));
    }
    let value = value.map_marks(&|_| Marks::NONE);
    if let Some(variants) = &record.variants {
        let fits = variants.iter().any(|variant| {
            fits_unknown(&value, &variant[1]) && fits_known(&value, Some(&variant[0]))
        });
        return if fits { Outcome::Passed } else { Outcome::Failed(format!("{value:?}")) };
    }
    if let Some(unknown) = &record.unknown {
        let partial: Option<Json> =
            record.partial_json.as_ref().map(|text| serde_json::from_str(text).unwrap());
        // Null has any type.
        let known = |ty: &&Json| !ty.is_null() && **ty != "dynamic";
        if let Some(ty) = record.type_after_apply.as_ref().filter(known) {
            let promised = value.ty();
            if !conforms(&Type::from_json(ty).unwrap(), &promised) {
                return Outcome::Failed(format!("{promised} was promised, it becomes {ty}"));
            }
        }
        return if fits_unknown(&value, unknown) && fits_known(&value, partial.as_ref()) {
            Outcome::Passed
        } else {
            Outcome::Failed(format!("{value:?} is not {unknown} {partial:?}"))
        };
    }
    let expected = read_json(record.result_json.as_deref().unwrap_or("null")).unwrap();
    let value = decompressed(record, value);
    let expected = decompressed(record, expected);
    let digits = |value: &Value| write_json(value).unwrap();
    let Ok(text) = write_json(&value) else {
        return Outcome::Failed(format!("unknown: {value:?}"));
    };
    if digits(&read_json(&text).unwrap()) != digits(&expected) {
        return Outcome::Failed(format!("{text} is not {}", digits(&expected)));
    }
    let ty = value.ty().to_json();
    if !record.ty.is_null() && ty != record.ty {
        return Outcome::Failed(format!("type {ty} is not {}", record.ty));
    }
    Outcome::Passed
}

/// Which bytes text is compressed to is for the compressor to choose; what counts is the text.
fn decompressed(record: &Record, value: Value) -> Value {
    use base64::Engine as _;
    use std::io::Read as _;
    if !record.id.starts_with("fn-base64gzip-") {
        return value;
    }
    let encoded = value.as_str().unwrap();
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).unwrap();
    let mut text = String::new();
    flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).unwrap();
    Value::string(text)
}

fn fits_unknown(value: &Value, expected: &Json) -> bool {
    if !value.is_known() {
        return expected == &Json::Bool(true);
    }
    match expected {
        Json::Bool(unknown) => *unknown != value.is_wholly_known(),
        Json::Array(parts) => value.elements().is_some_and(|items| {
            items.iter().enumerate().all(|(index, item)| {
                fits_unknown(item, parts.get(index).unwrap_or(&Json::Bool(false)))
            })
        }),
        Json::Object(parts) => value.entries().is_some_and(|entries| {
            entries.iter().all(|(key, item)| {
                fits_unknown(item, parts.get(&**key).unwrap_or(&Json::Bool(false)))
            })
        }),
        _ => false,
    }
}

fn fits_known(value: &Value, expected: Option<&Json>) -> bool {
    match expected {
        None => !value.is_known(),
        Some(Json::Null) if !value.is_known() => true,
        Some(Json::Array(parts)) => value.elements().is_some_and(|items| {
            items.len() == parts.len()
                && items.iter().zip(parts).all(|(item, part)| fits_known(item, Some(part)))
        }),
        Some(Json::Object(parts)) => value.entries().is_some_and(|entries| {
            entries.iter().all(|(key, item)| fits_known(item, parts.get(&**key)))
        }),
        Some(other) => {
            let text = serde_json::to_string(other).unwrap();
            write_json(value).is_ok_and(|own| read_json(&own) == read_json(&text))
        }
    }
}

/// The recorded expressions that have a value.
pub(super) fn recorded() -> Vec<String> {
    let text = std::fs::read_to_string(folder().join("expressions.jsonl")).unwrap();
    let records = text.lines().map(|line| serde_json::from_str::<Record>(line).unwrap());
    records.filter(|record| !record.error).map(|record| record.expr).collect()
}

#[test]
fn recorded_expressions_have_the_recorded_values() {
    let prelude = Prelude::load();
    let text = std::fs::read_to_string(folder().join("expressions.jsonl")).unwrap();
    let mut failed = Vec::new();
    for line in text.lines() {
        let record: Record = serde_json::from_str(line).unwrap();
        if let Outcome::Failed(reason) = check(&record, &prelude) {
            failed.push(format!("{} {:?}: {reason}", record.id, record.expr));
        }
    }
    assert!(failed.is_empty(), "{} differ\n{}", failed.len(), failed.join("\n"));
    assert_eq!(text.lines().count(), RECORDS);
}
