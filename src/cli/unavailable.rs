//! Commands of Terraform that have no meaning here: they say why, and fail.

use crate::diag::{Diagnostic, code};

use super::{Done, Stop};

/// One of these commands.
#[derive(Clone, Copy, Debug)]
pub(super) enum Unavailable {
    Login,
    Logout,
    Test,
    Cloud,
    Rpcapi,
    Mirror,
    LockProviders,
}

impl Unavailable {
    fn parts(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Login => (
                "login",
                "there is no service to sign in to",
                "credentials of vendors come from the environment: see docs/providers",
            ),
            Self::Logout => (
                "logout",
                "there is no service to sign out of",
                "credentials of vendors come from the environment, and none are kept",
            ),
            Self::Test => (
                "test",
                "test files are not read",
                "rehearse with `--emulate`, and write `check` blocks and conditions",
            ),
            Self::Cloud => (
                "cloud",
                "no service runs plans",
                "save a plan with `snapform plan -out=FILE` and apply it where you like",
            ),
            Self::Rpcapi => (
                "rpcapi",
                "there are no plugins to talk to",
                "programs read `-json` and `snapform metadata functions -json`",
            ),
            Self::Mirror => (
                "providers mirror",
                "providers are built in, and there is nothing to copy",
                "copy the `snapform` binary: it is all that a machine without a network needs",
            ),
            Self::LockProviders => (
                "providers lock",
                "providers are built in, and there is nothing to choose a version of",
                "the version of `snapform` is the version of its providers: see `required_version`",
            ),
        }
    }
}

/// Says why there is nothing to do.
pub(super) fn run(which: Unavailable) -> Done {
    let (command, why, instead) = which.parts();
    let detail = format!("`{command}` has no meaning here: {why}.");
    Err(Stop::from(Diagnostic::error(code::NOT_APPLICABLE, detail).help(instead)))
}
