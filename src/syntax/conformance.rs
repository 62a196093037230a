//! The recorded texts of `tests/conformance`: accepted and refused alike, errors on the same lines.

use serde::Deserialize;

use crate::diag::Diagnostics;
use crate::text::SourceMap;

use super::parse;

/// Records that are known to differ, each with the reason.
const KNOWN: &[(&str, &str)] = &[];

/// Refused texts whose first error is reported on the recorded line; may only grow.
const FIRST_LINE_FLOOR: usize = 152;

#[derive(Deserialize)]
struct Record {
    id: String,
    name: Option<String>,
    source: String,
    valid: bool,
    #[serde(default)]
    errors: Vec<Place>,
}

#[derive(Deserialize)]
struct Place {
    line: usize,
}

#[test]
fn recorded_texts_are_accepted_and_refused_alike() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/syntax.jsonl");
    let mut failed = Vec::new();
    let (mut first_line, mut refused, mut known) = (0, 0, 0);
    let mut elsewhere = Vec::new();
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let record: Record = serde_json::from_str(line).unwrap();
        let mut map = SourceMap::default();
        let file = map.add("record", record.source.as_str());
        let mut problems = Diagnostics::default();
        parse(file, &record.source, &mut problems);
        if problems.is_empty() != record.valid {
            if KNOWN.iter().any(|(id, _)| *id == record.id) {
                known += 1;
                continue;
            }
            let details: Vec<_> = problems.iter().map(|problem| &problem.detail).collect();
            failed.push(format!(
                "{} {:?} valid {}: {:?} {details:?}",
                record.id, record.name, record.valid, record.source
            ));
        }
        if !record.valid {
            refused += 1;
            let own = problems
                .iter()
                .filter_map(crate::diag::Diagnostic::span)
                .min()
                .map(|s| map.start(s).line);
            let theirs = record.errors.iter().map(|place| place.line).min();
            first_line += usize::from(own == theirs);
            if own != theirs {
                elsewhere.push(format!("{:?} {own:?} {theirs:?}", record.source));
            }
        }
    }
    assert!(failed.is_empty(), "failed {}:\n{}", failed.len(), failed.join("\n"));
    assert_eq!(known, KNOWN.len());
    assert!(
        first_line >= FIRST_LINE_FLOOR,
        "first error on the recorded line: {first_line} of {refused}\n{}",
        elsewhere.join("\n")
    );
}
