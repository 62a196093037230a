//! Doing the nodes: as many at once as allowed, each after what it needs.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::sync::{Semaphore, oneshot};

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

/// What nodes that name the same key share.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What they share.
    pub key: String,
    /// How many of them may be under way at once; 0 counts as 1.
    pub most: usize,
}

/// How to walk.
pub struct Walk<'a> {
    /// How many nodes may be under way at once; 0 counts as 1.
    pub parallelism: usize,
    /// Once requested, nothing new is started.
    pub cancel: &'a Cancel,
}

/// The place of a node among those that are under way. The next one may begin once it is dropped,
/// which is before its own is done where only something of ours is left to do.
#[must_use = "dropping it lets the next node begin"]
pub struct Place {
    limits: Vec<Limit>,
    words: UnboundedSender<Word>,
    lendable: Arc<Semaphore>,
}

/// What places tell the walk.
enum Word {
    /// It is the next one's for good; what its node shared is free as well.
    Free(Vec<Limit>),
    /// It is another one's for a while.
    Lent,
    /// Its node wants a place again.
    Wanted(oneshot::Sender<()>),
}

impl Place {
    /// Does something that needs no place. Meanwhile another node may have it, unless enough others
    /// have lent theirs already; afterwards this one goes on as soon as a place is free, before any
    /// that has not begun.
    pub async fn aside<T>(&self, work: impl Future<Output = T>) -> T {
        let Ok(_lent) = self.lendable.try_acquire() else { return work.await };
        self.tell(Word::Lent);
        let done = work.await;
        let (sender, free) = oneshot::channel();
        self.tell(Word::Wanted(sender));
        // Where the walk has ended nobody waits for a place.
        let _ = free.await;
        done
    }

    fn tell(&self, word: Word) {
        // Where the walk has ended nobody waits for the place.
        let _ = self.words.send(word);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let limits = std::mem::take(&mut self.limits);
        self.tell(Word::Free(limits));
    }
}

impl Walk<'_> {
    /// Does every node of `dag` with `work`, which tells what became of it. A failure blocks only what
    /// needs the failed node. Ready nodes start in the order they were added, but for
    /// those that wait for one of their `limits`.
    ///
    /// There are as many places as nodes that may be under way. As many nodes again may have given theirs
    /// back without being done, and some may have lent theirs. Of nodes that go one by one, each is done
    /// before the next begins.
    pub async fn run<N, W>(
        &self,
        dag: &Dag<N>,
        limits: impl Fn(NodeId) -> Vec<Limit>,
        work: impl Fn(NodeId, Place) -> W,
    ) -> Result<BTreeMap<NodeId, Outcome>, Cycle>
    where
        W: Future<Output = Outcome>,
    {
        dag.order()?;
        let most = self.parallelism.max(1);
        let most_undone = if most == 1 { 1 } else { most * 2 + lendable(most) };
        let mut progress = Progress::of(dag);
        let mut shared = Shared::default();
        let mut running = FuturesUnordered::new();
        let (words, mut told) = unbounded_channel();
        let lendable = Arc::new(Semaphore::new(lendable(most)));
        let mut wanting = VecDeque::new();
        let mut taken = 0;
        loop {
            while taken < most
                && let Some(free) = wanting.pop_front()
            {
                taken += usize::from(oneshot::Sender::send(free, ()).is_ok());
            }
            while taken < most && running.len() < most_undone && !self.cancel.is_requested() {
                let Some(id) = progress.ready.pop_first() else { break };
                let limits = limits(id);
                if !shared.take(id, &limits, &mut progress.ready) {
                    continue;
                }
                taken += 1;
                let (words, lendable) = (words.clone(), Arc::clone(&lendable));
                let future = work(id, Place { limits, words, lendable });
                running.push(async move { (id, future.await) });
            }
            if taken == 0 && running.is_empty() {
                break;
            }
            tokio::select! {
                biased;
                Some(word) = told.recv() => match word {
                    Word::Free(limits) => {
                        taken -= 1;
                        shared.give_back(&limits, &mut progress.ready);
                    }
                    Word::Lent => taken -= 1,
                    Word::Wanted(free) => wanting.push_back(free),
                },
                Some((id, outcome)) = running.next() => progress.finish(dag, id, outcome),
            }
        }
        for (id, _) in dag.nodes() {
            progress.outcomes.entry(id).or_insert(Outcome::NotStarted);
        }
        Ok(progress.outcomes)
    }
}

