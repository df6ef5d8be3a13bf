//! Results that come back: delivery, rejection, resumption, notices, troubles, mounts.

use std::path::Path;

use crate::world::{TOP, World, note, pdf, sealed};
use sceau_disk::{Fault, FsType};
use sceau_intake::notes::{Text, TroubleKind};
use sceau_intake::{EffectError, IntakeEvent, SourceFate, SourceFile};

fn taken() -> (World, SourceFile) {
    let mut world = World::new();
    world.put("x.pdf", &pdf("a"));
    world.run(6);
    let source = world.engine.sources().remove(0);
    (world, source)
}

const DELIVERED: [&str; 3] = ["livres/originaux/x.pdf", "livres/x.pdf", "livres/x.pdf.preuve.json"];

#[test]
fn a_delivery_puts_the_result_its_companions_and_the_original() {
    let (world, source) = taken();
    let delivered = world.deliver(&source).unwrap();
    assert_eq!(world.names(), DELIVERED);
    assert_eq!(world.read("livres/x.pdf").unwrap(), sealed(&pdf("a")));
    assert_eq!(world.read("livres/originaux/x.pdf").unwrap(), pdf("a"));
    assert_eq!(delivered.companions[0].to_string(), "livres/x.pdf.preuve.json");
    assert_eq!(delivered.source, Some(SourceFate::Moved("livres/originaux/x.pdf".into())));
}

#[test]
fn a_delivery_done_again_changes_nothing() {
    let (world, source) = taken();
    let first = world.deliver(&source).unwrap();
    assert_eq!(world.deliver(&source).unwrap(), first);
    assert_eq!(world.names(), DELIVERED);
}

#[test]
fn another_content_under_the_name_is_kept() {
    let (world, source) = taken();
    world.put("livres/x.pdf", b"autre");
    world.deliver(&source).unwrap();
    world.deliver(&source).unwrap();
    assert_eq!(world.read("livres/x.pdf").unwrap(), b"autre");
    assert_eq!(world.read("livres/x (2).pdf").unwrap(), sealed(&pdf("a")));
    assert!(world.read("livres/x (2).pdf.preuve.json").is_some());
    assert_eq!(world.names().len(), 4);
}

#[test]
fn a_name_that_a_crash_left_reserved_is_used() {
    let (world, source) = taken();
    world.put("livres/x.pdf", b"");
    world.deliver(&source).unwrap();
    assert_eq!(world.names(), DELIVERED);
}

#[test]
fn a_full_disk_leaves_no_half_file_and_the_delivery_is_done_later() {
    let (world, source) = taken();
    world.fs.inject(Fault::NoSpaceAfter(10));
    let error = world.deliver(&source).unwrap_err();
    assert!(error.is_transient(), "{error}");
    assert_eq!(world.names(), ["en-cours/x.pdf"]);
    world.fs.clear_faults();
    world.deliver(&source).unwrap();
    assert_eq!(world.names(), DELIVERED);
}

#[test]
fn a_source_changed_in_progress_becomes_a_new_drop() {
    let (mut world, source) = taken();
    world.put("en-cours/x.pdf", &pdf("changed"));
    let delivered = world.deliver(&source).unwrap();
    assert_eq!(delivered.source, Some(SourceFate::Changed("x.pdf".into())));
    world.run(6);
    assert_eq!(world.engine.dossiers().len(), 2);
}

#[test]
fn a_source_taken_away_does_not_stop_the_delivery() {
    let (world, source) = taken();
    world.rename("en-cours/x.pdf", "en-cours/renamed.pdf");
    assert_eq!(world.deliver(&source).unwrap().source, Some(SourceFate::Missing));
}

#[test]
fn a_stranger_under_the_source_s_name_is_left_alone() {
    let (world, source) = taken();
    world.rename("en-cours/x.pdf", "elsewhere.pdf");
    world.put("en-cours/x.pdf", b"stranger");
    assert_eq!(world.deliver(&source).unwrap().source, Some(SourceFate::Missing));
    assert_eq!(world.read("en-cours/x.pdf").unwrap(), b"stranger");
}

#[test]
fn empty_sub_folders_in_progress_are_removed() {
    let mut world = World::with(|config| config.subfolders = vec!["client".into()]);
    world.put("Dupont/x.pdf", &pdf("a"));
    world.run(6);
    world.deliver(&world.engine.sources()[0]).unwrap();
    assert!(world.read("livres/Dupont/x.pdf").is_some());
    assert!(world.read("livres/originaux/Dupont/x.pdf").is_some());
}

