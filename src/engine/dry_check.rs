//! Values as far as they are known without variables, state and vendors: for `validate`.

use crate::addr::{InstanceKey, ResourceAddr};
use crate::config::{Module, Repetition, ResourceDecl};
use crate::diag::{Diagnostics, code};
use crate::value::{Type, Value};

use super::evaluate::{Evaluation, Repeated, Surroundings};
use super::variables::marked;
use super::{Catalog, Declaration, Declarations, Variables, arguments, expand, outputs, report};

/// Evaluates every declaration with variables and objects unknown, and checks the rules of every
/// argument that is known all the same. Problems of the whole module at once.
pub fn check_values(
    catalog: &Catalog,
    module: &Module,
    declarations: &Declarations,
    surroundings: Surroundings<'_>,
) -> Diagnostics {
    let variables: Variables = module
        .variables
        .values()
        .map(|variable| {
            let value = Value::unknown(variable.constraint.ty.clone());
            (variable.name.clone(), marked(variable, value))
        })
        .collect();
    let evaluation = Evaluation::new(module, &variables, surroundings);
    let mut problems = Diagnostics::default();
    for declaration in declarations.in_order() {
        match declaration {
            Declaration::Variable(_) => {}
            Declaration::Local(name) => {
                if problems.absorb(evaluation.local(name)).is_none() {
                    evaluation.give_up_local(name);
                }
            }
            Declaration::Provider(address) => {
                if let Some(declared) = module.providers.get(address)
                    && let Some(provider) = catalog.provider(&address.provider.0)
                {
                    let schema = provider.schema();
                    let settings = arguments::evaluate(
                        &evaluation,
                        &schema,
                        &declared.body,
                        &Repeated::default(),
                    );
                    problems.absorb(settings);
                }
            }
            Declaration::Resource(address) => {
                if let Some(resource) = module.resources.get(address) {
                    check_resource(catalog, &evaluation, resource, surroundings, &mut problems);
                    evaluation.set_resource(
                        address,
                        unknown_resource(catalog, address, resource),
                        false,
                    );
                }
            }
            Declaration::Output(name) => {
                if let Some(output) = module.outputs.get(name) {
                    problems.absorb(outputs::value(&evaluation, output));
                }
            }
        }
    }
    problems
}

/// What a reference to a resource stands for while nothing is known of its objects.
fn unknown_resource(catalog: &Catalog, address: &ResourceAddr, resource: &ResourceDecl) -> Value {
    match (&resource.repetition, catalog.resource(&address.type_name.0)) {
        (Repetition::Single, Some(spec)) => {
            let attributes = spec.schema.object_type();
            let Type::Object(attributes) = attributes else { return Value::unknown(Type::Any) };
            Value::object(
                attributes.iter().map(|attribute| {
                    (attribute.name.clone(), Value::unknown(attribute.ty.clone()))
                }),
            )
        }
        _ => Value::unknown(Type::Any),
    }
}

fn check_resource(
    catalog: &Catalog,
    evaluation: &Evaluation<'_>,
    resource: &ResourceDecl,
    surroundings: Surroundings<'_>,
    problems: &mut Diagnostics,
) {
    let Some(spec) = catalog.resource(&resource.address.type_name.0) else { return };
    let instances = match expand::instances(evaluation, resource) {
        Ok((instances, _)) => instances,
        Err(found) => {
            // Not knowing how many there are is no problem yet.
            problems
                .extend(found.into_iter().filter(|found| found.code != code::UNKNOWN_NOT_ALLOWED));
            match resource.repetition {
                Repetition::Count(_) => {
                    vec![Repeated { key: InstanceKey::Index(0), ..Repeated::default() }]
                }
                _ => return,
            }
        }
    };
    // The instances of `count` differ in a number only: the first one stands for all.
    let most = if matches!(resource.repetition, Repetition::Count(_)) { 1 } else { usize::MAX };
    for repeated in instances.iter().take(most) {
        let address = resource.address.instance(repeated.key.clone());
        let config = arguments::evaluate_kept(evaluation, &spec.schema, &resource.body, repeated);
        let config = match config {
            Ok(config) => config,
            Err(found) => {
                problems.extend(found.into_iter().map(|found| found.address(&address)));
                continue;
            }
        };
        let revealed = config.reveal();
        let mut found = spec.schema.check_rules(&config);
        if found.is_empty() {
            found = (spec.validate)(&revealed, surroundings.plan_time);
            found.extend((spec.validate_change)(None, &revealed, surroundings.plan_time));
        }
        problems.extend(found.into_iter().map(|problem| {
            report::of_problem(problem, Some(&resource.body), Some(resource.header))
                .address(&address)
        }));
    }
}
