//! `sceau init`: unattended, whole or not at all, its keys closed to everybody else.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use sceau_tests::cabinet::{Cabinet, SIREN, owner_only};
use sceau_tests::folder::files;
use sceau_tests::program::sceau;
use sceau_tests::tsa::ForeignPki;
use sceau_tests::{fixtures, judges};

/// The flags of the cabinet with one of them changed.
fn changed(cabinet: &Cabinet, flag: &str, value: &str) -> Vec<std::ffi::OsString> {
    let mut arguments = cabinet.init_arguments();
    let at = arguments.iter().position(|argument| argument == flag).expect("a flag of ours");
    arguments[at + 1] = value.into();
    arguments
}

#[test]
fn the_state_is_its_owners_alone_and_the_secret_lies_elsewhere() {
    let cabinet = Cabinet::new();
    let mode = |path: &std::path::Path| path.metadata().expect("there").mode() & 0o777;
    assert_eq!(mode(&cabinet.state()), 0o700);
    assert_eq!(mode(&cabinet.secret()) & 0o077, 0, "others read the secret");
    let secret = fs::read(cabinet.secret()).expect("the secret");
    let secret = secret.trim_ascii();
    assert!(secret.len() >= 16, "a short secret");
    for file in files(&cabinet.state()) {
        let bytes = fs::read(&file).expect("a file");
        assert!(!bytes.windows(secret.len()).any(|w| w == secret), "the secret in {file:?}");
        for clear in [&b"BEGIN PRIVATE KEY"[..], b"BEGIN EC PRIVATE KEY", b"BEGIN RSA PRIVATE KEY"]
        {
            assert!(!bytes.windows(clear.len()).any(|w| w == clear), "a key in clear in {file:?}");
        }
    }
}

#[test]
fn an_existing_state_is_never_touched() {
    let cabinet = Cabinet::new();
    let before: Vec<_> = files(&cabinet.state()).iter().map(|path| fs::read(path).ok()).collect();
    let said = cabinet.sceau(cabinet.init_arguments());
    assert!(said.code.is_some_and(|code| code != 0), "{said}");
    let after: Vec<_> = files(&cabinet.state()).iter().map(|path| fs::read(path).ok()).collect();
    assert_eq!(before, after);
}

#[test]
fn a_fault_in_the_answers_makes_nothing() {
    for (flag, value) in [
        ("--siren", "732829321"),
        ("--siren", "12345"),
        ("--admin-email", "pas une adresse"),
        ("--cabinet", ""),
        ("--societe-code", "Pas Un Code"),
    ] {
        let cabinet = Cabinet::uninitialised();
        let said = cabinet.sceau(changed(&cabinet, flag, value));
        assert!(said.code.is_some_and(|code| code != 0), "{flag} {value:?}: {said}");
        assert!(!cabinet.state().exists(), "{flag} {value:?} left a state");
        let left = fs::read_dir(cabinet.path("")).expect("the folder").flatten();
        let left: Vec<_> = left
            .map(|entry| entry.file_name())
            .filter(|name| !["watch", "config", "secret"].iter().any(|known| name == known))
            .collect();
        assert!(left.is_empty(), "{flag} {value:?} left {left:?}");
    }
}

#[test]
fn unattended_it_never_waits_for_an_answer() {
    let cabinet = Cabinet::uninitialised();
    let said = sceau(["init".into(), "--yes".into(), "--state".into(), cabinet.state()]);
    assert!(said.code.is_some_and(|code| code != 0), "{said}");
    for missing in ["siren", "societe", "admin"] {
        assert!(said.err.contains(missing), "no {missing} among what is missing: {said}");
    }
}

#[test]
fn an_answers_file_does_as_well_as_flags() {
    let cabinet = Cabinet::uninitialised();
    let text = format!(
        "state = \"state\"\nsecret_file = \"secret\"\ncabinet = \"Cabinet Exemple\"\n\
         societe = \"Cabinet Exemple\"\nsociete_code = \"exemple\"\nsiren = \"{SIREN}\"\n\
         admin_name = \"Alice Martin\"\nadmin_email = \"alice@cabinet.example\"\n\
         admin_is_expert_comptable = true\n"
    );
    fs::write(cabinet.path("answers.toml"), text).expect("written");
    let answers = cabinet.path("answers.toml");
    sceau(["init".into(), "--yes".into(), "--answers".into(), answers]).expect(0);
    assert!(cabinet.anchors().is_file());
}

#[test]
fn a_root_key_that_is_exported_stays_not_behind() {
    let cabinet = Cabinet::uninitialised();
    let mut arguments = cabinet.init_arguments();
    let key = cabinet.path("root-key.p8");
    arguments.extend(["--export-root-key".into(), key.clone().into()]);
    cabinet.sceau(arguments).expect(0);
    assert!(key.is_file());
    assert_eq!(key.metadata().expect("there").mode() & 0o077, 0);
    let kept = files(&cabinet.state().join("keys"));
    assert!(!kept.iter().any(|path| path.to_string_lossy().contains("root")), "{kept:?}");
}

#[test]
fn a_seal_from_pkcs12_and_time_from_outside_are_taken() {
    let (pki, _tsa) = ForeignPki::start();
    let mut cabinet = Cabinet::uninitialised();
    cabinet.time = pki.time_section();
    cabinet.init_more = ["--seal-p12", "--seal-p12-password-file", "--tsa"]
        .map(Into::into)
        .into_iter()
        .zip([pki.p12().into_os_string(), pki.path("password").into(), pki.url("").into()])
        .flat_map(|(flag, value): (std::ffi::OsString, _)| [flag, value])
        .collect();
    let (cabinet, _daemon) = cabinet.finish_ready();
    let watched = cabinet.watched("attestations");
    watched.drop_file("p12.pdf", &fixtures::small("seal from PKCS#12"));
    let verdicts = judges::ask(&watched.wait_delivered("p12"), &pki.anchors());
    assert!(verdicts.expect_b_t().subject().contains("Cachet de l'essai"), "{verdicts:#?}");
    let notice = &watched.evidence("p12")["notice"];
    for (language, true_words) in [("fr", "extérieure"), ("en", "outside")] {
        let said = notice[language].as_str().expect("a notice");
        assert!(said.contains(true_words) && !said.contains("intern"), "{said}");
    }
}

#[test]
fn every_kind_of_key_seals() {
    for kind in ["p256", "p384", "rsa3072"] {
        let mut cabinet = Cabinet::uninitialised();
        cabinet.init_more = vec!["--key-type".into(), kind.into()];
        cabinet.folders[0].2 = "stability = \"0s\"".to_owned();
        let (cabinet, _daemon) = cabinet.finish_ready();
        let watched = cabinet.watched("attestations");
        watched.drop_file("cle.pdf", &fixtures::small(kind));
        judges::ask(&watched.wait_delivered("cle"), &cabinet.anchors()).expect_b_t();
    }
}

#[test]
fn the_daemon_does_not_start_with_a_wrong_secret() {
    let cabinet = Cabinet::new();
    fs::write(cabinet.secret(), "un tout autre secret, assez long pour en etre un\n")
        .expect("written");
    owner_only(&cabinet.secret(), 0o600);
    let said = cabinet.admin(["run"]);
    assert!(said.code.is_some_and(|code| code != 0), "{said}");
    assert!(said.all().contains("secret"), "{said}");
}
