//! The one form of URL that plugins may ask for: strict, so that nothing is read two ways.

use std::net::{Ipv4Addr, Ipv6Addr};

/// Where a request goes. The transport gets these parts and never the URL's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// `http` instead of `https`.
    pub cleartext: bool,
    /// Lower-case name, dotted IPv4, or IPv6 without its brackets.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Path and query, beginning with `/`.
    pub path: String,
}

impl Target {
    /// Reads an absolute URL. No user, no fragment, no escaped or unusual host.
    pub fn parse(text: &str) -> Option<Self> {
        let (cleartext, rest) = match text.split_once("://")? {
            ("https", rest) => (false, rest),
            ("http", rest) => (true, rest),
            _ => return None,
        };
        let at = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(at);
        let (host, port) = authority_parts(authority)?;
        let port = match port {
            Some(digits) => digits.parse().ok().filter(|port| *port != 0)?,
            None if cleartext => 80,
            None => 443,
        };
        let path = match path {
            "" => "/".to_owned(),
            path if path.starts_with('/') => path.to_owned(),
            query => format!("/{query}"),
        };
        let plain = |c: u8| c.is_ascii_graphic() && !matches!(c, b'#' | b'\\' | b'"' | b'<' | b'>');
        (path.len() <= 4_096 && path.bytes().all(plain)).then_some(Self {
            cleartext,
            host,
            port,
            path,
        })
    }
}

fn authority_parts(text: &str) -> Option<(String, Option<&str>)> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, after) = rest.split_once(']')?;
        let address: Ipv6Addr = address.parse().ok()?;
        let port = if after.is_empty() { None } else { Some(after.strip_prefix(':')?) };
        return Some((address.to_string(), port));
    }
    let (host, port) = match text.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    if port.is_some_and(|port| !port.bytes().all(|c| c.is_ascii_digit())) {
        return None;
    }
    let host = host.to_ascii_lowercase();
    (is_name(&host) || host.parse::<Ipv4Addr>().is_ok()).then_some((host, port))
}

/// A DNS name whose last label is no number: `127.1` and `0x7f.1` are names to nobody but a resolver.
fn is_name(host: &str) -> bool {
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(plain)
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    let last = host.rsplit('.').next().unwrap_or_default();
    host.len() <= 253
        && host.split('.').all(label)
        && last.starts_with(|c: char| c.is_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_urls_are_read() {
        let target = Target::parse("https://GED.example.fr:8443/a/b?c=d").unwrap();
        assert_eq!((target.host.as_str(), target.port), ("ged.example.fr", 8443));
        assert_eq!(target.path, "/a/b?c=d");
        assert_eq!(Target::parse("http://[::1]").unwrap().host, "::1");
        assert_eq!(Target::parse("https://a.fr?x").unwrap().path, "/?x");
    }

    #[test]
    fn what_could_be_read_two_ways_is_refused() {
        for bad in [
            "https://user@a.fr/",
            "https://a.fr@b.fr/",
            "https://a.fr\\@b.fr/",
            "https://a.fr#b",
            "https://127.1/",
            "https://0x7f000001/",
            "https://2130706433/",
            "https://0177.0.0.1/",
            "https://a.fr:0/",
            "https://a.fr:99999/",
            "https://a.fr:+443/",
            "https://a%2efr/",
            "https://a.fr/ b",
            "https://a.fr/\r\nx",
            "https:///x",
            "//a.fr/",
            "file:///etc/passwd",
            "HTTPS://a.fr/",
            "https://[::1",
            "https://[::1]x",
            "https://a..fr/",
            "https://-a.fr/",
            "https://\u{ff41}.fr/",
        ] {
            assert_eq!(Target::parse(bad), None, "{bad}");
        }
    }
}
