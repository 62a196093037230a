//! What nova and cinder say of their own versions: clients ask before anything else.
//!
//! Pages *API versions* of either service's API reference. Cinder's list answers 300 at its root to
//! anybody, and 200 below `/v3` behind a token; nova's page at `/v2.1` is for anybody.

use serde_json::{Value as Json, json};

use crate::sdk::http::{Request, Response};

use super::{cinder, nova};

/// Cinder's versions: there is one.
pub(super) fn of_cinder(request: &Request, status: u16) -> Response {
    let address = format!("http://{}/volume/v3/", request.host());
    let newest = format!("3.{}", cinder::NEWEST_MINOR);
    let version = version("v3.0", "3.0", &newest, "volume+json;version=3", &address);
    Response::json(status, &json!({ "versions": [version] }))
}

/// Nova's version 2.1.
pub(super) fn of_nova(request: &Request) -> Response {
    let address = format!("http://{}/v2.1/", request.host());
    let newest = format!("2.{}", nova::NEWEST_MINOR);
    let version = version("v2.1", "2.1", &newest, "compute+json;version=2.1", &address);
    Response::json(200, &json!({ "version": version }))
}

fn version(id: &str, oldest: &str, newest: &str, media: &str, address: &str) -> Json {
    json!({
        "id": id, "status": "CURRENT", "version": newest, "min_version": oldest,
        "updated": "2023-08-31T00:00:00Z",
        "links": [
            { "rel": "self", "href": address },
            { "rel": "describedby", "type": "text/html", "href": "https://docs.openstack.org/" },
        ],
        "media-types": [{
            "base": "application/json", "type": format!("application/vnd.openstack.{media}"),
        }],
    })
}
