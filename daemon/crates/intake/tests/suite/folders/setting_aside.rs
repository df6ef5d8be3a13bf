//! What cannot be worked on: each bad kind, names without room, and trouble that passes.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::world::{TOP, World, pdf};
use sceau_disk::{Fault, FileSystem};
use sceau_intake::{IntakeEvent, Language};

/// Drops that content, waits past patience, and gives back the note.
fn note_for(bytes: &[u8]) -> (Vec<String>, String) {
    let mut world = World::new();
    world.put("x.pdf", bytes);
    world.run(61);
    (world.names(), world.text("rejetes/x.pdf.erreur.txt"))
}

#[test]
fn empty_not_a_pdf_and_truncated_are_told_apart() {
    for (bytes, why) in [
        (&b""[..], "vide"),
        (b"PK\x03\x04 un classeur", "pas un fichier PDF"),
        (b"%PDF-1.7\n1 0 obj", "sa fin manque"),
    ] {
        let (names, text) = note_for(bytes);
        assert_eq!(names, ["rejetes/x.pdf", "rejetes/x.pdf.erreur.txt"]);
        assert!(text.contains(why), "{text}");
        assert!(text.contains("Que faire :"), "{text}");
    }
}

#[test]
fn the_original_is_untouched() {
    let mut world = World::new();
    world.put("x.pdf", b"%PDF-1.7\nmoiti");
    world.run(61);
    assert_eq!(world.read("rejetes/x.pdf").unwrap(), b"%PDF-1.7\nmoiti");
}

#[test]
fn english_when_so_configured() {
    let mut world = World::with(|config| config.language = Language::English);
    world.put("x.pdf", b"");
    world.run(61);
    assert!(world.text("rejetes/x.pdf.erreur.txt").contains("What to do:"));
}

#[test]
fn too_long_files_are_not_read() {
    let mut world = World::with(|config| config.max_file_len = 10);
    world.put("x.pdf", &pdf("a"));
    world.run(6);
    assert!(world.text("rejetes/x.pdf.erreur.txt").contains("la limite est 10 o"));
}

#[test]
fn links_and_devices_are_moved_not_followed() {
    let mut world = World::new();
    world.fs.put_symlink(&world.at("lien.pdf")).unwrap();
    world.fs.put_fifo(&world.at("tube.pdf")).unwrap();
    world.run(6);
    let names = ["rejetes/lien.pdf.erreur.txt", "rejetes/tube.pdf.erreur.txt"];
    assert_eq!(world.names(), names);
    let top = world.fs.open_dir(Path::new(TOP)).unwrap();
    assert!(top.stat(Path::new("rejetes/lien.pdf")).is_ok());
    assert!(top.stat(Path::new("lien.pdf")).is_err());
}

#[test]
fn a_directory_in_the_way_is_moved_whole_once_it_is_quiet() {
    let mut world = World::new();
    for n in 0..20 {
        world.put(&format!("lot/{n}.pdf"), &pdf("a"));
        world.run(30);
    }
    assert_eq!(world.names().len(), 20);
    assert!(world.read("lot/0.pdf").is_some(), "while it is filled it stays");
    world.run(61);
    assert!(world.read("rejetes/lot/19.pdf").is_some());
    assert!(world.text("rejetes/lot.erreur.txt").contains("sous-répertoire"));
}

#[test]
fn one_bad_file_stops_no_other() {
    let mut world = World::new();
    world.put("a.pdf", b"");
    world.put("b.pdf", &pdf("b"));
    world.fs.inject(Fault::Denied(world.at("a.pdf")));
    world.run(6);
    assert!(world.read("en-cours/b.pdf").is_some());
}

