//! From B-T to B-LTA and on: what is lacking, what is stored, what is reached, and what a
//! revocation means for it.

mod aged;
mod stamping;

use crate::common::{Bench, file_of, small_pdf};
use jiff::{SignedDuration, Timestamp, ToSpan};
use sceau_pades::report::{
    Indication, Report, RevocationPolicy, RevocationSource, RevocationStatus, SubIndication, to_xml,
};
use sceau_pades::{
    DocumentTimestamp, ExtendError, Extended, Level, ValidationOptions, Wanted, ageing,
    begin_document_timestamp, missing, proven_until, store_material, validate,
};
use sceau_pki::crl::RevocationList;
use sceau_pki::profile::{Issuer, Revoked, tbs_crl};
use sceau_pki::revocation::Material;
use sceau_pki::testing::{Holder, TestPki};
use sceau_pki::tsp::{Imprint, TimeStampRequest};
use sceau_pki::{DigestAlgorithm, SignatureAlgorithm, TrustAnchors};

/// The lists of [`TestPki`] are of 84 hours before its now, and are current for as long after.
fn lists(bench: &Bench, revoked: &[Revoked]) -> Material {
    let crls = bench.pki.crls(revoked);
    let crls = crls.iter().map(|list| RevocationList::parse(list.der()).unwrap()).collect();
    Material { crls, ..Material::default() }
}

/// Before the lists were made, so that they are newer than the timestamp.
fn signing_time() -> Timestamp {
    TestPki::now() - 100.hours()
}

fn token(bench: &Bench, imprint: &[u8], at: Timestamp) -> Vec<u8> {
    let imprint = Imprint::new(DigestAlgorithm::Sha256, imprint.to_vec());
    bench.pki.timestamp(&TimeStampRequest::new(imprint, [7; 8]), at)
}

/// A document sealed at B-T at [`signing_time`].
fn sealed(bench: &Bench) -> Vec<u8> {
    sealed_of(bench, small_pdf())
}

/// The same of this document.
fn sealed_of(bench: &Bench, base: Vec<u8>) -> Vec<u8> {
    let mut request = bench.request(Level::T);
    request.signing_time = signing_time();
    let session = sceau_pades::begin(&base, &request).unwrap();
    let signed = session.clone().signed(&bench.sign(session.to_be_signed())).unwrap();
    let token = token(bench, &signed.imprint(), signing_time());
    file_of(&base, &signed.timestamped(&token).unwrap())
}

fn joined(base: &[u8], extended: &Extended) -> Vec<u8> {
    assert_eq!(extended.revision.base_len, base.len() as u64);
    [base, &extended.revision.tail].concat()
}

fn stored(bench: &Bench, file: &[u8], material: &Material) -> Vec<u8> {
    let extended = store_material(&file, &bench.pki.anchors(), material, TestPki::now());
    joined(file, &extended.unwrap().unwrap())
}

fn stamped(bench: &Bench, file: &[u8], at: Timestamp) -> Vec<u8> {
    let waiting = begin_document_timestamp(&file, bench.token_room()).unwrap();
    let token = token(bench, waiting.imprint(), at);
    joined(file, &waiting.finish(&token).unwrap())
}

fn judge(bench: &Bench, file: &[u8], at: Timestamp) -> Report {
    let options = ValidationOptions {
        revocation: RevocationPolicy::Required,
        ..ValidationOptions::new(bench.pki.anchors(), at)
    };
    validate(&file, &options).unwrap()
}

fn level(bench: &Bench, file: &[u8]) -> Level {
    judge(bench, file, TestPki::now()).signatures[0].level.unwrap()
}

#[test]
fn a_seal_climbs_the_ladder() {
    let bench = Bench::p256();
    let anchors = bench.pki.anchors();
    let file = sealed(&bench);
    assert_eq!(level(&bench, &file), Level::T);
    let lacking = missing(&file, &anchors, &Material::default(), TestPki::now()).unwrap();
    // The seal, the unit, and the authority that issued both.
    assert_eq!(lacking.len(), 3, "{lacking:?}");
    assert!(lacking.iter().all(|one| matches!(one.wanted, Wanted::Status { .. })));
    let material = lists(&bench, &[]);
    assert_eq!(missing(&file, &anchors, &material, TestPki::now()).unwrap(), []);

    let file = stored(&bench, &file, &material);
    assert_eq!(level(&bench, &file), Level::Lt);
    let again = store_material(&file, &anchors, &material, TestPki::now()).unwrap();
    assert_eq!(again, None, "nothing is stored twice");

    let file = stamped(&bench, &file, TestPki::now());
    assert_eq!(level(&bench, &file), Level::Lta);
    let report = judge(&bench, &file, TestPki::now());
    assert!(report.verdict.passed(), "{:#?}", report.verdict);
    assert_eq!(report.signatures.len(), 2);
    let seal = &report.signatures[0];
    assert_eq!(seal.best_signature_time, signing_time());
    assert_eq!(seal.revocation.len(), 2);
    assert_eq!(seal.revocation[0].status, RevocationStatus::Good);
    assert_eq!(seal.revocation[0].source, Some(RevocationSource::Crl));
}

