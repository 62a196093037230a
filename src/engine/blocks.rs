//! Nested blocks, and those that `dynamic` blocks make.

use std::sync::Arc;

use crate::config::{DYNAMIC, DynamicBlock};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::schema::{NestedBlock, Nesting, Schema};
use crate::syntax::{Block, Body, Expression};
use crate::text::Span;
use crate::value::{Data, Marks, Type, Value, convert};

use super::arguments;
use super::evaluate::Repeated;
use super::frame::Frame;

/// Checks the blocks of a body against its schema as far as that needs no values.
pub(super) fn check(schema: &Schema, body: &Body, header: Span, what: &str) -> Diagnostics {
    let mut problems = Diagnostics::default();
    for block in &body.blocks {
        if &*block.kind == DYNAMIC {
            let Some(dynamic) = problems.absorb(DynamicBlock::of(block)) else { continue };
            let place = (dynamic.kind_span, dynamic.content_header);
            let labels = dynamic.labels.len();
            problems.extend(one(schema, &dynamic.kind, place, labels, &dynamic.content, what));
        } else {
            let place = (block.kind_span, block.header);
            let labels = block.labels.len();
            problems.extend(one(schema, &block.kind, place, labels, &block.body, what));
        }
    }
    for name in schema.block_names() {
        let Some(nested) = schema.block(name) else { continue };
        let dynamic = body.blocks_of(DYNAMIC).any(|block| makes(block, name));
        let last = body.blocks_of(name).last().map_or(header, |block| block.header);
        if !dynamic {
            problems.extend(count(&nested, name, body.blocks_of(name).count(), last));
        }
    }
    problems
}

/// Whether a `dynamic` block makes blocks called `name`.
fn makes(dynamic: &Block, name: &str) -> bool {
    dynamic.labels.first().is_some_and(|label| *label.text == *name)
}

/// Checks one block, or what a `dynamic` block makes; `place` is its kind's and its header's.
fn one(
    schema: &Schema,
    kind: &str,
    (kind_span, header): (Span, Span),
    labels: usize,
    body: &Body,
    what: &str,
) -> Diagnostics {
    let Some(nested) = schema.block(kind) else {
        return no_such_block(schema, kind, (kind_span, header), what).into();
    };
    if labels != nested.label_count() {
        let wanted = nested.label_count();
        let noun = if wanted == 1 { "label" } else { "labels" };
        let detail = format!("A `{kind}` block has {wanted} {noun}, this one has {labels}.");
        return Diagnostic::error(code::BLOCK_SHAPE, detail).at(header).into();
    }
    arguments::check(&nested.schema, body, header, &format!("block `{kind}` of {what}"))
}

fn no_such_block(
    schema: &Schema,
    kind: &str,
    (kind_span, header): (Span, Span),
    what: &str,
) -> Diagnostic {
    let what_first = arguments::upper_first(what);
    if schema.attribute(kind).is_some() {
        let detail = format!("`{kind}` of {what} is an argument, not a block.");
        return Diagnostic::error(code::BLOCK_SHAPE, detail)
            .at(header)
            .help(format!("write `{kind} = …`"));
    }
    let diagnostic =
        Diagnostic::error(code::UNKNOWN_BLOCK, format!("{what_first} has no `{kind}` blocks."))
            .at(kind_span);
    if kind == "lifecycle" {
        return diagnostic.help("`lifecycle` must stand there as it is: it cannot be dynamic");
    }
    diagnostic.did_you_mean(kind, schema.block_names().chain(["lifecycle"]))
}

fn count(nested: &NestedBlock, name: &str, found: usize, at: Span) -> Option<Diagnostic> {
    if nested.allows(found) {
        return None;
    }
    let detail = format!("There are {found} `{name}` blocks; wanted: {}.", nested.range());
    Some(Diagnostic::error(code::BLOCK_COUNT, detail).at(at))
}

