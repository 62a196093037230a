//! `check` blocks: conditions that warn and stop nothing.

use crate::config::CheckDecl;
use crate::diag::{Diagnostic, Diagnostics, Severity, code};
use crate::sdk::Context;
use crate::value::{Marks, Type, Value};

use super::clients::Clients;
use super::conditions::Subject;
use super::evaluate::Repeated;
use super::frame::Frame;
use super::{Engine, arguments, conditions, report};

/// Looks up the data of a check and evaluates its conditions. What cannot be looked up and what does
/// not hold comes as warnings, a condition that has no value as an error; conditions that cannot be
/// decided yet are passed over.
pub(super) async fn run(
    engine: &Engine<'_>,
    clients: &Clients<'_>,
    frame: &Frame<'_>,
    check: &CheckDecl,
) -> Diagnostics {
    let mut problems = Diagnostics::default();
    if let Some(data) = &check.data {
        let found = look_up(engine, clients, frame, check).await;
        let found = problems.absorb(found).unwrap_or_else(|| Value::unknown(Type::Any));
        problems = problems.into_iter().map(warning).collect();
        frame.set_resource(&data.address, found);
    }
    let subject = Subject::Check(&check.name);
    let nobody = Repeated::default();
    let found = conditions::check(frame, &check.assertions, &nobody, code::CHECK_FAILED, subject);
    let not_held = |found: Diagnostic| {
        if found.code == code::CHECK_FAILED { warning(found) } else { found }
    };
    problems.extend(found.into_iter().map(not_held));
    problems
}

fn warning(problem: Diagnostic) -> Diagnostic {
    Diagnostic { severity: Severity::Warning, code: code::CHECK_FAILED, ..problem }
}

async fn look_up(
    engine: &Engine<'_>,
    clients: &Clients<'_>,
    frame: &Frame<'_>,
    check: &CheckDecl,
) -> Result<Value, Diagnostics> {
    let Some(data) = &check.data else { return Ok(Value::NULL) };
    let Some(schema) = engine.catalog.schema(&data.address) else {
        return Ok(Value::unknown(Type::Any));
    };
    let config = arguments::evaluate(frame, schema, &data.body, &Repeated::default())?;
    let is_known = |attribute: &crate::schema::Attribute| {
        config.attribute(attribute.name).is_none_or(Value::is_wholly_known)
    };
    if !schema.attributes.iter().all(is_known) {
        return Ok(Value::unknown(schema.object_type()));
    }
    let Some(provider) = frame.evaluation.config.provider(&frame.address.path(), &data.provider)
    else {
        return Ok(Value::unknown(schema.object_type()));
    };
    let client = clients.data(&provider, &data.address.type_name.0)?;
    let context = Context::new(engine.world.clone());
    let address = data.address.within(&frame.address).instance(crate::addr::InstanceKey::None);
    let object = client
        .read(&context, &config.reveal())
        .await
        .map_err(|error| report::of_error(error, &address, Some(&data.body), Some(data.header)))?;
    Ok(object.marked_like(&config.map_marks(&Marks::without_provenance)))
}
