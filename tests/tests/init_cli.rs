//! `sceau init`: unattended, whole or not at all, its keys closed to everybody else.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

use sceau_tests::cabinet::{ADMIN, Cabinet, SIREN, SOCIETE, owner_only};
use sceau_tests::daemon::Daemon;
use sceau_tests::exit::{BAD_CONFIG, UNAVAILABLE, USAGE};
use sceau_tests::folder::files;
use sceau_tests::program::{Said, binary, sceau, wait};
use sceau_tests::tsa::ForeignPki;
use sceau_tests::{fixtures, judges, root};
use serde_json::json;

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

/// The answers to all the questions, in their order; the first SIREN is mistyped and asked for again.
const ANSWERS: [&str; 12] = [
    "",                             // the state directory: `state`
    "secret",                       // the file of the secret
    "Cabinet Exemple",              // the cabinet
    "Exemple",                      // the société
    "732829321",                    // its SIREN, with a slip
    SIREN,                          // its SIREN
    "Alice Martin",                 // the administrator
    "alice.martin@cabinet.example", // her address
    "",                             // an expert-comptable: yes
    "",                             // a seal of one's own: none
    "",                             // a time-stamping authority: none
    "",                             // make it: yes
];

/// `sceau init` on a terminal of its own (util-linux's `script`), with these lines typed.
fn typed(cabinet: &Cabinet, lines: &[&str]) -> Said {
    let keys = cabinet.path("keys-typed");
    fs::write(&keys, lines.iter().map(|line| format!("{line}\n")).collect::<String>())
        .expect("keys");
    let shown = cabinet.path("screen");
    let mut script = Command::new("script");
    script.args(["--quiet", "--return", "--command"]).arg(format!("'{}' init", binary().display()));
    script.arg(&shown).current_dir(cabinet.path("")).stdin(fs::File::open(&keys).expect("keys"));
    script.stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = script.spawn().expect("script");
    let status = wait(&mut child, Duration::from_secs(60)).expect("it waits for more answers");
    let screen = fs::read(&shown).expect("the screen");
    Said {
        code: status.code(),
        out: String::from_utf8_lossy(&screen).into_owned(),
        err: String::new(),
    }
}

#[test]
fn at_a_terminal_it_asks_and_makes_what_was_answered() {
    let cabinet = Cabinet::uninitialised();
    let (last, others) = ANSWERS.split_last().expect("answers");
    assert_eq!(*last, "");
    let said = typed(&cabinet, &[others, &["n"]].concat()).expect(USAGE);
    assert!(said.out.contains("Make it? [y]:") && said.out.contains("nothing was made"), "{said}");
    let said = typed(&cabinet, &ANSWERS[..4]).expect(USAGE);
    assert!(said.out.contains("the questions were not answered"), "{said}");
    assert!(!cabinet.state().exists() && !cabinet.secret().exists());

    let said = typed(&cabinet, &ANSWERS).expect(0);
    for told in [
        "State directory [state]:",
        "SIREN of that société:   the SIREN's check digit is wrong",
        "Is this person an expert-comptable of the société? (y/n) [y]:",
        "TEST document:   sealed B-T with our own authority, and valid",
    ] {
        assert!(said.out.contains(told), "no {told:?} in {said}");
    }
    assert_eq!(said.out.matches("SIREN of that société:").count(), 2, "{said}");
    let _daemon = cabinet.configured_ready();
    let societes = cabinet.admin(["societe", "list"]).expect(0).out;
    assert!(societes.contains(SOCIETE) && societes.contains(SIREN), "{societes}");
    let accounts = cabinet.admin(["account", "list"]).expect(0).out;
    assert!(accounts.contains("Alice Martin") && accounts.contains(ADMIN), "{accounts}");
}

