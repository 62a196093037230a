//! The provider's settings and what is made of them.

use std::sync::Arc;
use std::time::Duration;

use crate::schema::{Attribute, Problem, Rule, Schema, parse_duration};
use crate::sdk::{ConfigureContext, Settings, most_steps_setting};
use crate::value::{Type, Value};

use super::client::{Api, Proof, Version};
use super::quota::Quota;

/// Settings of the `provider "thousandeyes"` block.
pub(super) fn schema() -> Schema {
    let mut attributes = sign_in_settings();
    attributes.extend(quota_settings());
    attributes.push(most_steps_setting());
    Schema::new(
        "A ThousandEyes organization. Either `email` and `auth_token`, or a `bearer_token`.",
        attributes,
    )
}

fn sign_in_settings() -> Vec<Attribute> {
    vec![
        Attribute::optional("email", Type::String, "E-mail address of the user.")
            .environment(&["THOUSANDEYES_EMAIL", "TE_EMAIL"]),
        Attribute::optional(
            "auth_token",
            Type::String,
            "The user's API token, sent with `email` as a password. Not accepted in the EU region \
             and by API v7.",
        )
        .sensitive()
        .environment(&["THOUSANDEYES_AUTH_TOKEN", "TE_AUTH_TOKEN"]),
        Attribute::optional("bearer_token", Type::String, "An API token, instead of `email`.")
            .sensitive()
            .environment(&["THOUSANDEYES_BEARER_TOKEN", "TE_TOKEN"]),
        Attribute::optional(
            "account_group_id",
            Type::Number,
            "Account group of all requests; the user's own unless set.",
        )
        .rule(Rule::whole_number(1, i64::MAX))
        .environment(&["THOUSANDEYES_ACCOUNT_GROUP_ID", "TE_AID"]),
        Attribute::optional("base_url", Type::String, "Address of the API.")
            .default("https://api.thousandeyes.com")
            .environment(&["THOUSANDEYES_BASE_URL", "TE_API_ENDPOINT"]),
        Attribute::optional(
            "api_version",
            Type::String,
            "`v6`, or its successor `v7`, which takes bearer tokens only.",
        )
        .default("v6")
        .rule(Rule::one_of(&["v6", "v7"]))
        .environment(&["THOUSANDEYES_API_VERSION"]),
        Attribute::optional(
            "v7_public_means",
            Type::String,
            "What `isPublic` makes in API v7 when it is true: `share_link`, as its name says and as \
             in v6, or `saved_event`, as the vendor's page on v7 says.",
        )
        .default("share_link")
        .rule(Rule::one_of(&["share_link", "saved_event"])),
        Attribute::optional(
            "delete_private_via_test_endpoint",
            Type::Bool,
            "Whether a destroy tries to delete the test that carries a private snapshot. No document \
             says that the vendor allows it; where it does not, the snapshot stays, and that is said.",
        )
        .default(false),
    ]
}

fn quota_settings() -> Vec<Attribute> {
    vec![
        Attribute::optional(
            "create_quota",
            Type::Number,
            "How many snapshots the organization may create within `create_quota_window`. The \
             vendor has changed this number several times.",
        )
        .default(10)
        .rule(Rule::whole_number(1, 1_000_000)),
        Attribute::optional(
            "create_quota_window",
            Type::String,
            "The time to which `create_quota` applies, such as `1h`.",
        )
        .default("1h")
        .rule(Rule::text("a duration such as `1h`", |text| match parse_duration(text) {
            Some(window) if !window.is_zero() => Ok(()),
            _ => Err(format!("must be a duration such as `1h` or `5m`, not `{text}`")),
        })),
        Attribute::optional(
            "wait_for_quota",
            Type::Bool,
            "Whether a create waits until the quota allows it. Otherwise it is refused.",
        )
        .default(false),
    ]
}

/// Makes the client, and what is known of the creation quota. Finds all problems at once and touches
/// no network.
pub(super) fn organization(
    value: &Value,
    cx: &ConfigureContext,
) -> Result<(Arc<Api>, Quota), Vec<Problem>> {
    let settings = Settings::new(schema(), value, &cx.environment);
    let mut problems = schema().check_rules(value);
    let base_url = settings.endpoint("base_url", &mut problems);
    let version = match settings.text("api_version").as_deref() {
        Some("v7") => Version::V7,
        _ => Version::V6,
    };
    let proof = proof(&settings, version, &mut problems);
    let account_group_id = settings.whole_number("account_group_id");
    if account_group_id.is_none()
        && let Some(text) = settings.text("account_group_id")
    {
        problems.push(Problem::rule(
            "account_group_id",
            format!("`account_group_id` must be a whole number, not `{text}`."),
        ));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let window = settings.text("create_quota_window");
    let window = window.and_then(|text| parse_duration(&text)).unwrap_or(Duration::from_hours(1));
    let limit = settings.whole_number("create_quota").unwrap_or(10);
    let quota = Quota::new(limit, window, settings.flag("wait_for_quota"));
    let reversed = settings.text("v7_public_means").as_deref() == Some("saved_event");
    let api = Api::new(base_url, version, proof, account_group_id, cx);
    let deletes = settings.flag("delete_private_via_test_endpoint");
    Ok((Arc::new(api.public_meaning_saved(reversed).deleting_tests(deletes)), quota))
}

fn proof(settings: &Settings<'_>, version: Version, problems: &mut Vec<Problem>) -> Proof {
    let in_block = |name: &str| settings.value(name).is_some();
    let basic_in_block = in_block("email") || in_block("auth_token");
    // What stands in the block counts more than a token left in the environment.
    let by_bearer = in_block("bearer_token") || !basic_in_block;
    if let Some(token) = settings.secret("bearer_token").filter(|_| by_bearer) {
        if in_block("bearer_token") && basic_in_block {
            problems.push(
                Problem::combination(
                    "bearer_token",
                    "`bearer_token` stands beside `email` or `auth_token`; only one way to sign in can be used.",
                )
                .help("remove one of them"),
            );
        }
        return Proof::Bearer(token);
    }
    if version == Version::V7 {
        problems.push(
            Problem::missing("bearer_token", "`bearer_token` is not set, and API v7 takes nothing else.")
                .help("set `bearer_token` in the provider block, or the environment variable `THOUSANDEYES_BEARER_TOKEN`"),
        );
    }
    Proof::Basic {
        email: settings.required("email", problems),
        token: settings.required_secret("auth_token", problems),
    }
}
