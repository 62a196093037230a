//! Disks: any well-formed id is one, unless a record says otherwise.

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::sdk::emulator::Stage;

use super::parameters::Checked;
use super::{Answer, Refusal, object};

/// A disk that differs from the others.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct DiskRecord {
    /// Its status; `In_use` unless given.
    pub(super) status: Option<String>,
    /// There is no disk with this id.
    pub(super) missing: bool,
}

impl DiskRecord {
    pub(super) fn status(&self) -> &str {
        self.status.as_deref().unwrap_or("In_use")
    }
}

/// The disk `id`, if there is one. The seed's own sample is masked with asterisks.
pub(super) fn find(id: &str, stage: &Stage<'_>) -> Option<DiskRecord> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'*');
    let well_formed = !id.is_empty() && id.len() <= 64 && id.bytes().all(allowed);
    let record: DiskRecord = stage.store.get("disks", id).unwrap_or_default();
    (well_formed && !record.missing).then_some(record)
}

pub(super) fn describe(call: &Checked, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    let page = call.page()?;
    let ids = call.ids("DiskIds", "InvalidDiskIds.ValueNotSupported")?.unwrap_or_else(|| {
        stage.store.all::<DiskRecord>("disks").into_iter().map(|(id, _)| id).collect()
    });
    let status = call.text("Status");
    let disks: Vec<_> = ids
        .into_iter()
        .filter_map(|id| find(&id, stage).map(|disk| (id, disk)))
        .filter(|(_, disk)| status.is_none_or(|wanted| wanted == "All" || wanted == disk.status()))
        .map(|(id, disk)| {
            json!({
                "DiskId": id,
                "DiskName": id,
                "Status": disk.status(),
                "Type": "data",
                "Category": "cloud_ssd",
                "Size": 40,
                "ZoneId": "emulator-1a",
                "RegionId": "emulator-1",
                "Portable": true,
                "Encrypted": false,
                "OperationLocks": { "OperationLock": [] },
                "Tags": { "Tag": [] },
            })
        })
        .collect();
    Ok(object(&json!({
        "TotalCount": disks.len(),
        "PageNumber": page.number,
        "PageSize": page.size,
        "Disks": { "Disk": page.of(disks).collect::<Vec<_>>() },
    })))
}
