//! Replacements that would leave a source without any snapshot for a while.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, code};
use crate::plan::{Action, Change, ReplaceOrder};
use crate::sdk::Replacement;

use super::Planner;

impl Planner<'_> {
    /// Says before it happens which replacements delete the only snapshot of their source before the
    /// new one is ready.
    pub(super) fn warn_of_gaps(&mut self) {
        let first = Action::Replace(ReplaceOrder::DeleteFirst);
        if self.changes.iter().all(|change| change.action != first) {
            return;
        }
        let mut kept: BTreeMap<(&str, String), usize> = BTreeMap::new();
        for change in self.changes.iter().filter(|change| !change.action.destroys()) {
            let there = !matches!(change.action, Action::Create | Action::Forget);
            if let Some(source) = self.source_of(change).filter(|_| there) {
                *kept.entry((change.address.resource.type_name(), source)).or_default() += 1;
            }
        }
        let gaps = self.changes.iter().filter(|change| change.action == first && !change.stays);
        let warnings: Vec<_> = gaps
            .filter_map(|change| {
                let source = self.source_of(change)?;
                let type_name = change.address.resource.type_name();
                let is_only = !kept.contains_key(&(type_name, source.clone()));
                is_only.then(|| self.gap(change, &source))
            })
            .collect();
        self.problems.extend(warnings);
    }

    /// What an object is a snapshot of, as it is now.
    fn source_of(&self, change: &Change) -> Option<String> {
        let spec = self.engine.catalog.resource(change.address.resource.type_name())?;
        let source = change.prior.as_ref()?.attribute(spec.exclusive_by?)?;
        source.as_str().map(str::to_owned).filter(|_| !source.is_sensitive())
    }

    fn gap(&self, change: &Change, source: &str) -> Diagnostic {
        let spec = self.engine.catalog.resource(change.address.resource.type_name());
        let detail = format!(
            "`{}` is the only recorded snapshot of `{source}`, and it is deleted before the new one is made: if that fails, there is none.",
            change.address
        );
        let found = Diagnostic::warning(code::ONLY_SNAPSHOT, detail)
            .at_if_missing(change.declared_at)
            .address(&change.address);
        match spec.map(|spec| &spec.replacement) {
            Some(Replacement::DeleteFirstOnly(reason)) => {
                found.help(format!("there is no other way: {reason}"))
            }
            _ => found.help("write `create_before_destroy = true` in its `lifecycle` block"),
        }
    }
}
