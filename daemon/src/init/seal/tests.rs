use std::path::Path;
use std::sync::Arc;

use sceau_cabinet::{Actor, CabinetCommand};
use sceau_engine::core::Request;
use sceau_signer::{KeyId, Secret};
use sceau_store::{RedbOptions, RedbStore};

use super::super::{
    STATE_FILE,
    tests::{fixture, init, names, options, private},
    writer_over,
};
use super::*;
use crate::admin::client::AdminClient;

const AUDIT: &str = "dupont-audit";
const SIREN: &str = "552100554";

/// A state whose first société has its seal, and whose second has none.
struct Site(tempfile::TempDir);

impl Site {
    fn new() -> Self {
        let site = Self(tempfile::tempdir().unwrap());
        init(options(site.0.path())).unwrap();
        let societe = AUDIT.parse().unwrap();
        let (name, siren) = ("Dupont Audit".into(), SIREN.into());
        site.change(CabinetCommand::AddSociete { societe, name, siren });
        site
    }

    fn state(&self) -> PathBuf {
        self.0.path().join("state")
    }

    fn names(&self, below: &str) -> Vec<String> {
        names(&self.state().join(below)).into_iter().filter(|name| name != ".seal.lock").collect()
    }

    fn read(&self, below: &str) -> Vec<u8> {
        std::fs::read(self.state().join(below)).unwrap()
    }

    fn change(&self, command: CabinetCommand) {
        let file = self.state().join(STATE_FILE);
        let store = RedbStore::open_existing(&file, RedbOptions::default()).unwrap();
        let mut core = writer_over(Arc::new(store)).unwrap();
        let (commands, actor) = (vec![command], Actor::Operator { uid: 0 });
        let request = Request::Cabinet { commands, actor, details: Vec::new() };
        core.process(vec![request]).unwrap().remove(0).unwrap();
    }

    fn order(&self, code: &str) -> SealOrder {
        SealOrder {
            state: self.state(),
            secret_file: self.0.path().join("secret"),
            societe: code.parse().unwrap(),
            p12: None,
            token: None,
            scheme: Default::default(),
            pki_url: None,
            renew: false,
            key_type: KeyType::P256,
            test_real_seal: false,
        }
    }

    fn p12(&self, code: &str, password: &str) -> SealOrder {
        let password = private(&self.0.path().join("password"), password);
        SealOrder { p12: Some((fixture("modern.p12"), password)), ..self.order(code) }
    }

    fn find(&self, code: &str) -> Result<Named, SealError> {
        let nobody = AdminClient::new(&self.state().join("run/admin.sock"));
        Named::find(&self.state(), &nobody, &code.parse().unwrap(), Timestamp::now())
    }

    fn seal(&self, order: &SealOrder) -> Result<SealOutcome, SealError> {
        seal(order, &self.find(order.societe.as_str())?, Timestamp::now())
    }

    fn chain(&self, file: &str) -> Vec<Certificate> {
        Certificate::from_pem_bundle(&self.read(&format!("pki/{file}"))).unwrap()
    }
}

#[test]
fn a_second_societe_gets_a_seal_of_its_own() {
    let site = Site::new();
    let outcome = site.seal(&site.order(AUDIT)).unwrap();
    assert_eq!((outcome.tested_level.as_str(), outcome.tested_with_own_authority), ("B-T", true));
    assert!(outcome.text().contains("from its next start on"), "{}", outcome.text());
    let chain = site.chain("seal-dupont-audit.pem");
    assert_eq!(chain[0].organization_identifier(), Some("NTRFR-552100554"));
    assert!(chain[0].subject().to_string().contains("Dupont Audit"));
    assert_eq!(chain[1].der(), site.chain("issuing.pem")[0].der());
    assert_eq!(
        site.names("keys"),
        ["issuing.p8", "seal-dupont-associes.p8", "seal-dupont-audit.p8", "tsu.p8"]
    );
}

#[test]
fn a_seal_is_renewed_only_when_that_is_said_and_nothing_is_lost() {
    let site = Site::new();
    let societe = "dupont-associes";
    let before = (site.names("pki"), site.names("keys"), site.read("pki/seal-dupont-associes.pem"));
    let refusal = site.seal(&site.order(societe)).unwrap_err();
    assert!(matches!(refusal, SealError::HasSeal { .. }) && refusal.exit_code() == 1, "{refusal}");
    assert_eq!(before.0, site.names("pki"));
    assert_eq!(before.1, site.names("keys"));
    let renew = SealOrder { renew: true, ..site.order(societe) };
    let first = site.seal(&renew).unwrap();
    let old = first.earlier.clone().unwrap();
    assert_eq!(std::fs::read(&old).unwrap(), before.2);
    let serial = Certificate::from_pem_bundle(&before.2).unwrap()[0].serial_hex();
    assert!(old.ends_with(format!("pki/seal-dupont-associes.{serial}.pem")), "{}", old.display());
    assert_ne!(site.chain("seal-dupont-associes.pem")[0].serial_hex(), serial);
    site.seal(&renew).unwrap();
    assert_eq!(site.names("pki").len(), before.0.len() + 2);
    assert_eq!(site.names("keys").len(), before.1.len() + 2);
    let none = site.seal(&SealOrder { renew: true, ..site.order(AUDIT) }).unwrap_err();
    assert!(matches!(none, SealError::NoSeal(_)), "{none}");
}

