//! `snapform refresh`: an apply that only records what the vendors say.

use anyhow::Context as _;
use clap::{Args as _, FromArgMatches as _};

use super::apply::{self, Purpose};
use super::workbench::Start;
use super::{Done, args};

/// Runs the apply that this command stands for.
pub(super) async fn run(start: Start, refresh: args::Refresh) -> Done {
    let words = ["apply", "--refresh-only", "--auto-approve"];
    let matches = args::Apply::augment_args(clap::Command::new("apply"))
        .try_get_matches_from(words)
        .context("the arguments of apply have changed")?;
    let apply =
        args::Apply::from_arg_matches(&matches).context("the arguments of apply have changed")?;
    let scope = args::Scope { target: refresh.target, ..apply.scope };
    let apply = args::Apply {
        world: refresh.world,
        values: refresh.values,
        lock: refresh.lock,
        pace: refresh.pace,
        stream: refresh.stream,
        words: refresh.warnings.into(),
        kept: refresh.kept,
        scope,
        ..apply
    };
    apply::run(start, apply, Purpose::Apply).await
}
