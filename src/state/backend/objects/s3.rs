//! The backend `s3`.

use std::sync::Arc;

use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};

use crate::schema::{Attribute, Problem, Schema};
use crate::sdk::{Environment, Settings, reachable_endpoint};
use crate::value::{Type, Value};

use super::super::{Kind, Store};
use super::layout::Layout;
use super::settings::{self, RETRIES, Refused, flag, text};

/// Amazon S3, and what speaks as it does.
#[derive(Clone, Copy, Debug)]
pub struct S3;

/// What of Terraform's cannot be honoured.
const REFUSED: [Refused; 26] = [
    ("acl", &[], "Objects get no access list of their own; the bucket's policy says who may read."),
    ("allowed_account_ids", &[], "The account is not asked for."),
    ("assume_role", &[], "Roles are assumed only with a web identity from the environment."),
    ("assume_role_with_web_identity", &[], "A web identity comes from the environment only."),
    ("custom_ca_bundle", &["AWS_CA_BUNDLE"], "Certificates are those that the system trusts."),
    ("dynamodb_endpoint", &[], "Locks are objects in the bucket, not rows of a table."),
    ("dynamodb_table", &[], "Locks are objects in the bucket, as with Terraform's `use_lockfile`."),
    ("ec2_metadata_service_endpoint", &[], "The metadata of an instance is where it always is."),
    ("ec2_metadata_service_endpoint_mode", &[], "The metadata of an instance is read by IPv4."),
    ("external_id", &[], "Roles are assumed only with a web identity from the environment."),
    ("forbidden_account_ids", &[], "The account is not asked for."),
    ("iam_endpoint", &[], "IAM is not asked."),
    ("http_proxy", &[], "Set the environment variable `HTTP_PROXY` instead."),
    ("https_proxy", &[], "Set the environment variable `HTTPS_PROXY` instead."),
    ("insecure", &[], "Certificates are always checked."),
    ("no_proxy", &[], "Set the environment variable `NO_PROXY` instead."),
    ("profile", &[], "Shared files of credentials are not read; set the keys in the environment."),
    ("retry_mode", &["AWS_RETRY_MODE"], "Requests are repeated in one way only."),
    ("role_arn", &[], "Roles are assumed only with a web identity from the environment."),
    ("session_name", &[], "Roles are assumed only with a web identity from the environment."),
    ("shared_config_files", &[], "Shared files of settings are not read."),
    ("shared_credentials_file", &[], "Shared files of credentials are not read."),
    ("shared_credentials_files", &[], "Shared files of credentials are not read."),
    ("sts_region", &[], "Set `endpoints.sts` instead."),
    ("use_dualstack_endpoint", &["AWS_USE_DUALSTACK_ENDPOINT"], "Set `endpoints.s3` instead."),
    ("use_fips_endpoint", &["AWS_USE_FIPS_ENDPOINT"], "Set `endpoints.s3` instead."),
];

/// Variables from which credentials come where no keys are set, by their names at the client.
const IDENTITY: [(&str, AmazonS3ConfigKey); 6] = [
    ("AWS_ROLE_ARN", AmazonS3ConfigKey::RoleArn),
    ("AWS_ROLE_SESSION_NAME", AmazonS3ConfigKey::RoleSessionName),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", AmazonS3ConfigKey::WebIdentityTokenFile),
    ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", AmazonS3ConfigKey::ContainerCredentialsRelativeUri),
    ("AWS_CONTAINER_CREDENTIALS_FULL_URI", AmazonS3ConfigKey::ContainerCredentialsFullUri),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", AmazonS3ConfigKey::ContainerAuthorizationTokenFile),
];