/// What the blocks called `name` in a body make together. Where it is not known how many there
/// are, nothing of it is known. Problems of all blocks at once.
pub(super) fn evaluate(
    evaluation: &Frame<'_>,
    (name, nested): (&str, &NestedBlock),
    body: &Body,
    repeated: &Repeated,
) -> Result<Value, Diagnostics> {
    let mut found =
        Found { evaluation, nested, blocks: Vec::new(), marks: Marks::NONE, unknown: false };
    let mut problems = Diagnostics::default();
    let mut dynamic_at = None;
    for block in &body.blocks {
        let taken = if *block.kind == *name {
            let label = block.labels.first().map(|label| Arc::clone(&label.text));
            found.take(&block.body, label, block.header, repeated)
        } else if &*block.kind == DYNAMIC && makes(block, name) {
            dynamic_at = Some(block.header);
            DynamicBlock::of(block).and_then(|dynamic| found.expand(&dynamic, repeated))
        } else {
            Ok(())
        };
        problems.absorb(taken);
    }
    if let Some(at) = dynamic_at.filter(|_| !found.unknown && !problems.has_errors()) {
        problems.extend(count(nested, name, found.blocks.len(), at));
    }
    let value = problems.absorb(found.together(name));
    match value {
        Some(value) => problems.into_result(value),
        None => Err(problems),
    }
}

struct Occurrence {
    label: Option<Arc<str>>,
    value: Value,
    header: Span,
}

/// The blocks of one kind found so far.
struct Found<'a> {
    evaluation: &'a Frame<'a>,
    nested: &'a NestedBlock,
    blocks: Vec<Occurrence>,
    /// What rides along with the collections that said how many there are.
    marks: Marks,
    unknown: bool,
}

impl Found<'_> {
    fn take(
        &mut self,
        body: &Body,
        label: Option<Arc<str>>,
        header: Span,
        repeated: &Repeated,
    ) -> Result<(), Diagnostics> {
        let value = arguments::evaluate(self.evaluation, &self.nested.schema, body, repeated)?;
        self.blocks.push(Occurrence { label, value, header });
        Ok(())
    }

    fn expand(&mut self, dynamic: &DynamicBlock, repeated: &Repeated) -> Result<(), Diagnostics> {
        let collection = self.evaluation.evaluate_for(&dynamic.for_each, repeated)?;
        self.marks = self.marks.union(collection.marks());
        let elements = elements(&collection, &dynamic.for_each)?;
        let known = elements.is_some();
        // What the blocks hold is looked at even where nobody knows how many there will be.
        let elements = elements
            .unwrap_or_else(|| vec![(Value::unknown(Type::Any), Value::unknown(Type::Any))]);
        let before = self.blocks.len();
        let mut problems = Diagnostics::default();
        for (key, value) in elements {
            let mut inside = repeated.clone();
            let iterator = Value::object([("key", key), ("value", value)]);
            inside.iterators.insert(Arc::clone(&dynamic.iterator), iterator);
            let label = match dynamic.labels.first() {
                Some(label) if known => problems.absorb(self.label(label, &inside)),
                _ => None,
            };
            problems.absorb(self.take(&dynamic.content, label, dynamic.content_header, &inside));
            if problems.has_errors() {
                // The same mistake once more for each element would help nobody.
                break;
            }
        }
        if !known {
            self.unknown = true;
            for block in self.blocks.drain(before..) {
                self.marks = self.marks.union(&block.value.deep_marks());
            }
        }
        problems.into_result(())
    }

    fn label(&self, label: &Expression, repeated: &Repeated) -> Result<Arc<str>, Diagnostics> {
        let refuse = |code, detail: &str| {
            Err(Diagnostic::error(code, format!("A label {detail}.")).at(label.span()).into())
        };
        let value = self.evaluation.evaluate_as(label, &Type::String, repeated)?;
        let marks = value.deep_marks();
        if marks.is_sensitive() {
            return refuse(code::SENSITIVE_NOT_ALLOWED, "is shown to people and may not be secret");
        }
        if marks.is_ephemeral() {
            return refuse(code::EPHEMERAL_NOT_ALLOWED, "outlasts this run");
        }
        match value.data() {
            Data::String(text) => Ok(Arc::clone(text)),
            Data::Null(_) => refuse(code::NULL_NOT_ALLOWED, "may not be null"),
            _ => refuse(code::UNKNOWN_NOT_ALLOWED, "must be known while planning"),
        }
    }

    fn together(self, name: &str) -> Result<Value, Diagnostics> {
        let nested = self.nested;
        let mut marks = self.marks;
        if self.unknown {
            for block in &self.blocks {
                marks = marks.union(&block.value.deep_marks());
            }
            return Ok(Value::unknown(nested.ty()).mark(&marks));
        }
        let mut blocks = Vec::with_capacity(self.blocks.len());
        let one = nested.schema.object_type();
        for block in self.blocks {
            let value = convert(&block.value, &one).map_err(|error| {
                let detail = format!("This block does not fit: {}.", error.describe());
                Diagnostic::error(code::CONVERSION, detail).at(block.header)
            })?;
            blocks.push(Occurrence { value, ..block });
        }
        let value = match nested.nesting {
            Nesting::Single => match blocks.pop() {
                Some(block) => block.value,
                None => Value::null(one),
            },
            Nesting::List => Value::list(one, values(blocks)),
            Nesting::Set => Value::set(one, values(blocks)),
            Nesting::Map => by_label(name, one, blocks)?,
        };
        Ok(value.mark(&marks))
    }
}

