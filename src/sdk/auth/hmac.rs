//! Keyed hashes as vendors' signatures use them.

use ::hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};

/// HMAC-SHA256 of `message`.
pub fn hmac_sha256(key: &[u8], message: &[u8]) -> Vec<u8> {
    keyed::<Hmac<Sha256>>(key, message)
}

/// HMAC-SHA1 of `message`, for the schemes that still ask for it.
pub fn hmac_sha1(key: &[u8], message: &[u8]) -> Vec<u8> {
    keyed::<Hmac<Sha1>>(key, message)
}

/// HMAC takes keys of any length, so the impossible error gives no signature at all.
fn keyed<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Vec<u8> {
    <M as KeyInit>::new_from_slice(key)
        .map(|mut mac| {
            mac.update(message);
            mac.finalize().into_bytes().to_vec()
        })
        .unwrap_or_default()
}

/// SHA-256 in lower-case hexadecimal digits.
pub fn sha256_hex(message: &[u8]) -> String {
    hex(&Sha256::digest(message))
}

/// Hashes what is written through it.
pub struct Sha256Writer<W> {
    inner: W,
    hash: Sha256,
}

impl<W: std::io::Write> Sha256Writer<W> {
    /// A writer in front of `inner`.
    pub fn new(inner: W) -> Self {
        Self { inner, hash: Sha256::new() }
    }

    /// What is behind it, and the SHA-256 of all that was written, in lower-case hexadecimal digits.
    pub fn finish(self) -> (W, String) {
        (self.inner, hex(&self.hash.finalize()))
    }
}

impl<W: std::io::Write> std::io::Write for Sha256Writer<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// MD5, for `Content-MD5` headers.
pub fn md5(message: &[u8]) -> Vec<u8> {
    md5::Md5::digest(message).to_vec()
}

/// Lower-case hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231 test case 2, RFC 2202 test case 2.
    #[test]
    fn published_vectors() {
        let message = b"what do ya want for nothing?";
        assert_eq!(
            hex(&hmac_sha256(b"Jefe", message)),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(hex(&hmac_sha1(b"Jefe", message)), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    }
}
