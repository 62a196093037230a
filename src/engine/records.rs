//! What references stand for before anything is planned.

use crate::addr::ResourceMode;
use crate::diag::Diagnostics;
use crate::value::{Type, Value};

use super::evaluate::{Evaluation, aggregate};
use super::refresh::{current_of, decode};
use super::{Catalog, Inputs};

/// An evaluation in which resources stand for what is recorded of them: for provider settings
/// that refer to resources. What is only read is not known yet.
pub(super) fn evaluation<'a>(catalog: &Catalog, inputs: Inputs<'a>) -> Evaluation<'a> {
    let evaluation = Evaluation::new(inputs.config, inputs.variables, inputs.surroundings);
    let refers = inputs.config.modules().any(|(_, found)| {
        found.module.providers.values().any(|provider| {
            provider.body.attributes.iter().any(|found| !found.value.references().is_empty())
        })
    });
    if !refers {
        return evaluation;
    }
    let recorded = decode(catalog, inputs.state, |_| true, &mut Diagnostics::default());
    for declared in inputs.declarations.in_order() {
        let super::Declaration::Resource(local) = &declared.declaration else { continue };
        let Some(module) = inputs.config.module(&declared.module) else { continue };
        let Some(resource) = module.resources.get(local) else { continue };
        for instance in evaluation.instances_of(&declared.module) {
            let address = local.within(&instance);
            let value = match local.mode {
                ResourceMode::Data => Value::unknown(Type::Any),
                ResourceMode::Managed => {
                    let instances = current_of(&recorded, &address)
                        .map(|(name, object)| (name.0.key.clone(), object.recorded.clone()));
                    aggregate(&resource.repetition, instances)
                }
            };
            evaluation.set_resource(&address, value, false);
        }
    }
    evaluation
}
