//! Lists that do not end, that go round in circles, or that lead elsewhere.

use crate::sdk::ConfigureContext;
use crate::sdk::http::{Transport, TransportError};
use crate::sdk::{Context, DataSource as _};
use crate::world::BoxFuture;

use super::super::snapshot_data::Snapshots;
use super::super::volume_data::Volumes;
use super::*;

type Answer = fn(&Request) -> Json;

/// A cloud whose lists are answered by `answer`, and everything else by the emulator.
struct Odd {
    inner: Arc<dyn Transport>,
    answer: Answer,
    asked: Mutex<Vec<String>>,
}

impl Transport for Odd {
    fn send(&self, request: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
        if request.method != Method::Get {
            return self.inner.send(request);
        }
        self.asked.lock().unwrap().push(request.url.to_string());
        let response = Response::json(200, &(self.answer)(&request));
        Box::pin(async move { Ok(response) })
    }
}

/// The ids that a list gives, and the addresses it asked.
async fn ids(
    has_block_storage: u64,
    is_of_volumes: bool,
    answer: Answer,
) -> (Result<Vec<String>, ProviderError>, Vec<String>) {
    let bench = bench(&[("block_storage", has_block_storage)]);
    let usual = bench.configure_context();
    let inner = Arc::clone(&usual.transport);
    let odd = Arc::new(Odd { inner, answer, asked: Mutex::default() });
    let cx = ConfigureContext { transport: Arc::clone(&odd) as _, ..usual };
    let cloud = settings::cloud(&bench.settings(&[]), &cx).ok().unwrap();
    let context: Context = bench.context();
    let found = if is_of_volumes {
        let found = Volumes(cloud).read(&context, serde_json::from_value(json!({})).unwrap()).await;
        found.map(|found| found.ids)
    } else {
        let wanted = serde_json::from_value(json!({})).unwrap();
        Snapshots(cloud).read(&context, wanted).await.map(|found| found.ids)
    };
    let asked = std::mem::take(&mut *odd.asked.lock().unwrap());
    (found, asked)
}

fn entry(id: &str) -> Json {
    json!({ "id": id, "volume_id": VOLUME, "status": "available" })
}

fn page(ids: &[&str], next: Option<&str>) -> Json {
    let entries: Vec<_> = ids.iter().map(|id| entry(id)).collect();
    let links: Vec<_> =
        next.map(|href| json!({ "rel": "next", "href": href })).into_iter().collect();
    json!({
        "snapshots": entries, "snapshots_links": links,
    })
}

fn marker(request: &Request) -> String {
    request.query_value("marker").unwrap_or_default()
}

#[tokio::test]
async fn a_link_counts_by_its_query_whatever_its_host() {
    let answer = |request: &Request| match &*marker(request) {
        "" => page(&["b"], Some("http://cinder-api.internal:8776/v3/p/snapshots?limit=1&marker=b")),
        "b" => page(&["a"], None),
        other => panic!("{other}"),
    };
    let (found, asked) = ids(1, false, answer).await;
    assert_eq!(found.unwrap(), ["a", "b"]);
    assert!(
        asked.iter().all(|address| address.starts_with("http://openstack.emulator/volume/v3/"))
    );
    assert!(asked[1].ends_with("/snapshots?limit=1&marker=b"), "{asked:?}");
}

#[tokio::test]
async fn a_link_that_leads_out_of_the_list_is_not_followed() {
    for href in ["http://evil.example/v3/p/tokens?marker=b", "https://h/", "not an address", ""] {
        let href: &'static str = href;
        // A function pointer takes nothing along, so the link is found by its place in a list.
        let answer: Answer = match href {
            "" => |_| page(&["b"], Some("")),
            "not an address" => |_| page(&["b"], Some("not an address")),
            "https://h/" => |_| page(&["b"], Some("https://h/")),
            _ => |_| page(&["b"], Some("http://evil.example/v3/p/tokens?marker=b")),
        };
        let (found, asked) = ids(1, false, answer).await;
        let error = found.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Answer, "{href}");
        assert!(error.message.contains("no part of it") && error.help.is_some(), "{error}");
        assert_eq!(asked.len(), 1);
    }
}

#[tokio::test]
async fn a_list_that_goes_round_in_circles_is_an_error() {
    let same = |_: &Request| page(&["b"], Some("http://h/v3/p/snapshots?marker=b"));
    let (found, asked) = ids(1, false, same).await;
    let error = found.unwrap_err();
    assert_eq!(error.kind, ErrorKind::Answer);
    assert!(error.message.contains("does not end"), "{error}");
    assert!(asked.len() < 10, "{}", asked.len());
    // A compute service that takes no notice of the offset.
    for is_of_volumes in [false, true] {
        let answer: Answer = if is_of_volumes {
            |_| json!({ "volumes": [entry("a")] })
        } else {
            |_| json!({ "snapshots": [entry("a")] })
        };
        let (found, asked) = ids(0, is_of_volumes, answer).await;
        assert!(found.unwrap_err().message.contains("does not end"));
        assert!(asked.len() < 10, "{}", asked.len());
    }
}

#[tokio::test]
async fn a_list_without_an_end_is_an_error() {
    let answer = |request: &Request| {
        let next = marker(request).parse::<u64>().unwrap_or_default() + 1;
        let href = format!("http://h/v3/p/snapshots?limit=1&marker={next}");
        page(&[&next.to_string()], Some(&href))
    };
    let (found, asked) = ids(1, false, answer).await;
    assert!(found.unwrap_err().message.contains("1000 entries"));
    assert_eq!(asked.len(), 1000);
}

#[tokio::test]
async fn what_two_pages_show_is_there_once() {
    let answer = |request: &Request| match &*request.query_value("offset").unwrap() {
        "0" => json!({ "snapshots": [entry("c"), entry("b")] }),
        "2" => json!({ "snapshots": [entry("b"), entry("a")] }),
        _ => json!({ "snapshots": [] }),
    };
    let (found, _) = ids(0, false, answer).await;
    assert_eq!(found.unwrap(), ["a", "b", "c"]);
}

/// With each new snapshot at the beginning, what was seen last moves down to the next offset.
#[tokio::test]
async fn a_list_that_grows_while_it_is_read_has_an_end() {
    let answer = |request: &Request| match &*request.query_value("offset").unwrap() {
        "0" => json!({ "snapshots": [entry("b"), entry("a")] }),
        _ => json!({ "snapshots": [entry("a")] }),
    };
    let (found, asked) = ids(0, false, answer).await;
    assert_eq!(found.unwrap(), ["a", "b"]);
    assert_eq!(asked.len(), 2);
}
