//! Any text as an expression: evaluating it never panics, what is known while inputs are unknown
//! stays true once they are known, and what is hidden stays so.

#![no_main]

use libfuzzer_sys::{Corpus, fuzz_target};
use snapform::diag::Diagnostics;
use snapform::syntax::parse_expression;
use snapform::text::SourceMap;
use snapform::value::{Value, convert, read_json, write_json};
// What the files below call the crate's own.
use snapform::{addr, diag, lang, syntax, text, value};

#[path = "../../src/lang/tests/filling.rs"]
#[allow(dead_code)]
mod filling;
#[path = "../../src/lang/tests/inputs.rs"]
#[allow(dead_code)]
mod inputs;

/// What must hold of every value by itself.
fn check_value(value: &Value) {
    assert_eq!(convert(value, &value.ty()).as_ref(), Ok(value), "to its own type");
    if let Ok(json) = write_json(value) {
        let again = read_json(&json).map(|value| write_json(&value));
        assert_eq!(again, Ok(Ok(json)), "JSON came back otherwise");
    }
}

/// As many choices as there are inputs; others for other texts and other rounds.
fn choices(data: &[u8], round: u64) -> Vec<u8> {
    let start = 0xcbf2_9ce4_8422_2325 ^ round.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mix = |state: u64, byte: u8| (state ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    let mut state = data.iter().copied().fold(start, mix);
    let mut next = |_| {
        state = mix(state ^ (state >> 29), 7);
        (state >> 40) as u8
    };
    (0..inputs::LATER).map(&mut next).collect()
}

fuzz_target!(|data: &[u8]| -> Corpus {
    let Ok(source) = std::str::from_utf8(data) else { return Corpus::Reject };
    // A secret that the text itself tells is none.
    if source.contains(inputs::SECRET) {
        return Corpus::Reject;
    }
    let mut problems = Diagnostics::default();
    let file = SourceMap::default().add("fuzz", source);
    let Some(expression) = parse_expression(file, source, &mut problems) else {
        return Corpus::Reject;
    };
    if problems.has_errors() {
        return Corpus::Reject;
    }
    let rounds = if expression.references().is_empty() { 1 } else { 3 };
    for round in 0..rounds {
        match inputs::check(&expression, &choices(data, round)) {
            Ok(value) => value.iter().for_each(check_value),
            Err(contradiction) => panic!("{contradiction}"),
        }
    }
    Corpus::Keep
});
