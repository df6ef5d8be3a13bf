//! What plugins may not ask over HTTP.

use std::sync::Arc;
use std::time::Instant;

use sceau_plugin_host::ports::{HttpError, HttpRequest, HttpResponse};

use super::{expect_case, met, on_both_machines, refused, validate_with};
use crate::support::{Recorder, SECRET, ok};

/// Sends one request; `headers` and `secrets` are (address, count) of their lists.
pub(super) fn send(
    url: &str,
    data: &str,
    headers: (u32, u32),
    secrets: (u32, u32),
    case: u32,
) -> (String, String) {
    let before = format!(
        "(import \"sceau:http/http@1.0.0\" \"send\" (func $send (param i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32)))\n\
         (data (i32.const 16) \"GET\")\n(data (i32.const 4096) \"{url}\")\n{data}"
    );
    let code = format!(
        "(call $send (i32.const 16) (i32.const 3) (i32.const 4096) (i32.const {}) \
         (i32.const {}) (i32.const {}) (i32.const {}) (i32.const {}) \
         (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 60000) (i32.const 3072)) \
         (if (i32.ne (i32.load8_u (i32.const 3072)) (i32.const {})) (then unreachable)) {}",
        url.len(),
        headers.0,
        headers.1,
        secrets.0,
        secrets.1,
        u32::from(case < 100),
        if case < 100 { expect_case(3080, case) } else { "(i32.const 2048)".to_owned() },
    );
    (before, code)
}

#[test]
fn only_granted_places_are_reached() {
    on_both_machines(only_granted_places);
}

fn only_granted_places() {
    for url in [
        "https://other.example.fr/",
        "https://127.0.0.1/",
        "http://localhost/",
        "https://[::1]/",
        "http://169.254.169.254/latest/meta-data/",
        "https://allowed.example.fr:22/",
        "https://allowed.example.fr.evil.fr/",
    ] {
        let http = Recorder::new(ok);
        let (before, code) = send(url, "", (0, 0), (0, 0), 0);
        refused(url, &validate_with(&before, &code, Arc::clone(&http)), "denied");
        assert!(http.asked.lock().expect("alone").is_empty(), "{url} left the host");
    }
    for url in ["https://allowed.example.fr@evil.fr/", "https://2130706433/", "file:///etc/passwd"]
    {
        let http = Recorder::new(ok);
        let (before, code) = send(url, "", (0, 0), (0, 0), 1);
        refused(url, &validate_with(&before, &code, Arc::clone(&http)), "invalid");
        assert!(http.asked.lock().expect("alone").is_empty(), "{url} left the host");
    }
    let private = |_: &HttpRequest, _: Instant| Err(HttpError::Private("127.0.0.1".into()));
    let (before, code) = send("https://allowed.example.fr/", "", (0, 0), (0, 0), 0);
    let run = validate_with(&before, &code, Recorder::new(private));
    refused("name that leads inside", &run, "denied");
    assert_eq!(run.spent.denied.get("http to a private address"), Some(&1), "it is counted");
    let redirect = |_: &HttpRequest, _: Instant| {
        let headers = vec![("location".to_owned(), "http://127.0.0.1/".to_owned())];
        Ok(HttpResponse { status: 302, headers, body: Vec::new() })
    };
    let http = Recorder::new(redirect);
    let (before, code) = send("https://allowed.example.fr/", "", (0, 0), (0, 0), 200);
    refused(
        "redirect out of the list",
        &validate_with(&before, &code, Arc::clone(&http)),
        "not followed",
    );
    assert_eq!(http.asked.lock().expect("alone").len(), 1);
}

#[test]
fn headers_are_not_smuggled() {
    on_both_machines(smuggled_headers);
}

