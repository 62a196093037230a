//! Emulators on loopback for a sandbox.

use serde_json::Value as Json;

use super::http::host;
use super::{Running, Sandbox};

/// Where the served worlds are kept.
pub(crate) const DATA: &str = "vendors";

/// Emulators that serve a sandbox, and what they said of themselves.
pub(crate) struct Served {
    _process: Running,
    pub(crate) vendors: Json,
}

impl Served {
    /// Starts them without delays: on a real network time is real.
    pub(crate) fn of(sandbox: &Sandbox) -> Self {
        let knobs = "apsara.creation_seconds=0 apsara.deletion_seconds=0 ctl.queue_seconds=0 \
                     ctl.job_seconds=0 openstack.create_seconds=0 openstack.delete_seconds=0 \
                     zenlayer.creation_seconds=0 zenlayer.deletion_seconds=0";
        let knobs = knobs.split_whitespace().collect::<Vec<_>>().join(" ");
        sandbox.quietly(&format!("emulator knobs -data={DATA} {knobs}")).succeeded();
        let process = sandbox.start(&format!("emulator serve -listen 127.0.0.1:0 -data {DATA}"));
        let vendors = serde_json::from_str(&process.line()).unwrap();
        Self { _process: process, vendors }
    }

    /// `127.0.0.1:PORT` of a vendor.
    pub(crate) fn host(&self, vendor: &str) -> &str {
        host(self.vendors[vendor]["url"].as_str().unwrap())
    }

    /// A setting or a credential.
    pub(crate) fn setting(&self, vendor: &str, name: &str) -> &str {
        let entry = &self.vendors[vendor];
        let found = [&entry["settings"][name], &entry["other_credentials"][name]];
        found.into_iter().find_map(Json::as_str).unwrap_or_else(|| panic!("{vendor}.{name}"))
    }

    /// A provider block for each vendor.
    pub(crate) fn providers(&self) -> String {
        let mut text = String::new();
        for (vendor, entry) in self.vendors.as_object().unwrap() {
            text.push_str(&format!("provider \"{vendor}\" {{\n"));
            for (name, value) in entry["settings"].as_object().unwrap() {
                text.push_str(&format!("  {name} = {value}\n"));
            }
            text.push_str("}\n\n");
        }
        text
    }
}
