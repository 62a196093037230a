//! The backend `azurerm`.

use std::sync::Arc;

use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};

use crate::schema::{Attribute, Problem, Rule, Schema};
use crate::sdk::{Environment, Settings, reachable_endpoint};
use crate::value::{Type, Value};

use super::super::{Kind, Store};
use super::layout::Layout;
use super::settings::{self, RETRIES, Refused, flag, text};

/// Blobs of a storage account of Azure.
#[derive(Clone, Copy, Debug)]
pub struct Azurerm;

/// What of Terraform's cannot be honoured.
const REFUSED: [Refused; 13] = [
    (
        "ado_pipeline_service_connection_id",
        &["ARM_ADO_PIPELINE_SERVICE_CONNECTION_ID"],
        "Set `oidc_token_file_path` instead.",
    ),
    (
        "client_certificate",
        &["ARM_CLIENT_CERTIFICATE"],
        "Sign in with a secret or a federated token.",
    ),
    ("client_certificate_password", &["ARM_CLIENT_CERTIFICATE_PASSWORD"], "There is none."),
    (
        "client_certificate_path",
        &["ARM_CLIENT_CERTIFICATE_PATH"],
        "Sign in with a secret or a federated token.",
    ),
    ("client_id_file_path", &["ARM_CLIENT_ID_FILE_PATH"], "Set `client_id` instead."),
    ("client_secret_file_path", &["ARM_CLIENT_SECRET_FILE_PATH"], "Set `client_secret` instead."),
    (
        "endpoint",
        &["ARM_ENDPOINT"],
        "It is the address of the resource manager, which is not asked; set `blob_endpoint`.",
    ),
    ("lookup_blob_endpoint", &["ARM_USE_DNS_ZONE_ENDPOINT"], "Set `blob_endpoint` instead."),
    ("metadata_host", &["ARM_METADATA_HOSTNAME"], "Set `environment` or `blob_endpoint` instead."),
    ("oidc_request_token", &["ARM_OIDC_REQUEST_TOKEN"], "Set `oidc_token_file_path` instead."),
    ("oidc_request_url", &["ARM_OIDC_REQUEST_URL"], "Set `oidc_token_file_path` instead."),
    ("oidc_token", &["ARM_OIDC_TOKEN"], "Set `oidc_token_file_path` instead."),
    ("snapshot", &["ARM_SNAPSHOT"], "No snapshots are taken; let the account keep versions."),
];

/// The clouds by the names that Terraform has for them: where blobs are, and where to sign in.
const CLOUDS: [(&str, &str, &str); 3] = [
    ("public", "core.windows.net", "https://login.microsoftonline.com"),
    ("usgovernment", "core.usgovcloudapi.net", "https://login.microsoftonline.us"),
    ("china", "core.chinacloudapi.cn", "https://login.chinacloudapi.cn"),
];

impl Kind for Azurerm {
    fn name(&self) -> &'static str {
        "azurerm"
    }

    fn schema(&self) -> Schema {
        let mut attributes = place();
        attributes.extend(credentials());
        settings::schema(
            "Blobs of a storage account of Azure. States are the blobs of Terraform's backend of \
             that name. Terraform locks one by a lease of the blob, which we cannot take: while we \
             hold our lock, Terraform can take its own. While it does, we wait for it, and neither \
             can write over what the other wrote: we find another version, or the lease.",
            attributes,
            &REFUSED,
        )
    }

    fn configure(
        &self,
        value: &Value,
        environment: &Environment,
    ) -> Result<Box<dyn Store>, Vec<Problem>> {
        let (settings, mut problems) = settings::given(self.schema(), value, environment, &REFUSED);
        let account = settings.required("storage_account_name", &mut problems);
        let container = settings.required("container_name", &mut problems);
        let key = settings.required("key", &mut problems);
        let cloud = settings.text("environment").unwrap_or_default();
        let (_, domain, authority) =
            CLOUDS.iter().find(|(name, ..)| *name == cloud).unwrap_or(&CLOUDS[0]);
        let usual = || format!("https://{account}.blob.{domain}");
        let endpoint = settings.text("blob_endpoint").unwrap_or_else(usual);
        if let Err(reason) = reachable_endpoint(&endpoint) {
            let message = format!("`blob_endpoint` {reason}: `{endpoint}`.");
            problems.push(Problem::rule("blob_endpoint", message));
        }
        let mut builder = MicrosoftAzureBuilder::new()
            .with_account(&account)
            .with_container_name(&container)
            .with_authority_host(*authority)
            .with_client_options(settings::client())
            .with_allow_http(endpoint.starts_with("http://"))
            .with_endpoint(endpoint)
            .with_retry(settings::retries(RETRIES));
        builder = identified(builder, &settings, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let made = builder.build().map(|store| Arc::new(store) as _);
        let address = format!("azurerm://{account}/{container}");
        settings::store(&settings, "key", address, Layout::Endings { key }, made)
    }
}

