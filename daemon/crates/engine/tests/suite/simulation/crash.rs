//! Power cuts and kills at every boundary that the program enumerates.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;

use sceau_disk::SimFs;
use sceau_disk::boundary::{Crashed, arm_unwind, boundaries, disarm, hits};
use sceau_workflow::machine::Phase;

use super::documents::pdf;
use super::genesis::Machine;
use super::world::{Setup, World};
use super::{check, proving};
use crate::alone;

/// What no daemon of these stories comes by, with the file (from the top of the checkout) and the name of the
/// test that stops there.
const UNREACHABLE: [(&str, &str, &str); 5] = [
    // No story runs a plugin.
    ("engine.plugin.blob-written", "daemon/crates/engine/src/runners/plugin/accept.rs", ACCEPTED),
    ("engine.plugin.filing-written", "daemon/crates/engine/src/plugins/filing_tests.rs", FILED),
    ("engine.plugin.filing-done", "daemon/crates/engine/src/plugins/filing_tests.rs", FILED),
    // Only `sceau init` makes a state.
    (
        "store.create.before-rename",
        "daemon/crates/store/tests/boundaries.rs",
        "a_state_is_made_whole_or_not_at_all",
    ),
    // For callers that know a digest beforehand, and the daemon has none.
    (
        "blob.finish-with-digest.before-sync",
        "daemon/crates/store/tests/boundaries.rs",
        "each_boundary_on_disks_that_forget",
    ),
];
const ACCEPTED: &str = "a_power_cut_after_the_blob_loses_nothing_and_a_second_try_makes_the_same";
const FILED: &str = "a_power_cut_leaves_the_whole_document_or_none_and_a_second_try_ends_it";

/// An exemption is worth what its test is.
#[test]
fn what_no_story_comes_by_is_stopped_at_elsewhere() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    for (boundary, file, test) in UNREACHABLE {
        let text = std::fs::read_to_string(top.join(file)).expect(file);
        let lines: Vec<&str> = text.lines().map(str::trim).collect();
        let head = format!("fn {test}() {{");
        let there = lines.windows(2).any(|two| two == ["#[test]", head.as_str()]);
        assert!(there, "{boundary}: no test {test} in {file}");
        let stops = text.contains(boundary) || text.contains("boundaries()");
        assert!(stops, "{file} does not stop at {boundary}");
    }
}

/// What people do, as something that can be done again from wherever a crash left it.
struct Story {
    name: &'static str,
    setup: Setup,
    documents: &'static [&'static str],
    begin: fn(&World),
    drive: fn(&mut World),
}

const STORIES: [Story; 4] = [
    Story {
        name: "prepared, sealed, delivered, with a sidecar",
        setup: Setup { workflow: "plaquette" },
        documents: &["bilan.pdf"],
        begin: |world| {
            world.drop_file("bilan.toml", b"title = \"Bilan\"\n[parameters]\nexercice = \"2026\"\n")
        },
        drive: granted,
    },
    Story {
        name: "two documents sealed at once",
        setup: Setup { workflow: "attestation" },
        documents: &["a.pdf", "b.pdf"],
        begin: |_| {},
        drive: granted,
    },
    Story {
        name: "sealed up to B-LTA",
        setup: Setup { workflow: "durable" },
        documents: &["bilan.pdf"],
        begin: |_| {},
        drive: granted,
    },
    Story {
        name: "rejected for a missing right, granted, retried",
        setup: Setup { workflow: "attestation" },
        documents: &["bilan.pdf"],
        begin: |_| {},
        drive: granted_later,
    },
];

fn granted(world: &mut World) {
    if !world.may_seal() {
        world.grant();
    }
    world.settle();
    world.collect();
}

fn granted_later(world: &mut World) {
    world.settle();
    if !world.may_seal() {
        world.grant();
    }
    let stopped = |world: &mut World| {
        let dossiers = world.dossiers();
        dossiers.iter().any(|dossier| matches!(dossier.phase, Phase::Rejected { .. }))
    };
    if stopped(world) {
        let beside = world.names().into_iter().any(|name| name == "rejetes/bilan.pdf.erreur.txt");
        assert!(beside, "a note beside the original: {:?}", world.names());
        world.retry();
    }
    world.settle();
    world.collect();
}

impl Story {
    fn world(&self) -> World {
        let world = World::new(self.setup);
        (self.begin)(&world);
        self.documents().iter().for_each(|(name, bytes)| world.drop_file(name, bytes));
        world
    }

    fn documents(&self) -> Vec<(&'static str, Vec<u8>)> {
        self.documents.iter().map(|name| (*name, pdf(name))).collect()
    }

    /// Runs until the crash; then, on what the disks hold, to the end. False where the boundary is
    /// not hit so often.
    fn crash_at(&self, boundary: &str, nth: u64, seed: u64) -> bool {
        let case = format!("{}, {boundary}:{nth}, seed {seed}", self.name);
        let mut world = self.world();
        let Some(machine) = crash(&mut world, boundary, nth, seed, self.drive) else {
            return false;
        };
        let mut world = world.reborn(machine);
        (self.drive)(&mut world);
        check::delivered(&mut world, &self.documents(), &case);
        true
    }

