//! One instance: what is there against what is wanted.

use std::sync::Arc;

use crate::addr::InstanceAddr;
use crate::config::ResourceDecl;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::plan::{Action, Change, Proposal, Reason, ReplaceOrder, propose};
use crate::schema::{Problem, ProblemKind};
use crate::sdk::{Replacement, ResourceSpec};
use crate::state::{Dependencies, ObjectStatus};
use crate::value::{Marks, Path, Type, Value};

use super::super::conditions::Subject;
use super::super::evaluate::Repeated;
use super::super::frame::Frame;
use super::super::refresh::Refreshed;
use super::super::{arguments, conditions, report, triggers};
use super::resource::Block;
use super::{Planner, cause, ignore};

/// What is decided about one instance before it becomes a change.
struct Decision {
    action: Action,
    reason: Reason,
    proposal: Proposal,
}

impl Planner<'_> {
    /// Plans one instance; on errors notes them and gives nothing.
    pub(super) fn plan_instance(
        &mut self,
        block: &Block<'_>,
        address: &InstanceAddr,
        (repeated, marks): (&Repeated, &Marks),
        prior: Option<&Refreshed>,
    ) -> Option<Change> {
        let (frame, resource) = (block.frame, block.resource);
        let spec = self.engine.catalog.resource(address.resource.type_name())?;
        let config = arguments::evaluate_kept(frame, &spec.schema, &resource.body, repeated);
        let config = self.absorb_at(config, address)?;
        let seen = prior.and_then(|prior| prior.seen.as_ref());
        let kept = ignore::apply(&config, seen, &spec.schema, &resource.lifecycle.ignore_changes);
        let before = self.problems.len();
        self.refuse_expired(resource, address, prior);
        let mut found = self.check_arguments(spec, &kept);
        self.preconditions(frame, resource, address, repeated);
        let order = self.replace_order(spec, resource, address);
        let triggered = triggers::fired(
            frame,
            &resource.lifecycle.replace_triggered_by,
            repeated,
            triggers::Planned { changes: &self.changes, positions: &self.positions },
        );
        let triggered = self.absorb_at(triggered, address).unwrap_or(false);
        let of = (block, spec);
        let decision = self.decide(of, address, (&config, &kept), prior, order, triggered);
        found.extend(self.check_change(spec, seen, &decision));
        self.tell(resource, address, found);
        if self.has_failed_since(before) {
            return None;
        }
        self.prevent_destroy((frame, resource), address, repeated, decision.action);
        let causes =
            cause::of_change(resource, decision.action, &decision.reason, &decision.proposal);
        let planned = (spec.plan)(
            seen.filter(|_| matches!(decision.action, Action::NoOp | Action::Update)),
            decision.proposal.planned,
        );
        self.postconditions(frame, resource, address, repeated, &planned);
        let unchanged = prior.filter(|_| decision.action == Action::NoOp);
        let (dependencies, needs) = self.order_of(block, address, unchanged, (&config, marks));
        Some(Change {
            address: address.clone(),
            deposed: None,
            provider: block.provider.clone(),
            action: decision.action,
            reason: decision.reason,
            prior: seen.filter(|_| decision.action != Action::Create).cloned(),
            planned: Some(planned.map_marks(&Marks::without_provenance)),
            replace_paths: decision.proposal.replace,
            dependencies,
            needs,
            create_before_destroy: order == ReplaceOrder::CreateFirst,
            record_only: decision.proposal.record_only,
            stays: false,
            declared_at: Some(resource.header),
            causes,
        })
    }

    /// What a change waits for, and what is recorded as outliving its object. An object that stays as
    /// it is waits for nothing.
    fn order_of(
        &self,
        block: &Block<'_>,
        address: &InstanceAddr,
        unchanged: Option<&Refreshed>,
        (config, marks): (&Value, &Marks),
    ) -> (Dependencies, Vec<Arc<InstanceAddr>>) {
        let dependencies = self.dependencies(block);
        if let Some(unchanged) = unchanged {
            let recorded = &unchanged.record.dependencies;
            let same = *recorded == dependencies;
            return (if same { recorded.clone() } else { dependencies }, Vec::new());
        }
        let needs = self.relations(block).needs(address, [&config.deep_marks(), marks]);
        (dependencies, needs)
    }

    fn absorb_at<T>(
        &mut self,
        result: Result<T, Diagnostics>,
        address: &InstanceAddr,
    ) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(problems) => {
                self.problems.extend(problems.into_iter().map(|problem| problem.address(address)));
                None
            }
        }
    }

    fn check_arguments(&self, spec: &ResourceSpec, config: &Value) -> Vec<Problem> {
        let found = spec.schema.check_rules(config);
        if !found.is_empty() {
            return found;
        }
        // Offline checks across arguments look at data, and what they say names no values.
        (spec.validate)(&config.reveal(), self.inputs.surroundings.plan_time)
    }

    /// Checks what only a change must keep to.
    fn check_change(
        &self,
        spec: &ResourceSpec,
        seen: Option<&Value>,
        decision: &Decision,
    ) -> Vec<Problem> {
        let stays = match decision.action {
            Action::Create | Action::Replace(_) => None,
            Action::Update => seen.map(Value::reveal),
            Action::NoOp | Action::Delete | Action::Forget | Action::Read => return Vec::new(),
        };
        let planned = decision.proposal.planned.reveal();
        (spec.validate_change)(stays.as_ref(), &planned, self.inputs.surroundings.plan_time)
    }

    /// Notes problems; advice about an argument that is refused anyway is left out.
    fn tell(&mut self, resource: &ResourceDecl, address: &InstanceAddr, found: Vec<Problem>) {
        let refused: Vec<_> = found
            .iter()
            .filter(|problem| problem.kind != ProblemKind::Advice)
            .map(|problem| problem.path.clone())
            .collect();
        let told = found.into_iter().filter(|problem| {
            problem.kind != ProblemKind::Advice || !refused.contains(&problem.path)
        });
        self.problems.extend(told.map(|problem| {
            report::of_problem(problem, Some(&resource.body), Some(resource.header))
                .address(address)
        }));
    }

    fn preconditions(
        &mut self,
        frame: &Frame<'_>,
        resource: &ResourceDecl,
        address: &InstanceAddr,
        repeated: &Repeated,
    ) {
        let found = conditions::check(
            frame,
            &resource.lifecycle.preconditions,
            repeated,
            code::CONDITION_FAILED,
            Subject::Resource(&resource.address, &address.key),
        );
        self.problems.extend(found);
    }

    /// What is known of the planned object may break a promise already.
    fn postconditions(
        &mut self,
        frame: &Frame<'_>,
        resource: &ResourceDecl,
        address: &InstanceAddr,
        repeated: &Repeated,
        planned: &Value,
    ) {
        let conditions = &resource.lifecycle.postconditions;
        if conditions.is_empty() {
            return;
        }
        let repeated = Repeated { this: Some(planned.clone()), ..repeated.clone() };
        let subject = Subject::Resource(&resource.address, &address.key);
        let code = code::CONDITION_FAILED;
        let found = conditions::check(frame, conditions, &repeated, code, subject);
        self.problems.extend(found);
    }

    /// In which order a replacement would go, by the block, else by the type.
    fn replace_order(
        &mut self,
        spec: &ResourceSpec,
        resource: &ResourceDecl,
        address: &InstanceAddr,
    ) -> ReplaceOrder {
        match (resource.lifecycle.create_before_destroy, spec.replacement) {
            (Some((true, span)), Replacement::DeleteFirstOnly(reason)) => {
                self.problems.push(
                    Diagnostic::error(
                        code::REPLACE_ORDER,
                        format!(
                            "`{}` cannot be created before the old one is deleted: {reason}",
                            spec.type_name
                        ),
                    )
                    .at(span)
                    .address(address)
                    .help("remove `create_before_destroy = true`"),
                );
                ReplaceOrder::DeleteFirst
            }
            (Some((true, _)), _) | (None, Replacement::CreateFirst) => ReplaceOrder::CreateFirst,
            (_, Replacement::DeleteFirstOnly(_)) => ReplaceOrder::DeleteFirst,
            _ if self.create_first.contains(&address.resource.declared()) => {
                ReplaceOrder::CreateFirst
            }
            _ => ReplaceOrder::DeleteFirst,
        }
    }

    fn decide(
        &self,
        (block, spec): (&Block<'_>, &ResourceSpec),
        address: &InstanceAddr,
        (config, kept): (&Value, &Value),
        prior: Option<&Refreshed>,
        order: ReplaceOrder,
        triggered: bool,
    ) -> Decision {
        let anew = |action, reason, replace: Vec<Path>| Decision {
            action,
            reason,
            proposal: Proposal { replace, ..propose(&spec.schema, None, config) },
        };
        let Some(object) = prior else { return anew(Action::Create, Reason::New, Vec::new()) };
        let Some(seen) = &object.seen else {
            let reason = if object.expired { Reason::Expired } else { Reason::Gone };
            return anew(Action::Create, reason, Vec::new());
        };
        if object.expired {
            // Its record stands in its place, as long as nothing else is asked for.
            let proposal = propose(&spec.schema, Some(seen), kept);
            let stays = proposal.changed.is_empty() && proposal.replace.is_empty();
            if stays && !triggered && !self.options.replace.contains(address) {
                return Decision { action: Action::NoOp, reason: Reason::Unchanged, proposal };
            }
            return anew(Action::Create, Reason::Expired, Vec::new());
        }
        let replace = Action::Replace(order);
        if let Some(reason) = &object.failed {
            return anew(replace, Reason::Failed(reason.clone()), Vec::new());
        }
        if object.record.status == ObjectStatus::Tainted {
            return anew(replace, Reason::Tainted, Vec::new());
        }
        if self.options.replace.contains(address) {
            return anew(replace, Reason::Requested, Vec::new());
        }
        let mut proposal = propose(&spec.schema, Some(seen), kept);
        self.keep_what_changes_in_place(block, spec, seen, &mut proposal);
        if triggered {
            return anew(replace, Reason::Triggered, proposal.replace);
        }
        if !proposal.replace.is_empty() {
            let reason = Reason::cannot_update(&proposal.replace);
            return anew(replace, reason, proposal.replace);
        }
        if proposal.changed.is_empty() {
            return Decision { action: Action::NoOp, reason: Reason::Unchanged, proposal };
        }
        if !spec.updates && !proposal.record_only {
            let reason = Reason::cannot_update(&proposal.changed);
            return anew(replace, reason, proposal.changed);
        }
        Decision { action: Action::Update, reason: Reason::Changed, proposal }
    }

    /// Takes out of what needs a new object what this provider configuration changes in place. Where it
    /// cannot be made, nothing is.
    fn keep_what_changes_in_place(
        &self,
        block: &Block<'_>,
        spec: &ResourceSpec,
        seen: &Value,
        proposal: &mut Proposal,
    ) {
        let is_asked = |path: &Path| {
            path.root_attribute().is_some_and(|name| spec.at_times_in_place.contains(&name))
        };
        if !proposal.replace.iter().any(is_asked) {
            return;
        }
        let Ok(client) = self.clients.resource(&block.provider, spec.type_name) else { return };
        let planned = &proposal.planned;
        proposal.replace.retain(|path| {
            let values = path.root_attribute().and_then(|name| {
                Some((name, seen.attribute(name)?.reveal(), planned.attribute(name)?.reveal()))
            });
            !is_asked(path)
                || !values.is_some_and(|(name, seen, planned)| {
                    planned.is_known() && client.changes_in_place(name, &seen, &planned)
                })
        });
    }

    /// Refuses to destroy what the block protects.
    pub(super) fn prevent_destroy(
        &mut self,
        (frame, resource): (&Frame<'_>, &ResourceDecl),
        address: &InstanceAddr,
        repeated: &Repeated,
        action: Action,
    ) {
        let Some(expression) =
            resource.lifecycle.prevent_destroy.as_ref().filter(|_| action.destroys())
        else {
            return;
        };
        let protected = frame.evaluate_as(expression, &Type::Bool, repeated);
        let Some(protected) = self.absorb_at(protected, address) else { return };
        if protected.as_bool() != Some(false) {
            self.problems.push(
                Diagnostic::error(
                    code::PREVENT_DESTROY,
                    format!("`prevent_destroy` protects `{address}`, and this plan would destroy its object."),
                )
                .at(resource.header)
                .label(expression.span(), "protected here")
                .address(address)
                .help("take the protection away, or leave this object out with `-target`"),
            );
        }
    }
}
