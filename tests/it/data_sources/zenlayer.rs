//! Data types of `zenlayer`.
