//! Files what was sealed into a document management system: one request with the document as its
//! body, to an address that is made of the dossier's facts; or a file in a folder tree, under a path
//! that is made of them.
//!
//! The same work is tried again with the same `Idempotency-Key`, and `If-None-Match: *` keeps a `PUT`
//! from writing over what lies there: a file that is there already counts as filed.

mod address;
mod tree;

use sceau_plugin::documents::Document;
use sceau_plugin::http::{self, Request, Response};
use sceau_plugin::{AfterSeal, Artifact, Input, Sealed, StepError, clock, context, plugin};
use serde::Deserialize;

use address::{Facts, filled};

/// The largest body that the host sends, in bytes.
const MOST: u64 = 8 << 20;
/// What one `read` gives, in bytes.
const RANGE: u64 = 1 << 20;
/// Time of the request, in milliseconds.
const TIME: u32 = 50_000;

#[derive(Deserialize)]
struct Settings {
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    path: Option<String>,
    #[serde(default = "put")]
    method: String,
    #[serde(default = "authorization")]
    header: String,
    #[serde(default = "bearer")]
    prefix: String,
    #[serde(default)]
    anonymous: bool,
}

fn put() -> String {
    "PUT".to_owned()
}

fn authorization() -> String {
    "Authorization".to_owned()
}

fn bearer() -> String {
    "Bearer ".to_owned()
}

struct Filing;

impl AfterSeal for Filing {
    fn run(input: Input, _sealed: Sealed) -> Result<Vec<Artifact>, StepError> {
        let settings: Settings = input.settings()?;
        let facts = facts(&input);
        let name = facts.name.clone();
        let location = match (&settings.url, &settings.path) {
            (Some(url), None) => sent(&settings, url, &input, &facts)?,
            (None, Some(path)) => tree::filed(path, &input, &facts)?,
            _ => {
                let message = "settings: `url` or `path`, one of them";
                return Err(StepError::misconfigured("settings", message));
            }
        };
        Ok(vec![Artifact { name, location }])
    }
}

fn facts(input: &Input) -> Facts {
    let known = |key| context::get(key).unwrap_or_default();
    Facts {
        societe: known("societe"),
        workflow: known("workflow"),
        folder: known("folder"),
        name: known("file-name"),
        dossier: input.dossier.clone(),
        now_ms: clock::now_ms(),
    }
}

/// Sends the document; where it is then.
fn sent(
    settings: &Settings,
    pattern: &str,
    input: &Input,
    facts: &Facts,
) -> Result<String, StepError> {
    let url = filled(pattern, facts)
        .map_err(|what| StepError::misconfigured("url", format!("settings.url: {what}")))?;
    let request = request(settings, input, &url, bytes(&input.document()?)?);
    judged(&http::send(&request)?, &url)?;
    Ok(url)
}

plugin!(Filing, after_seal);

fn bytes(document: &Document) -> Result<Vec<u8>, StepError> {
    let size = document.size();
    if size > MOST {
        let message = format!("the document has {size} bytes, more than {MOST} that can be sent");
        return Err(StepError::other("too-large", message));
    }
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < size {
        let at = bytes.len() as u64;
        let count = u32::try_from((size - at).min(RANGE)).unwrap_or(u32::MAX);
        bytes.extend(document.read(at, count)?);
    }
    Ok(bytes)
}

fn request(settings: &Settings, input: &Input, url: &str, body: Vec<u8>) -> Request {
    let mut request = Request::new(&settings.method, url)
        .header("Content-Type", "application/pdf")
        .header("Idempotency-Key", &input.idempotency_key)
        .body(body);
    request.timeout_ms = TIME;
    if settings.method == "PUT" {
        request = request.header("If-None-Match", "*");
    }
    match settings.anonymous {
        true => request,
        false => request.secret(&settings.header, &settings.prefix, "ged-token"),
    }
}

/// What the answer means for the step: who can mend it, where it did not go well.
fn judged(response: &Response, url: &str) -> Result<(), StepError> {
    let status = response.status;
    let told = format!("{url} answers {status}");
    match status {
        200..=299 | 412 => Ok(()),
        408 | 425 | 429 | 500..=599 => Err(StepError::retry("unavailable", told)),
        401 | 403 => {
            Err(StepError::misconfigured("refused", format!("{told}: look at its account")))
        }
        404 | 405 | 409 | 300..=399 => {
            Err(StepError::misconfigured("address", format!("{told}: look at settings.url")))
        }
        _ => Err(StepError::other("answer", told)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceau_plugin::testing::{Seen, TestDocument, TestHost};

    fn filed(settings: &str, status: u16) -> (Result<Vec<Artifact>, StepError>, Seen) {
        let host = TestHost::new()
            .document(TestDocument::new("Bilan été.pdf").bytes(vec![b'x'; 1_500_000]))
            .settings(settings)
            .context("societe", "dupont")
            .context("file-name", "Bilan été.pdf")
            .network(move |_| Ok(Response { status, headers: Vec::new(), body: Vec::new() }));
        let sealed = Sealed { sha256: vec![0; 32], level: "B-LTA".to_owned(), sealed_at_ms: 0 };
        host.run(|input| Filing::run(input, sealed))
    }

    const PUT: &str = r#"{ "url": "https://ged.example.fr/{societe}/{year}/{name}" }"#;

    #[test]
    fn the_whole_document_goes_to_its_address() {
        let (answer, seen) = filed(PUT, 201);
        let location = "https://ged.example.fr/dupont/2026/Bilan%20%C3%A9t%C3%A9.pdf";
        assert_eq!(answer.expect("filed")[0].location, location);
        let request = &seen.requests[0];
        assert_eq!((request.method.as_str(), request.url.as_str()), ("PUT", location));
        assert_eq!(request.body.as_ref().map(Vec::len), Some(1_500_000));
        assert_eq!(request.secret_headers[0].secret, "ged-token");
    }

    #[test]
    fn each_answer_names_who_can_mend_it() {
        assert!(filed(PUT, 412).0.is_ok(), "it is there already");
        assert!(matches!(filed(PUT, 503).0, Err(StepError::Retry(_))));
        assert!(matches!(filed(PUT, 401).0, Err(StepError::Misconfigured(_))));
        assert!(matches!(filed(PUT, 302).0, Err(StepError::Misconfigured(_))));
        assert!(matches!(filed(PUT, 422).0, Err(StepError::Other(_))));
        let unknown = filed(r#"{ "url": "https://ged.example.fr/{client}" }"#, 200).0;
        assert!(matches!(unknown, Err(StepError::Misconfigured(_))));
    }
}
