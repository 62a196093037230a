//! `clouds.yaml`: what it says of one cloud.
//!
//! In: the name of a cloud, and the files in which OpenStack's own tools look for it. Out: its entry
//! as the variables of the environment that mean the same, which it stands in for: as with those
//! tools, nothing else of the environment counts once a cloud is named.
//! <https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html>

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use crate::schema::Problem;
use crate::sdk::{Environment, listed, read_yaml};
use crate::value::{Data, Value};

/// Largest file that is read, in bytes.
const LARGEST: u64 = 1024 * 1024;
/// Most names that a message lists.
const MOST_NAMES: usize = 20;
/// Ends of the files' names, in the order in which they are looked for.
const ENDS: [&str; 3] = ["yaml", "yml", "json"];
/// Where the clouds stand in `clouds.yaml`, and in `clouds-public.yaml`.
const CLOUDS: &str = "clouds";
const PUBLIC_CLOUDS: &str = "public-clouds";
/// The profile that stands for the environment, which does not count beside a named cloud.
const OF_ENVIRONMENT: &str = "envvars";
/// What ends the name of an address that stands in for the catalogue's.
const OVERRIDE: &str = "_endpoint_override";
/// Ways to sign in that are understood.
const AUTH_TYPES: [&str; 3] = ["password", "v3password", "v3applicationcredential"];

/// Keys of `auth` and the variables that mean the same; of several keys the first one counts.
const AUTH: [(&str, &str); 17] = [
    ("auth_url", "OS_AUTH_URL"),
    ("username", "OS_USERNAME"),
    ("user_id", "OS_USER_ID"),
    ("password", "OS_PASSWORD"),
    ("user_domain_name", "OS_USER_DOMAIN_NAME"),
    ("domain_name", "OS_USER_DOMAIN_NAME"),
    ("user_domain_id", "OS_USER_DOMAIN_ID"),
    ("domain_id", "OS_USER_DOMAIN_ID"),
    ("project_name", "OS_PROJECT_NAME"),
    ("tenant_name", "OS_PROJECT_NAME"),
    ("project_id", "OS_PROJECT_ID"),
    ("tenant_id", "OS_PROJECT_ID"),
    ("project_domain_name", "OS_PROJECT_DOMAIN_NAME"),
    ("project_domain_id", "OS_PROJECT_DOMAIN_ID"),
    ("application_credential_id", "OS_APPLICATION_CREDENTIAL_ID"),
    ("application_credential_name", "OS_APPLICATION_CREDENTIAL_NAME"),
    ("application_credential_secret", "OS_APPLICATION_CREDENTIAL_SECRET"),
];

/// What the files say of one cloud.
#[derive(Debug)]
pub(super) struct Entry {
    /// Stands in for the environment.
    pub(super) environment: Environment,
    /// Addresses by service type.
    pub(super) overrides: BTreeMap<String, String>,
    /// Where it is written, for messages.
    pub(super) place: String,
}

/// One file that was found.
struct Found {
    path: PathBuf,
    clouds: Value,
}

/// The entry of the cloud called `name`.
pub(super) fn entry(name: &str, environment: &Environment) -> Result<Entry, Problem> {
    let found = find("clouds", CLOUDS, "OS_CLIENT_CONFIG_FILE", environment)?;
    let Some(Found { path, clouds }) = found else {
        let message = format!(
            "There is no `clouds.yaml` that could say what cloud `{name}` is; it was looked for in \
             {}.",
            searched(environment)
        );
        return Err(problem(message).help(
            "write one, name it with the environment variable `OS_CLIENT_CONFIG_FILE`, or remove \
             `cloud` and set everything in the provider block",
        ));
    };
    let secure = find("secure", CLOUDS, "OS_CLIENT_SECURE_FILE", environment)?;
    let secret = secure.as_ref().and_then(|found| found.clouds.attribute(name));
    let place = path.display().to_string();
    let Some(cloud) = clouds.attribute(name) else {
        let names = clouds.entries().unwrap_or_default().iter();
        let names = listed(names.map(|(name, _)| format!("`{name}`")), MOST_NAMES);
        let error = problem(format!("`{place}` has no cloud `{name}`."));
        return Err(match &*names {
            "" => error.help("write `clouds:` and below it one entry for each cloud"),
            names => error.help(format!("it has {names}")),
        });
    };
    let profile = profile(cloud, name, &place, environment)?;
    let parts = [secret.cloned(), Some(cloud.clone()), profile];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    understood(&parts, name, &place)?;
    Ok(read(&parts, place))
}

