//! When a dropped file is taken, and when it is not.

use std::sync::Arc;

use crate::world::{Answer, World, pdf, secs};
use sceau_disk::Fault;
use sceau_intake::{IntakeEvent, WatchMode};

fn taken(world: &World) -> usize {
    world.events.iter().filter(|event| matches!(event, IntakeEvent::Taken { .. })).count()
}

#[test]
fn a_whole_file_is_taken_after_five_seconds_and_claimed() {
    let mut world = World::new();
    world.put("bilan.pdf", &pdf("a"));
    world.run(4);
    assert_eq!(taken(&world), 0);
    world.run(1);
    assert_eq!(taken(&world), 1);
    assert_eq!(world.names(), ["en-cours/bilan.pdf"]);
    let dossier = &world.engine.dossiers()[0];
    assert_eq!(dossier.received.display_name, "bilan.pdf");
    assert_eq!(world.engine.content(&dossier.received.source), pdf("a"));
}

#[test]
fn a_network_folder_waits_thirty_seconds() {
    let mut world = World::with(|config| config.mode = WatchMode::Network);
    world.put("bilan.pdf", &pdf("a"));
    world.run(29);
    assert_eq!(taken(&world), 0);
    world.run(1);
    assert_eq!(taken(&world), 1);
}

#[test]
fn the_rest_between_scans_ends_when_a_file_is_due() {
    let mut world = World::with(|config| config.poll = Some(secs(60)));
    world.put("bilan.pdf", &pdf("a"));
    assert_eq!(world.tick().rest, secs(5));
    world.pass(secs(5));
    assert_eq!(world.tick().rest, secs(60));
    assert_eq!(taken(&world), 1);
}

#[test]
fn zero_stability_still_needs_two_scans() {
    let mut world = World::with(|config| config.stability = Some(secs(0)));
    world.put("bilan.pdf", &pdf("a"));
    assert_eq!(world.tick().rest, secs(0));
    assert_eq!(taken(&world), 0);
    world.tick();
    assert_eq!(taken(&world), 1);
}

#[test]
fn a_growing_file_is_not_taken() {
    let mut world = World::new();
    let whole = pdf(&"x".repeat(60));
    for end in (10..whole.len()).step_by(10) {
        world.put("lent.pdf", &whole[..end]);
        world.run(4);
    }
    assert_eq!(taken(&world), 0);
    world.put("lent.pdf", &whole);
    world.run(6);
    assert_eq!(taken(&world), 1);
}

#[test]
fn a_preallocated_file_is_not_taken_before_its_end_is_there() {
    let mut world = World::new();
    let whole = pdf("x");
    let mut bytes = vec![0; whole.len()];
    world.put("copie.pdf", &bytes);
    world.run(20);
    bytes[..9].copy_from_slice(&whole[..9]);
    world.put("copie.pdf", &bytes);
    world.run(20);
    assert_eq!(taken(&world), 0);
    world.put("copie.pdf", &whole);
    world.run(6);
    assert_eq!(taken(&world), 1);
}

#[test]
fn a_renamed_file_is_taken_at_once_on_a_local_folder_only() {
    for (mode, expected) in [(WatchMode::Local, 1), (WatchMode::Network, 0)] {
        let mut world = World::with(|config| config.mode = mode);
        world.put("x.pdf.part", &pdf("a"));
        world.tick();
        world.rename("x.pdf.part", "x.pdf");
        world.hints.renamed_in("x.pdf".into());
        world.tick();
        assert_eq!(taken(&world), expected);
    }
}

#[test]
fn a_renamed_file_without_an_end_waits_like_another() {
    let mut world = World::new();
    world.put("x.pdf", b"%PDF-1.7\n");
    world.hints.renamed_in("x.pdf".into());
    world.tick();
    assert_eq!((taken(&world), world.names()), (0, vec!["x.pdf".into()]));
}

#[test]
fn a_done_marker_takes_its_document_at_once_and_goes() {
    let mut world = World::with(|config| config.done_marker = Some(".ok".into()));
    world.put("x.pdf", &pdf("a"));
    world.tick();
    world.put("x.pdf.ok", b"");
    world.tick();
    assert_eq!(world.names(), ["en-cours/x.pdf"]);
}

#[test]
fn a_marker_older_than_its_document_does_not_count() {
    let mut world = World::with(|config| config.done_marker = Some(".ok".into()));
    world.put("x.pdf.ok", b"");
    world.run(1);
    world.put("x.pdf", &pdf("a"));
    world.run(3);
    assert_eq!(taken(&world), 0);
    world.run(3);
    assert_eq!(world.names(), ["en-cours/x.pdf"]);
}

