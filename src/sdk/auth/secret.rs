//! Secrets as a type: not printed, wiped when dropped.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

/// A credential. Its debug form hides it, and it has no display form.
#[derive(Clone)]
pub struct Secret(SecretString);

impl Secret {
    /// The credential itself, for signing or for a header; never for a message.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }

    /// Tells whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.expose().is_empty()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self::from(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}
