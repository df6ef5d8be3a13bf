//! What a plugin took is given back, bomb after bomb. Alone in its program: other tests would be
//! counted too.

#[path = "suite/support/mod.rs"]
mod support;

use sceau_plugin_host::{Machine, Settings, StepWork};
use support::{BOMB, Recorder, all, call, component, manifest, ok, step, tell, world};

#[test]
fn memory_returns_to_where_it_was() {
    let machine = Machine::new(Settings::NATIVE).expect("a machine");
    let wasm = component("validate", &step("validate", BOMB));
    let plugin = machine.compiled_here(manifest("validate"), &wasm).expect("of the contract");
    let bomb = || {
        let run = machine.run(&plugin, &call(StepWork::Validate), &all(), world(Recorder::new(ok)));
        assert_eq!(run.result.expect_err("a bomb").cause.word(), "memory");
        assert!(run.spent.memory >= 14 << 20, "it took {} bytes", run.spent.memory);
    };
    (0..5).for_each(|_| bomb());
    let before = resident();
    (0..60).for_each(|_| bomb());
    let after = resident();
    tell!("resident: {} KiB before 60 bombs of 16 MiB, {} KiB after", before >> 10, after >> 10);
    assert!(after < before + (8 << 20), "{before} bytes before, {after} after");
}

/// Bytes of this process in memory.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    let kib = line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number");
    kib << 10
}
