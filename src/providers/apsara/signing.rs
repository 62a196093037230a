//! The three signatures, after the vendor's pages *Request signatures* (API Gateway), *V3 request
//! signature* and *RPC signature*. Client and emulator share them; the vendor's vectors check them.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::sdk::auth::{hex, hmac_sha1, hmac_sha256, sha256_hex};
use crate::sdk::http::percent_encode;

/// Decoded parameters; the map's order, bytewise by name, is the one all three schemes ask for.
pub(super) type Parameters = BTreeMap<String, String>;

/// Name of the scheme of `acs3`.
pub(super) const ACS3: &str = "ACS3-HMAC-SHA256";

/// What an `X-Ca-Signature` covers.
pub(super) struct GatewaySigned<'a> {
    pub(super) method: &'a str,
    pub(super) accept: &'a str,
    pub(super) content_md5: &'a str,
    pub(super) content_type: &'a str,
    pub(super) date: &'a str,
    /// Spelled as in `X-Ca-Signature-Headers`.
    pub(super) headers: BTreeMap<&'a str, &'a str>,
    pub(super) path: &'a str,
    /// Query and form together.
    pub(super) parameters: &'a Parameters,
}

impl GatewaySigned<'_> {
    /// Values are not percent-encoded, and an empty one leaves the bare name.
    pub(super) fn string_to_sign(&self) -> String {
        let Self { method, accept, content_md5, content_type, date, path, .. } = self;
        let mut text = format!("{method}\n{accept}\n{content_md5}\n{content_type}\n{date}\n");
        for (name, value) in &self.headers {
            text.extend([*name, ":", *value, "\n"]);
        }
        text.push_str(path);
        for (index, (name, value)) in self.parameters.iter().enumerate() {
            text.push(if index == 0 { '?' } else { '&' });
            text.push_str(name);
            if !value.is_empty() {
                text.push('=');
                text.push_str(value);
            }
        }
        text
    }

    pub(super) fn signature(&self, secret: &str) -> String {
        STANDARD.encode(hmac_sha256(secret.as_bytes(), self.string_to_sign().as_bytes()))
    }
}

/// Encoded parameters as `acs3` and `rpc` sign them; an empty value keeps its `=`.
pub(super) fn canonical_query(parameters: &Parameters) -> String {
    let pairs = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// What an `ACS3-HMAC-SHA256` signature covers.
pub(super) struct Acs3Signed<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a Parameters,
    /// By lower-case name.
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: &'a [u8],
}

impl Acs3Signed<'_> {
    pub(super) fn canonical_request(&self) -> String {
        let mut headers = String::new();
        for (name, value) in &self.headers {
            headers.extend([name, ":", value.trim(), "\n"]);
        }
        format!(
            "{}\n{}\n{}\n{headers}\n{}\n{}",
            self.method,
            self.path,
            canonical_query(self.query),
            self.header_names(),
            sha256_hex(self.body)
        )
    }

    pub(super) fn string_to_sign(&self) -> String {
        format!("{ACS3}\n{}", sha256_hex(self.canonical_request().as_bytes()))
    }

    pub(super) fn signature(&self, secret: &str) -> String {
        hex(&hmac_sha256(secret.as_bytes(), self.string_to_sign().as_bytes()))
    }

    /// The whole `Authorization` header; no blanks after the commas.
    pub(super) fn authorization(&self, id: &str, secret: &str) -> String {
        format!(
            "{ACS3} Credential={id},SignedHeaders={},Signature={}",
            self.header_names(),
            self.signature(secret)
        )
    }

    fn header_names(&self) -> String {
        self.headers.keys().map(String::as_str).collect::<Vec<_>>().join(";")
    }
}

/// What the parameter `Signature` of `rpc` covers: everything but itself.
pub(super) fn rpc_string_to_sign(method: &str, parameters: &Parameters) -> String {
    format!("{method}&%2F&{}", percent_encode(&canonical_query(parameters)))
}

