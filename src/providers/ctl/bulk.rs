//! Looking at many servers with few requests.
//!
//! In: the servers, and the snapshots that they held when somebody last looked. Out: for each, what
//! a look at the server alone would have told. A data centre's tree of groups shows its servers
//! with their snapshots, so two requests serve all of them. The tree is believed in what it shows.
//! What it does not show may only not be there yet, for the vendor's lists lag, so then the server
//! itself is asked; and so it is where the user may not see the groups.

use std::collections::{BTreeMap, BTreeSet};

use crate::sdk::{ErrorKind, ProviderError, together};

use super::client::Cloud;
use super::wire::{Group, Server};

/// So many servers of a data centre are asked one by one: its tree may be much larger.
const FEW: usize = 4;
/// Servers that are looked at at the same time; no limit is documented, so this one is modest.
const AT_ONCE: usize = 8;

/// An account and a server, in lower case.
pub(super) type Place = (String, String);
/// The snapshots that each server should hold.
pub(super) type Wanted = BTreeMap<Place, BTreeSet<String>>;
/// What each look told; no server where there is none.
pub(super) type Looks = BTreeMap<Place, Result<Option<Server>, ProviderError>>;

/// Looks at all these servers.
pub(super) async fn looks(cloud: &Cloud, wanted: &Wanted) -> Looks {
    let mut found = Looks::new();
    for ((alias, code), tree) in trees(cloud, wanted).await {
        let here = wanted.iter().filter(|(place, _)| place.0 == alias && center(&place.1) == code);
        match tree {
            Ok(mut servers) => found.extend(here.filter_map(|(place, held)| {
                let server = servers.remove(&place.1).filter(|server| is_enough(server, held))?;
                Some((place.clone(), Ok(Some(server))))
            })),
            Err(error) if is_about_groups(&error) => {}
            Err(error) => {
                found.extend(here.map(|(place, _)| (place.clone(), Err(error.clone()))));
            }
        }
    }
    let mut rest = Vec::new();
    for place in wanted.keys().filter(|place| !found.contains_key(*place)) {
        rest.push(single(cloud, place.clone()));
    }
    found.extend(together(AT_ONCE, rest).await);
    found
}

/// Of a server at which nobody looked, nobody knows anything.
pub(super) fn unseen(server: &str) -> ProviderError {
    ProviderError::new(ErrorKind::Answer, "read", format!("Server `{server}` was not looked at."))
}

/// Looks at one server.
async fn single(cloud: &Cloud, place: Place) -> (Place, Result<Option<Server>, ProviderError>) {
    let look = cloud.server(&place.0, &place.1).await;
    (place, look.map(|look| look.server))
}

type Tree = Result<BTreeMap<String, Server>, ProviderError>;

/// The trees of the data centres of which many servers are wanted, by account and code.
async fn trees(cloud: &Cloud, wanted: &Wanted) -> Vec<((String, String), Tree)> {
    let mut centers: BTreeMap<(String, String), usize> = BTreeMap::new();
    for (alias, server) in wanted.keys() {
        *centers.entry((alias.clone(), center(server).to_owned())).or_default() += 1;
    }
    centers.retain(|_, count| *count > FEW);
    let mut trees = Vec::new();
    for (alias, code) in centers.into_keys() {
        trees.push(async move {
            let tree = tree(cloud, &alias, &code).await;
            ((alias, code), tree)
        });
    }
    together(AT_ONCE, trees).await
}

/// The data centre of a server, which its id begins with.
fn center(server: &str) -> &str {
    server.get(..3).unwrap_or_default()
}

/// Whether a tree's word on a server needs no second look.
fn is_enough(server: &Server, held: &BTreeSet<String>) -> bool {
    match server.snapshots() {
        Some(_) => held.iter().all(|id| server.snapshot(id).is_some()),
        // Servers that are not active are those of which the vendor does not tell it.
        None => server.status.as_deref().is_some_and(|status| status != "active"),
    }
}

/// Whether only the way by groups is closed: the role does not allow it, or the answer fails, which
/// the vendor's recordings show of groups now and then.
fn is_about_groups(error: &ProviderError) -> bool {
    let kinds = [ErrorKind::Refused, ErrorKind::NotFound, ErrorKind::Answer];
    kinds.contains(&error.kind) || error.kind == ErrorKind::Unavailable && error.status.is_some()
}

/// The servers of a data centre by their ids in lower case, as far as its groups show them.
async fn tree(cloud: &Cloud, alias: &str, code: &str) -> Tree {
    let mut servers = BTreeMap::new();
    for top in cloud.top_groups(alias, code).await?.unwrap_or_default() {
        if let Some(group) = cloud.group(alias, &top).await? {
            collect(group, &mut servers);
        }
    }
    Ok(servers)
}

fn collect(group: Group, found: &mut BTreeMap<String, Server>) {
    for server in group.servers.into_iter().flatten() {
        if let Some(id) = server.id.as_ref().map(|id| id.to_lowercase()) {
            found.insert(id, server);
        }
    }
    group.groups.into_iter().for_each(|group| collect(group, found));
}
