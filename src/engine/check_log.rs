//! What conditions said in the course of a run.

use std::collections::BTreeMap;

use crate::addr::{Checkable, CheckedObject, CheckedObjectAddr};
use crate::state::{CheckResults, CheckStatus, Checked};
use crate::text::Span;

/// The last word of every condition. One may be evaluated several times, and know more each time.
#[derive(Debug, Default)]
pub(super) struct CheckLog {
    said: BTreeMap<(Checkable, CheckedObject), BTreeMap<Span, Said>>,
}

#[derive(Debug)]
struct Said {
    status: CheckStatus,
    failure: Option<String>,
}

impl CheckLog {
    /// Notes what the condition at `place` says of an object; a failure with what people are told.
    pub(super) fn note(
        &mut self,
        object: &CheckedObjectAddr,
        place: Span,
        status: CheckStatus,
        failure: Option<String>,
    ) {
        let conditions = self.said.entry((object.declared(), object.object.clone())).or_default();
        conditions.insert(place, Said { status, failure });
    }

    /// What all conditions say together, object by object.
    pub(super) fn results(&self) -> CheckResults {
        let mut results = CheckResults::default();
        for ((checkable, object), conditions) in &self.said {
            let said = conditions.values();
            let checked = Checked {
                status: said.clone().map(|said| said.status).max().unwrap_or_default(),
                failures: said.filter_map(|said| said.failure.clone()).collect(),
            };
            results.note(checkable.clone(), object.clone(), checked);
        }
        results
    }
}
