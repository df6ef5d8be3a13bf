//! What the first-time user does: the daemon starts although nobody but the administrator has an
//! account, says what is missing, and goes on by itself when it is there.

use std::time::Duration;

use sceau_tests::cabinet::{ADMIN, Cabinet, SOCIETE};
use sceau_tests::daemon::Daemon;
use sceau_tests::{fixtures, judges, program, until};

const LATE: &str = "zoe.tard@cabinet.example";

#[test]
fn a_folder_whose_account_is_missing_waits_for_it_and_is_then_watched() {
    let mut cabinet = Cabinet::new();
    let place = cabinet.path("watch/tard");
    std::fs::create_dir(&place).expect("a folder");
    cabinet.extra = format!(
        "\n[[folder]]\nname = \"tard\"\npath = \"{}\"\nworkflow = \"attestation\"\n\
         account = \"{LATE}\"\nsociete = \"{SOCIETE}\"\nstability = \"1s\"\n",
        place.display()
    );
    cabinet.write_config();
    let daemon = Daemon::spawn(&cabinet, program::binary(), &[]);
    let status = until("the folder named", Duration::from_secs(30), || {
        let said = cabinet.admin(["status"]);
        (said.code == Some(1) && said.out.contains("folder tard")).then_some(said.out)
    });
    assert!(status.contains(LATE) && status.contains("sceau account add"), "{status}");

    cabinet.admin(["account", "add", "--email", LATE, "--name", "Zoé Tard"]).expect(0);
    let grant = ["delegation", "grant", "--by", ADMIN, "--to", LATE, "--societe", SOCIETE];
    cabinet.admin(grant.into_iter().chain(["--right", "sceller"])).expect(0);
    let daemon = daemon.wait_ready(&cabinet);
    let watched = cabinet.watched("tard");
    watched.drop_file("premier.pdf", &fixtures::small("first"));
    judges::ask(&watched.wait_delivered("premier"), &cabinet.anchors()).expect_b_t();
    assert!(daemon.stop().success());
}

#[test]
fn the_state_of_another_user_is_refused_by_name() {
    let cabinet = Cabinet::new();
    std::os::unix::fs::chown(cabinet.state(), Some(1234), None).expect("chown wants root");
    let said = cabinet.admin(["run"]).expect(78);
    assert!(said.err.contains("user 1234") && said.err.contains("chown"), "{said}");
}
