//! Any bytes as a file of every kind: reading never panics, every place is one of the text, every
//! problem can be shown, and what can be read comes back as it was written.

#![no_main]

use libfuzzer_sys::fuzz_target;
use snapform::config::{LoadedFile, decode_files, decode_variables, text_of};
use snapform::diag::Diagnostics;
use snapform::lang::type_constraint;
use snapform::plan::{read_plan, write_plan};
use snapform::state::{read_state, write_state};
use snapform::syntax::{Body, Expression, parse, parse_expression, parse_template};
use snapform::text::{SourceMap, Span};
use snapform::view::{Look, Paint, render_diagnostic, validation_json};

/// A place covers whole characters of its text.
fn check(span: Span, sources: &SourceMap, what: &str) {
    let text = &sources.file(span.file).expect("a known file").text;
    assert!(text.get(span.range()).is_some(), "{what}: {span:?} of {}", text.len());
}

fn check_expression(expression: &Expression, sources: &SourceMap) {
    expression.visit(&mut |part| check(part.span(), sources, "expression"));
    for (_, span) in expression.references() {
        check(span, sources, "reference");
    }
    expression.as_traversal();
}

fn check_body(body: &Body, sources: &SourceMap) {
    check(body.span, sources, "body");
    for attribute in &body.attributes {
        check(attribute.name_span, sources, "name");
        check(attribute.span, sources, "attribute");
        check_expression(&attribute.value, sources);
    }
    for block in &body.blocks {
        for span in [block.kind_span, block.header, block.span] {
            check(span, sources, "block");
        }
        for label in &block.labels {
            check(label.span, sources, "label");
        }
        check_body(&block.body, sources);
    }
}

/// State and plan files come back as they were written.
fn check_kept(data: &[u8]) {
    if let Ok(state) = read_state(data) {
        let written = write_state(&state).expect("what was read can be written");
        let again = read_state(&written).expect("what was written can be read");
        assert_eq!(write_state(&again).expect("once more"), written);
    }
    if let Ok(plan) = read_plan(data) {
        write_plan(&plan).expect("what was read can be written");
    }
}

/// Problems shown in full; more of them would only take long.
const SHOWN: usize = 20;

fuzz_target!(|data: &[u8]| {
    check_kept(data);
    let Ok(file) = text_of("fuzz", data.to_vec()) else { return };
    let mut sources = SourceMap::default();
    let mut problems = Diagnostics::default();
    let id = sources.add("fuzz", file.text.clone());
    check_body(&parse(id, &file.text, &mut problems), &sources);
    for read in [parse_expression, parse_template] {
        if let Some(expression) = read(id, &file.text, &mut problems) {
            check_expression(&expression, &sources);
            let _ = type_constraint(&expression);
        }
    }
    for name in ["main.snap.hcl", "main.snap.hcl.json"] {
        let named = LoadedFile { name: name.to_owned(), ..file.clone() };
        decode_files(std::slice::from_ref(&named), &mut sources, &mut problems);
        for (_, assignment, _) in decode_variables(named, &mut sources, &mut problems) {
            if let snapform::config::Assignment::Expression(expression) = assignment {
                check_expression(&expression, &sources);
            }
        }
    }
    for label in problems.iter().flat_map(|problem| &problem.labels) {
        check(label.span, &sources, "diagnostic");
    }
    for problem in problems.iter().take(SHOWN) {
        render_diagnostic(problem, &sources, Look { paint: Paint::PLAIN, width: 100 });
    }
    let few = problems.iter().take(SHOWN).cloned().collect();
    validation_json(&few, &sources).expect("problems can be shown as JSON");
});
