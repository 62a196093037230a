//! Changes as calls in an order.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::addr::{DeclaredResource, InstanceAddr};
use crate::graph::{Cycle, Dag, NodeId};

use super::{Action, Change, ReplaceOrder};

/// What one step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Makes an object.
    Create,
    /// Makes the successor of an object that stays until then.
    CreateSuccessor,
    /// Changes an object in place.
    Update,
    /// Records a change that needs no call.
    Record,
    /// Deletes the current object.
    Delete,
    /// Deletes the object whose successor this plan made.
    DeletePredecessor,
    /// Deletes an object that an earlier run left behind.
    DeleteDeposed,
    /// Takes an object out of the record.
    Forget,
    /// Looks something up.
    Read,
}

/// One call-sized unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it does.
    pub kind: StepKind,
    /// Position of its change in the plan.
    pub change: usize,
}

/// Steps and what each of them needs first.
pub type StepGraph = Dag<Step>;

/// The steps of one change: the one that makes or changes, and the one that deletes.
#[derive(Clone, Copy, Default)]
struct Pair {
    make: Option<NodeId>,
    delete: Option<NodeId>,
}

/// Orders `changes`. An object is made after everything it needs; it is deleted after everything
/// that was made from it is gone or no longer needs it.
pub fn order(
    changes: &[Change],
    recorded: &BTreeMap<InstanceAddr, Vec<Arc<DeclaredResource>>>,
) -> Result<StepGraph, (StepGraph, Cycle)> {
    let mut graph = StepGraph::default();
    let mut pairs: Vec<Pair> = Vec::with_capacity(changes.len());
    for (index, change) in changes.iter().enumerate() {
        pairs.push(add_steps(&mut graph, index, change));
    }
    let makers: BTreeMap<_, _> = changes
        .iter()
        .zip(&pairs)
        .filter(|(change, _)| change.deposed.is_none())
        .filter_map(|(change, pair)| Some((&change.address, pair.make?)))
        .collect();
    for (change, pair) in changes.iter().zip(&pairs) {
        let Some(make) = pair.make else { continue };
        for need in &change.needs {
            if let Some(needed) = makers.get(&**need) {
                graph.need(make, *needed);
            }
        }
    }
    // What an earlier run left behind goes after its successor is there: it may be the only one.
    for (change, pair) in changes.iter().zip(&pairs).filter(|(change, _)| change.deposed.is_some())
    {
        if let (Some(delete), Some(make)) = (pair.delete, makers.get(&change.address)) {
            graph.need(delete, *make);
        }
    }
    order_deletes(&mut graph, changes, &pairs, recorded);
    match graph.order() {
        Ok(_) => Ok(graph),
        Err(cycle) => Err((graph, cycle)),
    }
}

/// Lets every deletion wait for what used the object.
fn order_deletes(
    graph: &mut StepGraph,
    changes: &[Change],
    pairs: &[Pair],
    recorded: &BTreeMap<InstanceAddr, Vec<Arc<DeclaredResource>>>,
) {
    if pairs.iter().all(|pair| pair.delete.is_none()) {
        return;
    }
    let mut users: BTreeMap<&DeclaredResource, Vec<usize>> = BTreeMap::new();
    for (index, change) in changes.iter().enumerate() {
        let earlier = recorded.get(&change.address).map(Vec::as_slice).unwrap_or_default();
        for resource in earlier.iter().chain(change.dependencies.iter()) {
            users.entry(resource).or_default().push(index);
        }
    }
    for (change, pair) in changes.iter().zip(pairs) {
        let Some(delete) = pair.delete else { continue };
        for user in users.get(&change.address.resource.declared()).into_iter().flatten() {
            let (Some(user_change), Some(user)) = (changes.get(*user), pairs.get(*user)) else {
                continue;
            };
            if user_change.address == change.address {
                continue;
            }
            need_users_first(graph, change, delete, user_change, *user);
        }
    }
}

fn add_steps(graph: &mut StepGraph, change: usize, planned: &Change) -> Pair {
    let mut add = |kind| Some(graph.add(Step { kind, change }));
    match planned.action {
        Action::NoOp => Pair::default(),
        Action::Create => Pair { make: add(StepKind::Create), delete: None },
        Action::Read => Pair { make: add(StepKind::Read), delete: None },
        Action::Update if planned.record_only => Pair { make: add(StepKind::Record), delete: None },
        Action::Update => Pair { make: add(StepKind::Update), delete: None },
        Action::Delete if planned.deposed.is_some() => {
            Pair { make: None, delete: add(StepKind::DeleteDeposed) }
        }
        Action::Delete => Pair { make: None, delete: add(StepKind::Delete) },
        Action::Forget => {
            add(StepKind::Forget);
            Pair::default()
        }
        Action::Replace(order) => {
            let (make, delete) = match order {
                ReplaceOrder::DeleteFirst => (StepKind::Create, StepKind::Delete),
                ReplaceOrder::CreateFirst => {
                    (StepKind::CreateSuccessor, StepKind::DeletePredecessor)
                }
            };
            let pair = Pair { make: add(make), delete: add(delete) };
            if let (Some(make), Some(delete)) = (pair.make, pair.delete) {
                match order {
                    ReplaceOrder::DeleteFirst => graph.need(make, delete),
                    ReplaceOrder::CreateFirst => graph.need(delete, make),
                }
            }
            pair
        }
    }
}

