//! What only shows when everything runs together.

mod docs;
