//! The data type `thousandeyes_test`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::schema::{Attribute, Problem, Rule, Schema};
use crate::sdk::{Context, DataSource, ErrorKind, ProviderError, listed};
use crate::value::{Type, Value};
use crate::world::Timestamp;

use super::super::arguments::test_id;
use super::super::client::Api;
use super::super::wire;

/// So many candidates are named where a name does not fit exactly one.
const NAMED: usize = 5;

/// A test, by its number or its name.
pub(in crate::providers::thousandeyes) struct Test(pub(in crate::providers::thousandeyes) Arc<Api>);

/// What the configuration says.
#[derive(Debug, Deserialize)]
pub(in crate::providers::thousandeyes) struct Arguments {
    test_id: Option<String>,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    account_group_id: Option<u64>,
}

/// What the vendor says.
#[derive(Debug, Serialize)]
pub(in crate::providers::thousandeyes) struct Found {
    id: String,
    test_id: String,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    interval_seconds: Option<u64>,
    enabled: bool,
    saved_event: bool,
    created_at: Option<Timestamp>,
    created_by: Option<String>,
}

impl Arguments {
    /// Saved events are in the list as well. A name means a test that can be frozen, so it passes
    /// them over: a snapshot may well have the title that its test has.
    fn means(&self, test: &wire::Test) -> bool {
        let same = |wanted: &Option<String>, held: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| held == Some(wanted))
        };
        let by_id = self.test_id.is_some();
        same(&self.test_id, Some(&test.id))
            && same(&self.name, test.name.as_deref())
            && same(&self.kind, test.kind.as_deref())
            && (by_id || !test.saved_event)
    }

    /// The argument to blame, and what it asks for.
    fn asked(&self) -> (&'static str, String) {
        let (argument, mut asked) = match (&self.test_id, &self.name) {
            (Some(id), _) => ("test_id", format!("with the number `{id}`")),
            (_, name) => ("name", format!("named `{}`", name.as_deref().unwrap_or_default())),
        };
        if let Some(kind) = &self.kind {
            asked = format!("{asked} and of type `{kind}`");
        }
        (argument, asked)
    }
}

impl Found {
    fn of(test: &wire::Test) -> Self {
        Self {
            id: test.id.clone(),
            test_id: test.id.clone(),
            name: test.name.clone(),
            kind: test.kind.clone(),
            interval_seconds: test.interval,
            enabled: test.enabled,
            saved_event: test.saved_event,
            created_at: test.created_date,
            created_by: test.created_by.clone(),
        }
    }
}

/// Names tests for people.
fn list(tests: &[&wire::Test]) -> String {
    let name = |test: &&wire::Test| {
        let kind = test.kind.as_deref().unwrap_or("of unknown type");
        format!("`{}` ({kind}, number {})", test.name.as_deref().unwrap_or_default(), test.id)
    };
    listed(tests.iter().map(name), NAMED)
}

/// Tests whose name is nearly the one that was asked for: it differs in case, or only a part of
/// it fits.
fn alike<'a>(name: &str, tests: &[&'a wire::Test]) -> Vec<&'a wire::Test> {
    let name = name.to_lowercase();
    let fits = |test: &&wire::Test| {
        let held = test.name.as_deref().unwrap_or_default().to_lowercase();
        !held.is_empty() && (held.contains(&name) || name.contains(&held))
    };
    tests.iter().copied().filter(fits).collect()
}

fn none(arguments: &Arguments, all: &[&wire::Test]) -> ProviderError {
    let (argument, asked) = arguments.asked();
    let sources: Vec<_> = all.iter().copied().filter(|test| !test.saved_event).collect();
    let near = arguments.name.as_ref().map(|name| alike(name, &sources)).unwrap_or_default();
    let told = match (near.as_slice(), sources.as_slice()) {
        ([], []) => "The account group shows no tests.".to_owned(),
        ([], sources) => format!("The account group has {}.", list(sources)),
        (near, _) => format!("Nearly so: {}.", list(near)),
    };
    let message = format!("There is no test {asked}. {told}");
    ProviderError::new(ErrorKind::NotOne, "Test list", message)
        .attribute(argument)
        .help("look at the spelling, and at `account_group_id`")
}

fn several(arguments: &Arguments, found: &[&wire::Test]) -> ProviderError {
    let (argument, asked) = arguments.asked();
    let message = format!("Several tests are {asked}: {}.", list(found));
    ProviderError::new(ErrorKind::NotOne, "Test list", message)
        .attribute(argument)
        .help("name one by its `test_id`, or add its `type`")
}

impl DataSource for Test {
    const TYPE: &'static str = "thousandeyes_test";
    type Arguments = Arguments;
    type Found = Found;

    fn schema() -> Schema {
        let text = |name, description| Attribute::computed(name, Type::String, description);
        Schema::new(
            "A test, by its number or its exact name. None and several are errors that name the \
             candidates.",
            vec![
                Attribute::optional_computed(
                    "test_id",
                    Type::String,
                    "The test's number. Either this or `name`.",
                )
                .rule(Rule::text("a whole number in digits", test_id)),
                Attribute::optional_computed(
                    "name",
                    Type::String,
                    "The test's whole name, in upper and lower case as the vendor has it. Saved \
                     events are passed over.",
                )
                .rule(Rule::length(1, usize::MAX)),
                Attribute::optional_computed(
                    "type",
                    Type::String,
                    "The test's type, such as `http-server`; where it is set, only tests of it \
                     count.",
                ),
                super::account_group_id(),
                text("id", "The same as `test_id`."),
                Attribute::computed(
                    "interval_seconds",
                    Type::Number,
                    "Seconds between two rounds.",
                ),
                Attribute::computed("enabled", Type::Bool, "Whether it is running."),
                Attribute::computed(
                    "saved_event",
                    Type::Bool,
                    "Whether it carries a private snapshot, and so cannot be frozen again.",
                ),
                text("created_at", "When it was made, RFC 3339 in UTC."),
                text("created_by", "Who made it, as the vendor writes it."),
            ],
        )
    }

    fn validate(arguments: &Value) -> Vec<Problem> {
        let is_null = |name: &str| arguments.attribute(name).is_none_or(Value::is_null);
        match (is_null("test_id"), is_null("name")) {
            (true, true) => vec![
                Problem::combination("name", "No test is named.")
                    .help("set either `name` or `test_id`"),
            ],
            (false, false) => vec![
                Problem::combination("name", "`test_id` and `name` both tell which test is meant.")
                    .help("keep one of them"),
            ],
            _ => Vec::new(),
        }
    }

    async fn read(&self, _: &Context, arguments: Arguments) -> Result<Found, ProviderError> {
        let tests = self.0.shared_tests(arguments.account_group_id).await?;
        let mut all: Vec<_> = tests.iter().collect();
        all.sort_by_key(|test| (test.number(), &test.id));
        let found: Vec<_> = all.iter().copied().filter(|test| arguments.means(test)).collect();
        match found.as_slice() {
            [test] => Ok(Found::of(test)),
            [] => {
                if let Some(id) = &arguments.test_id {
                    // A list may lag, and a number leaves no doubt.
                    let single = self.0.test(arguments.account_group_id, id).await?;
                    if let Some(test) = single.filter(|test| arguments.means(test)) {
                        return Ok(Found::of(&test));
                    }
                }
                Err(none(&arguments, &all))
            }
            several => Err(self::several(&arguments, several)),
        }
    }
}
