//! `snapform version`.

use anyhow::Context as _;
use serde_json::json;

use crate::state::LANGUAGE_VERSION;

use super::workbench::Start;
use super::{Done, Exit, args};

/// Prints the version and the platform.
pub(super) fn run(start: &Start, args: &args::Version) -> Done {
    let version = env!("CARGO_PKG_VERSION");
    let platform = format!("{}_{}", std::env::consts::OS, architecture());
    if args.json {
        let document = json!({
            "terraform_version": LANGUAGE_VERSION,
            "snapform_version": version,
            "platform": platform,
            "provider_selections": {},
            "terraform_outdated": false,
        });
        let text = serde_json::to_string_pretty(&document);
        start.terminal.line(&text.context("the version cannot be written as JSON")?);
        return Ok(Exit::Success);
    }
    start.terminal.line(&format!("snapform v{version}"));
    start.terminal.line(&format!("on {platform}"));
    Ok(Exit::Success)
}

/// The architecture, spelled as tools around Terraform know it.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    }
}
