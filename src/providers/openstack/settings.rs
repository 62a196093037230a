//! The provider's settings and what is made of them.

use std::collections::BTreeMap;

use crate::schema::{Attribute, Problem, ProblemKind, Rule, Schema};
use crate::sdk::http::{Client, RetryPolicy};
use crate::sdk::{
    ConfigureContext, Settings, TrustSettings, most_steps_setting, reachable_endpoint,
};
use crate::value::{Type, Value};

use super::client::Cloud;
use super::clouds_file::{self, Entry};
use super::identity::{Domain, Identity, Named, Proof};

/// Settings of the `provider "openstack"` block.
pub(super) fn schema() -> Schema {
    let mut attributes = password_settings();
    attributes.extend(credential_settings());
    attributes.extend(endpoint_settings());
    attributes.extend(TRUST.attributes());
    attributes.push(most_steps_setting());
    Schema::new(
        "An OpenStack cloud, as one user in one project. Everything may come from the usual `OS_*` \
         variables, or from an entry of `clouds.yaml`.",
        attributes,
    )
}

/// As the names of OpenStack's own tools are.
const TRUST: TrustSettings = TrustSettings {
    authorities: ("cacert_file", &["OS_CACERT"]),
    certificate: ("cert", &["OS_CERT"]),
    key: ("key", &["OS_KEY"]),
    anybody: ("insecure", &["OS_INSECURE"]),
};

fn text(
    name: &'static str,
    environment: &'static [&'static str],
    description: &'static str,
) -> Attribute {
    Attribute::optional(name, Type::String, description).environment(environment)
}

fn password_settings() -> Vec<Attribute> {
    vec![
        text(
            "cloud",
            &["OS_CLOUD"],
            "Name of an entry in `clouds.yaml`, with its secrets in `secure.yaml`: in the current \
             folder, `~/.config/openstack` or `/etc/openstack`, or where `OS_CLIENT_CONFIG_FILE` and \
             `OS_CLIENT_SECURE_FILE` say. The entry stands in for all other variables.",
        ),
        text(
            "auth_url",
            &["OS_AUTH_URL"],
            "Address of Keystone; `/v3` is added where it is missing.",
        ),
        text("user_name", &["OS_USERNAME"], "Name of the user; needs the user's domain."),
        text("user_id", &["OS_USER_ID"], "Id of the user, instead of name and domain."),
        text("password", &["OS_PASSWORD"], "Password of the user.").sensitive(),
        text(
            "user_domain_name",
            &["OS_USER_DOMAIN_NAME", "OS_DOMAIN_NAME"],
            "Name of the domain in which `user_name` is unique, often `Default`.",
        ),
        text(
            "user_domain_id",
            &["OS_USER_DOMAIN_ID", "OS_DOMAIN_ID"],
            "Id of the domain in which `user_name` is unique, often `default`.",
        ),
        text(
            "project_name",
            &["OS_PROJECT_NAME", "OS_TENANT_NAME"],
            "Name of the project, which older documents call tenant.",
        ),
        text(
            "project_id",
            &["OS_PROJECT_ID", "OS_TENANT_ID"],
            "Id of the project, instead of name and domain.",
        ),
        text("tenant_name", &[], "The older word for `project_name`; only one of them may be set."),
        text("tenant_id", &[], "The older word for `project_id`; only one of them may be set."),
        text(
            "project_domain_name",
            &["OS_PROJECT_DOMAIN_NAME"],
            "Name of the project's domain; the user's domain unless set.",
        ),
        text(
            "project_domain_id",
            &["OS_PROJECT_DOMAIN_ID"],
            "Id of the project's domain; the user's domain unless set.",
        ),
    ]
}

fn credential_settings() -> Vec<Attribute> {
    vec![
        text(
            "application_credential_id",
            &["OS_APPLICATION_CREDENTIAL_ID"],
            "Id of an application credential, instead of user, password and project.",
        ),
        text(
            "application_credential_name",
            &["OS_APPLICATION_CREDENTIAL_NAME"],
            "Name of an application credential; needs its user.",
        ),
        text(
            "application_credential_secret",
            &["OS_APPLICATION_CREDENTIAL_SECRET"],
            "Secret of the application credential.",
        )
        .sensitive(),
    ]
}

