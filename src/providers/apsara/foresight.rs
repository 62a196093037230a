//! What stands against creates, asked while planning: disks that are missing, locked or unfit.
//!
//! How many snapshots a disk may have differs by release and is told nowhere, so that shows at the create.

use std::collections::BTreeMap;

use crate::sdk::choice::batches;
use crate::sdk::{ErrorKind, Intended, Obstacle, ProviderError};

use super::arguments::Arguments;
use super::client::{Api, BULK, id_list, parameters};
use super::wire::DescribedDisk;

/// Statuses in which a create is taken, and those that pass by themselves: a create waits for their end.
const FIT: [&str; 6] = ["In_use", "Available", "Attaching", "Detaching", "Creating", "ReIniting"];
/// A disk with this lock takes no operations, until somebody settles it with the operator.
const SECURITY: &str = "security";

/// Looks at the disks of all creates, a hundred with each request. Not every portal offers the list
/// of disks; where it does not, nothing is foreseen.
pub(super) async fn foresee<O>(
    api: &Api,
    intended: &Intended<Arguments, O>,
) -> Result<Vec<Obstacle>, ProviderError> {
    let wanted: Vec<_> = intended.known().map(|(_, arguments)| arguments.disk_id.clone()).collect();
    let mut disks = BTreeMap::new();
    for ids in batches(Some(&wanted), BULK).into_iter().flatten() {
        let found = match api.disks(parameters([("DiskIds", id_list(&ids))])).await {
            Err(error) if error.kind == ErrorKind::Unsupported => return Ok(Vec::new()),
            found => found?,
        };
        disks.extend(found.into_iter().map(|disk| (disk.disk_id.clone(), disk)));
    }
    let obstacles = intended.known().filter_map(|(index, arguments)| {
        obstacle(index, &arguments.disk_id, disks.get(&arguments.disk_id))
    });
    Ok(obstacles.collect())
}

fn obstacle(index: usize, id: &str, disk: Option<&DescribedDisk>) -> Option<Obstacle> {
    let Some(disk) = disk else {
        let help = "check `disk_id`, the region, and the organization of the credentials";
        return Some(Obstacle::no_disk(index, id, help));
    };
    if disk.lock_reasons().iter().any(|reason| reason == SECURITY) {
        let message = format!("Disk `{id}` is locked for security, and takes no snapshot.");
        let help = "have the lock lifted by whoever runs the cloud, then apply";
        return Some(Obstacle::likely(index, "disk_id", message, help));
    }
    let status = disk.status.as_deref()?;
    if FIT.iter().any(|fit| status.eq_ignore_ascii_case(fit)) {
        return None;
    }
    let help = "apply when the disk is in status `In_use` or `Available`";
    Some(Obstacle::unfit_disk(index, id, status, help))
}
