//! Our own authority while time passes: its responder and its list are renewed before they end, and
//! what is issued meanwhile is found.

use std::sync::{Arc, Mutex, MutexGuard};

use sceau_engine::authority::{AuthorityParts, HeldKey, OwnAuthority, Register};
use sceau_engine::fetch::{Own, RevocationSource as _};
use sceau_engine::keys::KeyDoor;
use sceau_pades::{Missing, Wanted};
use sceau_pki::SignatureAlgorithm::EcdsaP256Sha256 as ALGORITHM;
use sceau_pki::crl::RevocationList;
use sceau_pki::ocsp::{CertificateStatus, OcspRequest, OcspResponse};
use sceau_pki::profile::{AuthorityName, Issuance, Issuer, Services, issuing_ca};
use sceau_pki::revocation::{Material, Status, evaluate};
use sceau_pki::testing::{Holder, TestKey, TestPki};
use sceau_pki::{Certificate, Siren};
use sceau_signer::{KeyId, SignError, SignRequest, SignatureValue};
use sceau_store::testing::MemoryStore;

use crate::alone;
use crate::support::{Dice, VirtualClock};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

struct Keys {
    pki: TestPki,
    responder: TestKey,
}

impl KeyDoor for Keys {
    fn sign(&self, request: SignRequest) -> Result<SignatureValue, SignError> {
        let key = match request.key.as_str() {
            "ocsp" => &self.responder,
            _ => &self.pki.issuing.key,
        };
        Ok(SignatureValue { bytes: key.sign(&request.to_be_signed), replayed: false })
    }

    fn alive(&self) -> Result<(), SignError> {
        Ok(())
    }
}

#[derive(Default)]
struct Issued(Mutex<Vec<Certificate>>);

impl Register for Issued {
    fn issued(&self) -> Vec<Certificate> {
        self.0.lock().unwrap().clone()
    }
}

struct World {
    keys: Arc<Keys>,
    issued: Arc<Issued>,
    clock: VirtualClock,
    authority: Arc<OwnAuthority>,
    _alone: MutexGuard<'static, ()>,
}

impl World {
    fn new() -> Self {
        Self::after(|pki| pki.issuing.certificate.clone())
    }

    /// With this certificate of the issuing authority in force.
    fn after(in_force: impl FnOnce(&TestPki) -> Certificate) -> Self {
        let (pki, responder) = (TestPki::generate(ALGORITHM), TestKey::generate(ALGORITHM));
        let certificate = in_force(&pki);
        let held = |name: &str, key: &TestKey| HeldKey {
            id: KeyId::parse(name).unwrap(),
            algorithm: ALGORITHM,
            spki: key.spki(),
        };
        let (key, other) = (held("issuing", &pki.issuing.key), held("ocsp", &responder));
        let keys = Arc::new(Keys { pki, responder });
        let (issued, clock) = (Arc::new(Issued::default()), VirtualClock::default());
        let authority = OwnAuthority::new(AuthorityParts {
            certificate,
            key,
            responder: other,
            register: issued.clone(),
            keys: keys.clone(),
            store: Arc::new(MemoryStore::default()),
            clock: Arc::new(clock.clone()),
            entropy: Arc::new(Dice::default()),
        });
        Self { keys, issued, clock, authority: Arc::new(authority), _alone: alone() }
    }

    fn issue_seal(&self) {
        self.issued.0.lock().unwrap().push(self.keys.pki.seal.certificate.clone());
    }

    /// What a stranger is told of the seal.
    fn ask(&self) -> OcspResponse {
        let pki = &self.keys.pki;
        let request = OcspRequest::new(&pki.seal.certificate, &pki.issuing.certificate, None);
        OcspResponse::parse(&self.authority.ocsp(&request.unwrap().to_der())).unwrap()
    }

    fn told(&self) -> CertificateStatus {
        self.ask().singles()[0].status
    }

    /// Demands that whoever validates now finds the seal good by this answer.
    fn expect_good(&self, answer: &OcspResponse) {
        use sceau_engine::clock::Clock as _;
        let pki = &self.keys.pki;
        let (seal, issuing) = (&pki.seal.certificate, &pki.issuing.certificate);
        let material = Material { ocsps: vec![answer.clone()], ..Material::default() };
        let status = evaluate(seal, issuing, &material, self.clock.now());
        assert!(matches!(status, Status::Good(_)), "{status:?}");
        assert!(status.evidence().unwrap().is_current_at(self.clock.now()));
    }

    fn list(&self) -> RevocationList {
        RevocationList::parse(&self.authority.list().unwrap()).unwrap()
    }
}

