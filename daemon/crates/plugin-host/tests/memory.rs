//! What a plugin took is given back, bomb after bomb. Alone in its program: other tests would be
//! counted too.

#[path = "suite/support/mod.rs"]
mod support;

use sceau_plugin_host::{Machine, Plugin, Run, Settings, StepWork};
use support::{BOMB, Recorder, all, call, component, manifest, ok, step, tell, world};

#[test]
fn memory_returns_to_where_it_was() {
    let machine = Machine::new(Settings::NATIVE).expect("a machine");
    bombs(&machine);
    code(&machine);
}

fn plugin(machine: &Machine, code: &str) -> Plugin {
    let wasm = component("validate", &step("validate", code));
    machine.compiled_here(manifest("validate"), &wasm).expect("of the contract")
}

fn run(machine: &Machine, plugin: &Plugin) -> Run {
    machine.run(plugin, &call(StepWork::Validate), &all(), world(Recorder::new(ok)))
}

fn bombs(machine: &Machine) {
    let plugin = plugin(machine, BOMB);
    let bomb = || {
        let run = run(machine, &plugin);
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

/// Native code goes with its plugin, though the memory that it ran in is kept for others.
fn code(machine: &Machine) {
    let before = executable();
    let made: Vec<Plugin> = (0..20)
        .map(|number| plugin(machine, &format!("(drop (i32.const {number})) (i32.const 2048)")))
        .collect();
    made.iter().for_each(|plugin| assert!(run(machine, plugin).result.is_ok()));
    let loaded = executable();
    assert!(loaded > before, "{before} bytes of code before 20 plugins, {loaded} with them");
    drop(made);
    let after = executable();
    tell!("code: {before} bytes before 20 plugins, {loaded} with them, {after} after");
    assert!(after <= before, "{before} bytes of code before, {after} after");
}

/// Bytes of this process that are mapped as code.
fn executable() -> u64 {
    let maps = std::fs::read_to_string("/proc/self/maps").expect("Linux");
    let code = maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|p| p.contains('x')));
    let bytes = |line: &str| {
        let (from, to) = line.split(' ').next()?.split_once('-')?;
        let at = |text: &str| u64::from_str_radix(text, 16).ok();
        Some(at(to)? - at(from)?)
    };
    code.filter_map(bytes).sum()
}

/// Bytes of this process in memory.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).expect("VmRSS");
    let kib = line.trim().trim_end_matches(" kB").parse::<u64>().expect("a number");
    kib << 10
}
