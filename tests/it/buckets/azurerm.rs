//! `azurerm` against Azurite.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use snapform::sdk::auth::hmac_sha256;
use snapform::state::backend::Azurerm;
use snapform::world::{Clock as _, RealClock};

use super::server::{Server, start};
use super::{goes_as_promised, lines, settings, store};
use crate::support::http::send;

/// The account and the key that Azurite has and documents.
const ACCOUNT: &str = "devstoreaccount1";
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Azurite with a container `states`, made by a request that is signed as Azure's pages describe it.
fn azurite() -> Option<Server> {
    let server = start("azurite-blob", |port| {
        let fixed = ["--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry"];
        let port = ["--blobPort".to_owned(), port.to_owned()];
        fixed.map(str::to_owned).into_iter().chain(port).collect()
    })?;
    let date = RealClock.now().format("%a, %d %b %Y %H:%M:%S GMT");
    let version = "2021-08-06";
    let signed = format!(
        "PUT\n\n\n\n\n\n\n\n\n\n\n\nx-ms-date:{date}\nx-ms-version:{version}\n\
         /{ACCOUNT}/{ACCOUNT}/states\nrestype:container"
    );
    let signature = STANDARD.encode(hmac_sha256(&STANDARD.decode(KEY).unwrap(), signed.as_bytes()));
    let authorization = format!("SharedKey {ACCOUNT}:{signature}");
    let headers = [
        ("x-ms-date", date.as_str()),
        ("x-ms-version", version),
        ("Authorization", authorization.as_str()),
    ];
    let line = format!("PUT /{ACCOUNT}/states?restype=container");
    let answer = send(&server.host, &line, &headers, "");
    assert_eq!(answer.status, 201, "{answer:?}");
    Some(server)
}

fn block(server: &Server) -> snapform::value::Value {
    let endpoint = format!("http://{}/{ACCOUNT}", server.host);
    settings(&[
        ("storage_account_name", ACCOUNT),
        ("container_name", "states"),
        ("key", "team.tfstate"),
        ("access_key", KEY),
        ("blob_endpoint", &endpoint),
        ("lease", "3s"),
    ])
}

/// A server, and the lines of a `backend` block that mean a state in it.
pub(crate) fn site() -> Option<(Server, String)> {
    let server = azurite()?;
    let block = lines(&block(&server));
    Some((server, block))
}

#[tokio::test]
async fn azurerm_keeps_what_it_promises_at_azurite() {
    let Some(server) = azurite() else { return };
    goes_as_promised(&*store(&Azurerm, &block(&server))).await;
}