/// What is malformed in the objects that have to be written again is not written again: each later revision is
/// of the standard's form, as verification demands.
#[test]
fn a_base_with_malformed_strings_climbs_too() {
    let bench = Bench::p256();
    let base = String::from_utf8(small_pdf()).unwrap();
    let base = base.replace("/Root 1 0 R", "/Root 1 0 R/Something <abqd>");
    // Of the same length: the offsets stay.
    let base = base.replace("<</Type/Catalog/Pages 2 0 R>>", "<</Pages 2 0 R/It [<6x>(a)]>>");
    let file = stored(&bench, &sealed_of(&bench, base.into_bytes()), &lists(&bench, &[]));
    let file = stamped(&bench, &file, TestPki::now());
    let report = judge(&bench, &file, TestPki::now());
    assert!(report.verdict.passed(), "{:#?}", report.verdict);
    assert_eq!(report.signatures[0].level, Some(Level::Lta));
}

#[test]
fn a_timestamp_without_data_is_no_long_term_level() {
    let bench = Bench::p256();
    let file = stamped(&bench, &sealed(&bench), TestPki::now());
    assert_eq!(level(&bench, &file), Level::T);
    let file = stored(&bench, &file, &lists(&bench, &[]));
    assert_eq!(level(&bench, &file), Level::Lt, "the timestamp does not cover the data");
    let file = stamped(&bench, &file, TestPki::now());
    assert_eq!(level(&bench, &file), Level::Lta);
}

/// Data that is older than the timestamp says nothing of what happened until then.
#[test]
fn older_data_is_not_enough_for_the_seal() {
    let bench = Bench::p256();
    let file = bench.sealed_file(&small_pdf(), Level::T);
    let material = lists(&bench, &[]);
    let anchors = bench.pki.anchors();
    let lacking = missing(&file, &anchors, &material, TestPki::now()).unwrap();
    assert_eq!(lacking.len(), 1, "{lacking:?}");
    assert_eq!(lacking[0].certificate, bench.pki.seal.certificate);
    let Wanted::Status { newer_than, .. } = &lacking[0].wanted else { panic!("{lacking:?}") };
    assert_eq!(*newer_than, Some(TestPki::now()));
    let file = stored(&bench, &file, &material);
    assert_eq!(level(&bench, &file), Level::T);
}

#[test]
fn without_data_the_question_stays_open_where_it_is_required() {
    let bench = Bench::p256();
    let file = sealed(&bench);
    let report = judge(&bench, &file, TestPki::now());
    assert_eq!(report.verdict.indication, Indication::Indeterminate);
    assert_eq!(report.verdict.sub_indication, Some(SubIndication::TryLater));
    let lenient = ValidationOptions::new(bench.pki.anchors(), TestPki::now());
    assert!(validate(&file, &lenient).unwrap().verdict.passed());
    let given = ValidationOptions {
        material: lists(&bench, &[]),
        revocation: RevocationPolicy::Required,
        ..lenient
    };
    assert!(validate(&file, &given).unwrap().verdict.passed(), "given material counts");
}

fn with_revocation(bench: &Bench, at: Timestamp, level: Level) -> Report {
    let revoked = [Revoked::new(&bench.pki.seal.certificate, at)];
    let options = ValidationOptions {
        material: lists(bench, &revoked),
        ..ValidationOptions::new(bench.pki.anchors(), TestPki::now())
    };
    let file = match level {
        Level::T => sealed(bench),
        level => {
            let request =
                sceau_pades::SealRequest { signing_time: signing_time(), ..bench.request(level) };
            let base = small_pdf();
            file_of(&base, &bench.seal(&base, &request))
        }
    };
    validate(&file, &options).unwrap()
}

#[test]
fn a_revocation_after_the_timestamp_does_no_harm() {
    let bench = Bench::p256();
    let report = with_revocation(&bench, signing_time() + 1.hours(), Level::T);
    assert!(report.verdict.passed(), "{:?}", report.verdict);
    assert_eq!(report.signatures[0].revocation[0].status, RevocationStatus::Revoked);
}

#[test]
fn a_revocation_before_the_timestamp_fails_what_admits_to_be_later() {
    let bench = Bench::p256();
    let report = with_revocation(&bench, signing_time() - 1.hours(), Level::T);
    assert_eq!(report.verdict.indication, Indication::TotalFailed);
    assert_eq!(report.verdict.sub_indication, Some(SubIndication::Revoked));
}

#[test]
fn a_revocation_without_a_timestamp_leaves_the_question_open() {
    let bench = Bench::p256();
    let report = with_revocation(&bench, signing_time() + 1.hours(), Level::B);
    assert_eq!(report.verdict.sub_indication, Some(SubIndication::RevokedNoPoe));
}

