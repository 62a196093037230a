//! `moved` blocks: objects that are known under another address from now on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::addr::{
    DeclaredResource, InstanceAddr, InstanceKey, ModuleInstance, ModulePath, ModuleStep,
    ResourceAddr, Target,
};
use crate::config::{Config, MovedDecl};
use crate::diag::{Diagnostic, Diagnostics, code};
use crate::plan::Move;

/// What the `moved` blocks of all modules say.
pub(super) struct Moves<'c> {
    statements: Vec<Statement<'c>>,
}

struct Statement<'c> {
    /// The module in which it stands; it holds in all instances of it.
    base: &'c ModulePath,
    declared: &'c MovedDecl,
}

impl<'c> Moves<'c> {
    /// Collects the blocks.
    pub(super) fn of(config: &'c Config) -> Self {
        let statements = config.modules().flat_map(|(base, found)| {
            found.module.moved.iter().map(move |declared| Statement { base, declared })
        });
        Self { statements: statements.collect() }
    }

    /// Blocks that contradict the configuration or each other.
    pub(super) fn check(&self, config: &Config) -> Diagnostics {
        let mut problems = Diagnostics::default();
        for (index, statement) in self.statements.iter().enumerate() {
            let MovedDecl { from, to, header } = statement.declared;
            let problem = |detail: String| Diagnostic::error(code::MOVE, detail).at(*header);
            if from == to {
                problems.push(problem(format!("`{from}` is said to move to itself.")));
                continue;
            }
            if statement.is_still_declared(config) {
                problems.push(
                    problem(format!("`{from}` is said to have moved, and is still declared."))
                        .help("take its block out, or this one"),
                );
            }
            if self.goes_in_circle(statement) {
                problems.push(
                    problem(format!("What moves from `{from}` is said to come back to it."))
                        .help("take out the block that is not meant"),
                );
            }
            for earlier in self.statements.iter().take(index) {
                let same_place = earlier.base == statement.base;
                let (verb, other) = match earlier.declared {
                    held if same_place && held.from == *from => ("from", from),
                    held if same_place && held.to == *to => ("to", to),
                    _ => continue,
                };
                problems.push(
                    problem(format!("Two blocks say what moves {verb} `{other}`."))
                        .label(earlier.declared.header, "the first one here"),
                );
            }
        }
        problems
    }

    /// Whether a chain of moves that begins with this block ends where it began.
    fn goes_in_circle(&self, start: &Statement<'_>) -> bool {
        let mut here = &start.declared.to;
        for _ in 0..self.statements.len() {
            if *here == start.declared.from {
                return true;
            }
            let next = self
                .statements
                .iter()
                .find(|statement| statement.base == start.base && statement.declared.from == *here);
            match next {
                Some(next) => here = &next.declared.to,
                None => return false,
            }
        }
        false
    }

    /// Tells whether no block says that anything moves.
    pub(super) fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Where the objects at these addresses belong now, and warnings of those that cannot go there
    /// because something is there already.
    pub(super) fn of_objects(
        &self,
        recorded: &BTreeSet<InstanceAddr>,
    ) -> Result<(Vec<Move>, Diagnostics), Diagnostic> {
        if self.statements.is_empty() {
            return Ok((Vec::new(), Diagnostics::default()));
        }
        let mut wanted = Vec::new();
        for from in recorded {
            let (to, header) = self.destination(from)?;
            if let Some(header) = header {
                let step = Move { from: from.clone(), to };
                other_type(&step, header)?;
                wanted.push((step, header));
            }
        }
        let leaving: BTreeSet<_> = wanted.iter().map(|(step, _)| step.from.clone()).collect();
        let mut taken: BTreeSet<_> = recorded.difference(&leaving).cloned().collect();
        let mut problems = Diagnostics::default();
        let mut moves = Vec::new();
        for (step, header) in wanted {
            if taken.insert(step.to.clone()) {
                moves.push(step);
            } else {
                let Move { from, to } = &step;
                let detail =
                    format!("`{from}` cannot become `{to}`: there is another object already.");
                problems.push(
                    Diagnostic::warning(code::MOVE_BLOCKED, detail)
                        .at(header)
                        .address(from)
                        .help("the object stays under its old address and is planned from there"),
                );
            }
        }
        Ok((moves, problems))
    }

    /// Where an object belongs, through any number of moves, with the place of the last one.
    fn destination(
        &self,
        from: &InstanceAddr,
    ) -> Result<(InstanceAddr, Option<crate::text::Span>), Diagnostic> {
        let mut address = from.clone();
        let mut last = None;
        let mut steps = 0;
        while let Some((next, header)) = self.step(&address) {
            steps += 1;
            if steps > self.statements.len() {
                let detail = format!("`{from}` is said to move in a circle.");
                return Err(Diagnostic::error(code::MOVE, detail).at(header));
            }
            address = next;
            last = Some(header);
        }
        Ok((address, last))
    }

