//! `Idempotency-Key`: the caller's own name for a request, so that sending it again makes nothing
//! new (draft-ietf-httpapi-idempotency-key-header).

use axum::http::HeaderMap;
use sceau_engine::core::Idempotency;
use sceau_workflow::machine::{Digest, DocumentRef};
use serde_json::json;

use crate::problem::{Code, Problem};
use crate::submit::Wanted;

/// The header.
const NAME: &str = "idempotency-key";
/// The longest key, in bytes.
const LONGEST: usize = 255;

/// The key, if there is one: visible ASCII, with or without the quotes of a structured field.
pub(crate) fn key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let mut lines = headers.get_all(NAME).iter();
    let Some(line) = lines.next() else { return Ok(None) };
    let malformed = || Problem::new(Code::IdempotencyKeyMalformed);
    let text = line.to_str().map_err(|_| malformed())?.trim();
    let quoted = text.strip_prefix('"').and_then(|text| text.strip_suffix('"'));
    let key = quoted.unwrap_or(text);
    let plain = |byte: u8| byte.is_ascii_graphic() && byte != b'"';
    let good = (1..=LONGEST).contains(&key.len()) && key.bytes().all(plain);
    if good && lines.next().is_none() { Ok(Some(key.to_owned())) } else { Err(malformed()) }
}

/// The key with the digest of all that its request says.
pub(crate) fn of(key: String, wanted: &Wanted, document: &DocumentRef) -> Idempotency {
    // Invariant: objects are written in the order of their keys, so the same request has the same
    // digest.
    let said = json!({
        "document": document,
        "name": wanted.name,
        "parameters": wanted.said(),
        "societe": wanted.societe,
        "title": wanted.title,
        "workflow": wanted.workflow,
    });
    Idempotency { key, request: Digest::of(said.to_string().as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(values: &[&str]) -> Option<Option<String>> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(NAME, value.parse().unwrap());
        }
        key(&headers).ok()
    }

    #[test]
    fn a_key_is_visible_ascii() {
        assert_eq!(read(&[]), Some(None));
        assert_eq!(read(&["une-cle-0001"]), Some(Some("une-cle-0001".to_owned())));
        assert_eq!(read(&["\"8e03978e\""]), Some(Some("8e03978e".to_owned())));
        let long = "x".repeat(256);
        for bad in [&[""][..], &["\"\""], &["a b"], &["a\"b"], &[long.as_str()], &["a", "a"]] {
            assert_eq!(read(bad), None, "{bad:?}");
        }
    }
}
