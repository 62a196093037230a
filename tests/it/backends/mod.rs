//! Where states are kept: every backend goes through one suite, and the remote ones share their
//! states and locks with Terraform.

mod cluster;
mod http;
pub(crate) mod pg;
pub(crate) mod server;
mod suite;
mod terraform;

use std::sync::Arc;

use snapform::state::backend::{Backend, LocalBackend, MemoryBackend};

use suite::{Names, Place};

/// Says that a test cannot run here, which is an error where nothing may be left out.
fn skip(test: &str, reason: &str) {
    #[expect(clippy::disallowed_methods, reason = "a test is told by its environment")]
    let all = std::env::var_os("SNAPFORM_TEST_ALL").is_some_and(|value| value == "1");
    assert!(!all, "{test} may not be skipped: {reason}");
    say_skipped(test, reason);
}

/// Says that Terraform cannot judge here: it is nothing that tests install.
fn skip_judgement(test: &str) {
    say_skipped(test, "there is no terraform to judge it");
}

#[expect(clippy::print_stdout, reason = "whoever runs the tests is to know")]
fn say_skipped(test: &str, reason: &str) {
    println!("skipped: {test}: {reason}");
}

#[test]
fn a_state_in_memory_keeps_the_rules() {
    let kept = MemoryBackend::default();
    let place = Place {
        is_paused: true,
        names: Names::Not,
        compares: false,
        ..Place::new(move || Box::new(kept.clone()) as Box<dyn Backend>)
    };
    suite::run(&place);
}

#[test]
fn a_state_in_a_folder_keeps_the_rules() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let place = Place::new(move || {
        Box::new(LocalBackend::new(folder.path().join("state"))) as Box<dyn Backend>
    });
    suite::run(&place);
}
