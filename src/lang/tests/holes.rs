//! What holds wherever a part of an expression becomes unknown, sensitive or ephemeral: every closed
//! part of every recorded expression is taken out in turn, and so is that of every example in the
//! manual of functions.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diag::{Diagnostics, code};
use crate::lang::conformance::{Prelude, recorded};
use crate::lang::{Evaluator, FunctionTable, Scope};
use crate::syntax::{Expression, Kind, parse_expression};
use crate::text::SourceMap;
use crate::value::{Data, Marks, Refinement, Type, Value};

use super::filling::{contradiction, uncovered};
use super::inputs::{TELLING, same_when_converted};

/// The name of what was taken out.
const HOLE: &str = "hole";

fn parsed(source: &str) -> Option<Expression> {
    let mut problems = Diagnostics::default();
    let file = SourceMap::default().add("test", source);
    parse_expression(file, source, &mut problems).filter(|_| problems.is_empty())
}

/// Whether nothing in it is bound outside of it.
fn is_closed(part: &Expression) -> bool {
    let mut closed = true;
    part.visit(&mut |inner| {
        closed &= !matches!(inner.kind(), Kind::Variable(_) | Kind::SplatItem | Kind::For(_));
    });
    closed
}

/// The expression with one part taken out, and that part.
fn with_holes(source: &str) -> Vec<(Expression, Expression)> {
    let Some(whole) = parsed(source) else { return Vec::new() };
    let mut found = Vec::new();
    whole.visit(&mut |part| {
        let range = part.span().range();
        let Some(text) = source.get(range.clone()) else { return };
        if text.is_empty() || range == whole.span().range() || !is_closed(part) {
            return;
        }
        let holed = format!("{}({HOLE}){}", &source[..range.start], &source[range.end..]);
        found.extend(parsed(&holed).zip(parsed(text)));
    });
    found
}

/// What may be known of `value` while it, or a part of it, is not known yet.
fn less_known(value: &Value) -> Vec<Value> {
    let ty = value.ty();
    let mut all = vec![Value::unknown(Type::Any), Value::unknown(ty.clone())];
    let bounded = |refinement| Value::unknown_with(ty.clone(), refinement);
    if !value.is_null() {
        all.push(bounded(Refinement::not_null()));
    }
    match value.data() {
        Data::String(text) => {
            let half = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
            all.push(bounded(Refinement::prefix(&text[..half])));
            all.push(bounded(Refinement::prefix(&**text)));
        }
        Data::List(_) | Data::Set(_) | Data::Map(_) => {
            let length = value.children().count() as u64;
            all.push(bounded(Refinement::length(length, Some(length))));
            all.push(bounded(Refinement::length(length.saturating_sub(1), Some(length + 1))));
            all.push(bounded(Refinement::length(length, None)));
        }
        _ => {}
    }
    if let (Data::List(_) | Data::Tuple(_) | Data::Map(_) | Data::Object(_), count @ 1..=8) =
        (value.data(), value.children().count())
    {
        for index in 0..count {
            for not_null in [false, true] {
                all.extend(without_part(value, index, not_null));
            }
        }
    }
    all
}

/// The value with one part unknown.
fn without_part(value: &Value, index: usize, not_null: bool) -> Option<Value> {
    let part = value.children().nth(index)?;
    let gone = match not_null {
        true if part.is_null() => return None,
        true => Value::unknown_not_null(part.ty()),
        false => Value::unknown(part.ty()),
    };
    let item = |(at, item): (usize, &Value)| if at == index { gone.clone() } else { item.clone() };
    Some(match value.data() {
        Data::List(list) => {
            let items = value.children().enumerate().map(item).collect();
            Value::list(list.element_type.clone(), items)
        }
        Data::Tuple(_) => Value::tuple(value.children().enumerate().map(item).collect()),
        Data::Map(map) => {
            let keys = map.items.iter().map(|(key, _)| key.clone());
            let items: Vec<_> = value.children().enumerate().map(item).collect();
            Value::map(map.element_type.clone(), keys.zip(items))
        }
        Data::Object(items) => {
            let keys = items.iter().map(|(key, _)| key.clone());
            let values: Vec<_> = value.children().enumerate().map(item).collect();
            Value::object(keys.zip(values))
        }
        _ => return None,
    })
}

