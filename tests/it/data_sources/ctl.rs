//! Data types of `ctl`.
