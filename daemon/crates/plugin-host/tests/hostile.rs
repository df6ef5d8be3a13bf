//! Plugins that mean harm, and what each met. `cargo test -p sceau-plugin-host --test hostile --
//! --nocapture` prints the table.

mod support;

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use sceau_plugin_host::ports::{HttpError, HttpRequest, HttpResponse};
use sceau_plugin_host::{Answer, Machine, MachineError, Run, Settings, StepWork};
use support::watch::Watch;
use support::{Recorder, SECRET, all, call, component, manifest, ok, step, tell, world};

/// None outlives its limit by more than this.
const GRACE: Duration = Duration::from_millis(50);
/// The limit of every plugin here.
const LIMIT: Duration = Duration::from_millis(300);

fn machine() -> &'static Machine {
    static MACHINE: OnceLock<Machine> = OnceLock::new();
    MACHINE.get_or_init(|| Machine::new(Settings::NATIVE).expect("a machine"))
}

/// Runs the validating plugin whose step is `code`, after `before`.
fn validate(before: &str, code: &str) -> Run {
    validate_with(before, code, Recorder::new(ok))
}

fn validate_with(before: &str, code: &str, http: Arc<Recorder>) -> Run {
    let text = format!("{before}\n{}", step("validate", code));
    let wasm = component("validate", &text);
    let plugin = machine().compiled_here(manifest("validate"), &wasm).expect("of the contract");
    held_to_its_limit(|| {
        machine().run(&plugin, &call(StepWork::Validate), &all(), world(http.clone()))
    })
}

/// Runs it, and demands that it did not outlive its limit by more than the grace: by the clock on the
/// wall, or, where others kept it from running, in processor time used after the limit. A look that
/// came too late to tell is not believed, and the run is made again.
fn held_to_its_limit(run: impl Fn() -> Run) -> Run {
    for _ in 0..6 {
        let watch = Watch::this_thread(LIMIT);
        let run = run();
        let Some(over) = watch.over() else { return run };
        if over.wall <= GRACE || over.cpu <= GRACE {
            return run;
        }
        assert!(over.late > GRACE / 2, "outlived its limit: {over:?}");
    }
    panic!("the machine is too busy to measure a run");
}

fn met(name: &str, run: &Run, word: &str) {
    let error = run.result.as_ref().expect_err(name);
    tell!("{name:<28} {:<8} {:>6} ms  {error}", error.cause.word(), run.spent.time.as_millis());
    assert_eq!(error.cause.word(), word, "{name}: {error}");
    assert!(error.to_string().contains("hostile 1.0.0, step `trial`"), "{error}");
}

/// A table of one line a typed refusal: the plugin goes on, and answers `accept`.
fn refused(name: &str, run: &Run, what: &str) {
    let Ok(Answer::Report(_)) = &run.result else { panic!("{name}: {:?}", run.result) };
    tell!(
        "{name:<28} {what:<8} {:>6} ms  a typed error; nothing left the host",
        run.spent.time.as_millis()
    );
}

#[test]
fn loops_recursion_and_bombs_are_ended() {
    met("endless loop", &validate("", "(loop $l (br $l)) (unreachable)"), "time");
    let recursion =
        "(func $f (param i32) (result i32) (i32.add (i32.const 1) (call $f (local.get 0))))";
    met("endless recursion", &validate(recursion, "(call $f (i32.const 1))"), "stack");
    let bomb =
        "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
    met("memory bomb", &validate("", bomb), "memory");
    met("trap in the step", &validate("", "unreachable"), "trap");
    met("division by zero", &validate("", "(i32.div_u (i32.const 1) (i32.const 0))"), "trap");
    met("answer out of bounds", &validate("", "(i32.const 99999996)"), "trap");
    let list = "(i32.store (i32.const 2060) (i32.const 0)) (i32.store (i32.const 2064) (i32.const 1000000)) (i32.const 2048)";
    met("answer of a million findings", &validate("", list), "trap");
}

#[test]
fn traps_in_each_phase_are_told() {
    met(
        "trap at instantiation",
        &validate("(func $s unreachable) (start $s)", "unreachable"),
        "trap",
    );
    met(
        "loop at instantiation",
        &validate("(func $s (loop $l (br $l))) (start $s)", "unreachable"),
        "time",
    );
    let panic = r#"(import "sceau:log/log@1.0.0" "panic" (func $panic (param i32 i32 i32 i32)))
        (data (i32.const 16) "index out of boundssrc/lib.rs:7:9")"#;
    let code =
        "(call $panic (i32.const 16) (i32.const 19) (i32.const 35) (i32.const 14)) unreachable";
    let run = validate(panic, code);
    met("panic", &run, "trap");
    let text = run.result.expect_err("it panicked").to_string();
    assert!(text.contains("last panic at src/lib.rs:7:9: index out of bounds"), "{text}");
}