fn place() -> Vec<Attribute> {
    vec![
        Attribute::required("storage_account_name", Type::String, "Name of the storage account."),
        Attribute::required("container_name", Type::String, "Name of the container in it."),
        Attribute::required("key", Type::String, "Name of the state's blob in the container."),
        text("environment", &["ARM_ENVIRONMENT"], "The cloud: `public`, `usgovernment`, `china`.")
            .default("public")
            .rule(Rule::one_of(&["public", "usgovernment", "china"])),
        text("blob_endpoint", &[], "Ours: the account's address in place of Azure's."),
        text("resource_group_name", &[], "No effect: the resource manager is not asked."),
        text("subscription_id", &["ARM_SUBSCRIPTION_ID"], "No effect: as before."),
    ]
}

fn credentials() -> Vec<Attribute> {
    vec![
        text("access_key", &["ARM_ACCESS_KEY"], "Access key of the account.").sensitive(),
        text("sas_token", &["ARM_SAS_TOKEN"], "Shared access signature, instead.").sensitive(),
        flag(
            "use_azuread_auth",
            &["ARM_USE_AZUREAD"],
            "Whether to sign in at Entra ID. Needed without a key or a signature: Terraform would \
             look up a key at the resource manager, which we do not ask.",
        ),
        text("tenant_id", &["ARM_TENANT_ID"], "Directory of the application to sign in as."),
        text("client_id", &["ARM_CLIENT_ID"], "Application to sign in as."),
        text("client_secret", &["ARM_CLIENT_SECRET"], "Its secret.").sensitive(),
        flag("use_oidc", &["ARM_USE_OIDC"], "Whether to sign in with a federated token."),
        text(
            "oidc_token_file_path",
            &["ARM_OIDC_TOKEN_FILE_PATH", "AZURE_FEDERATED_TOKEN_FILE"],
            "File of the federated token.",
        ),
        flag(
            "use_aks_workload_identity",
            &["ARM_USE_AKS_WORKLOAD_IDENTITY"],
            "Whether the federated token is that of a pod.",
        ),
        flag("use_msi", &["ARM_USE_MSI"], "Whether to sign in as the machine."),
        text("msi_endpoint", &["ARM_MSI_ENDPOINT"], "Where the machine gets its tokens."),
        flag("use_cli", &["ARM_USE_CLI"], "Whether to sign in as the `az` command has.")
            .default(true),
    ]
}

/// Sets who asks: in Terraform's order, whoever can be.
fn identified(
    builder: MicrosoftAzureBuilder,
    settings: &Settings<'_>,
    problems: &mut Vec<Problem>,
) -> MicrosoftAzureBuilder {
    if let Some(key) = settings.text("access_key") {
        return builder.with_access_key(key);
    }
    if let Some(token) = settings.text("sas_token") {
        let token = token.trim_start_matches('?').to_owned();
        return builder.with_config(AzureConfigKey::SasKey, token);
    }
    if !settings.flag("use_azuread_auth") {
        let message = "There is neither `access_key` nor `sas_token`, and `use_azuread_auth` is \
                       not set.";
        problems.push(
            Problem::missing("access_key", message)
                .help("set `ARM_ACCESS_KEY` or `ARM_SAS_TOKEN`, or `use_azuread_auth = true`"),
        );
        return builder;
    }
    signed_in(builder, settings, problems)
}

/// Signs in at Entra ID.
fn signed_in(
    builder: MicrosoftAzureBuilder,
    settings: &Settings<'_>,
    problems: &mut Vec<Problem>,
) -> MicrosoftAzureBuilder {
    let named = settings.text("client_id").zip(settings.text("tenant_id"));
    let is_federated = settings.flag("use_oidc") || settings.flag("use_aks_workload_identity");
    match (named, settings.text("client_secret"), settings.text("oidc_token_file_path")) {
        (Some((client, tenant)), Some(secret), _) => {
            builder.with_client_secret_authorization(client, secret, tenant)
        }
        (Some((client, tenant)), None, Some(file)) if is_federated => builder
            .with_client_id(client)
            .with_tenant_id(tenant)
            .with_federated_token_file(file)
            .with_credential_type("workload_identity"),
        _ if settings.flag("use_msi") => {
            let mut builder = builder.with_credential_type("managed_identity");
            if let Some(client) = settings.text("client_id") {
                builder = builder.with_client_id(client);
            }
            match settings.text("msi_endpoint") {
                Some(endpoint) => builder.with_msi_endpoint(endpoint),
                None => builder,
            }
        }
        _ if settings.flag("use_cli") => builder.with_credential_type("azure_cli"),
        _ => {
            let message = "Nothing says who signs in.";
            problems.push(
                Problem::missing("client_id", message)
                    .help("set `client_id`, `tenant_id` and `client_secret`, or `use_msi = true`"),
            );
            builder
        }
    }
}
