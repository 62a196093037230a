//! Expressions that a person types, evaluated as if they stood in the root module.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{InstanceAddr, InstanceKey, ModulePath, ResourceMode};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::plan::Plan;
use crate::state::State;
use crate::syntax;
use crate::text::SourceMap;
use crate::value::{Type, Value};

use super::evaluate::{Evaluation, aggregate, referable};
use super::refresh::{decode, read_record};
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
    /// A console over what is declared and recorded, or over what is planned. What is not there yet
    /// is not known.
    ///
    /// # Errors
    ///
    /// Records that cannot be read.
    pub fn new(
        catalog: &Catalog,
        inputs: Inputs<'a>,
        plan: Option<&Plan>,
    ) -> Result<Self, Diagnostics> {
        let objects = match plan {
            Some(plan) => planned(plan),
            None => recorded(catalog, inputs.state)?,
        };
        let evaluation = Evaluation::new(inputs.config, inputs.variables, inputs.surroundings);
        for declared in inputs.declarations.in_order() {
            let Declaration::Resource(local) = &declared.declaration else { continue };
            let module = inputs.config.module(&declared.module);
            let Some(resource) = module.and_then(|module| module.resources.get(local)) else {
                continue;
            };
            for instance in evaluation.instances_of(&declared.module) {
                let address = local.within(&instance);
                let instances = objects
                    .range(address.instance(InstanceKey::None)..)
                    .take_while(|(name, _)| name.resource == address)
                    .map(|(name, object)| (name.key.clone(), object.clone()));
                let mut instances = instances.peekable();
                let value = if plan.is_none() && instances.peek().is_none() {
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

/// What state holds of every instance.
fn recorded(
    catalog: &Catalog,
    state: &State,
) -> Result<BTreeMap<InstanceAddr, Value>, Diagnostics> {
    let mut problems = Diagnostics::default();
    let managed = decode(catalog, state, |_| true, &mut problems);
    problems.into_result(())?;
    let mut objects: BTreeMap<_, _> = managed
        .into_iter()
        .filter(|((_, deposed), _)| deposed.is_none())
        .map(|((name, _), object)| {
            let value = referable(&Arc::new(name.clone()), &object.recorded);
            (name, value)
        })
        .collect();
    for (address, _, instance) in state.instances() {
        if address.resource.local.mode != ResourceMode::Data {
            continue;
        }
        let record = instance.current.as_ref();
        // Data that cannot be read any more is looked up anew by the next plan.
        let found = record.and_then(|record| read_record(catalog, &address, record).ok());
        objects.extend(found.map(|found| (address, found)));
    }
    Ok(objects)
}

/// What a plan makes of every instance.
fn planned(plan: &Plan) -> BTreeMap<InstanceAddr, Value> {
    let changes = plan.changes.iter().filter(|change| change.deposed.is_none());
    let changed = changes.filter_map(|change| Some((&change.address, change.planned.as_ref()?)));
    let looked_up = plan.data.iter().map(|read| (&read.address, &read.object));
    changed
        .chain(looked_up)
        .map(|(name, object)| (name.clone(), referable(&Arc::new(name.clone()), object)))
        .collect()
}
