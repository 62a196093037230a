//! The declarations a plan was made from.

use serde::Serialize;

use crate::config::Config;
use crate::engine::Catalog;

#[derive(Serialize)]
pub(super) struct ConfigurationDocument<'a> {
    root_module: std::collections::BTreeMap<&'a str, ()>,
}

pub(super) fn configuration<'a>(
    config: &'a Config,
    catalog: &'a Catalog,
) -> ConfigurationDocument<'a> {
    let _ = (config, catalog);
    ConfigurationDocument { root_module: std::collections::BTreeMap::new() }
}
