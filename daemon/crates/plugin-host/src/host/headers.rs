//! Headers that a plugin may send: none that ends its line, none that the transport owns.

/// Most headers of one request.
const MOST: usize = 64;
/// Longest value, in bytes.
const LONGEST: usize = 8_192;
/// What frames the message or chooses the connection is the transport's.
const OWNED: &[&str] = &[
    "host",
    "content-length",
    "transfer-encoding",
    "connection",
    "keep-alive",
    "upgrade",
    "te",
    "trailer",
    "expect",
    "proxy-authorization",
    "proxy-connection",
    "http2-settings",
    "forwarded",
];

/// What chooses the form of an answer is the transport's too where a secret is filled in: only a whole
/// answer, in its own bytes, can be searched for the secret.
const OWNED_BESIDE_SECRETS: &[&str] = &["accept-encoding", "range", "if-range"];

/// No headers are more than one request may have, its secrets among them.
pub(super) fn few(headers: usize, secrets: usize) -> Result<(), String> {
    if headers.saturating_add(secrets) > MOST {
        return Err(format!("more than {MOST} headers"));
    }
    Ok(())
}

/// No header lets the answer come in a form that hides a secret.
pub(super) fn plain_answer(headers: &[(String, String)]) -> Result<(), String> {
    let owned = |(name, _): &&(String, String)| OWNED_BESIDE_SECRETS.contains(&name.as_str());
    match headers.iter().find(owned) {
        Some((name, _)) => {
            Err(format!("the header `{name}` is the host's own where a secret is filled in"))
        }
        None => Ok(()),
    }
}

/// The headers in lower case, or where one is not good.
pub(super) fn checked(headers: Vec<(String, String)>) -> Result<Vec<(String, String)>, String> {
    headers.into_iter().map(|(name, value)| one(name, value)).collect()
}

fn one(name: String, value: String) -> Result<(String, String), String> {
    let name = name.to_ascii_lowercase();
    let shown: String = name.chars().filter(|c| c.is_ascii_graphic()).take(40).collect();
    if name.is_empty() || name.len() > 100 || !name.bytes().all(is_token) {
        return Err(format!("the header name `{shown}`"));
    }
    if OWNED.contains(&name.as_str()) || name.starts_with("x-forwarded") {
        return Err(format!("the header `{shown}` is the host's own"));
    }
    if !is_value(&value) {
        return Err(format!("the value of the header `{shown}`"));
    }
    Ok((name, value))
}

/// RFC 9110 §5.6.2.
fn is_token(c: u8) -> bool {
    c.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&c)
}

/// Visible ASCII, blanks and tabs inside: no CR, LF or NUL, nothing beyond ASCII.
pub(super) fn is_value(value: &str) -> bool {
    let plain = |c: u8| c.is_ascii_graphic() || c == b' ' || c == b'\t';
    value.len() <= LONGEST && value.bytes().all(plain) && value.trim() == value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn try_one(name: &str, value: &str) -> Result<Vec<(String, String)>, String> {
        checked(vec![(name.to_owned(), value.to_owned())])
    }

    #[test]
    fn nothing_is_smuggled() {
        assert_eq!(try_one("X-Id", "a b").unwrap(), [("x-id".to_owned(), "a b".to_owned())]);
        for (name, value) in [
            ("x", "a\r\nhost: evil"),
            ("x", "a\nb"),
            ("x", "a\0"),
            ("x\r\ny", "a"),
            ("x:", "a"),
            ("", "a"),
            ("x y", "a"),
            ("Host", "evil"),
            ("Content-Length", "0"),
            ("TE", "trailers"),
            ("Transfer-Encoding", "chunked"),
            ("Connection", "close"),
            ("X-Forwarded-For", "::1"),
            ("x", "é"),
            ("x", " a"),
            ("x", "a\u{85}b"),
        ] {
            assert!(try_one(name, value).is_err(), "{name:?}: {value:?}");
        }
    }
}
