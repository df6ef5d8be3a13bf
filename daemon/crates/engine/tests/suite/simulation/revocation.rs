//! The délégation is revoked at every point between the drop and the delivery. After the revocation
//! is committed no signature is made that was not authorised before; the dossier says why in the
//! folder; granted again and retried, it is delivered.

use std::collections::BTreeSet;

use sceau_disk::SimFs;
use sceau_disk::boundary::{disarm, hits};
use sceau_workflow::machine::{Digest, DossierEvent, Phase};

use super::crash::crash;
use super::documents::pdf;
use super::signers::journalled_seals;
use super::world::{Setup, World};
use super::{check, proving};
use crate::alone;

const SETUP: Setup = Setup { workflow: "attestation" };

/// What became of the dossier whose right was revoked.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fate {
    /// The act was authorised before, or made.
    Delivered,
    /// The reason stood in the folder.
    Rejected,
}

fn granted() -> World {
    let mut world = World::new(SETUP);
    world.drop_file("bilan.pdf", &pdf("bilan"));
    world.grant();
    world
}

fn acts(world: &World) -> BTreeSet<Digest> {
    let journal = journalled_seals(&world.machine.files);
    let acts: Vec<Digest> = journal.iter().map(|entry| Digest::new(entry.act)).collect();
    let distinct: BTreeSet<Digest> = acts.iter().copied().collect();
    assert_eq!(acts.len(), distinct.len(), "an act was signed twice");
    distinct
}

/// Revokes now, lets the dossier come to its end, and judges what happened since.
fn revoke_and_judge(world: &mut World, case: &str) -> Fate {
    world.revoke();
    assert!(!world.may_seal());
    let mut allowed = acts(world);
    allowed.extend(check::authorised(world));
    world.cut_line(false);
    world.settle();
    let made = acts(world);
    assert!(made.is_subset(&allowed), "{case}: a signature after the revocation");
    check::always(world, case);
    let dossier = world.dossier();
    match &dossier.phase {
        Phase::Delivered => Fate::Delivered,
        Phase::Rejected { failure } => {
            assert_eq!(failure.code, "right-missing", "{case}");
            let note = world.read("rejetes/bilan.pdf.erreur.txt").unwrap();
            let note = String::from_utf8(note).unwrap();
            assert!(note.contains("sceller") && note.contains("right-missing"), "{case}: {note}");
            assert!(note.contains(dossier.received.dossier.as_str()), "{case}: {note}");
            assert_eq!(world.read("rejetes/bilan.pdf"), Some(pdf("bilan")), "{case}");
            Fate::Rejected
        }
        other => panic!("{case}: {other:?}"),
    }
}

/// Granting it and `retry` delivers.
fn deliver_after_all(world: &mut World, case: &str) {
    world.grant();
    world.retry();
    world.settle();
    check::delivered(world, &[("bilan.pdf", pdf("bilan"))], case);
}

#[test]
fn revoked_after_any_piece_of_work() {
    let _alone = alone();
    let mut fates = BTreeSet::new();
    for pieces in 0.. {
        let mut world = granted();
        let case = format!("revoked after {pieces} pieces");
        let mut left = pieces;
        while left > 0 && !world.dossiers().iter().any(|d| d.phase == Phase::Delivered) {
            world.step();
            left -= 1;
        }
        let over = left > 0;
        let fate = revoke_and_judge(&mut world, &case);
        if fate == Fate::Rejected {
            deliver_after_all(&mut world, &case);
        }
        fates.insert(fate);
        if over {
            break;
        }
    }
    assert_eq!(fates, BTreeSet::from([Fate::Delivered, Fate::Rejected]));
}

