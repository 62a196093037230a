//! From JSON to bodies and expressions.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use hcl::edit::Ident;

use crate::diag::{Diagnostic, Diagnostics, code};
use crate::text::{FileId, Span};
use crate::value::{Number, Value};

use super::super::lower::Lowering;
use super::super::{Attribute, Block, Body, Expression, Kind, Label, ObjectItem};
use super::super::{structure, template};
use super::reader::{self, Member, Node, NodeKind, Text};
use super::{BlockShape, COMMENT, Reading, Shape};

/// Reads a whole text.
pub(super) fn read(
    file: FileId,
    source: &str,
    shape: &Shape,
    diagnostics: &mut Diagnostics,
) -> Body {
    let mut reading = Json { file, diagnostics };
    let mut body = match reader::read(source) {
        Ok(root) => reading.body(&root, shape, "the whole file"),
        Err(problem) => {
            Lowering::new(file, source, reading.diagnostics).report(vec![problem]);
            Body {
                attributes: Vec::new(),
                blocks: Vec::new(),
                span: reading.span(&(0..0)),
                is_json: true,
            }
        }
    };
    body.span = reading.span(&(0..source.len()));
    body
}

struct Json<'d> {
    file: FileId,
    diagnostics: &'d mut Diagnostics,
}

impl Json<'_> {
    fn span(&self, range: &Range<usize>) -> Span {
        Span::new(self.file, range.start, range.end)
    }

    /// The members of an object, or of all objects of an array; null has none.
    fn members<'n, 's>(&mut self, node: &'n Node<'s>, what: &str) -> Vec<&'n Member<'s>> {
        match &node.kind {
            NodeKind::Null => Vec::new(),
            NodeKind::Object(members) => members.iter().collect(),
            NodeKind::Array(items) if !items.iter().any(is_array) => {
                items.iter().flat_map(|item| self.members(item, what)).collect()
            }
            _ => {
                self.diagnostics.push(
                    Diagnostic::error(
                        code::BLOCK_SHAPE,
                        format!("An object, or an array of objects, must stand here for {what}."),
                    )
                    .at(self.span(&node.range)),
                );
                Vec::new()
            }
        }
    }

    fn body(&mut self, node: &Node<'_>, shape: &Shape, what: &str) -> Body {
        let mut body = Body {
            attributes: Vec::new(),
            blocks: Vec::new(),
            span: self.span(&node.range),
            is_json: true,
        };
        let mut names: BTreeMap<Arc<str>, Span> = BTreeMap::new();
        for member in self.members(node, what) {
            let name: Arc<str> = Arc::from(&*member.name.text);
            if &*name == COMMENT {
                continue;
            }
            if let Some(block) = shape.block(&name) {
                self.blocks(member, block, &mut Vec::new(), &member.value, &mut body.blocks);
            } else if let Some(reading) = shape.reading(&name) {
                let name_span = self.span(&member.name_range);
                if let Some(first) = names.get(&name) {
                    self.twice("argument", &name, name_span, *first);
                    continue;
                }
                names.insert(Arc::clone(&name), name_span);
                body.attributes.extend(self.attribute(member, name, reading));
            } else {
                body.blocks.push(self.unknown_block(member));
            }
        }
        body
    }

    fn twice(&mut self, what: &str, name: &str, again: Span, first: Span) {
        self.diagnostics.push(
            Diagnostic::error(code::DUPLICATE, format!("The {what} `{name}` was set already."))
                .at(again)
                .label(first, "first set here")
                .help("remove one of the two"),
        );
    }

    fn attribute(
        &mut self,
        member: &Member<'_>,
        name: Arc<str>,
        reading: Reading,
    ) -> Option<Attribute> {
        let name_span = self.span(&member.name_range);
        if Ident::try_new(&*name).is_err() {
            self.diagnostics.push(
                Diagnostic::error(
                    code::NAME,
                    format!("`{name}` is not a name: names hold letters, digits, `_` and `-`."),
                )
                .at(name_span),
            );
            return None;
        }
        let value = self.expression(&member.value, reading)?;
        Some(Attribute { name, name_span, span: name_span.to(value.span()), value })
    }

    /// A block that its reader will refuse by its kind.
    fn unknown_block(&self, member: &Member<'_>) -> Block {
        let span = self.span(&member.name_range);
        Block {
            kind: Arc::from(&*member.name.text),
            kind_span: span,
            labels: Vec::new(),
            body: Body { attributes: Vec::new(), blocks: Vec::new(), span, is_json: true },
            header: span,
            span: self.span(&member.value.range),
        }
    }

    /// The blocks that `node` stands for, once the labels that are missing are taken from it.
    fn blocks(
        &mut self,
        member: &Member<'_>,
        shape: &BlockShape,
        labels: &mut Vec<Label>,
        node: &Node<'_>,
        blocks: &mut Vec<Block>,
    ) {
        let kind = shape.kind;
        let what = format!("`{kind}`");
        if labels.len() < shape.labels {
            let inner = self.members(node, &what);
            let is_empty = matches!(&node.kind, NodeKind::Object(members) if members.is_empty());
            if is_empty || matches!(node.kind, NodeKind::Null) {
                let detail =
                    format!("A `{kind}` block has a label: it is the name of an object in here.");
                let problem = Diagnostic::error(code::BLOCK_SHAPE, detail);
                self.diagnostics.push(problem.at(self.span(&node.range)));
            }
            for inner in inner {
                let text = Arc::from(&*inner.name.text);
                labels.push(Label { text, span: self.span(&inner.name_range) });
                self.blocks(member, shape, labels, &inner.value, blocks);
                labels.pop();
            }
            return;
        }
        let bodies: &[Node<'_>] = match &node.kind {
            NodeKind::Null => &[],
            NodeKind::Array(items) => items,
            _ => std::slice::from_ref(node),
        };
        for body in bodies {
            let kind_span = self.span(&member.name_range);
            let inner = self.body(body, shape.body, &what);
            // A body without anything in it would be told to lack what it must hold.
            if !matches!(body.kind, NodeKind::Object(_) | NodeKind::Array(_) | NodeKind::Null) {
                continue;
            }
            blocks.push(Block {
                kind: Arc::from(kind),
                kind_span,
                labels: labels.clone(),
                body: inner,
                // The labels may stand far from the first word.
                header: labels.last().map_or(kind_span, |label| label.span),
                span: self.span(&body.range),
            });
        }
    }

    fn expression(&mut self, node: &Node<'_>, reading: Reading) -> Option<Expression> {
        let span = self.span(&node.range);
        let kind = match &node.kind {
            NodeKind::Null => Kind::Literal(Value::NULL),
            NodeKind::Bool(truth) => Kind::Literal(Value::bool(*truth)),
            NodeKind::Number(digits) => match digits.parse::<Number>() {
                Ok(number) => Kind::Literal(Value::number(number)),
                Err(_) => {
                    let detail = format!("`{digits}` is not a number that can be held.");
                    self.diagnostics.push(Diagnostic::error(code::SYNTAX, detail).at(span));
                    return None;
                }
            },
            NodeKind::Text(text) => {
                return self.text(text, reading).map(|read| Expression { span, ..read });
            }
            NodeKind::Array(items) => {
                let items: Vec<_> =
                    items.iter().map(|item| self.expression(item, reading)).collect();
                Kind::Tuple(items.into_iter().collect::<Option<Vec<_>>>()?.into())
            }
            NodeKind::Object(members) => self.object(members, reading)?,
        };
        Some(Expression { kind, span })
    }

    fn object(&mut self, members: &[Member<'_>], reading: Reading) -> Option<Kind> {
        let key_reading = if reading == Reading::Expression { Reading::Text } else { reading };
        let mut names: BTreeMap<&str, Span> = BTreeMap::new();
        let mut items = Vec::with_capacity(members.len());
        for member in members {
            let span = self.span(&member.name_range);
            if let Some(first) = names.get(&*member.name.text) {
                self.twice("key", &member.name.text, span, *first);
            } else {
                names.insert(&member.name.text, span);
            }
            let key = self.text(&member.name, key_reading).map(|key| Expression { span, ..key });
            let value = self.expression(&member.value, reading);
            items.push(key.zip(value).map(|(key, value)| ObjectItem { key, value }));
        }
        Some(Kind::Object(items.into_iter().collect::<Option<Vec<_>>>()?.into()))
    }

    fn text(&mut self, text: &Text<'_>, reading: Reading) -> Option<Expression> {
        let plain = reading == Reading::Text
            || reading == Reading::Template && !text.text.contains(['$', '%']);
        if plain {
            let span =
                Span::new(self.file, text.origin.place(0), text.origin.place(text.text.len()));
            return Some(Expression::literal(Value::string(&*text.text), span));
        }
        let mut lowering = Lowering::new(self.file, &text.text, self.diagnostics);
        lowering.origin = Some(&text.origin);
        match reading {
            Reading::Expression => structure::read_expression(&mut lowering),
            _ => template::read_bare(&mut lowering),
        }
    }
}

fn is_array(node: &Node<'_>) -> bool {
    matches!(node.kind, NodeKind::Array(_))
}