/// For forty days: an answer a day, each good on its day, by a certificate that ends later.
#[test]
fn the_responder_is_renewed_before_its_certificate_ends() {
    use sceau_engine::clock::Clock as _;
    let world = World::new();
    world.issue_seal();
    let mut responders: Vec<Certificate> = Vec::new();
    for _ in 0..40 {
        let answer = world.ask();
        world.expect_good(&answer);
        let responder = answer.certificates()[0].clone();
        assert!(responder.not_after() > world.clock.now() + jiff::SignedDuration::from_hours(47));
        if responders.last() != Some(&responder) {
            responders.push(responder);
        }
        world.clock.pass_ms(DAY_MS);
    }
    assert_eq!(responders.len(), 7, "one for six days");
}

#[test]
fn a_list_is_made_anew_by_the_timer_before_anybody_needs_it() {
    let world = World::new();
    world.authority.keep_up().unwrap();
    let first = world.list();
    world.clock.pass_ms(5 * HOUR_MS);
    world.authority.keep_up().unwrap();
    assert_eq!(world.list().der(), first.der());
    world.clock.pass_ms(2 * HOUR_MS);
    world.authority.keep_up().unwrap();
    let second = world.list();
    assert!(second.this_update() > first.this_update());
    assert!(second.next_update() > first.next_update());
}

/// A seal that was made while the daemon runs is known at once to whoever administers, and within a
/// second to strangers, whose questions do not each cost a look at the disk.
#[test]
fn what_is_issued_meanwhile_is_answered_for() {
    let world = World::new();
    assert_eq!(world.told(), CertificateStatus::Unknown);
    world.issue_seal();
    assert_eq!(world.told(), CertificateStatus::Unknown);
    world.clock.pass_ms(1_000);
    assert_eq!(world.told(), CertificateStatus::Good);
    world.issued.0.lock().unwrap().clear();
    world.clock.pass_ms(HOUR_MS);
    assert_eq!(world.told(), CertificateStatus::Good, "what was known stays known");
    let unit = world.keys.pki.unit.certificate.clone();
    world.issued.0.lock().unwrap().push(unit.clone());
    assert!(world.authority.issued().contains(&unit));
}

/// The issuing authority's next certificate, for `key`: its own key where it was renewed.
fn next_certificate(pki: &TestPki, key: &TestKey) -> Certificate {
    let (root, spki) = (&pki.root, key.spki());
    let issuing = &pki.issuing.certificate;
    let issuance = Issuance {
        serial: [77; 16],
        not_before: issuing.not_before(),
        not_after: issuing.not_after(),
        public_key: &spki,
        services: &Services::NONE,
    };
    let issuer = Issuer { certificate: &root.certificate, algorithm: ALGORITHM };
    let name = AuthorityName {
        organization: "Cabinet Exemple",
        siren: Siren::parse("732829320").unwrap(),
        common_name: "Cabinet Exemple AC",
    };
    let tbs = issuing_ca(&issuance, &issuer, &name).unwrap();
    tbs.signed(&root.key.sign(tbs.to_be_signed())).unwrap()
}

/// What the document lacks about this holder, whose chain in it names this certificate of his issuer.
fn lacking(holder: &Holder, issuer: &Certificate) -> Missing {
    Missing {
        field: "Cachet".to_owned(),
        certificate: holder.certificate.clone(),
        wanted: Wanted::Status { issuer: issuer.clone(), newer_than: None },
        why: Vec::new(),
    }
}

/// Documents that were sealed before a renewal hold the certificate before: without a network, nobody
/// but the renewed authority can say what their renewal needs.
#[tokio::test]
async fn a_renewed_authority_answers_for_its_certificate_before() {
    use sceau_engine::clock::Clock as _;
    let world = World::after(|pki| next_certificate(pki, &pki.issuing.key));
    let pki = &world.keys.pki;
    let before = &pki.issuing.certificate;
    assert_ne!(world.authority.certificate(), before);
    let root = pki.root.certificate.clone();
    let own = Own { authority: world.authority.clone(), root, root_list: None };
    let missing = lacking(&pki.seal, before);
    assert!(own.may_know(&missing));
    let answer = own.ask(&missing, usize::MAX).await;
    assert!(answer.troubles.is_empty(), "{:?}", answer.troubles);
    let seal = &pki.seal.certificate;
    let status = evaluate(seal, before, &answer.material, world.clock.now());
    assert!(matches!(status, Status::Good(_)), "{status:?}");

    let stranger = next_certificate(pki, &TestKey::generate(ALGORITHM));
    assert!(!own.may_know(&lacking(&pki.seal, &stranger)), "the same name under another key");
}
