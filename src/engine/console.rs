//! Expressions that a person types, evaluated as if they stood in the root module.

use std::sync::Arc;

use crate::addr::{ModulePath, ResourceMode};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::syntax;
use crate::text::SourceMap;
use crate::value::{Type, Value};

use super::evaluate::{Evaluation, aggregate, referable};
use super::refresh::{current_of, decode, read_record};
use super::{Catalog, Declaration, Inputs, declarations};

/// What an expression came to.
#[derive(Clone, Debug)]
pub enum Answer {
    /// A value.
    Value(Value),
    /// The type that was asked for, as people write it.
    Type(String),
}

/// A configuration with its values, in which objects stand for what state holds of them.
pub struct Console<'a> {
    inputs: Inputs<'a>,
    evaluation: Evaluation<'a>,
}

impl<'a> Console<'a> {
    /// A console over what is declared and recorded. What is not in state is not known.
    ///
    /// # Errors
    ///
    /// Records that cannot be read.
    pub fn new(catalog: &Catalog, inputs: Inputs<'a>) -> Result<Self, Diagnostics> {
        let mut problems = Diagnostics::default();
        let recorded = decode(catalog, inputs.state, |_| true, &mut problems);
        problems.into_result(())?;
        let evaluation = Evaluation::new(inputs.config, inputs.variables, inputs.surroundings);
        for declared in inputs.declarations.in_order() {
            let Declaration::Resource(local) = &declared.declaration else { continue };
            let module = inputs.config.module(&declared.module);
            let Some(resource) = module.and_then(|module| module.resources.get(local)) else {
                continue;
            };
            for instance in evaluation.instances_of(&declared.module) {
                let address = local.within(&instance);
                let instances: Vec<_> = match local.mode {
                    ResourceMode::Managed => current_of(&recorded, &address)
                        .map(|(name, object)| {
                            (
                                name.0.key.clone(),
                                referable(&Arc::new(name.0.clone()), &object.recorded),
                            )
                        })
                        .collect(),
                    ResourceMode::Data => {
                        let record = inputs.state.resources.get(&address);
                        let found = record.into_iter().flat_map(|record| record.instances.iter());
                        found
                            .filter_map(|(key, instance)| {
                                let name = address.instance(key.clone());
                                let record = instance.current.as_ref()?;
                                Some((key.clone(), read_record(catalog, &name, record).ok()?))
                            })
                            .collect()
                    }
                };
                let value = if instances.is_empty() {
                    Value::unknown(Type::Any)
                } else {
                    aggregate(&resource.repetition, instances)
                };
                evaluation.set_resource(&address, value, false);
            }
        }
        Ok(Self { inputs, evaluation })
    }

    /// What one expression comes to, which becomes a source of its own.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn evaluate(&self, text: &str, sources: &mut SourceMap) -> Result<Answer, Diagnostics> {
        let file = sources.add("<console>", text);
        let mut problems = Diagnostics::default();
        let expression = syntax::parse_expression(file, text, &mut problems);
        let Some(expression) = expression.filter(|_| !problems.has_errors()) else {
            return Err(problems);
        };
        let root = ModulePath::root();
        declarations::check(self.inputs.config, &root, &expression).into_result(())?;
        match self.evaluation.root() {
            Some(frame) => {
                let value = frame.evaluate_at_console(&expression)?;
                let asks_for_type = expression.as_call().is_some_and(|(name, _)| name == "type");
                Ok(match value.as_str() {
                    Some(text) if asks_for_type => Answer::Type(text.to_owned()),
                    _ => Answer::Value(value),
                })
            }
            None => {
                let detail = "There is no root module.";
                Err(Diagnostic::error(code::NO_CONFIGURATION, detail).into())
            }
        }
    }
}
