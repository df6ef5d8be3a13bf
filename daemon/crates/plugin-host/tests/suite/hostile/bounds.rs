//! What a run may have of the host: open documents, changes of its memory, secrets to be filled in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Instant;

use sceau_plugin_host::grant::{Asked, Effective, Granted, HostGrant};
use sceau_plugin_host::ports::{HttpError, HttpRequest, HttpResponse, Secrets};
use sceau_plugin_host::{Answer, Run, StepWork, World};

use super::http::{expect_sent, many_secrets, send};
use super::{
    DOCUMENTS, STATE, expect_case, held_to_its_limit, machine, on_both_machines, refused, validate,
};
use crate::support::{Recorder, call, component, manifest, ok, step, tell, world};

/// `act` so many times, each of which is to succeed; then once more, refused as `case`.
fn beyond(count: u32, act: &str, case: u32) -> String {
    format!(
        "(local $n i32) (loop $l {act} (if (i32.load8_u (i32.const 3072)) (then unreachable)) \
         (local.set $n (i32.add (local.get $n) (i32.const 1))) \
         (br_if $l (i32.lt_u (local.get $n) (i32.const {count})))) {act} {}",
        expect_case(3080, case)
    )
}

#[test]
fn documents_are_not_opened_without_end() {
    on_both_machines(opened_documents);
}

fn opened_documents() {
    let open = "(call $open (i32.const 16) (i32.const 8) (i32.const 3072))";
    refused("257 open documents", &validate(DOCUMENTS, &beyond(256, open, 5)), "bound");
    let drop = r#"(import "sceau:documents/documents@1.0.0" "[resource-drop]document" (func $drop (param i32)))"#;
    // What is given back can be had again.
    let code = format!(
        "(local $n i32) (loop $l {open} (if (i32.load8_u (i32.const 3072)) (then unreachable)) \
         (call $drop (i32.load (i32.const 3080))) \
         (local.set $n (i32.add (local.get $n) (i32.const 1))) \
         (br_if $l (i32.lt_u (local.get $n) (i32.const 600)))) (i32.const 2048)"
    );
    let run = validate(&format!("{DOCUMENTS}\n{drop}"), &code);
    assert!(matches!(run.result, Ok(Answer::Report(_))), "{:?}", run.result);
}

/// Each change is a durable commit, in the store that all share.
#[test]
fn a_memory_is_not_written_without_end() {
    on_both_machines(written_memory);
}

fn written_memory() {
    let set = "(call $set (i32.const 16) (i32.const 4) (i32.const 64) (i32.const 0) \
               (i32.const 0) (i64.const 0) (i32.const 3072))";
    refused("1001 changes of its memory", &validate(STATE, &beyond(1_000, set, 4)), "bound");
    let large = "(drop (memory.grow (i32.const 20))) \
        (call $set (i32.const 16) (i32.const 4) (i32.const 64) (i32.const 1048577) \
         (i32.const 0) (i64.const 0) (i32.const 3072))";
    let code = format!("{large} {}", expect_case(3080, 4));
    refused("a value of more than 1 MiB", &validate(STATE, &code), "bound");
}

/// Counts how often a secret is read.
struct Counted(AtomicU32);

impl Secrets for Counted {
    fn secret(&self, name: &str) -> Result<String, String> {
        self.0.fetch_add(1, Ordering::Relaxed);
        Ok(format!("a-secret-named-{name}"))
    }
}

