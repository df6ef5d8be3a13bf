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

    /// Reads what an answer from here refers to: another address, or a part of one (RFC 3986 §5.2).
    ///
    /// # Errors
    /// [`OutboundError`] with [`Fault::BadUrl`].
    pub(crate) fn refer(&self, reference: &str, schemes: Schemes) -> Result<Self, OutboundError> {
        let reference = reference.split('#').next().unwrap_or_default();
        if has_scheme(reference) {
            return Self::parse(reference, schemes);
        }
        let scheme = if self.tls { "https" } else { "http" };
        match reference.starts_with("//") {
            true => Self::parse(&format!("{scheme}:{reference}"), schemes),
            false => {
                let path = merged(&self.path, reference);
                Self::parse(&format!("{scheme}://{}{path}", self.authority()), schemes)
            }
        }
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

/// RFC 3986 §3.1.
fn has_scheme(reference: &str) -> bool {
    reference.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    })
}

/// Path and query of a reference without an authority, from a base of the same form (RFC 3986 §5.2.2).
fn merged(base: &str, reference: &str) -> String {
    let base_path = base.split('?').next().unwrap_or_default();
    let (path, query) = match reference.split_once('?') {
        Some((path, query)) => (path, format!("?{query}")),
        None => (reference, String::new()),
    };
    match path {
        "" if query.is_empty() => base.to_owned(),
        "" => format!("{base_path}{query}"),
        _ if path.starts_with('/') => without_dots(path) + &query,
        _ => {
            let folder = base_path.rfind('/').map_or("/", |end| &base_path[..=end]);
            without_dots(&format!("{folder}{path}")) + &query
        }
    }
}

/// RFC 3986 §5.2.4, of a path that begins with `/`.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut parts = path.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        let dots = matches!(part, "." | "..");
        if part == ".." {
            kept.pop();
        }
        match (dots, parts.peek()) {
            (false, _) => kept.push(part),
            // A folder stays one.
            (true, None) => kept.push(""),
            (true, Some(_)) => {}
        }
    }
    format!("/{}", kept.join("/"))
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

    /// The examples of RFC 3986 §5.4, and what they would have over a base of ours.
    #[test]
    fn references_lead_from_their_base() {
        let base = parse("http://a:81/b/c/d;p?q").unwrap();
        for (reference, expected) in [
            ("http://x.fr/y", "http://x.fr/y"),
            ("g", "http://a:81/b/c/g"),
            ("./g", "http://a:81/b/c/g"),
            ("g/", "http://a:81/b/c/g/"),
            ("/g", "http://a:81/g"),
            ("//g", "http://g/"),
            ("//g:82/h", "http://g:82/h"),
            ("?y", "http://a:81/b/c/d;p?y"),
            ("g?y", "http://a:81/b/c/g?y"),
            ("#s", "http://a:81/b/c/d;p?q"),
            ("g#s", "http://a:81/b/c/g"),
            ("g;x=1/../y", "http://a:81/b/c/y"),
            (";x", "http://a:81/b/c/;x"),
            ("", "http://a:81/b/c/d;p?q"),
            (".", "http://a:81/b/c/"),
            ("..", "http://a:81/b/"),
            ("../g", "http://a:81/b/g"),
            ("../..", "http://a:81/"),
            ("../../../../g", "http://a:81/g"),
            ("/./g", "http://a:81/g"),
            ("g.", "http://a:81/b/c/g."),
            ("..g", "http://a:81/b/c/..g"),
            ("g?y/../x", "http://a:81/b/c/g?y/../x"),
            ("g?u=http://x", "http://a:81/b/c/g?u=http://x"),
        ] {
            let target = base.refer(reference, Schemes::Http).unwrap();
            assert_eq!(target.to_string(), expected, "{reference}");
        }
        let sure = parse("https://[::1]:8443/a").unwrap();
        let target = sure.refer("b", Schemes::HttpAndHttps).unwrap();
        assert_eq!(target.to_string(), "https://[::1]:8443/b");
    }

    #[test]
    fn a_reference_is_judged_as_an_address_is() {
        let base = parse("http://a.fr/").unwrap();
        for bad in ["file:///etc/passwd", "//u:p@b.fr/", "/a b", "https://a.fr/"] {
            let error = base.refer(bad, Schemes::Http).unwrap_err();
            assert!(matches!(error.fault, Fault::BadUrl(_)), "{bad}: {error}");
        }
        let long = format!("/{}", "x".repeat(MAX_URL));
        assert!(base.refer(&long, Schemes::Http).is_err());
    }

    #[test]
    fn a_password_is_not_told() {
        assert_eq!(told("http://u:secret@a.fr/x@y"), "http://…@y");
        assert_eq!(told("http://a.fr/"), "http://a.fr/");
        assert_eq!(told(&"é".repeat(500)).chars().count(), TOLD);
    }
}
