//! The settings by which a provider believes other servers than the system does, and shows a
//! certificate of its own: clouds on one's own premises have authorities of their own.

use std::sync::Arc;

use crate::schema::{Attribute, Problem};
use crate::value::Type;
use crate::world::read_regular;

use super::auth::Secret;
use super::http::{Transport, Trust};
use super::{ConfigureContext, Settings};

/// A setting's name and its variables.
type Name = (&'static str, &'static [&'static str]);

/// What a provider calls these settings, as its vendor's own tools do.
#[derive(Clone, Copy, Debug)]
pub struct TrustSettings {
    /// A file with the authorities that are believed.
    pub authorities: Name,
    /// A file with our own certificate.
    pub certificate: Name,
    /// A file with the key of that certificate.
    pub key: Name,
    /// Whether every certificate is believed.
    pub anybody: Name,
}

impl TrustSettings {
    /// Their declarations.
    pub fn attributes(&self) -> Vec<Attribute> {
        let setting = |name: Name, ty, description| {
            Attribute::optional(name.0, ty, description).environment(name.1)
        };
        vec![
            setting(
                self.authorities,
                Type::String,
                "A file with the certificates of the authorities that are believed, as PEM, or the \
                 certificates themselves; the system's count unless set.",
            ),
            setting(
                self.certificate,
                Type::String,
                "A file with the certificate to show to the server, as PEM, or the certificate itself.",
            ),
            setting(
                self.key,
                Type::String,
                "A file with the key of that certificate, as PEM, or the key itself.",
            )
            .sensitive(),
            setting(
                self.anybody,
                Type::Bool,
                "Believe every certificate. Whoever is on the way can then read and change everything, \
                 credentials included: better name the authorities.",
            ),
        ]
    }

    /// The way to the vendor with these settings. Files are not looked at where nothing is
    /// encrypted, as in a rehearsal.
    pub fn transport(
        &self,
        settings: &Settings<'_>,
        cx: &ConfigureContext,
        problems: &mut Vec<Problem>,
    ) -> Arc<dyn Transport> {
        let usual = || Arc::clone(&cx.transport);
        let names = [self.authorities.0, self.certificate.0, self.key.0];
        let [authorities, certificate, key] = names.map(|name| settings.text(name));
        let is_given = authorities.is_some() || certificate.is_some() || key.is_some();
        let anybody = settings.flag(self.anybody.0);
        if !(is_given || anybody) || !cx.transport.encrypts() {
            return usual();
        }
        let mut read = |name: &'static str, text: Option<String>| -> Option<String> {
            let text = text?;
            pem(&text).map_err(|reason| problems.push(unusable(name, &reason))).ok()
        };
        let authorities = read(names[0], authorities);
        let identity = match (read(names[1], certificate), read(names[2], key)) {
            (Some(certificate), Some(key)) => Some((certificate, Secret::from(key))),
            (None, None) => None,
            (found, _) => {
                let (given, missing) =
                    if found.is_some() { (names[1], names[2]) } else { (names[2], names[1]) };
                let text = format!("`{given}` is of no use without `{missing}`.");
                problems.push(Problem::missing(missing, text).help(format!("set `{missing}`")));
                None
            }
        };
        match cx.transport.trusting(Trust { anybody, authorities, identity }) {
            Ok(transport) => transport,
            Err(reason) => {
                problems.push(unusable(names[0], &reason));
                usual()
            }
        }
    }
}

/// The PEM that a setting holds or names.
fn pem(text: &str) -> Result<String, String> {
    const BEGINNING: &str = "-----BEGIN ";
    if text.trim_start().starts_with(BEGINNING) {
        return Ok(text.to_owned());
    }
    let bytes = read_regular(text.as_ref()).map_err(|error| format!("`{text}`: {error}"))?;
    let found = String::from_utf8(bytes).ok().filter(|found| found.contains(BEGINNING));
    found.ok_or_else(|| format!("`{text}` holds no PEM"))
}

fn unusable(name: &'static str, reason: &str) -> Problem {
    Problem::rule(name, format!("The certificates or the key cannot be used: {reason}."))
        .help("give a file that this user can read, with lines `-----BEGIN …-----`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::Schema;
    use crate::sdk::Environment;
    use crate::sdk::http::{Network, Request, Response, TransportError};
    use crate::value::Value;
    use crate::world::{BoxFuture, Timestamp, World};

    const SETTINGS: TrustSettings = TrustSettings {
        authorities: ("ca_file", &["CA_FILE"]),
        certificate: ("certificate_file", &[]),
        key: ("key_file", &[]),
        anybody: ("insecure", &[]),
    };

    struct Emulated;

    impl Transport for Emulated {
        fn send(&self, _: Request) -> BoxFuture<'_, Result<Response, TransportError>> {
            Box::pin(async { Ok(Response::new(200)) })
        }
    }

    fn found(
        transport: Arc<dyn Transport>,
        given: &[(&'static str, Value)],
    ) -> (bool, Vec<Problem>) {
        let schema = Schema::new("", SETTINGS.attributes());
        let (value, environment) = (Value::object(given.to_vec()), Environment::new());
        let settings = Settings::new(schema, &value, &environment);
        let cx = ConfigureContext {
            world: World::fixed(Timestamp::EPOCH),
            transport,
            environment: Environment::new(),
            keys: Arc::default(),
        };
        let mut problems = Vec::new();
        let transport = SETTINGS.transport(&settings, &cx, &mut problems);
        (Arc::ptr_eq(&transport, &cx.transport), problems)
    }

    fn network() -> Arc<dyn Transport> {
        Arc::new(Network::default())
    }

    #[test]
    fn the_usual_way_is_taken_where_nothing_is_said() {
        assert_eq!(found(network(), &[]), (true, Vec::new()));
        let (is_usual, problems) = found(network(), &[("insecure", Value::from(true))]);
        assert!(!is_usual && problems.is_empty(), "{problems:?}");
    }

    #[test]
    fn what_cannot_be_used_is_told_at_its_setting() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notes.txt");
        std::fs::write(&path, "no certificate").unwrap();
        let text = path.to_str().unwrap();
        let broken = "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n";
        for (name, given, expected) in [
            ("ca_file", "/there/is/none.pem", "none.pem"),
            ("ca_file", text, "holds no PEM"),
            ("ca_file", broken, "cannot be used"),
            ("certificate_file", broken, "of no use without `key_file`"),
            ("key_file", broken, "of no use without `certificate_file`"),
        ] {
            let (_, problems) = found(network(), &[(name, Value::from(given))]);
            assert!(problems[0].message.contains(expected), "{name}: {problems:?}");
            let (is_usual, problems) = found(Arc::new(Emulated), &[(name, Value::from(given))]);
            assert!(is_usual && problems.is_empty(), "a rehearsal needs no files: {problems:?}");
        }
    }
}
