//! snapform: a declarative reconciler for snapshots.
//!
//! The module list is the map of the crate, lowest layer first. A module uses its own layer's
//! earlier modules and lower layers, never a higher one.
//!
//! Nouns: [`world`], [`text`], [`diag`], [`addr`], [`value`].
//!
//! Language: [`syntax`], [`lang`].

pub mod world;

pub mod text;

pub mod diag;

pub mod addr;

pub mod value;

pub mod syntax;

pub mod lang;