impl Kind for S3 {
    fn name(&self) -> &'static str {
        "s3"
    }

    fn schema(&self) -> Schema {
        let mut attributes = place();
        attributes.extend(credentials());
        attributes.extend(protection());
        attributes.extend(skipped());
        settings::schema(
            "A bucket of Amazon S3, or of a store that speaks as it does. States and locks are the \
             objects of Terraform's backend of that name with `use_lockfile`.",
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
        let bucket = settings.required("bucket", &mut problems);
        let key = settings.required("key", &mut problems);
        let region = settings.required("region", &mut problems);
        if settings.text("use_lockfile").is_some() && !settings.flag("use_lockfile") {
            let message = "There is always a lock.";
            problems.push(Problem::rule("use_lockfile", message).help("take `use_lockfile` out"));
        }
        let most = settings.whole_number("max_retries").unwrap_or(RETRIES);
        let mut builder = AmazonS3Builder::new()
            .with_bucket_name(&bucket)
            .with_region(region)
            .with_client_options(settings::client())
            .with_retry(settings::retries(most));
        builder = addressed(builder, &settings, &bucket, &mut problems);
        builder = identified(builder, &settings, environment, &mut problems);
        builder = encrypted(builder, &settings, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let folder = settings.text("workspace_key_prefix").unwrap_or_else(|| "env:".to_owned());
        let layout = Layout::Folders { key, folder };
        let made = builder.build().map(|store| Arc::new(store) as _);
        settings::store(&settings, "key", format!("s3://{bucket}"), layout, made)
    }
}

fn place() -> Vec<Attribute> {
    vec![
        Attribute::required("bucket", Type::String, "Name of the bucket."),
        Attribute::required("key", Type::String, "Path of the state in the bucket."),
        text("region", &["AWS_REGION", "AWS_DEFAULT_REGION"], "Region of the bucket."),
        text("workspace_key_prefix", &[], "Folder of the other workspaces' states.")
            .default("env:"),
        Attribute::optional(
            "endpoints",
            Type::map(Type::String),
            "Addresses in place of Amazon's: `s3`, and `sts` for web identities.",
        ),
        text(
            "endpoint",
            &["AWS_ENDPOINT_URL_S3", "AWS_S3_ENDPOINT"],
            "The older form of `endpoints.s3`.",
        ),
        text("sts_endpoint", &["AWS_ENDPOINT_URL_STS"], "The older form of `endpoints.sts`."),
        flag("use_path_style", &[], "Whether the bucket is named in the path, not in the host."),
        flag("force_path_style", &[], "The older form of `use_path_style`."),
        flag(
            "use_lockfile",
            &[],
            "May be `true`, for Terraform's sake: there is always a lock, which is this object.",
        ),
        Attribute::optional("max_retries", Type::Number, "How often a request is sent again."),
    ]
}

fn credentials() -> Vec<Attribute> {
    vec![
        text(
            "access_key",
            &["AWS_ACCESS_KEY_ID"],
            "Access key. Without one, credentials come from \
              a web identity, a container or an instance.",
        )
        .sensitive(),
        text("secret_key", &["AWS_SECRET_ACCESS_KEY"], "Secret key.").sensitive(),
        text("token", &["AWS_SESSION_TOKEN"], "Token of temporary keys.").sensitive(),
    ]
}

fn protection() -> Vec<Attribute> {
    vec![
        flag("encrypt", &[], "Whether objects are encrypted where they are kept."),
        text("kms_key_id", &[], "Key of KMS with which they are; needs `encrypt`."),
        text(
            "sse_customer_key",
            &["AWS_SSE_CUSTOMER_KEY"],
            "Key of your own with which they are, \
              in base64; needs `encrypt`.",
        )
        .sensitive(),
    ]
}

/// What Terraform can be told not to do, and we never do.
fn skipped() -> Vec<Attribute> {
    vec![
        flag(
            "skip_credentials_validation",
            &[],
            "No effect: credentials are not tried beforehand.",
        ),
        flag("skip_region_validation", &[], "No effect: any name of a region is taken."),
        flag("skip_requesting_account_id", &[], "No effect: the account is not asked for."),
        flag("skip_s3_checksum", &[], "No effect: sums are sent as part of the signature only."),
        flag(
            "skip_metadata_api_check",
            &["AWS_EC2_METADATA_DISABLED"],
            "Whether credentials may not come from the instance.",
        ),
    ]
}

/// Sets where requests go.
fn addressed(
    builder: AmazonS3Builder,
    settings: &Settings<'_>,
    bucket: &str,
    problems: &mut Vec<Problem>,
) -> AmazonS3Builder {
    let given = settings.value("endpoints").map(Value::reveal);
    let entries = given.as_ref().and_then(Value::entries).unwrap_or_default();
    for (service, _) in entries.iter().filter(|(name, _)| !["s3", "sts"].contains(&&**name)) {
        let message = format!("`endpoints.{service}` cannot be honoured: it is not asked.");
        problems.push(Problem::rule("endpoints", message));
    }
    let mut endpoint = |service: &str, older: &'static str| {
        let named = given.as_ref().and_then(|given| given.attribute(service)?.as_str());
        let text = named.map(str::to_owned).or_else(|| settings.text(older))?;
        if let Err(reason) = reachable_endpoint(&text) {
            let at = if named.is_some() { "endpoints" } else { older };
            problems.push(Problem::rule(at, format!("`{at}` {reason}: `{text}`.")));
        }
        Some(text.trim_end_matches('/').to_owned())
    };
    let (store, tokens) = (endpoint("s3", "endpoint"), endpoint("sts", "sts_endpoint"));
    let in_path = settings.flag("use_path_style") || settings.flag("force_path_style");
    let mut builder = builder.with_virtual_hosted_style_request(!in_path);
    if let Some(store) = store {
        builder = builder.with_allow_http(store.starts_with("http://"));
        builder = builder.with_endpoint(if in_path {
            store
        } else {
            store.replacen("://", &format!("://{bucket}."), 1)
        });
    }
    match tokens {
        Some(tokens) => builder.with_config(AmazonS3ConfigKey::StsEndpoint, tokens),
        None => builder,
    }
}