#[test]
fn revoked_after_a_crash_at_any_boundary() {
    let _alone = alone();
    let mut world = World::new(SETUP);
    world.drop_file("bilan.pdf", &pdf("bilan"));
    disarm();
    world.grant();
    world.settle();
    let mut fates = BTreeSet::new();
    for (boundary, count) in hits() {
        let nths = if proving() { (1..=count).collect() } else { vec![count.div_ceil(2)] };
        for (nth, seed) in nths.into_iter().flat_map(|nth| [(nth, SimFs::LOSE_ALL), (nth, 2 + nth)])
        {
            let case = format!("{boundary}:{nth}, seed {seed}, revoked after the crash");
            let mut world = World::new(SETUP);
            world.drop_file("bilan.pdf", &pdf("bilan"));
            let drive = |world: &mut World| {
                world.grant();
                world.settle();
            };
            let machine = crash(&mut world, boundary, nth, seed, drive);
            let mut world = world.reborn(machine.unwrap_or_else(|| panic!("{case}: not hit")));
            let fate = revoke_and_judge(&mut world, &case);
            // What was in the journal before and is not in a delivered file was authorised, and its
            // answer was lost with the power; the dossier then goes on with it and is delivered.
            if fate == Fate::Rejected {
                deliver_after_all(&mut world, &case);
            }
            fates.insert(fate);
        }
    }
    assert_eq!(fates, BTreeSet::from([Fate::Delivered, Fate::Rejected]));
}

#[test]
fn revoked_while_no_time_stamp_can_be_had_before_the_signature() {
    let _alone = alone();
    let mut world = granted();
    world.cut_line(true);
    world.run_until("waiting for the authority", |world| {
        world.daemon().lanes.snapshot().iter().any(|row| row.tries > 6)
    });
    let shown = world.names().into_iter().any(|name| name.starts_with("ATTENTION"));
    assert!(shown, "the outage is shown in the folder: {:?}", world.names());
    assert!(acts(&world).is_empty());
    assert_eq!(revoke_and_judge(&mut world, "outage"), Fate::Rejected);
    assert!(acts(&world).is_empty(), "no key was used");
    deliver_after_all(&mut world, "outage");
}

#[test]
fn revoked_while_no_time_stamp_can_be_had_after_the_signature() {
    let _alone = alone();
    let mut world = granted();
    world.run_until("signed", |world| !acts(world).is_empty());
    world.cut_line(true);
    world.run_until("waiting for the authority", |world| {
        world.daemon().lanes.snapshot().iter().any(|row| row.tries > 6)
    });
    let signed = acts(&world);
    assert_eq!(revoke_and_judge(&mut world, "outage"), Fate::Delivered);
    assert_eq!(acts(&world), signed, "what was signed under the right is finished, and no more");
    check::delivered(&mut world, &[("bilan.pdf", pdf("bilan"))], "outage");
}

/// Works until the act is authorised and the signer has not been asked yet.
fn until_authorised(world: &mut World) {
    world.run_until("authorised", |world| !check::authorised(world).is_empty());
    assert!(acts(world).is_empty());
}

#[test]
fn an_expired_authorisation_is_asked_for_again_for_the_same_act() {
    let _alone = alone();
    let mut world = granted();
    until_authorised(&mut world);
    world.pass_ms(61_000);
    world.settle();
    assert_eq!(authorisations(&mut world), 2, "the right was asked for again");
    check::delivered(&mut world, &[("bilan.pdf", pdf("bilan"))], "expired");
}

#[test]
fn an_expired_authorisation_is_not_renewed_once_the_right_is_gone() {
    let _alone = alone();
    let mut world = granted();
    until_authorised(&mut world);
    world.pass_ms(61_000);
    assert_eq!(revoke_and_judge(&mut world, "expired"), Fate::Rejected);
    assert!(acts(&world).is_empty());
}

#[test]
fn a_try_after_trouble_does_not_ride_on_the_old_authorisation() {
    let _alone = alone();
    let mut world = granted();
    until_authorised(&mut world);
    world.daemon().door.bar(true);
    world.run_until("tried", |world| {
        world.daemon().lanes.snapshot().iter().any(|row| row.tries > 0)
    });
    world.daemon().door.bar(false);
    assert_eq!(revoke_and_judge(&mut world, "the signer was gone"), Fate::Rejected);
    assert!(acts(&world).is_empty(), "within the minute, and yet no signature");
    world.grant();
    world.retry();
    world.settle();
    assert_eq!(world.dossier().phase, Phase::Delivered);
    assert_eq!(acts(&world).len(), 1);
}

fn authorisations(world: &mut World) -> usize {
    let id = world.dossier().received.dossier.clone();
    let events = world.daemon().handle.events(&id).unwrap();
    events.iter().filter(|told| matches!(told.event, DossierEvent::Authorised(_))).count()
}