fn endpoint_settings() -> Vec<Attribute> {
    vec![
        text(
            "region",
            &["OS_REGION_NAME"],
            "Region whose endpoints are used; the catalogue's first one unless set.",
        ),
        text(
            "endpoint_type",
            &["OS_INTERFACE", "OS_ENDPOINT_TYPE"],
            "Which of the catalogue's addresses are used.",
        )
        .default("public")
        .rule(Rule::one_of(&["public", "internal", "admin"])),
        Attribute::optional(
            "endpoint_overrides",
            Type::map(Type::String),
            "Addresses by service type, such as `compute` or `volumev3`, in place of the catalogue's.",
        ),
        Attribute::optional(
            "max_retries",
            Type::Number,
            "How often a request is sent again that got no answer or one that tells nothing, as far \
             as that does no harm.",
        )
        .default(4)
        .rule(Rule::whole_number(0, 20)),
    ]
}

/// Makes the client. Finds all problems at once and touches no network.
pub(super) fn cloud(value: &Value, cx: &ConfigureContext) -> Result<Cloud, Vec<Problem>> {
    let named = Settings::new(schema(), value, &cx.environment).text("cloud");
    let entry = named.as_deref().map(|name| clouds_file::entry(name, &cx.environment));
    let entry = entry.transpose().map_err(|problem| vec![problem])?;
    let environment = entry.as_ref().map_or(&cx.environment, |entry| &entry.environment);
    let settings = Settings::new(schema(), value, environment);
    let mut problems = schema().check_rules(value);
    let auth_url = settings.endpoint("auth_url", &mut problems);
    let proof = proof(&settings, &mut problems);
    let mut all_overrides = entry.as_ref().map_or_else(BTreeMap::new, |entry| {
        let given = entry.overrides.iter();
        let given = given.map(|(service, address)| (service.clone(), address.clone()));
        checked(given, "cloud", &mut problems)
    });
    all_overrides.extend(overrides(&settings, &mut problems));
    let transport = TRUST.transport(&settings, cx, &mut problems);
    let client = Client::new(transport, cx.world.clone()).policy(policy(&settings));
    match proof {
        Some(proof) if problems.is_empty() => Ok(Cloud::new(
            Identity::new(&auth_url, proof),
            settings.text("region"),
            settings.text("endpoint_type").unwrap_or_else(|| "public".to_owned()),
            all_overrides,
            client,
        )),
        _ => Err(told_by(entry.as_ref(), problems)),
    }
}

fn policy(settings: &Settings<'_>) -> RetryPolicy {
    let usual = RetryPolicy::default();
    let retries =
        settings.whole_number("max_retries").and_then(|number| u32::try_from(number).ok());
    retries.map_or(usual, |retries| RetryPolicy { attempts: retries.saturating_add(1), ..usual })
}

/// What is missing may be added to the entry of `clouds.yaml`; the environment does not count.
fn told_by(entry: Option<&Entry>, problems: Vec<Problem>) -> Vec<Problem> {
    let Some(Entry { place, .. }) = entry else { return problems };
    let help = |problem: Problem| {
        match problem.kind {
        ProblemKind::Missing => problem.help(format!(
            "add it to the cloud's entry in `{place}`, or to the provider block; other variables do \
             not count beside `cloud`"
        )),
        _ => problem,
    }
    };
    problems.into_iter().map(help).collect()
}

fn proof(settings: &Settings<'_>, problems: &mut Vec<Problem>) -> Option<Proof> {
    let given = |name: &str| settings.text(name).is_some();
    let in_block = |names: &[&str]| names.iter().any(|name| settings.value(name).is_some());
    let credential = ["application_credential_id", "application_credential_name"];
    // What stands in the block counts more than a credential left in the environment.
    let by_user = in_block(&["user_name", "user_id", "password"]) && !in_block(&credential);
    if !by_user && credential.iter().any(|name| given(name)) {
        return application_credential(settings, problems);
    }
    if given("application_credential_secret") && !given("password") {
        problems.push(
            Problem::combination(
                "application_credential_secret",
                "The secret of an application credential is set, but not which credential it is.",
            )
            .help("set `application_credential_id`, or `application_credential_name` and its user"),
        );
        return None;
    }
    let password = settings.required_secret("password", problems);
    let user = user(settings, problems);
    let project = project(settings, problems);
    Some(Proof::Password { user: user?, password, project: project? })
}

