//! `ZC2-HMAC-SHA256`, after the vendor's page *Signature Algorithm v2*.

use crate::sdk::auth::{hex, hmac_sha256, sha256_hex};

/// Name of the scheme, in headers and in the string to sign.
pub(super) const METHOD: &str = "ZC2-HMAC-SHA256";

/// The headers that are signed.
pub(super) const SIGNED_HEADERS: &str = "content-type;host";

/// What a signature covers. Action, version and path are not among it.
#[derive(Clone, Copy)]
pub(super) struct Signed<'a> {
    /// `Content-Type` exactly as sent.
    pub(super) content_type: &'a str,
    /// `Host` exactly as sent, with its port where one is there.
    pub(super) host: &'a str,
    /// Unix seconds.
    pub(super) timestamp: &'a str,
    /// The bytes that are sent.
    pub(super) body: &'a [u8],
}

impl Signed<'_> {
    /// The second line is `/` whatever the path is, and the third one, the query, is empty.
    pub(super) fn canonical_request(&self) -> String {
        format!(
            "POST\n/\n\ncontent-type:{}\nhost:{}\n\n{SIGNED_HEADERS}\n{}",
            self.content_type,
            self.host,
            sha256_hex(self.body)
        )
    }

    pub(super) fn string_to_sign(&self) -> String {
        let digest = sha256_hex(self.canonical_request().as_bytes());
        format!("{METHOD}\n{}\n{digest}", self.timestamp)
    }

    pub(super) fn signature(&self, password: &str) -> String {
        hex(&hmac_sha256(password.as_bytes(), self.string_to_sign().as_bytes()))
    }

    /// The whole `Authorization` header.
    pub(super) fn authorization(&self, id: &str, password: &str) -> String {
        let signature = self.signature(password);
        format!("{METHOD} Credential={id}, SignedHeaders={SIGNED_HEADERS}, Signature={signature}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vendors_vectors() {
        let file: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/data/signing-vectors.json")).unwrap();
        let vectors = file["schemes"]["zenlayer-zc2-hmac-sha256"]["vectors"].as_array().unwrap();
        assert_eq!(vectors.len(), 6);
        for vector in vectors {
            let input = |name: &str| vector["input"][name].as_str().unwrap();
            let expect = |name: &str| vector["expect"][name].as_str().unwrap();
            let signed = Signed {
                content_type: input("content_type"),
                host: input("host"),
                timestamp: input("timestamp"),
                body: input("body").as_bytes(),
            };
            let (id, password) = (input("access_key_id"), input("access_key_password"));
            assert_eq!(signed.canonical_request(), expect("canonical_request"));
            assert_eq!(signed.string_to_sign(), expect("string_to_sign"));
            assert_eq!(signed.signature(password), expect("signature"));
            assert_eq!(signed.authorization(id, password), expect("authorization"));
        }
    }
}
