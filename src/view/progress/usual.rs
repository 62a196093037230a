//! How long steps usually take, from those of this run.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::addr::InstanceAddr;
use crate::engine::StepVerb;

/// Durations of steps that were done, by type and by what they do.
#[derive(Debug, Default)]
pub(super) struct Usual(BTreeMap<(Arc<str>, &'static str), (Duration, u32)>);

impl Usual {
    pub(super) fn took(&mut self, address: &InstanceAddr, verb: StepVerb, time: Duration) {
        let (sum, count) = self.0.entry(key(address, verb)).or_default();
        *sum = sum.saturating_add(time);
        *count = count.saturating_add(1);
    }

    /// What a step of this kind takes on average, where one was done.
    pub(super) fn of(&self, address: &InstanceAddr, verb: StepVerb) -> Option<Duration> {
        let (sum, count) = self.0.get(&key(address, verb))?;
        sum.checked_div(*count).filter(|usual| *usual >= Duration::from_secs(1))
    }
}

fn key(address: &InstanceAddr, verb: StepVerb) -> (Arc<str>, &'static str) {
    (Arc::clone(&address.resource.local.type_name.0), super::words::doing(verb))
}

/// What is left of the usual time, in words; none where it is over.
pub(super) fn left(usual: Option<Duration>, elapsed: Duration) -> String {
    let left = usual.and_then(|usual| usual.checked_sub(elapsed));
    match left.filter(|left| left.as_secs() > 0) {
        Some(left) => format!(", about {} left", super::super::elapsed(left)),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_of_the_same_kind_tells_what_is_left() {
        let address = |text: &str| text.parse::<InstanceAddr>().unwrap();
        let seconds = Duration::from_secs;
        let mut usual = Usual::default();
        assert_eq!(usual.of(&address("a_b.c"), StepVerb::Create), None);
        usual.took(&address("a_b.c"), StepVerb::Create, seconds(20));
        usual.took(&address("a_b.d[1]"), StepVerb::Create, seconds(40));
        usual.took(&address("a_b.d[2]"), StepVerb::Delete, seconds(2));
        let create = usual.of(&address("module.m.a_b.e"), StepVerb::Create);
        assert_eq!(create, Some(seconds(30)));
        assert_eq!(usual.of(&address("a_c.e"), StepVerb::Create), None);
        assert_eq!(left(create, seconds(12)), ", about 18s left");
        assert_eq!(left(create, seconds(31)), "");
        assert_eq!(left(None, seconds(1)), "");
    }
}
