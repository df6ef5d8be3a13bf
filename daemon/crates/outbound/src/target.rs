//! Where a request goes.

use std::fmt;

use hyper::Uri;

use crate::error::{Fault, OutboundError};

/// Longest address that is used, in bytes.
pub const MAX_URL: usize = 2048;

/// Most characters of an address that are told in an error.
const TOLD: usize = 200;

/// Which schemes are spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schemes {
    /// http only: an address that needs TLS needs a certificate that needs an address (RFC 5280 §8).
    Http,
    /// http and https.
    HttpAndHttps,
}

/// The parts of an address: a request is made of these and never of its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// https instead of http.
    pub tls: bool,
    /// A name, a dotted IPv4 address, or an IPv6 address without its brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Path and query, beginning with `/`.
    pub path: String,
}

impl Target {
    /// Reads an absolute address of at most [`MAX_URL`] bytes.
    ///
    /// # Errors
    /// [`OutboundError`] with [`Fault::BadUrl`].
    pub fn parse(url: &str, schemes: Schemes) -> Result<Self, OutboundError> {
        read(url, schemes).map_err(|fault| OutboundError { url: told(url), fault })
    }

    /// Host and port as the header `Host` has them (RFC 9110 §7.2).
    pub(crate) fn authority(&self) -> String {
        let name = match self.host.contains(':') {
            true => format!("[{}]", self.host),
            false => self.host.clone(),
        };
        match self.port == usual_port(self.tls) {
            true => name,
            false => format!("{name}:{}", self.port),
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}

fn read(url: &str, schemes: Schemes) -> Result<Target, Fault> {
    if url.len() > MAX_URL {
        return Err(Fault::BadUrl("it is too long"));
    }
    let uri: Uri = url.parse().map_err(|_| Fault::BadUrl("it is not a URL"))?;
    let authority = uri.authority().ok_or(Fault::BadUrl("it names no host"))?;
    if authority.as_str().contains('@') {
        return Err(Fault::BadUrl("it holds a user name or password"));
    }
    let tls = match (uri.scheme_str(), schemes) {
        (Some("http"), _) => false,
        (Some("https"), Schemes::HttpAndHttps) => true,
        (_, Schemes::Http) => return Err(Fault::BadUrl("only http is spoken")),
        _ => return Err(Fault::BadUrl("only http and https are spoken")),
    };
    let host = authority.host().trim_start_matches('[').trim_end_matches(']').to_owned();
    let port = authority.port_u16().unwrap_or(usual_port(tls));
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    Ok(Target { tls, host, port, path })
}

fn usual_port(tls: bool) -> u16 {
    if tls { 443 } else { 80 }
}

/// An address as it may be told: cut, and without what stands before an `@`, for a password never
/// reaches a log.
pub(crate) fn told(url: &str) -> String {
    let bare = match (url.find("://"), url.rfind('@')) {
        (Some(scheme), Some(at)) if scheme + 3 <= at => {
            format!("{}…{}", &url[..scheme + 3], &url[at..])
        }
        _ => url.to_owned(),
    };
    bare.chars().take(TOLD).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn parse(url: &str) -> Result<Target, Fault> {
        read(url, Schemes::HttpAndHttps)
    }

    #[test]
    fn an_address_is_its_parts() {
        let target = parse("https://tsa.example:8443/a/b?c=d").unwrap();
        assert!(target.tls);
        assert_eq!((target.host.as_str(), target.port), ("tsa.example", 8443));
        assert_eq!(target.path, "/a/b?c=d");
        assert_eq!(target.to_string(), "https://tsa.example:8443/a/b?c=d");
        let target = parse("http://[::1]?x").unwrap();
        assert_eq!((target.host.as_str(), target.port), ("::1", 80));
        assert_eq!((target.authority().as_str(), target.path.as_str()), ("[::1]", "/?x"));
        assert_eq!(parse("https://a.fr").unwrap().port, 443);
    }

    #[test]
    fn what_cannot_be_asked_is_refused() {
        for bad in ["tsa", "/etc/passwd", "file:///etc/passwd", "ftp://a.fr/", "http://", "//a.fr"]
        {
            assert!(matches!(parse(bad), Err(Fault::BadUrl(_))), "{bad}");
        }
        assert!(matches!(parse("http://u:p@a.fr/"), Err(Fault::BadUrl(_))));
        let long = format!("http://a.fr/{}", "x".repeat(MAX_URL));
        assert!(matches!(parse(&long), Err(Fault::BadUrl("it is too long"))));
        let tls = read("https://a.fr/", Schemes::Http);
        assert!(matches!(tls, Err(Fault::BadUrl("only http is spoken"))));
    }

    #[test]
    fn a_password_is_not_told() {
        assert_eq!(told("http://u:secret@a.fr/x@y"), "http://…@y");
        assert_eq!(told("http://a.fr/"), "http://a.fr/");
        assert_eq!(told(&"é".repeat(500)).chars().count(), TOLD);
    }
}
