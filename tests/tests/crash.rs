//! Killed at every boundary that the program enumerates, it loses nothing and does nothing twice.
//!
//! A real SIGKILL of the real program over a real file system shows what the program itself
//! forgets; what the disk may forget besides is simulated in the rooms' own tests.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Mutex;
use std::time::Duration;

use sceau_tests::cabinet::Cabinet;
use sceau_tests::crash::{CLIMBING, Crashing, boundaries};
use sceau_tests::program::{crash_binary, run, sceau};
use sceau_tests::{judges, proving, root};

/// Boundaries of `sceau init`, which no running daemon comes by.
fn in_init(name: &str) -> bool {
    name.starts_with("init.") || name.starts_with("store.create.")
}

/// Boundaries that no work of this cabinet comes by, with the file and the name of the test that stops at
/// them. The store offers a copy under a known digest, which no runner asks for yet; and nothing here is
/// prepared or filed by a plugin.
const NOT_AT_WORK: [(&str, &str, &str); 4] = [
    (
        "blob.finish-with-digest.before-sync",
        "daemon/crates/store/tests/boundaries.rs",
        "each_boundary_on_disks_that_forget",
    ),
    ("engine.plugin.blob-written", "daemon/crates/engine/src/runners/plugin/accept.rs", ACCEPTED),
    ("engine.plugin.filing-written", "daemon/crates/engine/src/plugins/filing_tests.rs", FILED),
    ("engine.plugin.filing-done", "daemon/crates/engine/src/plugins/filing_tests.rs", FILED),
];
const ACCEPTED: &str = "a_power_cut_after_the_blob_loses_nothing_and_a_second_try_makes_the_same";
const FILED: &str = "a_power_cut_leaves_the_whole_document_or_none_and_a_second_try_ends_it";

/// Which hits of a boundary are killed at: those that are hit for many reasons, at several.
fn hits(name: &str) -> Vec<u32> {
    let busy = ["engine.before-commit", "engine.after-commit", "store.commit.", "signer."];
    match (proving(), busy.iter().any(|busy| name.starts_with(busy))) {
        (false, false) => vec![1],
        (false, true) => vec![1, 3, 6],
        (true, false) => vec![1, 2, 3],
        (true, true) => (1..=24).collect(),
    }
}

/// An exemption is worth what its test is: each names one that is there, and a boundary that is one.
#[test]
fn what_is_not_killed_here_is_killed_elsewhere() {
    let known = boundaries();
    for (boundary, file, test) in NOT_AT_WORK {
        assert!(known.iter().any(|name| name == boundary), "{boundary} is no boundary");
        let text = std::fs::read_to_string(root().join(file)).expect(file);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let head = format!("fn {test}() {{");
        let there = lines.windows(2).any(|two| two == ["#[test]", head.as_str()]);
        assert!(there, "{boundary}: no test {test} in {file}");
        let stops = text.contains(boundary) || text.contains("boundaries()");
        assert!(stops, "{file} does not stop at {boundary}");
    }
}

/// Rounds that one cabinet goes through: looking for a round's documents among those of hundreds takes
/// longer than working on them.
const ROUNDS: u32 = 40;

#[test]
fn killed_at_every_boundary_nothing_is_lost_and_nothing_done_twice() {
    let elsewhere = |name: &String| NOT_AT_WORK.iter().any(|(known, ..)| known == name);
    let at_work = |name: &String| !in_init(name) && !elsewhere(name);
    let names: Vec<String> = boundaries().into_iter().filter(at_work).collect();
    assert!(names.len() >= 10, "only {names:?}");
    assert_eq!(names.len(), names.iter().collect::<BTreeSet<_>>().len(), "a name twice: {names:?}");
    let mut todo: Vec<(String, u32)> = Vec::new();
    for name in &names {
        todo.extend(hits(name).into_iter().map(|nth| (name.clone(), nth)));
    }
    let (todo, killed) = (Mutex::new(todo), Mutex::new(BTreeSet::new()));
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| work(&todo, &killed));
        }
    });
    let killed = killed.into_inner().expect("no worker failed");
    let never: Vec<&String> = names.iter().filter(|name| !killed.contains(*name)).collect();
    assert!(never.is_empty(), "never killed at: {never:?}");
}

fn work(todo: &Mutex<Vec<(String, u32)>>, killed: &Mutex<BTreeSet<String>>) {
    let mut crashing = Crashing::new();
    loop {
        let Some((name, nth)) = todo.lock().expect("no worker failed").pop() else { break };
        if crashing.rounds() == ROUNDS {
            audit(&crashing);
            crashing = Crashing::new();
        }
        if crashing.round(&name, nth) {
            killed.lock().expect("no worker failed").insert(name);
        }
    }
    audit(&crashing);
}

/// What was dropped and posted, what was delivered and what was authorised to be signed correspond one to
/// one. The signer's own journal is compared where it can be read: in the simulation of the room `engine`.
fn audit(crashing: &Crashing) {
    for (stem, bytes) in &crashing.expected {
        let delivered = crashing.delivered(stem);
        assert_eq!(delivered.len(), 1, "{stem}: {delivered:?}");
        let sealed = std::fs::read(&delivered[0]).expect("delivered");
        assert!(sealed.starts_with(bytes), "{stem}: the original was rewritten");
        let trust = crashing.cabinet.anchors();
        sceau([
            "verify".into(),
            delivered[0].clone().into_os_string(),
            "--trust".into(),
            trust.into(),
        ])
        .expect(0);
    }
    crashing.acts_correspond();
    for stem in crashing.expected.keys().filter(|stem| stem.starts_with(CLIMBING)) {
        let verdicts = judges::ask(&crashing.delivered(stem)[0], &crashing.cabinet.anchors());
        let level = &verdicts.dss["signatures"][0]["level"];
        assert_eq!(level, "PAdES-BASELINE-LTA", "{stem}: {:#}", verdicts.dss);
    }
    assert!(crashing.leftovers().is_empty(), "{:?}", crashing.leftovers());
    let some = crashing.expected.keys().step_by(if proving() { 1 } else { 20 });
    for stem in some.filter(|stem| !stem.starts_with(CLIMBING)) {
        judges::ask(&crashing.delivered(stem)[0], &crashing.cabinet.anchors()).expect_b_t();
    }
}

/// The whole state directory or nothing, wherever `sceau init` is killed; the next one succeeds.
#[test]
fn init_killed_at_every_boundary_leaves_all_or_nothing() {
    let names: Vec<String> = boundaries().into_iter().filter(|name| in_init(name)).collect();
    assert!(!names.is_empty());
    for name in names {
        let cabinet = Cabinet::uninitialised();
        let mut init = Command::new(crash_binary());
        init.args(cabinet.init_arguments()).env("SCEAU_CRASH_AT", format!("{name}:1"));
        let said = run(&mut init, Duration::from_secs(60));
        assert_eq!(said.code, None, "{name} was not reached: {said}");
        if !cabinet.state().exists() {
            cabinet.sceau(cabinet.init_arguments()).expect(0);
        }
        let _daemon = cabinet.configured_ready();
    }
}
