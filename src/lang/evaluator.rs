//! From an expression to its value.

use std::sync::Arc;

use crate::addr::Reference;
use crate::diag::{Code, Diagnostic, Diagnostics, Involved, code};
use crate::syntax::{Expression, Kind, ObjectItem, ReferenceNode};
use crate::text::Span;
use crate::value::{Data, Marks, Type, Value, convert};
use std::collections::BTreeMap;

use super::limits::{self, Budget, Weight};
use super::{Environment, Scope, access, call, for_expression, involved, operators, templates};

/// Evaluates expressions in one scope. Total over unknown values and marks.
#[derive(Clone, Copy)]
pub struct Evaluator<'a> {
    scope: &'a dyn Scope,
    environment: Environment<'a>,
    console: bool,
}

/// A name bound by `for`, on top of those bound around it.
pub(super) struct Binding<'b> {
    name: Arc<str>,
    value: Value,
    outer: Option<&'b Self>,
}

/// An evaluator inside an expression: what is bound there.
#[derive(Clone, Copy)]
pub(super) struct Inner<'e> {
    pub(super) scope: &'e dyn Scope,
    pub(super) environment: Environment<'e>,
    bindings: Option<&'e Binding<'e>>,
    item: Option<&'e Value>,
    /// Inside a template, which must not fill templates itself.
    pub(super) in_template: bool,
    /// Whether problems say which values had a part in them. Not where nobody may read them.
    pub(super) explains: bool,
    /// At the console, which has functions of its own.
    pub(super) console: bool,
    /// What all of the expression may cost, and has so far.
    pub(super) budget: &'e Budget,
}

pub(super) type Evaluated = Result<Value, Diagnostics>;

impl<'a> Evaluator<'a> {
    /// An evaluator that asks `scope` for references; functions see `environment`.
    pub fn new(scope: &'a dyn Scope, environment: Environment<'a>) -> Self {
        Self { scope, environment, console: false }
    }

    /// The same with the functions that only the console offers: `type(value)`.
    #[must_use]
    pub fn for_console(self) -> Self {
        Self { console: true, ..self }
    }

    /// The value of `expression`.
    ///
    /// # Errors
    ///
    /// Everything that is wrong in parts that do not depend on each other.
    pub fn evaluate(&self, expression: &Expression) -> Result<Value, Diagnostics> {
        let budget = Budget::default();
        self.inner(&budget).evaluate(expression)
    }

    /// The value of `expression`, converted to `ty`.
    ///
    /// # Errors
    ///
    /// As [`Self::evaluate`], and where the value does not fit the type.
    pub fn evaluate_as(&self, expression: &Expression, ty: &Type) -> Result<Value, Diagnostics> {
        self.evaluate_as_with(expression, ty, &BTreeMap::new())
    }

    /// The value of `expression` where further names are bound, converted to `ty`.
    ///
    /// # Errors
    ///
    /// As [`Self::evaluate_as`].
    pub fn evaluate_as_with(
        &self,
        expression: &Expression,
        ty: &Type,
        variables: &BTreeMap<Arc<str>, Value>,
    ) -> Result<Value, Diagnostics> {
        let value = self.evaluate_with(expression, variables)?;
        convert(&value, ty).map_err(|error| {
            let detail = format!("The value does not fit: {}.", error.describe());
            let problem = Diagnostic::error(code::CONVERSION, detail).at(expression.span());
            problem.involving(self.involved(expression, variables)).into()
        })
    }

    /// What had a part in the value of `expression`, for people who have to find out why it is as
    /// it is. Secrets are not shown.
    pub fn involved(
        &self,
        expression: &Expression,
        variables: &BTreeMap<Arc<str>, Value>,
    ) -> Involved {
        let found = |inner: &Inner<'_>| involved::involved(inner, expression);
        let budget = Budget::default();
        with_all(&self.inner(&budget), &mut variables.iter(), &found)
    }

    /// The value of `expression` where further names are bound, such as the iterator of a
    /// `dynamic` block. A bound name hides references that start with the same word.
    ///
    /// # Errors
    ///
    /// As [`Self::evaluate`].
    pub fn evaluate_with(
        &self,
        expression: &Expression,
        variables: &BTreeMap<Arc<str>, Value>,
    ) -> Result<Value, Diagnostics> {
        let budget = Budget::default();
        let inner = self.inner(&budget);
        with_all(&inner, &mut variables.iter(), &|inner| inner.evaluate(expression))
    }

