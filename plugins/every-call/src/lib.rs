//! Calls every function of the contract's first version, and traps where one answers otherwise than the
//! contract says. What it was told goes into its report, a finding for each call that tells something.

use sceau_plugin::documents::{Document, DocumentError};
use sceau_plugin::events::EventError;
use sceau_plugin::http::{HttpError, Request};
use sceau_plugin::log::Level;
use sceau_plugin::state::{Expectation, StateError};
use sceau_plugin::{
    Failure, Finding, Input, Region, Report, Retry, Severity, StepError, Validate, Verdict, clock,
    context, documents, events, http, log, plugin, random, state,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Settings {
    act: String,
    #[serde(default)]
    url: String,
}

struct EveryCall;

impl Validate for EveryCall {
    fn run(input: Input) -> Result<Report, StepError> {
        let settings: Settings = input.settings()?;
        match settings.act.as_str() {
            "all" => Ok(all(&input, &settings.url)),
            "denied" => Ok(denied(&input, &settings.url)),
            "reject" => Ok(found(&input, Verdict::Reject)),
            "review" => Ok(found(&input, Verdict::Review)),
            "panic" => panic!("asked to panic, attempt {}", input.attempt),
            "retry" => {
                let failure = Failure { code: "later".into(), message: "asked to wait".into() };
                Err(StepError::Retry(Retry { failure, delay_ms: Some(60_000) }))
            }
            "rejected" => Err(StepError::rejected("asked", "Demandé ainsi.", "Asked so.")),
            "misconfigured" => Err(StepError::misconfigured("asked", "asked to be misconfigured")),
            act => Err(StepError::other("asked", format!("asked for {act}"))),
        }
    }
}

plugin!(EveryCall, validate);

/// A verdict for something on the second page.
fn found(input: &Input, verdict: Verdict) -> Report {
    let place = Region {
        document: input.documents[0].clone(),
        page: 2,
        x: 72.0,
        y: 700.0,
        width: 100.5,
        height: 12.0,
    };
    let finding = Finding::new(Severity::Error, "asked", "Trouvé ici.", "Found here.").on(place);
    Report { verdict, findings: vec![finding] }
}

/// Everything is granted.
fn all(input: &Input, url: &str) -> Report {
    let mut told = Told(Vec::new());
    always(&mut told);
    let document = documents::open(&input.documents[0]).expect("the document of this step");
    read(&document, input, &mut told);
    remember(&mut told);
    emit();
    send(url, &mut told);
    told.0.push(Finding::new(Severity::Warning, "placed", "Placé.", "Placed.").on(Region {
        document: input.documents[0].clone(),
        page: 1,
        x: 10.5,
        y: 20.0,
        width: 30.0,
        height: 40.25,
    }));
    Report { verdict: Verdict::Accept, findings: told.0 }
}

/// What calls told, a finding each.
struct Told(Vec<Finding>);

impl Told {
    fn tell(&mut self, code: &str, what: impl Into<String>) {
        let what = what.into();
        self.0.push(Finding::new(Severity::Info, code, what.clone(), what));
    }
}

/// What needs no grant.
fn always(told: &mut Told) {
    assert!(clock::now_ms() > 0);
    assert!(clock::monotonic_ns() <= clock::monotonic_ns());
    told.tell("societe", context::get("societe").unwrap_or_default());
    assert_eq!(context::get("no-such-key"), None);
    assert_eq!(random::bytes(16).len(), 16);
    assert!(random::bytes(0).is_empty());
    let fields = [("field".to_owned(), "value".to_owned())];
    for (level, word) in [
        (Level::Trace, "trace"),
        (Level::Debug, "debug"),
        (Level::Info, "info"),
        (Level::Warn, "warn"),
        (Level::Error, "error"),
    ] {
        log::log(level, word, &fields);
    }
}

fn read(document: &Document, input: &Input, told: &mut Told) {
    assert_eq!(document.id(), input.documents[0]);
    told.tell("name", document.name());
    told.tell("media-type", document.media_type());
    told.tell("size", document.size().to_string());
    assert_eq!(document.sha256().len(), 32);
    told.tell("read", String::from_utf8_lossy(&document.read(0, 5).expect("five bytes")));
    told.tell("page-count", document.page_count().expect("pages").to_string());
    told.tell("page-text", document.page_text(1).expect("its text").trim());
    told.tell("title", document.metadata("Title").expect("readable").unwrap_or_default());
    assert_eq!(document.metadata("NoSuchKey").expect("readable"), None);
    told.tell("signatures", document.signatures().expect("fields").len().to_string());
    assert!(matches!(document.read(document.size(), 1), Err(DocumentError::OutOfRange)));
    assert!(matches!(document.read(0, (1 << 20) + 1), Err(DocumentError::TooLarge(1_048_576))));
    assert!(matches!(document.page_text(0), Err(DocumentError::OutOfRange)));
    assert!(matches!(documents::open("another"), Err(DocumentError::NotFound)));
}

/// It is left as it was found.
fn remember(told: &mut Told) {
    for key in ["a", "b"] {
        state::delete(key, Expectation::Anything).expect("gone");
    }
    assert!(state::get("a").expect("readable").is_none());
    let first = state::set("a", b"one", Expectation::Absent).expect("set");
    let second = state::set("a", b"two", Expectation::Version(first)).expect("set again");
    told.tell("versions", format!("{first} {second}"));
    let conflict = state::set("a", b"three", Expectation::Absent);
    assert!(matches!(conflict, Err(StateError::Conflict(at)) if at == second));
    let entry = state::get("a").expect("readable").expect("there");
    assert_eq!((entry.value.as_slice(), entry.version), (b"two".as_slice(), second));
    state::set("b", b"", Expectation::Anything).expect("set");
    assert_eq!(state::keys("", None).expect("keys"), ["a", "b"]);
    assert_eq!(state::keys("", Some("a")).expect("keys"), ["b"]);
    assert!(state::keys("c", None).expect("keys").is_empty());
    assert!(matches!(state::set("", b"", Expectation::Anything), Err(StateError::InvalidKey)));
    let large = state::set("c", &[0; 2_048], Expectation::Anything);
    assert!(matches!(large, Err(StateError::Quota(1_024))));
    state::delete("a", Expectation::Version(second)).expect("gone");
    state::delete("b", Expectation::Anything).expect("gone");
}

fn emit() {
    events::emit("asked", r#"{"calls":"all"}"#).expect("an event");
    assert!(matches!(events::emit("No Name", "{}"), Err(EventError::Invalid(_))));
    assert!(matches!(events::emit("asked", "no JSON"), Err(EventError::Invalid(_))));
    let large = format!("\"{}\"", "x".repeat(20_000));
    assert!(matches!(events::emit("asked", &large), Err(EventError::TooLarge(16_384))));
}

fn send(url: &str, told: &mut Told) {
    let request = Request::new("POST", url)
        .header("x-asked", "by every-call")
        .secret("authorization", "Bearer ", "token")
        .body("a body");
    let response = http::send(&request).expect("an answer");
    told.tell("status", response.status.to_string());
    told.tell("body", String::from_utf8_lossy(&response.body));
    told.tell("headers", if response.headers.is_empty() { "none" } else { "some" });
    let invalid = http::send(&Request::new("BREW", url));
    assert!(matches!(invalid, Err(HttpError::Invalid(_))));
    let other = http::send(&Request::new("GET", "https://not-granted.example.fr/"));
    assert!(matches!(other, Err(HttpError::Denied(_))));
    let secret = http::send(&Request::new("GET", url).secret("authorization", "", "other"));
    assert!(matches!(secret, Err(HttpError::Denied(_))));
}

/// Nothing is granted: each capability says so, and nothing else happens.
fn denied(input: &Input, url: &str) -> Report {
    assert!(matches!(documents::open(&input.documents[0]), Err(DocumentError::Denied)));
    assert!(matches!(state::get("a"), Err(StateError::Denied)));
    assert!(matches!(state::set("a", b"", Expectation::Anything), Err(StateError::Denied)));
    assert!(matches!(state::delete("a", Expectation::Anything), Err(StateError::Denied)));
    assert!(matches!(state::keys("", None), Err(StateError::Denied)));
    assert!(matches!(events::emit("asked", "{}"), Err(EventError::Denied)));
    assert!(matches!(http::send(&Request::new("GET", url)), Err(HttpError::Denied(_))));
    Report { verdict: Verdict::Review, findings: Vec::new() }
}
