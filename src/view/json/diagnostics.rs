//! Diagnostics as Terraform's `validate -json` gives them, for editors and other programs.
//!
//! The keys and their order are Terraform's; `code` and `helps` are ours, which programs that do
//! not know them pass over.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value as Json;

use crate::diag::{
    CalledFunction, Diagnostic, Diagnostics, Involved, Severity, SignatureParameter,
};
use crate::syntax::{self, Block, Body};
use crate::text::{FileId, SourceFile, SourceMap, Span};

use super::super::diagnostics::MOST_SHOWN;

#[derive(Serialize)]
struct Validation<'a> {
    format_version: &'static str,
    valid: bool,
    error_count: usize,
    warning_count: usize,
    diagnostics: Vec<Shown<'a>>,
}

#[derive(Serialize)]
pub(super) struct Shown<'a> {
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'static str>,
    summary: &'a str,
    detail: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<Range<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    snippet: Option<Snippet<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    helps: Vec<&'a str>,
}

#[derive(Serialize)]
struct Range<'a> {
    filename: &'a str,
    start: Place,
    end: Place,
}

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
    byte: u32,
}

#[derive(Serialize)]
struct Snippet<'a> {
    context: Option<String>,
    code: String,
    start_line: usize,
    highlight_start_offset: usize,
    highlight_end_offset: usize,
    values: Vec<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    function_call: Option<FunctionCall<'a>>,
}

#[derive(Serialize)]
struct Named<'a> {
    traversal: &'a str,
    statement: &'a str,
}

#[derive(Serialize)]
struct FunctionCall<'a> {
    called_as: &'a str,
    signature: Signature<'a>,
}

#[derive(Serialize)]
struct Signature<'a> {
    name: &'static str,
    params: Vec<Parameter<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    variadic_param: Option<Parameter<'a>>,
    return_type: &'a Json,
}

#[derive(Serialize)]
struct Parameter<'a> {
    name: &'static str,
    #[serde(rename = "type")]
    ty: &'a Json,
}

/// Bytes of source lines that are quoted in one answer. Many problems in one long line would each
/// repeat it.
const MOST_QUOTED: usize = 16 * 1024 * 1024;

/// The whole answer of `validate -json`.
///
/// # Errors
///
/// None that could be met: everything in it has a form in JSON.
pub fn validation_json(
    diagnostics: &Diagnostics,
    sources: &SourceMap,
) -> Result<String, serde_json::Error> {
    let mut sorted = diagnostics.clone();
    sorted.sort();
    let count = |severity| sorted.iter().filter(|problem| problem.severity == severity).count();
    serde_json::to_string_pretty(&Validation {
        format_version: "1.0",
        valid: !sorted.has_errors(),
        error_count: count(Severity::Error),
        warning_count: count(Severity::Warning),
        diagnostics: shown_all(&sorted, sources),
    })
}

impl<'a> Shown<'a> {
    /// An error that has nothing but words.
    pub(super) fn plain(text: &'a str) -> Self {
        Self {
            severity: "error",
            code: None,
            summary: text,
            detail: "",
            address: None,
            range: None,
            snippet: None,
            helps: Vec::new(),
        }
    }
}

/// Every diagnostic as programs read it, in the order given.
pub(super) fn shown_all<'a>(
    diagnostics: &'a Diagnostics,
    sources: &'a SourceMap,
) -> Vec<Shown<'a>> {
    let mut headers = Headers { sources, bodies: BTreeMap::new(), quoted: 0 };
    diagnostics.iter().take(MOST_SHOWN).map(|problem| shown(problem, &mut headers)).collect()
}

fn shown<'a>(diagnostic: &'a Diagnostic, headers: &mut Headers<'a>) -> Shown<'a> {
    let sources = headers.sources;
    let place = diagnostic.span().and_then(|span| Some((sources.file(span.file)?, span)));
    let involved = diagnostic.involved.as_deref();
    Shown {
        severity: match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
        },
        code: Some(diagnostic.code.name()),
        summary: diagnostic.summary(),
        detail: &diagnostic.detail,
        address: diagnostic.address.as_deref(),
        range: place.map(|(file, span)| range(sources, file, span)),
        snippet: place.and_then(|(file, span)| snippet(headers, file, span, involved)),
        helps: diagnostic.helps.iter().map(|help| help.text.as_str()).collect(),
    }
}

fn range<'a>(sources: &SourceMap, file: &'a SourceFile, span: Span) -> Range<'a> {
    let (start, end) = (sources.start(span), sources.end(span));
    Range {
        filename: &file.name,
        start: Place { line: start.line, column: start.column, byte: span.start },
        end: Place { line: end.line, column: end.column, byte: span.end },
    }
}

/// The lines of a place, and where in them it is, in bytes.
fn snippet<'a>(
    headers: &mut Headers<'a>,
    file: &SourceFile,
    span: Span,
    involved: Option<&'a Involved>,
) -> Option<Snippet<'a>> {
    let sources = headers.sources;
    let (first, last) = (sources.start(span).line, sources.end(span).line);
    let lines: Vec<_> = (first..=last).map(|line| file.line(line)).collect();
    headers.quoted += lines.iter().map(|line| line.len()).sum::<usize>();
    if headers.quoted > MOST_QUOTED {
        return None;
    }
    let code = lines.join("\n");
    let before = file.text.get(..span.start as usize).unwrap_or_default();
    let start = before.len() - before.rfind('\n').map_or(0, |at| at + 1);
    let length = span.range().len().max(1);
    let values = involved.iter().flat_map(|involved| &involved.values);
    Some(Snippet {
        context: headers.around(span),
        start_line: first,
        highlight_start_offset: start,
        highlight_end_offset: (start + length).min(code.len().max(start)),
        code,
        values: values
            .map(|value| Named { traversal: &value.traversal, statement: &value.statement })
            .collect(),
        function_call: involved.and_then(|involved| involved.call.as_ref()).map(function_call),
    })
}

fn function_call(call: &CalledFunction) -> FunctionCall<'_> {
    fn parameter(parameter: &SignatureParameter) -> Parameter<'_> {
        Parameter { name: parameter.name, ty: &parameter.ty }
    }
    FunctionCall {
        called_as: &call.called_as,
        signature: Signature {
            name: call.name,
            params: call.parameters.iter().map(parameter).collect(),
            variadic_param: call.variadic.as_ref().map(parameter),
            return_type: &call.returns,
        },
    }
}

/// Knows in which block of a file a place lies.
struct Headers<'a> {
    sources: &'a SourceMap,
    bodies: BTreeMap<FileId, Body>,
    /// Bytes of source lines that were quoted so far.
    quoted: usize,
}

impl Headers<'_> {
    /// The header of the outermost block around a place; none for the header itself.
    fn around(&mut self, span: Span) -> Option<String> {
        let sources = self.sources;
        let body = self.bodies.entry(span.file).or_insert_with(|| {
            let text = sources.file(span.file).map_or("", |file| &file.text);
            syntax::parse(span.file, text, &mut Diagnostics::default())
        });
        let holds = |block: &&Block| block.span.start < span.start && span.start < block.span.end;
        let block = body.blocks.iter().find(holds)?;
        let labels = block.labels.iter().map(|label| format!(" {}", Json::from(&*label.text)));
        Some(format!("{}{}", block.kind, labels.collect::<String>()))
    }
}