#[derive(Default)]
struct Report {
    /// How often each law was tried.
    filled: usize,
    marked: usize,
    /// How often only the type was another.
    retyped: usize,
    functions: BTreeSet<String>,
    found: Vec<String>,
}

struct Case<'a> {
    source: &'a str,
    holed: &'a Expression,
    /// What fills the hole, and what comes out then.
    part: Value,
    whole: Value,
    scope: &'a dyn Scope,
}

impl Case<'_> {
    fn with(&self, hole: Value) -> Result<Value, Diagnostics> {
        let bound: BTreeMap<Arc<str>, Value> = [(HOLE.into(), hole)].into();
        Evaluator::new(self.scope, Prelude::environment()).evaluate_with(self.holed, &bound)
    }

    fn filling(&self, report: &mut Report) {
        for before in less_known(&self.part) {
            report.filled += 1;
            let problem = match self.with(before.clone()) {
                // What has no type yet may turn others into its own, as in Terraform.
                Ok(value) => contradiction(&value, &self.whole).filter(|_| {
                    let same = same_when_converted(&value, &self.whole);
                    report.retyped += usize::from(same);
                    !same
                }),
                Err(problems)
                    if problems.iter().all(|problem| problem.code == code::ATTRIBUTE_ACCESS) =>
                {
                    None
                }
                Err(problems) => Some(format!("refused only before: {problems:?}")),
            };
            if let Some(problem) = problem {
                let Self { source, part, .. } = self;
                report.found.push(format!("{source}\n    {part:?} was {before:?}: {problem}"));
            }
        }
    }

    fn marking(&self, report: &mut Report) {
        let Ok(before) = self.with(Value::unknown(self.part.ty())) else { return };
        for marks in [Marks::sensitive(), Marks::ephemeral()] {
            let Ok(after) = self.with(self.part.clone().mark(&marks)) else { continue };
            report.marked += 1;
            let problem = if after.reveal() == self.whole.reveal() {
                uncovered(&before, &after, &marks)
            } else {
                Some(format!("{:?} became {after:?}", self.whole))
            };
            if let Some(problem) = problem {
                let Self { source, part, .. } = self;
                report
                    .found
                    .push(format!("{source}\n    {part:?} was marked {marks:?}: {problem}"));
            }
        }
    }
}

#[test]
fn whatever_part_becomes_known_or_hidden() {
    let prelude = Prelude::load();
    let scope = prelude.scope();
    let manual = include_str!("../functions/manual.txt");
    let examples = manual.lines().filter_map(|line| line.split('\t').nth(1)).map(str::to_owned);
    let mut report = Report::default();
    for source in recorded().into_iter().chain(examples) {
        for (holed, part) in with_holes(&source) {
            let evaluator = Evaluator::new(&scope, Prelude::environment());
            let plain = |value: &Value| value.is_wholly_known() && value.deep_marks().is_empty();
            let Some(part) = evaluator.evaluate(&part).ok().filter(plain) else { continue };
            let mut case =
                Case { source: &source, holed: &holed, part, whole: Value::NULL, scope: &scope };
            let Some(whole) = case.with(case.part.clone()).ok().filter(Value::is_wholly_known)
            else {
                continue;
            };
            case.whole = whole;
            holed.visit(&mut |part| {
                report.functions.extend(part.as_call().map(|(name, _)| name.replace("core::", "")));
            });
            case.filling(&mut report);
            if !TELLING.iter().any(|name| source.contains(&format!("{name}("))) {
                case.marking(&mut report);
            }
        }
    }
    report.found.sort_by_key(String::len);
    let number = report.found.len();
    report.found.truncate(600);
    assert!(report.found.is_empty(), "{number}:\n{}", report.found.join("\n"));
    let missing: Vec<_> =
        FunctionTable::names().filter(|name| !report.functions.contains(*name)).collect();
    // These have no value while planning.
    assert_eq!(missing, ["uuid", "bcrypt", "timestamp"]);
    let Report { filled, marked, retyped, .. } = report;
    assert!(filled > 23_000 && marked > 9_000 && retyped < 100, "{filled} {marked} {retyped}");
}
