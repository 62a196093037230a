//! The integration tests: the binary in a sandbox, against the emulators.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod support;

mod actions;
mod backend_block;
mod backends;
mod bad_input;
#[cfg(unix)]
mod bad_input_devices;
mod bad_input_extremes;
#[cfg(all(feature = "s3", feature = "gcs", feature = "azurerm"))]
mod buckets;
mod commands;
mod console;
mod data_sources;
mod determinism;
mod docs;
mod elsewhere;
mod ephemeral;
mod examples;
mod expiry;
mod explain;
mod faces;
mod faults;
mod fmt;
mod foresight;
mod hostile;
mod import;
mod json_files;
mod json_schemas;
mod locks;
mod logging;
mod network;
mod old_files;
mod order;
mod proxies;
mod readme;
mod records;
mod references;
mod saved_plans;
mod scenarios;
mod scope;
mod sealed;
mod served;
mod state_schema;
mod state_trouble;
mod stories;
mod surroundings;
mod terraform_table;
mod tidy;
mod unique;
mod unsettled;
mod validate_json;
mod variables;
mod vendor_trouble;