const LOG: &str = r#"(import "sceau:log/log@1.0.0" "log" (func $log (param i32 i32 i32 i32 i32)))
    (data (i32.const 16) "noise")"#;
const CLOCK: &str = r#"(import "sceau:clock/clock@1.0.0" "now-ms" (func $now (result i64)))"#;

#[test]
fn floods_are_bounded() {
    let line = "(call $log (i32.const 2) (i32.const 16) (i32.const 5) (i32.const 0) (i32.const 0))";
    let run = validate(LOG, &format!("(loop $l {line} (br $l)) unreachable"));
    met("log flood", &run, if run.spent.calls >= 100_000 { "calls" } else { "time" });
    assert_eq!(run.log.len(), 200);
    assert_eq!(run.spent.dropped_lines + 200, run.spent.calls);
    let run = validate(CLOCK, "(loop $l (drop (call $now)) (br $l)) unreachable");
    met("a million host calls", &run, if run.spent.calls >= 100_000 { "calls" } else { "time" });
    assert!(run.spent.calls <= 100_000);
    let huge = "(drop (memory.grow (i32.const 200))) \
        (call $log (i32.const 2) (i32.const 0) (i32.const 13000000) (i32.const 0) (i32.const 0)) \
        (call $log (i32.const 2) (i32.const 0) (i32.const 13000000) (i32.const 0) (i32.const 0)) (i32.const 2048)";
    let run = validate(LOG, huge);
    tell!(
        "{:<28} {:<8} {:>6} ms  cut to {} bytes",
        "log line of 13 MB",
        "bounded",
        run.spent.time.as_millis(),
        run.log.iter().map(|line| line.text.len()).sum::<usize>()
    );
    assert!(run.log.iter().map(|line| line.text.len()).sum::<usize>() <= 64 << 10);
}

#[test]
fn an_output_bomb_is_bounded() {
    let imports = r#"(import "sceau:document-output/document-output@1.0.0" "begin" (func $begin (param i32)))
        (import "sceau:document-output/document-output@1.0.0" "[method]writer.write" (func $write (param i32 i32 i32 i32)))"#;
    let code = "(local $w i32) (call $begin (i32.const 2048)) (local.set $w (i32.load (i32.const 2056))) \
        (drop (memory.grow (i32.const 20))) \
        (loop $l (call $write (local.get $w) (i32.const 0) (i32.const 1048576) (i32.const 3072)) \
          (br_if $l (i32.eqz (i32.load8_u (i32.const 3072))))) unreachable";
    let text = format!("{imports}\n{}", step("prepare", code));
    let wasm = component("prepare", &text);
    let mut manifest = manifest("prepare");
    // The bound on outputs is to be met here, not the one on time.
    manifest.limits.time = Duration::from_secs(60);
    let plugin = machine().compiled_here(manifest, &wasm).expect("of the contract");
    let run = machine().run(&plugin, &call(StepWork::Prepare), &all(), world(Recorder::new(ok)));
    let error = run.result.expect_err("it ended");
    tell!(
        "{:<28} {:<8} {:>6} ms  {error}",
        "output bomb",
        error.cause.word(),
        run.spent.time.as_millis()
    );
    assert_eq!(error.cause.word(), "trap", "{error}");
    assert_eq!(run.spent.calls, 66, "one to begin, 64 ranges of 1 MiB, and one that is refused");
}

const DOCUMENTS: &str = r#"(import "sceau:documents/documents@1.0.0" "open" (func $open (param i32 i32 i32)))
    (import "sceau:documents/documents@1.0.0" "[method]document.read" (func $read (param i32 i64 i32 i32)))
    (data (i32.const 16) "documentdocument-of-another-dossier../../etc/passwd")"#;

/// `accept`, whose address is 2048; traps unless byte `at` is `case`.
fn expect_case(at: u32, case: u32) -> String {
    format!(
        "(if (i32.ne (i32.load8_u (i32.const {at})) (i32.const {case})) (then unreachable)) (i32.const 2048)"
    )
}

