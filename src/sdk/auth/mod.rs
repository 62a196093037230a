//! Proving who we are: secrets as a type, HMAC signing, tokens that are fetched once.
//!
//! In: credentials. Out: signatures and tokens. It sends nothing itself and knows no vendor.

mod hmac;
mod secret;
mod token;

pub use hmac::{Sha256Writer, hex, hmac_sha1, hmac_sha256, md5, sha256_hex};
pub use secret::Secret;
pub use token::{Token, TokenCache};
