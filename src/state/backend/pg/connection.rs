//! Where a database is and how it is reached, as libpq's connection strings say it.

use std::collections::BTreeMap;

use crate::sdk::Environment;
use crate::sdk::auth::Secret;
use crate::sdk::http::Url;
use crate::world::read_regular;

/// How the connection is encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SslMode {
    /// Not at all.
    Disable,
    /// Whoever answers is believed, unless authorities are named.
    Require,
    /// An authority must vouch for the certificate.
    VerifyAuthority,
    /// The certificate must be of this host, too.
    VerifyFull,
}

/// Files with certificates, or their texts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Certificates {
    pub(super) authorities: Option<String>,
    pub(super) certificate: Option<String>,
    pub(super) key: Option<String>,
    /// Whether these are texts and not names of files.
    pub(super) is_inline: bool,
}

/// All that is known of a connection.
#[derive(Clone, Debug)]
pub(super) struct Connection {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) user: String,
    pub(super) database: String,
    pub(super) password: Option<Secret>,
    pub(super) ssl: SslMode,
    pub(super) certificates: Certificates,
    /// Seconds; 0 where nothing is said.
    pub(super) connect_timeout: u64,
    /// Options for the server's command line.
    pub(super) options: String,
    /// Where passwords are kept.
    password_file: Option<String>,
}

/// Names of settings, with the variables that stand in for them.
const VARIABLES: [(&str, &str); 15] = [
    ("host", "PGHOST"),
    ("port", "PGPORT"),
    ("dbname", "PGDATABASE"),
    ("user", "PGUSER"),
    ("password", "PGPASSWORD"),
    ("passfile", "PGPASSFILE"),
    ("options", "PGOPTIONS"),
    ("sslmode", "PGSSLMODE"),
    ("sslcert", "PGSSLCERT"),
    ("sslkey", "PGSSLKEY"),
    ("sslrootcert", "PGSSLROOTCERT"),
    ("connect_timeout", "PGCONNECT_TIMEOUT"),
    ("datestyle", "PGDATESTYLE"),
    ("timezone", "PGTZ"),
    ("geqo", "PGGEQO"),
];

/// Settings that say nothing to the server, or what we say ourselves.
const OWN: [&str; 18] = [
    "host",
    "port",
    "dbname",
    "user",
    "password",
    "passfile",
    "options",
    "sslmode",
    "sslcert",
    "sslkey",
    "sslrootcert",
    "sslinline",
    "sslsni",
    "connect_timeout",
    "application_name",
    "fallback_application_name",
    "binary_parameters",
    "client_encoding",
];

impl Connection {
    /// What a connection string and the environment say together. The error is a sentence without
    /// secrets.
    pub(super) fn read(text: &str, environment: &Environment) -> Result<Self, String> {
        let mut found: BTreeMap<String, String> = VARIABLES
            .iter()
            .filter_map(|(name, variable)| Some((*name, environment.get(*variable)?)))
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| (name.to_owned(), value.clone()))
            .collect();
        let is_address = text.starts_with("postgres://") || text.starts_with("postgresql://");
        found.extend(if is_address { from_address(text)? } else { from_words(text)? });
        Self::of(&mut found, environment)
    }

    fn of(found: &mut BTreeMap<String, String>, environment: &Environment) -> Result<Self, String> {
        let whole = |name: &str, text: Option<&String>, default: u64| match text {
            None => Ok(default),
            Some(text) => {
                text.parse().map_err(|_| format!("`{name}` is no whole number: `{text}`"))
            }
        };
        let port = whole("port", found.get("port"), 5432)?;
        let connect_timeout = whole("connect_timeout", found.get("connect_timeout"), 0)?;
        let mut options = found.get("options").cloned().unwrap_or_default();
        for (name, value) in found.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
            let value = value.replace('\\', "\\\\").replace(' ', "\\ ");
            options.push_str(&format!(" -c {name}={value}"));
        }
        let mut take = |name: &str| found.remove(name).filter(|value| !value.is_empty());
        let host = take("host").unwrap_or_else(|| "localhost".to_owned());
        let user = take("user").or_else(|| environment.get("USER").cloned());
        let user = user.ok_or("no user is named: set `user` in `conn_str`, or PGUSER")?;
        let given = take("sslmode");
        // A socket of this machine needs no encryption, and PostgreSQL offers none there.
        let ssl = if host.starts_with('/') { SslMode::Disable } else { mode(given.as_deref())? };
        let home = environment.get("HOME").map(|home| format!("{home}/.pgpass"));
        Ok(Self {
            port: u16::try_from(port).map_err(|_| format!("there is no port {port}"))?,
            database: take("dbname").unwrap_or_else(|| user.clone()),
            password: take("password").map(Secret::from),
            password_file: take("passfile").or(home),
            certificates: Certificates {
                authorities: take("sslrootcert"),
                certificate: take("sslcert"),
                key: take("sslkey"),
                is_inline: take("sslinline").is_some_and(|value| value == "true"),
            },
            host,
            user,
            ssl,
            connect_timeout,
            options,
        })
    }

    /// Where it is, for messages.
    pub(super) fn place(&self) -> String {
        let Self { host, port, database, .. } = self;
        format!("postgres://{host}:{port}/{database}")
    }

    /// The password, which may be in a file.
    pub(super) fn password(&self) -> Option<Secret> {
        if self.password.is_some() {
            return self.password.clone();
        }
        let bytes = read_regular(self.password_file.as_deref()?.as_ref()).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let port = self.port.to_string();
        let host = if self.host.starts_with('/') { "localhost" } else { &self.host };
        let wanted = [host, &port, &self.database, &self.user];
        text.lines().filter(|line| !line.starts_with('#')).find_map(|line| {
            let fields = fields(line);
            let (password, names) = fields.split_last()?;
            let fits = names.len() == wanted.len()
                && names.iter().zip(wanted).all(|(name, wanted)| name == "*" || name == wanted);
            fits.then(|| Secret::from(password.as_str()))
        })
    }
}

