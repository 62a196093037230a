//! What comes out of JSON.
