//! Tags of snapshots.

use std::collections::BTreeMap;

use crate::sdk::emulator::{LedgerOperation, Stage};

use super::parameters::Checked;
use super::record::{self, SnapshotRecord};
use super::{Answer, Refusal};

/// Ids in one call.
const MOST_RESOURCES: usize = 50;
const MOST_TAGS: usize = 20;

pub(super) fn tag(call: &Checked, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    let tags = call.tags()?;
    if tags.is_empty() {
        return Err(Refusal::service(400, "MissingParameter.TagKey", "no tag is given"));
    }
    let mut snapshots = snapshots(call, stage)?;
    for snapshot in &mut snapshots {
        snapshot.tags.extend(tags.clone());
        if snapshot.tags.len() > MOST_TAGS {
            return Err(Refusal::service(400, "NumberExceed.Tags", "20 tags are allowed"));
        }
    }
    keep(&snapshots, stage);
    Ok(Answer::new())
}

pub(super) fn untag(call: &Checked, stage: &mut Stage<'_>) -> Result<Answer, Refusal> {
    let keys = call.numbered("TagKey", MOST_TAGS);
    let all = call.flag("All") && keys.is_empty();
    let mut snapshots = snapshots(call, stage)?;
    for snapshot in &mut snapshots {
        snapshot.tags.retain(|key, _| !all && !keys.contains(&key.as_str()));
    }
    keep(&snapshots, stage);
    Ok(Answer::new())
}

/// Whether tags fit a filter. An empty value stands for any.
pub(super) fn fit(held: &BTreeMap<String, String>, wanted: &BTreeMap<String, String>) -> bool {
    wanted
        .iter()
        .all(|(key, value)| held.get(key).is_some_and(|tag| value.is_empty() || tag == value))
}

fn snapshots(call: &Checked, stage: &mut Stage<'_>) -> Result<Vec<SnapshotRecord>, Refusal> {
    if call.required("ResourceType")? != "snapshot" {
        return Err(Refusal::service(
            400,
            "InvalidResourceType.NotFound",
            "only snapshots are emulated",
        ));
    }
    let ids = call.numbered("ResourceId", MOST_RESOURCES);
    if ids.is_empty() {
        return Err(Refusal::service(400, "MissingParameter", "ResourceId.1 is missing"));
    }
    ids.into_iter()
        .map(|id| {
            record::find(id, stage).ok_or_else(|| {
                Refusal::service(
                    404,
                    "InvalidResourceId.NotFound",
                    format!("snapshot {id} does not exist"),
                )
            })
        })
        .collect()
}

fn keep(snapshots: &[SnapshotRecord], stage: &mut Stage<'_>) {
    for snapshot in snapshots {
        snapshot.put(stage.store);
        stage.record(snapshot.entry(LedgerOperation::Change));
    }
}
