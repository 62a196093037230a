//! Requests and answers as data.

use std::fmt;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::sdk::{ErrorKind, ProviderError};
use crate::text::one_line;

use super::Url;

/// Characters of a body that an excerpt may come from.
const MOST_EXCERPTED: usize = 4_000;
/// Most characters of an answer that a message quotes.
const LONGEST_EXCERPT: usize = 500;

/// Headers that hold the id of a request: the vendors' own, then those of usual gateways.
const REQUEST_IDS: [&str; 8] = [
    "x-openstack-request-id",
    "x-compute-request-id",
    "x-ca-request-id",
    "x-acs-request-id",
    "x-request-id",
    "x-correlation-id",
    "x-amzn-requestid",
    "cf-ray",
];

/// Most bytes of a vendor's answer.
const LONGEST_BODY: usize = 32 * 1024 * 1024;

/// Most bytes that the parts of an answer may take beside its texts: a hundred times what the longest
/// pages of vendors do.
const LARGEST_CONTENT: usize = 64 * 1024 * 1024;

/// Method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Creates, or whatever the vendor likes.
    Post,
    /// Replaces.
    Put,
    /// Changes parts.
    Patch,
    /// Deletes.
    Delete,
    /// Reads headers only.
    Head,
    /// Asks what is possible.
    Options,
    /// Takes a lock (`WebDAV`).
    Lock,
    /// Gives a lock back (`WebDAV`).
    Unlock,
}

impl Method {
    /// As it stands on the request line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Lock => "LOCK",
            Self::Unlock => "UNLOCK",
        }
    }

    /// From the request line.
    pub fn from_name(name: &str) -> Option<Self> {
        use Method::{Delete, Get, Head, Lock, Options, Patch, Post, Put, Unlock};
        [Get, Post, Put, Patch, Delete, Head, Options, Lock, Unlock]
            .into_iter()
            .find(|method| method.as_str() == name)
    }
}

/// A request, complete with the bytes that are sent and signed.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The whole address.
    pub url: Url,
    /// Headers in order; names in any case.
    pub headers: Vec<(String, String)>,
    /// The bytes of the body.
    pub body: Vec<u8>,
}

/// Hides headers and body: either may hold credentials.
impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.method.as_str(), self.url.path())
    }
}

impl Request {
    /// A request without headers and body. A malformed address is a refused setting.
    pub fn new(method: Method, url: &str) -> Result<Self, ProviderError> {
        let url = Url::parse(url).map_err(|error| {
            ProviderError::new(
                ErrorKind::Refused,
                method.as_str(),
                format!("The address of the endpoint is not usable: {error}."),
            )
        })?;
        Ok(Self { method, url, headers: Vec::new(), body: Vec::new() })
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.url.query_pairs_mut().append_pair(name, value);
        self
    }

    /// Sets a JSON body with its content type.
    #[must_use]
    pub fn json(mut self, body: &impl Serialize) -> Self {
        self.body = serde_json::to_vec(body).unwrap_or_default();
        self.header("Content-Type", "application/json")
    }

    /// Sets the body's bytes.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// The first value of a header, whatever the case of its name.
    pub fn header_value(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }

    /// The host and, unless it is the scheme's own, the port: the `Host` header. A header set by
    /// the caller wins, so that an emulator sees what was signed.
    pub fn host(&self) -> String {
        if let Some(host) = self.header_value("host") {
            return host.to_owned();
        }
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// The path, percent-encoded as sent.
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// The first decoded value of a query parameter.
    pub fn query_value(&self, name: &str) -> Option<String> {
        self.url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
    }

    /// The decoded pairs of a form body.
    pub fn form_pairs(&self) -> Vec<(String, String)> {
        form_pairs(&self.body)
    }

    /// The body as JSON.
    pub fn json_body<T: DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.body)
    }
}

/// An answer.
#[derive(Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// Headers in order; names in any case.
    pub headers: Vec<(String, String)>,
    /// The bytes of the body.
    pub body: Vec<u8>,
}

/// Hides headers and body: either may hold a token.
impl fmt::Debug for Response {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "HTTP {} with {} bytes", self.status, self.body.len())
    }
}

