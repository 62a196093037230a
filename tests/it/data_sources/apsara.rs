//! Data types of `apsara`.
