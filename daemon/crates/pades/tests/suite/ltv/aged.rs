//! Algorithms grow old: what is proven to be older holds, whether it is a key, a timestamp, or what tells
//! the status of a certificate.

use sceau_pades::stored_material;
use sceau_pdf::{Document, Limits};

use super::*;

fn moment(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn anchors_of(benches: [&Bench; 2]) -> TrustAnchors {
    TrustAnchors::new(benches.map(|bench| bench.pki.root.certificate.clone()).into())
}

/// A renewal is due before the end of what the last timestamp rests on, its certificates apart.
#[test]
fn a_timestamp_proves_no_longer_than_its_algorithms() {
    let aged: Timestamp = "2029-01-01T00:00:00Z".parse().unwrap();
    let strong = Bench::p256();
    let until = |bench: &Bench| {
        let file = stamped(bench, &sealed(&strong), TestPki::now());
        proven_until(&file, &bench.pki.anchors(), TestPki::now()).unwrap()
    };
    let end = strong.pki.unit.certificate.not_after();
    assert!(end > aged, "{end}");
    assert_eq!(until(&strong), Some(end));
    for old in [SignatureAlgorithm::RsaPkcs1Sha256, SignatureAlgorithm::RsaPssSha256] {
        assert_eq!(until(&Bench::new(old)), Some(aged), "{old:?}");
    }
}

/// The renewal in time: what the aged timestamp covers stays proven after its algorithm's end.
#[test]
fn a_renewal_before_the_end_of_an_algorithm_keeps_the_proof() {
    let (old, strong) = (Bench::new(SignatureAlgorithm::RsaPkcs1Sha256), Bench::p256());
    let file = stamped(&old, &sealed(&strong), TestPki::now());
    let anchors = anchors_of([&old, &strong]);
    let judge = |file: &Vec<u8>, at: &str| {
        validate(file, &ValidationOptions::new(anchors.clone(), moment(at))).unwrap()
    };
    assert!(judge(&file, "2028-12-31T23:59:59Z").signatures[1].verdict.passed());
    let late = judge(&file, "2029-01-01T00:00:00Z");
    let expected = Some(SubIndication::CryptoConstraintsFailureNoPoe);
    assert_eq!(late.signatures[1].verdict.sub_indication, expected);
    let renewed = stamped(&strong, &file, moment("2028-12-01T00:00:00Z"));
    let report = judge(&renewed, "2029-01-01T00:00:00Z");
    assert_eq!(report.signatures.len(), 3);
    assert!(report.signatures.iter().all(|one| one.verdict.passed()), "{report:#?}");
}

/// RSA-2048 is not accepted from 2029 on, unless something proves that it was used before.
#[test]
fn an_aged_key_needs_a_proof_of_its_time() {
    let bench = Bench::new(SignatureAlgorithm::RsaPkcs1Sha256);
    let late: Timestamp = "2029-06-01T00:00:00Z".parse().unwrap();
    let plain = bench.sealed_file(&small_pdf(), Level::B);
    let options = ValidationOptions::new(bench.pki.anchors(), late);
    let report = validate(&plain, &options).unwrap();
    let expected = Some(SubIndication::CryptoConstraintsFailureNoPoe);
    assert_eq!(report.verdict.sub_indication, expected);
    let strong = Bench::p256();
    let waiting = begin_document_timestamp(&plain, strong.token_room()).unwrap();
    let token = token(&strong, waiting.imprint(), "2028-01-01T00:00:00Z".parse().unwrap());
    let file = joined(&plain, &waiting.finish(&token).unwrap());
    let anchors = anchors_of([&bench, &strong]);
    let report = validate(&file, &ValidationOptions::new(anchors, late)).unwrap();
    assert!(report.verdict.passed(), "{:?}", report.verdict);
}

/// Lists of both authorities of a cabinet, made at `at` and current for a week.
fn lists_of(bench: &Bench, at: Timestamp) -> Material {
    let list = |holder: &Holder| {
        let issuer = Issuer { certificate: &holder.certificate, algorithm: bench.algorithm };
        let tbs = tbs_crl(&issuer, 1, at, at + SignedDuration::from_hours(168), &[]).unwrap();
        let list = tbs.signed(&holder.key.sign(tbs.to_be_signed())).unwrap();
        RevocationList::parse(list.der()).unwrap()
    };
    let crls = [&bench.pki.issuing, &bench.pki.root].map(list).into();
    Material { crls, ..Material::default() }
}

/// A seal of an authority whose algorithms end in 2029, under a document timestamp of 2028 that goes on.
struct Aged {
    old: Bench,
    strong: Bench,
    /// The timestamp covers the lists, or only the seal.
    covered: Vec<u8>,
    behind: Vec<u8>,
}

const LATE: &str = "2029-06-01T00:00:00Z";

impl Aged {
    fn new() -> Self {
        let (old, strong) = (Bench::new(SignatureAlgorithm::RsaPkcs1Sha256), Bench::p256());
        let stamped_at = moment("2028-01-01T00:00:00Z");
        let lists = lists_of(&old, stamped_at - 1.hours());
        let stored = |file: &Vec<u8>| {
            let stored = store_material(file, &old.pki.anchors(), &lists, stamped_at);
            joined(file, &stored.unwrap().unwrap())
        };
        let sealed = sealed(&old);
        let covered = stamped(&strong, &stored(&sealed), stamped_at);
        let behind = stored(&stamped(&strong, &sealed, stamped_at));
        Self { old, strong, covered, behind }
    }

    fn judge(&self, file: &[u8], at: &str, revocation: RevocationPolicy) -> Report {
        let at = moment(at);
        let material = lists_of(&self.strong, at - 1.hours());
        let anchors = anchors_of([&self.old, &self.strong]);
        let options = ValidationOptions::new(anchors, at);
        validate(&file, &ValidationOptions { revocation, material, ..options }).unwrap()
    }
}

/// EN 319 102-1 §5.2.8: a list says as little as any signature of its kind, unless it is proven to be old.
#[test]
fn a_status_under_an_aged_key_needs_a_proof_of_its_time() {
    let aged = Aged::new();
    let required = |file, at| aged.judge(file, at, RevocationPolicy::Required);
    let covered = required(&aged.covered, LATE);
    assert!(covered.verdict.passed(), "{:#?}", covered.verdict);
    assert!(required(&aged.behind, "2028-12-31T23:59:59Z").verdict.passed());
    let behind = required(&aged.behind, LATE);
    let expected = Some(SubIndication::CryptoConstraintsFailureNoPoe);
    assert_eq!(behind.signatures[0].verdict.sub_indication, expected);
    let detail = &behind.signatures[0].verdict.findings[0].detail;
    assert!(detail.contains("is not accepted since 2029-01-01"), "{detail}");
}

/// What does not count is as if it were not there: the level falls, and the report says so.
#[test]
fn an_aged_status_without_proof_makes_no_level() {
    let aged = Aged::new();
    let told = |file, at| {
        let report = aged.judge(file, at, RevocationPolicy::IfAvailable);
        assert!(report.verdict.passed(), "{:#?}", report.verdict);
        let seal = &report.signatures[0];
        (seal.level, seal.revocation[0].status)
    };
    assert_eq!(told(&aged.covered, LATE), (Some(Level::Lta), RevocationStatus::Good));
    let before = told(&aged.behind, "2028-12-31T23:59:59Z");
    assert_eq!(before, (Some(Level::Lt), RevocationStatus::Good));
    assert_eq!(told(&aged.behind, LATE), (Some(Level::T), RevocationStatus::Unknown));
}

/// A fresh answer of an aged kind is waited on no less than none, and the reason is told; under a
/// timestamp nothing is asked for again.
#[test]
fn an_aged_answer_is_lacking() {
    let aged = Aged::new();
    let (late, anchors) = (moment(LATE), anchors_of([&aged.old, &aged.strong]));
    let fresh = lists_of(&aged.old, late - 1.hours());
    let lacking = missing(&sealed(&aged.old), &anchors, &fresh, late).unwrap();
    assert_eq!(lacking.len(), 3, "{lacking:?}");
    for one in &lacking {
        assert!(matches!(&one.why[..], [why] if why.ends_with("since 2029-01-01")), "{one:?}");
    }
    let of_stamp = lists_of(&aged.strong, late - 1.hours());
    assert_eq!(missing(&aged.covered, &anchors, &of_stamp, late).unwrap(), []);
    let behind = missing(&aged.behind, &anchors, &of_stamp, late).unwrap();
    assert_eq!(behind.len(), 3, "{behind:?}");
    let stored = store_material(&aged.behind, &anchors, &fresh, late).unwrap();
    let lists = |file: &Vec<u8>| {
        let document = Document::open(file, &Limits::default()).unwrap();
        stored_material(&document).unwrap().crls.len()
    };
    let after = joined(&aged.behind, &stored.unwrap());
    assert_eq!(lists(&after), lists(&aged.behind), "the chain of the timestamp, and no list");
}