/// Sets who asks.
fn identified(
    mut builder: AmazonS3Builder,
    settings: &Settings<'_>,
    environment: &Environment,
    problems: &mut Vec<Problem>,
) -> AmazonS3Builder {
    match (settings.text("access_key"), settings.text("secret_key")) {
        (Some(access), Some(secret)) => {
            builder = builder.with_access_key_id(access).with_secret_access_key(secret);
            return match settings.text("token") {
                Some(token) => builder.with_token(token),
                None => builder,
            };
        }
        (None, None) => {}
        (access, _) => {
            let (given, other) =
                if access.is_some() { ("access", "secret") } else { ("secret", "access") };
            let message = format!("`{given}_key` is of no use without `{other}_key`.");
            problems.push(Problem::combination("access_key", message));
            return builder;
        }
    }
    let mut is_known = false;
    for (name, key) in IDENTITY {
        if let Some(text) = environment.get(name).filter(|text| !text.is_empty()) {
            is_known = true;
            builder = builder.with_config(key, text);
        }
    }
    if !is_known && environment.get("AWS_PROFILE").is_some_and(|name| !name.is_empty()) {
        let message = "`AWS_PROFILE` cannot be honoured: shared files of credentials are not read.";
        problems.push(
            Problem::rule("access_key", message)
                .help("set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`"),
        );
    } else if !is_known && settings.flag("skip_metadata_api_check") {
        let message = "There are no credentials, and the instance may not be asked for any.";
        problems.push(
            Problem::missing("access_key", message)
                .help("set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY`"),
        );
    }
    builder
}

/// The client's name of how objects are encrypted, which has no other public form.
const ENCRYPTION: &str = "aws_server_side_encryption";

/// Sets how objects are encrypted.
fn encrypted(
    builder: AmazonS3Builder,
    settings: &Settings<'_>,
    problems: &mut Vec<Problem>,
) -> AmazonS3Builder {
    let keys = (settings.text("kms_key_id"), settings.text("sse_customer_key"));
    match keys {
        (Some(_), Some(_)) => {
            let message = "`kms_key_id` and `sse_customer_key` exclude each other.";
            problems.push(Problem::combination("kms_key_id", message));
            builder
        }
        (None, None) if settings.flag("encrypt") => match ENCRYPTION.parse() {
            Ok(how) => builder.with_config(how, "AES256"),
            Err(_) => builder,
        },
        (None, None) => builder,
        _ if !settings.flag("encrypt") => {
            let message = "A key is of no use without `encrypt = true`.";
            problems.push(Problem::combination("encrypt", message));
            builder
        }
        (Some(key), _) => builder.with_sse_kms_encryption(key),
        (_, Some(key)) => builder.with_ssec_encryption(key),
    }
}