    fn step(&self, address: &InstanceAddr) -> Option<(InstanceAddr, crate::text::Span)> {
        self.statements
            .iter()
            .find_map(|statement| Some((statement.follow(address)?, statement.declared.header)))
    }
}

/// A type that would change with the move. A block may say so while nothing is there to move.
fn other_type(step: &Move, header: crate::text::Span) -> Result<(), Diagnostic> {
    let Move { from, to } = step;
    let (before, after) = (&from.resource.local, &to.resource.local);
    if before.mode == after.mode && before.type_name == after.type_name {
        return Ok(());
    }
    let kind = &before.type_name;
    let detail = format!("`{from}` cannot become `{to}`: an object of type `{kind}` stays one.");
    Err(Diagnostic::error(code::MOVE, detail)
        .at(header)
        .address(from)
        .help("take this block out, or say with `removed` that the object is let go"))
}

impl Statement<'_> {
    /// Where an object goes; `None` where this is not about it.
    fn follow(&self, address: &InstanceAddr) -> Option<InstanceAddr> {
        let way = &*address.resource.module.0;
        if way.len() < self.base.0.len() {
            return None;
        }
        let (above, below) = way.split_at(self.base.0.len());
        if above.iter().zip(&*self.base.0).any(|(step, name)| step.name != *name) {
            return None;
        }
        let full = |module: &[ModuleStep], rest: &[ModuleStep]| {
            ModuleInstance(above.iter().chain(module).chain(rest).cloned().collect())
        };
        let MovedDecl { from, to, .. } = self.declared;
        match (from, to) {
            (Target::Module(from), Target::Module(to)) => {
                let (module, rest) = follow_module(from, to, below)?;
                let module = full(&module, rest);
                let resource = ResourceAddr { module, local: address.resource.local.clone() };
                Some(resource.instance(address.key.clone()))
            }
            (Target::Resource(from), Target::Resource(to)) => {
                let is_meant = *from.module.0 == *below && from.local == address.resource.local;
                let module = full(&to.module.0, &[]);
                let moved = ResourceAddr { module, local: to.local.clone() };
                is_meant.then(|| moved.instance(address.key.clone()))
            }
            _ => {
                let (from, to) = (from.single_instance()?, to.single_instance()?);
                let is_meant = *from.resource.module.0 == *below
                    && from.resource.local == address.resource.local
                    && from.key == address.key;
                let module = full(&to.resource.module.0, &[]);
                let moved = ResourceAddr { module, local: to.resource.local.clone() };
                is_meant.then(|| moved.instance(to.key))
            }
        }
    }

    /// Whether what moved is declared still: as a whole, not only with another key.
    fn is_still_declared(&self, config: &Config) -> bool {
        let absolute = |module: &ModulePath| {
            ModulePath(self.base.0.iter().chain(&*module.0).cloned().collect())
        };
        match (&self.declared.from, &self.declared.to) {
            (Target::Module(from), Target::Module(to)) => {
                from.path() != to.path() && config.get(&absolute(&from.path())).is_some()
            }
            (Target::Resource(from), to) => {
                let same_block = match to {
                    Target::Instance(to) => to.resource == *from,
                    _ => false,
                };
                let module = config.module(&absolute(&from.module.path()));
                !same_block
                    && module.is_some_and(|module| module.resources.contains_key(&from.local))
            }
            _ => false,
        }
    }
}

/// The module steps an object has after its module moved, and those below that stay.
fn follow_module<'w>(
    from: &ModuleInstance,
    to: &ModuleInstance,
    way: &'w [ModuleStep],
) -> Option<(Vec<ModuleStep>, &'w [ModuleStep])> {
    let (last, callers) = from.0.split_last()?;
    let (found, rest) = way.get(callers.len()..)?.split_first()?;
    if !way.starts_with(callers) || found.name != last.name {
        return None;
    }
    let (goal, _) = to.0.split_last()?;
    // Without a key on either side the call as a whole moves, and its instances keep theirs.
    let as_a_whole = last.key == InstanceKey::None && goal.key == InstanceKey::None;
    if !as_a_whole && found.key != last.key {
        return None;
    }
    let mut module = to.0.to_vec();
    if as_a_whole && let Some(step) = module.last_mut() {
        step.key = found.key.clone();
    }
    Some((module, rest))
}

/// Old and new blocks of what moved: records of other objects name the old ones.
pub(super) fn renamed(moves: &[Move]) -> BTreeMap<DeclaredResource, Arc<DeclaredResource>> {
    let pairs =
        moves.iter().map(|step| (step.from.resource.declared(), step.to.resource.declared()));
    pairs.filter(|(from, to)| from != to).map(|(from, to)| (from, Arc::new(to))).collect()
}
