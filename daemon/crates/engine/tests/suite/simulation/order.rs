//! What comes first, counts: drops and dossiers, revocations and acts, one writer and another.

use std::path::PathBuf;

use sceau_cabinet::{CabinetCommand, DelegationId};
use sceau_disk::{Fault, SimFs};
use sceau_engine::core::Request;
use sceau_workflow::machine::{Command, Phase};

use super::check;
use super::crash::crash;
use super::documents::pdf;
use super::genesis::{ROOT, TOP};
use super::signers::journalled_seals;
use super::world::{Setup, World};
use crate::alone;

const SETUP: Setup = Setup { workflow: "attestation" };

fn revocation() -> Request {
    let delegation = DelegationId::from_bytes([1; 16]);
    let commands = vec![CabinetCommand::Revoke { delegation }];
    Request::Cabinet { commands, actor: ROOT, details: Vec::new() }
}

/// A revocation and the outcome that would authorise the act, decided in one batch.
#[test]
fn a_revocation_in_the_same_batch_counts_by_its_place() {
    let _alone = alone();
    for revoked_first in [true, false] {
        let mut world = World::new(SETUP);
        world.drop_file("bilan.pdf", &pdf("bilan"));
        world.grant();
        world.run_until("a row", |world| !world.daemon().lanes.snapshot().is_empty());
        let row = world.take_row();
        assert_eq!(row.row.effect.kind, "seal.prepare");
        let outcome = world.run_row(row);
        let batch = match revoked_first {
            true => vec![revocation(), outcome],
            false => vec![outcome, revocation()],
        };
        let answers = world.daemon().wheel.process(batch);
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(check::authorised(&mut world).is_empty(), revoked_first);
        world.settle();
        let sealed = journalled_seals(&world.machine.files).len();
        assert_eq!(sealed, usize::from(!revoked_first));
        let rejected = matches!(world.dossier().phase, Phase::Rejected { .. });
        assert_eq!(rejected, revoked_first);
        check::always(&mut world, "batch");
    }
}

#[test]
fn the_same_content_again_is_one_dossier_and_a_visible_notice() {
    let _alone = alone();
    let mut world = World::new(SETUP);
    world.grant();
    world.drop_file("bilan.pdf", &pdf("bilan"));
    world.settle();
    world.drop_file("copie.pdf", &pdf("bilan"));
    world.settle();
    let note = world.read("rejetes/copie.pdf.doublon.txt").unwrap();
    let id = world.dossier().received.dossier.clone();
    assert!(String::from_utf8(note).unwrap().contains(id.as_str()));
    check::always(&mut world, "duplicate");
}

/// After a rejection the same file may come anew; the old dossier is then past retrying.
#[test]
fn a_rejected_file_may_be_dropped_again() {
    let _alone = alone();
    let mut world = World::new(SETUP);
    world.drop_file("bilan.pdf", &pdf("bilan"));
    world.settle();
    world.grant();
    let old = world.dossier().received.dossier.clone();
    world.drop_file("bilan.pdf", &pdf("bilan"));
    world.settle();
    let phases: Vec<Phase> = world.dossiers().into_iter().map(|dossier| dossier.phase).collect();
    assert!(matches!(phases[..], [Phase::Rejected { .. }, Phase::Delivered]), "{phases:?}");
    assert!(world.read("livres/bilan.pdf").is_some());
    let command = Box::new(Command::Retry { by: "test".into() });
    let retry = Request::Dossier { dossier: old, command, actor: "test".into() };
    let refused = world.daemon().wheel.ask(retry).unwrap_err();
    assert!(refused.to_string().contains("took its place"), "{refused}");
    check::always(&mut world, "dropped again");
}

/// A crash right after a rejection was committed, and the rejected place fails for a while: the file
/// that still stands where it was dropped is the same drop, and no second dossier.
#[test]
fn a_drop_whose_rejection_is_under_way_is_not_taken_twice() {
    let _alone = alone();
    for seed in [SimFs::LOSE_ALL, SimFs::KEEP_ALL] {
        let mut world = World::new(SETUP);
        world.step();
        world.drop_file("bilan.pdf", &pdf("bilan"));
        let machine = crash(&mut world, "intake.take.submitted", 1, seed, World::settle).unwrap();
        let mut world = world.reborn(machine);
        assert!(matches!(world.dossier().phase, Phase::Rejected { .. }));
        assert_eq!(world.dropped(), ["bilan.pdf"]);
        world.machine.files.inject(Fault::Sync(PathBuf::from(TOP).join("rejetes")));
        world.run_until("taken again", |world| world.dropped().is_empty());
        assert!(!world.daemon().lanes.snapshot().is_empty(), "its rejection still waits");
        world.machine.files.clear_faults();
        world.settle();
        assert_eq!(world.dossiers().len(), 1);
        assert!(world.read("rejetes/bilan.pdf.erreur.txt").is_some(), "{:?}", world.names());
        world.grant();
        world.retry();
        world.settle();
        check::delivered(&mut world, &[("bilan.pdf", pdf("bilan"))], "taken twice");
    }
}
