//! Values of variables: what is given, defaults, types, rules.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::{Assignment, AssignmentSource, Module, OutsideText, VariableDecl};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::lang::{Environment, Evaluator, NoReferences};
use crate::syntax;
use crate::text::{SourceMap, Span};
use crate::value::{Marks, Value};

/// Values by name of their variable.
pub type Variables = BTreeMap<Arc<str>, Value>;

/// Values given from outside, later ones winning over earlier ones.
#[derive(Clone, Debug, Default)]
pub struct Given {
    values: BTreeMap<Arc<str>, (Assignment, AssignmentSource)>,
}

impl Given {
    /// Takes in one value; it wins over those taken in before.
    pub fn set(&mut self, name: Arc<str>, assignment: Assignment, source: AssignmentSource) {
        self.values.insert(name, (assignment, source));
    }

    /// The value given for `name`, and where.
    pub(super) fn get(&self, name: &str) -> Option<&(Assignment, AssignmentSource)> {
        self.values.get(name)
    }

    /// Every value that was given.
    pub(super) fn iter(
        &self,
    ) -> impl Iterator<Item = (&Arc<str>, &(Assignment, AssignmentSource))> {
        self.values.iter()
    }

    /// Tells whether a value was given for `name`.
    pub fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }
}

/// Gives every variable of `module` its value. Rules of variables are checked later, when all
/// values are there. Errors: all problems of all variables at once.
pub fn resolve_variables(
    module: &Module,
    given: &Given,
    sources: &mut SourceMap,
) -> Result<(Variables, Diagnostics), Diagnostics> {
    let mut problems = Diagnostics::default();
    for (name, (_, source)) in given.iter() {
        if !module.variables.contains_key(name) {
            problems.extend(undeclared(module, name, source));
        }
    }
    let mut values = Variables::new();
    for variable in module.variables.values() {
        let value = match given.get(&variable.name) {
            Some((assignment, _)) => assigned(variable, assignment, sources),
            None => default(variable),
        };
        if let Some(value) = problems.absorb(value) {
            let value = marked(variable, value);
            values.insert(Arc::clone(&variable.name), value);
        }
    }
    if problems.has_errors() { Err(problems) } else { Ok((values, problems)) }
}

/// What riding along its declaration asks for.
pub(super) fn marked(variable: &VariableDecl, value: Value) -> Value {
    let value = if variable.sensitive { value.sensitive() } else { value };
    if variable.ephemeral { value.mark(&Marks::ephemeral()) } else { value }
}

/// Environment variables may be meant for another configuration; files and options are not.
pub(super) fn undeclared(
    module: &Module,
    name: &str,
    source: &AssignmentSource,
) -> Option<Diagnostic> {
    let names = module.variables.keys().map(|name| &**name);
    let detail =
        |place: &str| format!("{place} gives a value for `{name}`, which is not declared.");
    match source {
        AssignmentSource::Environment | AssignmentSource::Prompt => None,
        AssignmentSource::File(file) => Some(
            Diagnostic::warning(code::VARIABLE_UNUSED, detail(&format!("`{file}`")))
                .did_you_mean(name, names),
        ),
        AssignmentSource::Option => Some(
            Diagnostic::error(code::VARIABLE_UNDECLARED, detail("`-var`"))
                .did_you_mean(name, names),
        ),
    }
}

pub(super) fn assigned(
    variable: &VariableDecl,
    assignment: &Assignment,
    sources: &mut SourceMap,
) -> Result<Value, Diagnostics> {
    let value = match assignment {
        Assignment::Expression(expression) => {
            return fit(variable, fixed(expression)?, expression.span());
        }
        Assignment::Text(text) if variable.outside == OutsideText::Verbatim => Value::string(text),
        Assignment::Text(text) => {
            let name = format!("<value for var.{}>", variable.name);
            let file = sources.add(name, Arc::clone(text));
            let mut problems = Diagnostics::default();
            let expression = syntax::parse_expression(file, text, &mut problems);
            match expression {
                Some(expression) if !problems.has_errors() => fixed(&expression)?,
                _ => return Err(problems),
            }
        }
    };
    fit(variable, value, variable.header)
}

