//! The graph.

use std::fmt::{self, Write as _};

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef as _;
use petgraph::{Direction, algo};

/// Names a node of one graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(super) NodeIndex);

impl NodeId {
    /// Its position in the order of [`Dag::add`], from 0.
    pub fn index(self) -> usize {
        self.0.index()
    }
}

/// Nodes and what each of them needs first.
#[derive(Clone, Debug)]
pub struct Dag<N> {
    graph: DiGraph<N, ()>,
}

/// A circle of nodes, each needing the next, the last needing the first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle(pub Vec<NodeId>);

impl<N> Default for Dag<N> {
    fn default() -> Self {
        Self { graph: DiGraph::new() }
    }
}

impl<N> Dag<N> {
    /// Takes a node in.
    pub fn add(&mut self, node: N) -> NodeId {
        NodeId(self.graph.add_node(node))
    }

    /// Notes that `node` needs `needed` to be done first. Noting it twice changes nothing: whoever
    /// asks is told once. To look for an earlier note here would take as long as there are notes.
    pub fn need(&mut self, node: NodeId, needed: NodeId) {
        self.graph.add_edge(node.0, needed.0, ());
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// Tells whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What a node is; ids come from [`Self::add`] of this graph only.
    pub fn node(&self, id: NodeId) -> Option<&N> {
        self.graph.node_weight(id.0)
    }

    /// Every node with its id, in the order they came in.
    pub fn nodes(&self) -> impl Iterator<Item = (NodeId, &N)> {
        self.graph.node_indices().map(NodeId).zip(self.graph.node_weights())
    }

    /// What `node` needs directly, in the order the nodes came in.
    pub fn needs(&self, node: NodeId) -> Vec<NodeId> {
        self.neighbours(node, Direction::Outgoing)
    }

    /// What needs `node` directly, in the order the nodes came in.
    pub fn needed_by(&self, node: NodeId) -> Vec<NodeId> {
        self.neighbours(node, Direction::Incoming)
    }

    fn neighbours(&self, node: NodeId, direction: Direction) -> Vec<NodeId> {
        let mut found: Vec<_> =
            self.graph.neighbors_directed(node.0, direction).map(NodeId).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// All nodes, each after everything it needs; or a circle that makes this impossible.
    pub fn order(&self) -> Result<Vec<NodeId>, Cycle> {
        match algo::toposort(&self.graph, None) {
            Ok(order) => Ok(order.into_iter().rev().map(NodeId).collect()),
            Err(_) => Err(self.find_cycle()),
        }
    }

    /// A shortest circle through the first node that lies on one. Both searches are iterative: a
    /// chain may be 100,000 long.
    fn find_cycle(&self) -> Cycle {
        let component = algo::kosaraju_scc(&self.graph)
            .into_iter()
            .filter(|nodes| {
                nodes.len() > 1 || nodes.iter().any(|node| self.graph.contains_edge(*node, *node))
            })
            .min_by_key(|nodes| nodes.iter().min().copied());
        let Some(component) = component else { return Cycle(Vec::new()) };
        let start = component.iter().min().copied().unwrap_or_default();
        let inside: std::collections::BTreeSet<_> = component.into_iter().collect();
        let mut came_from = std::collections::BTreeMap::new();
        let mut queue = std::collections::VecDeque::from([start]);
        while let Some(node) = queue.pop_front() {
            for edge in self.graph.edges(node) {
                let next = edge.target();
                if next == start {
                    let mut way = vec![node];
                    let mut at = node;
                    while let Some(previous) = came_from.get(&at) {
                        way.push(*previous);
                        at = *previous;
                    }
                    way.reverse();
                    return Cycle(way.into_iter().map(NodeId).collect());
                }
                if inside.contains(&next) && !came_from.contains_key(&next) {
                    came_from.insert(next, node);
                    queue.push_back(next);
                }
            }
        }
        Cycle(vec![NodeId(start)])
    }

    /// The same graph without the needs that follow from others: what is needed by something that
    /// is needed as well. A graph with a circle stays as it is.
    #[must_use]
    pub fn reduced(&self) -> Self
    where
        N: Clone,
    {
        let Ok(order) = self.order() else { return self.clone() };
        // How late a node comes: it needs only what comes before.
        let mut late = vec![0; self.len()];
        for (position, id) in order.into_iter().enumerate() {
            if let Some(place) = late.get_mut(id.index()) {
                *place = position;
            }
        }
        let lateness = |id: &NodeId| late.get(id.index()).copied().unwrap_or_default();
        let mut reduced = Self::default();
        let ids: Vec<_> = self.nodes().map(|(_, node)| reduced.add(node.clone())).collect();
        let mut seen = vec![usize::MAX; self.len()];
        let mut open = Vec::new();
        for (id, _) in self.nodes() {
            let mut needs = self.needs(id);
            needs.sort_unstable_by_key(|need| std::cmp::Reverse(lateness(need)));
            let first = needs.last().map(&lateness).unwrap_or_default();
            for need in needs {
                let mark = |seen: &mut Vec<usize>, node: NodeId| {
                    let place = seen.get_mut(node.index());
                    place.is_some_and(|place| std::mem::replace(place, id.index()) != id.index())
                };
                if !mark(&mut seen, need) {
                    continue;
                }
                if let (Some(from), Some(to)) = (ids.get(id.index()), ids.get(need.index())) {
                    reduced.need(*from, *to);
                }
                open.push(need);
                while let Some(node) = open.pop() {
                    let beyond = self.needs(node).into_iter();
                    for further in beyond.filter(|node| lateness(node) >= first) {
                        if mark(&mut seen, further) {
                            open.push(further);
                        }
                    }
                }
            }
        }
        reduced
    }

    /// The same nodes, with every arrow turned around.
    #[must_use]
    pub fn reversed(&self) -> Self
    where
        N: Clone,
    {
        let mut reversed = Self::default();
        let ids: Vec<_> = self.nodes().map(|(_, node)| reversed.add(node.clone())).collect();
        for (id, _) in self.nodes() {
            for needed in self.needs(id) {
                if let (Some(from), Some(to)) = (ids.get(needed.index()), ids.get(id.index())) {
                    reversed.need(*from, *to);
                }
            }
        }
        reversed
    }

    /// The graph in the language of Mermaid, arrows pointing at what is needed.
    pub fn mermaid(&self, name: impl Fn(&N) -> String) -> String {
        let mut text = String::from("flowchart RL\n");
        for (id, node) in self.nodes() {
            let label = name(node).replace('"', "#quot;");
            let _ = writeln!(text, "  n{id}[\"{label}\"]");
        }
        for (id, _) in self.nodes() {
            for needed in self.needs(id) {
                let _ = writeln!(text, "  n{id} --> n{needed}");
            }
        }
        text
    }

    /// The graph in the dot language, each node once, arrows pointing at what is needed.
    pub fn dot(&self, name: impl Fn(&N) -> String) -> String {
        let quote = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
        let mut text = String::from("digraph G {\n  rankdir = \"RL\";\n");
        text.push_str("  node [shape = rect, fontname = \"sans-serif\"];\n");
        for (_, node) in self.nodes() {
            let label = quote(&name(node));
            let _ = writeln!(text, "  {label} [label={label}];");
        }
        for (id, node) in self.nodes() {
            for needed in self.needs(id) {
                if let Some(needed) = self.node(needed) {
                    let _ = writeln!(text, "  {} -> {};", quote(&name(node)), quote(&name(needed)));
                }
            }
        }
        text.push_str("}\n");
        text
    }
}

impl Cycle {
    /// The circle as `a → b → a`, with names by `name`.
    pub fn describe(&self, name: impl Fn(NodeId) -> String) -> String {
        let mut names: Vec<_> = self.0.iter().map(|id| name(*id)).collect();
        names.extend(names.first().cloned());
        names.join(" → ")
    }
}

impl fmt::Display for NodeId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.index().fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_from_other_needs_is_left_out() {
        let mut dag = Dag::default();
        let [a, b, c, d] = ["a", "b", "c", "d"].map(|name| dag.add(name));
        for (node, needed) in [(a, b), (b, c), (a, c), (a, d), (c, d)] {
            dag.need(node, needed);
        }
        let reduced = dag.reduced();
        assert_eq!(reduced.needs(a), [b]);
        assert_eq!(reduced.needs(b), [c]);
        assert_eq!(reduced.needs(c), [d]);
        assert_eq!(
            reduced.reversed().mermaid(ToString::to_string),
            "flowchart RL\n  n0[\"a\"]\n  n1[\"b\"]\n  n2[\"c\"]\n  n3[\"d\"]\n  n1 --> n0\n  n2 --> n1\n  n3 --> n2\n"
        );
    }

    #[test]
    fn the_order_puts_needs_first() {
        let mut dag = Dag::default();
        let [a, b, c] = ["a", "b", "c"].map(|name| dag.add(name));
        dag.need(a, b);
        dag.need(b, c);
        assert_eq!(dag.order().unwrap(), [c, b, a]);
        assert_eq!(dag.needed_by(c), [b]);
    }

    #[test]
    fn a_need_that_is_noted_twice_is_told_once() {
        let mut dag = Dag::default();
        let [a, b] = ["a", "b"].map(|name| dag.add(name));
        dag.need(a, b);
        dag.need(a, b);
        assert_eq!((dag.needs(a), dag.needed_by(b)), (vec![b], vec![a]));
        assert_eq!(dag.order().unwrap(), [b, a]);
        assert_eq!(dag.dot(|name| (*name).to_owned()).matches("->").count(), 1);
    }

    #[test]
    fn a_circle_is_named_without_what_hangs_on_it() {
        let mut dag = Dag::default();
        let [tail, a, b, c] = ["tail", "a", "b", "c"].map(|name| dag.add(name));
        dag.need(tail, a);
        dag.need(a, b);
        dag.need(b, c);
        dag.need(c, a);
        let cycle = dag.order().unwrap_err();
        let name = |id| (*dag.node(id).unwrap()).to_owned();
        assert_eq!(cycle.describe(name), "a → b → c → a");
    }

    #[test]
    fn a_node_that_needs_itself_is_a_circle() {
        let mut dag = Dag::default();
        let a = dag.add("a");
        dag.need(a, a);
        assert_eq!(dag.order().unwrap_err(), Cycle(vec![a]));
    }

    #[test]
    fn a_long_chain_does_not_overflow() {
        let mut dag = Dag::default();
        let ids: Vec<_> = (0..100_000).map(|index| dag.add(index)).collect();
        for pair in ids.windows(2) {
            dag.need(pair[1], pair[0]);
        }
        assert_eq!(dag.order().unwrap(), ids);
    }
}
