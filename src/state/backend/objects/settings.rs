//! What the settings of all buckets have in common.

use std::sync::Arc;
use std::time::Duration;

use object_store::{ClientOptions, ObjectStore, RetryConfig};

use crate::schema::{Attribute, Problem, Rule, Schema, parse_duration};
use crate::sdk::{Environment, Settings};
use crate::value::{Data, Type, Value};

use super::super::Store;
use super::layout::Layout;
use super::store::{BucketStore, LEASE};

/// A setting of Terraform's that cannot be honoured: its name, the environment variables that stand
/// in for it, and why.
pub(super) type Refused = (&'static str, &'static [&'static str], &'static str);

/// The shortest and the longest time of a lease.
const LEASES: (Duration, Duration) = (Duration::from_secs(3), Duration::from_secs(3_600));

/// How long one request may take, a large state included.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(10);

/// How often a request is sent again, unless a setting says otherwise.
pub(super) const RETRIES: u64 = 5;

/// A text that may be set.
pub(super) fn text(
    name: &'static str,
    environment: &'static [&'static str],
    description: &'static str,
) -> Attribute {
    Attribute::optional(name, Type::String, description).environment(environment)
}

/// A truth value that may be set.
pub(super) fn flag(
    name: &'static str,
    environment: &'static [&'static str],
    description: &'static str,
) -> Attribute {
    Attribute::optional(name, Type::Bool, description).environment(environment)
}

/// The schema of a kind: what it honours, the settings that all kinds have, and what it refuses.
pub(super) fn schema(
    description: &'static str,
    mut attributes: Vec<Attribute>,
    refused: &[Refused],
) -> Schema {
    attributes.push(
        Attribute::optional(
            "lease",
            Type::String,
            "Ours: for how long a lock is held without a sign of life from its holder, such as \
             `30s`. Somebody else takes it over only after that.",
        )
        .default("30s")
        .rule(Rule::text("a duration from 3s to 1h", |text| match parse_duration(text) {
            Some(time) if (LEASES.0..=LEASES.1).contains(&time) => Ok(()),
            _ => Err("must be a duration from 3s to 1h".to_owned()),
        })),
    );
    for (name, environment, reason) in refused {
        attributes.push(Attribute::optional(name, Type::Any, reason).environment(environment));
    }
    Schema::new(description, attributes)
}

/// The settings with the environment behind them, and what is wrong before anything is made of them.
pub(super) fn given<'a>(
    schema: Schema,
    value: &'a Value,
    environment: &'a Environment,
    refused: &[Refused],
) -> (Settings<'a>, Vec<Problem>) {
    let mut problems = schema.check_rules(value);
    let settings = Settings::new(schema, value, environment);
    for (name, _, reason) in refused {
        let given = settings.value(name).map(Value::reveal);
        let asks = match given.as_ref().map(Value::data) {
            Some(Data::Bool(truth)) => *truth,
            Some(Data::String(text)) => !text.is_empty() && &**text != "false",
            Some(_) => true,
            None => settings.text(name).is_some_and(|text| !["false", "0"].contains(&&*text)),
        };
        if asks {
            let message = format!("`{name}` cannot be honoured. {reason}");
            problems.push(Problem::rule(name, message).help(format!("take `{name}` out")));
        }
    }
    (settings, problems)
}

/// How requests travel.
pub(super) fn client() -> ClientOptions {
    ClientOptions::new().with_timeout(PATIENCE).with_connect_timeout(CONNECT)
}

/// How often a request is sent again.
pub(super) fn retries(most: u64) -> RetryConfig {
    RetryConfig {
        max_retries: usize::try_from(most).unwrap_or(usize::MAX),
        retry_timeout: PATIENCE,
        ..RetryConfig::default()
    }
}

/// The states in a bucket that was made from settings, unless there are problems.
pub(super) fn store(
    settings: &Settings<'_>,
    name: &'static str,
    address: String,
    layout: Layout,
    made: object_store::Result<Arc<dyn ObjectStore>>,
) -> Result<Box<dyn Store>, Vec<Problem>> {
    if let Err(reason) = layout.paths("default") {
        return Err(vec![Problem::rule(name, format!("{reason}."))]);
    }
    let lease = settings.text("lease").and_then(|text| parse_duration(&text)).unwrap_or(LEASE);
    match made {
        Ok(store) => Ok(Box::new(BucketStore::new(store, address, layout, lease))),
        Err(error) => Err(vec![Problem::rule(name, format!("No client can be made: {error}."))]),
    }
}