fn smuggled_headers() {
    for (name, value) in [
        ("x", "a\\0d\\0ahost: evil"),
        ("host", "evil"),
        ("transfer-encoding", "chunked"),
        ("x\\0a", "b"),
    ] {
        let real = |text: &str| text.replace("\\0d", "\r").replace("\\0a", "\n").len();
        let (n, v) = (real(name), real(value));
        let data = format!(
            "(data (i32.const 5000) \"{name}{value}\")\n(data (i32.const 6000) \"{}{}{}{}\")",
            le(5000),
            le(n as u32),
            le(5000 + n as u32),
            le(v as u32)
        );
        let http = Recorder::new(ok);
        let (before, code) = send("https://allowed.example.fr/", &data, (6000, 1), (0, 0), 1);
        refused("header smuggling", &validate_with(&before, &code, Arc::clone(&http)), "invalid");
        assert!(http.asked.lock().expect("alone").is_empty());
    }
}

pub(super) fn le(number: u32) -> String {
    number.to_le_bytes().iter().map(|byte| format!("\\{byte:02x}")).collect()
}

/// The data of one secret header: `authorization: Bearer <name>`.
fn secret_header(name: &str) -> String {
    format!(
        "(data (i32.const 5000) \"authorizationBearer {name}\")\n(data (i32.const 6000) \"{}{}{}{}{}{}\")",
        le(5000),
        le(13),
        le(5013),
        le(7),
        le(5020),
        le(name.len() as u32)
    )
}

/// A list of so many headers, each `x` with the secret `s00` to `s99` that its number gives; with its
/// address and length.
pub(super) fn many_secrets(count: u32, which: impl Fn(u32) -> u32) -> (String, (u32, u32)) {
    let names: String = (0..100).map(|number| format!("s{number:02}")).collect();
    let entry = |number| {
        let name = 5_001 + 3 * which(number);
        [5_000, 1, 5_000, 0, name, 3].map(le).concat()
    };
    let entries: String = (0..count).map(entry).collect();
    let data =
        format!("(data (i32.const 5000) \"x{names}\")\n(data (i32.const 6000) \"{entries}\")");
    (data, (6_000, count))
}

/// The same step, which accepts whatever the answer is.
pub(super) fn expect_sent(code: &str) -> String {
    let (sends, _) = code.split_once("(if (i32.ne").unwrap_or((code, ""));
    format!("{sends} (i32.const 2048)")
}

#[test]
fn secrets_do_not_come_back() {
    on_both_machines(secrets_that_come_back);
}

fn secrets_that_come_back() {
    let http = Recorder::new(ok);
    let (before, code) =
        send("https://allowed.example.fr/", &secret_header("token"), (0, 0), (6000, 1), 200);
    refused("(a secret filled in)", &validate_with(&before, &code, Arc::clone(&http)), "sent");
    let sent = http.asked.lock().expect("alone").clone();
    let header = |name: &str, value: String| (name.to_owned(), value);
    let plain = header("accept-encoding", "identity".to_owned());
    assert_eq!(sent[0].1, [header("authorization", format!("Bearer {SECRET}")), plain]);
    assert!(!sent[0].0.contains(SECRET), "a request's debug form tells no secret");
    let echo = |request: &HttpRequest, _: Instant| {
        let body = format!("you sent {:?}", request.headers).into_bytes();
        Ok(HttpResponse { status: 200, headers: Vec::new(), body })
    };
    let (before, code) =
        send("https://allowed.example.fr/", &secret_header("token"), (0, 0), (6000, 1), 8);
    refused("secret echoed", &validate_with(&before, &code, Recorder::new(echo)), "thrown away");
    let (before, code) =
        send("https://allowed.example.fr/", &secret_header("other"), (0, 0), (6000, 1), 0);
    let run = validate_with(&before, &code, Recorder::new(ok));
    refused("another's secret", &run, "denied");
    assert_eq!(run.spent.denied.get("secret"), Some(&1));
}

#[test]
fn slow_http_ends_with_the_step() {
    on_both_machines(slow_http);
}

fn slow_http() {
    let slow = |_: &HttpRequest, deadline: Instant| {
        std::thread::sleep(deadline.saturating_duration_since(Instant::now()));
        Err(HttpError::Timeout)
    };
    let (before, code) = send("https://allowed.example.fr/", "", (0, 0), (0, 0), 2);
    met("slow HTTP", &validate_with(&before, &code, Recorder::new(slow)), "time");
}