/// How many places may be lent at once: most of them, so that those that come back together find others
/// ready to go. Nodes that go one by one lend none.
fn lendable(places: usize) -> usize {
    places * 3 / 4
}

/// Who uses what nodes share, and who waits for it.
#[derive(Default)]
struct Shared {
    used: BTreeMap<String, usize>,
    waiting: BTreeMap<String, BTreeSet<NodeId>>,
}

impl Shared {
    fn has_room(&self, limit: &Limit) -> bool {
        self.used.get(&limit.key).is_none_or(|used| *used < limit.most.max(1))
    }

    /// Takes a place under every limit, or has the node wait for the first that is full.
    fn take(&mut self, id: NodeId, limits: &[Limit], ready: &mut BTreeSet<NodeId>) -> bool {
        if let Some(full) = limits.iter().find(|limit| !self.has_room(limit)) {
            self.waiting.entry(full.key.clone()).or_default().insert(id);
            // The place that this node was called for is another's now.
            for limit in limits.iter().filter(|limit| self.has_room(limit)).collect::<Vec<_>>() {
                self.call_next(&limit.key, ready);
            }
            return false;
        }
        for limit in limits {
            *self.used.entry(limit.key.clone()).or_default() += 1;
        }
        true
    }

    fn give_back(&mut self, limits: &[Limit], ready: &mut BTreeSet<NodeId>) {
        for limit in limits {
            if let Some(used) = self.used.get_mut(&limit.key) {
                *used = used.saturating_sub(1);
            }
            self.call_next(&limit.key, ready);
        }
    }

