//! What stands against creates, asked while planning: volumes that are missing or unfit, and the
//! project's quotas of snapshots and of gigabytes.

use std::collections::{BTreeMap, BTreeSet};

use crate::sdk::{Intended, Obstacle, ProviderError, together};

use super::client::{Api, Cloud, Region};
use super::life::Recorded;
use super::wire::{Quotas, WireVolume};

/// So many volumes are looked at one by one; of more, the list is read first.
const FEW: usize = 10;
/// Statuses that end by themselves.
const PASSING: [&str; 9] = [
    "creating",
    "attaching",
    "detaching",
    "maintenance",
    "uploading",
    "downloading",
    "retyping",
    "extending",
    "backing-up",
];

/// The part of a create that counts here.
pub(super) trait Copying {
    /// The region that is asked for.
    fn region(&self) -> Option<&str>;
    /// The volume to copy.
    fn volume_id(&self) -> &str;
    /// Whether a volume in use is copied, too.
    fn force(&self) -> bool;
}

/// What a plan needs in one region.
#[derive(Default)]
struct Need {
    creates: u64,
    deletes: u64,
    gigabytes: u64,
    freed: u64,
}

/// Looks at the volumes of all creates through the service that makes the snapshots, and at the quotas,
/// region by region.
pub(super) async fn foresee<A: Copying, O: Recorded>(
    cloud: &Cloud,
    api: Api,
    intended: &Intended<A, O>,
) -> Result<Vec<Obstacle>, ProviderError> {
    let mut regions: BTreeMap<Option<&str>, Vec<(usize, &A)>> = BTreeMap::new();
    for (index, create) in intended.known() {
        regions.entry(create.region()).or_default().push((index, create));
    }
    let mut obstacles = Vec::new();
    let mut needs: BTreeMap<Region, Need> = BTreeMap::new();
    for (asked, creates) in regions {
        let region = match cloud.region(api, asked).await {
            Err(error) if error.attribute.as_deref() == Some("region") => {
                obstacles.extend(creates.iter().map(|(index, _)| elsewhere(*index, &error)));
                continue;
            }
            region => region?,
        };
        let wanted = creates.iter().map(|(_, create)| create.volume_id().to_owned()).collect();
        let volumes = volumes(cloud, api, &region, wanted).await?;
        let need = needs.entry(region).or_default();
        for (index, create) in creates {
            let volume = volumes.get(create.volume_id());
            need.creates += 1;
            need.gigabytes += volume.and_then(|volume| volume.as_ref()?.size).unwrap_or_default();
            obstacles.extend(volume.and_then(|volume| obstacle(index, create, volume.as_ref())));
        }
    }
    let unknown = intended.creates.len() - intended.known().count();
    if let Some(need) = needs.values_mut().next() {
        need.creates += unknown as u64;
    }
    for object in &intended.deletes {
        let region = Region(object.region().map(str::to_owned));
        if let Some(need) = needs.get_mut(&region) {
            need.deletes += 1;
            need.freed += object.size();
        }
    }
    for (region, need) in &needs {
        let quotas = cloud.quotas(region).await?;
        obstacles.extend(quotas.into_iter().flat_map(|quotas| beyond(&quotas, need)));
    }
    Ok(obstacles)
}

/// The catalogue has no such service in the region.
fn elsewhere(index: usize, error: &ProviderError) -> Obstacle {
    let help = error.help.clone().unwrap_or_default();
    Obstacle::likely(index, "region", error.message.clone(), help)
}

/// The volumes by id, `None` for those that are not there; of which nothing is known is left out.
async fn volumes(
    cloud: &Cloud,
    api: Api,
    region: &Region,
    mut wanted: BTreeSet<String>,
) -> Result<BTreeMap<String, Option<WireVolume>>, ProviderError> {
    let mut found = BTreeMap::new();
    if wanted.len() > FEW {
        for volume in cloud.volumes(api, region, &[]).await? {
            if wanted.remove(&volume.id) {
                found.insert(volume.id.clone(), Some(volume));
            }
        }
    }
    // What moved while the list was read may be missing in it, so the volume itself decides. Where
    // many are missing, the first of them say enough.
    let looks = wanted.into_iter().take(FEW).map(async |id| {
        let volume = cloud.volume(api, region, &id).await;
        volume.map(|volume| (id, volume))
    });
    for look in together(FEW, looks).await {
        let (id, volume) = look?;
        found.insert(id, volume);
    }
    Ok(found)
}

fn obstacle(index: usize, create: &impl Copying, volume: Option<&WireVolume>) -> Option<Obstacle> {
    let id = create.volume_id();
    let Some(volume) = volume else {
        let message = format!("There is no volume `{id}` in this project.");
        let help = "check `volume_id`, the region, and the project of the credentials";
        return Some(Obstacle::sure(index, "volume_id", message, help));
    };
    match &*volume.status {
        "available" => None,
        "in-use" if create.force() => None,
        "in-use" => {
            let message = format!("Volume `{id}` is in use, and is copied only with `force`.");
            let help = "set `force = true`, or detach the volume before the apply";
            Some(Obstacle::likely(index, "volume_id", message, help))
        }
        status if PASSING.contains(&status) => None,
        status => {
            let message = format!("Volume `{id}` is `{status}`, which allows no snapshot.");
            let help = "see to the volume first";
            Some(Obstacle::likely(index, "volume_id", message, help))
        }
    }
}

fn beyond(quotas: &Quotas, need: &Need) -> Vec<Obstacle> {
    let rows = [
        (
            "snapshots",
            quotas.max_total_snapshots,
            quotas.total_snapshots_used,
            need.creates,
            need.deletes,
        ),
        (
            "gigabytes of volumes and snapshots",
            quotas.max_total_volume_gigabytes,
            quotas.total_gigabytes_used,
            need.gigabytes,
            need.freed,
        ),
    ];
    let beyond = rows.into_iter().filter_map(|(what, most, used, needed, freed)| {
        let most = most.filter(|most| (used + needed).saturating_sub(freed) > *most)?;
        let freed = if freed > 0 { format!(" and frees {freed}") } else { String::new() };
        let message = format!(
            "The project may have {most} {what}. {used} are used, and this plan needs {needed} more{freed}."
        );
        let help = "delete what is no longer needed, or have the project's quota raised";
        Some(Obstacle::Quota { message, help: help.to_owned() })
    });
    beyond.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_counts_what_goes_and_a_negative_one_is_none() {
        let told = |max: i64, used: u64, creates: u64, deletes: u64| {
            let quotas: Quotas = serde_json::from_value(serde_json::json!({
                "maxTotalSnapshots": max, "totalSnapshotsUsed": used, "maxTotalVolumeGigabytes": -1,
            }))
            .unwrap();
            beyond(&quotas, &Need { creates, deletes, ..Need::default() }).len()
        };
        assert_eq!(told(10, 8, 2, 0), 0);
        assert_eq!(told(10, 8, 3, 0), 1);
        assert_eq!(told(10, 8, 3, 1), 0);
        assert_eq!(told(-1, 8, 300, 0), 0);
    }
}