    /// As [`Story::crash_at`], and the power fails a second time on the way back.
    fn crash_twice(&self, first: (&str, u64), second: (&str, u64), seed: u64) -> bool {
        let case = format!("{}, {first:?}, then {second:?}, seed {seed}", self.name);
        let mut world = self.world();
        let crashed = crash(&mut world, first.0, first.1, seed, self.drive);
        let Some(machine) = crashed else { return false };
        let mut world = world.reborn(machine);
        if let Some(machine) = crash(&mut world, second.0, second.1, seed ^ 0x5A, self.drive) {
            world = world.reborn(machine);
            (self.drive)(&mut world);
        }
        check::delivered(&mut world, &self.documents(), &case);
        true
    }
}

/// Drives a world into a crash; what the power cut leaves, where the boundary was hit so often.
pub(crate) fn crash(
    world: &mut World,
    boundary: &str,
    nth: u64,
    seed: u64,
    drive: impl FnOnce(&mut World),
) -> Option<Machine> {
    let (machine, picture) = (world.machine.clone(), Arc::clone(&world.picture));
    let hook = move || *picture.lock().unwrap() = Some(machine.crash(seed));
    arm_unwind(boundary, nth, hook).unwrap();
    let outcome = catch_unwind(AssertUnwindSafe(|| drive(world)));
    disarm();
    let left = world.picture.lock().unwrap().clone();
    if let Err(panic) = outcome
        && !panic.is::<Crashed>()
    {
        std::panic::resume_unwind(panic);
    }
    left
}

/// How often each boundary is hit when nothing goes wrong.
fn calm(story: &Story) -> BTreeMap<&'static str, u64> {
    let mut world = story.world();
    disarm();
    (story.drive)(&mut world);
    let hits = hits();
    check::delivered(&mut world, &story.documents(), story.name);
    hits
}

/// At which of `count` hits the power fails, and what it leaves; less for what an earlier story was
/// killed at already.
fn cases(count: u64, killed: bool) -> Vec<(u64, u64)> {
    const EXTREMES: [u64; 2] = [SimFs::LOSE_ALL, SimFs::KEEP_ALL];
    if proving() {
        let seeds = || EXTREMES.into_iter().chain(2..8);
        return (1..=count).flat_map(|nth| seeds().map(move |seed| (nth, seed))).collect();
    }
    let last = (count, 1 + count);
    match (killed, count) {
        (true, _) => vec![last],
        (false, 1) => vec![(1, EXTREMES[0]), (1, EXTREMES[1]), last],
        (false, _) => vec![(1, EXTREMES[0]), (count.div_ceil(2), EXTREMES[1]), last],
    }
}

#[test]
fn a_crash_at_any_boundary_loses_nothing_and_does_nothing_twice() {
    let _alone = alone();
    let mut killed = BTreeMap::new();
    for story in &STORIES {
        for (boundary, count) in calm(story) {
            for (nth, seed) in cases(count, killed.contains_key(boundary)) {
                assert!(story.crash_at(boundary, nth, seed), "{boundary}:{nth} is hit");
                *killed.entry(boundary).or_insert(0) += 1;
            }
        }
    }
    let unreachable = UNREACHABLE.map(|(name, ..)| name);
    let never: Vec<_> = boundaries()
        .into_iter()
        .filter(|name| !killed.contains_key(name) && !unreachable.contains(name))
        .collect();
    assert!(never.is_empty(), "never killed at: {never:?}");
    let wrong = unreachable.iter().find(|name| killed.contains_key(*name));
    assert_eq!(wrong, None, "it is reachable after all");
}

#[test]
fn a_second_crash_on_the_way_back_changes_nothing() {
    let _alone = alone();
    let pairs = if proving() { 600 } else { 12 };
    let mut done = 0;
    for story in &STORIES {
        let hits: Vec<_> = calm(story).into_iter().collect();
        for n in 0..pairs / STORIES.len() {
            let (first, count) = hits[n * 7 % hits.len()];
            let (second, _) = hits[(n * 11 + 3) % hits.len()];
            let (first, second) = ((first, 1 + n as u64 % count), (second, 1 + n as u64 % 2));
            done += usize::from(story.crash_twice(first, second, n as u64));
        }
    }
    assert_eq!(done, pairs / STORIES.len() * STORIES.len());
}

/// Cuts that were found wrong once: a claim of which one directory was lost leaves the source under
/// both its names, and its delivery came before the next scan.
#[test]
fn cuts_that_once_went_wrong() {
    let _alone = alone();
    for (story, boundary, nth, seeds) in [(0, "intake.take.claimed", 1, 2..8)] {
        for seed in seeds {
            assert!(STORIES[story].crash_at(boundary, nth, seed), "{boundary}:{nth} is hit");
        }
    }
}

/// The proof would notice a missing sync: on disks that only pretend, a dossier is lost.
#[test]
fn a_missing_sync_would_be_noticed() {
    let _alone = alone();
    let story = &STORIES[1];
    let mut world = story.world();
    world.machine.state.ignore_syncs();
    let crashed = crash(&mut world, "engine.deliver.put", 1, SimFs::LOSE_ALL, story.drive);
    let mut world = world.reborn(crashed.unwrap());
    (story.drive)(&mut world);
    assert_eq!(world.dossiers().len(), 0, "what {} would have found", story.name);
}
