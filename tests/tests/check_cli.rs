//! `sceau check`: every fault at once, each with its place, its line and what was probably meant.

use std::fs;

use sceau_tests::cabinet::Cabinet;
use sceau_tests::exit::BAD_CONFIG;

#[test]
fn the_shipped_configuration_is_right() {
    let root = sceau_tests::root();
    let config = root.join("config/sceau.toml");
    let said = sceau_tests::program::sceau(["check".into(), "--config".into(), config]);
    said.expect(0);
}

#[test]
fn a_cabinets_own_configuration_is_right() {
    Cabinet::new().admin(["check"]).expect(0);
}

/// Five faults of different kinds, in two files; the places are counted from the text.
#[test]
fn five_different_faults_are_all_named() {
    let mut cabinet = Cabinet::new();
    cabinet.extra =
        "\n[[folder]]\nname = \"lettres\"\npath = \"absent\"\nworkflow = \"attestatoin\"\n\
        account = \"pas une adresse\"\nsociete = \"exemple\"\nstabilty = \"3s\"\n"
            .to_owned();
    cabinet.write_config();
    let workflow = cabinet.path("config/workflows/attestation.toml");
    let text = fs::read_to_string(&workflow).expect("shipped");
    let broken = text.replacen("kind = \"seal\"", "kind = \"saeal\"", 1);
    assert_ne!(text, broken, "the shipped workflow has a seal step");
    fs::write(&workflow, &broken).expect("written");
    let said = cabinet.admin(["check"]).expect(BAD_CONFIG).all();
    let config = fs::read_to_string(cabinet.config()).expect("sceau.toml");
    for (file, text, needle, meant) in [
        ("sceau.toml", &config, "workflow = \"attestatoin\"", "attestation"),
        ("sceau.toml", &config, "account = \"pas une adresse\"", ""),
        ("sceau.toml", &config, "stabilty = \"3s\"", "stability"),
        ("sceau.toml", &config, "path = \"absent\"", "mkdir"),
        ("attestation.toml", &broken, "kind = \"saeal\"", "seal"),
    ] {
        let line = text.lines().position(|line| line.contains(needle)).expect("there") + 1;
        assert!(said.contains(&format!("{file}:{line}:")), "no {file}:{line}: in\n{said}");
        assert!(said.contains(needle), "the line {needle:?} is not shown in\n{said}");
        assert!(said.contains(meant), "no {meant:?} suggested in\n{said}");
    }
}

/// An image that a seal is to show, absent and unreadable.
#[test]
fn an_image_that_cannot_be_shown_is_told_at_its_place() {
    let cabinet = Cabinet::new();
    let workflow = cabinet.path("config/workflows/attestation.toml");
    let text = fs::read_to_string(&workflow).expect("shipped");
    let shown = "kind = \"seal\"\n[step.appearance]\nx = 1\ny = 1\nimage = \"logo.png\"\n";
    let seal = text.find("kind = \"seal\"").expect("a seal step");
    let rest = text[seal..].find("[[step]]").expect("a step after it") + seal;
    let changed = format!("{}{shown}\n{}", &text[..seal], &text[rest..]);
    fs::write(&workflow, &changed).expect("written");
    let line = changed.lines().position(|line| line.contains("image")).expect("there") + 1;
    let place = format!("attestation.toml:{line}:");
    let absent = cabinet.admin(["check"]).expect(BAD_CONFIG).all();
    assert!(absent.contains(&place) && absent.contains("cannot be read"), "{absent}");
    fs::write(cabinet.path("config/logo.png"), b"GIF89a").expect("written");
    let wrong = cabinet.admin(["check"]).expect(BAD_CONFIG).all();
    assert!(wrong.contains(&place) && wrong.contains("neither a PNG nor a JPEG"), "{wrong}");
    fs::copy(sceau_tests::fixtures::picture("logo.jpg"), cabinet.path("config/logo.png"))
        .expect("an image");
    cabinet.admin(["check"]).expect(0);
}

#[test]
fn run_refuses_to_start_on_a_fault() {
    let mut cabinet = Cabinet::new();
    cabinet.extra = "\n[tyme]\n".to_owned();
    cabinet.write_config();
    let said = cabinet.admin(["run"]).expect(BAD_CONFIG);
    assert!(said.all().contains("tyme"), "{said}");
}

#[test]
fn a_folder_that_everybody_may_write_is_refused() {
    let cabinet = Cabinet::new();
    sceau_tests::cabinet::owner_only(cabinet.watched("attestations").path(), 0o777);
    let said = cabinet.admin(["check"]).expect(BAD_CONFIG).all();
    assert!(said.contains("chmod o-w"), "{said}");
}

#[test]
fn a_secret_in_the_configuration_is_refused() {
    let cabinet = Cabinet::new();
    let text = fs::read_to_string(cabinet.config()).expect("sceau.toml");
    let at = text.lines().find(|line| line.starts_with("secret")).expect("a secret").to_owned();
    fs::write(cabinet.config(), text.replace(&at, "secret = \"sesame\"")).expect("written");
    cabinet.admin(["check"]).expect(BAD_CONFIG);
}

#[test]
fn a_secret_that_others_read_is_refused() {
    let cabinet = Cabinet::new();
    sceau_tests::cabinet::owner_only(&cabinet.secret(), 0o644);
    cabinet.admin(["check"]).expect(BAD_CONFIG);
}
