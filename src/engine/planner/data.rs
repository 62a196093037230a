//! Data: looked up while planning where that can be done, otherwise while applying.

use std::sync::Arc;

use crate::addr::{InstanceAddr, LocalResource};
use crate::diag::{Diagnostics, code};
use crate::plan::{Action, Change, DataRead, Reason};
use crate::schema::{Attribute, Schema};
use crate::sdk::{Context, ProviderError};
use crate::state::Dependencies;
use crate::value::{Key, Marks, Type, Value};

use super::super::conditions::Subject;
use super::super::evaluate::{Expanded, Repeated, aggregate, referable};
use super::super::frame::Frame;
use super::super::{Event, StepVerb, arguments, conditions, expand, report};
use super::Planner;
use super::resource::Block;

impl Planner<'_> {
    /// Looks up every instance of data and lets references stand for what was found.
    pub(super) async fn data(&mut self, frame: &Frame<'_>, local: &LocalResource) {
        let Some(resource) = frame.module.resources.get(local) else { return };
        let Some(schema) = self.engine.catalog.schema(local) else { return };
        let address = local.within(&frame.address);
        if !self.selection.has_resource(&address) {
            frame.set_resource(local, Value::unknown(Type::Any));
            return;
        }
        let expanded = expand::instances(frame, &resource.repetition);
        let Some(Expanded { instances, marks, .. }) = self.problems.absorb(expanded) else {
            frame.set_resource(local, Value::unknown(Type::Any));
            return;
        };
        let block = self.block(frame, resource);
        let mut values = Vec::with_capacity(instances.len());
        let mut planned = Vec::with_capacity(instances.len());
        for repeated in &instances {
            let instance = Arc::new(address.instance(repeated.key.clone()));
            let value = match self.look_up(&block, schema, &instance, (repeated, &marks)).await {
                Ok(value) => value,
                Err(problems) => {
                    self.problems
                        .extend(problems.into_iter().map(|problem| problem.address(&*instance)));
                    Value::unknown(schema.object_type())
                }
            };
            values.push((repeated.key.clone(), referable(&instance, &value)));
            planned.push(instance);
        }
        self.note_planned(address.declared(), planned);
        let value = aggregate(&resource.repetition, values).mark(&marks.without_provenance());
        frame.set_resource(local, value);
    }

    async fn look_up(
        &mut self,
        block: &Block<'_>,
        schema: &Schema,
        address: &Arc<InstanceAddr>,
        (repeated, marks): (&Repeated, &Marks),
    ) -> Result<Value, Diagnostics> {
        let (frame, resource) = (block.frame, block.resource);
        let config = arguments::evaluate_kept(frame, schema, &resource.body, repeated)?;
        let mut found = schema.check_rules(&config);
        if let (true, Some(spec)) =
            (found.is_empty(), self.engine.catalog.data(address.resource.type_name()))
        {
            found = (spec.validate)(&config.reveal());
        }
        let of_problem =
            |problem| report::of_problem(problem, Some(&resource.body), Some(resource.header));
        found.into_iter().map(of_problem).collect::<Diagnostics>().into_result(())?;
        let subject = Subject::Resource(&resource.address, &address.key);
        let conditions = &resource.lifecycle.preconditions;
        conditions::check(frame, conditions, repeated, code::CONDITION_FAILED, subject)
            .into_result(())?;
        let is_known = |attribute: &Attribute| {
            config.attribute(attribute.name).is_none_or(Value::is_wholly_known)
        };
        let reason = if !schema.attributes.iter().all(is_known) {
            Some(Reason::ArgumentsUnknown)
        } else if self.relations(block).named.iter().any(|need| self.is_pending(need)) {
            Some(Reason::DependencyPending)
        } else {
            None
        };
        if let Some(reason) = reason {
            let planned = undetermined(schema, &config);
            let needs = self.relations(block).needs(address, [&config.deep_marks(), marks]);
            let order = (self.dependencies(block), needs);
            self.positions.insert(Arc::clone(address), self.changes.len());
            self.changes.push(read_later(block, address, order, reason, &planned));
            return Ok(planned);
        }
        let client = self.clients.data(&block.provider, address.resource.type_name())?;
        let context = Context::new(self.engine.world.clone());
        let found = self.watched(address, client.read(&context, &config.reveal())).await;
        let object = found.map_err(|error| {
            report::of_error(error, address, Some(&resource.body), Some(resource.header))
        })?;
        let object = object.marked_like(&config.map_marks(&Marks::without_provenance));
        let this = Repeated { this: Some(object.clone()), ..repeated.clone() };
        let conditions = &resource.lifecycle.postconditions;
        conditions::check(frame, conditions, &this, code::CONDITION_FAILED, subject)
            .into_result(())?;
        let (address, provider) = (InstanceAddr::clone(address), block.provider.clone());
        self.data.push(DataRead { address, provider, object: object.clone() });
        Ok(object)
    }

    /// Lets people see a look-up.
    async fn watched(
        &self,
        address: &InstanceAddr,
        reading: impl Future<Output = Result<Value, ProviderError>>,
    ) -> Result<Value, ProviderError> {
        let (clock, observer) = (&self.engine.world.clock, &self.engine.observer);
        let (start, verb, id) = (clock.now(), StepVerb::Read, None);
        let address = address.clone();
        observer.event(&Event::Started { address: address.clone(), verb, id });
        let found = reading.await;
        let elapsed = clock.now().since(start);
        observer.event(&match &found {
            Ok(object) => {
                let id = object.attribute("id").and_then(Value::as_str).map(str::to_owned);
                Event::Completed { address, verb, id, elapsed }
            }
            Err(_) => Event::Failed { address, verb, elapsed },
        });
        found
    }

    /// Tells whether something is planned for an instance.
    fn is_pending(&self, instance: &InstanceAddr) -> bool {
        let position = self.positions.get(instance);
        let change = position.and_then(|position| self.changes.get(*position));
        change.is_some_and(|change: &Change| change.action != Action::NoOp)
    }
}

/// A look-up that has to wait.
fn read_later(
    block: &Block<'_>,
    address: &InstanceAddr,
    (dependencies, needs): (Dependencies, Vec<Arc<InstanceAddr>>),
    reason: Reason,
    planned: &Value,
) -> Change {
    Change {
        address: address.clone(),
        deposed: None,
        provider: block.provider.clone(),
        action: Action::Read,
        reason,
        prior: None,
        planned: Some(planned.map_marks(&Marks::without_provenance)),
        replace_paths: Vec::new(),
        dependencies,
        needs,
        create_before_destroy: false,
        record_only: false,
        stays: false,
        declared_at: Some(block.resource.header),
        causes: Vec::new(),
    }
}

/// The object with everything that only a look-up can tell unknown.
fn undetermined(schema: &Schema, config: &Value) -> Value {
    let entries = schema.attributes.iter().map(|attribute| {
        let given = config.attribute(attribute.name).filter(|value| !value.is_null());
        let value = match given {
            Some(given) => given.clone(),
            None if attribute.is_computed() => Value::unknown(attribute.ty.clone()),
            None => attribute.or_default(&Value::null(attribute.ty.clone())),
        };
        (Key::from(attribute.name), value)
    });
    Value::object(entries.collect::<Vec<_>>())
}