fn application_credential(settings: &Settings<'_>, problems: &mut Vec<Problem>) -> Option<Proof> {
    // Keystone answers 401 to any scope beside an application credential, even the right one.
    for name in ["project_name", "project_id", "tenant_name", "tenant_id"] {
        if settings.value(name).is_some() {
            problems.push(
                Problem::combination(
                    name,
                    format!("`{name}` contradicts the application credential, which carries its project."),
                )
                .help(format!("remove `{name}`, or use user and password")),
            );
        }
    }
    let secret = settings.required_secret("application_credential_secret", problems);
    let credential = match settings.text("application_credential_id") {
        Some(id) => Named::Id(id),
        None => Named::Name(settings.text("application_credential_name")?, None),
    };
    let user = match credential {
        Named::Id(_) => None,
        Named::Name(..) => Some(user(settings, problems)?),
    };
    Some(Proof::ApplicationCredential { credential, user, secret })
}

fn domain(settings: &Settings<'_>, id: &str, name: &str) -> Option<Domain> {
    let by_name = || settings.text(name).map(Domain::Name);
    settings.text(id).map(Domain::Id).or_else(by_name)
}

fn user(settings: &Settings<'_>, problems: &mut Vec<Problem>) -> Option<Named> {
    if let Some(id) = settings.text("user_id") {
        return Some(Named::Id(id));
    }
    let name = settings.required("user_name", problems);
    let domain = domain(settings, "user_domain_id", "user_domain_name");
    if domain.is_none() {
        problems.push(
            Problem::missing("user_domain_name", "`user_domain_name` is not set, and a user's name means nothing without its domain.")
                .help("set `user_domain_name` (often `Default`) or the environment variable `OS_USER_DOMAIN_NAME`, or use `user_id`"),
        );
    }
    Some(Named::Name(name, Some(domain?)))
}

/// The words of older documents, each with the one that counts today.
const TENANTS: [(&str, &str); 2] = [("tenant_name", "project_name"), ("tenant_id", "project_id")];

fn project(settings: &Settings<'_>, problems: &mut Vec<Problem>) -> Option<Named> {
    for (older, word) in TENANTS {
        if settings.value(older).is_some() && settings.value(word).is_some() {
            let message = format!("`{older}` and `{word}` are two words for one setting.");
            problems.push(Problem::combination(older, message).help(format!("keep `{word}`")));
        }
    }
    // What the block says counts more than what was left in the environment.
    let in_block = |name: &str| settings.value(name).is_some().then(|| settings.text(name))?;
    let by_name = in_block("project_name").or_else(|| in_block("tenant_name"));
    let by_id = in_block("project_id").or_else(|| in_block("tenant_id"));
    let by_id = by_id.or_else(|| settings.text("project_id").filter(|_| by_name.is_none()));
    if let Some(id) = by_id {
        return Some(Named::Id(id));
    }
    let name = by_name.unwrap_or_else(|| settings.required("project_name", problems));
    let domain = domain(settings, "project_domain_id", "project_domain_name")
        .or_else(|| domain(settings, "user_domain_id", "user_domain_name"));
    if domain.is_none() && settings.text("user_id").is_some() {
        problems.push(
            Problem::missing("project_domain_name", "`project_domain_name` is not set, and a project's name means nothing without its domain.")
                .help("set `project_domain_name` (often `Default`), or use `project_id`"),
        );
    }
    Some(Named::Name(name, Some(domain?)))
}

fn overrides(settings: &Settings<'_>, problems: &mut Vec<Problem>) -> BTreeMap<String, String> {
    let given = settings.value("endpoint_overrides").and_then(Value::entries).unwrap_or_default();
    let given = given
        .iter()
        .filter_map(|(service, address)| Some((service.to_string(), address.as_str()?.to_owned())));
    checked(given, "endpoint_overrides", problems)
}

/// Addresses by service type, of which each must be one that credentials may go to.
fn checked(
    given: impl Iterator<Item = (String, String)>,
    attribute: &str,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, String> {
    let mut addresses = BTreeMap::new();
    for (service, address) in given {
        if let Err(reason) = reachable_endpoint(&address) {
            problems.push(Problem::rule(
                attribute,
                format!("The address for `{service}` {reason}: `{address}`."),
            ));
        }
        addresses.insert(service, address);
    }
    addresses
}
