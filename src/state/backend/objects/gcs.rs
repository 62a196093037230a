//! The backend `gcs`.

use std::sync::Arc;

use object_store::gcp::GoogleCloudStorageBuilder;

use crate::schema::{Attribute, Problem, Schema};
use crate::sdk::{Environment, Settings, reachable_endpoint};
use crate::value::{Type, Value};

use super::super::{Kind, Store};
use super::layout::Layout;
use super::settings::{self, RETRIES, Refused, text};

/// Google Cloud Storage.
#[derive(Clone, Copy, Debug)]
pub struct Gcs;

/// What of Terraform's cannot be honoured.
const REFUSED: [Refused; 4] = [
    (
        "impersonate_service_account",
        &["GOOGLE_BACKEND_IMPERSONATE_SERVICE_ACCOUNT", "GOOGLE_IMPERSONATE_SERVICE_ACCOUNT"],
        "Requests are made in the name of the credentials' own account; set `access_token` to a \
         token of another account instead.",
    ),
    ("impersonate_service_account_delegates", &[], "No other account is impersonated."),
    (
        "encryption_key",
        &["GOOGLE_ENCRYPTION_KEY"],
        "Objects are encrypted with the bucket's keys, never with one that comes along.",
    ),
    (
        "kms_encryption_key",
        &["GOOGLE_KMS_ENCRYPTION_KEY"],
        "Objects are encrypted with the bucket's default key, which may be one of KMS.",
    ),
];

impl Kind for Gcs {
    fn name(&self) -> &'static str {
        "gcs"
    }

    fn schema(&self) -> Schema {
        settings::schema(
            "A bucket of Google Cloud Storage. States and locks are the objects of Terraform's \
             backend of that name.",
            attributes(),
            &REFUSED,
        )
    }

    fn configure(
        &self,
        value: &Value,
        environment: &Environment,
    ) -> Result<Box<dyn Store>, Vec<Problem>> {
        let (settings, mut problems) = settings::given(self.schema(), value, environment, &REFUSED);
        let bucket = settings.required("bucket", &mut problems);
        let mut client = settings::client();
        let endpoint = settings.text("storage_custom_endpoint").map(|text| base(&text));
        if let Some(endpoint) = &endpoint {
            client = client.with_allow_http(endpoint.starts_with("http://"));
            if let Err(reason) = reachable_endpoint(endpoint) {
                let name = "storage_custom_endpoint";
                problems.push(Problem::rule(name, format!("`{name}` {reason}: `{endpoint}`.")));
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let mut builder = GoogleCloudStorageBuilder::new()
            .with_bucket_name(&bucket)
            .with_client_options(client)
            .with_retry(settings::retries(RETRIES));
        if let Some(endpoint) = &endpoint {
            builder = builder.with_base_url(endpoint);
        }
        builder = identified(builder, &settings, environment);
        let folder = settings.text("prefix").unwrap_or_default().trim_matches('/').to_owned();
        let made = builder.build().map(|store| Arc::new(store) as _);
        let layout = Layout::Files { folder };
        settings::store(&settings, "prefix", format!("gs://{bucket}"), layout, made)
    }
}

fn attributes() -> Vec<Attribute> {
    vec![
        Attribute::required("bucket", Type::String, "Name of the bucket."),
        text("prefix", &[], "Folder of the states in the bucket."),
        text(
            "credentials",
            &["GOOGLE_BACKEND_CREDENTIALS", "GOOGLE_CREDENTIALS"],
            "Credentials of a service account: a file of JSON, or the JSON. Without any, those of \
             `GOOGLE_APPLICATION_CREDENTIALS`, of gcloud, or of the instance.",
        )
        .sensitive(),
        text(
            "access_token",
            &["GOOGLE_OAUTH_ACCESS_TOKEN"],
            "A token in place of credentials. It is not renewed.",
        )
        .sensitive(),
        text(
            "storage_custom_endpoint",
            &["GOOGLE_BACKEND_STORAGE_CUSTOM_ENDPOINT", "GOOGLE_STORAGE_CUSTOM_ENDPOINT"],
            "Address in place of Google's. What Terraform puts behind the host, such as \
             `/storage/v1/b`, is left out.",
        ),
    ]
}

/// The address of a store, of which Terraform names the JSON interface and we use the XML one.
fn base(endpoint: &str) -> String {
    let endpoint = endpoint.trim_end_matches('/');
    let plain = ["/storage/v1/b", "/storage/v1"].iter().find_map(|end| endpoint.strip_suffix(end));
    plain.unwrap_or(endpoint).to_owned()
}

/// Sets who asks.
fn identified(
    builder: GoogleCloudStorageBuilder,
    settings: &Settings<'_>,
    environment: &Environment,
) -> GoogleCloudStorageBuilder {
    if let Some(token) = settings.text("access_token") {
        return builder.with_bearer_token(token);
    }
    match settings.text("credentials") {
        Some(text) if text.trim_start().starts_with('{') => builder.with_service_account_key(text),
        Some(path) => builder.with_application_credentials(path),
        None => match environment.get("GOOGLE_APPLICATION_CREDENTIALS") {
            Some(path) if !path.is_empty() => builder.with_application_credentials(path),
            _ => builder,
        },
    }
}
