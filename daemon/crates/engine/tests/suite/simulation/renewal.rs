//! A delivered document is renewed before its proof ends, for as long as it is retained.

use std::collections::BTreeSet;

use jiff::Timestamp;
use sceau_disk::SimFs;
use sceau_disk::boundary::{disarm, hits};
use sceau_pades::Level;
use sceau_workflow::machine::{DossierEvent, Phase};

use super::crash::crash;
use super::documents::pdf;
use super::genesis::FIRST_UNIT_ENDS;
use super::ladder::judged;
use super::signers::journalled_seals;
use super::world::{Setup, World};
use super::{check, proving};
use crate::alone;

const DAY_MS: i64 = 24 * 3_600_000;
const DELIVERED: &str = "livres/bilan.pdf";

/// A delivered document whose time stamps are the first unit's.
fn delivered() -> World {
    let mut world = World::new(Setup { workflow: "durable" });
    world.first_unit.store(true, std::sync::atomic::Ordering::Relaxed);
    world.grant();
    world.drop_file("bilan.pdf", &pdf("bilan"));
    world.settle();
    check::delivered(&mut world, &[("bilan.pdf", pdf("bilan"))], "delivered");
    world
}

/// The operator has made a new unit.
fn new_unit(world: &World) {
    world.first_unit.store(false, std::sync::atomic::Ordering::Relaxed);
}

fn until(world: &World, moment: Timestamp) {
    world.pass_ms(moment.as_millisecond() - world.clock.now_ms());
}

fn due(world: &mut World) -> Timestamp {
    world.dossier().renewal.unwrap().due
}

/// The one renewed file.
fn renewed_file(world: &World) -> String {
    let is = |name: &String| name.starts_with("livres/bilan.renouvele-") && name.ends_with(".pdf");
    let names: Vec<String> = world.names().into_iter().filter(is).collect();
    assert_eq!(names.len(), 1, "{:?}", world.names());
    names.into_iter().next().unwrap()
}

/// The renewed copy goes on where the first one's proof ends, with its evidence, and no key of the
/// société was used.
fn renewed(world: &mut World, case: &str) {
    let dossier = world.dossier();
    assert_eq!(dossier.phase, Phase::Delivered, "{case}");
    let renewal = dossier.renewal.clone().unwrap();
    assert_eq!((renewal.rounds, renewal.begun), (1, None), "{case}");
    assert_eq!(renewal.due, renewal.until, "{case}: the second unit outlasts the retention");
    let (first, file) = (world.read(DELIVERED).unwrap(), renewed_file(world));
    let bytes = world.read(&file).unwrap();
    assert!(bytes.starts_with(&first), "{case}: every byte before stands");
    let evidence = world.read(&format!("{file}.preuve.json")).unwrap();
    check::sealed(world, &bytes, &evidence, &pdf("bilan"), case);
    assert_eq!(journalled_seals(&world.machine.files).len(), 1, "{case}");
    check::always(world, case);
    let late: Timestamp = "2029-06-01T00:00:00Z".parse().unwrap();
    until(world, late);
    let report = judged(world, &file);
    assert!(report.verdict.passed(), "{case}: {:?}", report.verdict);
    assert_eq!(report.signatures[0].level, Some(Level::Lta), "{case}");
    assert!(!judged(world, DELIVERED).verdict.passed(), "{case}: the first unit has ended");
}

#[test]
fn a_delivered_document_is_renewed_before_its_proof_ends() {
    let _alone = alone();
    let mut world = delivered();
    let end: Timestamp = FIRST_UNIT_ENDS.parse().unwrap();
    let due = due(&mut world);
    assert_eq!(end.duration_since(due).as_hours(), 30 * 24);
    let mut world = world.restart();
    until(&world, due - jiff::SignedDuration::from_secs(1));
    world.settle();
    assert!(!world.dossier().is_renewing());
    new_unit(&world);
    // The délégation by which it was sealed is gone: it is not asked for.
    world.revoke();
    until(&world, due);
    world.settle();
    let id = world.dossier().received.dossier.clone();
    let events = world.daemon().handle.events(&id).unwrap();
    let begun = events.iter().position(|told| {
        matches!(&told.event, DossierEvent::RenewalBegun { reason, .. } if reason.contains("no délégation"))
    });
    let after = &events[begun.unwrap()..];
    assert!(!after.iter().any(|told| matches!(told.event, DossierEvent::Authorised(_))));
    renewed(&mut world, "renewed");
}