/// A run that may have the secrets `s00` to `s99` filled in.
fn with_secrets(
    (before, code): (String, String),
    answer: fn(&HttpRequest, Instant) -> Result<HttpResponse, HttpError>,
) -> (Run, u32, usize) {
    let names = || (0..100).map(|number| format!("s{number:02}")).collect();
    let asked = Asked { hosts: ["*".to_owned()].into(), secrets: names(), ..Asked::default() };
    let hosts = HostGrant::parse("allowed.example.fr", false).into_iter().collect();
    let granted = Granted { hosts, secrets: names(), ..Granted::default() };
    let rights = Effective::of(&asked, &granted);
    let wasm = component("validate", &format!("{before}\n{}", step("validate", &code)));
    let plugin = machine().compiled_here(manifest("validate"), &wasm).expect("of the contract");
    let (http, counted) = (Recorder::new(answer), Arc::new(Counted(AtomicU32::new(0))));
    let run = held_to_its_limit(|| {
        counted.0.store(0, Ordering::Relaxed);
        http.asked.lock().expect("alone").clear();
        let secrets: Arc<dyn Secrets> = counted.clone();
        let world = World { secrets, ..world(http.clone()) };
        machine().run(&plugin, &call(StepWork::Validate), &rights, world)
    });
    let sent = http.asked.lock().expect("alone").len();
    (run, counted.0.load(Ordering::Relaxed), sent)
}

/// Headers of both kinds are bounded together, each secret is read once, and no search of a large answer
/// goes on beyond the limit.
#[test]
fn secrets_are_not_filled_in_without_end() {
    on_both_machines(filled_in_secrets);
}

fn filled_in_secrets() {
    let url = "https://allowed.example.fr/";
    let (data, list) = many_secrets(65, |_| 0);
    let (run, read, sent) = with_secrets(send(url, &data, (0, 0), list, 1), ok);
    refused("65 secret headers", &run, "invalid");
    assert_eq!((read, sent), (0, 0), "nothing was read, nothing left the host");
    let (data, list) = many_secrets(64, |_| 0);
    let (run, read, sent) = with_secrets(send(url, &data, (0, 0), list, 200), ok);
    refused("one secret 64 times", &run, "sent");
    assert_eq!((read, sent), (1, 1), "it is read once");
    let large = |_: &HttpRequest, _: Instant| {
        Ok(HttpResponse { status: 200, headers: Vec::new(), body: vec![b's'; 8 << 20] })
    };
    let (data, list) = many_secrets(64, |number| number);
    let (before, code) = send(url, &data, (0, 0), list, 200);
    let (run, read, _) = with_secrets((before, expect_sent(&code)), large);
    assert_eq!(read, 64);
    // A fast machine is done in time; on every other the run ends at its limit, by `held_to_its_limit`.
    if let Err(error) = &run.result {
        assert_eq!(error.cause.word(), "time", "{error}");
    }
    tell!("{:<28} {:<8} {:>6} ms", "64 secrets in 8 MiB", "bounded", run.spent.time.as_millis());
}

/// An answer whose bytes are not its own is not asked for, and not handed over.
#[test]
fn no_secret_comes_back_in_other_bytes() {
    on_both_machines(secrets_in_other_bytes);
}

fn secrets_in_other_bytes() {
    let url = "https://allowed.example.fr/";
    for name in ["accept-encoding", "range"] {
        let (data, list) = many_secrets(1, |_| 0);
        let header = format!(
            "(data (i32.const 9000) \"{name}gzip\")\n(data (i32.const 9100) \"{}{}{}{}\")",
            super::http::le(9000),
            super::http::le(name.len() as u32),
            super::http::le(9000 + name.len() as u32),
            super::http::le(4)
        );
        let data = format!("{data}\n{header}");
        let (run, _, sent) = with_secrets(send(url, &data, (9100, 1), list, 1), ok);
        refused(&format!("`{name}` beside a secret"), &run, "invalid");
        assert_eq!(sent, 0, "{name}");
        let (run, _, sent) = with_secrets(send(url, &data, (9100, 1), (0, 0), 200), ok);
        assert!(run.result.is_ok() && sent == 1, "without a secret it is the plugin's");
    }
    let gzip = |_: &HttpRequest, _: Instant| {
        let headers = vec![("content-encoding".to_owned(), "gzip".to_owned())];
        Ok(HttpResponse { status: 200, headers, body: b"anything".to_vec() })
    };
    let (data, list) = many_secrets(1, |_| 0);
    let (run, ..) = with_secrets(send(url, &data, (0, 0), list, 9), gzip);
    refused("an encoded answer", &run, "kept back");
}
