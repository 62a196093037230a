//! `terraform_data`: a value kept in state.
//!
//! It is erased by hand: its values have any type, and going through JSON would lose which.

use crate::schema::{Attribute, Problem, Schema};
use crate::sdk::{
    Context, Created, Deletion, DynResource, ProviderError, Reading, Recovery, Replacement,
    ResourceSpec,
};
use crate::value::{Key, Type, Value};
use crate::world::{BoxFuture, Timestamp};

/// The type's name.
pub(super) const TYPE: &str = "terraform_data";

/// What the engine must know of the type.
pub(super) fn spec() -> ResourceSpec {
    ResourceSpec {
        type_name: TYPE,
        schema: Schema::new(
            "Keeps a value in state.",
            vec![
                Attribute::computed("id", Type::String, "A UUID."),
                Attribute::optional("input", Type::Any, "The value to keep."),
                Attribute::computed("output", Type::Any, "The value of `input` once applied."),
                Attribute::optional(
                    "triggers_replace",
                    Type::Any,
                    "A value whose changes make a new object.",
                )
                .force_new(),
            ],
        ),
        replacement: Replacement::DeleteFirst,
        cannot_delete: None,
        exclusive_by: None,
        unique: None,
        updates: true,
        at_times_in_place: &[],
        finds_lost: true,
        foresees: false,
        validate: no_rules,
        validate_change: no_rules_of_change,
        advise_import: no_advice,
        plan,
    }
}

fn no_rules(_: &Value, _: Timestamp) -> Vec<Problem> {
    Vec::new()
}

fn no_advice(_: &Value) -> Vec<Problem> {
    Vec::new()
}

fn no_rules_of_change(_: Option<&Value>, _: &Value, _: Timestamp) -> Vec<Problem> {
    Vec::new()
}

/// `output` follows `input`: it stays while `input` does, and is known by its type otherwise. As
/// Terraform has it, what is sensitive of `input` is not so in `output`.
fn plan(prior: Option<&Value>, planned: Value) -> Value {
    let input = planned.attribute("input").cloned().unwrap_or(Value::NULL);
    let unchanged = prior.is_some_and(|prior| {
        prior.attribute("input").is_some_and(|before| before.reveal() == input.reveal())
    }) && input.is_wholly_known();
    if unchanged {
        return planned;
    }
    if prior.is_none() && input.is_null() {
        return with_output(&planned, &Value::NULL);
    }
    let output = Value::unknown(input.ty());
    with_output(&planned, &output)
}

fn with_output(object: &Value, output: &Value) -> Value {
    let entries = object.entries().unwrap_or_default().iter().map(|(name, value)| {
        let value = if &**name == "output" { output } else { value };
        (Key::clone(name), value.clone())
    });
    Value::object(entries.collect::<Vec<_>>())
}

fn completed(planned: &Value) -> Value {
    let input = planned.attribute("input").cloned().unwrap_or(Value::NULL);
    with_output(planned, &input)
}

/// The resource; it needs no client.
pub(super) struct TerraformData;

impl DynResource for TerraformData {
    fn prepare<'a>(
        &'a self,
        _: &'a Context,
        _: &'a Value,
    ) -> BoxFuture<'a, Result<serde_json::Value, ProviderError>> {
        Box::pin(async { Ok(serde_json::Value::Null) })
    }

    fn create<'a>(
        &'a self,
        cx: &'a Context,
        planned: &'a Value,
        _: &'a serde_json::Value,
    ) -> BoxFuture<'a, Result<Created<Value>, ProviderError>> {
        Box::pin(async {
            let id = Value::string(cx.world.ids.uuid());
            let object = completed(planned);
            let entries = object.entries().unwrap_or_default().iter().map(|(name, value)| {
                let value = if &**name == "id" { &id } else { value };
                (Key::clone(name), value.clone())
            });
            Ok(Created::Ready(Value::object(entries.collect::<Vec<_>>())))
        })
    }

    fn read_many<'a>(
        &'a self,
        _: &'a Context,
        priors: &'a [Value],
    ) -> BoxFuture<'a, Vec<Result<Reading<Value>, ProviderError>>> {
        Box::pin(async { priors.iter().map(|prior| Ok(Reading::Present(prior.clone()))).collect() })
    }

    /// Nothing but state knows such an object: any name makes one that holds nothing.
    fn import<'a>(
        &'a self,
        _: &'a Context,
        id: &'a str,
    ) -> BoxFuture<'a, Result<Reading<Value>, ProviderError>> {
        Box::pin(async move {
            Ok(Reading::Present(Value::object([
                ("id", Value::string(id)),
                ("input", Value::NULL),
                ("output", Value::NULL),
                ("triggers_replace", Value::NULL),
            ])))
        })
    }

    fn update<'a>(
        &'a self,
        _: &'a Context,
        _: &'a Value,
        planned: &'a Value,
    ) -> BoxFuture<'a, Result<Value, ProviderError>> {
        Box::pin(async { Ok(completed(planned)) })
    }

    fn delete<'a>(
        &'a self,
        _: &'a Context,
        _: &'a Value,
    ) -> BoxFuture<'a, Result<Deletion, ProviderError>> {
        Box::pin(async { Ok(Deletion::Deleted) })
    }

    /// Nothing exists outside state, so a create that was not noted made nothing.
    fn recover<'a>(
        &'a self,
        _: &'a Context,
        _: &'a Value,
        _: &'a serde_json::Value,
        _: Option<&'a serde_json::Value>,
    ) -> BoxFuture<'a, Result<Recovery<Value>, ProviderError>> {
        Box::pin(async { Ok(Recovery::Absent) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(input: Value, output: Value) -> Value {
        Value::object([("input", input), ("output", output)])
    }

    #[test]
    fn the_output_has_the_type_of_the_input_before_it_is_known() {
        let input = Value::object([("a", Value::from(1))]);
        let planned = plan(None, object(input.clone(), Value::unknown(Type::Any)));
        let output = planned.attribute("output").unwrap();
        assert!(!output.is_known());
        assert_eq!(output.ty(), input.ty());
    }

    #[test]
    fn the_output_stays_while_the_input_does() {
        let before = object(Value::from(1), Value::from(1));
        assert_eq!(plan(Some(&before), before.clone()), before);
        let changed = plan(Some(&before), object(Value::from(2), Value::from(1)));
        assert!(!changed.attribute("output").unwrap().is_known());
    }
}
