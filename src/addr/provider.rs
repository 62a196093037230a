//! Providers and their configurations.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{AddressError, ModulePath, Target};

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

/// One configuration of a provider as expressions of its module name it: `openstack` or
/// `openstack.west`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LocalProvider {
    /// The provider.
    pub provider: ProviderName,
    /// The alias, for all but the default configuration.
    pub alias: Option<Arc<str>>,
}

impl LocalProvider {
    /// The configuration without an alias.
    pub fn default_of(provider: impl Into<Arc<str>>) -> Self {
        Self { provider: ProviderName(provider.into()), alias: None }
    }
}

impl fmt::Display for LocalProvider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.alias {
            Some(alias) => write!(formatter, "{}.{alias}", self.provider),
            None => self.provider.fmt(formatter),
        }
    }
}

/// One configuration of a provider, with the module in which its block stands or could stand.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderConfigAddr {
    /// The module; the root nearly always.
    pub module: ModulePath,
    /// The configuration in that module.
    pub local: LocalProvider,
}

impl ProviderConfigAddr {
    /// The root module's configuration without an alias.
    pub fn default_of(provider: impl Into<Arc<str>>) -> Self {
        Self { module: ModulePath::root(), local: LocalProvider::default_of(provider) }
    }

    /// The provider's name.
    pub fn provider(&self) -> &str {
        &self.local.provider.0
    }
}

/// As state files record it: `provider["…"]` with the module before and the alias behind a dot.
impl fmt::Display for ProviderConfigAddr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.module.is_root() {
            write!(formatter, "{}.", self.module)?;
        }
        write!(formatter, "provider[\"{}\"]", self.local.provider.source())?;
        match &self.local.alias {
            Some(alias) => write!(formatter, ".{alias}"),
            None => Ok(()),
        }
    }
}

impl FromStr for ProviderConfigAddr {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let malformed = || AddressError::new(text, "is not the address of a provider");
        let start = text.find("provider[\"").ok_or_else(malformed)?;
        let (module, rest) = text.split_at(start);
        let module = match module.strip_suffix('.') {
            None if module.is_empty() => ModulePath::root(),
            None => return Err(malformed()),
            Some(module) => match module.parse::<Target>()? {
                Target::Module(module) => module.path(),
                _ => return Err(malformed()),
            },
        };
        let rest = rest.strip_prefix("provider[\"").ok_or_else(malformed)?;
        let (source, rest) = rest.split_once("\"]").ok_or_else(malformed)?;
        let name = source.rsplit('/').next().unwrap_or(source);
        let alias = match rest.strip_prefix('.') {
            Some(alias) if !alias.is_empty() => Some(Arc::from(alias)),
            None if rest.is_empty() => None,
            _ => return Err(malformed()),
        };
        let provider = ProviderName(Arc::from(name));
        Ok(Self { module, local: LocalProvider { provider, alias } })
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
            "module.a.module.b.provider[\"snapform.dev/snapform/ctl\"]",
        ] {
            let address: ProviderConfigAddr = text.parse().unwrap();
            assert_eq!(address.to_string(), text);
        }
        assert!("openstack".parse::<ProviderConfigAddr>().is_err());
    }
}