impl Response {
    /// An answer without headers and body.
    pub fn new(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Vec::new() }
    }

    /// An answer with a JSON body and its content type.
    pub fn json(status: u16, body: &impl Serialize) -> Self {
        let mut response = Self::new(status).header("Content-Type", "application/json");
        response.body = serde_json::to_vec(body).unwrap_or_default();
        response
    }

    /// Adds a header.
    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The first value of a header, whatever the case of its name.
    pub fn header_value(&self, name: &str) -> Option<&str> {
        find_header(&self.headers, name)
    }

    /// The id by which the vendor, or what stands in front of it, knows the request.
    pub fn request_id(&self) -> Option<&str> {
        REQUEST_IDS.iter().find_map(|name| self.header_value(name)).filter(|id| !id.is_empty())
    }

    /// Tells whether the status is one of 200 to 299.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The body as text, for messages: control characters gone, of a page only its words, at most 500
    /// characters.
    pub fn excerpt(&self) -> String {
        // No character has more than four bytes.
        let beginning = self.body.get(..4 * MOST_EXCERPTED).unwrap_or(&self.body);
        let text = String::from_utf8_lossy(beginning);
        let words =
            if text.trim_start().starts_with('<') { words_of_page(&text) } else { text.into() };
        one_line(&words, LONGEST_EXCERPT).trim().to_owned()
    }

    /// Tells whether the body may be read as JSON: its texts are copied more than once, and some bytes
    /// of it may become objects of many times their size.
    pub(super) fn fits_memory(&self) -> bool {
        let parts = self.body.iter().map(|byte| match byte {
            b'{' => 512,
            b'[' | b',' => 48,
            _ => 0,
        });
        self.body.len() <= LONGEST_BODY && parts.sum::<usize>() <= LARGEST_CONTENT
    }

    /// The body as a structure; on failure an error that names the place in the JSON.
    pub fn parse<T: DeserializeOwned>(&self, operation: &str) -> Result<T, ProviderError> {
        let mut deserializer = serde_json::Deserializer::from_slice(&self.body);
        serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
            ProviderError::new(
                ErrorKind::Answer,
                operation,
                format!(
                    "The answer does not have the documented shape at `{}`: {}.",
                    one_line(&error.path().to_string(), LONGEST_EXCERPT),
                    one_line(&error.inner().to_string(), LONGEST_EXCERPT)
                ),
            )
            .answered(self)
        })
    }
}

fn find_header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers
        .iter()
        .find(|(candidate, _)| candidate.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.as_str())
}

/// What a page says, without its markup.
fn words_of_page(text: &str) -> String {
    let mut in_tag = false;
    let visible = text.chars().map(|character| {
        in_tag = character == '<' || in_tag && character != '>';
        // Where a tag was, words are apart.
        if in_tag || character == '>' { ' ' } else { character }
    });
    visible.collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Decodes a form body; `+` is a blank.
pub(super) fn form_pairs(body: &[u8]) -> Vec<(String, String)> {
    let Ok(mut url) = Url::parse("http://form.invalid/") else { return Vec::new() };
    url.set_query(Some(&String::from_utf8_lossy(body)));
    url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// Encodes pairs as a form body.
pub fn form_encode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let Ok(mut url) = Url::parse("http://form.invalid/") else { return String::new() };
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap_or_default().to_owned()
}

/// Percent-encodes all but the unreserved characters of RFC 3986.
pub fn percent_encode(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::with_capacity(text.len()), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_page_only_its_words_are_told() {
        let excerpt = |body: &str| Response { body: body.into(), ..Response::new(504) }.excerpt();
        assert_eq!(excerpt("<html>\n<h1>504</h1><hr><p>nginx</p></html>"), "504 nginx");
        assert_eq!(excerpt("  a < b\u{1b}[2J > c "), "a < b [2J > c");
        assert_eq!(excerpt(&format!("<p>{}", "x".repeat(9_000))).len(), 500);
    }

    #[test]
    fn forms_round_trip() {
        let body = form_encode([("a", "x y"), ("b", "ü&=+")]);
        assert_eq!(body, "a=x+y&b=%C3%BC%26%3D%2B");
        let request = Request::new(Method::Post, "http://h/").unwrap().body(body);
        let pairs = request.form_pairs();
        assert_eq!(pairs[1], ("b".to_owned(), "ü&=+".to_owned()));
    }

    #[test]
    fn percent_encoding_follows_rfc_3986() {
        assert_eq!(percent_encode("a b*~/ü"), "a%20b%2A~%2F%C3%BC");
    }

    #[test]
    fn what_is_quoted_of_an_answer_is_short_and_steers_nothing() {
        let hostile = format!("{{\"size\": \"\\u001b[2J{}\"}}", "x".repeat(100_000));
        let answers = [hostile, "[".repeat(1_000_000), "{\"size\":".repeat(200_000)];
        for answer in answers {
            let mut response = Response::new(200);
            response.body = answer.into_bytes();
            let parsed = response.parse::<std::collections::BTreeMap<String, u64>>("read");
            let error = parsed.unwrap_err();
            assert_eq!(error.kind, ErrorKind::Answer);
            assert!(error.message.len() < 1200, "{}", error.message.len());
            assert!(!error.message.contains('\u{1b}'), "{}", error.message);
            assert!(response.excerpt().chars().count() <= LONGEST_EXCERPT);
        }
    }

    #[test]
    fn an_answer_of_too_many_parts_is_not_read() {
        let fits = |body: String| {
            let mut response = Response::new(200);
            response.body = body.into_bytes();
            response.fits_memory()
        };
        // A page of a thousand entries with fifty tags each, and a megabyte of text.
        assert!(fits("{\"k\":1,\"v\":2},".repeat(50_000)) && fits("x".repeat(1 << 20)));
        assert!(!fits("{},".repeat(1_000_000)) && !fits("0,".repeat(2_000_000)));
        assert!(!fits("x".repeat(40 << 20)));
    }

    #[test]
    fn debug_output_holds_no_credentials() {
        let request = Request::new(Method::Get, "http://h/p?token=abc")
            .unwrap()
            .header("Authorization", "Bearer abc");
        assert!(!format!("{request:?}").contains("abc"));
    }
}
