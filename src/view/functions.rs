//! Functions of the language as people look them up.

use std::fmt::Write as _;

use crate::diag::Diagnostics;
use crate::lang::{Environment, Evaluator, Family, Function, NoReferences};
use crate::syntax::parse_expression;
use crate::text::SourceMap;

/// Every function with one sentence, by family.
pub fn render_functions(families: &[Family]) -> String {
    let mut text = String::new();
    for family in families {
        let _ = writeln!(text, "{}\n", family.title);
        for function in family.functions() {
            let _ = writeln!(text, "  {}\n      {}", function.signature(), function.description);
        }
        text.push('\n');
    }
    text.push_str("`snapform functions NAME` says more about one of them.\n");
    text
}

/// All that is known of one function.
pub fn render_function(function: &Function) -> String {
    let mut text = format!("{}\n\n{}\n", function.signature(), function.description);
    let Some(page) = function.page() else { return text };
    let parameters = function.parameters.iter().chain(&function.variadic);
    for (index, (parameter, (_, told))) in parameters.zip(&page.parameters).enumerate() {
        let lead = if index == 0 { "\n" } else { "" };
        let any_number = if index < function.parameters.len() { "" } else { "..." };
        let or_null = if parameter.null { ", or null" } else { "" };
        let kind = parameter.expects.ty().phrase();
        let _ =
            writeln!(text, "{lead}  {}{any_number}: {kind}{or_null}\n      {told}", parameter.name);
    }
    let _ = writeln!(text, "\nReturns {}.", function.result_type().phrase());
    let _ = writeln!(text, "\n  {}", page.example);
    if let Some(result) = result(page.example) {
        let _ = writeln!(text, "  = {}", result.replace('\n', "\n  "));
    }
    text
}

/// What an example comes to, as an expression, where nothing from outside is needed for that.
fn result(example: &str) -> Option<String> {
    let source = format!("provider::terraform::encode_expr({example})");
    let mut map = SourceMap::default();
    let file = map.add("example", source.as_str());
    let parsed = parse_expression(file, &source, &mut Diagnostics::default())?;
    let value = Evaluator::new(&NoReferences, Environment::default()).evaluate(&parsed).ok()?;
    if value.is_sensitive() {
        return Some("(sensitive value)".to_owned());
    }
    value.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::FunctionTable;

    #[test]
    fn all_functions_are_listed_by_family() {
        insta::assert_snapshot!(render_functions(FunctionTable::families()));
    }

    #[test]
    fn examples_come_to_something_where_nothing_from_outside_is_needed() {
        let without = FunctionTable::all()
            .filter(|function| result(function.page().unwrap().example).is_none())
            .map(|function| function.name)
            .collect::<Vec<_>>();
        insta::assert_debug_snapshot!(without);
    }

    #[test]
    fn a_function_is_explained() {
        insta::assert_snapshot!(render_function(FunctionTable::get("cidrsubnet").unwrap()));
    }
}