fn values(blocks: Vec<Occurrence>) -> Vec<Value> {
    blocks.into_iter().map(|block| block.value).collect()
}

fn by_label(name: &str, one: Type, blocks: Vec<Occurrence>) -> Result<Value, Diagnostics> {
    let mut entries: Vec<(Arc<str>, Value)> = Vec::with_capacity(blocks.len());
    let mut problems = Diagnostics::default();
    for block in blocks {
        let Some(label) = block.label else { continue };
        if entries.iter().any(|(held, _)| *held == label) {
            let detail = format!("There are two `{name}` blocks with the label `{label}`.");
            problems.push(Diagnostic::error(code::DUPLICATE, detail).at(block.header));
        }
        entries.push((label, block.value));
    }
    problems.into_result(Value::map(one, entries))
}

/// The elements of a collection, each with its key: the position in a list, the element itself in
/// a set. `None` where they are not known yet.
fn elements(
    collection: &Value,
    expression: &Expression,
) -> Result<Option<Vec<(Value, Value)>>, Diagnostics> {
    let refuse =
        |code, detail: String| Err(Diagnostic::error(code, detail).at(expression.span()).into());
    let marks = collection.marks();
    let riding = |value: &Value| value.clone().mark(marks);
    match collection.data() {
        Data::Map(_) | Data::Object(_) => {
            let entries = collection.entries().unwrap_or_default().iter();
            let entries = entries.map(|(key, value)| (riding(&Value::string(key)), riding(value)));
            Ok(Some(entries.collect()))
        }
        Data::List(_) | Data::Tuple(_) => {
            let items = (0_i64..).zip(collection.elements().unwrap_or_default());
            let items = items.map(|(index, value)| (riding(&Value::number(index)), riding(value)));
            Ok(Some(items.collect()))
        }
        // How many members a set has is known only once all of them are.
        Data::Set(_) if !collection.is_wholly_known() => Ok(None),
        Data::Set(set) => {
            Ok(Some(set.items.iter().map(|item| (riding(item), riding(item))).collect()))
        }
        Data::Null(_) => refuse(code::NULL_NOT_ALLOWED, "`for_each` is null.".to_owned()),
        Data::Unknown(unknown) if unknown.ty == Type::Any || !unknown.ty.is_primitive() => Ok(None),
        _ => {
            let found = collection.ty().phrase();
            let detail = format!("`for_each` takes a collection to go through, not {found}.");
            refuse(code::CONVERSION, detail)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::config::{LoadedFile, TreeReader, decode_files};
    use crate::engine::Evaluation;
    use crate::engine::{Surroundings, Variables};
    use crate::schema::Attribute;
    use crate::text::SourceMap;
    use crate::world::{Timestamp, World};

    /// Firewalls are easy to imagine and nothing that any of our vendors has.
    fn schema() -> Schema {
        let port = || Attribute::optional("port", Type::Number, "");
        let range = NestedBlock::new(Nesting::Set, vec![port()]);
        let rule = vec![
            Attribute::required("name", Type::String, ""),
            Attribute::blocks("range", range, ""),
        ];
        let rule = NestedBlock::new(Nesting::List, rule).at_most(3);
        let tag = NestedBlock::new(Nesting::Map, vec![Attribute::optional("v", Type::String, "")]);
        let owner = NestedBlock::new(Nesting::Single, vec![port()]);
        Schema::new(
            "",
            vec![
                Attribute::blocks("rule", rule, ""),
                Attribute::blocks("tag", tag, ""),
                Attribute::blocks("owner", owner, ""),
            ],
        )
        .timeouts(&["create"])
    }

    /// The object that a body becomes as JSON without what is null or empty, or the codes of what
    /// is wrong with it. `var.list` has elements `a` and `b`; `var.secret` is sensitive,
    /// `var.gone` ephemeral, `var.later` unknown.
    fn evaluated(body: &str) -> Result<Value, Vec<String>> {
        let text = format!("resource \"t\" \"n\" {{\n{body}\n}}\n");
        evaluated_file("main.snap.hcl", text)
    }

    fn evaluated_file(name: &str, text: String) -> Result<Value, Vec<String>> {
        let mut sources = SourceMap::default();
        let mut problems = Diagnostics::default();
        let file = LoadedFile { name: name.to_owned(), text: text.into() };
        let module = decode_files(&[file], &mut sources, &mut problems);
        assert!(problems.is_empty(), "{problems:?}");
        let items = || Value::tuple(vec![Value::from("a"), Value::from("b")]);
        let variables: Variables = [
            ("list", items()),
            ("secret", items().sensitive()),
            ("gone", items().mark(&Marks::ephemeral())),
            ("later", Value::unknown(Type::list(Type::String))),
            ("members", Value::set(Type::String, vec![Value::unknown(Type::String)])),
        ]
        .map(|(name, value)| (Arc::from(name), value))
        .into();
        let surroundings = Surroundings {
            workspace: "default",
            root: ".",
            working_directory: "/",
            files: &TreeReader::new("."),
            plan_time: Timestamp::EPOCH,
            apply_time: None,
            ids: &*World::fixed(Timestamp::EPOCH).ids,
        };
        let config = Config::of_root(module);
        let evaluation = Evaluation::new(&config, &variables, surroundings);
        let root = evaluation.root().unwrap();
        let (schema, nobody) = (schema(), Repeated::default());
        let declared = root.module.resources.values().next().unwrap();
        let mut found = arguments::check(&schema, &declared.body, declared.header, "`t`");
        let value = found.absorb(arguments::evaluate_kept(&root, &schema, &declared.body, &nobody));
        match value {
            Some(value) if found.is_empty() => Ok(value),
            _ => Err(found.iter().map(|problem| problem.code.to_string()).collect()),
        }
    }

    #[test]
    fn blocks_in_json_become_the_same() {
        for (json, hcl) in [
            (r#""owner": {"port": 1}"#, "owner {\nport = 1\n}"),
            (r#""owner": [{"port": "${1 + 1}"}]"#, "owner {\nport = 2\n}"),
            (
                r#""rule": [{"name": "a", "range": [{"port": 1}, {}]}, {"name": "b"}]"#,
                "rule {\nname = \"a\"\nrange {\nport = 1\n}\nrange {}\n}\nrule {\nname = \"b\"\n}",
            ),
            (r#""tag": {"k": {"v": "w"}}, "owner": null"#, "tag \"k\" {\nv = \"w\"\n}"),
            (
                r#""dynamic": {"rule": {"for_each": "${var.list}", "iterator": "it",
                   "content": {"name": "${it.value}", "range": {"port": "${it.key}"}}}}"#,
                "dynamic \"rule\" {\nfor_each = var.list\ncontent {\nname = rule.value\nrange {\n\
                 port = rule.key\n}\n}\n}",
            ),
            (r#""owner": 1"#, "owner = 1"),
            (r#""rule": {"nome": "a"}"#, "rule {\nnome = \"a\"\n}"),
        ] {
            let text = format!("{{\"resource\": {{\"t\": {{\"n\": {{{json}}}}}}}}}");
            assert_eq!(evaluated_file("main.snap.hcl.json", text), evaluated(hcl), "{json}");
        }
    }

    #[test]
    fn blocks_become_what_their_nesting_says() {
        for (body, name, expected) in [
            ("", "rule", "[]"),
            ("", "owner", "null"),
            ("", "tag", "{}"),
            ("owner {\nport = 1\n}", "owner", r#"{"port":1}"#),
            ("timeouts {\ncreate = \"5m\"\n}", "timeouts", r#"{"create":"5m"}"#),
            ("tag \"x\" {}\ntag \"a\" {\nv = \"1\"\n}", "tag", r#"{"a":{"v":"1"},"x":{"v":null}}"#),
            (
                "rule {\nname = \"r\"\nrange {\nport = 2\n}\nrange {\nport = 1\n}\nrange {\nport = 2\n}\n}",
                "rule",
                r#"[{"name":"r","range":[{"port":1},{"port":2}]}]"#,
            ),
            (
                "dynamic \"rule\" {\nfor_each = var.list\ncontent {\nname = \"${rule.key}${rule.value}\"\n}\n}\nrule {\nname = \"z\"\n}",
                "rule",
                r#"[{"name":"0a","range":[]},{"name":"1b","range":[]},{"name":"z","range":[]}]"#,
            ),
            (
                "dynamic \"rule\" {\nfor_each = { k = [7, 8] }\niterator = each\ncontent {\nname = each.key\ndynamic \"range\" {\nfor_each = each.value\ncontent {\nport = range.value + range.key + length(each.value)\n}\n}\n}\n}",
                "rule",
                r#"[{"name":"k","range":[{"port":11},{"port":9}]}]"#,
            ),
            (
                "dynamic \"tag\" {\nfor_each = toset([\"p\", \"q\"])\nlabels = [upper(tag.key)]\ncontent {\nv = tag.value\n}\n}",
                "tag",
                r#"{"P":{"v":"p"},"Q":{"v":"q"}}"#,
            ),
            (
                "dynamic \"timeouts\" {\nfor_each = [\"9m\"]\ncontent {\ncreate = timeouts.value\n}\n}",
                "timeouts",
                r#"{"create":"9m"}"#,
            ),
            ("dynamic \"owner\" {\nfor_each = []\ncontent {}\n}", "owner", "null"),
        ] {
            let value = evaluated(body).unwrap_or_else(|codes| panic!("{codes:?}: {body}"));
            let found = value.attribute(name).unwrap().to_json().to_string();
            assert_eq!(found, expected, "{body}");
        }
    }

    #[test]
    fn what_decides_about_blocks_marks_them() {
        let rules = |collection: &str| {
            let body = format!(
                "rule {{\nname = \"first\"\n}}\ndynamic \"rule\" {{\nfor_each = {collection}\ncontent {{\nname = rule.value\n}}\n}}"
            );
            evaluated(&body).unwrap().attribute("rule").unwrap().clone()
        };
        for unknown in ["var.later", "var.members"] {
            let rules = rules(unknown);
            assert!(!rules.is_known(), "{unknown}");
            assert_eq!(rules.ty().to_string(), schema().attribute("rule").unwrap().ty.to_string());
        }
        assert!(rules("var.secret").is_sensitive());
        let partly = rules("[sensitive(\"s\")]");
        assert!(!partly.is_sensitive() && partly.deep_marks().is_sensitive());
    }

    #[test]
    fn blocks_that_do_not_fit_are_refused() {
        let rule = |collection: &str, content: &str| {
            format!("dynamic \"rule\" {{\nfor_each = {collection}\ncontent {{\n{content}\n}}\n}}")
        };
        for (body, code) in [
            ("rule {}".to_owned(), "E0206"),
            ("rule {\nname = \"a\"\nsize = 1\n}".to_owned(), "E0205"),
            ("rule = []".to_owned(), "E0204"),
            ("rules {}".to_owned(), "E0203"),
            ("owner {}\nowner {}".to_owned(), "E0221"),
            ("timeouts {}\ntimeouts {}".to_owned(), "E0221"),
            ("timeouts {\nupdate = \"1m\"\n}".to_owned(), "E0205"),
            ("tag {}".to_owned(), "E0204"),
            ("tag \"a\" {}\ntag \"a\" {}".to_owned(), "E0207"),
            ("dynamic \"rules\" {\nfor_each = []\ncontent {}\n}".to_owned(), "E0203"),
            ("dynamic \"lifecycle\" {\nfor_each = []\ncontent {}\n}".to_owned(), "E0203"),
            (rule("var.list", "name = rule.val"), "E0302"),
            (rule("var.later", "name = rule.val"), "E0302"),
            (rule("range(4)", "name = \"x\""), "E0221"),
            (rule("\"text\"", "name = \"x\""), "E0304"),
            (rule("null", "name = \"x\""), "E0311"),
            (rule("var.gone", "name = \"x\""), "E0313"),
        ] {
            assert_eq!(evaluated(&body).unwrap_err(), [code], "{body}");
        }
        for (label, code) in
            [("var.later[0]", "E0309"), ("null", "E0311"), ("sensitive(\"a\")", "E0310")]
        {
            let body =
                format!("dynamic \"tag\" {{\nfor_each = [1]\nlabels = [{label}]\ncontent {{}}\n}}");
            assert_eq!(evaluated(&body).unwrap_err(), [code], "{label}");
        }
    }
}
