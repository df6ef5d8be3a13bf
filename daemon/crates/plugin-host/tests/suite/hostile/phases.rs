//! Every phase in which a guest runs, and can trap or go on for ever.

use std::time::Duration;

use sceau_plugin_host::{Answer, StepFault, StepWork};

use super::{LOOP, PORTABLE, machine, met, on_both_machines, run_within_its_limit, validate};
use crate::support::{
    Frame, GOOD, Recorder, all, call, component, framed, manifest, ok, step, tell, world,
};

#[test]
fn traps_in_each_phase_are_told() {
    on_both_machines(traps_in_each_phase);
}

fn traps_in_each_phase() {
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

/// The host hands the input over, takes the answer, and lets the guest free it: in each of these phases a
/// guest runs, and can trap or go on for ever. What it answered before is not believed.
#[test]
fn neither_a_trap_nor_a_loop_around_the_step_is_believed() {
    on_both_machines(around_the_step);
}

fn around_the_step() {
    let accepts = step("validate", "(i32.const 2048)");
    let freeing = "(func (export \"cabi_post_sceau:validate/step@1.0.0#run\") (param i32)";
    for (what, code, word) in [("trap", "unreachable", "trap"), ("loop", LOOP, "time")] {
        let taking = Frame { allocate: code, ..GOOD };
        let run = run_within_its_limit(&framed("validate", &taking, &accepts), Recorder::new(ok));
        met(&format!("{what} when given its input"), &run, word);
        let text = format!("{accepts}\n{freeing} {code})");
        let run = run_within_its_limit(&component("validate", &text), Recorder::new(ok));
        met(&format!("{what} after its answer"), &run, word);
    }
}

/// The host writes into the guest's memory only where the guest's own allocator says, and only within it.
#[test]
fn what_the_host_hands_over_goes_nowhere_else() {
    on_both_machines(handed_over);
}

fn handed_over() {
    for place in ["(i32.const -16)", "(i32.const 131065)", "(i32.const 65537)"] {
        let frame = Frame { allocate: place, ..GOOD };
        let wasm = framed("validate", &frame, &step("validate", "(i32.const 2048)"));
        met(&format!("input to {place}"), &run_within_its_limit(&wasm, Recorder::new(ok)), "trap");
    }
}

const NO_RULES: &str = r#"(data (i32.const 16) "no-rulesno rules are there")
        (data (i32.const 1024) "\01\00\00\00\10\00\00\00\08\00\00\00\18\00\00\00\12\00\00\00")"#;

/// Its self-test says what it lacks.
pub(super) fn without_rules() -> Vec<u8> {
    tested_by("(i32.const 1024)", NO_RULES)
}

fn tested_by(self_test: &str, data: &str) -> Vec<u8> {
    let text = format!("{data}\n{}", step("validate", "(i32.const 2048)"));
    framed("validate", &Frame { self_test, ..GOOD }, &text)
}

#[test]
fn a_self_test_that_fails_or_traps_is_told() {
    on_both_machines(self_tests);
}

fn self_tests() {
    let tested = |wasm: &[u8]| {
        let plugin = machine().compiled_here(manifest("validate"), wasm).expect("of the contract");
        machine().self_test(&plugin, world(Recorder::new(ok))).result.map_err(Box::new)
    };
    let trapped = tested(&tested_by("unreachable", "")).expect_err("it traps").to_string();
    tell!("{:<28} {:<8} {:>6}     {trapped}", "trap in its self-test", "refused", "-");
    assert!(trapped.contains("hostile 1.0.0, step `self-test`"), "{trapped}");
    let failed = tested(&without_rules()).expect("it answers");
    let Answer::Fault(StepFault::Misconfigured(ruling)) = &failed else { panic!("{failed:?}") };
    assert_eq!((ruling.code.as_str(), ruling.message.as_str()), ("no-rules", "no rules are there"));
}

/// While one plugin loops and another takes all its memory, a third does its step, each time.
#[test]
fn nobody_else_is_hurt_meanwhile() {
    on_both_machines(nobody_else);
}

fn nobody_else() {
    let bomb = "(loop $l (drop (memory.grow (i32.const 16))) (br $l)) unreachable";
    let honest = component("validate", &step("validate", "(i32.const 2048)"));
    let honest =
        machine().compiled_here(crate::honest("validate"), &honest).expect("of the contract");
    std::thread::scope(|scope| {
        let portable = PORTABLE.get();
        let run = move |code| {
            PORTABLE.set(portable);
            validate("", code)
        };
        let hostile = [LOOP, bomb].map(|code| scope.spawn(move || run(code)));
        while hostile.iter().any(|thread| !thread.is_finished()) {
            let call = call(StepWork::Validate);
            let run = machine().run(&honest, &call, &all(), world(Recorder::new(ok)));
            assert!(matches!(run.result, Ok(Answer::Report(_))), "{:?}", run.result);
            std::thread::sleep(Duration::from_millis(5));
        }
        for thread in hostile {
            let run = thread.join().expect("it ends");
            assert_eq!(run.result.expect_err("hostile").cause.word(), "time");
        }
    });
}