/// What an entry builds on: the profile that it names, of `clouds-public.yaml`. The key `cloud` is an
/// older word for it.
fn profile(
    cloud: &Value,
    name: &str,
    place: &str,
    environment: &Environment,
) -> Result<Option<Value>, Problem> {
    let named = text(cloud, "profile").or_else(|| text(cloud, "cloud"));
    let Some(profile) = named.filter(|profile| profile != OF_ENVIRONMENT) else { return Ok(None) };
    let found = find("clouds-public", PUBLIC_CLOUDS, "OS_CLIENT_VENDOR_FILE", environment)?;
    if let Some(held) = found.as_ref().and_then(|found| found.clouds.attribute(&profile)) {
        return Ok(Some(held.clone()));
    }
    let known = match &found {
        Some(Found { path, clouds }) => {
            let names = clouds.entries().unwrap_or_default().iter();
            let names = listed(names.map(|(name, _)| format!("`{name}`")), MOST_NAMES);
            let has = if names.is_empty() { "no profiles".to_owned() } else { names };
            format!("`{}` has {has}", path.display())
        }
        None => format!("there is no `clouds-public.yaml` in {}", searched(environment)),
    };
    let message = format!(
        "Cloud `{name}` in `{place}` builds on the profile `{profile}`, which is not known: {known}."
    );
    Err(problem(message).help(
        "write the profile below `public-clouds:` in `clouds-public.yaml` beside it, or what it says \
         into the entry itself; those that come with OpenStack's own tools are not known here, and none \
         is fetched",
    ))
}

/// The folders that are searched, for a message.
fn searched(environment: &Environment) -> String {
    let folders = folders(environment);
    listed(folders.iter().map(|folder| format!("`{}`", folder.display())), MOST_NAMES)
}

fn problem(message: String) -> Problem {
    Problem::rule("cloud", message)
}

/// Refuses what would change the meaning and is not understood.
fn understood(parts: &[Value], name: &str, place: &str) -> Result<(), Problem> {
    match first(parts, "auth_type") {
        Some(other) if !AUTH_TYPES.contains(&&*other) => {
            let known = AUTH_TYPES.join("`, `");
            let message = format!("Cloud `{name}` in `{place}` signs in by `{other}`.");
            Err(problem(message).help(format!("supported are: `{known}`")))
        }
        _ => Ok(()),
    }
}

/// What the parts of an entry say, the first one first.
fn read(parts: &[Value], place: String) -> Entry {
    let mut environment = Environment::new();
    for part in parts {
        // What an earlier part says under any of its names counts more than what a later one does.
        let mut told = Environment::new();
        for (key, variable) in AUTH {
            // Keys of `auth` are understood beside it, too.
            let within = part.attribute("auth").and_then(|auth| text(auth, key));
            if let Some(value) = within.or_else(|| text(part, key)) {
                told.entry(variable.to_owned()).or_insert(value);
            }
        }
        for (variable, value) in told {
            environment.entry(variable).or_insert(value);
        }
    }
    if let Some(region) = first_region(parts).or_else(|| first(parts, "region_name")) {
        environment.insert("OS_REGION_NAME".to_owned(), region);
    }
    if let Some(interface) = first(parts, "interface").or_else(|| first(parts, "endpoint_type")) {
        // Older files say `publicURL`.
        let interface = interface.trim_end_matches("URL").to_owned();
        environment.insert("OS_INTERFACE".to_owned(), interface);
    }
    for (key, variable) in [("cacert", "OS_CACERT"), ("cert", "OS_CERT"), ("key", "OS_KEY")] {
        environment.extend(first(parts, key).map(|path| (variable.to_owned(), path)));
    }
    if first(parts, "verify").is_some_and(|verify| verify.eq_ignore_ascii_case("false")) {
        environment.insert("OS_INSECURE".to_owned(), "true".to_owned());
    }
    let mut overrides = BTreeMap::new();
    for part in parts.iter().rev() {
        for (key, value) in part.entries().unwrap_or_default() {
            if let (Some(kind), Some(address)) = (key.strip_suffix(OVERRIDE), plain(value)) {
                overrides.insert(kind.replace('_', "-"), address);
            }
        }
    }
    Entry { environment, overrides, place }
}

