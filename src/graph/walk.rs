//! Doing the nodes: as many at once as allowed, each after what it needs.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::world::Cancel;

use super::{Cycle, Dag, NodeId};

/// What became of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was tried and failed.
    Failed,
    /// It was not tried, because this node, which it needs, failed or was not done itself.
    Blocked(NodeId),
    /// It was not tried, because the run was asked to stop.
    NotStarted,
}

/// How to walk.
pub struct Walk<'a> {
    /// How many nodes may be under way at once; 0 counts as 1.
    pub parallelism: usize,
    /// Once requested, nothing new is started.
    pub cancel: &'a Cancel,
}

impl Walk<'_> {
    /// Does every node of `dag` with `work`, which tells whether it succeeded. A failure blocks
    /// only what needs the failed node. Of nodes with an equal `exclusive` key only one is under
    /// way at a time. Ready nodes start in the order they were added.
    pub async fn run<N, W>(
        &self,
        dag: &Dag<N>,
        exclusive: impl Fn(NodeId) -> Option<String>,
        work: impl Fn(NodeId) -> W,
    ) -> Result<BTreeMap<NodeId, Outcome>, Cycle>
    where
        W: Future<Output = bool>,
    {
        dag.order()?;
        let mut progress = Progress::of(dag);
        let mut busy = BTreeSet::new();
        let mut running = FuturesUnordered::new();
        loop {
            let mut held_back = Vec::new();
            while running.len() < self.parallelism.max(1) && !self.cancel.is_requested() {
                let Some(id) = progress.ready.pop_first() else { break };
                let key = exclusive(id);
                if key.as_ref().is_some_and(|key| busy.contains(key)) {
                    held_back.push(id);
                    continue;
                }
                busy.extend(key.clone());
                let future = work(id);
                running.push(async move { (id, key, future.await) });
            }
            progress.ready.extend(held_back);
            let Some((id, key, succeeded)) = running.next().await else { break };
            if let Some(key) = key {
                busy.remove(&key);
            }
            progress.finish(dag, id, if succeeded { Outcome::Done } else { Outcome::Failed });
        }
        for (id, _) in dag.nodes() {
            progress.outcomes.entry(id).or_insert(Outcome::NotStarted);
        }
        Ok(progress.outcomes)
    }
}

struct Progress {
    outcomes: BTreeMap<NodeId, Outcome>,
    /// How many needs of each node are not done yet.
    waiting: Vec<usize>,
    ready: BTreeSet<NodeId>,
}

impl Progress {
    fn of<N>(dag: &Dag<N>) -> Self {
        let waiting: Vec<_> = dag.nodes().map(|(id, _)| dag.needs(id).len()).collect();
        let ready = dag
            .nodes()
            .map(|(id, _)| id)
            .filter(|id| waiting.get(id.index()) == Some(&0))
            .collect();
        Self { outcomes: BTreeMap::new(), waiting, ready }
    }

    fn finish<N>(&mut self, dag: &Dag<N>, id: NodeId, outcome: Outcome) {
        let mut settled = vec![(id, outcome)];
        while let Some((id, outcome)) = settled.pop() {
            if self.outcomes.contains_key(&id) {
                continue;
            }
            self.outcomes.insert(id, outcome);
            for dependent in dag.needed_by(id) {
                if outcome != Outcome::Done {
                    settled.push((dependent, Outcome::Blocked(id)));
                } else if let Some(count) = self.waiting.get_mut(dependent.index()) {
                    *count -= 1;
                    if *count == 0 && !self.outcomes.contains_key(&dependent) {
                        self.ready.insert(dependent);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    fn walk(cancel: &Cancel, parallelism: usize) -> Walk<'_> {
        Walk { parallelism, cancel }
    }

    #[tokio::test]
    async fn a_failure_blocks_only_what_needs_it() {
        let mut dag = Dag::default();
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| dag.add(name));
        dag.need(b, a);
        dag.need(c, b);
        let cancel = Cancel::default();
        let done = RefCell::new(Vec::new());
        let outcomes = walk(&cancel, 2)
            .run(
                &dag,
                |_| None,
                async |id: NodeId| {
                    done.borrow_mut().push(id);
                    id != a
                },
            )
            .await
            .unwrap();
        assert_eq!(outcomes[&a], Outcome::Failed);
        assert_eq!(outcomes[&b], Outcome::Blocked(a));
        assert_eq!(outcomes[&c], Outcome::Blocked(b));
        assert_eq!(outcomes[&d], Outcome::Done);
        assert_eq!(*done.borrow(), [a, d]);
    }

    #[tokio::test]
    async fn never_more_at_once_than_allowed_and_never_two_of_one_key() {
        let mut dag = Dag::default();
        for index in 0..20 {
            dag.add(index);
        }
        let cancel = Cancel::default();
        let (now, most) = (Cell::new(0), Cell::new(0));
        let keys = RefCell::new(BTreeSet::new());
        let key = |id: NodeId| (id.index() < 10).then(|| "disk".to_owned());
        walk(&cancel, 4)
            .run(&dag, key, async |id: NodeId| {
                now.set(now.get() + 1);
                most.set(most.get().max(now.get()));
                assert!(key(id).is_none_or(|key| keys.borrow_mut().insert(key)));
                tokio::task::yield_now().await;
                key(id).map(|key| keys.borrow_mut().remove(&key));
                now.set(now.get() - 1);
                true
            })
            .await
            .unwrap();
        assert_eq!(most.get(), 4);
    }

    #[tokio::test]
    async fn nothing_starts_after_a_cancel() {
        let mut dag = Dag::default();
        let [a, b] = ["a", "b"].map(|name| dag.add(name));
        dag.need(b, a);
        let cancel = Cancel::default();
        let outcomes = walk(&cancel, 1)
            .run(
                &dag,
                |_| None,
                async |_| {
                    cancel.request();
                    true
                },
            )
            .await
            .unwrap();
        assert_eq!((outcomes[&a], outcomes[&b]), (Outcome::Done, Outcome::NotStarted));
    }
}
