//! Where instances live: memory that is kept from one to the next tells nothing of it, and nobody is turned away.

use std::time::Duration;

use sceau_plugin_host::{Answer, Machine, Plugin, Settings, StepWork};

use crate::honest;
use crate::support::{Recorder, all, call, component, manifest, ok, step, world};

fn plugin(
    machine: &Machine,
    manifest: sceau_plugin_host::Manifest,
    before: &str,
    code: &str,
) -> Plugin {
    let text = format!("{before}\n{}", step("validate", code));
    machine.compiled_here(manifest, &component("validate", &text)).expect("of the contract")
}

fn run(machine: &Machine, plugin: &Plugin) -> sceau_plugin_host::Run {
    machine.run(plugin, &call(StepWork::Validate), &all(), world(Recorder::new(ok)))
}

/// Traps unless its memory, its data, its table and its globals are as they are in the beginning; then it changes them
/// all, and grows.
fn marks(word: &str) -> (String, String) {
    let before = format!(
        "(table $t 3 funcref) (elem declare func $f) (func $f) (global $g (mut i32) (i32.const 7))
         (data (i32.const 20000) \"{word}\")"
    );
    let first = word.as_bytes()[0];
    let unless = |what: &str| format!("(if {what} (then) (else unreachable))");
    let zero = |at: u32| unless(&format!("(i32.eqz (i32.load8_u (i32.const {at})))"));
    let checks = [
        unless("(i32.eq (memory.size) (i32.const 2))"),
        unless(&format!("(i32.eq (i32.load8_u (i32.const 20000)) (i32.const {first}))")),
        zero(19_999),
        zero(30_000),
        zero(120_000),
        unless("(ref.is_null (table.get $t (i32.const 1)))"),
        unless("(i32.eq (table.size $t) (i32.const 3))"),
        unless("(i32.eq (global.get $g) (i32.const 7))"),
        "(drop (memory.grow (i32.const 30)))".to_owned(),
        zero(131_072),
        zero(2_000_000),
        "(memory.fill (i32.const 19000) (i32.const 255) (i32.const 12000))".to_owned(),
        "(memory.fill (i32.const 110000) (i32.const 255) (i32.const 1987000))".to_owned(),
        "(table.set $t (i32.const 1) (ref.func $f))".to_owned(),
        "(drop (table.grow $t (ref.func $f) (i32.const 100)))".to_owned(),
        "(global.set $g (i32.const 8)) (i32.const 2048)".to_owned(),
    ];
    (before, checks.concat())
}

#[test]
fn nothing_of_one_run_is_left_for_the_next() {
    for settings in [Settings::NATIVE, Settings::PORTABLE] {
        let machine = Machine::new(settings).expect("a machine");
        let made = ["one", "another"].map(|word| {
            let (before, code) = marks(word);
            plugin(&machine, honest("validate"), &before, &code)
        });
        assert!(made.iter().all(Plugin::is_pooled), "their memory is kept");
        for round in 0..6 {
            for plugin in [&made[0], &made[0], &made[1]] {
                let run = run(&machine, plugin);
                assert!(matches!(run.result, Ok(Answer::Report(_))), "{round}: {:?}", run.result);
            }
        }
    }
}

#[test]
fn one_that_fits_into_no_seat_lives_apart() {
    let machine = Machine::new(Settings::NATIVE).expect("a machine");
    let tables = "(table 1 funcref) ".repeat(9);
    let wide = plugin(&machine, honest("validate"), &tables, "(i32.const 2048)");
    let narrow = plugin(&machine, honest("validate"), "", "(i32.const 2048)");
    assert!(!wide.is_pooled() && narrow.is_pooled());
    for plugin in [&wide, &narrow] {
        assert!(matches!(run(&machine, plugin).result, Ok(Answer::Report(_))));
    }
}

/// The limits hold for one that lives apart too.
#[test]
fn one_that_lives_apart_is_ended() {
    let machine = Machine::new(Settings::NATIVE).expect("a machine");
    let tables = "(table 1 funcref) ".repeat(9);
    let endless =
        plugin(&machine, manifest("validate"), &tables, "(loop $l (br $l)) (unreachable)");
    assert!(!endless.is_pooled());
    assert_eq!(run(&machine, &endless).result.expect_err("endless").cause.word(), "time");
}

#[test]
fn who_comes_when_all_seats_are_taken_waits_for_one() {
    let machine = Machine::new(Settings::NATIVE).expect("a machine");
    let mut slow = manifest("validate");
    slow.limits.time = Duration::from_millis(400);
    let endless = plugin(&machine, slow, "", "(loop $l (br $l)) (unreachable)");
    assert!(endless.is_pooled());
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        let all = (0..2 * cores + 12).map(|_| scope.spawn(|| run(&machine, &endless)));
        for run in all.collect::<Vec<_>>() {
            let error = run.join().expect("no panic").result.expect_err("endless");
            assert_eq!(error.cause.word(), "time", "{error}");
        }
    });
}
