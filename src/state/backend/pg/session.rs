//! A session with the database.

use std::time::Duration;

use tokio::task::JoinSet;
use tokio_postgres::config::{Config, SslMode as Encryption};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, NoTls};

use super::super::BackendError;
use super::super::watch::Term;
use super::connection::{Connection, SslMode};
use super::tls::Tls;

/// How sessions are made, and the names of what is in the database.
#[derive(Debug)]
pub(super) struct Database {
    pub(super) connection: Connection,
    pub(super) schema: String,
    pub(super) skip_schema: bool,
    pub(super) skip_tables: bool,
    pub(super) skip_index: bool,
    pub(super) term: Term,
}

/// A session. Dropping it ends it, and with it the locks that it holds.
pub(super) struct Session {
    pub(super) client: Client,
    _connection: JoinSet<()>,
    /// What names it to the server: the number of its process, and since when that is.
    pub(super) process: i32,
    pub(super) started: i64,
}

/// When a session began, in a form that does not depend on anybody's time zone.
const STARTED: &str = "(extract(epoch FROM backend_start) * 1000000)::bigint";

/// How long a session that was told to end may take.
const END_PATIENCE: Duration = Duration::from_secs(3);

/// Text as a name in SQL.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl Database {
    /// Terraform's table.
    pub(super) fn states(&self) -> String {
        format!("{}.states", quoted(&self.schema))
    }

    /// Our table of who holds which lock.
    pub(super) fn leases(&self) -> String {
        format!("{}.snapform_leases", quoted(&self.schema))
    }

    /// Our table of lines.
    pub(super) fn journal(&self) -> String {
        format!("{}.snapform_journal", quoted(&self.schema))
    }

    pub(super) fn place(&self, workspace: &str) -> String {
        format!("{} {}.{workspace}", self.connection.place(), self.schema)
    }

    pub(super) fn failed(&self, reason: impl Into<String>) -> BackendError {
        BackendError::Failed { place: self.connection.place(), reason: reason.into() }
    }

    pub(super) fn sql(&self, error: &tokio_postgres::Error) -> BackendError {
        let reason = match error.as_db_error() {
            Some(told) => told.message().to_owned(),
            None => reason(error),
        };
        self.failed(reason)
    }

    /// Begins a session.
    pub(super) async fn connect(&self) -> Result<Session, BackendError> {
        let config = self.config();
        let mut task = JoinSet::new();
        let client = if self.connection.ssl == SslMode::Disable {
            let (client, connection) =
                config.connect(NoTls).await.map_err(|error| self.sql(&error))?;
            task.spawn(async move { drop(connection.await) });
            client
        } else {
            let tls = Tls::new(self.connection.ssl, &self.connection.certificates);
            let tls = tls.map_err(|reason| self.failed(reason))?;
            let (client, connection) =
                config.connect(tls).await.map_err(|error| self.sql(&error))?;
            task.spawn(async move { drop(connection.await) });
            client
        };
        let own =
            format!("SELECT pid, {STARTED} FROM pg_stat_activity WHERE pid = pg_backend_pid()");
        let row = client.query_one(&own, &[]).await.map_err(|error| self.sql(&error))?;
        let (process, started) = (row.get(0), row.get(1));
        Ok(Session { client, _connection: task, process, started })
    }

    fn config(&self) -> Config {
        let Connection { host, port, user, database, connect_timeout, options, .. } =
            &self.connection;
        let mut config = Config::new();
        config.host(host).port(*port).user(user).dbname(database).application_name("snapform");
        config.ssl_mode(match self.connection.ssl {
            SslMode::Disable => Encryption::Disable,
            _ => Encryption::Require,
        });
        if let Some(password) = self.connection.password() {
            config.password(password.expose());
        }
        if !options.is_empty() {
            config.options(options.trim());
        }
        // Who waits for longer than a lease for a new connection has lost it meanwhile.
        config.connect_timeout(match *connect_timeout {
            0 => self.term.0,
            seconds => Duration::from_secs(seconds),
        });
        // A connection that broke must be noticed while the lease lasts.
        config.tcp_user_timeout(self.term.renewal());
        config.keepalives_idle(self.term.renewal().max(Duration::from_secs(1)));
        config
    }

    /// Makes what is not there yet, as far as the settings allow: first what Terraform makes, then
    /// what is ours. What is there is not asked for again, for that needs the right to make it.
    pub(super) async fn prepare(&self, session: &Session) -> Result<(), BackendError> {
        let known = "SELECT count(*) FROM pg_namespace WHERE nspname = $1";
        let known = session.client.query_one(known, &[&self.schema]).await;
        let known: i64 = known.map_err(|error| self.sql(&error))?.get(0);
        if !self.skip_schema && known == 0 {
            let schema = quoted(&self.schema);
            self.make(session, &format!("CREATE SCHEMA IF NOT EXISTS {schema}")).await?;
        }
        for (name, statement) in self.relations() {
            let known = "SELECT to_regclass($1::text) IS NOT NULL";
            let known = session.client.query_one(known, &[&name]).await;
            if !known.map_err(|error| self.sql(&error))?.get::<_, bool>(0) {
                self.make(session, &statement).await?;
            }
        }
        Ok(())
    }

    /// What the settings let us make in the schema, by name.
    fn relations(&self) -> Vec<(String, String)> {
        let (states, leases, journal) = (self.states(), self.leases(), self.journal());
        let sequence = "public.global_states_id_seq";
        let mut wanted = Vec::new();
        if !self.skip_tables {
            wanted.push((
                sequence.to_owned(),
                format!("CREATE SEQUENCE IF NOT EXISTS {sequence} AS bigint"),
            ));
            let columns = format!(
                "(id bigint NOT NULL DEFAULT nextval('{sequence}') PRIMARY KEY, \
                 name text UNIQUE, data text)"
            );
            wanted.push((states.clone(), columns));
            let columns = "(name text PRIMARY KEY, epoch bigint NOT NULL DEFAULT 0, \
                           beat bigint NOT NULL DEFAULT 0, milliseconds bigint, info text, \
                           process integer, started bigint)";
            wanted.push((leases, columns.to_owned()));
            let columns = "(name text, position bigint, lines bytea NOT NULL, \
                           PRIMARY KEY (name, position))";
            wanted.push((journal, columns.to_owned()));
            for (name, columns) in wanted.iter_mut().skip(1) {
                *columns = format!("CREATE TABLE IF NOT EXISTS {name} {columns}");
            }
        }
        if !self.skip_index {
            wanted.push((
                format!("{}.states_by_name", quoted(&self.schema)),
                format!("CREATE UNIQUE INDEX IF NOT EXISTS states_by_name ON {states} (name)"),
            ));
        }
        wanted
    }

    async fn make(&self, session: &Session, statement: &str) -> Result<(), BackendError> {
        match session.client.batch_execute(statement).await {
            // Two that make the same at once get in each other's way; the second one finds it made.
            Err(error) if is_made_by_another(&error) => {
                session.client.batch_execute(statement).await.map_err(|error| self.sql(&error))
            }
            made => made.map_err(|error| self.sql(&error)),
        }
    }

    /// Ends a session of a former holder, if it is still there, and waits for its end.
    pub(super) async fn end_session(
        &self,
        session: &Session,
        process: i32,
        started: i64,
    ) -> Result<(), BackendError> {
        let end = format!(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE pid = $1 AND {STARTED} = $2 AND pid <> pg_backend_pid()"
        );
        let begun = tokio::time::Instant::now();
        while begun.elapsed() < END_PATIENCE {
            let ended = session.client.query(&end, &[&process, &started]).await;
            if ended.map_err(|error| self.sql(&error))?.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(self.failed(format!("session {process} of the former holder does not end")))
    }
}

fn is_made_by_another(error: &tokio_postgres::Error) -> bool {
    let made = [
        SqlState::UNIQUE_VIOLATION,
        SqlState::DUPLICATE_TABLE,
        SqlState::DUPLICATE_OBJECT,
        SqlState::DUPLICATE_SCHEMA,
    ];
    error.code().is_some_and(|code| made.contains(code))
}

/// Whether a session ended, so that another one may do what this one could not.
pub(super) fn is_broken(error: &tokio_postgres::Error) -> bool {
    let ended = [SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN, SqlState::CANNOT_CONNECT_NOW];
    match error.code() {
        Some(code) => ended.contains(code),
        // Whatever the database did not say itself comes from the connection.
        None => true,
    }
}

/// Whether what was asked for was never made.
pub(super) fn is_not_made(error: &tokio_postgres::Error) -> bool {
    let missing = [SqlState::UNDEFINED_TABLE, SqlState::INVALID_SCHEMA_NAME];
    error.code().is_some_and(|code| missing.contains(code))
}

/// The innermost cause, which says most.
fn reason(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = inner.to_string();
        cause = inner.source();
    }
    text
}
