//! Which tokens have a blank between them.

use super::parts::PartKind;

/// Whether a blank stands between `subject` and `after`. `before` is what stands before `subject`
/// in the same cell: it tells a minus sign from a subtraction.
pub(super) fn is_spaced(before: Option<PartKind>, subject: PartKind, after: PartKind) -> bool {
    use PartKind as P;
    match (subject, after) {
        (_, P::Newline) => false,
        (P::Name | P::In, P::OpenParenthesis | P::Namespace) | (P::Namespace, P::Name | P::In) => {
            false
        }
        (P::Dot, _) | (_, P::Dot | P::Comma | P::Ellipsis) => false,
        (P::Comma, _) => true,
        (P::OpenQuote | P::Literal | P::OpenHeredoc | P::HeredocLine, _) => false,
        (_, P::Literal | P::HeredocLine | P::CloseQuote | P::CloseHeredoc) => false,
        (P::In, _) if matches!(before, Some(P::Name | P::In)) => true,
        (P::Name | P::In | P::Number, P::OpenBracket) => false,
        (closing, P::OpenBracket) if closing.nesting() < 0 => false,
        (P::Not, _) => false,
        (P::Minus, _) => !begins_operand(before),
        (P::OpenBrace, P::CloseBrace) => false,
        (P::OpenBrace, _) | (_, P::CloseBrace) => true,
        (P::OpenInterpolation | P::OpenDirective, P::OpenBrace) => true,
        (P::CloseBrace, P::CloseSequence) => true,
        (P::CloseSequence, P::OpenInterpolation | P::OpenDirective) => false,
        _ => subject.nesting() <= 0 && after.nesting() >= 0,
    }
}

/// Whether a minus after this is a sign.
fn begins_operand(before: Option<PartKind>) -> bool {
    use PartKind as P;
    matches!(
        before,
        None | Some(
            P::OpenParenthesis
                | P::OpenBrace
                | P::OpenBracket
                | P::Equal
                | P::Comma
                | P::Separator
                | P::Operator
                | P::Minus
                | P::Not
        )
    )
}
