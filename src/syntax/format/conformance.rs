//! The recorded texts of `tests/conformance` in the layout that Terraform gives them.

use serde::Deserialize;

use super::format;

/// Records where Terraform's own layout is not copied, each with the reason.
const KNOWN: &[(&str, &str)] =
    &[("snippet-46a1f0b358", "Terraform loses a label that holds `$${`")];

#[derive(Deserialize)]
struct Record {
    id: String,
    source: String,
    formatted: Option<String>,
}

#[test]
fn recorded_texts_are_laid_out_to_the_byte() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/syntax.jsonl");
    let (mut failed, mut known, mut seen) = (Vec::new(), Vec::new(), 0);
    for line in std::fs::read_to_string(path).unwrap().lines() {
        let record: Record = serde_json::from_str(line).unwrap();
        let Some(expected) = record.formatted else { continue };
        seen += 1;
        let ours = format(&record.source);
        let again = format(&ours);
        if again != ours {
            failed.push(format!("{} twice:\n{ours}---\n{again}", record.id));
        }
        if ours == expected {
            continue;
        }
        match KNOWN.iter().find(|(id, _)| *id == record.id) {
            Some((id, _)) => known.push(*id),
            None => failed.push(format!(
                "{}:\n{}--- ours\n{ours}--- recorded\n{expected}",
                record.id, record.source
            )),
        }
    }
    assert!(failed.is_empty(), "failed {} of {seen}:\n{}", failed.len(), failed.join("\n"));
    assert_eq!(known.len(), KNOWN.len(), "an exception is needed no more: {known:?}");
}
