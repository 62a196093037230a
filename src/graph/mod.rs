//! A directed graph without circles, and walks over it.
//!
//! In: nodes and "needs" edges. Out: an order, an explained circle, a bounded concurrent walk, dot
//! text. The only home of the graph library; it knows nothing of what the nodes are.

mod dag;
mod walk;

pub use dag::{Cycle, Dag, NodeId};
pub use walk::{Limit, Outcome, Place, Walk};