fn mode(text: Option<&str>) -> Result<SslMode, String> {
    match text.unwrap_or("require") {
        "disable" => Ok(SslMode::Disable),
        "require" => Ok(SslMode::Require),
        "verify-ca" => Ok(SslMode::VerifyAuthority),
        "verify-full" => Ok(SslMode::VerifyFull),
        other => Err(format!(
            "`sslmode` must be `disable`, `require`, `verify-ca` or `verify-full`, not `{other}`"
        )),
    }
}

/// The fields of a line of a password file, in which colons and backslashes are escaped.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        match letter {
            ':' => fields.push(String::new()),
            '\\' => fields.last_mut().into_iter().for_each(|field| field.extend(letters.next())),
            other => fields.last_mut().into_iter().for_each(|field| field.push(other)),
        }
    }
    fields
}

/// The settings in `postgres://user:password@host:port/database?name=value`.
fn from_address(text: &str) -> Result<BTreeMap<String, String>, String> {
    let url = Url::parse(text).map_err(|error| format!("it is no address: {error}"))?;
    let decoded = |text: &str| {
        let pair = format!("x={}", text.replace('+', "%2B"));
        let url = Url::parse(&format!("http://form.invalid/?{pair}")).ok()?;
        let value = url.query_pairs().next().map(|(_, value)| value.into_owned());
        value.filter(|value| !value.is_empty())
    };
    let mut found = BTreeMap::new();
    let mut put = |name: &str, value: Option<String>| {
        found.extend(value.map(|value| (name.to_owned(), value)));
    };
    put("user", decoded(url.username()));
    put("password", url.password().and_then(decoded));
    put("host", url.host_str().map(|host| host.trim_matches(['[', ']'])).and_then(decoded));
    put("port", url.port().map(|port| port.to_string()));
    put("dbname", decoded(url.path().trim_start_matches('/')));
    for (name, value) in url.query_pairs() {
        put(&name, Some(value.into_owned()));
    }
    Ok(found)
}

/// The settings in `name=value name='another value'`.
fn from_words(text: &str) -> Result<BTreeMap<String, String>, String> {
    let mut found = BTreeMap::new();
    let mut letters = text.chars().peekable();
    loop {
        while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
        if letters.peek().is_none() {
            return Ok(found);
        }
        let mut name = String::new();
        while let Some(letter) = letters.next_if(|letter| *letter != '=') {
            name.push(letter);
        }
        if letters.next().is_none() {
            return Err("it is neither an address nor made of `name=value`".to_owned());
        }
        while letters.next_if(|letter| letter.is_whitespace()).is_some() {}
        let is_quoted = letters.next_if_eq(&'\'').is_some();
        let mut value = String::new();
        loop {
            match letters.next() {
                None if is_quoted => return Err("a quotation has no end".to_owned()),
                None => break,
                Some('\'') if is_quoted => break,
                Some('\\') => value.extend(letters.next()),
                Some(letter) if letter.is_whitespace() && !is_quoted => break,
                Some(letter) => value.push(letter),
            }
        }
        found.insert(name.trim().to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Environment {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn addresses_and_words_say_the_same() {
        let texts = [
            "postgres://ann:p%40ss%2Bw@db.example:6543/states?sslmode=verify-full&search_path=a",
            "user=ann password='p@ss+w' host = db.example port=6543 dbname=states \
             sslmode=verify-full search_path=a",
        ];
        for text in texts {
            let found = Connection::read(text, &Environment::new()).unwrap();
            assert_eq!(found.place(), "postgres://db.example:6543/states");
            assert_eq!((&*found.user, found.ssl), ("ann", SslMode::VerifyFull));
            assert_eq!(found.password().unwrap().expose(), "p@ss+w");
            assert_eq!(found.options, " -c search_path=a");
            assert!(!format!("{found:?}").contains("p@ss"));
        }
    }

    #[test]
    fn variables_stand_behind_the_string() {
        let variables = environment(&[
            ("PGHOST", "/run/pg"),
            ("PGUSER", "bob"),
            ("PGDATABASE", "b"),
            ("USER", "c"),
        ]);
        let found = Connection::read("", &variables).unwrap();
        assert_eq!((&*found.host, found.ssl), ("/run/pg", SslMode::Disable));
        assert_eq!((&*found.user, &*found.database, found.port), ("bob", "b", 5432));
        let found = Connection::read("postgres:///d?host=/tmp&user=x", &variables).unwrap();
        assert_eq!((&*found.host, &*found.user, &*found.database), ("/tmp", "x", "d"));
        let found = Connection::read("postgres://h", &environment(&[("USER", "c")])).unwrap();
        assert_eq!((found.ssl, &*found.database), (SslMode::Require, "c"));
        for bad in ["port=x user=u", "sslmode=prefer user=u", "user", "user='u", ""] {
            assert!(Connection::read(bad, &Environment::new()).is_err(), "{bad}");
        }
    }

    #[test]
    fn passwords_are_found_in_their_file() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("passwords");
        std::fs::write(&file, "# none\nother:*:*:*:no\n*:5432:d:u\\:1:p\\:w\\\\x\n").unwrap();
        let variables = environment(&[("PGPASSFILE", file.to_str().unwrap())]);
        let found = Connection::read("host=h user=u:1 dbname=d", &variables).unwrap();
        assert_eq!(found.password().unwrap().expose(), "p:w\\x");
    }
}
