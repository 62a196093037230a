//! State behind an address, as Terraform's backend of this name and GitLab keep it.
//!
//! There is one document and no other place, so the journal and the sign of life stand in it, beside
//! what Terraform reads.

mod document;
mod place;
mod server;
mod writer;

use std::sync::Arc;

use crate::schema::{Attribute, Problem, Rule, Schema};
use crate::sdk::http::{Method, Network, Transport, Trust};
use crate::sdk::{Environment, Settings, reachable_endpoint};
use crate::value::{Type, Value};

use super::watch::Term;
use super::{Backend, Kind, Outcome, Store};

use place::HttpBackend;
use server::{Protocol, Server, Target, retry_policy};

/// The kind of backend called `http`.
#[derive(Clone, Default)]
pub struct HttpKind {
    /// Where requests go, in place of the network.
    transport: Option<Arc<dyn Transport>>,
}

impl HttpKind {
    /// The one whose requests go over the network.
    pub const fn network() -> Self {
        Self { transport: None }
    }

    /// The same with requests that go elsewhere than over the network.
    pub fn over(transport: Arc<dyn Transport>) -> Self {
        Self { transport: Some(transport) }
    }
}

impl Kind for HttpKind {
    fn name(&self) -> &'static str {
        "http"
    }

    fn schema(&self) -> Schema {
        let mut attributes = addresses();
        attributes.extend(access());
        attributes.extend(patience());
        attributes.push(Term::setting());
        Schema::new(
            "One state behind an address that answers GET and POST, such as one that GitLab \
             manages. There is no workspace but `default`.",
            attributes,
        )
    }

    fn configure(
        &self,
        settings: &Value,
        environment: &Environment,
    ) -> Result<Box<dyn Store>, Vec<Problem>> {
        let schema = self.schema();
        let mut problems = schema.check_rules(settings);
        let settings = Settings::new(schema, settings, environment);
        let protocol = protocol(&settings, &mut problems);
        let trust = trust(&settings, &mut problems);
        let term = Term::of(&settings, &mut problems);
        let transport = self.transport.clone().or_else(|| match Network::believing(trust) {
            Ok(network) => Some(Arc::new(network) as Arc<dyn Transport>),
            Err(reason) => {
                let what = format!("The certificates or the key cannot be used: {reason}.");
                problems.push(Problem::rule("client_certificate_pem", what));
                None
            }
        });
        match transport {
            Some(transport) if problems.is_empty() => {
                let server = Arc::new(Server::new(protocol, transport));
                Ok(Box::new(HttpStore { server, term }))
            }
            _ => Err(problems),
        }
    }
}

fn text(
    name: &'static str,
    environment: &'static [&'static str],
    description: &'static str,
) -> Attribute {
    Attribute::optional(name, Type::String, description).environment(environment)
}

fn addresses() -> Vec<Attribute> {
    let method = || {
        Rule::text("a method of HTTP", |name| match Method::from_name(name) {
            Some(_) => Ok(()),
            None => Err("must be a method of HTTP in capital letters".to_owned()),
        })
    };
    vec![
        text("address", &["TF_HTTP_ADDRESS"], "Where the state is read and written."),
        text("update_method", &["TF_HTTP_UPDATE_METHOD"], "The method that writes it.")
            .default("POST")
            .rule(method()),
        text(
            "lock_address",
            &["TF_HTTP_LOCK_ADDRESS"],
            "Where a lock is asked for. Without it, the server must compare versions (`ETag`).",
        ),
        text("lock_method", &["TF_HTTP_LOCK_METHOD"], "The method that asks for a lock.")
            .default("LOCK")
            .rule(method()),
        text("unlock_address", &["TF_HTTP_UNLOCK_ADDRESS"], "Where a lock is given back."),
        text("unlock_method", &["TF_HTTP_UNLOCK_METHOD"], "The method that gives a lock back.")
            .default("UNLOCK")
            .rule(method()),
    ]
}