    fn call_next(&mut self, key: &str, ready: &mut BTreeSet<NodeId>) {
        ready.extend(self.waiting.get_mut(key).and_then(BTreeSet::pop_first));
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
                if outcome == Outcome::NotStarted {
                    settled.push((dependent, outcome));
                } else if outcome != Outcome::Done {
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
                |_| Vec::new(),
                async |id: NodeId, _place: Place| {
                    done.borrow_mut().push(id);
                    if id == a { Outcome::Failed } else { Outcome::Done }
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
    async fn what_needs_a_node_that_was_withdrawn_is_not_started_either() {
        let mut dag = Dag::default();
        let [a, b, c] = ["a", "b", "c"].map(|name| dag.add(name));
        dag.need(b, a);
        dag.need(c, b);
        let cancel = Cancel::default();
        let outcomes = walk(&cancel, 2)
            .run(&dag, |_| Vec::new(), async |_, _place: Place| Outcome::NotStarted)
            .await
            .unwrap();
        assert_eq!([a, b, c].map(|id| outcomes[&id]), [Outcome::NotStarted; 3]);
    }

    #[tokio::test]
    async fn a_lent_place_serves_another_node_and_comes_back_before_one_that_has_not_begun() {
        for (places, most_aside) in [(1, 0), (2, 1), (4, 3)] {
            let mut dag = Dag::default();
            for index in 0..40 {
                dag.add(index);
            }
            let cancel = Cancel::default();
            let (at_work, most, begun) = (Cell::new(0), Cell::new(0), Cell::new(0));
            let aside = Cell::new(0);
            let work = async || {
                at_work.set(at_work.get() + 1);
                most.set(most.get().max(at_work.get()));
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                at_work.set(at_work.get() - 1);
            };
            let node = async |_: NodeId, place: Place| {
                begun.set(begun.get() + 1);
                place
                    .aside(async {
                        aside.set(aside.get().max(begun.get() - at_work.get()));
                        tokio::task::yield_now().await;
                    })
                    .await;
                work().await;
                begun.set(begun.get() - 1);
                drop(place);
                Outcome::Done
            };
            let outcomes = walk(&cancel, places).run(&dag, |_| Vec::new(), node).await.unwrap();
            assert!(outcomes.values().all(|outcome| *outcome == Outcome::Done));
            assert_eq!(most.get(), places, "all places are used and no more");
            assert!(aside.get() <= places + most_aside, "{} of {places}", aside.get());
        }
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
        let limits = |id| key(id).map(|key| Limit { key, most: 1 }).into_iter().collect();
        walk(&cancel, 4)
            .run(&dag, limits, async |id: NodeId, _place: Place| {
                now.set(now.get() + 1);
                most.set(most.get().max(now.get()));
                assert!(key(id).is_none_or(|key| keys.borrow_mut().insert(key)));
                tokio::task::yield_now().await;
                key(id).map(|key| keys.borrow_mut().remove(&key));
                now.set(now.get() - 1);
                Outcome::Done
            })
            .await
            .unwrap();
        assert_eq!(most.get(), 4);
    }

    #[tokio::test]
    async fn nobody_is_forgotten_who_waits_for_two_things() {
        let mut dag = Dag::default();
        for index in 0..60 {
            dag.add(index);
        }
        let cancel = Cancel::default();
        let limit = |key: String, most| Limit { key, most };
        let limits = |id: NodeId| {
            let index = id.index();
            vec![limit(format!("disk {}", index % 7), 1), limit(format!("vendor {}", index % 2), 3)]
        };
        let used = RefCell::new(BTreeMap::new());
        let outcomes = walk(&cancel, 50)
            .run(&dag, limits, async |id: NodeId, _place: Place| {
                for limit in limits(id) {
                    let mut used = used.borrow_mut();
                    let count = used.entry(limit.key).or_insert(0);
                    *count += 1;
                    assert!(*count <= limit.most);
                }
                for _ in 0..id.index() % 5 {
                    tokio::task::yield_now().await;
                }
                for limit in limits(id) {
                    used.borrow_mut().entry(limit.key).and_modify(|count| *count -= 1);
                }
                Outcome::Done
            })
            .await
            .unwrap();
        assert!(outcomes.values().all(|outcome| *outcome == Outcome::Done));
    }

    #[tokio::test]
    async fn a_place_given_back_early_is_taken_by_the_next_within_bounds() {
        let mut dag = Dag::default();
        for index in 0..20 {
            dag.add(index);
        }
        let cancel = Cancel::default();
        let (in_place, under_way, most) = (Cell::new(0), Cell::new(0), Cell::new((0, 0)));
        let limits = |_| vec![Limit { key: "vendor".to_owned(), most: 2 }];
        let outcomes = walk(&cancel, 3)
            .run(&dag, limits, async |_, place: Place| {
                in_place.set(in_place.get() + 1);
                under_way.set(under_way.get() + 1);
                let (places, nodes) = most.get();
                most.set((in_place.get().max(places), under_way.get().max(nodes)));
                tokio::task::yield_now().await;
                in_place.set(in_place.get() - 1);
                drop(place);
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                }
                under_way.set(under_way.get() - 1);
                Outcome::Done
            })
            .await
            .unwrap();
        assert!(outcomes.values().all(|outcome| *outcome == Outcome::Done));
        assert_eq!(most.get(), (2, 8));
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
                |_| Vec::new(),
                async |_, _place: Place| {
                    cancel.request();
                    Outcome::Done
                },
            )
            .await
            .unwrap();
        assert_eq!((outcomes[&a], outcomes[&b]), (Outcome::Done, Outcome::NotStarted));
    }
}
