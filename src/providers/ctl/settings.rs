//! The provider's settings and what is made of them.

use crate::schema::{Attribute, Problem, Schema};
use crate::sdk::{ConfigureContext, Settings, most_steps_setting};
use crate::value::{Type, Value};

use super::client::{Cloud, Proof};

/// Settings of the `provider "ctl"` block.
pub(super) fn schema() -> Schema {
    Schema::new(
        "An account of CenturyLink Cloud. Either `username` and `password`, or a `bearer_token` \
         with its `account_alias`.",
        vec![
            Attribute::optional("username", Type::String, "Name of the user.").environment(&[
                "CTL_USERNAME",
                "CLC_V2_API_USERNAME",
                "CLC_USERNAME",
            ]),
            Attribute::optional("password", Type::String, "Password of the user.")
                .sensitive()
                .environment(&["CTL_PASSWORD", "CLC_V2_API_PASSWD", "CLC_PASSWORD"]),
            Attribute::optional(
                "bearer_token",
                Type::String,
                "A token from the login, instead of user and password; it lives for 14 days.",
            )
            .sensitive()
            .environment(&["CTL_BEARER_TOKEN", "CLC_V2_API_TOKEN"]),
            Attribute::optional(
                "account_alias",
                Type::String,
                "Account whose servers are meant; the login's own unless set. Upper or lower case \
                 makes no difference.",
            )
            .environment(&["CTL_ACCOUNT_ALIAS", "CLC_ACCT_ALIAS", "CLC_ACCOUNT"]),
            Attribute::optional("base_url", Type::String, "Address of the API.")
                .default("https://api.ctl.io")
                .environment(&["CTL_BASE_URL", "CLC_V2_API_URL"]),
            most_steps_setting(),
        ],
    )
}

/// Makes the client. Finds all problems at once and touches no network.
pub(super) fn cloud(value: &Value, cx: &ConfigureContext) -> Result<Cloud, Vec<Problem>> {
    let settings = Settings::new(schema(), value, &cx.environment);
    let mut problems = schema().check_rules(value);
    let base_url = settings.endpoint("base_url", &mut problems);
    let alias = settings.text("account_alias");
    if let Some(alias) = &alias
        && !alias.bytes().all(|byte| byte.is_ascii_alphanumeric())
    {
        problems.push(Problem::rule(
            "account_alias",
            format!("`account_alias` must be letters and digits only, not `{alias}`."),
        ));
    }
    let proof = proof(&settings, &mut problems);
    if problems.is_empty() { Ok(Cloud::new(base_url, alias, proof, cx)) } else { Err(problems) }
}

fn proof(settings: &Settings<'_>, problems: &mut Vec<Problem>) -> Proof {
    let in_block = |name: &str| settings.value(name).is_some();
    let password_in_block = in_block("username") || in_block("password");
    // What stands in the block counts more than a token left in the environment.
    let by_token = in_block("bearer_token") || !password_in_block;
    match settings.secret("bearer_token").filter(|_| by_token) {
        Some(token) => {
            if in_block("bearer_token") && password_in_block {
                problems.push(
                    Problem::combination(
                        "bearer_token",
                        "`bearer_token` stands beside `username` or `password`; only one way to sign in can be used.",
                    )
                    .help("remove one of them"),
                );
            }
            if settings.text("account_alias").is_none() {
                problems.push(
                    Problem::missing(
                        "account_alias",
                        "`account_alias` is not set, and a bare token does not tell the account.",
                    )
                    .help("set `account_alias` in the provider block, or the environment variable `CTL_ACCOUNT_ALIAS`"),
                );
            }
            Proof::Token(token)
        }
        None => Proof::Password {
            username: settings.required("username", problems),
            password: settings.required_secret("password", problems),
        },
    }
}
