//! Two runs at once on one state.

use crate::support::{EMULATED_STATE, Running};

use super::{PROVIDERS, rounds, snapshots};

#[test]
fn of_two_applies_at_once_exactly_one_runs() {
    let config = format!("{PROVIDERS}{}", snapshots("zenlayer", "n", 10, 20));
    let (mut refused, wanted) = (0, rounds(3, 100));
    for _ in 0..wanted {
        let sandbox = crate::support::Sandbox::with(&config);
        sandbox.env("USER", "ada");
        let both = [(); 2].map(|()| sandbox.start("apply -emulate -auto-approve"));
        let both = both.map(Running::finish);
        let ran = both.iter().filter(|output| output.stdout.contains("20 added")).count();
        for output in &both {
            assert!(!output.text().contains("journal"), "{}", output.text());
            let is_refused = output.code == Some(1) && output.stderr.contains("E0704");
            assert!(!is_refused || output.stderr.contains("ada"), "{}", output.stderr);
            let is_idle = output.code == Some(0) && output.stdout.contains("No changes.");
            let applied = output.code == Some(0) && output.stdout.contains("20 added");
            assert!(is_refused || is_idle || applied, "{}", output.text());
            refused += u32::from(is_refused);
        }
        assert_eq!(ran, 1);
        assert_eq!(sandbox.created().len(), 20);
        assert!(sandbox.nothing_open(EMULATED_STATE));
    }
    println!(
        "two applies at once on a local state: {wanted} times, {refused} refused with the holder's name; 0 duplicates"
    );
}
