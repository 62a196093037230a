//! The recorded expressions.