/// TS 119 102-2 §4.4.7: the timestamp that proves the time is referred to, own or of the document.
#[test]
fn the_xml_refers_to_the_timestamp_that_proves_the_time() {
    let bench = Bench::p256();
    let proof = |file: &[u8]| {
        let report = bench.judge(file);
        let xml = to_xml(&report);
        let first = xml.split("</SignatureValidationReport>").next().unwrap().to_owned();
        let object = first.split("<POEObject VOReference=\"").nth(1)?;
        let id = object.split('"').next().unwrap();
        assert!(xml.contains(&format!("<ValidationObject id=\"{id}\">")), "{id} in {xml}");
        assert!(report.signatures[0].time_is_proven);
        Some(id.to_owned())
    };
    let untimed = bench.sealed_file(&small_pdf(), Level::B);
    assert_eq!(proof(&untimed), None);
    assert_eq!(proof(&stamped(&bench, &untimed, TestPki::now())).unwrap(), "T-2-1");
    let timed = stamped(&bench, &sealed(&bench), TestPki::now());
    assert_eq!(proof(&timed).unwrap(), "T-1-1");
}

/// EN 319 102-1 §5.6: what a document timestamp covers existed before its own certificate ended.
#[test]
fn a_timestamp_over_a_timestamp_carries_it_beyond_its_certificate() {
    let bench = Bench::p256();
    let end = bench.pki.unit.certificate.not_after();
    let late = end + SignedDuration::from_hours(24);
    let file = sealed(&bench);
    let report = judge(&bench, &file, late);
    assert!(!report.verdict.passed(), "nothing proves that the token is older");
    // An authority whose certificates live on.
    let other = Bench::p256();
    let waiting = begin_document_timestamp(&file, other.token_room()).unwrap();
    let token = token(&other, waiting.imprint(), end - SignedDuration::from_hours(24));
    let file = joined(&file, &waiting.finish(&token).unwrap());
    let at = end - SignedDuration::from_hours(1);
    let both = [bench.pki.root.certificate.clone(), other.pki.root.certificate.clone()];
    let anchors = TrustAnchors::new(both.into());
    let report = validate(&file, &ValidationOptions::new(anchors, at)).unwrap();
    assert!(report.verdict.passed(), "{:?}", report.verdict);
    assert_eq!(report.signatures[0].best_signature_time, signing_time());
}

/// Data that ended before the document timestamp does for the level, and newer data is worth asking for.
#[test]
fn data_that_has_ended_is_worth_asking_for_again() {
    let bench = Bench::p256();
    let anchors = bench.pki.anchors();
    let file = stored(&bench, &sealed(&bench), &lists(&bench, &[]));
    let ask = |file: &[u8], material: &Material, now| {
        let file = file.to_vec();
        ageing(&file, &anchors, material, now).unwrap()
    };
    let none = Material::default();
    assert_eq!(ask(&file, &none, TestPki::now()), [], "it is current");
    // The lists are current for 84 hours from now.
    let late = TestPki::now() + 90.hours();
    assert_eq!(missing(&file, &anchors, &none, late).unwrap(), [], "nothing is lacking");
    let ended = ask(&file, &none, late);
    assert_eq!(ended.len(), 3, "the seal, the unit, and the authority of both: {ended:?}");
    let made = TestPki::now() - 84.hours();
    for one in &ended {
        let Wanted::Status { newer_than, .. } = one.wanted else { panic!("{one:?}") };
        assert_eq!(newer_than, Some(made + 1.second()));
    }
    let covered = stamped(&bench, &file, TestPki::now());
    assert_eq!(ask(&covered, &none, late), [], "it was current when it was stamped");
    let end = bench.pki.seal.certificate.not_after();
    let beyond = ask(&file, &none, end + 1.hours());
    assert!(beyond.iter().all(|one| one.certificate != bench.pki.seal.certificate), "{beyond:?}");
}

#[test]
fn a_document_timestamp_survives_the_end_of_the_process_and_takes_its_own_token_only() {
    let bench = Bench::p256();
    let file = sealed(&bench);
    let waiting = begin_document_timestamp(&file, bench.token_room()).unwrap();
    let record = serde_json::to_string(&waiting).unwrap();
    let waiting: DocumentTimestamp = serde_json::from_str(&record).unwrap();
    let other = token(&bench, &[1; 32], TestPki::now());
    assert!(matches!(waiting.clone().finish(&other), Err(ExtendError::Token(_))));
    let own = token(&bench, waiting.imprint(), TestPki::now());
    assert!(waiting.finish(&own).is_ok());
    let narrow = begin_document_timestamp(&file, 100).unwrap();
    let own = token(&bench, narrow.imprint(), TestPki::now());
    let error = narrow.finish(&own).unwrap_err();
    assert!(matches!(error, ExtendError::HoleTooSmall { needed } if needed == own.len()));
}

/// An issuer that is nowhere at hand is named as lacking.
#[test]
fn an_unknown_issuer_is_lacking() {
    let mut bench = Bench::p256();
    bench.chain.truncate(1);
    let file = bench.sealed_file(&small_pdf(), Level::B);
    let lacking =
        missing(&file, &bench.pki.anchors(), &Material::default(), TestPki::now()).unwrap();
    assert_eq!(lacking.len(), 1);
    assert_eq!(lacking[0].wanted, Wanted::Issuer);
}
