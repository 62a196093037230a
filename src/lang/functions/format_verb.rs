//! Verbs of format texts.
