//! When a folder takes nothing, or not yet: a disk that is nearly full, a marker that has not come.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use sceau_tests::cabinet::Cabinet;
use sceau_tests::daemon::{Daemon, get};
use sceau_tests::folder::PATIENCE;
use sceau_tests::program::binary;
use sceau_tests::{fixtures, until};
use serde_json::json;

/// The most that can be demanded; the disk of a machine that runs tests has less free.
const MOST: &str = "min_free = \"1TiB\"";
const QUICK: &str = "stability = \"0s\"\npoll = \"1s\"";

/// The visible trouble of the folder, when it is told.
fn trouble(cabinet: &Cabinet) -> PathBuf {
    cabinet.watched("attestations").path().join("ATTENTION - disque presque plein.txt")
}

#[test]
fn a_disk_that_is_nearly_full_is_told_and_nothing_is_taken_until_there_is_room() {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.folders[0].2 = format!("{QUICK}\n{MOST}");
    cabinet.folders.push(("autres".into(), "attestation".into(), QUICK.into()));
    let mut cabinet = cabinet.finish();
    let daemon = Daemon::spawn(&cabinet, binary(), &[]);
    let (watched, others) = (cabinet.watched("attestations"), cabinet.watched("autres"));
    let document = fixtures::small("no room");
    watched.drop_file("attend.pdf", &document);
    let told = watched.wait("trouble", || fs::read_to_string(trouble(&cabinet)).ok());
    for words in ["aucun nouveau fichier n'est pris", "Il reste", "il en faut 1024 Go au moins"] {
        assert!(told.contains(words), "no {words:?} in:\n{told}");
    }
    let why = "the folder's disk is nearly full";
    let missing = json!([{ "part": "folder attestations", "why": why }]);
    until("the daemon that names the folder, and nothing else", PATIENCE, || {
        let answer = get(&cabinet, "/readyz").filter(|answer| answer.status == 503)?;
        (answer.json()["missing"] == missing).then_some(())
    });

    // It stops no other folder.
    cabinet.grant("sceller");
    others.drop_file("autre.pdf", &fixtures::small("room"));
    others.wait_delivered("autre");
    assert_eq!(fs::read(watched.path().join("attend.pdf")).ok(), Some(document));
    assert_eq!(cabinet.dossiers().len(), 1);
    assert!(daemon.stop().success());

    cabinet.folders[0].2 = format!("{QUICK}\nmin_free = \"1MiB\"");
    cabinet.write_config();
    let _daemon = Daemon::start(&cabinet);
    watched.wait_delivered("attend");
    watched.wait("end of the trouble", || (!trouble(&cabinet).exists()).then_some(()));
}

/// What grows in place is taken when its marker says that it is whole, however long it should have stood.
#[test]
fn a_marker_says_that_a_document_is_complete() {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.folders[0].2 = "stability = \"1h\"\npoll = \"1s\"\ndone_marker = \".ok\"".into();
    let (cabinet, _daemon) = cabinet.finish_ready();
    let watched = cabinet.watched("attestations");
    let (path, marker) = (watched.path().join("scan.pdf"), watched.path().join("scan.pdf.ok"));
    fs::write(&path, fixtures::small("marked")).expect("written in place");
    fs::write(watched.path().join("autre.pdf"), fixtures::small("not marked")).expect("written");
    std::thread::sleep(Duration::from_millis(2500));
    assert!(path.exists() && cabinet.dossiers().is_empty(), "{}", watched.show());
    fs::write(&marker, b"").expect("a marker");
    watched.wait_delivered("scan");
    watched.wait("end of the marker", || (!marker.exists()).then_some(()));
    assert!(watched.path().join("autre.pdf").exists(), "without its marker: {}", watched.show());
}
