//! A provider: settings, resource types, emulator.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::schema::{Attribute, Problem, Rule, Schema};
use crate::value::{Type, Value};
use crate::world::World;

use super::auth::Secret;
use super::emulator::Emulator;
use super::http::Transport;
use super::seal::Keyring;
use super::{Configured, DataSpec, ResourceSpec};

/// Environment variables as they were when the command started.
pub type Environment = BTreeMap<String, String>;

/// Code that speaks to one vendor.
pub trait Provider: Send + Sync {
    /// Local name, the word in front of its resource types.
    fn name(&self) -> &'static str;

    /// The settings of its `provider` block.
    fn schema(&self) -> Schema;

    /// Its resource types.
    fn resources(&self) -> Vec<ResourceSpec>;

    /// Its data types.
    fn data_sources(&self) -> Vec<DataSpec> {
        Vec::new()
    }

    /// Makes a client from settings and environment. Must not touch the network: signing in waits
    /// for the first call.
    fn configure(
        &self,
        settings: &Value,
        cx: &ConfigureContext,
    ) -> Result<Configured, Vec<Problem>>;

    /// The vendor's API in memory, unless the provider calls nobody.
    fn emulator(&self) -> Option<Arc<dyn Emulator>> {
        None
    }
}

/// What a provider gets to make its client from.
#[derive(Clone)]
pub struct ConfigureContext {
    /// Time and identifiers.
    pub world: World,
    /// Where requests go: the network, or an emulator in the same process.
    pub transport: Arc<dyn Transport>,
    /// The environment; empty when emulating.
    pub environment: Environment,
    /// The keys of what is encrypted.
    pub keys: Arc<Keyring>,
}

/// Every provider there is, in a fixed order.
#[derive(Clone)]
pub struct Registry(&'static [&'static dyn Provider]);

impl Registry {
    /// A registry of these providers.
    pub const fn new(providers: &'static [&'static dyn Provider]) -> Self {
        Self(providers)
    }

    /// All providers.
    pub fn providers(&self) -> impl Iterator<Item = &'static dyn Provider> + use<> {
        self.0.iter().copied()
    }

    /// The provider called `name`.
    pub fn provider(&self, name: &str) -> Option<&'static dyn Provider> {
        self.providers().find(|provider| provider.name() == name)
    }
}

/// The setting that every vendor's provider has for [`most_steps`].
const MOST_STEPS: &str = "max_parallelism";

/// The setting by which people limit how many steps of a provider may be under way at once.
pub fn most_steps_setting() -> Attribute {
    Attribute::optional(
        MOST_STEPS,
        Type::Number,
        "How many steps of this provider may be under way at once; as many as `-parallelism` allows \
         unless set.",
    )
    .rule(Rule::whole_number(1, 1_000))
}

/// How many steps of a provider with these settings may be under way at once, where that is limited.
pub fn most_steps(settings: &Value) -> Option<usize> {
    let number = settings.attribute(MOST_STEPS)?.reveal();
    usize::try_from(number.as_number()?.as_u64()?).ok()
}

/// The settings of a provider block with the environment behind them.
pub struct Settings<'a> {
    schema: Schema,
    value: &'a Value,
    environment: &'a Environment,
}

impl<'a> Settings<'a> {
    /// The settings `value` of a block with `schema`.
    pub fn new(schema: Schema, value: &'a Value, environment: &'a Environment) -> Self {
        Self { schema, value, environment }
    }

    /// The setting as text: from the block, else from its environment variables, else its default.
    /// Empty texts count as absent.
    pub fn text(&self, name: &str) -> Option<String> {
        let attribute = self.schema.attribute(name)?;
        let text = |value: &Value| match value.reveal().data() {
            crate::value::Data::String(text) => Some(text.to_string()),
            crate::value::Data::Number(number) => Some(number.to_string()),
            crate::value::Data::Bool(truth) => Some(truth.to_string()),
            _ => None,
        };
        self.value
            .attribute(name)
            .and_then(text)
            .or_else(|| {
                attribute.environment.iter().find_map(|name| self.environment.get(*name).cloned())
            })
            .or_else(|| attribute.default.as_ref().and_then(text))
            .filter(|text| !text.is_empty())
    }

    /// The setting as a secret.
    pub fn secret(&self, name: &str) -> Option<Secret> {
        self.text(name).map(Secret::from)
    }

    /// The setting as a truth value; `false` where it is absent or no truth value.
    pub fn flag(&self, name: &str) -> bool {
        self.text(name).is_some_and(|text| text == "1" || text.eq_ignore_ascii_case("true"))
    }

    /// The setting as a whole number.
    pub fn whole_number(&self, name: &str) -> Option<u64> {
        self.text(name)?.parse().ok()
    }

    /// The value as the block gives it, for settings that are no plain texts.
    pub fn value(&self, name: &str) -> Option<&Value> {
        self.value.attribute(name).filter(|value| !value.is_null())
    }

    /// A setting without which nothing works; on absence notes a problem that names the ways to
    /// give it.
    pub fn required(&self, name: &str, problems: &mut Vec<Problem>) -> String {
        self.text(name).unwrap_or_else(|| {
            problems.push(self.missing(name));
            String::new()
        })
    }

    /// A secret without which nothing works.
    pub fn required_secret(&self, name: &str, problems: &mut Vec<Problem>) -> Secret {
        Secret::from(self.required(name, problems))
    }

    /// A base address without a slash at its end. Plain HTTP is accepted on this machine only,
    /// because everything else would send credentials in the clear.
    pub fn endpoint(&self, name: &str, problems: &mut Vec<Problem>) -> String {
        let text = self.required(name, problems);
        if text.is_empty() {
            return text;
        }
        match reachable_endpoint(&text) {
            Ok(()) => text.trim_end_matches('/').to_owned(),
            Err(reason) => {
                problems.push(Problem::rule(name, format!("`{name}` {reason}: `{text}`.")));
                String::new()
            }
        }
    }

    fn missing(&self, name: &str) -> Problem {
        let names = self.schema.attribute(name).map_or(&[][..], |attribute| attribute.environment);
        let problem = Problem::missing(name, format!("`{name}` is not set."));
        match names {
            [] => problem.help(format!("set `{name}` in the provider block")),
            [first, ..] => problem.help(format!(
                "set `{name}` in the provider block, or the environment variable `{first}`"
            )),
        }
    }
}

/// Whether requests with credentials may go to the address `text`, which a person set or a vendor
/// handed out; the error completes "the address …".
pub fn reachable_endpoint(text: &str) -> Result<(), &'static str> {
    let url =
        super::http::Url::parse(text).map_err(|_| "is not an address such as https://host")?;
    let host = url.host_str().unwrap_or_default();
    let local = matches!(host, "127.0.0.1" | "localhost" | "[::1]") || host.ends_with(".emulator");
    match url.scheme() {
        "https" => Ok(()),
        "http" if local => Ok(()),
        "http" => Err("must begin with https:// unless it is on this machine"),
        _ => Err("must begin with https://"),
    }
}
