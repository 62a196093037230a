//! Profiles that the vendor's command line keeps, by default in `~/.aliyun/config.json`.
//!
//! The file holds secrets, so a message about it says where something is wrong and never what is
//! written there.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::schema::Problem;
use crate::sdk::auth::Secret;
use crate::sdk::{Environment, Settings};
use crate::world::read_regular;

/// The name of the setting with the place of the file.
pub(super) const FILE: &str = "shared_credentials_file";
/// The name of the setting that chooses among its profiles.
pub(super) const PROFILE: &str = "profile";

/// Credentials of a profile.
pub(super) struct Keys {
    pub(super) id: String,
    pub(super) secret: Secret,
    pub(super) security_token: Option<Secret>,
}

#[derive(Deserialize)]
struct File {
    /// The profile that counts where none is chosen.
    current: Option<String>,
    #[serde(default)]
    profiles: Vec<Profile>,
}

#[derive(Deserialize)]
struct Profile {
    name: String,
    #[serde(default)]
    mode: String,
    #[serde(default)]
    access_key_id: String,
    #[serde(default)]
    access_key_secret: String,
    #[serde(default)]
    sts_token: String,
}

/// Whether the settings lead to a profile: one in the block wins over a key pair in the environment,
/// and a key pair wins over a profile in the same place.
pub(super) fn is_chosen(settings: &Settings<'_>) -> bool {
    let in_block = |names: [&str; 2]| names.iter().any(|name| settings.value(name).is_some());
    let anywhere = |names: [&str; 2]| names.iter().any(|name| settings.text(name).is_some());
    let (keys, profile) = (["access_key_id", "access_key_secret"], [PROFILE, FILE]);
    !in_block(keys) && (in_block(profile) || (anywhere(profile) && !anywhere(keys)))
}

/// The credentials of the profile that the settings choose.
pub(super) fn keys(settings: &Settings<'_>, environment: &Environment) -> Result<Keys, Problem> {
    let place = place(settings, environment)?;
    let shown = place.display();
    let bytes = read_regular(&place).map_err(|error| {
        Problem::rule(FILE, format!("`{shown}` cannot be read: {error}."))
            .help("let the vendor's command line write it with `aliyun configure`, or set the keys")
    })?;
    let file: File = serde_json::from_slice(&bytes).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        let message = format!(
            "`{shown}` does not hold profiles of the vendor's command line: line {line}, column \
             {column} is wrong."
        );
        Problem::rule(FILE, message).help("write it anew with `aliyun configure`")
    })?;
    let chosen = settings.text(PROFILE).or(file.current);
    let chosen = chosen.filter(|name| !name.is_empty()).unwrap_or_else(|| "default".to_owned());
    let names = file.profiles.iter().map(|profile| format!("`{}`", profile.name));
    let names = names.collect::<Vec<_>>().join(", ");
    let Some(profile) = file.profiles.into_iter().find(|profile| profile.name == chosen) else {
        return Err(Problem::rule(
            PROFILE,
            format!("There is no profile `{chosen}` in `{shown}`."),
        )
        .help(format!("choose one of its profiles: {names}")));
    };
    profile.keys(&place)
}

impl Profile {
    fn keys(self, place: &Path) -> Result<Keys, Problem> {
        let refused = |reason: String| {
            Problem::rule(PROFILE, format!("Profile `{}` in `{}` {reason}.", self.name, place.display()))
                .help("choose a profile with an access key, or set `access_key_id` and `access_key_secret`")
        };
        if !matches!(&*self.mode, "" | "AK" | "StsToken") {
            return Err(refused(format!(
                "has the mode `{}`; only `AK` and `StsToken` hold credentials themselves",
                self.mode
            )));
        }
        if self.access_key_id.is_empty() || self.access_key_secret.is_empty() {
            return Err(refused("holds no access key".to_owned()));
        }
        if self.mode == "StsToken" && self.sts_token.is_empty() {
            return Err(refused("has the mode `StsToken` and no token".to_owned()));
        }
        let token = Some(self.sts_token).filter(|_| self.mode == "StsToken");
        Ok(Keys {
            id: self.access_key_id,
            secret: self.access_key_secret.into(),
            security_token: token.map(Secret::from),
        })
    }
}

/// The file: what is set, with `~` for the home folder, else the vendor's own place.
fn place(settings: &Settings<'_>, environment: &Environment) -> Result<PathBuf, Problem> {
    let set = settings.text(FILE);
    let below_home = match set.as_deref() {
        None => ".aliyun/config.json",
        Some(path) => match path.strip_prefix("~/") {
            Some(rest) => rest,
            None => return Ok(PathBuf::from(path)),
        },
    };
    let home = environment.get("HOME").filter(|home| !home.is_empty());
    home.map(|home| Path::new(home).join(below_home)).ok_or_else(|| {
        Problem::rule(FILE, "The home folder is not known, because `HOME` is not set.".to_owned())
            .help("write the whole path into `shared_credentials_file`")
    })
}
