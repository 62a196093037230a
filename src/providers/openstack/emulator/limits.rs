//! How much the project may have, and how much it has: `limits` and `os-quota-sets`.

use serde_json::{Value as Json, json};

use crate::sdk::emulator::Stage;
use crate::sdk::http::{Request, Response};

use super::keystone::Session;
use super::record::living;
use super::{not_allowed, volumes};

/// What one kind of thing may have, where anything is set, and what it has.
struct Bound {
    most: Json,
    used: u64,
}

/// Volumes that a project may have by default.
const MOST_VOLUMES: u64 = 10;

/// Snapshots, and the GiB of them and of the volumes.
fn bounds(session: &Session, stage: &mut Stage<'_>) -> (Bound, Bound) {
    let living = living(stage, &session.project_id);
    let most = |name: &str| match stage.knob(name) {
        0 => json!(-1),
        most => json!(most),
    };
    let gigabytes =
        living.iter().map(|record| record.size).sum::<u64>() + volumes::gigabytes(stage);
    (
        Bound { most: most("snapshot_quota"), used: living.len() as u64 },
        Bound { most: most("gigabyte_quota"), used: gigabytes },
    )
}

/// Answers `limits`.
pub(super) fn absolute(session: &Session, stage: &mut Stage<'_>) -> Response {
    let (snapshots, gigabytes) = bounds(session, stage);
    let absolute = json!({
        "maxTotalSnapshots": snapshots.most,
        "totalSnapshotsUsed": snapshots.used,
        "maxTotalVolumeGigabytes": gigabytes.most,
        "totalGigabytesUsed": gigabytes.used,
        "maxTotalVolumes": MOST_VOLUMES,
        "totalVolumesUsed": volumes::all(stage).len(),
        "maxTotalBackups": 10,
        "totalBackupsUsed": 0,
        "maxTotalBackupGigabytes": 1000,
        "totalBackupGigabytesUsed": 0,
    });
    Response::json(200, &json!({ "limits": { "rate": [], "absolute": absolute } }))
}

/// Answers `os-quota-sets`: numbers, or with `usage` what is used of each as well. Only of the user's
/// own project, as the vendor's policy has it.
pub(super) fn quota(
    request: &Request,
    project: &str,
    session: &Session,
    stage: &mut Stage<'_>,
) -> Response {
    if project != session.project_id {
        return not_allowed("volume_extension:quotas:show");
    }
    let (snapshots, gigabytes) = bounds(session, stage);
    // Cinder's defaults for what the emulator does not limit.
    let volumes = Bound { most: json!(MOST_VOLUMES), used: volumes::all(stage).len() as u64 };
    let unused = |most: i64| Bound { most: json!(most), used: 0 };
    let with_usage =
        request.query_value("usage").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    let mut set = json!({ "id": project });
    for (name, bound) in [
        ("snapshots", snapshots),
        ("gigabytes", gigabytes),
        ("volumes", volumes),
        ("per_volume_gigabytes", unused(-1)),
        ("backups", unused(10)),
        ("backup_gigabytes", unused(1000)),
        ("groups", unused(10)),
    ] {
        set[name] = if with_usage {
            json!({ "limit": bound.most, "in_use": bound.used, "reserved": 0 })
        } else {
            bound.most
        };
    }
    Response::json(200, &json!({ "quota_set": set }))
}
