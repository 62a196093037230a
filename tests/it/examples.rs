//! Every example applies, rests, and is destroyed again, against the emulators.

use std::fs;

use crate::support::{Sandbox, copy_tree, repository};

/// A copy of an example, without what somebody rehearsed there.
fn copy(name: &str) -> Sandbox {
    let sandbox = Sandbox::empty();
    copy_tree(&repository().join("examples").join(name), &sandbox.path(""));
    sandbox
}

#[test]
fn every_example_applies_rests_and_is_destroyed() {
    let mut seen = 0;
    for entry in fs::read_dir(repository().join("examples")).unwrap() {
        let entry = entry.unwrap();
        if !entry.path().is_dir() {
            continue;
        }
        let name = entry.file_name().into_string().unwrap();
        let sandbox = copy(&name);
        sandbox.quietly("init -emulate").succeeded();
        sandbox.quietly("validate").succeeded();
        sandbox.quietly("plan -emulate -detailed-exitcode -input=false").exits(2);
        let applied = sandbox.quietly("apply -emulate -auto-approve -input=false").succeeded();
        applied.says("Apply complete!");
        let made = sandbox.created().len();
        sandbox.quietly("plan -emulate -detailed-exitcode -input=false").exits(0);
        sandbox.quietly("destroy -emulate -auto-approve -input=false").succeeded();
        assert_eq!(sandbox.quietly("state list -emulate").succeeded().stdout, "", "{name}");
        let kept = sandbox.ledger().iter().filter(|entry| entry["operation"] == "delete").count();
        assert!(made >= kept && made > 0, "{name}");
        seen += 1;
    }
    assert!(seen >= 1, "there are no examples");
}
