//! The data type `thousandeyes_saved_events`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::schema::{Attribute, Schema};
use crate::sdk::choice::most_recent;
use crate::sdk::{Context, DataSource, ProviderError};
use crate::value::Type;
use crate::world::Timestamp;

use super::super::client::Api;
use super::super::snapshot::LIFE;
use super::super::wire::Test;

/// The private snapshots of an account group, as its list of tests shows them.
pub(in crate::providers::thousandeyes) struct SavedEvents(
    pub(in crate::providers::thousandeyes) Arc<Api>,
);

/// What the configuration says.
#[derive(Debug, Deserialize)]
pub(in crate::providers::thousandeyes) struct Arguments {
    name: Option<String>,
    name_prefix: Option<String>,
    created_by: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    most_recent: bool,
    account_group_id: Option<u64>,
}

/// What the vendor says.
#[derive(Debug, Serialize)]
pub(in crate::providers::thousandeyes) struct Found {
    ids: Vec<String>,
    events: Vec<Event>,
}

/// A saved event.
#[derive(Debug, Serialize)]
struct Event {
    id: String,
    name: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    created_at: Option<Timestamp>,
    created_by: Option<String>,
    expires_at: Option<Timestamp>,
}

impl Arguments {
    fn wants(&self, test: &Test) -> bool {
        let name = test.name.as_deref().unwrap_or_default();
        let by = test.created_by.as_deref().unwrap_or_default().to_lowercase();
        test.saved_event
            && self.name.as_deref().is_none_or(|wanted| name == wanted)
            && self.name_prefix.as_deref().is_none_or(|prefix| name.starts_with(prefix))
            && self.created_by.as_ref().is_none_or(|wanted| by.contains(&wanted.to_lowercase()))
            && self.kind.as_ref().is_none_or(|wanted| test.kind.as_ref() == Some(wanted))
    }
}

impl Event {
    fn of(test: &Test) -> Self {
        Self {
            id: test.id.clone(),
            name: test.name.clone(),
            kind: test.kind.clone(),
            created_at: test.created_date,
            created_by: test.created_by.clone(),
            expires_at: test.created_date.map(|begin| begin.saturating_add(LIFE)),
        }
    }
}

fn settable_attributes() -> Vec<Attribute> {
    let text = |name, description| Attribute::optional(name, Type::String, description);
    vec![
        text("name", "Only those with this title."),
        text("name_prefix", "Only those whose title begins so."),
        text(
            "created_by",
            "Only those of this user: a part of the name or of the e-mail address, in upper or \
             lower case.",
        ),
        text("type", "Only those of tests of this type, such as `http-server`."),
        most_recent("Whether only the one that was made last counts."),
        super::account_group_id(),
    ]
}

impl DataSource for SavedEvents {
    const TYPE: &'static str = "thousandeyes_saved_events";
    type Arguments = Arguments;
    type Found = Found;

    fn schema() -> Schema {
        let names = ["id", "name", "type", "created_at", "created_by", "expires_at"];
        let events = Type::list(Type::object(names.map(|name| (name, Type::String))));
        let mut attributes = settable_attributes();
        attributes.extend([
            Attribute::computed(
                "ids",
                Type::list(Type::String),
                "The numbers of the tests that carry them, the oldest first.",
            ),
            Attribute::computed(
                "events",
                events,
                "The same saved events. `expires_at` is an estimate: 30 days after `created_at`.",
            ),
        ]);
        Schema::new(
            "The saved events of an account group: private snapshots, whoever made them. Public \
             ones are shown nowhere. None is no error.",
            attributes,
        )
    }

    async fn read(&self, _: &Context, arguments: Arguments) -> Result<Found, ProviderError> {
        let tests = self.0.shared_tests(arguments.account_group_id).await?;
        let mut found: Vec<_> = tests.iter().filter(|test| arguments.wants(test)).collect();
        found.sort_by_key(|test| (test.created_date, test.number(), &test.id));
        if arguments.most_recent {
            found.drain(..found.len().saturating_sub(1));
        }
        Ok(Found {
            ids: found.iter().map(|test| test.id.clone()).collect(),
            events: found.into_iter().map(Event::of).collect(),
        })
    }
}