/// Lets the deletion of an object wait for what used it. Where the object goes before its
/// successor comes, a user that is renewed in the other order cannot go first: it waits for the
/// successor.
fn need_users_first(
    graph: &mut StepGraph,
    change: &Change,
    delete: NodeId,
    user_change: &Change,
    user: Pair,
) {
    let goes_first = change.action == Action::Replace(ReplaceOrder::DeleteFirst);
    let user_renews_first = user_change.action == Action::Replace(ReplaceOrder::CreateFirst);
    if let Some(user_delete) = user.delete
        && !(goes_first && user_renews_first)
    {
        graph.need(delete, user_delete);
    }
    if let Some(user_make) = user.make
        && !goes_first
    {
        graph.need(delete, user_make);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::addr::{InstanceKey, ProviderConfigAddr, ResourceAddr};
    use crate::plan::Reason;

    fn change(name: &str, action: Action, needs: &[&str]) -> Change {
        let address = |name: &str| ResourceAddr::managed("t_a", name).instance(InstanceKey::None);
        Change {
            address: address(name),
            deposed: None,
            provider: ProviderConfigAddr::default_of("t"),
            action,
            reason: Reason::New,
            prior: None,
            planned: None,
            replace_paths: Vec::new(),
            dependencies: needs
                .iter()
                .map(|name| Arc::new(address(name).resource.declared()))
                .collect(),
            needs: needs.iter().map(|name| Arc::new(address(name))).collect(),
            create_before_destroy: false,
            record_only: false,
            stays: false,
            declared_at: None,
            causes: Vec::new(),
        }
    }

    fn sequence(changes: &[Change]) -> Vec<String> {
        let recorded = changes
            .iter()
            .map(|change| (change.address.clone(), change.dependencies.to_vec()))
            .collect();
        let graph = order(changes, &recorded).unwrap();
        let steps = graph.order().unwrap().into_iter().map(|id| {
            let step = graph.node(id).unwrap();
            format!("{:?} {}", step.kind, changes[step.change].address.resource.local.name)
        });
        steps.collect()
    }

    #[test]
    fn making_follows_needs_and_deleting_the_other_way_round() {
        let make = [change("b", Action::Create, &["a"]), change("a", Action::Create, &[])];
        assert_eq!(sequence(&make), ["Create a", "Create b"]);
        let delete = [change("a", Action::Delete, &[]), change("b", Action::Delete, &["a"])];
        assert_eq!(sequence(&delete), ["Delete b", "Delete a"]);
    }

    #[test]
    fn a_chain_replaced_create_first_keeps_something_whole_at_every_moment() {
        let first = Action::Replace(ReplaceOrder::CreateFirst);
        let chain = [change("a", first, &[]), change("b", first, &["a"])];
        assert_eq!(
            sequence(&chain),
            [
                "CreateSuccessor a",
                "CreateSuccessor b",
                "DeletePredecessor b",
                "DeletePredecessor a"
            ]
        );
    }

    #[test]
    fn a_slot_that_must_be_freed_first_makes_no_circle() {
        let chain = [
            change("a", Action::Replace(ReplaceOrder::DeleteFirst), &[]),
            change("b", Action::Replace(ReplaceOrder::CreateFirst), &["a"]),
        ];
        assert_eq!(
            sequence(&chain),
            ["Delete a", "Create a", "CreateSuccessor b", "DeletePredecessor b"]
        );
    }

    #[test]
    fn what_an_earlier_run_left_goes_after_its_successor_came() {
        let mut left = change("a", Action::Delete, &[]);
        left.deposed = Some(crate::state::DeposedKey("0".to_owned()));
        let changes = [left, change("a", Action::Create, &[])];
        assert_eq!(sequence(&changes), ["Create a", "DeleteDeposed a"]);
    }

    #[test]
    fn what_is_removed_goes_after_its_user_has_let_go() {
        let mut user = change("b", Action::Update, &[]);
        user.dependencies = [Arc::new(ResourceAddr::managed("t_a", "a").declared())].into();
        let changes = [change("a", Action::Delete, &[]), user];
        assert_eq!(sequence(&changes), ["Update b", "Delete a"]);
    }
}