fn first(parts: &[Value], key: &str) -> Option<String> {
    parts.iter().find_map(|part| text(part, key))
}

/// The first of the regions in a list of names, or of mappings with names.
fn first_region(parts: &[Value]) -> Option<String> {
    let regions = parts.iter().find_map(|part| part.attribute("regions")?.elements())?;
    let region = regions.first()?;
    plain(region).or_else(|| text(region, "name"))
}

/// The text behind a key, which may be written with `-` in place of `_`.
fn text(mapping: &Value, key: &str) -> Option<String> {
    let dashed = || mapping.attribute(&key.replace('_', "-"));
    plain(mapping.attribute(key).or_else(dashed)?)
}

/// A scalar as text; YAML makes numbers of some passwords and ids.
fn plain(value: &Value) -> Option<String> {
    let text = match value.data() {
        Data::String(text) => text.to_string(),
        Data::Number(number) => number.to_string(),
        Data::Bool(truth) => truth.to_string(),
        _ => return None,
    };
    Some(text).filter(|text| !text.is_empty())
}

/// The folders that are searched, the first one first.
fn folders(environment: &Environment) -> Vec<PathBuf> {
    let set = |name: &str| environment.get(name).filter(|value| !value.is_empty());
    let config = set("XDG_CONFIG_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(Path::new(set("HOME")?).join(".config")));
    let mut folders = vec![PathBuf::from(".")];
    folders.extend(config.map(|folder| folder.join("openstack")));
    folders.push(PathBuf::from("/etc/openstack"));
    folders
}

/// The first file called `stem`, or the one that `variable` names, with its clouds below `key`.
fn find(
    stem: &str,
    key: &str,
    variable: &str,
    environment: &Environment,
) -> Result<Option<Found>, Problem> {
    let named = environment.get(variable).filter(|path| !path.is_empty());
    let candidates: Vec<_> = match named {
        Some(path) => vec![PathBuf::from(path)],
        None => folders(environment)
            .iter()
            .flat_map(|folder| ENDS.map(|end| folder.join(format!("{stem}.{end}"))))
            .collect(),
    };
    for path in candidates {
        let unusable = |reason: &str| {
            problem(format!("`{}` cannot be used: {reason}.", path.display()))
                .help("look at the file, which the setting `cloud` needs")
        };
        let text = match contents(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_none() => continue,
            other => other.map_err(|error| unusable(&error.to_string()))?,
        };
        let document = read_yaml(&text).map_err(|reason| unusable(&unreadable(&reason)))?;
        let clouds = document.attribute(key).cloned().unwrap_or(Value::NULL);
        return Ok(Some(Found { path, clouds }));
    }
    Ok(None)
}

/// Where a text is not YAML. The rest of the reason may quote a secret.
fn unreadable(reason: &str) -> String {
    let after = reason.split_once("line ").map_or("", |(_, after)| after);
    let line: String = after.chars().take_while(char::is_ascii_digit).collect();
    if line.is_empty() {
        "it is not YAML".to_owned()
    } else {
        format!("it is not YAML at line {line}")
    }
}

/// A file's text; a device or a pipe might never end.
fn contents(path: &Path) -> io::Result<String> {
    let refused = |reason| io::Error::new(io::ErrorKind::InvalidData, reason);
    if !path.metadata()?.is_file() {
        return Err(refused("it is no file"));
    }
    let mut text = String::new();
    File::open(path)?.take(LARGEST + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LARGEST {
        return Err(refused("it is larger than 1 MiB"));
    }
    Ok(text)
}
