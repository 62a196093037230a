//! The provider block: who we are and where the vendor is.

use crate::schema::{Attribute, Problem, Rule, Schema};
use crate::sdk::http::Client;
use crate::sdk::{ConfigureContext, Environment, Settings, most_steps_setting};
use crate::value::{Type, Value};

use super::client::{Api, Credentials};

const DOMAIN_VARIABLE: &str = "ZENLAYERCLOUD_DOMAIN";
const SCHEME_VARIABLE: &str = "ZENLAYERCLOUD_SCHEME";

pub(super) fn schema() -> Schema {
    Schema::new(
        "Zenlayer Elastic Compute, reached over the console API 2.0.",
        vec![
            Attribute::optional(
                "access_key_id",
                Type::String,
                "Id of the access key that signs every request. Goes with `access_key_password`.",
            )
            .environment(&["ZENLAYERCLOUD_ACCESS_KEY_ID"]),
            Attribute::optional(
                "access_key_password",
                Type::String,
                "Password of the access key. Requests are signed with it; it is never sent.",
            )
            .sensitive()
            .environment(&["ZENLAYERCLOUD_ACCESS_KEY_PASSWORD"]),
            Attribute::optional(
                "token",
                Type::String,
                "A personal access token, sent as it is, in place of the access key.",
            )
            .sensitive(),
            Attribute::optional(
                "endpoint",
                Type::String,
                "Base address of the API. The environment gives a domain, to which the scheme in \
                 `ZENLAYERCLOUD_SCHEME` is added (https unless set).",
            )
            .default("https://console.zenlayer.com")
            .environment(&[DOMAIN_VARIABLE]),
            Attribute::optional(
                "api_version",
                Type::String,
                "Version of the API, sent with every request.",
            )
            .default("2025-09-01")
            .rule(Rule::text("a date such as 2025-09-01", version_rule)),
            most_steps_setting(),
        ],
    )
}

fn version_rule(text: &str) -> Result<(), String> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    if plain { Ok(()) } else { Err(format!("must be a date such as 2025-09-01, not `{text}`")) }
}

pub(super) fn configure(value: &Value, cx: &ConfigureContext) -> Result<Api, Vec<Problem>> {
    let environment = with_scheme(&cx.environment);
    let settings = Settings::new(schema(), value, &environment);
    let mut problems = Vec::new();
    let credentials = credentials(&settings, &mut problems);
    let endpoint = settings.endpoint("endpoint", &mut problems);
    let version = settings.required("api_version", &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let client = Client::new(cx.transport.clone(), cx.world.clone()).hiding([credentials.secret()]);
    Ok(Api::new(client, endpoint, version, credentials))
}

/// A token in the block wins over a key pair in the environment; both in the block contradict.
fn credentials(settings: &Settings<'_>, problems: &mut Vec<Problem>) -> Credentials {
    let Some(token) = settings.text("token") else {
        let id = settings.required("access_key_id", problems);
        let password = settings.required("access_key_password", problems);
        // The vendor's clients strip white space around both before they sign.
        return Credentials::key(id.trim().to_owned(), password.trim().into());
    };
    for name in ["access_key_id", "access_key_password"] {
        if settings.value(name).is_some() {
            problems.push(
                Problem::combination(name, format!("`{name}` and `token` exclude each other."))
                    .help(format!("keep `token` or `{name}`, not both")),
            );
        }
    }
    Credentials::token(token.trim().into())
}

/// The vendor's variable holds a bare domain; an address is what `Settings::endpoint` checks.
fn with_scheme(environment: &Environment) -> Environment {
    let mut environment = environment.clone();
    let scheme = environment.get(SCHEME_VARIABLE).filter(|scheme| !scheme.is_empty());
    let scheme = scheme.map_or_else(|| "https".to_owned(), |scheme| scheme.to_lowercase());
    if let Some(domain) = environment.get_mut(DOMAIN_VARIABLE)
        && !domain.is_empty()
        && !domain.contains("://")
    {
        *domain = format!("{scheme}://{domain}");
    }
    environment
}