#[test]
fn the_result_as_json_says_what_was_tested_and_with_which_seal() {
    let init = |more: &[OsString]| {
        let cabinet = Cabinet::uninitialised();
        let arguments = cabinet.init_arguments().into_iter().chain(["--json".into()]);
        cabinet.sceau(arguments.chain(more.iter().cloned())).expect(0).json()
    };
    let tested = |json: &serde_json::Value| {
        ["tested_level", "tested_with_own_authority", "tsa_tested"].map(|key| json[key].clone())
    };
    let own = init(&[]);
    assert_eq!(tested(&own), [json!("B-T"), json!(true), json!(false)]);
    assert!(own["time_stamping_unit"]["subject"].is_string(), "{own:#}");

    let (pki, _tsa) = ForeignPki::start();
    let foreign: [OsString; 6] = [
        "--seal-p12".into(),
        pki.p12().into(),
        "--seal-p12-password-file".into(),
        pki.path("password").into(),
        "--tsa".into(),
        pki.url("").into(),
    ];
    // Neither the seal is used nor anybody asked, unless so ordered.
    let throw_away = init(&foreign);
    assert_eq!(tested(&throw_away), [json!("B-B"), json!(true), json!(false)]);
    let ordered = ["--test-real-seal".into(), "--test-tsa".into()];
    let real = init(&[&foreign[..], &ordered[..]].concat());
    assert_eq!(tested(&real), [json!("B-B"), json!(false), json!(true)]);
    assert!(real["seal"]["subject"].to_string().contains("Cachet de l'essai"), "{real:#}");
}

#[test]
fn a_time_stamping_authority_that_does_not_answer_its_test_makes_nothing() {
    let (pki, tsa) = ForeignPki::start();
    drop(tsa);
    let cabinet = Cabinet::uninitialised();
    let mut arguments = cabinet.init_arguments();
    arguments.extend(["--tsa".into(), pki.url("").into(), "--test-tsa".into()]);
    let said = cabinet.sceau(arguments).expect(UNAVAILABLE);
    for told in ["asking the time-stamping authority", "nothing was made", &pki.url("")] {
        assert!(said.err.contains(told), "no {told:?} in {said}");
    }
    let left = fs::read_dir(cabinet.path("")).expect("the folder").flatten();
    let left: Vec<_> = left.map(|entry| entry.file_name()).collect();
    assert!(left.iter().all(|name| name == "watch" || name == "config"), "left {left:?}");
}

/// The secret where systemd puts it: the unit's `LoadCredential=`, readable by the group in a user
/// namespace, named by the configuration.
#[test]
fn the_secret_comes_from_a_systemd_credential() {
    let unit =
        fs::read_to_string(root().join("packaging/systemd/sceau.service")).expect("the unit");
    assert!(unit.lines().any(|line| line.starts_with("LoadCredential=sceau-secret:")), "{unit}");
    let mut cabinet = Cabinet::new();
    let credentials = cabinet.path("credentials");
    fs::create_dir(&credentials).expect("a directory");
    let credential = credentials.join("sceau-secret");
    fs::rename(cabinet.secret(), &credential).expect("moved");
    owner_only(&credential, 0o440);
    let text = fs::read_to_string(cabinet.config()).expect("sceau.toml");
    let file = format!("secret = {{ file = \"{}\" }}", cabinet.secret().display());
    assert!(text.contains(&file), "{text}");
    fs::write(cabinet.config(), text.replace(&file, "secret = { credential = \"sceau-secret\" }"))
        .expect("written");

    let said = cabinet.admin(["run"]).expect(BAD_CONFIG);
    let why = "there is no systemd credential named \"sceau-secret\"; is LoadCredential= set?";
    assert!(said.err.contains(why), "{said}");

    let elsewhere = cabinet.path("elsewhere");
    fs::create_dir(&elsewhere).expect("a directory");
    cabinet.environment = vec![("CREDENTIALS_DIRECTORY", elsewhere.into())];
    let said = cabinet.admin(["run"]).expect(UNAVAILABLE);
    assert!(said.err.contains("sceau-secret does not exist"), "{said}");

    cabinet.environment = vec![("CREDENTIALS_DIRECTORY", credentials.into())];
    let _daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let watched = cabinet.watched("attestations");
    watched.drop_file("credential.pdf", &fixtures::small("credential"));
    judges::ask(&watched.wait_delivered("credential"), &cabinet.anchors()).expect_b_t();
}
