//! Peers that are dead, shares that are gone: what waits, what goes on, and when a person is asked.

use std::path::PathBuf;

use sceau_disk::{Fault, SimFs};
use sceau_workflow::machine::{Command, Phase};

use super::check;
use super::crash::crash;
use super::documents::pdf;
use super::genesis::TOP;
use super::signers::journalled_seals;
use super::world::{Setup, World};
use crate::alone;

const HOUR_MS: i64 = 3_600_000;

fn granted(workflow: &'static str) -> World {
    let mut world = World::new(Setup { workflow });
    world.drop_file("bilan.pdf", &pdf("bilan"));
    world.grant();
    world
}

/// The tries of the one row that waits.
fn tries(world: &mut World) -> u32 {
    world.daemon().lanes.snapshot().first().map_or(0, |row| row.tries)
}

#[test]
fn pauses_grow_and_survive_a_restart() {
    let _alone = alone();
    let mut world = granted("attestation");
    world.cut_line(true);
    let mut at = Vec::new();
    for n in 1..=12 {
        world.run_until("tried again", |world| tries(world) >= n);
        at.push(world.clock.now_ms());
        if n == 6 {
            world = world.restart();
            assert_eq!(tries(&mut world), 6, "tries are kept");
        }
    }
    let pauses: Vec<i64> = at.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses[0] <= 1_000 && pauses[4] > 5_000 && pauses[9] > 55_000, "{pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= 130_000), "{pauses:?}");
    world.cut_line(false);
    world.retry_hurries();
    world.settle();
    check::delivered(&mut world, &[("bilan.pdf", pdf("bilan"))], "after the outage");
}

#[test]
fn patience_ends_in_a_person_and_going_on_uses_no_key_again() {
    let _alone = alone();
    let mut world = granted("attestation");
    world.run_until("signed", |world| !journalled_seals(&world.machine.files).is_empty());
    world.cut_line(true);
    let since = world.clock.now_ms();
    world.run_until("given up", |world| matches!(world.dossier().phase, Phase::NeedsPerson { .. }));
    let waited = world.clock.now_ms() - since;
    assert!((24 * HOUR_MS..25 * HOUR_MS).contains(&waited), "{waited}");
    world.settle();
    assert_eq!(world.dossier().phase.failure().unwrap().code, "timestamp-unavailable");
    let note = world.read("en-cours/bilan.pdf.attente.txt").map(String::from_utf8);
    assert!(note.unwrap().unwrap().contains("timestamp-unavailable"));
    check::always(&mut world, "given up");
    world.cut_line(false);
    world.retry();
    world.settle();
    assert_eq!(journalled_seals(&world.machine.files).len(), 1, "the signature is carried over");
    check::delivered(&mut world, &[("bilan.pdf", pdf("bilan"))], "retried");
}

#[test]
fn going_on_after_patience_asks_for_the_right() {
    let _alone = alone();
    let mut world = granted("attestation");
    world.cut_line(true);
    world.run_until("given up", |world| {
        world.dossiers().iter().any(|one| matches!(one.phase, Phase::NeedsPerson { .. }))
    });
    world.settle();
    world.revoke();
    world.cut_line(false);
    world.retry();
    world.settle();
    assert_eq!(world.dossier().phase.failure().unwrap().code, "right-missing");
    assert!(world.read("rejetes/bilan.pdf.erreur.txt").is_some(), "{:?}", world.names());
    assert!(journalled_seals(&world.machine.files).is_empty());
    world.grant();
    world.retry();
    world.settle();
    check::delivered(&mut world, &[("bilan.pdf", pdf("bilan"))], "granted");
}

/// A dead time-stamping authority does not hold up what needs none, nor what is delivered.
#[test]
fn a_dead_lane_stops_no_other() {
    let _alone = alone();
    let mut world = granted("attestation");
    world.run_until("signed", |world| !journalled_seals(&world.machine.files).is_empty());
    world.cut_line(true);
    world.submit_plain(&pdf("plain"));
    world.run_until("the other one delivered", |world| {
        world.dossiers().iter().any(|dossier| dossier.phase == Phase::Delivered)
    });
    let waiting: Vec<_> = world.dossiers().into_iter().map(|d| d.phase).collect();
    assert!(waiting.contains(&Phase::Running), "{waiting:?}");
    assert_eq!(world.read("livres/bilan.pdf"), None);
    world.cut_line(false);
    world.settle();
    assert!(world.dossiers().iter().all(|dossier| dossier.phase == Phase::Delivered));
    check::always(&mut world, "lanes");
}

/// A row that was withdrawn while it ran does not come back by its trouble.
#[test]
fn a_cancelled_dossier_leaves_no_ghost_in_its_lane() {
    let _alone = alone();
    let mut world = granted("attestation");
    world.cut_line(true);
    world.run_until("waiting", |world| tries(world) > 0);
    let taken = world.take_row();
    let id = taken.row.dossier.clone();
    world.command(&id, Command::Cancel { by: "test".into(), reason: "essai".into() });
    let late = world.run_row(taken);
    world.daemon().wheel.ask(late).unwrap_err();
    world.settle();
    assert_eq!(world.dossier().phase, Phase::Cancelled);
    assert!(world.read("rejetes/bilan.pdf.erreur.txt").is_some(), "{:?}", world.names());
    check::always(&mut world, "cancelled");
    let mut world = world.restart();
    world.settle();
    check::always(&mut world, "cancelled, after a restart");
}

/// The rejected place cannot be reached when the dossier is retried: the source goes on once it
/// can, the delivery comes after, and a crash between the two makes no second evidence file.
#[test]
fn a_late_resumption_changes_nothing_of_the_delivery() {
    let _alone = alone();
    for seed in [SimFs::LOSE_ALL, SimFs::KEEP_ALL, 7] {
        let mut world = World::new(Setup { workflow: "attestation" });
        world.drop_file("bilan.pdf", &pdf("bilan"));
        world.settle();
        assert!(world.read("rejetes/bilan.pdf").is_some(), "{:?}", world.names());
        world.grant();
        world.machine.files.inject(Fault::Busy(PathBuf::from(TOP).join("rejetes")));
        world.retry();
        world.run_until("everything waits for the folder", |world| {
            let rows = world.daemon().lanes.snapshot();
            rows.len() == 2 && rows.iter().all(|row| row.tries > 0)
        });
        world.machine.files.clear_faults();
        let drive = World::settle;
        let machine = crash(&mut world, "engine.deliver.put", 1, seed, drive).unwrap();
        let mut world = world.reborn(machine);
        world.settle();
        check::delivered(&mut world, &[("bilan.pdf", pdf("bilan"))], "resumed late");
    }
}

/// The disk is full, or its syncs fail, at any moment: it waits, and comes to the same end.
#[test]
fn a_disk_that_fails_for_a_while_delays_and_no_more() {
    let _alone = alone();
    let full = (0..8).map(|n| Fault::NoSpaceAfter(n * n * 500));
    let failing = ["/state/signer/journal", "/state/blobs", "/srv/depot/livres"];
    let failing = failing.into_iter().map(|path| Fault::Sync(path.into()));
    for fault in full.chain(failing) {
        let mut world = granted("plaquette");
        world.run_until("taken", |world| !world.dossiers().is_empty());
        world.machine.files.inject(fault.clone());
        for _ in 0..60 {
            world.step();
        }
        world.machine.files.clear_faults();
        world.settle();
        check::delivered(&mut world, &[("bilan.pdf", pdf("bilan"))], &format!("{fault:?}"));
    }
}
