use std::path::Path;

use sceau_disk::{FileSystem, RealFs};
use sceau_signer::{Purpose, SignerConfig};
use sceau_store::{RedbOptions, RedbStore};

use super::{console::tests::Script, *};

pub(super) fn options(above: &Path) -> InitOptions {
    InitOptions {
        state: Some(above.join("state")),
        secret_file: Some(above.join("secret")),
        cabinet: Some("Cabinet Léa Dupont".into()),
        societe: Some("Dupont & Associés".into()),
        siren: Some("732829320".into()),
        admin_name: Some("Léa Dupont".into()),
        admin_email: Some("lea@dupont.fr".into()),
        admin_is_expert_comptable: Some(true),
        yes: true,
        ..InitOptions::default()
    }
}

pub(super) fn init(options: InitOptions) -> Result<Outcome, InitError> {
    run(options, &mut Script::new(&[]))
}

pub(super) fn names(path: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(path).unwrap();
    let mut names: Vec<String> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

pub(super) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/signer/tests/fixtures").join(name)
}

pub(super) fn private(path: &Path, text: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    std::fs::write(path, text).unwrap();
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
    path.into()
}

#[test]
fn a_whole_state_is_made() {
    let above = tempfile::tempdir().unwrap();
    let outcome = init(options(above.path())).unwrap();
    assert_eq!(outcome.tested_level, "B-T");
    assert!(outcome.tested_with_own_authority);
    assert_eq!(names(above.path()), ["secret", "state"]);
    let state = above.path().join("state");
    assert_eq!(names(&state.join("keys")), ["issuing.p8", "seal-dupont-associes.p8", "tsu.p8"]);
    assert_eq!(names(&state.join("offline")), ["root.p8"]);
    assert_eq!(
        names(&state.join("pki")),
        ["issuing.pem", "root.crl", "root.pem", "seal-dupont-associes.pem", "tsu.pem"]
    );
    let config = SignerConfig::for_state(&state, &above.path().join("secret"));
    let secret = Secret::from_file(&config.secret, config.state.as_deref()).unwrap();
    let keys = KeyStore::open(&*RealFs.open_dir(&config.keys).unwrap(), &secret).unwrap();
    let purposes: Vec<Purpose> = keys.infos().iter().map(|key| key.purpose).collect();
    assert_eq!(purposes, [Purpose::Certificate, Purpose::Seal, Purpose::Timestamp]);
}

#[test]
fn the_engine_takes_up_what_was_founded() {
    let above = tempfile::tempdir().unwrap();
    init(options(above.path())).unwrap();
    let file = above.path().join("state").join(STATE_FILE);
    let store =
        std::sync::Arc::new(RedbStore::open_existing(&file, RedbOptions::default()).unwrap());
    let key = commitment_key(&*store).unwrap();
    let registry = writer_over(store).unwrap().authority();
    let now = Timestamp::now();
    let societe = "dupont-associes".parse().unwrap();
    assert_eq!(registry.societe(&societe).unwrap().siren(), "732829320");
    let email = "lea@dupont.fr".parse().unwrap();
    let address = sceau_cabinet::AddressCommitment::new(&key, &email);
    let admin = registry.account_by_address(&address, now).unwrap();
    assert!(admin.is_admin(now) && admin.is_expert_comptable(&societe, now));
}

#[test]
fn what_exists_is_never_touched() {
    let above = tempfile::tempdir().unwrap();
    init(options(above.path())).unwrap();
    let before = std::fs::read(above.path().join("state/pki/root.pem")).unwrap();
    let refusal = init(options(above.path())).unwrap_err();
    assert!(matches!(refusal, InitError::Exists(_)));
    assert_eq!(refusal.exit_code(), 73);
    assert_eq!(std::fs::read(above.path().join("state/pki/root.pem")).unwrap(), before);
    assert_eq!(names(above.path()), ["secret", "state"]);
}

#[test]
fn a_failure_leaves_neither_state_nor_secret() {
    let above = tempfile::tempdir().unwrap();
    let p12 = InitOptions {
        seal_p12: Some(fixture("p521.p12")),
        seal_p12_password_file: Some(private(&above.path().join("password"), "test\n")),
        ..options(above.path())
    };
    assert!(matches!(init(p12), Err(InitError::P12 { .. })));
    assert_eq!(names(above.path()), ["password"]);
}

#[test]
fn a_dead_authority_is_found_out_only_when_asked() {
    let above = tempfile::tempdir().unwrap();
    let dead = "http://127.0.0.1:9/tsr".to_owned();
    let asked = InitOptions { tsa: vec![dead.clone()], test_tsa: true, ..options(above.path()) };
    let refusal = init(asked).unwrap_err();
    assert!(matches!(refusal, InitError::Probe(_)));
    assert_eq!(refusal.exit_code(), 69);
    assert!(refusal.to_string().contains(&dead), "{refusal}");
    assert!(names(above.path()).is_empty());
    let outcome = init(InitOptions { tsa: vec![dead], ..options(above.path()) }).unwrap();
    assert!(!outcome.tsa_tested);
}

