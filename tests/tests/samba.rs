//! A watched folder on an SMB share: what another machine writes there is seen, sealed, put back.

use std::fs;
use std::path::PathBuf;

use sceau_tests::cabinet::Cabinet;
use sceau_tests::daemon::Daemon;
use sceau_tests::folder::Watched;
use sceau_tests::share::Share;
use sceau_tests::{fixtures, judges};

/// A running cabinet with one more folder, `reseau`, on the share.
fn with_share() -> (Share, Cabinet, Daemon, Watched) {
    let share = Share::start();
    let mut cabinet = Cabinet::uninitialised();
    cabinet.places.push(("reseau".into(), share.mounted()));
    let more = "stability = \"2s\"\npatience = \"3s\"\npoll = \"1s\"".to_owned();
    cabinet.folders.push(("reseau".into(), "attestation".into(), more));
    let (cabinet, daemon) = cabinet.finish_ready();
    let watched = Watched::new(share.mounted());
    (share, cabinet, daemon, watched)
}

#[test]
fn what_another_machine_drops_is_sealed_and_put_back() {
    let (share, cabinet, daemon, watched) = with_share();
    let drops =
        [("libreoffice", "Lettre à signer.pdf"), ("chromium", "page.pdf"), ("pdftex", "n.pdf")];
    for (fixture, name) in drops {
        share.put(name, &fixtures::named(fixture));
    }
    let served = Watched::new(share.served());
    for (fixture, name) in drops {
        let sealed = wait_whole(&served, name.trim_end_matches(".pdf"));
        let copy = cabinet.path("judged.pdf");
        fs::copy(&sealed, &copy).expect("a copy");
        judges::ask(&copy, &cabinet.anchors()).expect_b_t();
        assert!(fs::read(&copy).expect("sealed").starts_with(&fixtures::named(fixture)), "{name}");
    }
    share.put("vide.pdf", b"");
    assert!(served.wait_rejected("vide").contains("vide"), "{}", watched.show());
    assert_eq!(cabinet.dossiers().len(), drops.len());
    assert!(daemon.stop().success());
}

/// Where a file system can neither rename without overwriting nor link, the name is reserved by a file
/// of one byte for the moment before the result takes it; a reader of the share may see that moment.
fn wait_whole(served: &Watched, stem: &str) -> PathBuf {
    served.wait(&format!("delivered {stem}"), || {
        let path = served.find_delivered(stem)?;
        (path.metadata().ok()?.len() > 1).then_some(path)
    })
}

/// A mount that goes away is unavailable, never empty: nothing is written beneath it, other folders
/// go on, and what was dropped meanwhile is sealed when it is back.
#[test]
fn a_share_that_goes_away_comes_back() {
    let (mut share, cabinet, _daemon, _) = with_share();
    let served = Watched::new(share.served());
    share.put("avant.pdf", &fixtures::small("before"));
    served.wait_delivered("avant");
    let mountpoint = share.mounted();
    share.unmount();
    let local = cabinet.watched("attestations");
    local.drop_file("local.pdf", &fixtures::small("local"));
    local.wait_delivered("local");
    share.put("pendant.pdf", &fixtures::small("meanwhile"));
    std::thread::sleep(std::time::Duration::from_secs(3));
    assert!(!mountpoint.exists(), "something was written where the mount was");
    share.mount();
    served.wait_delivered("pendant");
    assert_eq!(cabinet.dossiers().len(), 3);
}
