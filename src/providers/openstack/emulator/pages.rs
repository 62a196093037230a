//! Lists of cinder: filters, and pages that name the next one.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use crate::sdk::http::{Request, Response, form_encode};

use super::record::Record;
use super::{bad_request, fault};

/// What a list of snapshots may be filtered by.
const FILTERS: [&str; 6] =
    ["name", "status", "volume_id", "metadata", "availability_zone", "consumes_quota"];
/// What else a query may hold.
const OTHERS: [&str; 8] =
    ["limit", "marker", "offset", "sort", "sort_key", "sort_dir", "all_tenants", "with_count"];

/// The refusal of names that are no filters. Below microversion 3.31 they are ignored.
pub(super) fn no_filters(request: &Request, version: u32) -> Option<Response> {
    let names = request.url.query_pairs().map(|(name, _)| name.into_owned());
    let known = |name: &str| FILTERS.contains(&name) || OTHERS.contains(&name);
    let unknown: Vec<_> = names.filter(|name| !known(name)).collect();
    let message = || format!("Invalid filters {} are found in query options.", unknown.join(","));
    (version >= 31 && !unknown.is_empty()).then(|| bad_request(message()))
}

/// Whether an entry has the metadata that the query wants, which it writes as Python would. What
/// cannot be read fits nothing.
pub(super) fn fits_metadata(request: &Request, found: &BTreeMap<String, String>) -> bool {
    let Some(wanted) = request.query_value("metadata") else { return true };
    let wanted: Option<BTreeMap<String, String>> =
        serde_json::from_str(&wanted.replace('\'', "\"")).ok();
    wanted.is_some_and(|wanted| wanted.iter().all(|(key, value)| found.get(key) == Some(value)))
}

/// Puts snapshots, which come newest first, into the order of `sort`: by creation, or by name, which
/// has its old name below microversion 3.30. The vendor's client always sends the old one. Other keys
/// are refused.
pub(super) fn sort(
    request: &Request,
    version: u32,
    records: &mut [Record],
) -> Result<(), Response> {
    let Some(wanted) = request.query_value("sort") else { return Ok(()) };
    let (key, direction) = wanted.split_once(':').unwrap_or((&wanted, "desc"));
    match key {
        "created_at" => records.reverse(),
        "display_name" => records.sort_by(|one, other| one.name.cmp(&other.name)),
        "name" if version >= 30 => records.sort_by(|one, other| one.name.cmp(&other.name)),
        _ => return Err(bad_request("Invalid input received: Invalid sort key")),
    }
    if direction == "desc" {
        records.reverse();
    }
    Ok(())
}

/// Whether an entry has the value that the query wants under `name`; unknown names are no filters.
///
/// Names are compared as `MariaDB` does, blind to case.
pub(super) fn fits(request: &Request, name: &str, found: Option<&str>) -> bool {
    let Some(wanted) = request.query_value(name) else { return true };
    let folded = |text: &str| if name == "name" { text.to_lowercase() } else { text.to_owned() };
    found.is_some_and(|found| folded(found) == folded(&wanted))
}

/// Answers with the part of a list that `limit`, `marker` and `offset` choose. `entries` come with
/// their ids, newest first. From microversion 3.45 on, all that fit are counted on demand.
pub(super) fn answer(
    request: &Request,
    version: u32,
    collection: &str,
    entries: Vec<(String, Json)>,
    maximum: u64,
) -> Response {
    let count = entries.len();
    let number = |name: &str| match request.query_value(name) {
        None => Ok(None),
        Some(text) => text.parse::<usize>().map(Some).map_err(|_| {
            bad_request(format!("Invalid input for query parameters {name}. Value: {text}."))
        }),
    };
    let (limit, offset) = match (number("limit"), number("offset")) {
        (Ok(limit), Ok(offset)) => (limit, offset.unwrap_or_default()),
        (Err(refusal), _) | (_, Err(refusal)) => return refusal,
    };
    let maximum = usize::try_from(maximum).unwrap_or(usize::MAX);
    // A limit of 0 gives nothing here, where nova takes it for "no limit".
    let limit = limit.unwrap_or(maximum).min(maximum);
    let start = match request.query_value("marker") {
        None => 0,
        Some(marker) => match entries.iter().position(|(id, _)| *id == marker) {
            Some(position) => position + 1,
            None => {
                let kind = if collection == "volumes" { "Volume" } else { "Snapshot" };
                return fault(404, "itemNotFound", format!("{kind} {marker} could not be found."));
            }
        },
    };
    let page: Vec<_> = entries.into_iter().skip(start + offset).take(limit).collect();
    let mut body = Map::new();
    let is_wanted = |text: String| text.eq_ignore_ascii_case("true");
    if version >= 45 && request.query_value("with_count").is_some_and(is_wanted) {
        body.insert("count".to_owned(), count.into());
    }
    // A full page has a link, also where nothing follows.
    if let Some((last, _)) = page.last().filter(|_| page.len() == limit) {
        let link = json!({ "rel": "next", "href": next(request, last) });
        body.insert(format!("{collection}_links"), json!([link]));
    }
    let page = page.into_iter().map(|(_, entry)| entry).collect();
    body.insert(collection.to_owned(), Json::Array(page));
    Response::json(200, &body)
}

fn next(request: &Request, last: &str) -> String {
    let kept: Vec<(String, String)> = request
        .url
        .query_pairs()
        .filter(|(name, _)| name != "marker" && name != "offset")
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let kept = kept.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let query = form_encode(kept.chain([("marker", last)]));
    format!("http://{}{}?{query}", request.host(), request.path())
}
