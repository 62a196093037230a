//! Any text that can be read: laid out, it can still be read and says the same, and laying it out
//! again changes nothing; comments stay.

#![no_main]

use libfuzzer_sys::fuzz_target;
use snapform::diag::Diagnostics;
use snapform::syntax::{Body, Directive, Expression, Kind, TemplatePart, format, parse};
use snapform::text::SourceMap;

/// A tree without its places.
#[derive(Default)]
struct Meaning(String);

impl Meaning {
    fn say(&mut self, word: impl std::fmt::Debug) {
        self.0.push_str(&format!("{word:?} "));
    }

    fn body(&mut self, body: &Body, kinds: &[&str]) {
        for attribute in &body.attributes {
            self.say(&attribute.name);
            // Types as the language's first versions wrote them are written anew.
            if kinds != ["variable"] || &*attribute.name != "type" {
                self.expression(&attribute.value);
            }
        }
        for block in &body.blocks {
            self.say(&block.kind);
            block.labels.iter().for_each(|label| self.say(&label.text));
            self.0.push('{');
            self.body(&block.body, &[kinds, &[&*block.kind]].concat());
            self.0.push('}');
        }
    }

    fn expressions<'e>(&mut self, expressions: impl IntoIterator<Item = &'e Expression>) {
        self.0.push('(');
        expressions.into_iter().for_each(|expression| self.expression(expression));
        self.0.push(')');
    }

    fn expression(&mut self, expression: &Expression) {
        match expression.kind() {
            Kind::Literal(value) => self.say(value),
            Kind::Variable(name) => self.say(name),
            Kind::Reference(node) => {
                node.words.iter().for_each(|(word, _)| self.say(word.replace(' ', "")));
            }
            Kind::Attribute(access) => {
                self.expressions([&access.0]);
                self.say(&access.1);
            }
            Kind::Index(access) => self.expressions([&access.0, &access.1]),
            Kind::Binary(operator, access) => {
                self.say(operator);
                self.expressions([&access.0, &access.1]);
            }
            Kind::Splat(splat) => self.expressions([&splat.source, &splat.each]),
            Kind::SplatItem => self.say("item"),
            Kind::Parenthesis(inner) => self.expression(inner),
            Kind::Template(parts) => self.parts(parts),
            Kind::Tuple(items) => self.expressions(items.iter()),
            Kind::Object(items) => {
                self.expressions(items.iter().flat_map(|item| [&item.key, &item.value]));
            }
            Kind::Call(call) => {
                self.say((&call.name, call.expand));
                self.expressions(&call.arguments);
            }
            Kind::Unary(operator, inner) => {
                self.say(operator);
                self.expressions([&**inner]);
            }
            Kind::Conditional(parts) => {
                self.expressions([&parts.condition, &parts.then, &parts.otherwise]);
            }
            Kind::For(parts) => {
                self.say((&parts.key_name, &parts.value_name, parts.grouping));
                self.expressions(
                    [&parts.collection, &parts.value]
                        .into_iter()
                        .chain(&parts.key)
                        .chain(&parts.condition),
                );
            }
        }
    }

    fn parts(&mut self, parts: &[TemplatePart]) {
        self.0.push('<');
        for part in parts {
            match part {
                TemplatePart::Literal(text) => self.say(text),
                TemplatePart::Interpolation(inner) => self.expressions([inner]),
                TemplatePart::Directive(directive) => match &**directive {
                    Directive::If { condition, then, otherwise } => {
                        self.expressions([condition]);
                        self.parts(then);
                        self.parts(otherwise);
                    }
                    Directive::For { key, value, collection, body } => {
                        self.say((key, value));
                        self.expressions([collection]);
                        self.parts(body);
                    }
                },
            }
        }
        self.0.push('>');
    }
}

/// What a text says, where it can be read.
fn meaning(source: &str) -> Result<String, Diagnostics> {
    let mut problems = Diagnostics::default();
    let body = parse(SourceMap::default().add("fuzz", source), source, &mut problems);
    let mut meaning = Meaning::default();
    meaning.body(&body, &[]);
    problems.into_result(meaning.0)
}

/// Everything but blanks and the marks that a layout adds and takes away.
fn squeezed(source: &str) -> String {
    let is_layout = |letter: char| letter.is_whitespace() || "\u{feff}\"${}()".contains(letter);
    source.chars().filter(|letter| !is_layout(*letter)).collect()
}

/// Comments between labels vanish, types as the language's first versions wrote them change, and in
/// labels signs that cannot be seen get escapes, while others lose theirs.
fn may_lose_words(source: &str) -> bool {
    let is_plain = |letter: char| letter.is_alphanumeric() || matches!(letter, ' '..='~' | '\n');
    let changes = ["/*", "variable", "\\u", "\\U"];
    changes.iter().any(|part| source.contains(part)) || !source.chars().all(is_plain)
}

fuzz_target!(|data: &[u8]| {
    let Ok(source) = std::str::from_utf8(data) else { return };
    // What cannot be read is laid out as well as it can be.
    let once = format(source);
    let Ok(before) = meaning(source) else { return };
    if !may_lose_words(source) {
        assert_eq!(squeezed(source), squeezed(&once), "words were lost:\n{source}\n---\n{once}");
    }
    let after = meaning(&once)
        .unwrap_or_else(|problems| panic!("cannot be read any more:\n{once}\n{problems:?}"));
    assert_eq!(before, after, "says something else:\n{source}\n---\n{once}");
    assert_eq!(format(&once), once, "laid out again");
});
