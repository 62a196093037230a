//! What stands against creates, asked while planning: servers that are missing or unfit, and slots
//! that somebody else's snapshot holds.

use std::collections::BTreeSet;

use crate::sdk::{Intended, Obstacle, ProviderError};

use super::arguments::Arguments;
use super::bulk::{self, Place, Wanted};
use super::client::Cloud;
use super::wire::{Server, ServerSnapshot, unknown};

/// Looks at the servers of all creates together, by the tree of their groups where they are many. The
/// snapshots `leaving` are deleted by the same plan.
pub(super) async fn foresee<O>(
    cloud: &Cloud,
    intended: &Intended<Arguments, O>,
    leaving: &BTreeSet<&str>,
) -> Result<Vec<Obstacle>, ProviderError> {
    let mut wanted = Wanted::new();
    let mut places = Vec::new();
    for (index, arguments) in intended.known() {
        let alias = cloud.alias(arguments.account_alias.as_deref()).await?;
        let place: Place = (alias, arguments.server_id.to_lowercase());
        wanted.entry(place.clone()).or_default();
        places.push((index, arguments, place));
    }
    let looks = bulk::looks(cloud, &wanted).await;
    let mut obstacles = Vec::new();
    for (index, arguments, place) in places {
        let server = match looks.get(&place) {
            Some(Ok(server)) => server.as_ref(),
            Some(Err(error)) => return Err(error.clone()),
            None => return Err(bulk::unseen(&place.1)),
        };
        if let Err(unfit) = slot(arguments, server, leaving) {
            let Unfit { message, help, .. } = unfit;
            obstacles.push(if unfit.is_told {
                Obstacle::sure(index, "server_id", message, help)
            } else {
                Obstacle::likely(index, "server_id", message, help)
            });
        }
    }
    Ok(obstacles)
}

/// Why a server cannot be copied.
pub(super) struct Unfit {
    /// Whether the vendor tells it; otherwise it does not tell what would have to be known.
    pub(super) is_told: bool,
    /// Why, as a full sentence.
    pub(super) message: String,
    /// What to do.
    pub(super) help: &'static str,
}

/// The snapshots that a server holds, where its place for one is free: of those `leaving`, and of any
/// where the configuration lets it be deleted.
pub(super) fn slot(
    arguments: &Arguments,
    server: Option<&Server>,
    leaving: &BTreeSet<&str>,
) -> Result<BTreeSet<String>, Unfit> {
    let id = &arguments.server_id;
    let unfit = |message, help| Unfit { is_told: true, message, help };
    let Some(server) = server else {
        let help = "check `server_id`, and `account_alias` of the resource or the provider";
        return Err(unfit(format!("There is no server `{id}` in this account."), help));
    };
    if let Some(obstacle) = server.obstacle() {
        let help = "see to the server first, or name another one";
        return Err(unfit(format!("Server `{id}` {obstacle}."), help));
    }
    let Some(held) = server.snapshots() else {
        let help = "look at the server in the control portal";
        return Err(Unfit { is_told: false, message: unknown(id, server), help });
    };
    let held: BTreeSet<_> = held.iter().filter_map(ServerSnapshot::id).map(str::to_owned).collect();
    let foreign = held.iter().find(|held| !leaving.contains(&***held));
    let Some(foreign) = foreign.filter(|_| arguments.replace_existing != Some(true)) else {
        return Ok(held);
    };
    let message =
        format!("Server `{id}` already holds snapshot `{foreign}`, and it can hold only one.");
    let help = "import that snapshot, delete it, or set `replace_existing = true` to have it deleted first";
    Err(unfit(message, help))
}