/// The clock is set back between the timer and what it begins: what was due is renewed all the same, and not
/// delivered once more as it was.
#[test]
fn a_clock_set_back_does_not_pass_for_a_renewal() {
    let _alone = alone();
    let mut world = delivered();
    new_unit(&world);
    let due = due(&mut world);
    until(&world, due);
    let rings = world.daemon().wheel.due();
    assert_eq!(rings.len(), 1);
    world.pass_ms(-1_000);
    let heard = world.daemon().wheel.process(rings);
    assert!(heard.iter().all(Result::is_ok));
    world.settle();
    renewed(&mut world, "set back");
}

/// The unit was not renewed: a time stamp by it would prove nothing more. It is said, and tried again
/// every day.
#[test]
fn a_renewal_that_would_prove_no_longer_is_told_and_tried_again() {
    let _alone = alone();
    let mut world = delivered();
    let due_first = due(&mut world);
    until(&world, due_first);
    world.settle();
    let renewal = world.dossier().renewal.unwrap();
    assert_eq!(renewal.trouble.unwrap().code, "renewal-pointless");
    assert_eq!(world.dossier().phase, Phase::Delivered);
    let again = due(&mut world);
    assert!((23..=24).contains(&again.duration_since(due_first).as_hours()), "{again}");
    new_unit(&world);
    until(&world, again);
    world.settle();
    renewed(&mut world, "a day later");
}

/// The authority that is asked first still stamps under the certificate that ends: the one after it does
/// what is wanted, on the first day.
#[test]
fn a_renewal_is_by_the_first_authority_that_outlasts() {
    let _alone = alone();
    let mut world = delivered();
    let due = due(&mut world);
    world.joined.store(true, std::sync::atomic::Ordering::Relaxed);
    until(&world, due);
    world.settle();
    assert_eq!(world.dossier().renewal.unwrap().trouble, None);
    renewed(&mut world, "by the second");
}

/// Neither the network nor the authority answers when it is due: it waits, and is done once they do.
#[test]
fn a_renewal_waits_for_its_peers() {
    let _alone = alone();
    let mut world = delivered();
    new_unit(&world);
    let due = due(&mut world);
    until(&world, due);
    world.lists.kill(true);
    world.run_until("waiting", |world| {
        world.daemon().lanes.snapshot().iter().any(|row| row.tries > 2)
    });
    world.pass_ms(3 * DAY_MS);
    world.cut_line(true);
    world.lists.kill(false);
    world.run_until("failed after a day", |world| {
        world.dossier().renewal.unwrap().trouble.is_some()
    });
    world.cut_line(false);
    world.pass_ms(DAY_MS);
    world.settle();
    renewed(&mut world, "late");
}

/// Power cuts at every boundary of a renewal.
#[test]
fn a_crash_during_a_renewal_loses_nothing() {
    let _alone = alone();
    let renew = |world: &mut World| world.settle();
    let ready = || {
        disarm();
        let mut world = delivered();
        new_unit(&world);
        let due = due(&mut world);
        let world = world.restart();
        until(&world, due);
        world
    };
    let mut world = ready();
    disarm();
    let before = hits();
    renew(&mut world);
    let after = hits();
    renewed(&mut world, "calm");
    let mut killed = BTreeSet::new();
    for (boundary, count) in after {
        let count = count - before.get(boundary).copied().unwrap_or(0);
        let seeds =
            if proving() { vec![SimFs::LOSE_ALL, SimFs::KEEP_ALL, 5] } else { vec![count % 3] };
        for seed in seeds.into_iter().filter(|_| count > 0) {
            let case = format!("{boundary}:{count}, seed {seed}");
            let mut world = ready();
            let Some(machine) = crash(&mut world, boundary, count.div_ceil(2), seed, renew) else {
                panic!("{case}: not hit");
            };
            let mut world = world.reborn(machine);
            world.settle();
            renewed(&mut world, &case);
            killed.insert(boundary);
        }
    }
    for boundary in
        ["engine.extend.blob-written", "engine.stamp.blob-written", "engine.deliver.put"]
    {
        assert!(killed.contains(boundary), "{boundary}: {killed:?}");
    }
}
