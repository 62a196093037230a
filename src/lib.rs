//! snapform: a declarative reconciler for snapshots.
//!
//! The module list is the map of the crate, lowest layer first. A module uses its own layer's
//! earlier modules and lower layers, never a higher one.
//!
//! Nouns, pure: [`world`], [`text`], [`diag`], [`addr`], [`value`], [`graph`]. Language, text to
//! meaning: [`syntax`], [`schema`], [`lang`], [`config`]. Vendors: [`sdk`], [`providers`]. Records:
//! [`state`], [`plan`]. Engine: [`engine`]. Faces: [`view`], [`cli`].

pub mod world;

pub mod text;

pub mod diag;

pub mod addr;

pub mod value;

pub mod graph;

pub mod syntax;

pub mod schema;

pub mod lang;

pub mod config;

pub mod sdk;

pub mod providers;

pub mod state;

pub mod plan;

pub mod engine;

pub mod view;

pub mod cli;