#[test]
fn unknown_and_closed_societes_get_none() {
    let site = Site::new();
    assert!(matches!(site.find("nobody"), Err(SealError::Unknown(_))));
    site.change(CabinetCommand::CloseSociete { societe: AUDIT.parse().unwrap() });
    let refusal = site.seal(&site.order(AUDIT)).unwrap_err();
    assert!(matches!(refusal, SealError::Closed { .. }) && refusal.is_refusal(), "{refusal}");
    assert_eq!(site.names("keys").len(), 3);
}

#[test]
fn a_seal_of_a_provider_is_taken_and_renewed_by_our_own() {
    let site = Site::new();
    assert!(site.seal(&site.p12(AUDIT, "wrong")).is_err());
    assert_eq!(site.names("keys").len(), 3);
    let outcome = site.seal(&site.p12(AUDIT, "test")).unwrap();
    assert!(outcome.seal.subject.contains("Test seal") && outcome.tested_with_own_authority);
    let again = SealOrder { renew: true, ..site.p12(AUDIT, "test") };
    assert!(matches!(site.seal(&again), Err(SealError::SameCertificate)));
    let own = site.seal(&SealOrder { renew: true, ..site.order(AUDIT) }).unwrap();
    assert!(own.seal.subject.contains("Dupont Audit"));
    let real = SealOrder { test_real_seal: true, ..again };
    let back = site.seal(&real).unwrap();
    assert!(!back.tested_with_own_authority);
    assert!(back.key.ends_with("keys/seal-dupont-audit.p8"), "the key that is there is used again");
    assert_eq!(site.names("keys").len(), 5);
}

#[test]
fn the_certificate_of_another_legal_person_or_another_time_is_refused() {
    let site = Site::new();
    let (order, societe) = (site.order(AUDIT), site.find(AUDIT).unwrap());
    let (place, now) = (Place::open(&order.state, &order.secret_file).unwrap(), Timestamp::now());
    let hall = Hall { order: &order, societe: &societe, place: &place, now };
    let others = &site.chain("seal-dupont-associes.pem")[0];
    let refusal = hall.judge(others, None).unwrap_err().to_string();
    assert!(refusal.contains("NTRFR-732829320") && refusal.contains(SIREN), "{refusal}");
    let late = Hall { now: others.not_after() + jiff::SignedDuration::from_secs(1), ..hall };
    assert!(matches!(late.judge(others, None), Err(SealError::NotNow { .. })));
}

#[test]
fn what_an_interrupted_run_left_stands_in_nobodys_way() {
    let site = Site::new();
    let secret = Secret::from_file(&site.0.path().join("secret"), None).unwrap();
    let keys = sceau_disk::FileSystem::open_dir(&sceau_disk::RealFs, &site.state().join("keys"));
    let id = KeyId::parse("seal-dupont-audit").unwrap();
    KeyStore::generate(&*keys.unwrap(), &id, Purpose::Seal, KeyType::P256, &secret).unwrap();
    std::fs::write(site.state().join("pki/.seal-dupont-audit.pem.tmp"), "half").unwrap();
    let outcome = site.seal(&site.order(AUDIT)).unwrap();
    let key = outcome.key.file_stem().unwrap().to_str().unwrap().to_owned();
    assert!(key.starts_with("seal-dupont-audit_"), "{key}");
    assert!(is_seal_key(&KeyId::parse(&key).unwrap(), &AUDIT.parse().unwrap()));
    assert!(!site.names("pki").iter().any(|name| name.ends_with(".tmp")));
}

#[test]
fn two_at_once_or_another_secret_change_nothing() {
    let site = Site::new();
    let order = site.order(AUDIT);
    let held = Place::open(&order.state, &order.secret_file).unwrap();
    assert!(matches!(site.seal(&order), Err(SealError::Busy)));
    drop(held);
    let other = site.0.path().join("other");
    Secret::create(&other, None).unwrap();
    let refusal = site.seal(&SealOrder { secret_file: other, ..order }).unwrap_err();
    assert!(refusal.to_string().contains("does not open key"), "{refusal}");
    assert_eq!(site.names("pki").len(), 5);
    assert_eq!(site.names("keys").len(), 3);
}

#[test]
fn a_code_that_begins_another_does_not_take_its_keys() {
    let key = |id: &str| KeyId::parse(id).unwrap();
    let societe: SocieteId = "dupont".parse().unwrap();
    assert!(is_seal_key(&key("seal-dupont"), &societe));
    assert!(is_seal_key(&key("seal-dupont_0011223344556677"), &societe));
    assert!(!is_seal_key(&key("seal-dupont-audit"), &societe));
    assert!(!is_seal_key(&key("seal-dupont-audit_0011223344556677"), &societe));
    let longest: SocieteId = "x".repeat(40).parse().unwrap();
    KeyId::parse(&format!("seal-{longest}_0011223344556677")).unwrap();
}

#[test]
fn every_place_reads_whole_files_only() {
    let site = Site::new();
    std::fs::write(site.state().join("pki/seal-dupont-audit.pem"), "nothing").unwrap();
    let refusal = site.seal(&site.order(AUDIT)).unwrap_err();
    assert!(matches!(refusal, SealError::Certificate { .. }), "{refusal}");
    assert!(Path::new(&site.state().join("pki/seal-dupont-audit.pem")).exists());
}
