//! A seal climbs to its workflow's level, waits for what it lacks, and is never delivered at less.

use sceau_engine::clock::Clock;
use sceau_pades::report::{Report, RevocationStatus};
use sceau_pades::{Level, ValidationOptions, validate};
use sceau_workflow::machine::{DossierEvent, Phase};

use super::check;
use super::documents::pdf;
use super::genesis::genesis;
use super::signers::journalled_seals;
use super::world::{Setup, World};
use crate::alone;

const DAY_MS: i64 = 24 * 3_600_000;

fn granted() -> World {
    let mut world = World::new(Setup { workflow: "durable" });
    world.grant();
    world.drop_file("bilan.pdf", &pdf("bilan"));
    world
}

fn documents() -> [(&'static str, Vec<u8>); 1] {
    [("bilan.pdf", pdf("bilan"))]
}

/// The levels in the order in which they were reached.
pub(crate) fn levels(world: &mut World) -> Vec<String> {
    let id = world.dossier().received.dossier.clone();
    let events = world.daemon().handle.events(&id).unwrap();
    let level = |event| match event {
        DossierEvent::LevelReached { level, .. } => Some(level),
        _ => None,
    };
    events.into_iter().filter_map(|told| level(told.event)).collect()
}

/// The file as it is judged at the world's moment.
pub(crate) fn judged(world: &World, name: &str) -> Report {
    let file = world.read(name).unwrap_or_else(|| panic!("{name}: {:?}", world.names()));
    let options = ValidationOptions::new(genesis().pki.anchors(), world.clock.now());
    validate(&file, &options).unwrap()
}

/// Works until the row of this kind was tried so often.
fn until_tried(world: &mut World, kind: &str, tries: u32) {
    world.run_until("tried", |world| {
        let rows = world.daemon().lanes.snapshot();
        rows.iter().any(|row| row.row.effect.kind == kind && row.tries >= tries)
    });
}

fn shown(world: &World, note: &str) -> bool {
    world.names().iter().any(|name| name == note)
}

#[test]
fn a_seal_climbs_to_its_workflows_level_and_is_delivered_there() {
    let _alone = alone();
    let mut world = granted();
    world.settle();
    check::delivered(&mut world, &documents(), "climbs");
    assert_eq!(levels(&mut world), ["B-T", "B-LT", "B-LTA"]);
    let report = judged(&world, "livres/bilan.pdf");
    assert_eq!(report.signatures[0].level, Some(Level::Lta));
    let dossier = world.dossier();
    assert_eq!(dossier.reached.unwrap().level, "B-LTA");
    assert_eq!(dossier.renewal, None, "its proof outlasts its retention");
}

/// Weeks without an answer: the reason is shown, no key is used again, nothing is delivered; then it
/// climbs by itself.
#[test]
fn a_dead_revocation_source_is_waited_for() {
    let _alone = alone();
    let mut world = granted();
    world.lists.kill(true);
    until_tried(&mut world, "seal.extend", 3);
    let row = world.daemon().lanes.snapshot().remove(0);
    let trouble = row.trouble.unwrap();
    assert_eq!(trouble.code, "revocation-pending");
    assert!(trouble.detail.unwrap().contains("nobody answers"));
    for _ in 0..20 {
        world.pass_ms(DAY_MS);
        for _ in 0..5 {
            world.step();
        }
    }
    assert!(shown(&world, "ATTENTION - preuves en attente.txt"), "{:?}", world.names());
    assert_eq!(world.dossier().phase, Phase::Running);
    assert_eq!(world.dossier().reached.unwrap().level, "B-T");
    assert!(world.read("livres/bilan.pdf").is_none());
    world.collect();
    let mut world = world.restart();
    world.lists.kill(false);
    world.settle();
    check::delivered(&mut world, &documents(), "waited");
    assert!(!shown(&world, "ATTENTION - preuves en attente.txt"));
    assert_eq!(levels(&mut world), ["B-T", "B-LT", "B-LTA"]);
}

/// `retry` makes the next look due at once.
#[test]
fn a_retry_hurries_the_wait() {
    let _alone = alone();
    let mut world = granted();
    world.lists.kill(true);
    until_tried(&mut world, "seal.extend", 8);
    world.lists.kill(false);
    let before = world.clock.now_ms();
    world.retry_hurries();
    world.settle();
    assert!(world.clock.now_ms() - before < 300_000, "it did not wait for the hour");
    check::delivered(&mut world, &documents(), "hurried");
}

/// No document time stamp for more than a day: a person is asked, and the seal that was made goes on
/// where it stood.
#[test]
fn a_dead_authority_between_b_lt_and_b_lta_costs_no_second_seal() {
    let _alone = alone();
    let mut world = granted();
    world.run_until("B-LT", |world| !world.dossiers().is_empty() && levels(world).len() == 2);
    world.cut_line(true);
    world.run_until("a person is asked", |world| {
        matches!(world.dossier().phase, Phase::NeedsPerson { .. })
    });
    world.cut_line(false);
    world.retry();
    world.settle();
    check::delivered(&mut world, &documents(), "cut");
    assert_eq!(journalled_seals(&world.machine.files).len(), 1);
    assert_eq!(levels(&mut world), ["B-T", "B-LT", "B-LT", "B-LTA"]);
}

/// The lists within the document end while no authority stamps: newer ones are asked for before one does,
/// or nothing would prove, once the chain has ended, that they held when it stamped.
#[test]
fn lists_that_end_before_the_document_time_stamp_are_asked_for_again() {
    let _alone = alone();
    let mut world = granted();
    world.run_until("B-LT", |world| !world.dossiers().is_empty() && levels(world).len() == 2);
    world.cut_line(true);
    world.run_until("a person is asked", |world| {
        matches!(world.dossier().phase, Phase::NeedsPerson { .. })
    });
    world.pass_ms(10 * DAY_MS);
    world.cut_line(false);
    // Lists tell whole seconds.
    let before = world.clock.now() - jiff::SignedDuration::from_secs(1);
    world.retry();
    world.settle();
    check::delivered(&mut world, &documents(), "lists that ended");
    assert_eq!(levels(&mut world), ["B-T", "B-LT", "B-LT", "B-LT", "B-LTA"]);
    let seal = &judged(&world, "livres/bilan.pdf").signatures[0];
    assert_eq!(seal.revocation.len(), 2);
    for one in &seal.revocation {
        assert!(one.this_update.unwrap() >= before, "{one:?}");
    }
    assert_eq!(journalled_seals(&world.machine.files).len(), 1);
}

/// Revoked after its time stamp: what was sealed before stays good, and the document itself proves
/// that it was before.
#[test]
fn a_certificate_that_is_revoked_during_the_climb_does_no_harm_to_what_it_sealed() {
    let _alone = alone();
    let mut world = granted();
    world.lists.kill(true);
    until_tried(&mut world, "seal.extend", 3);
    world.lists.revoke_seal(world.clock.now());
    world.pass_ms(60_000);
    world.lists.kill(false);
    world.settle();
    check::delivered(&mut world, &documents(), "revoked after");
    let seal = &judged(&world, "livres/bilan.pdf").signatures[0];
    assert_eq!(seal.level, Some(Level::Lta));
    assert_eq!(seal.revocation[0].status, RevocationStatus::Revoked);
}

/// Revoked before: the seal is void. It is not delivered, and somebody is asked.
#[test]
fn a_certificate_that_was_revoked_before_makes_the_seal_void() {
    let _alone = alone();
    let mut world = granted();
    world.lists.revoke_seal(world.clock.now() - jiff::SignedDuration::from_hours(1));
    world.run_until("stopped", |world| {
        world.dossiers().iter().any(|one| matches!(one.phase, Phase::NeedsPerson { .. }))
    });
    world.settle_rows();
    let failure = world.dossier().phase.failure().cloned().unwrap();
    assert_eq!(failure.code, "configuration");
    assert!(failure.detail.unwrap().contains("revoked"), "{}", failure.en);
    assert!(world.read("livres/bilan.pdf").is_none());
}