/// The parameter `Signature` of `rpc`, not yet percent-encoded.
pub(super) fn rpc_signature(method: &str, parameters: &Parameters, secret: &str) -> String {
    let text = rpc_string_to_sign(method, parameters);
    STANDARD.encode(hmac_sha1(format!("{secret}&").as_bytes(), text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vectors(scheme: &str) -> Vec<serde_json::Value> {
        let file: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/data/signing-vectors.json")).unwrap();
        file["schemes"][scheme]["vectors"].as_array().unwrap().clone()
    }

    fn text<'a>(json: &'a serde_json::Value, name: &str) -> &'a str {
        json[name].as_str().unwrap_or_default()
    }

    fn pairs(json: &serde_json::Value) -> Parameters {
        serde_json::from_value(json.clone()).unwrap()
    }

    #[test]
    fn the_vendors_gateway_vectors() {
        let vectors = vectors("aliyun-apigw-x-ca-hmac-sha256");
        assert!(vectors.len() >= 6);
        for vector in &vectors {
            let (input, expect) = (&vector["input"], &vector["expect"]);
            let headers = pairs(&input["headers"]);
            let header = |name: &str| headers.get(name).map_or("", String::as_str);
            let mut parameters = pairs(&input["query"]);
            parameters.extend(pairs(&input["form"]));
            let signed = GatewaySigned {
                method: text(input, "method"),
                accept: header("Accept"),
                content_md5: header("Content-MD5"),
                content_type: header("Content-Type"),
                date: header("Date"),
                headers: text(input, "signed_headers")
                    .split(',')
                    .map(|name| {
                        let mut all = headers.iter();
                        let value = all.find(|(other, _)| other.eq_ignore_ascii_case(name));
                        (name, value.map_or("", |(_, value)| value.as_str()))
                    })
                    .collect(),
                path: text(input, "path"),
                parameters: &parameters,
            };
            let name = text(vector, "name");
            assert_eq!(signed.string_to_sign(), text(expect, "string_to_sign"), "{name}");
            let secret = text(input, "app_secret");
            assert_eq!(signed.signature(secret), text(expect, "signature"), "{name}");
        }
    }

    #[test]
    fn the_vendors_acs3_vectors() {
        let vectors = vectors("aliyun-acs3-hmac-sha256");
        assert!(vectors.len() >= 6);
        for vector in &vectors {
            let (input, expect) = (&vector["input"], &vector["expect"]);
            let query = pairs(&input["query"]);
            let headers = pairs(&input["headers"]);
            let signed = Acs3Signed {
                method: text(input, "method"),
                path: text(input, "path"),
                query: &query,
                headers: headers
                    .into_iter()
                    .map(|(name, value)| (name.to_lowercase(), value))
                    .collect(),
                body: text(input, "body").as_bytes(),
            };
            assert_eq!(canonical_query(&query), text(expect, "canonical_query"));
            assert_eq!(signed.canonical_request(), text(expect, "canonical_request"));
            assert_eq!(signed.string_to_sign(), text(expect, "string_to_sign"));
            let (id, secret) = (text(input, "access_key_id"), text(input, "access_key_secret"));
            assert_eq!(signed.authorization(id, secret), text(expect, "authorization"));
        }
    }

    #[test]
    fn the_vendors_rpc_vectors() {
        let vectors = vectors("aliyun-rpc-hmac-sha1");
        assert!(vectors.len() >= 6);
        for vector in &vectors {
            let (input, expect) = (&vector["input"], &vector["expect"]);
            let parameters = pairs(&input["params"]);
            let method = text(input, "method");
            assert_eq!(rpc_string_to_sign(method, &parameters), text(expect, "string_to_sign"));
            let secret = text(input, "access_key_secret");
            assert_eq!(rpc_signature(method, &parameters, secret), text(expect, "signature"));
        }
    }
}
