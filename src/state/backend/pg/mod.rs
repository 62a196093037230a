//! States in a PostgreSQL database, in the table of Terraform's backend of this name.
//!
//! The journal and the leases are in tables of their own, in the same schema.

mod connection;
mod lock;
mod place;
mod session;
mod tls;
mod writer;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::schema::{Attribute, Problem, Schema};
use crate::sdk::{Environment, Settings};
use crate::value::{Type, Value};

use super::watch::Term;
use super::{Backend, BackendError, Kind, Outcome, Store};

use connection::Connection;
use place::PgBackend;
use session::{Database, is_not_made};

/// The kind of backend called `pg`.
#[derive(Clone, Copy, Debug, Default)]
pub struct PgKind;

impl Kind for PgKind {
    fn name(&self) -> &'static str {
        "pg"
    }

    fn schema(&self) -> Schema {
        let flag = |name, environment, description| {
            Attribute::optional(name, Type::Bool, description)
                .environment(environment)
                .default(false)
        };
        Schema::new(
            "A PostgreSQL database with a row for the state of each workspace.",
            vec![
                Attribute::optional(
                    "conn_str",
                    Type::String,
                    "The connection, as `postgres://user:password@host/database` or as \
                     `host=… user=…`; libpq's variables, such as `PGHOST`, stand behind it.",
                )
                .environment(&["PG_CONN_STR"])
                .sensitive(),
                Attribute::optional(
                    "schema_name",
                    Type::String,
                    "The schema in which the tables are.",
                )
                .environment(&["PG_SCHEMA_NAME"])
                .default("terraform_remote_state"),
                flag(
                    "skip_schema_creation",
                    &["PG_SKIP_SCHEMA_CREATION"],
                    "Whether the schema is there already and must not be made.",
                ),
                flag(
                    "skip_table_creation",
                    &["PG_SKIP_TABLE_CREATION"],
                    "Whether the tables are there already and must not be made; ours are \
                     `snapform_leases` and `snapform_journal`.",
                ),
                flag(
                    "skip_index_creation",
                    &["PG_SKIP_INDEX_CREATION"],
                    "Whether the index is there already and must not be made.",
                ),
                Term::setting(),
            ],
        )
    }

    fn configure(
        &self,
        settings: &Value,
        environment: &Environment,
    ) -> Result<Box<dyn Store>, Vec<Problem>> {
        let mut problems = self.schema().check_rules(settings);
        let settings = Settings::new(self.schema(), settings, environment);
        let term = Term::of(&settings, &mut problems);
        let text = settings.text("conn_str").unwrap_or_default();
        match Connection::read(&text, environment) {
            Ok(connection) if problems.is_empty() => {
                let database = Arc::new(Database {
                    connection,
                    schema: settings.text("schema_name").unwrap_or_default(),
                    skip_schema: settings.flag("skip_schema_creation"),
                    skip_tables: settings.flag("skip_table_creation"),
                    skip_index: settings.flag("skip_index_creation"),
                    term,
                });
                Ok(Box::new(PgStore { database }))
            }
            Ok(_) => Err(problems),
            Err(reason) => {
                let what = format!("The connection cannot be used: {reason}.");
                problems.push(Problem::rule("conn_str", what));
                Err(problems)
            }
        }
    }
}

/// The states in a schema.
struct PgStore {
    database: Arc<Database>,
}

impl PgStore {
    async fn names(&self) -> Result<Vec<String>, BackendError> {
        let session = self.database.connect().await?;
        let names = format!("SELECT name FROM {}", self.database.states());
        let rows = match session.client.query(&names, &[]).await {
            Err(error) if is_not_made(&error) => Vec::new(),
            rows => rows.map_err(|error| self.database.sql(&error))?,
        };
        let mut found: BTreeSet<String> =
            rows.iter().filter_map(|row| row.get::<_, Option<String>>(0)).collect();
        found.insert("default".to_owned());
        Ok(found.into_iter().collect())
    }

    async fn remove(&self, name: &str) -> Result<(), BackendError> {
        let mut session = self.database.connect().await?;
        let sql = |error| self.database.sql(&error);
        let work = session.client.transaction().await.map_err(sql)?;
        // The lease stays: its number tells later holders from former ones.
        for table in [self.database.journal(), self.database.states()] {
            let delete = format!("DELETE FROM {table} WHERE name = $1");
            work.execute(&delete, &[&name]).await.map_err(sql)?;
        }
        work.commit().await.map_err(sql)
    }
}

impl Store for PgStore {
    fn workspace(&self, name: &str) -> Result<Box<dyn Backend>, String> {
        Ok(Box::new(PgBackend::new(Arc::clone(&self.database), name)))
    }

    fn workspaces(&self) -> Outcome<'_, Vec<String>> {
        Box::pin(self.names())
    }

    fn delete<'a>(&'a self, name: &'a str) -> Outcome<'a, ()> {
        Box::pin(self.remove(name))
    }
}
