//! The provider block: dialect, credentials, place.

use crate::schema::{Attribute, Problem, Rule, Schema};
use crate::sdk::auth::Secret;
use crate::sdk::http::Client;
use crate::sdk::{ConfigureContext, Settings, TrustSettings, most_steps_setting};
use crate::value::{Type, Value};

use super::client::{AccessKey, Api, AppKey, Dialect, Scope};
use super::profile::{self, Keys};

pub(super) fn schema() -> Schema {
    let mut attributes = place();
    attributes.extend(gateway());
    attributes.extend(native());
    attributes.extend(TRUST.attributes());
    attributes.push(most_steps_setting());
    attributes.push(
        Attribute::optional(
            "marker_tag",
            Type::String,
            "Key of the tag that marks each new snapshot, so that it is found again when an answer \
             is lost or holds no id. An empty text sends no marker.",
        )
        .default("snapform-marker")
        .rule(Rule::text("a tag key, or empty", |text| {
            if text.is_empty() { Ok(()) } else { super::rules::tag_key(text) }
        })),
    );
    Schema::new(
        "Alibaba Apsara Stack ECS, through the portal's API Gateway or natively.",
        attributes,
    )
}

/// Private clouds mostly have authorities of their own.
const TRUST: TrustSettings = TrustSettings {
    authorities: ("ca_file", &[]),
    certificate: ("client_certificate_file", &[]),
    key: ("client_key_file", &[]),
    anybody: ("insecure", &["ALIBABACLOUDSTACK_INSECURE"]),
};

fn place() -> Vec<Attribute> {
    vec![
        Attribute::optional(
            "auth_mode",
            Type::String,
            "How requests are formed and signed: `apigw` for the portal's paths \
             `/apsara/route/Ecs/…`, `acs3` or `rpc` for native endpoints.",
        )
        .default("apigw")
        .rule(Rule::one_of(&["apigw", "acs3", "rpc"])),
        // Both must be set, which `configure` checks: an emulator gives them, too.
        Attribute::optional(
            "endpoint",
            Type::String,
            "Base address of the portal's API group or of the native endpoint. Must be set.",
        ),
        Attribute::optional("region", Type::String, "Id of the region. Must be set.")
            .environment(&["ALIBABACLOUDSTACK_REGION"]),
    ]
}

fn gateway() -> Vec<Attribute> {
    let optional = |name, description| Attribute::optional(name, Type::String, description);
    vec![
        optional("app_key", "AppKey at the API Gateway, for `apigw`."),
        optional("app_secret", "AppSecret at the API Gateway; it signs and is never sent.")
            .sensitive(),
        optional("user_email", "The portal's user, sent as header `UserEmail` with `apigw`."),
        optional("stage", "Stage at the API Gateway, such as `RELEASE`, for `apigw`."),
        optional("api_version", "The portal's parameter `version`; not sent unless set."),
    ]
}

fn native() -> Vec<Attribute> {
    let optional = |name, description| Attribute::optional(name, Type::String, description);
    vec![
        optional("access_key_id", "Id of the access key, for `acs3` and `rpc`.")
            .environment(&["ALIBABACLOUDSTACK_ACCESS_KEY"]),
        optional("access_key_secret", "Secret of the access key; it signs and is never sent.")
            .sensitive()
            .environment(&["ALIBABACLOUDSTACK_SECRET_KEY"]),
        optional("security_token", "Token of temporary credentials, for `acs3` and `rpc`.")
            .sensitive()
            .environment(&["ALIBABACLOUDSTACK_SECURITY_TOKEN"]),
        optional(
            profile::PROFILE,
            "Profile of the vendor's command line whose access key is taken, for `acs3` and `rpc`; \
             the file's current one where only the file is set.",
        )
        .environment(&["ALIBABACLOUDSTACK_PROFILE"]),
        optional(
            profile::FILE,
            "File with the profiles of the vendor's command line; `~/.aliyun/config.json` where \
             only a profile is set.",
        )
        .environment(&["ALIBABACLOUDSTACK_SHARED_CREDENTIALS_FILE"]),
        optional("organization_id", "Number of the organisation, for `acs3` and `rpc`.")
            .environment(&["ALIBABACLOUDSTACK_DEPARTMENT"]),
        optional("resource_group_id", "Number of the resource set, for `acs3` and `rpc`.")
            .environment(&["ALIBABACLOUDSTACK_RESOURCE_GROUP"]),
        optional(
            "caller_sdk_source",
            "Free text that names the caller; some releases demand it. For `acs3` and `rpc`.",
        )
        .default("snapform"),
    ]
}

pub(super) fn configure(value: &Value, cx: &ConfigureContext) -> Result<Api, Vec<Problem>> {
    let settings = Settings::new(schema(), value, &cx.environment);
    let mut problems = Vec::new();
    let endpoint = settings.endpoint("endpoint", &mut problems);
    let region = settings.required("region", &mut problems);
    problems.extend(misplaced(&settings));
    let dialect = match settings.text("auth_mode").as_deref() {
        Some("acs3") => Dialect::Acs3(access_key(&settings, cx, &mut problems)),
        Some("rpc") => Dialect::Rpc(access_key(&settings, cx, &mut problems)),
        _ => Dialect::Gateway(AppKey {
            key: settings.required("app_key", &mut problems),
            secret: settings.required_secret("app_secret", &mut problems),
            user_email: settings.text("user_email"),
            stage: settings.text("stage"),
            version: settings.text("api_version"),
        }),
    };
    let transport = TRUST.transport(&settings, cx, &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    let client = Client::new(transport, cx.world.clone()).hiding(dialect.secrets());
    Ok(Api::new(client, endpoint, region, dialect, settings.text("marker_tag")))
}

/// Credentials of one way in the block, where the other way is chosen and has none at all.
fn misplaced(settings: &Settings<'_>) -> Option<Problem> {
    const APP: &[&str] = &["app_key", "app_secret"];
    const ACCESS: &[&str] =
        &["access_key_id", "access_key_secret", profile::PROFILE, profile::FILE];
    let mode = settings.text("auth_mode").unwrap_or_default();
    let (own, other, advice) = match &*mode {
        "acs3" | "rpc" => (ACCESS, APP, "set it to `apigw`, or give an access key"),
        _ => (APP, ACCESS, "set it to `acs3` or `rpc`, or give `app_key` and `app_secret`"),
    };
    let in_block = other.iter().find(|name| settings.value(name).is_some())?;
    own.iter().all(|name| settings.text(name).is_none()).then(|| {
        Problem::combination(
            "auth_mode",
            format!("`{in_block}` is of no use where `auth_mode` is `{mode}`."),
        )
        .help(advice)
    })
}

fn access_key(
    settings: &Settings<'_>,
    cx: &ConfigureContext,
    problems: &mut Vec<Problem>,
) -> AccessKey {
    let keys = if profile::is_chosen(settings) {
        profile::keys(settings, &cx.environment).unwrap_or_else(|problem| {
            problems.push(problem);
            Keys { id: String::new(), secret: Secret::from(""), security_token: None }
        })
    } else {
        Keys {
            id: settings.required("access_key_id", problems),
            secret: settings.required_secret("access_key_secret", problems),
            security_token: settings.secret("security_token"),
        }
    };
    AccessKey {
        id: keys.id,
        secret: keys.secret,
        security_token: keys.security_token,
        scope: Scope {
            organization: settings.text("organization_id"),
            resource_group: settings.text("resource_group_id"),
            caller: settings.text("caller_sdk_source"),
        },
    }
}