#[test]
fn a_rejection_tells_why_and_the_dossier_and_is_done_once() {
    let (world, source) = taken();
    world.reject(&source);
    world.reject(&source);
    assert_eq!(world.names(), ["rejetes/x.pdf", "rejetes/x.pdf.erreur.txt"]);
    let text = world.text("rejetes/x.pdf.erreur.txt");
    assert!(text.contains("D-1") && text.contains("« sceller »"), "{text}");
}

#[test]
fn a_retry_takes_the_source_back_and_delivers() {
    let (world, source) = taken();
    world.reject(&source);
    assert!(world.folder.resume(&source).unwrap());
    assert!(world.folder.resume(&source).unwrap(), "again is harmless");
    assert_eq!(world.names(), ["en-cours/x.pdf"]);
    world.deliver(&source).unwrap();
    assert_eq!(world.names(), DELIVERED);
}

#[test]
fn a_rejected_source_taken_away_still_gets_its_note() {
    let (world, source) = taken();
    world.rename("en-cours/x.pdf", "en-cours/y.pdf");
    world.reject(&source);
    assert!(world.text("rejetes/x.pdf.erreur.txt").contains("D-1"));
    assert!(!world.folder.resume(&source).unwrap());
}

#[test]
fn a_waiting_note_stands_beside_the_source_until_it_moves_on() {
    let (world, source) = taken();
    world.folder.notice(&source, Some(&note("waiting", Some("D-1")))).unwrap();
    assert!(world.text("en-cours/x.pdf.attente.txt").contains("D-1"));
    world.deliver(&source).unwrap();
    assert_eq!(world.names(), DELIVERED);
}

#[test]
fn trouble_is_shown_while_it_lasts_and_a_scan_leaves_it() {
    let mut world = World::new();
    let detail = Text::new("délai dépassé", "timed out");
    let kind = TroubleKind::TimestampUnavailable;
    world.folder.trouble(kind, Some(&detail)).unwrap();
    world.run(120);
    assert!(world.text("ATTENTION - horodatage indisponible.txt").contains("délai dépassé"));
    let world = world.restart(None);
    world.folder.trouble(kind, None).unwrap();
    assert!(world.names().is_empty());
}

#[test]
fn a_folder_whose_mount_is_gone_is_unavailable_and_stays_untouched() {
    let (world, source) = taken();
    let mut world = world;
    world.fs.mount(Path::new(TOP), FsType::Local).unwrap();
    world.put("y.pdf", &pdf("under the mount point"));
    world.run(20);
    let status = world.folder.status();
    assert!(!status.available && status.reason.unwrap().contains(".sceau-folder"));
    let unavailable = world.deliver(&source).unwrap_err();
    assert!(matches!(unavailable, EffectError::Unavailable { .. }) && unavailable.is_transient());
    assert_eq!(world.names(), ["y.pdf"]);
    world.fs.unmount(Path::new(TOP)).unwrap();
    world.run(1);
    assert!(world.folder.status().available);
    world.deliver(&source).unwrap();
    let told: Vec<_> =
        world.events.iter().filter(|e| matches!(e, IntakeEvent::Unavailable { .. })).collect();
    assert_eq!(told.len(), 1, "told once");
}

#[test]
fn a_mount_missing_at_start_is_not_taken_for_an_empty_folder() {
    let (world, _) = taken();
    world.fs.mount(Path::new(TOP), FsType::Local).unwrap();
    let mut world = world.restart(None);
    world.run(10);
    assert!(!world.folder.status().available);
    assert!(world.fs.read_file(&world.at(".sceau-folder")).is_none());
}

#[test]
fn an_operator_may_adopt_a_folder_anew() {
    let (mut world, _) = taken();
    world.rename(".sceau-folder", ".lost");
    world.run(1);
    assert!(!world.folder.status().available);
    world.folder.adopt();
    world.run(1);
    assert!(world.folder.status().available);
}

#[test]
fn two_folders_of_one_directory_are_told() {
    let mut world = World::new();
    world.run(1);
    world.config.name = "autre".into();
    let mut world = world.restart(None);
    world.run(1);
    assert!(world.folder.status().reason.unwrap().contains("attestations"));
}

#[test]
fn a_share_behind_fuse_is_watched_by_polling() {
    let mut world = World::new();
    world.fs.mount(Path::new(TOP), FsType::Fuse).unwrap();
    world.put("x.pdf", &pdf("a"));
    world.run(29);
    assert_eq!((world.folder.status().network, world.engine.dossiers().len()), (true, 0));
    world.run(1);
    assert_eq!(world.engine.dossiers().len(), 1);
}
