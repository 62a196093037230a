//! The proxies that the environment or the system names.
//!
//! In: an address. Out: the proxy that a request to it goes through. What the variables mean is up to
//! the HTTP library, which is asked here beforehand, because it tells nobody where it goes.

use hyper_util::client::proxy::matcher::Matcher;

use super::Url;

/// Names by which this machine is reached from itself.
const LOCAL: [&str; 4] = ["127.0.0.1", "localhost", "[::1]", "::1"];

/// Whether a host is this machine.
pub(super) fn is_local(host: &str) -> bool {
    LOCAL.contains(&host)
}

/// Which proxy stands before which address.
#[derive(Debug)]
pub(super) struct Proxies(Matcher);

impl Default for Proxies {
    fn default() -> Self {
        Self(Matcher::from_system())
    }
}

impl Proxies {
    /// Host and port of the proxy before an address. What is not encrypted is meant for this machine,
    /// and a proxy elsewhere would be shown its credentials: there is none before it then.
    ///
    /// # Errors
    ///
    /// It speaks another protocol than HTTP; the text says so.
    pub(super) fn before(&self, url: &Url) -> Result<Option<String>, String> {
        let destination = url.as_str().parse().ok();
        let Some(proxy) = destination.and_then(|destination| self.0.intercept(&destination)) else {
            return Ok(None);
        };
        let uri = proxy.uri();
        let host = uri.host().unwrap_or_default();
        let shown = uri.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        if uri.scheme_str().is_some_and(|scheme| scheme.starts_with("socks")) {
            return Err(format!("the proxy {shown} speaks SOCKS, which is not supported"));
        }
        Ok((url.scheme() == "https" || is_local(host)).then_some(shown))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn before(proxies: &Proxies, url: &str) -> Option<String> {
        proxies.before(&Url::parse(url).unwrap()).unwrap()
    }

    #[test]
    fn hosts_suffixes_and_networks_are_reached_without_a_proxy() {
        let proxy = "http://user:secret@proxy.example.com:3128";
        let no_proxy = "example.test, .inner.test,10.0.0.0/8,192.0.2.7,::1";
        let proxies = Proxies(Matcher::builder().all(proxy).no(no_proxy).build());
        for url in [
            "https://example.test/",
            "https://api.example.test:8443/v3",
            "https://inner.test/",
            "https://deep.inner.test/",
            "https://10.1.2.3/",
            "https://192.0.2.7/",
            "https://[::1]/",
        ] {
            assert_eq!(before(&proxies, url), None, "{url}");
        }
        for url in ["https://notexample.test/", "https://192.0.2.8/", "https://api.ctl.io/"] {
            let proxy = before(&proxies, url);
            assert_eq!(proxy.as_deref(), Some("proxy.example.com:3128"), "{url}");
        }
        let nobody = Proxies(Matcher::builder().all(proxy).no("*").build());
        assert_eq!(before(&nobody, "https://api.ctl.io/"), None);
    }

    #[test]
    fn what_is_not_encrypted_is_shown_to_no_proxy_elsewhere() {
        let url = "http://127.0.0.1:8080/";
        let by = |proxy: &str| before(&Proxies(Matcher::builder().http(proxy).build()), url);
        assert_eq!(by("http://proxy.example.com:3128"), None);
        assert_eq!(by("localhost:3128").as_deref(), Some("localhost:3128"));
        assert_eq!(by("http://[::1]:3128").as_deref(), Some("[::1]:3128"));
    }

    #[test]
    fn each_scheme_has_its_proxy_and_socks_is_refused() {
        let matcher = Matcher::builder().https("http://a:1").http("http://localhost:2").build();
        let proxies = Proxies(matcher);
        assert_eq!(before(&proxies, "https://localhost/").as_deref(), Some("a:1"));
        assert_eq!(before(&proxies, "http://localhost/").as_deref(), Some("localhost:2"));
        let socks = Proxies(Matcher::builder().all("socks5://user:secret@p:1080").build());
        let told = socks.before(&Url::parse("https://api.ctl.io/").unwrap()).unwrap_err();
        assert!(told.contains("p:1080") && !told.contains("secret"), "{told}");
    }
}