#[test]
fn a_seal_comes_from_a_p12_file_and_time_from_outside() {
    let above = tempfile::tempdir().unwrap();
    for (state, test_real_seal) in [("one", false), ("two", true)] {
        let given = InitOptions {
            state: Some(above.path().join(state)),
            seal_p12: Some(fixture("modern.p12")),
            seal_p12_password_file: Some(private(&above.path().join("password"), "test\n")),
            tsa: vec!["http://tsa.example.fr/tsr".into()],
            test_real_seal,
            ..options(above.path())
        };
        let outcome = init(given).unwrap();
        assert_eq!(outcome.tested_level, "B-B");
        assert_eq!(outcome.tested_with_own_authority, !test_real_seal);
        assert!(outcome.seal.subject.contains("Test seal"));
        assert!(outcome.text().contains("[[time.tsa]] url = \"http://tsa.example.fr/tsr\""));
        let keys = names(&above.path().join(state).join("keys"));
        assert_eq!(keys, ["issuing.p8", "seal-dupont-associes.p8"]);
    }
}

#[test]
fn the_root_key_can_leave_at_once() {
    let above = tempfile::tempdir().unwrap();
    let elsewhere = above.path().join("usb");
    std::fs::create_dir(&elsewhere).unwrap();
    let export = || InitOptions {
        export_root_key: Some(elsewhere.join("root.p8")),
        ..options(above.path())
    };
    init(export()).unwrap();
    assert!(names(&above.path().join("state/offline")).is_empty());
    let secret = Secret::from_file(&above.path().join("secret"), None).unwrap();
    let usb = RealFs.open_dir(&elsewhere).unwrap();
    let root = KeyStore::open_one(&*usb, &KeyId::parse("root").unwrap(), &secret).unwrap();
    assert_eq!(root.info.purpose, Purpose::Certificate);
    let again = InitOptions { state: Some(above.path().join("other")), ..export() };
    assert!(matches!(init(again), Err(InitError::Exists(path)) if path.ends_with("root.p8")));
    assert!(!above.path().join("other").exists());
}

#[test]
fn the_root_key_can_leave_later() {
    let above = tempfile::tempdir().unwrap();
    init(options(above.path())).unwrap();
    let (state, secret_file) = (above.path().join("state"), above.path().join("secret"));
    let file = above.path().join("root.p8");
    let export = |remove| {
        let (state, secret_file, file) = (state.clone(), secret_file.clone(), file.clone());
        export_root(&ExportRootOptions { state, secret_file, remove, file })
    };
    let kept = std::fs::read(state.join("offline/root.p8")).unwrap();
    export(false).unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), kept);
    assert!(matches!(export(true), Err(InitError::Exists(_))));
    assert!(state.join("offline/root.p8").exists());
    std::fs::remove_file(&file).unwrap();
    export(true).unwrap();
    assert_eq!(std::fs::read(&file).unwrap(), kept);
    assert!(names(&state.join("offline")).is_empty());
}

#[test]
fn a_secret_inside_the_state_or_open_to_others_is_refused() {
    let above = tempfile::tempdir().unwrap();
    let inside = InitOptions {
        secret_file: Some(above.path().join("state/secret")),
        ..options(above.path())
    };
    let fault = init(inside).unwrap_err().to_string();
    assert!(fault.contains("inside the state directory"), "{fault}");
    let open = private(&above.path().join("open"), "x");
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    let shared = InitOptions { secret_file: Some(open), ..options(above.path()) };
    assert!(matches!(init(shared), Err(InitError::Secret(_))));
    assert_eq!(names(above.path()), ["open"]);
}

#[test]
fn every_kind_of_key_seals_the_test_document() {
    for kind in ["p384", "rsa2048"] {
        let above = tempfile::tempdir().unwrap();
        let options = InitOptions { key_type: Some(kind.into()), ..options(above.path()) };
        assert_eq!(init(options).unwrap().tested_level, "B-T", "{kind}");
    }
}

#[test]
fn a_pkcs12_file_that_is_no_seal_of_the_societe_is_refused_before_anything_is_made() {
    for (file, said) in
        [("tls.p12", "may not be used for signatures"), ("other-person.p12", "552100554")]
    {
        let above = tempfile::tempdir().unwrap();
        let password = private(&above.path().join("password"), "test");
        let given = InitOptions {
            seal_p12: Some(fixture(file)),
            seal_p12_password_file: Some(password),
            ..options(above.path())
        };
        let fault = init(given).unwrap_err();
        assert!(fault.to_string().contains(said), "{fault}");
        assert_eq!(fault.exit_code(), 65);
        assert_eq!(names(above.path()), ["password"]);
    }
}