    /// The value of a template in which only `variables` can be named.
    pub(super) fn evaluate_template(
        &self,
        template: &Expression,
        variables: &BTreeMap<Arc<str>, Value>,
        budget: &Budget,
    ) -> Evaluated {
        let alone = Inner {
            budget,
            scope: &TemplateOnly,
            environment: self.environment,
            bindings: None,
            item: None,
            in_template: true,
            explains: true,
            console: false,
        };
        with_all(&alone, &mut variables.iter(), &|inner| inner.evaluate(template))
    }

    fn inner<'e>(&'e self, budget: &'e Budget) -> Inner<'e> {
        Inner {
            budget,
            scope: self.scope,
            environment: self.environment,
            bindings: None,
            item: None,
            in_template: false,
            explains: true,
            console: self.console,
        }
    }
}

/// The scope of a template: it sees nothing but its variables.
struct TemplateOnly;

impl Scope for TemplateOnly {
    fn resolve(&self, reference: &Reference, span: Span) -> Result<Value, Diagnostics> {
        Err(fail(
            code::REFERENCE,
            span,
            format!(
                "The template is given no variable that `{reference}` could refer to; a template \
                 sees only the variables handed to it."
            ),
        ))
    }
}

/// Runs `work` where every one of `variables` is bound.
fn with_all<'v, T>(
    inner: &Inner<'_>,
    variables: &mut dyn Iterator<Item = (&'v Arc<str>, &'v Value)>,
    work: &dyn Fn(&Inner<'_>) -> T,
) -> T {
    match variables.next() {
        Some((name, value)) => {
            inner.with(name, value.clone(), |inner| with_all(inner, variables, work))
        }
        None => work(inner),
    }
}

pub(super) fn fail(code: Code, span: Span, detail: impl Into<String>) -> Diagnostics {
    Diagnostic::error(code, detail).at(span).into()
}