#[test]
fn a_marker_alone_goes_after_a_while() {
    let mut world = World::with(|config| config.done_marker = Some(".ok".into()));
    world.put("x.pdf.ok", b"");
    world.run(61);
    assert!(world.names().is_empty());
}

#[test]
fn a_file_present_at_start_gets_the_same_checks() {
    let world = World::new();
    world.drop_durably("x.pdf", &pdf("a"));
    let mut world = world.restart(None);
    world.run(4);
    assert_eq!(taken(&world), 0);
    world.run(2);
    assert_eq!(taken(&world), 1);
}

#[test]
fn a_change_while_copying_puts_the_file_off() {
    let mut world = World::new();
    world.put("x.pdf", &pdf("old"));
    let (fs, at) = (world.fs.clone(), world.at("x.pdf"));
    world.engine.state.lock().unwrap().during_copy = Some(Box::new(move || {
        fs.write_file(&at, &pdf("new")).unwrap();
    }));
    world.run(6);
    assert_eq!(taken(&world), 0);
    world.run(6);
    assert_eq!(world.engine.content(&world.engine.sources()[0]), pdf("new"));
    assert_eq!(taken(&world), 1);
}

#[test]
fn a_change_between_commit_and_claim_becomes_a_dossier_of_its_own() {
    let mut world = World::new();
    world.put("x.pdf", &pdf("old"));
    let (fs, at) = (world.fs.clone(), world.at("x.pdf"));
    world.engine.state.lock().unwrap().during_submit = Some(Box::new(move || {
        fs.write_file(&at, &pdf("newer")).unwrap();
    }));
    world.run(15);
    let contents: Vec<_> =
        world.engine.sources().iter().map(|source| world.engine.content(source)).collect();
    assert_eq!(contents, [pdf("old"), pdf("newer")]);
    assert_eq!(world.read("en-cours/x.pdf"), Some(pdf("newer")));
}

/// After a crash a rejection that was put off moves its source, while other documents are still copied.
#[test]
fn what_was_moved_after_its_copy_is_no_drop_any_more() {
    let mut world = World::new();
    world.put("a.pdf", &pdf("a"));
    world.put("b.pdf", &pdf("b"));
    world.rename_at_second_copy("a.pdf", "rejetes/a.pdf");
    world.run(15);
    let state = world.engine.state.lock().unwrap();
    assert!(state.blobs.values().any(|bytes| *bytes == pdf("a")), "it was copied before");
    let names: Vec<_> =
        state.dossiers.iter().map(|dossier| dossier.received.display_name.as_str()).collect();
    assert_eq!(names, ["b.pdf"]);
}

#[test]
fn the_same_name_with_another_content_is_another_dossier() {
    let mut world = World::new();
    world.put("x.pdf", &pdf("a"));
    world.run(6);
    world.put("x.pdf", &pdf("b"));
    world.run(6);
    assert_eq!(world.engine.dossiers().len(), 2);
    assert_eq!(world.names(), ["en-cours/x (2).pdf", "en-cours/x.pdf"]);
}

#[test]
fn the_same_content_again_is_one_dossier_and_a_visible_notice() {
    let mut world = World::new();
    world.put("x.pdf", &pdf("a"));
    world.run(6);
    world.put("y.pdf", &pdf("a"));
    world.run(6);
    assert_eq!(world.engine.dossiers().len(), 1);
    let names = ["en-cours/x.pdf", "rejetes/y.pdf", "rejetes/y.pdf.doublon.txt"];
    assert_eq!(world.names(), names);
    assert!(world.text("rejetes/y.pdf.doublon.txt").contains("D-1"));
}

#[test]
fn two_copies_in_one_scan_are_one_dossier() {
    let mut world = World::new();
    world.put("x.pdf", &pdf("a"));
    world.put("y.pdf", &pdf("a"));
    world.run(6);
    assert_eq!(world.engine.dossiers().len(), 1);
    assert_eq!(world.names().len(), 3);
}

#[test]
fn a_rejected_submission_is_set_aside_with_its_reason() {
    let mut world = World::new();
    world.engine.state.lock().unwrap().answer = Answer::Reject;
    world.put("x.pdf", &pdf("a"));
    world.run(6);
    assert_eq!(world.names(), ["rejetes/x.pdf", "rejetes/x.pdf.erreur.txt"]);
    assert!(world.text("rejetes/x.pdf.erreur.txt").contains("« sceller »"));
}

