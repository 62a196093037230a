//! What references stand for before anything is planned.

use crate::diag::Diagnostics;

use super::evaluate::{Evaluation, aggregate};
use super::refresh::{current_of, decode};
use super::{Catalog, Inputs};

/// An evaluation in which resources stand for what is recorded of them: for provider settings
/// that refer to resources.
pub(super) fn evaluation<'a>(catalog: &Catalog, inputs: Inputs<'a>) -> Evaluation<'a> {
    let evaluation = Evaluation::new(inputs.module, inputs.variables, inputs.surroundings);
    let refers = inputs.module.providers.values().any(|provider| {
        provider.body.attributes.iter().any(|found| !found.value.references().is_empty())
    });
    if refers {
        let recorded = decode(catalog, inputs.state, |_| true, &mut Diagnostics::default());
        for (address, resource) in &inputs.module.resources {
            let instances = current_of(&recorded, address)
                .map(|(name, object)| (name.0.key.clone(), object.recorded.clone()));
            evaluation.set_resource(address, aggregate(&resource.repetition, instances), false);
        }
    }
    evaluation
}
