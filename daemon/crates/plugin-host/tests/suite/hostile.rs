//! Plugins that mean harm, and what each met. `cargo test -p sceau-plugin-host --test
//! suite hostile -- --nocapture` prints the table.

mod bounds;
mod committed;
mod http;
mod phases;
mod watch;

use std::cell::Cell;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sceau_plugin_host::limits::MOST_HELD;
use sceau_plugin_host::ports::{Change, State, StateError, has_room};
use sceau_plugin_host::{Answer, Machine, MachineError, Run, Settings, StepWork, World};

use crate::support::{BOMB, Recorder, all, call, component, manifest, ok, step, tell, world};
use watch::Watch;

/// None outlives its limit by more than this.
const GRACE: Duration = Duration::from_millis(50);
/// The limit of every plugin here.
const LIMIT: Duration = Duration::from_millis(300);

thread_local! {
    /// Which machine this thread's plugins meet.
    static PORTABLE: Cell<bool> = const { Cell::new(false) };
}

/// The machine of native code, or, within [`on_both_machines`], the interpreter after it.
fn machine() -> &'static Machine {
    static NATIVE: OnceLock<Machine> = OnceLock::new();
    static INTERPRETED: OnceLock<Machine> = OnceLock::new();
    let (place, settings) = match PORTABLE.get() {
        false => (&NATIVE, Settings::NATIVE),
        true => (&INTERPRETED, Settings::PORTABLE),
    };
    place.get_or_init(|| Machine::new(settings).expect("a machine"))
}

/// What a plugin meets does not depend on how its code is run.
fn on_both_machines(test: impl Fn()) {
    for portable in [false, true] {
        PORTABLE.set(portable);
        test();
    }
    PORTABLE.set(false);
}

/// Runs the validating plugin whose step is `code`, after `before`.
fn validate(before: &str, code: &str) -> Run {
    validate_with(before, code, Recorder::new(ok))
}

fn validate_with(before: &str, code: &str, http: Arc<Recorder>) -> Run {
    let text = format!("{before}\n{}", step("validate", code));
    run_within_its_limit(&component("validate", &text), http)
}

fn run_within_its_limit(wasm: &[u8], http: Arc<Recorder>) -> Run {
    let plugin = machine().compiled_here(manifest("validate"), wasm).expect("of the contract");
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
    on_both_machines(loops_recursion_and_bombs);
}

fn loops_recursion_and_bombs() {
    met("endless loop", &validate("", "(loop $l (br $l)) (unreachable)"), "time");
    let recursion =
        "(func $f (param i32) (result i32) (i32.add (i32.const 1) (call $f (local.get 0))))";
    met("endless recursion", &validate(recursion, "(call $f (i32.const 1))"), "stack");
    met("memory bomb", &validate("", BOMB), "memory");
    // One element too many, by 1 and 1,000 and the rest at once: what is had is filled in, element by element,
    // which takes an interpreter its time.
    let grow = |elements: u32| format!("(table.grow $t (ref.null func) (i32.const {elements}))");
    let (little, rest) = (grow(1_000), grow(199_000));
    let bomb =
        format!("(drop {little}) (loop $l (br_if $l (i32.ne {rest} (i32.const -1)))) unreachable");
    met("table bomb", &validate("(table $t 1 funcref)", &bomb), "table");
    met("trap in the step", &validate("", "unreachable"), "trap");
    met("division by zero", &validate("", "(i32.div_u (i32.const 1) (i32.const 0))"), "trap");
    met("answer out of bounds", &validate("", "(i32.const 99999996)"), "trap");
    let list = "(i32.store (i32.const 2060) (i32.const 0)) (i32.store (i32.const 2064) (i32.const 1000000)) (i32.const 2048)";
    met("answer of a million findings", &validate("", list), "trap");
}

const LOOP: &str = "(loop $l (br $l)) unreachable";

const LOG: &str = r#"(import "sceau:log/log@1.0.0" "log" (func $log (param i32 i32 i32 i32 i32)))
    (data (i32.const 16) "noise")"#;
const CLOCK: &str = r#"(import "sceau:clock/clock@1.0.0" "now-ms" (func $now (result i64)))"#;

#[test]
fn floods_are_bounded() {
    on_both_machines(floods);
}

fn floods() {
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

const STATE: &str =
    r#"(import "sceau:state/state@1.0.0" "set" (func $set (param i32 i32 i32 i32 i32 i64 i32)))"#;

/// Key after key, and values beyond the quota: both are refused, and the plugin goes on.
#[test]
fn a_memory_of_its_own_is_bounded_in_keys_and_bytes() {
    on_both_machines(a_memory_of_its_own);
}

fn a_memory_of_its_own() {
    let set = |key_len: u32, value_len: u32| {
        format!(
            "(call $set (i32.const 16) (i32.const {key_len}) (i32.const 64) (i32.const {value_len}) \
             (i32.const 0) (i64.const 0) (i32.const 3072))"
        )
    };
    for (key, value) in [(4, 1_021), (0, 1), (201, 1), (4, 100_000)] {
        let case = if (1..=200).contains(&key) { 2 } else { 1 };
        let code = format!("{} {}", set(key, value), expect_case(3080, case));
        refused(&format!("state {key}+{value} bytes"), &validate(STATE, &code), "bound");
    }
}

/// A memory that holds as many keys as it may.
struct Full;

impl State for Full {
    fn get(&mut self, _: &str) -> Result<Option<(Vec<u8>, u64)>, StateError> {
        Ok(None)
    }

    fn put(&mut self, change: &Change<'_>) -> Result<u64, StateError> {
        has_room(&self.sizes()?, change)?;
        panic!("nothing more is written")
    }

    fn sizes(&mut self) -> Result<Vec<(String, u64)>, StateError> {
        Ok((0..MOST_HELD).map(|number| (number.to_string(), 0)).collect())
    }
}

#[test]
fn the_keys_of_a_memory_are_counted() {
    on_both_machines(keys_of_a_memory);
}

fn keys_of_a_memory() {
    let set = "(call $set (i32.const 16) (i32.const 4) (i32.const 64) (i32.const 0) \
               (i32.const 0) (i64.const 0) (i32.const 3072))";
    let text = format!("{STATE}\n{}", step("validate", &format!("{set} {}", expect_case(3080, 2))));
    let wasm = component("validate", &text);
    let plugin = machine().compiled_here(manifest("validate"), &wasm).expect("of the contract");
    let world = World { state: Box::new(Full), ..world(Recorder::new(ok)) };
    let run = machine().run(&plugin, &call(StepWork::Validate), &all(), world);
    refused("a key too many", &run, "bound");
}

#[test]
fn an_output_bomb_is_bounded() {
    on_both_machines(output_bomb);
}

fn output_bomb() {
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
    on_both_machines(documents_of_others);
}

fn documents_of_others() {
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