#[test]
fn a_busy_engine_gets_the_file_later() {
    let mut world = World::new();
    world.engine.state.lock().unwrap().answer = Answer::Busy;
    world.put("x.pdf", &pdf("a"));
    world.run(8);
    assert_eq!(world.names(), ["x.pdf"]);
    assert!(world.folder.status().paused.is_some());
    world.engine.state.lock().unwrap().answer = Answer::Accept;
    world.run(1);
    assert_eq!(taken(&world), 1);
    let paused = world.events.iter().filter(|e| matches!(e, IntakeEvent::Paused { .. })).count();
    assert_eq!(paused, 1, "told once");
}

#[test]
fn a_full_disk_stops_the_taking_and_shows_it() {
    let mut world = World::new();
    world.put("x.pdf", &pdf("a"));
    world.fs.inject(Fault::NoSpaceAfter(900));
    world.run(8);
    assert_eq!(taken(&world), 0);
    assert!(world.text("ATTENTION - disque presque plein.txt").contains("1000 o"));
    world.fs.clear_faults();
    world.run(1);
    assert_eq!(world.names(), ["en-cours/x.pdf"], "the notice is gone");
}

#[test]
fn a_full_state_disk_stops_the_taking_and_shows_it() {
    let mut world = World::new();
    world.engine.state.lock().unwrap().room = Some(0);
    world.put("x.pdf", &pdf("a"));
    world.run(8);
    assert!(world.text("ATTENTION - disque presque plein.txt").contains("administrateur"));
    world.engine.state.lock().unwrap().room = None;
    world.run(1);
    assert_eq!(world.names(), ["en-cours/x.pdf"]);
}

#[test]
fn a_document_without_room_does_not_stop_shorter_ones() {
    let mut world = World::new();
    world.engine.state.lock().unwrap().room = Some(200);
    world.put("a.pdf", &pdf(&"long ".repeat(100)));
    world.put("b.pdf", &pdf("b"));
    world.run(6);
    let names = ["ATTENTION - disque presque plein.txt", "a.pdf", "en-cours/b.pdf"];
    assert_eq!(world.names(), names);
}

#[test]
fn a_source_that_fails_while_it_is_copied_stops_no_other() {
    for sink_confused in [true, false] {
        let mut world = World::new();
        world.put("a.pdf", &pdf(&"long ".repeat(100)));
        world.run(1);
        world.put("b.pdf", &pdf("b"));
        let (fs, at) = (world.fs.clone(), world.at("a.pdf"));
        let mut state = world.engine.state.lock().unwrap();
        state.sink_confused = sink_confused;
        state.before_copy = Some(Box::new(move || fs.inject(Fault::Io(at))));
        drop(state);
        world.run(8);
        assert_eq!(
            world.names(),
            ["ATTENTION - fichiers illisibles.txt", "a.pdf", "en-cours/b.pdf"]
        );
    }
}

#[test]
fn many_files_are_taken_in_several_scans_and_none_is_forgotten() {
    let mut world = World::new();
    for n in 0..300 {
        world.put(&format!("{n}.pdf"), &pdf(&n.to_string()));
    }
    world.run(4);
    world.pass(secs(1));
    assert_eq!(world.tick().rest, secs(0));
    world.tick();
    assert_eq!(taken(&world), 300);
}

#[test]
fn sub_folders_are_parameters() {
    let mut world = World::with(|config| {
        config.subfolders = vec!["client".into(), "exercice".into()];
    });
    world.put("Dupont/2025/x.pdf", &pdf("a"));
    world.run(6);
    assert_eq!(world.names(), ["en-cours/Dupont/2025/x.pdf"]);
    let parameters = &world.engine.dossiers()[0].received.parameters;
    assert_eq!((&*parameters["client"], &*parameters["exercice"]), ("Dupont", "2025"));
}

#[test]
fn ignored_names_stay() {
    let mut world = World::new();
    for name in ["~$x.pdf", ".x.pdf", "x.tmp", "x.part", "Thumbs.db", "LISEZMOI.txt"] {
        world.put(name, b"x");
    }
    world.run(120);
    assert_eq!((world.names().len(), taken(&world)), (6, 0));
}

#[test]
fn a_watcher_may_be_moved_to_its_thread() {
    fn sendable<T: Send>(_: &T) {}
    let world = World::new();
    sendable(&world.watcher);
    let _ = Arc::clone(&world.folder);
}