/// The value of an expression that may use operators, but neither functions nor references. What is
/// wrong with it is told at once.
fn fixed(expression: &syntax::Expression) -> Result<Value, Diagnostics> {
    let mut problems = Diagnostics::default();
    expression.visit(&mut |part| {
        if let syntax::Kind::Call(call) = part.kind() {
            let detail =
                format!("Only fixed values can be used here, so `{}` cannot be called.", call.name);
            problems.push(Diagnostic::error(code::NOT_ALLOWED_HERE, detail).at(call.name_span));
        }
    });
    problems.into_result(())?;
    Evaluator::new(&NoReferences, Environment::default()).evaluate(expression)
}

/// Checks the defaults of all variables, which need nothing from outside.
pub(super) fn check_defaults(module: &Module) -> Diagnostics {
    let with_default = module.variables.values().filter(|variable| variable.default.is_some());
    with_default.filter_map(|variable| default(variable).err()).flatten().collect()
}

/// The value of a variable that nobody gives one.
pub fn default(variable: &VariableDecl) -> Result<Value, Diagnostics> {
    match &variable.default {
        Some(expression) => {
            let value = fixed(expression)?;
            if value.is_null() && !variable.nullable {
                let detail =
                    format!("`var.{}` may not be null, and its default is.", variable.name);
                return Err(Diagnostic::error(code::NULL_NOT_ALLOWED, detail)
                    .at(expression.span())
                    .into());
            }
            if value.is_null() {
                return Ok(Value::null(variable.constraint.ty.without_optional()));
            }
            variable.constraint.apply(&value).map_err(|error| {
                let detail = format!(
                    "The default of `var.{}` is not a {}: {}.",
                    variable.name,
                    variable.constraint.ty,
                    error.describe()
                );
                let place = expression.span();
                let problem = Diagnostic::error(code::VARIABLE_VALUE, detail).at(place);
                // An override file changes the one and keeps the other.
                let apart = variable.type_span.filter(|ty| ty.file != place.file);
                Diagnostics::from(match apart {
                    Some(ty) => problem.label(ty, "the type stands here"),
                    None => problem,
                })
            })
        }
        None => {
            let name = &variable.name;
            Err(Diagnostic::error(code::VARIABLE_MISSING, format!("`var.{name}` has no value."))
                .at(variable.header)
                .help(format!(
                    "give one with `-var '{name}=…'`, a `.tfvars` file or the environment variable `TF_VAR_{name}`"
                ))
                .into())
        }
    }
}

/// The value that a caller's argument gives to a variable of a called module.
pub(super) fn passed(
    variable: &VariableDecl,
    value: Value,
    place: Span,
) -> Result<Value, Diagnostics> {
    if value.deep_marks().is_ephemeral() && !variable.ephemeral {
        let detail = format!("`var.{}` is not ephemeral, and this value is.", variable.name);
        return Err(Diagnostic::error(code::EPHEMERAL_NOT_ALLOWED, detail)
            .at(place)
            .help("add `ephemeral = true` to the variable of the module")
            .into());
    }
    Ok(marked(variable, fit(variable, value, place)?))
}

/// Makes a value one of the variable's type; `place` is where it was given, if that is a place.
fn fit(variable: &VariableDecl, value: Value, place: Span) -> Result<Value, Diagnostics> {
    if value.is_null() {
        if variable.nullable {
            return Ok(Value::null(variable.constraint.ty.without_optional()));
        }
        if variable.default.is_some() {
            return default(variable);
        }
        let detail = format!("`var.{}` may not be null.", variable.name);
        return Err(Diagnostic::error(code::NULL_NOT_ALLOWED, detail).at(place).into());
    }
    variable.constraint.apply(&value).map_err(|error| {
        let detail = format!(
            "The value given for `var.{}` is not a {}: {}.",
            variable.name,
            variable.constraint.ty,
            error.describe()
        );
        Diagnostic::error(code::VARIABLE_VALUE, detail).at(place).into()
    })
}
