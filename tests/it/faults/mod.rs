//! Deaths, failing files and faulty vendors: nothing is made twice, and nothing is lost. The
//! emulators' ledger tells what really happened.
//!
//! The short forms run with all other tests. The long ones, whose figures docs/recovery.md gives, run
//! by `SNAPFORM_TEST_FAULTS=long cargo test --test it faults -- --nocapture` (`just faults`).
#![allow(clippy::print_stdout, reason = "their figures are what these tests are for")]

mod crash_points;
mod disk;
mod kills;
mod mix;
mod oracle;
mod together;
mod way_back;

use crate::support::{Sandbox, hours_ago};

const VENDORS: [&str; 5] = ["apsara", "ctl", "openstack", "thousandeyes", "zenlayer"];

/// How often something is tried: a few times, or as often as the long form says.
pub(crate) fn rounds(short: u64, long: u64) -> u64 {
    #[expect(clippy::disallowed_methods, reason = "the long form is asked for by the environment")]
    let wanted = std::env::var("SNAPFORM_TEST_FAULTS");
    match wanted.as_deref() {
        Ok("long") => long,
        Ok(number) => number.parse().unwrap_or(short),
        Err(_) => short,
    }
}

/// OpenStack's second type of snapshots, where a vendor is asked for.
const BLOCK_STORAGE: &str = "openstack, block storage";

/// The type of a vendor's snapshots.
fn kind(vendor: &str) -> &'static str {
    match vendor {
        "apsara" => "apsara_ecs_snapshot",
        "ctl" => "ctl_server_snapshot",
        "openstack" => "openstack_compute_snapshot",
        BLOCK_STORAGE => "openstack_blockstorage_snapshot_v3",
        "thousandeyes" => "thousandeyes_snapshot",
        _ => "zenlayer_disk_snapshot",
    }
}

/// A block that declares `count` snapshots of a vendor, of sources whose numbers begin at `first`.
fn snapshots(vendor: &str, name: &str, first: u64, count: u64) -> String {
    let arguments = match vendor {
        "apsara" => "disk_id = format(\"d-bp1s5fnvk4gn2tws%04d\", local.first + count.index)\n  name = \"NAME-${count.index}\"".to_owned(),
        "ctl" => "server_id = format(\"WA1ALIASWB%02d\", local.first + count.index)\n  expiration_days = 7".to_owned(),
        "openstack" | BLOCK_STORAGE => "volume_id = format(\"521752a6-acf6-4b2d-bc7a-1190000000%02d\", local.first + count.index)\n  name = \"NAME-${count.index}\"".to_owned(),
        "thousandeyes" => format!(
            "test_id = 20000 + local.first + count.index\n  display_name = \"NAME-${{count.index}}\"\n  from = \"{}\"\n  duration_hours = 1",
            hours_ago(5)
        ),
        _ => "disk_id = format(\"17000000000000000%02d\", local.first + count.index)\n  name = \"NAME-${count.index}\"".to_owned(),
    };
    let arguments = arguments.replace("NAME", name).replace("local.first", &first.to_string());
    format!("resource \"{}\" \"{name}\" {{\n  count = {count}\n  {arguments}\n}}\n", kind(vendor))
}

/// What every configuration here needs besides.
const PROVIDERS: &str = "provider \"thousandeyes\" {\n  create_quota = 1000\n}\n\n";

/// A sandbox whose vendors have no quotas, with `config` applied.
fn applied(config: &str) -> Sandbox {
    let sandbox = Sandbox::with(&format!("{PROVIDERS}{config}"));
    sandbox.knobs(
        "openstack.snapshot_quota=0 openstack.gigabyte_quota=0 thousandeyes.create_quota=1000",
    );
    sandbox.apply();
    sandbox
}
