//! Problems of providers and schemas as diagnostics with places.

use crate::addr::InstanceAddr;
use crate::diag::{Code, Diagnostic, code};
use crate::schema::{Problem, ProblemKind};
use crate::sdk::{ErrorKind, ProviderError};
use crate::syntax::Body;
use crate::text::Span;

/// Where an argument stands in a block, or the block itself.
pub(super) fn place(
    body: Option<&Body>,
    header: Option<Span>,
    attribute: Option<&str>,
) -> Option<Span> {
    let in_body = attribute.and_then(|name| {
        let body = body?;
        let argument = body.attribute(name).map(|found| found.value.span());
        argument.or_else(|| body.blocks_of(name).next().map(|block| block.header))
    });
    in_body.or(header)
}

/// A problem found without a network.
pub(super) fn of_problem(
    problem: Problem,
    body: Option<&Body>,
    header: Option<Span>,
) -> Diagnostic {
    let span = place(body, header, problem.path.root_attribute());
    let (code, is_warning) = match problem.kind {
        ProblemKind::Rule => (code::ARGUMENT_RULE, false),
        ProblemKind::Combination => (code::ARGUMENT_COMBINATION, false),
        ProblemKind::Missing => (code::MISSING_ARGUMENT, false),
        ProblemKind::Advice => (code::ARGUMENT_ADVICE, true),
    };
    let diagnostic = if is_warning {
        Diagnostic::warning(code, problem.message)
    } else {
        Diagnostic::error(code, problem.message)
    };
    let diagnostic = diagnostic.at_if_missing(span);
    match problem.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// An error of a vendor.
pub(super) fn of_error(
    error: ProviderError,
    address: &InstanceAddr,
    body: Option<&Body>,
    header: Option<Span>,
) -> Diagnostic {
    let span = place(body, header, error.attribute.as_deref());
    let mut diagnostic = Diagnostic::error(code_of(error.kind), error.message)
        .at_if_missing(span)
        .address(address)
        .fact("operation", &error.operation);
    if let Some(status) = error.status {
        diagnostic = diagnostic.fact("HTTP status", status);
    }
    if let Some(code) = error.code {
        diagnostic = diagnostic.fact("vendor code", code);
    }
    if let Some(id) = error.request_id {
        diagnostic = diagnostic.fact("request id", id);
    }
    match error.help {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn code_of(kind: ErrorKind) -> Code {
    match kind {
        ErrorKind::Refused | ErrorKind::NotFound | ErrorKind::Unsupported => code::VENDOR_REFUSED,
        ErrorKind::NotOne => code::NOT_ONE,
        ErrorKind::Credentials => code::VENDOR_CREDENTIALS,
        ErrorKind::Quota | ErrorKind::Throttled => code::VENDOR_QUOTA,
        ErrorKind::Unavailable => code::VENDOR_UNREACHABLE,
        ErrorKind::OutcomeUnknown => code::OUTCOME_UNKNOWN,
        ErrorKind::Failed | ErrorKind::TimedOut => code::OBJECT_FAILED,
        ErrorKind::Answer => code::VENDOR_ANSWER,
        ErrorKind::Cancelled => code::CANCELLED,
        ErrorKind::Journal => code::JOURNAL,
    }
}