#[test]
fn documents_of_others_cannot_be_reached() {
    for (name, at, len) in [("a forged id", 24, 27), ("a path as an id", 51, 16)] {
        let code = format!(
            "(call $open (i32.const {at}) (i32.const {len}) (i32.const 3072)) {}",
            expect_case(3080, 1)
        );
        refused(name, &validate(DOCUMENTS, &code), "not-found");
    }
    for (offset, count) in [("34", 1), ("0", 35), ("-1", 1), ("9223372036854775807", 9)] {
        let code = format!(
            "(call $open (i32.const 16) (i32.const 8) (i32.const 3072)) \
             (call $read (i32.load (i32.const 3080)) (i64.const {offset}) (i32.const {count}) (i32.const 3200)) {}",
            expect_case(3208, 2)
        );
        refused(&format!("read {count} at {offset}"), &validate(DOCUMENTS, &code), "range");
    }
    let code =
        "(call $read (i32.const 77) (i64.const 0) (i32.const 1) (i32.const 3200)) (i32.const 2048)";
    met("a forged handle", &validate(DOCUMENTS, code), "trap");
}

/// Sends one request; `headers` and `secrets` are (address, count) of their lists.
fn send(
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
        assert!(http.asked.lock().unwrap().is_empty(), "{url} left the host");
    }
    for url in ["https://allowed.example.fr@evil.fr/", "https://2130706433/", "file:///etc/passwd"]
    {
        let http = Recorder::new(ok);
        let (before, code) = send(url, "", (0, 0), (0, 0), 1);
        refused(url, &validate_with(&before, &code, Arc::clone(&http)), "invalid");
        assert!(http.asked.lock().unwrap().is_empty(), "{url} left the host");
    }
    let private = |_: &HttpRequest, _: Instant| Err(HttpError::Private("127.0.0.1".into()));
    let (before, code) = send("https://allowed.example.fr/", "", (0, 0), (0, 0), 0);
    refused(
        "name that leads inside",
        &validate_with(&before, &code, Recorder::new(private)),
        "denied",
    );
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
    assert_eq!(http.asked.lock().unwrap().len(), 1);
}

#[test]
fn headers_are_not_smuggled() {
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
        assert!(http.asked.lock().unwrap().is_empty());
    }
}

fn le(number: u32) -> String {
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

#[test]
fn secrets_do_not_come_back() {
    let http = Recorder::new(ok);
    let (before, code) =
        send("https://allowed.example.fr/", &secret_header("token"), (0, 0), (6000, 1), 200);
    refused("(a secret filled in)", &validate_with(&before, &code, Arc::clone(&http)), "sent");
    let sent = http.asked.lock().unwrap().clone();
    assert_eq!(sent[0].1, [("authorization".to_owned(), format!("Bearer {SECRET}"))]);
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
    let slow = |_: &HttpRequest, deadline: Instant| {
        std::thread::sleep(deadline.saturating_duration_since(Instant::now()));
        Err(HttpError::Timeout)
    };
    let (before, code) = send("https://allowed.example.fr/", "", (0, 0), (0, 0), 2);
    met("slow HTTP", &validate_with(&before, &code, Recorder::new(slow)), "time");
}

#[test]
fn what_is_not_of_the_contract_is_refused() {
    let wasi = wat::parse_str(
        r#"(component (import "wasi:cli/environment@0.2.0" (instance
            (export "get-environment" (func (result (list (tuple string string))))))))"#,
    );
    let load = |kind: &str, wasm: &[u8]| machine().compiled_here(manifest(kind), wasm);
    let error = load("validate", &wasi.unwrap()).expect_err("WASI");
    tell!("{:<28} {:<8} {:>6}     {error}", "WASI imports", "refused", "-");
    assert!(error.to_string().contains("there is no WASI"), "{error}");
    let good = component("validate", &step("validate", "(i32.const 2048)"));
    let error = load("route", &good).expect_err("another kind");
    tell!("{:<28} {:<8} {:>6}     {error}", "wrong world", "refused", "-");
    assert!(matches!(error, MachineError::Contract { .. }), "{error}");
    let module = wat::parse_str("(module)").unwrap();
    assert!(load("validate", &module).is_err(), "a core module is no component");
    for cut in (0..good.len()).step_by(good.len() / 40 + 1) {
        assert!(load("validate", &good[..cut]).is_err(), "cut at {cut}");
    }
    tell!("{:<28} {:<8} {:>6}     no component", "truncated components", "refused", "-");
    let mut dice = 0x2545_f491_4f6c_dd1d_u64;
    for _ in 0..60 {
        let mut fuzzed = good.clone();
        for _ in 0..3 {
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            let at = usize::try_from(dice % fuzzed.len() as u64).unwrap();
            fuzzed[at] ^= 1 << (dice >> 60 & 7);
        }
        if let Ok(plugin) = load("validate", &fuzzed) {
            let _ =
                machine().run(&plugin, &call(StepWork::Validate), &all(), world(Recorder::new(ok)));
        }
    }
    tell!(
        "{:<28} {:<8} {:>6}     refused, or run within the limits",
        "fuzzed components",
        "held",
        "-"
    );
}
