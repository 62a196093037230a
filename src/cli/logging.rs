//! The log: where the events of a run go, in which form, from which level on.

use std::fmt::{Debug, Write as _};
use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context as _;
use serde_json::{Map, Value as Json};
use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::diag::{Diagnostic, code};
use crate::view::{Terminal, render_diagnostics};
use crate::world::{Clock as _, RealClock};

use super::args::LogFormat;
use super::environment::Environment;

/// Begins to log where the environment or an option asks for that.
pub(super) fn begin(
    environment: &Environment,
    asked: Option<LogFormat>,
    terminal: &Arc<Terminal>,
) -> anyhow::Result<()> {
    let Some((format, level)) = wanted(environment.twin("LOG"), asked, terminal) else {
        return Ok(());
    };
    let to = match environment.twin("LOG_PATH") {
        Some(path) => To::File(Mutex::new(open(Path::new(path))?)),
        None => To::Terminal(Arc::clone(terminal)),
    };
    let begun = tracing_subscriber::registry().with(Log { format, level, to }).try_init();
    begun.context("the log cannot be begun")?;
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "snapform begins");
    Ok(())
}

/// The form and the lowest level; `None` where nothing is logged.
fn wanted(
    text: Option<&str>,
    asked: Option<LogFormat>,
    terminal: &Terminal,
) -> Option<(LogFormat, LevelFilter)> {
    let format = asked.unwrap_or(LogFormat::Text);
    let Some(text) = text else {
        return asked.map(|format| (format, LevelFilter::TRACE));
    };
    match text.to_lowercase().as_str() {
        "off" => None,
        "json" => Some((asked.unwrap_or(LogFormat::Json), LevelFilter::TRACE)),
        other => {
            let level = other.parse().unwrap_or_else(|_| {
                let detail = format!("`{text}` is no level of a log, so everything is logged.");
                let warning = Diagnostic::warning(code::LOG, detail)
                    .help("levels are trace, debug, info, warn, error and off");
                let sources = crate::text::SourceMap::default();
                terminal.problem(&render_diagnostics(&warning.into(), &sources, terminal.look));
                LevelFilter::TRACE
            });
            Some((format, level))
        }
    }
}

/// Adds to the file, which is for its owner only: it tells what was done where.
fn open(path: &Path) -> anyhow::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).with_context(|| format!("the log `{}` cannot be written", path.display()))
}

enum To {
    Terminal(Arc<Terminal>),
    File(Mutex<File>),
}

struct Log {
    format: LogFormat,
    level: LevelFilter,
    to: To,
}

impl<S: Subscriber> Layer<S> for Log {
    /// Only our own events: those of libraries may hold what must not be shown.
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        *metadata.level() <= self.level && metadata.target().starts_with("snapform")
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.level)
    }

    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let metadata = event.metadata();
        let line = match self.format {
            LogFormat::Json => fields.json(metadata),
            LogFormat::Text => fields.text(metadata),
        };
        match &self.to {
            To::Terminal(terminal) => terminal.problem(&line),
            To::File(file) => {
                let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
                // A log that cannot be written must not end the run that it tells about.
                let _ = file.write_all(format!("{line}\n").as_bytes());
            }
        }
    }
}

/// What an event says.
#[derive(Default)]
struct Fields {
    message: String,
    others: Map<String, Json>,
}

impl Fields {
    fn json(self, metadata: &Metadata<'_>) -> String {
        let mut line = Map::new();
        let level = metadata.level().as_str().to_lowercase();
        line.insert("@level".to_owned(), level.into());
        line.insert("@message".to_owned(), self.message.into());
        line.insert("@module".to_owned(), module(metadata).into());
        line.insert("@timestamp".to_owned(), RealClock.now().to_string().into());
        line.extend(self.others);
        Json::Object(line).to_string()
    }

    fn text(self, metadata: &Metadata<'_>) -> String {
        let mut line = format!(
            "{} [{}] {}: {}",
            RealClock.now(),
            level(*metadata.level()),
            module(metadata),
            self.message
        );
        for (name, value) in &self.others {
            let value =
                value.as_str().map_or_else(|| value.to_string(), |text| format!("{text:?}"));
            let _ = write!(line, " {name}={value}");
        }
        line
    }
}

fn level(level: Level) -> &'static str {
    level.as_str()
}

fn module(metadata: &Metadata<'_>) -> String {
    metadata.target().replace("::", ".")
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.take(field, format!("{value:?}").into());
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, value.into());
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.take(field, value.into());
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.take(field, value.into());
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.take(field, value.into());
    }
}

impl Fields {
    fn take(&mut self, field: &Field, value: Json) {
        if field.name() == "message" {
            self.message = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        } else {
            self.others.insert(field.name().to_owned(), value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Look, Paint};

    #[test]
    fn levels_and_forms() {
        let look = Look { paint: Paint { colours: false }, width: 100 };
        let terminal = Terminal::over(look, Box::new(std::io::sink()), Box::new(std::io::sink()));
        let wanted = |text, asked| wanted(text, asked, &terminal);
        let (text, json) = (LogFormat::Text, LogFormat::Json);
        assert_eq!(wanted(None, None), None);
        assert_eq!(wanted(Some("off"), Some(json)), None);
        assert_eq!(wanted(None, Some(json)), Some((json, LevelFilter::TRACE)));
        assert_eq!(wanted(Some("JSON"), None), Some((json, LevelFilter::TRACE)));
        assert_eq!(wanted(Some("json"), Some(text)), Some((text, LevelFilter::TRACE)));
        assert_eq!(wanted(Some("DEBUG"), None), Some((text, LevelFilter::DEBUG)));
        assert_eq!(wanted(Some("warn"), Some(json)), Some((json, LevelFilter::WARN)));
        assert_eq!(wanted(Some("everything"), None), Some((text, LevelFilter::TRACE)));
    }
}