#[test]
fn an_unreadable_file_is_shown_retried_and_never_dropped() {
    let mut world = World::new();
    world.put("x.pdf", &pdf("a"));
    world.fs.inject(Fault::Denied(world.at("x.pdf")));
    world.run(600);
    assert!(world.text("ATTENTION - fichiers illisibles.txt").contains("- x.pdf"));
    assert_eq!(world.folder.status().unreadable, ["x.pdf"]);
    let tries = world.events.iter().filter(|e| matches!(e, IntakeEvent::Retrying { .. })).count();
    assert!((5..15).contains(&tries), "{tries} tries in ten minutes");
    world.fs.clear_faults();
    world.run(301);
    assert_eq!(world.names(), ["en-cours/x.pdf"]);
}

#[test]
fn a_sub_folder_that_cannot_be_read_is_told_once_and_hides_nothing() {
    let mut world = World::with(|config| config.subfolders = vec!["client".into()]);
    world.put("Dupont/x.pdf", &pdf("a"));
    world.put("Durand/y.pdf", &pdf("b"));
    world.fs.inject(Fault::Denied(world.at("Dupont")));
    world.run(60);
    let tries = world.events.iter().filter(|e| matches!(e, IntakeEvent::Retrying { .. })).count();
    assert_eq!(tries, 1);
    assert!(world.text("ATTENTION - fichiers illisibles.txt").contains("- Dupont"));
    assert!(world.read("en-cours/Durand/y.pdf").is_some());
    world.fs.clear_faults();
    world.run(6);
    assert!(world.read("en-cours/Dupont/x.pdf").is_some());
}

#[test]
fn a_busy_file_is_retried() {
    let mut world = World::new();
    world.put("x.pdf", &pdf("a"));
    world.fs.inject(Fault::Busy(world.at("x.pdf")));
    world.run(7);
    assert!(world.read("x.pdf").is_some());
    world.fs.clear_faults();
    world.run(6);
    assert_eq!(world.names(), ["en-cours/x.pdf"]);
}

#[test]
fn a_name_of_255_bytes_is_taken_and_noted() {
    let long = format!("{}.pdf", "é".repeat(125) + "a");
    assert_eq!(long.len(), 255);
    let mut world = World::new();
    world.put(&long, &pdf("a"));
    world.run(6);
    assert_eq!(world.names(), [format!("en-cours/{long}")]);
    let source = world.engine.sources().remove(0);
    let note = world.reject(&source);
    assert!(note.name().as_bytes().ends_with(b".erreur.txt"));
    let delivered = world.deliver(&source).unwrap();
    assert_eq!(delivered.file.name().as_bytes().len(), 255);
}

#[test]
fn latin_1_and_decomposed_names_keep_their_bytes() {
    let mut world = World::new();
    for bytes in [&b"d\xe9p\xf4t.pdf"[..], "de\u{301}po\u{302}t.pdf".as_bytes()] {
        let at = Path::new(TOP).join(OsStr::from_bytes(bytes));
        world.fs.write_file(&at, &pdf(&format!("{bytes:?}"))).unwrap();
    }
    world.run(6);
    let sources = world.engine.sources();
    for source in &sources {
        let delivered = world.deliver(source).unwrap();
        assert_eq!(delivered.file.name(), source.original.name());
    }
    let names: Vec<_> =
        world.engine.dossiers().into_iter().map(|dossier| dossier.received.display_name).collect();
    assert!(names.contains(&"dépôt.pdf".to_owned()), "{names:?}");
    assert!(names.contains(&"d\u{fffd}p\u{fffd}t.pdf".to_owned()), "{names:?}");
}

#[test]
fn several_rejections_of_one_name_keep_their_notes() {
    let mut world = World::new();
    for _ in 0..2 {
        world.put("x.pdf", b"");
        world.run(61);
    }
    let names = [
        "rejetes/x (2).pdf",
        "rejetes/x (2).pdf.erreur.txt",
        "rejetes/x.pdf",
        "rejetes/x.pdf.erreur.txt",
    ];
    assert_eq!(world.names(), names);
}

#[test]
fn a_file_corrected_in_time_is_not_set_aside() {
    let mut world = World::new();
    world.put("x.pdf", b"");
    world.run(50);
    world.put("x.pdf", &pdf("a"));
    world.run(6);
    assert_eq!(world.names(), ["en-cours/x.pdf"]);
}