fn access() -> Vec<Attribute> {
    vec![
        text("username", &["TF_HTTP_USERNAME"], "User name for basic authentication."),
        text("password", &["TF_HTTP_PASSWORD"], "Password for basic authentication.").sensitive(),
        Attribute::optional(
            "skip_cert_verification",
            Type::Bool,
            "Whether every certificate of the server is believed.",
        )
        .default(false),
        text(
            "client_ca_certificate_pem",
            &["TF_HTTP_CLIENT_CA_CERTIFICATE_PEM"],
            "The authorities that may vouch for the server, as PEM; the system's unless set.",
        ),
        text(
            "client_certificate_pem",
            &["TF_HTTP_CLIENT_CERTIFICATE_PEM"],
            "Our certificate, as PEM, where the server wants one.",
        ),
        text(
            "client_private_key_pem",
            &["TF_HTTP_CLIENT_PRIVATE_KEY_PEM"],
            "The key of our certificate, as PEM.",
        )
        .sensitive(),
    ]
}

fn patience() -> Vec<Attribute> {
    let number = |name, environment, description, default: i64| {
        Attribute::optional(name, Type::Number, description)
            .environment(environment)
            .default(default)
            .rule(Rule::whole_number(0, 86_400))
    };
    vec![
        number(
            "retry_max",
            &["TF_HTTP_RETRY_MAX"],
            "How often a request is sent again that was not answered or met a failing server.",
            2,
        ),
        number(
            "retry_wait_min",
            &["TF_HTTP_RETRY_WAIT_MIN"],
            "Seconds before it is sent again; each further pause is twice as long.",
            1,
        ),
        number(
            "retry_wait_max",
            &["TF_HTTP_RETRY_WAIT_MAX"],
            "The longest of these pauses, in seconds.",
            30,
        ),
    ]
}

fn protocol(settings: &Settings<'_>, problems: &mut Vec<Problem>) -> Protocol {
    let address = settings.required("address", problems);
    let mut check = |name: &str, address: &str| {
        if let Err(reason) = reachable_endpoint(address) {
            problems.push(Problem::rule(name, format!("`{name}` {reason}.")));
        }
    };
    let mut target = |address: &str, method: &str| {
        let found = settings.text(address)?;
        check(address, &found);
        let method = settings.text(method).and_then(|name| Method::from_name(&name))?;
        Some(Target { method, address: found })
    };
    let lock = target("lock_address", "lock_method");
    let unlock = target("unlock_address", "unlock_method");
    if !address.is_empty() {
        check("address", &address);
    }
    if lock.is_some() != unlock.is_some() {
        let what = "`lock_address` and `unlock_address` are set together or not at all.";
        problems.push(Problem::combination("lock_address", what));
    }
    let number = |name| settings.whole_number(name).unwrap_or_default();
    let update = settings.text("update_method").and_then(|name| Method::from_name(&name));
    Protocol {
        address,
        update: update.unwrap_or(Method::Post),
        lock,
        unlock,
        account: settings
            .text("username")
            .map(|name| (name, settings.secret("password").unwrap_or_else(|| "".into()))),
        retry: retry_policy(
            number("retry_max"),
            number("retry_wait_min"),
            number("retry_wait_max"),
        ),
    }
}

fn trust(settings: &Settings<'_>, problems: &mut Vec<Problem>) -> Trust {
    let certificate = settings.text("client_certificate_pem");
    let key = settings.secret("client_private_key_pem");
    if certificate.is_some() != key.is_some() {
        let what = "`client_certificate_pem` and `client_private_key_pem` are set together or not \
                    at all.";
        problems.push(Problem::combination("client_certificate_pem", what));
    }
    Trust {
        anybody: settings.flag("skip_cert_verification"),
        authorities: settings.text("client_ca_certificate_pem"),
        identity: certificate.zip(key),
    }
}

/// The one state behind an address.
struct HttpStore {
    server: Arc<Server>,
    term: Term,
}

impl Store for HttpStore {
    fn workspace(&self, name: &str) -> Result<Box<dyn Backend>, String> {
        if name != "default" {
            return Err("an address keeps one state, that of the workspace `default`".to_owned());
        }
        Ok(Box::new(HttpBackend::new(Arc::clone(&self.server), self.term)))
    }

    fn workspaces(&self) -> Outcome<'_, Vec<String>> {
        Box::pin(async { Ok(vec!["default".to_owned()]) })
    }

    fn delete<'a>(&'a self, _name: &'a str) -> Outcome<'a, ()> {
        Box::pin(self.server.delete(None))
    }
}
