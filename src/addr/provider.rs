//! Providers and their configurations.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::AddressError;

/// Local name of a provider, such as `openstack`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderName(pub Arc<str>);

impl ProviderName {
    /// The built-in provider, named as Terraform names its own.
    pub const BUILTIN: &'static str = "terraform";

    /// The long name under which state files record the provider.
    pub fn source(&self) -> String {
        if &*self.0 == Self::BUILTIN {
            "terraform.io/builtin/terraform".to_owned()
        } else {
            format!("snapform.dev/snapform/{}", self.0)
        }
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// One configuration of a provider: the default one, or one with an alias.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderConfigAddr {
    /// The provider.
    pub provider: ProviderName,
    /// The alias, for all but the default configuration.
    pub alias: Option<Arc<str>>,
}

impl ProviderConfigAddr {
    /// The configuration without an alias.
    pub fn default_of(provider: impl Into<Arc<str>>) -> Self {
        Self { provider: ProviderName(provider.into()), alias: None }
    }

    /// As expressions name it: `openstack` or `openstack.west`.
    pub fn local(&self) -> String {
        match &self.alias {
            Some(alias) => format!("{}.{alias}", self.provider),
            None => self.provider.to_string(),
        }
    }
}

/// As state files record it: `provider["…"]` with the alias behind a dot.
impl fmt::Display for ProviderConfigAddr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "provider[\"{}\"]", self.provider.source())?;
        match &self.alias {
            Some(alias) => write!(formatter, ".{alias}"),
            None => Ok(()),
        }
    }
}

impl FromStr for ProviderConfigAddr {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || AddressError::new(text, "is not the address of a provider");
        let rest = text.strip_prefix("provider[\"").ok_or_else(malformed)?;
        let (source, rest) = rest.split_once("\"]").ok_or_else(malformed)?;
        let name = source.rsplit('/').next().unwrap_or(source);
        let alias = match rest.strip_prefix('.') {
            Some(alias) if !alias.is_empty() => Some(Arc::from(alias)),
            None if rest.is_empty() => None,
            _ => return Err(malformed()),
        };
        Ok(Self { provider: ProviderName(Arc::from(name)), alias })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_and_reads_what_state_files_hold() {
        for text in [
            "provider[\"terraform.io/builtin/terraform\"]",
            "provider[\"snapform.dev/snapform/openstack\"].west",
        ] {
            let address: ProviderConfigAddr = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
        }
        assert!("openstack".parse::<ProviderConfigAddr>().is_err());
    }
}
