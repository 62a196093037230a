//! How fast text becomes values: `cargo bench`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a broken benchmark may stop")]
#![allow(missing_docs, reason = "the macros of the harness make functions of their own")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::hint::black_box;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use snapform::addr::Reference;
use snapform::config::{LoadedFile, decode_files};
use snapform::diag::Diagnostics;
use snapform::lang::{Environment, Evaluator, Scope};
use snapform::syntax::{self, Expression};
use snapform::text::{SourceMap, Span};
use snapform::value::Value;

const BLOCKS: usize = 100_000;
const KEYS: usize = 16_000;

/// Resources in chains of a hundred, each of which refers to the one before it.
fn blocks(count: usize) -> String {
    let mut text = String::new();
    for index in 0..count {
        let before = if index % 100 == 0 {
            String::from("null")
        } else {
            format!("terraform_data.r_{}.output.name", index - 1)
        };
        let _ = write!(
            text,
            "resource \"terraform_data\" \"r_{index}\" {{\n  input = {{\n    name = \"snap-${{var.env}}-{index}\"\n    tags = merge(local.tags, {{ n = {index} }})\n    prev = {before}\n  }}\n}}\n\n"
        );
    }
    text
}

fn parsed(text: &str) -> Expression {
    let mut sources = SourceMap::default();
    let file = sources.add("bench", text);
    syntax::parse_expression(file, text, &mut Diagnostics::default()).unwrap()
}

/// Gives everything the same value.
struct Everything(Value);

impl Scope for Everything {
    fn resolve(&self, _: &Reference, _: Span) -> Result<Value, Diagnostics> {
        Ok(self.0.clone())
    }
}

fn parsing(bench: &mut Criterion) {
    let text = blocks(BLOCKS);
    let mut group = bench.benchmark_group("100,000 blocks");
    group.sample_size(10).throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("parse", |bench| {
        let file = SourceMap::default().add("main.snap.hcl", "");
        bench.iter(|| syntax::parse(file, black_box(&text), &mut Diagnostics::default()));
    });
    group.bench_function("lay out", |bench| {
        bench.iter(|| syntax::format(black_box(&text)));
    });
    group.bench_function("parse and decode", |bench| {
        let files = [LoadedFile { name: "main.snap.hcl".to_owned(), text: text.as_str().into() }];
        bench.iter_batched(
            || (SourceMap::default(), Diagnostics::default()),
            |(mut sources, mut problems)| decode_files(&files, &mut sources, &mut problems),
            BatchSize::PerIteration,
        );
    });
    group.finish();
}

fn evaluating(bench: &mut Criterion) {
    let scope = Everything(Value::object([
        ("name", Value::from("snap")),
        ("tags", Value::object([("team", Value::from("storage"))])),
    ]));
    let evaluator = Evaluator::new(&scope, Environment::default());
    let mut group = bench.benchmark_group("evaluate");
    for (name, text) in [
        ("template", "\"snap-${var.env.name}-${var.env.tags.team}-7\""),
        ("merge", "merge(local.tags.tags, { n = 7, name = local.tags.name })"),
        ("conditional", "var.a.name == \"snap\" ? [1, 2, 3] : [4]"),
        ("for", "{ for index in range(100) : \"k${index}\" => index * 2 if index % 2 == 0 }"),
        ("refused", "try(var.a.nope, var.a.none, 7)"),
    ] {
        let expression = parsed(text);
        group.bench_function(name, |bench| {
            bench.iter(|| evaluator.evaluate(black_box(&expression)).unwrap());
        });
    }
    let names: Vec<_> = (0..KEYS).map(|index| format!("key_{index:05}")).collect();
    let written = names.iter().fold(String::new(), |mut text, name| {
        let _ = writeln!(text, "{name} = \"{name}\"");
        text
    });
    let variables: BTreeMap<Arc<str>, Value> =
        [(Arc::from("keys"), Value::tuple(names.iter().map(Value::string).collect()))].into();
    group.sample_size(20);
    for (name, text) in [
        ("16,000 keys, written", format!("{{\n{written}}}")),
        ("16,000 keys, by for", "{ for key in keys.list : key => upper(key) }".to_owned()),
        ("16,000 keys, merged", format!("merge({{\n{written}}}, {{ one = 1 }})")),
    ] {
        let expression = parsed(&text);
        let bound = variables
            .iter()
            .map(|(name, value)| (name.clone(), Value::object([("list", value.clone())])))
            .collect();
        group.bench_function(name, |bench| {
            bench.iter(|| evaluator.evaluate_with(black_box(&expression), &bound).unwrap());
        });
    }
    group.finish();
}

criterion_group!(language, parsing, evaluating);
criterion_main!(language);
