//! What stands against creates, asked while planning: disks that are missing or unfit.
//!
//! The vendor publishes neither its quotas nor a way to ask for them, so those show at the create.

use std::collections::BTreeMap;

use crate::sdk::choice::batches;
use crate::sdk::{Intended, Obstacle, ProviderError};

use super::arguments::Arguments;
use super::client::{Api, BULK};
use super::wire::{DescribeDisks, DescribedDisk};

/// Statuses in which a create is taken, and those that pass by themselves: a create waits for their end.
pub(super) const FIT: [&str; 2] = ["IN_USE", "AVAILABLE"];
pub(super) const PASSING: [&str; 6] =
    ["SNAPSHOT_CREATING", "CREATING", "CHANGING", "ATTACHING", "DETACHING", "ROLLING_BACK"];

/// Looks at the disks of all creates, a hundred with each request.
pub(super) async fn foresee<O>(
    api: &Api,
    intended: &Intended<Arguments, O>,
) -> Result<Vec<Obstacle>, ProviderError> {
    let wanted: Vec<_> = intended.known().map(|(_, arguments)| arguments.disk_id.clone()).collect();
    let mut disks = BTreeMap::new();
    for disk_ids in batches(Some(&wanted), BULK).into_iter().flatten() {
        let filter = DescribeDisks { disk_ids, ..DescribeDisks::default() };
        let found = api.disks(&filter).await?;
        disks.extend(found.into_iter().map(|disk| (disk.disk_id.clone(), disk)));
    }
    let obstacles = intended.known().filter_map(|(index, arguments)| {
        obstacle(index, &arguments.disk_id, disks.get(&arguments.disk_id))
    });
    Ok(obstacles.collect())
}

fn obstacle(index: usize, id: &str, disk: Option<&DescribedDisk>) -> Option<Obstacle> {
    let Some(disk) = disk else {
        let help = "check `disk_id`, and that the credentials belong to the disk's owner";
        return Some(Obstacle::no_disk(index, id, help));
    };
    if disk.snapshot_ability == Some(false) {
        let message = format!("Disk `{id}` cannot be snapshotted: its `snapshotAbility` is false.");
        return Some(Obstacle::sure(
            index,
            "disk_id",
            message,
            "choose a disk that supports snapshots",
        ));
    }
    let status = disk.disk_status.as_deref()?;
    if FIT.contains(&status) || PASSING.contains(&status) {
        return None;
    }
    let help = "apply when the disk is in status `IN_USE` or `AVAILABLE`";
    Some(Obstacle::unfit_disk(index, id, status, help))
}
