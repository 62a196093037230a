//! From a plan to calls.
//!
//! In: a plan, final values, a state session. Out: changed state, events, and every problem. It
//! follows the plan's steps and decides nothing: it knows neither declarations nor how plans are
//! made. Before a call that changes something leaves, its intent is on disk.

mod delete;
mod make;
mod objects;
mod read;
mod send;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::addr::InstanceAddr;
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::graph::{Limit, NodeId, Outcome, Place, Walk};
use crate::plan::{Change, Plan, PlanMode, Step, StepKind};
use crate::state::{BackendError, DeposedKey, Session, SessionError};

use super::{Engine, Event, Finals, StepVerb};

use make::Undone;

/// How many objects were really made, changed and deleted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Applied {
    /// Objects made.
    pub added: usize,
    /// Objects changed in place.
    pub changed: usize,
    /// Objects deleted.
    pub destroyed: usize,
    /// Objects that are still there and no longer recorded.
    pub forgotten: usize,
}

/// What an apply needs besides the plan.
pub struct Applying<'a> {
    /// The engine.
    pub engine: &'a Engine<'a>,
    /// Final values.
    pub finals: &'a Finals<'a>,
    /// How many steps may be under way at once.
    pub parallelism: usize,
}

/// Carries out `plan`. Whatever happens, what was made is in the state when this returns; the
/// diagnostics hold every problem.
pub async fn apply(
    applying: Applying<'_>,
    plan: &Plan,
    session: &Arc<Session>,
) -> (Applied, Diagnostics) {
    let run = Run {
        engine: applying.engine,
        finals: applying.finals,
        plan,
        session: Arc::clone(session),
        tally: Mutex::default(),
        predecessors: Mutex::default(),
        problems: Mutex::default(),
    };
    if run.take_drift().await {
        let cancel = &applying.engine.world.cancel;
        let walk = Walk { parallelism: applying.parallelism, cancel };
        let outcomes =
            walk.run(&plan.steps, |id| run.limits(id), |id, place| run.step(id, place)).await;
        match outcomes {
            Ok(outcomes) => run.not_started(&outcomes),
            Err(cycle) => {
                let detail = cycle.describe(|id| id.to_string());
                run.problem(Diagnostic::error(code::STEP_CYCLE, detail));
            }
        }
    }
    if plan.mode != PlanMode::Destroy {
        let mut found = applying.finals.checks().await;
        found.extend(applying.finals.after_all(plan));
        lock(&run.problems).extend(found);
    }
    run.finish().await
}