impl Inner<'_> {
    /// Runs `work` with `name` bound to `value`.
    pub(super) fn with<T>(
        &self,
        name: &Arc<str>,
        value: Value,
        work: impl FnOnce(&Inner<'_>) -> T,
    ) -> T {
        let binding = Binding { name: Arc::clone(name), value, outer: self.bindings };
        work(&Inner { bindings: Some(&binding), ..*self })
    }

    /// Runs `work` with the element at hand in a splat.
    pub(super) fn with_item<T>(&self, item: &Value, work: impl FnOnce(&Inner<'_>) -> T) -> T {
        work(&Inner { item: Some(item), ..*self })
    }

    /// The same for expressions whose problems may well be dropped.
    pub(super) fn quietly(&self) -> Inner<'_> {
        Inner { explains: false, ..*self }
    }

    pub(super) fn evaluate(&self, expression: &Expression) -> Evaluated {
        let value = self.value_of(expression);
        match value {
            Err(problems) if self.explains => Err(involved::explain(self, expression, problems)),
            value => value,
        }
    }

    fn value_of(&self, expression: &Expression) -> Evaluated {
        let span = expression.span();
        match expression.kind() {
            Kind::Literal(value) => Ok(value.clone()),
            Kind::Variable(name) => self.variable(name, span),
            Kind::Reference(node) => self.reference(node, span),
            Kind::Attribute(part) => {
                let (object, name, name_span) = &**part;
                let object = self.evaluate(object)?;
                access::attribute(&object, name, *name_span)
            }
            Kind::Index(part) => {
                let (collection, key) = &**part;
                let (value, key_value) = self.both(collection, key)?;
                access::index(&value, &key_value, key.span(), collection.span())
            }
            Kind::Splat(splat) => for_expression::splat(self, splat),
            Kind::SplatItem => self
                .item
                .cloned()
                .ok_or_else(|| fail(code::FOR_EXPRESSION, span, "There is no element at hand.")),
            Kind::Parenthesis(inner) => self.evaluate(inner),
            Kind::Template(parts) => templates::evaluate(self, parts, span),
            Kind::Tuple(items) => {
                let items = self.all(items)?;
                let mut weight = Weight::default();
                let fits = items.iter().try_for_each(|item| weight.add(item));
                fits.map_err(|_| limits::too_large(span))?;
                Ok(Value::tuple(items))
            }
            Kind::Object(items) => self.object(items, span),
            Kind::Call(call) => call::evaluate(self, call, span),
            Kind::Unary(operator, operand) => {
                let value = self.evaluate(operand)?;
                operators::unary(*operator, &value, operand.span())
            }
            Kind::Binary(operator, operands) => {
                let (left, right) = self.both(&operands.0, &operands.1)?;
                operators::binary(
                    *operator,
                    (&left, operands.0.span()),
                    (&right, operands.1.span()),
                    span,
                )
            }
            Kind::Conditional(parts) => operators::conditional(self, parts),
            Kind::For(parts) => for_expression::evaluate(self, parts),
        }
    }

    fn variable(&self, name: &str, span: Span) -> Evaluated {
        let mut binding = self.bindings;
        while let Some(found) = binding {
            if *found.name == *name {
                return Ok(found.value.clone());
            }
            binding = found.outer;
        }
        Err(fail(code::REFERENCE, span, format!("Nothing binds the name `{name}` here.")))
    }

    fn reference(&self, node: &ReferenceNode, span: Span) -> Evaluated {
        let bound = node.words.first().map(|(word, _)| word);
        if let Some(value) = bound.and_then(|word| self.template_variable(word, node)) {
            return value;
        }
        match &node.target {
            Ok(reference) => self.scope.resolve(reference, span),
            Err(reason) => {
                let mut diagnostic = Diagnostic::error(code::REFERENCE, reason.clone()).at(span);
                if let Some((word, _)) = node.words.first() {
                    let mut names = Vec::new();
                    let mut binding = self.bindings;
                    while let Some(found) = binding {
                        names.push(&*found.name);
                        binding = found.outer;
                    }
                    diagnostic = diagnostic.did_you_mean(word, names);
                }
                Err(diagnostic.into())
            }
        }
    }

    /// Templates from files name their variables without a prefix, so what looks like a reference
    /// may be one of them.
    fn template_variable(&self, word: &str, node: &ReferenceNode) -> Option<Evaluated> {
        let mut binding = self.bindings;
        while let Some(found) = binding {
            if *found.name == *word {
                let rest = node.words.get(1..).unwrap_or_default();
                let start = Ok(found.value.clone());
                return Some(rest.iter().fold(start, |value, (name, span)| {
                    value.and_then(|value| access::attribute(&value, name, *span))
                }));
            }
            binding = found.outer;
        }
        None
    }

    /// Two values that do not depend on each other.
    pub(super) fn both(
        &self,
        left: &Expression,
        right: &Expression,
    ) -> Result<(Value, Value), Diagnostics> {
        match (self.evaluate(left), self.evaluate(right)) {
            (Ok(left), Ok(right)) => Ok((left, right)),
            (Err(mut problems), Err(more)) => {
                problems.extend(more);
                Err(problems)
            }
            (Err(problems), _) | (_, Err(problems)) => Err(problems),
        }
    }

    /// Values that do not depend on each other.
    pub(super) fn all(&self, items: &[Expression]) -> Result<Vec<Value>, Diagnostics> {
        let mut problems = Diagnostics::default();
        let values: Vec<_> =
            items.iter().filter_map(|item| problems.absorb(self.evaluate(item))).collect();
        problems.into_result(values)
    }

    fn object(&self, items: &[ObjectItem], span: Span) -> Evaluated {
        let mut weight = Weight::default();
        let mut problems = Diagnostics::default();
        let mut attributes = Vec::with_capacity(items.len());
        let mut marks = Marks::NONE;
        let mut unknown_key = false;
        for item in items {
            let key = problems
                .absorb(self.evaluate(&item.key).and_then(|key| object_key(&key, item.key.span())));
            let value = problems.absorb(self.evaluate(&item.value));
            let (Some((key, key_marks)), Some(value)) = (key, value) else { continue };
            marks = marks.union(&key_marks);
            weight.add(&value).map_err(|_| limits::too_large(span))?;
            if let Some(key) = key {
                attributes.push((key, value));
            } else {
                unknown_key = true;
                marks = marks.union(&value.deep_marks());
            }
        }
        let object =
            if unknown_key { Value::unknown(Type::Any) } else { Value::object(attributes) };
        problems.into_result(object.mark(&marks))
    }
}

/// A key of an object or map as text, `None` where it is unknown, with its marks.
pub(super) fn object_key(
    key: &Value,
    span: Span,
) -> Result<(Option<Arc<str>>, Marks), Diagnostics> {
    if key.is_null() {
        return Err(fail(code::NULL_NOT_ALLOWED, span, "A key cannot be null."));
    }
    let marks = key.deep_marks();
    let text = convert(key, &Type::String).map_err(|_| {
        let detail = format!("A key must be a string; {} cannot be one.", key.ty().phrase());
        fail(code::CONVERSION, span, detail)
    })?;
    Ok(match text.data() {
        Data::String(text) => (Some(Arc::clone(text)), marks),
        _ => (None, marks),
    })
}
