//! Locks as Terraform writes them down, so that each tool can say who holds the other's.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::world::World;

use super::LockHolder;

/// Terraform's note of a lock. What it leaves out is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(super) struct LockInfo {
    #[serde(rename = "ID")]
    pub(super) id: String,
    operation: String,
    /// Our own note, as JSON; Terraform shows it as it is.
    info: String,
    who: String,
    version: String,
    created: String,
    path: String,
}

/// What stands in `Info`. The name is repeated, because there are servers that answer whoever finds
/// a lock with parts of the question in place of the holder's.
#[derive(Serialize, Deserialize)]
struct Note {
    lock: String,
    #[serde(flatten)]
    holder: LockHolder,
}

/// How the names of our locks begin. A name is all that some servers keep.
const PREFIX: &str = "snapform-";

/// The longest that a name says of its holder; GitLab takes names of up to 255 characters.
const LONGEST_WHO: usize = 100;

/// The name of a new lock, which says for how long its holder may be silent and who that is:
/// Terraform, too, shows nothing but the name of a lock that it finds on an HTTP server.
pub(super) fn new_id(lease: Duration, holder: &LockHolder) -> String {
    let who = format!("{}@{}", holder.user, holder.host);
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "@._-".contains(letter);
    let who = who.chars().map(|letter| if plain(letter) { letter } else { '_' });
    let who: String = who.take(LONGEST_WHO).collect();
    format!("{PREFIX}{}ms-{}-{who}", lease.as_millis(), World::real().ids.uuid())
}

/// Who holds the lock called `id`, as far as the name says.
fn who_of(id: &str) -> Option<&str> {
    let (_, rest) = id.strip_prefix(PREFIX)?.split_once("ms-")?;
    rest.get(UUID_LENGTH..)?.strip_prefix('-')
}

const UUID_LENGTH: usize = 36;

/// For how long the holder of the lock called `id` may be silent; `None` where it is not ours, and
/// its holder gives no signs of life.
pub(super) fn lease_of(id: &str) -> Option<Duration> {
    let (milliseconds, _) = id.strip_prefix(PREFIX)?.split_once("ms-")?;
    milliseconds.parse().ok().map(Duration::from_millis)
}

impl LockInfo {
    /// The note for a lock called `id`.
    pub(super) fn new(id: String, holder: &LockHolder) -> Self {
        let note = Note { lock: id.clone(), holder: holder.clone() };
        Self {
            operation: holder.command.clone(),
            info: serde_json::to_string(&note).unwrap_or_default(),
            who: format!("{}@{}", holder.user, holder.host),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created: holder.since.to_string(),
            path: String::new(),
            id,
        }
    }

    /// A note that names a lock and nothing else.
    pub(super) fn named(id: &str) -> Self {
        Self { id: id.to_owned(), ..Self::default() }
    }

    /// Who holds the lock, as far as the note tells; `None` where it tells nothing.
    pub(super) fn holder(&self) -> Option<LockHolder> {
        let note = serde_json::from_str::<Note>(&self.info).ok();
        if let Some(note) = note.filter(|note| note.lock == self.id) {
            return Some(note.holder);
        }
        let who = who_of(&self.id).unwrap_or(&self.who);
        if who.is_empty() {
            return None;
        }
        let (user, host) = who.rsplit_once('@').unwrap_or((who, "an unknown host"));
        // What a server put together from two notes says only who and since when.
        let command = if lease_of(&self.id).is_some() {
            "an unknown command".to_owned()
        } else {
            let operation = self.operation.trim_start_matches("OperationType").to_lowercase();
            format!("terraform {operation}").trim_end().to_owned()
        };
        Some(LockHolder {
            user: user.to_owned(),
            host: host.to_owned(),
            process: 0,
            command,
            since: self.created.parse().unwrap_or(crate::world::Timestamp::EPOCH),
            job: None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Timestamp;

    fn holder() -> LockHolder {
        LockHolder {
            user: "ops".to_owned(),
            host: "ci-7".to_owned(),
            process: 4711,
            command: "apply".to_owned(),
            since: Timestamp::EPOCH,
            job: Some("https://ci.example/jobs/1".to_owned()),
        }
    }

    #[test]
    fn a_note_of_ours_comes_back_whole() {
        let id = new_id(Duration::from_secs(30), &holder());
        assert_eq!(lease_of(&id), Some(Duration::from_secs(30)));
        let info = LockInfo::new(id, &holder());
        let text = serde_json::to_string(&info).unwrap();
        for key in ["ID", "Operation", "Info", "Who", "Version", "Created", "Path"] {
            assert!(text.contains(&format!("\"{key}\":")), "{text}");
        }
        let read: LockInfo = serde_json::from_str(&text).unwrap();
        assert_eq!(read.holder(), Some(holder()));
    }

    #[test]
    fn a_note_of_terraform_says_who_it_is() {
        let text = r#"{"ID":"7a9c","Operation":"OperationTypeApply","Info":"","Who":"ann@desk",
            "Version":"1.11.4","Created":"2026-01-31T12:00:00.5Z","Path":""}"#;
        let info: LockInfo = serde_json::from_str(text).unwrap();
        assert_eq!(lease_of(&info.id), None);
        let found = info.holder().unwrap();
        assert_eq!(
            (&*found.user, &*found.host, &*found.command),
            ("ann", "desk", "terraform apply")
        );
        assert_eq!(found.since.whole_seconds().to_string(), "2026-01-31T12:00:00Z");
        assert_eq!(LockInfo::named("x").holder(), None);
    }

    /// GitLab answers with the holder's name and the asker's note.
    #[test]
    fn the_note_of_the_one_who_asks_is_not_taken_for_the_holders() {
        let asking = LockHolder { user: "eve".to_owned(), ..holder() };
        let lease = Duration::from_secs(30);
        let mut info = LockInfo::new(new_id(lease, &asking), &asking);
        info.id = new_id(lease, &holder());
        info.who = "root".to_owned();
        let found = info.holder().unwrap();
        assert_eq!((&*found.user, &*found.host), ("ops", "ci-7"));
        assert_eq!(found.command, "an unknown command");
        let odd = LockHolder { user: "a b/ü".to_owned(), host: "h".repeat(300), ..holder() };
        let id = new_id(lease, &odd);
        assert!(id.len() < 255 && who_of(&id).unwrap().starts_with("a_b__@hh"), "{id}");
    }
}