struct Run<'a> {
    engine: &'a Engine<'a>,
    finals: &'a Finals<'a>,
    plan: &'a Plan,
    session: Arc<Session>,
    tally: Mutex<Applied>,
    /// Keys under which objects await deletion until their successors are there.
    predecessors: Mutex<BTreeMap<InstanceAddr, DeposedKey>>,
    problems: Mutex<Diagnostics>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Run<'_> {
    /// Records what reads showed while planning, and where instances belong now. Tells whether that
    /// could be saved: otherwise nothing else could, and no call may be made.
    async fn take_drift(&self) -> bool {
        let stale = self.stale_data();
        let data: Vec<_> = match self.plan.mode {
            PlanMode::Destroy => Vec::new(),
            _ => self.plan.data.iter().filter_map(|found| self.data_record(found)).collect(),
        };
        let nothing = self.plan.drift.is_empty()
            && self.plan.moves.is_empty()
            && self.plan.imports.is_empty()
            && !self.plan.renews_dependencies(&self.session.state());
        if nothing && stale.is_empty() && data.is_empty() {
            return true;
        }
        self.session.edit(|state| {
            self.plan.record_in(state);
            for address in &stale {
                state.remove_object(address, None);
            }
            for (found, record) in data {
                state.set_object(&found.address, &found.provider, None, record);
            }
        });
        let saved = self.session.checkpoint().await;
        saved.map_err(|error| self.problem(state_problem(&error))).is_ok()
    }

    fn change(&self, id: NodeId) -> Option<(&Step, &Change)> {
        let step = self.plan.steps.node(id)?;
        Some((step, self.plan.changes.get(step.change)?))
    }

    /// What steps may not use at the same time, or not in any number.
    fn limits(&self, id: NodeId) -> Vec<Limit> {
        let Some((step, change)) = self.change(id) else { return Vec::new() };
        let calls = !matches!(step.kind, StepKind::Forget | StepKind::Record);
        let most = self.finals.parallelism(&change.provider).filter(|_| calls);
        let of_provider = most.map(|most| Limit { key: change.provider.to_string(), most });
        self.exclusive(change).into_iter().chain(of_provider).collect()
    }

    /// Where the vendor works on one object of a source at a time: that source.
    fn exclusive(&self, change: &Change) -> Option<Limit> {
        let spec = self.finals.spec(&change.address)?;
        let name = spec.exclusive_by?;
        let object = change.planned.as_ref().or(change.prior.as_ref())?;
        let source = object.attribute(name)?.reveal();
        let text = source.as_str()?.to_lowercase();
        Some(Limit { key: format!("{} {text}", spec.type_name), most: 1 })
    }

    /// Does a step. Its place is the next one's as soon as the vendor has answered: that the answer
    /// is noted needs no place.
    async fn step(&self, id: NodeId, place: Place) -> Outcome {
        let Some((step, change)) = self.change(id) else { return Outcome::Failed };
        if !self.holds_lock() {
            return Outcome::Failed;
        }
        let verb = match step.kind {
            StepKind::Create | StepKind::CreateSuccessor => StepVerb::Create,
            StepKind::Update | StepKind::Record => StepVerb::Update,
            StepKind::Delete | StepKind::DeletePredecessor | StepKind::DeleteDeposed => {
                StepVerb::Delete
            }
            StepKind::Forget => return self.forget(change).await,
            StepKind::Read => StepVerb::Read,
        };
        let start = self.engine.world.clock.now();
        let address = change.address.clone();
        let id =
            change.prior.as_ref().filter(|_| verb != StepVerb::Create).and_then(objects::id_of);
        self.event(Event::Started { address: address.clone(), verb, id });
        let result = match step.kind {
            StepKind::Create | StepKind::CreateSuccessor => {
                self.create(change, step.kind, place).await
            }
            StepKind::Update => self.update(change, place).await,
            StepKind::Record => self.record(change).await,
            StepKind::Read => self.read(change, place).await,
            _ => self.delete(change, step.kind, place).await,
        };
        let elapsed = self.engine.world.clock.now().since(start);
        match result {
            Ok(done) => {
                self.event(Event::Completed { address, verb, id: done.id, elapsed });
                self.tell(change, done.problems)
            }
            Err(Undone::Failed(problems)) => {
                let outcome = self.tell(change, problems);
                if outcome == Outcome::Failed {
                    self.event(Event::Failed { address, verb, elapsed });
                }
                outcome
            }
            Err(Undone::Withdrawn) => {
                self.event(Event::Withdrawn { address, verb, elapsed });
                Outcome::NotStarted
            }
        }
    }

    /// Whether the lock is held for sure. Where it may be somebody else's, that is told once, and
    /// nothing is begun any more.
    fn holds_lock(&self) -> bool {
        let is_held = self.session.lease().is_held();
        let is_told =
            |problems: &Diagnostics| problems.iter().any(|problem| problem.code == code::LOCK_LOST);
        if !is_held && !is_told(&lock(&self.problems)) {
            let lost = BackendError::Lost { place: self.session.place() };
            self.problem(state_problem(&lost.into()));
        }
        is_held
    }

    /// Says what is to be said of a step, with errors of which it has failed.
    fn tell(&self, change: &Change, problems: Diagnostics) -> Outcome {
        let outcome = if problems.has_errors() { Outcome::Failed } else { Outcome::Done };
        for problem in problems {
            self.problem(problem.at_if_missing(self.finals.header(&change.address)));
        }
        outcome
    }

    async fn forget(&self, change: &Change) -> Outcome {
        let forgotten = self.session.forget(&change.address, change.deposed.as_ref());
        match forgotten.await {
            Ok(()) => {
                lock(&self.tally).forgotten += 1;
                self.event(Event::Forgotten { address: change.address.clone() });
                Outcome::Done
            }
            Err(error) => {
                self.problem(state_problem(&error).address(&change.address));
                Outcome::Failed
            }
        }
    }

    fn event(&self, event: Event) {
        self.engine.observer.event(&event);
    }

    fn problem(&self, problem: Diagnostic) {
        lock(&self.problems).push(problem);
    }

    /// Says what was left undone because the run was asked to stop. What waits for a failed step
    /// needs no words of its own: the failure has been told.
    fn not_started(&self, outcomes: &BTreeMap<NodeId, Outcome>) {
        let left = outcomes.values().filter(|outcome| **outcome == Outcome::NotStarted).count();
        if left > 0 {
            let steps = if left == 1 { "step was" } else { "steps were" };
            let detail = format!("{left} {steps} not started. What was done is in the state.");
            self.problem(
                Diagnostic::error(code::CANCELLED, detail)
                    .help("run the same command again to go on"),
            );
        }
        let blocked =
            outcomes.values().filter(|outcome| matches!(outcome, Outcome::Blocked(_))).count();
        if blocked > 0 {
            let steps = if blocked == 1 { "step waits" } else { "steps wait" };
            let detail = format!("{blocked} {steps} for a step that failed, and did not start.");
            self.problem(Diagnostic::warning(code::BLOCKED, detail));
        }
    }

    /// Records outputs and saves everything.
    async fn finish(self) -> (Applied, Diagnostics) {
        let mut problems = std::mem::take(&mut *lock(&self.problems));
        let failed = problems.has_errors();
        if self.plan.mode != PlanMode::Destroy {
            // Next to a create that is not settled, outputs may refer to what is not planned.
            let incomplete = failed || !self.session.open_intents().is_empty();
            let found = self.record_outputs();
            // After a failure an output may refer to what was never made; that is no news.
            if !incomplete {
                problems.extend(found);
            }
        } else if !failed {
            self.session.edit(|state| {
                state.outputs.retain(|name, _| !self.plan.outputs.contains_key(name));
            });
        }
        let checks = self.finals.check_results(self.plan);
        self.session.edit(|state| state.checks = checks);
        if let Err(error) = self.session.checkpoint().await {
            problems.push(state_problem(&error));
        }
        (*lock(&self.tally), problems)
    }

    /// Records what outputs came to, and gives what is wrong with them.
    fn record_outputs(&self) -> Diagnostics {
        let (outputs, found) = self.finals.outputs(self.plan);
        self.session.edit(|state| {
            state.outputs.retain(|name, _| {
                self.plan.outputs.get(name).is_none_or(|change| {
                    change.planned.as_ref().is_some_and(|planned| !planned.is_null())
                })
            });
            for (name, record) in outputs {
                match record {
                    Some(record) => state.outputs.insert(name, record),
                    None => state.outputs.remove(&name),
                };
            }
        });
        found
    }

    fn elapsed_context(&self, change: &Change) -> crate::sdk::Context {
        let world = self.engine.world.clone();
        let observer = Arc::clone(&self.engine.observer);
        let address = change.address.clone();
        let start = world.clock.now();
        let clock = Arc::clone(&world.clock);
        crate::sdk::Context::new(world).on_progress(move |text| {
            let elapsed: Duration = clock.now().since(start);
            observer.event(&Event::Progress {
                address: address.clone(),
                text: text.to_owned(),
                elapsed,
            });
        })
    }
}

/// A failure to save or to note something.
pub fn state_problem(error: &SessionError) -> Diagnostic {
    match error {
        SessionError::Backend(BackendError::Lost { .. }) => {
            Diagnostic::error(code::LOCK_LOST, format!("{error}.")).help(
                "nothing was sent since; run the same command again, and it takes up what was begun",
            )
        }
        SessionError::Backend(BackendError::Conflict { .. }) => {
            Diagnostic::error(code::STATE_WRITE, format!("{error}.")).help(
                "it is left as it is; look who works without the lock, then run the same command \
                 again",
            )
        }
        _ => Diagnostic::error(code::STATE_WRITE, format!("{error}.")).help(
            "no call is made without a note on disk; free the place, then run the same command again",
        ),
    }
}
