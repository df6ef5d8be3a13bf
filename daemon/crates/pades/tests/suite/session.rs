//! From a document to a sealed file, stage by stage.

use crate::common::{Bench, file_of, small_pdf, updated};
use sceau_pades::report::{Coverage, Indication, Report};
use sceau_pades::{
    BeginError, CertificateFault, HashedPrefix, Level, OpaqueAttribute, SealRequest, Signed,
    TimestampError, ToBeSigned, UnsealedError, begin, begin_hashed,
};
use sceau_pki::SignatureAlgorithm as Algorithm;
use sceau_pki::testing::TestPki;
use sceau_pki::{Hasher, oid};

#[test]
fn every_algorithm_seals_at_both_levels_and_passes() {
    for algorithm in Algorithm::ALL {
        let bench = Bench::new(algorithm);
        for level in [Level::B, Level::T] {
            let report = bench.judge(&bench.sealed_file(&small_pdf(), level));
            assert!(report.verdict.passed(), "{algorithm:?} {level}: {:?}", report.verdict);
            let signature = &report.signatures[0];
            assert_eq!(signature.level, Some(level));
            assert_eq!(signature.coverage, Some(Coverage::WholeFile));
            assert_eq!(signature.time_is_proven, level == Level::T);
            assert_eq!(signature.claimed_time, Some(TestPki::now()));
            assert_eq!(signature.chain.len(), 2);
        }
    }
}

#[test]
fn what_was_asked_for_stands_in_the_signature() {
    let bench = Bench::p256();
    let attribute = OpaqueAttribute { oid: oid::DELEGATION, der: vec![0x30, 3, 4, 1, 7] };
    let request = SealRequest {
        reason: Some("Plaquette arrêtée".to_owned()),
        location: Some("Évreux".to_owned()),
        field_name: Some("Cachet".to_owned()),
        claimed_roles: vec!["Collaborateur habilité".to_owned()],
        signed_attribute: Some(attribute),
        ..bench.request(Level::T)
    };
    let base = small_pdf();
    let report = bench.judge(&file_of(&base, &bench.seal(&base, &request)));
    assert!(report.verdict.passed(), "{:?}", report.verdict);
    let signature = &report.signatures[0];
    assert_eq!(signature.field, "Cachet");
    assert_eq!(signature.reason.as_deref(), Some("Plaquette arrêtée"));
    assert_eq!(signature.location.as_deref(), Some("Évreux"));
    assert_eq!(signature.claimed_roles, ["Collaborateur habilité"]);
    assert_eq!(signature.signed_attributes[0].oid, oid::DELEGATION.to_string());
    assert_eq!(signature.signed_attributes[0].der, "3003040107");
    let signer = signature.signer.as_ref().unwrap();
    assert_eq!(signer.organization_identifier.as_deref(), Some("NTRFR-732829320"));
    assert_eq!(signature.timestamps[0].time, Some(TestPki::now()));
}

#[test]
fn a_form_whose_fields_are_no_list_gets_one() {
    let bench = Bench::p256();
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields/potato/NeedAppearances true>>>>";
    let base = updated(&small_pdf(), &[(1, catalog)]);
    let report = bench.judge(&bench.sealed_file(&base, Level::T));
    assert!(report.verdict.passed(), "{:?}", report.verdict);
}

/// The JSON that `sceau verify --json` prints and that evidence keeps: its names are for good.
#[test]
fn the_report_has_a_stable_form() {
    let bench = Bench::p256();
    let report = bench.judge(&bench.sealed_file(&small_pdf(), Level::T));
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["verdict"], serde_json::json!({ "indication": "TOTAL-PASSED" }));
    assert_eq!(json["validated_at"], "2026-11-23T12:00:00Z");
    assert_eq!(json["policy"]["revocation"], "if_available");
    assert_eq!(json["policy"]["trust_anchors"], 1);
    let signature = &json["signatures"][0];
    assert_eq!(signature["kind"], "signature");
    assert_eq!(signature["level"], "B-T");
    assert_eq!(signature["coverage"]["extent"], "whole_file");
    assert_eq!(signature["timestamps"][0]["time"], "2026-11-23T12:00:00Z");
    assert_eq!(signature["signer"]["organization_identifier"], "NTRFR-732829320");
    assert_eq!(serde_json::from_value::<Report>(json).unwrap(), report);
}

/// Every stage goes through its stored form, as when the process ends after each.
#[test]
fn a_session_survives_the_end_of_the_process_at_each_stage() {
    let bench = Bench::p256();
    let base = small_pdf();
    let session = begin(&base, &bench.request(Level::T)).unwrap();
    let act = session.act();
    let stored = serde_json::to_vec(&session).unwrap();
    drop(session);

    let session: ToBeSigned = serde_json::from_slice(&stored).unwrap();
    assert_eq!(session.act(), act);
    let signed = session.clone().signed(&bench.sign(session.to_be_signed())).unwrap();
    let stored = serde_json::to_vec(&signed).unwrap();
    drop(signed);

    let signed: Signed = serde_json::from_slice(&stored).unwrap();
    let token = bench.token(signed.imprint());
    let sealed = signed.timestamped(&token).unwrap();
    let stored = serde_json::to_vec(&sealed).unwrap();

    let sealed = serde_json::from_slice(&stored).unwrap();
    assert!(bench.judge(&file_of(&base, &sealed)).verdict.passed());
}

#[test]
fn a_stored_session_of_another_version_is_refused() {
    let bench = Bench::p256();
    let session = begin(&small_pdf(), &bench.request(Level::B)).unwrap();
    let stored = serde_json::to_string(&session).unwrap();
    let other = stored.replacen("\"version\":1", "\"version\":2", 1);
    assert_ne!(stored, other);
    assert!(serde_json::from_str::<ToBeSigned>(&other).is_err());
}

#[test]
fn a_foreign_signature_is_not_accepted() {
    let bench = Bench::p256();
    let session = begin(&small_pdf(), &bench.request(Level::B)).unwrap();
    let by_another_key = bench.pki.person.key.sign(session.to_be_signed());
    assert!(session.clone().signed(&by_another_key).is_err());
    let over_other_bytes = bench.sign(b"other bytes");
    assert!(session.clone().signed(&over_other_bytes).is_err());
    assert!(session.signed(b"").is_err());
}

#[test]
fn a_foreign_token_is_not_accepted() {
    let bench = Bench::p256();
    let session = begin(&small_pdf(), &bench.request(Level::T)).unwrap();
    let signature = bench.sign(session.to_be_signed());
    let signed = session.signed(&signature).unwrap();
    let over_something_else = bench.token([1; 32]);
    let error = signed.clone().timestamped(&over_something_else).unwrap_err();
    assert!(matches!(error, TimestampError::Token(_)), "{error}");
    let mut spoilt = bench.token(signed.imprint());
    let last = spoilt.len() - 1;
    spoilt[last] ^= 1;
    assert!(signed.clone().timestamped(&spoilt).is_err());
    assert!(signed.timestamped(b"no token").is_err());
}

#[test]
fn no_level_is_lowered_or_raised_quietly() {
    let bench = Bench::p256();
    let signed = |level| {
        let session = begin(&small_pdf(), &bench.request(level)).unwrap();
        let signature = bench.sign(session.to_be_signed());
        session.signed(&signature).unwrap()
    };
    let error = signed(Level::T).without_timestamp().unwrap_err();
    assert!(matches!(error, UnsealedError::TimestampNeeded));
    let plain = signed(Level::B);
    let token = bench.token(plain.imprint());
    assert!(matches!(plain.timestamped(&token).unwrap_err(), TimestampError::NotAskedFor));
}

/// RSA signatures are always as long as their key: the hole has no byte too many.
#[test]
fn the_hole_is_exact() {
    let bench = Bench::new(Algorithm::RsaPkcs1Sha256);
    let base = small_pdf();
    let padding = |sealed: &sceau_pades::Sealed| {
        let hole = sealed.revision.hole.unwrap();
        let start = (hole.start - sealed.revision.base_len) as usize;
        let digits = &sealed.revision.tail[start + 1..start + hole.len as usize - 1];
        let length = |at: usize| usize::from_str_radix(text(&digits[at..at + 4]), 16).unwrap();
        assert_eq!(&digits[..4], b"3082", "a SEQUENCE with a length of two octets");
        digits.len() / 2 - (4 + length(4))
    };
    assert_eq!(padding(&bench.seal(&base, &bench.request(Level::B))), 0);

    let session = begin(&base, &bench.request(Level::T)).unwrap();
    let signature = bench.sign(session.to_be_signed());
    let exact = bench.token(session.signed(&signature).unwrap().imprint()).len();
    let request = SealRequest { timestamp_len: Some(exact), ..bench.request(Level::T) };
    assert_eq!(padding(&bench.seal(&base, &request)), 0);
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn a_token_too_large_says_how_much_it_needs_and_the_next_try_fits() {
    let bench = Bench::new(Algorithm::RsaPkcs1Sha256);
    let base = small_pdf();
    let request = SealRequest { timestamp_len: Some(100), ..bench.request(Level::T) };
    let session = begin(&base, &request).unwrap();
    let signature = bench.sign(session.to_be_signed());
    let signed = session.signed(&signature).unwrap();
    let token = bench.token(signed.imprint());
    let TimestampError::HoleTooSmall { needed } = signed.timestamped(&token).unwrap_err() else {
        panic!("a token of {} bytes fitted into 100", token.len());
    };
    let request = SealRequest { timestamp_len: Some(needed), ..request };
    assert!(bench.judge(&file_of(&base, &bench.seal(&base, &request))).verdict.passed());
}

#[test]
fn a_prefix_hashed_before_gives_the_same_act_and_is_checked() {
    let bench = Bench::p256();
    let base = small_pdf();
    let request = bench.request(Level::B);
    let hashed = |len: usize, algorithm: Algorithm| {
        let mut hasher = Hasher::new(algorithm.digest());
        hasher.update(&base[..len.min(base.len())]);
        HashedPrefix { len: len as u64, hasher }
    };
    let whole = begin(&base, &request).unwrap().act();
    for len in [0, 1, base.len()] {
        let session = begin_hashed(&base, &request, hashed(len, bench.algorithm)).unwrap();
        assert_eq!(session.act(), whole);
    }
    for wrong in [hashed(base.len() + 1, bench.algorithm), hashed(3, Algorithm::EcdsaP384Sha384)] {
        let error = begin_hashed(&base, &request, wrong).unwrap_err();
        assert!(matches!(error, BeginError::Request(_)), "{error}");
    }
}

#[test]
fn a_certificate_that_may_not_sign_is_refused_before_anything_is_signed() {
    let bench = Bench::p256();
    let base = small_pdf();
    let fault = |request: &SealRequest<'_>| match begin(&base, request).unwrap_err() {
        BeginError::Certificate(fault) => fault,
        other => panic!("{other}"),
    };
    let valid = bench.request(Level::B);
    let authority = [bench.pki.issuing.certificate.clone()];
    assert_eq!(
        fault(&SealRequest { chain: &authority, ..valid.clone() }),
        CertificateFault::Authority
    );
    assert_eq!(fault(&SealRequest { chain: &[], ..valid.clone() }), CertificateFault::Missing);
    let unit = [bench.pki.unit.certificate.clone()];
    assert_eq!(fault(&SealRequest { chain: &unit, ..valid.clone() }), CertificateFault::Usage);
    let at = |time: &str| SealRequest { signing_time: time.parse().unwrap(), ..valid.clone() };
    assert!(matches!(fault(&at("2001-01-01T00:00:00Z")), CertificateFault::NotYetValid(_)));
    assert!(matches!(fault(&at("2101-01-01T00:00:00Z")), CertificateFault::Expired(_)));
    let misfit = SealRequest { algorithm: Algorithm::RsaPkcs1Sha256, ..valid.clone() };
    assert!(matches!(fault(&misfit), CertificateFault::Algorithm { .. }));
    let unreserved = SealRequest { level: Level::T, ..valid };
    assert!(matches!(begin(&base, &unreserved).unwrap_err(), BeginError::Request(_)));
}

#[test]
fn what_is_no_document_is_the_documents_fault() {
    let bench = Bench::p256();
    for bytes in [Vec::new(), b"hello".to_vec(), small_pdf()[..30].to_vec()] {
        let error = begin(&bytes, &bench.request(Level::B)).unwrap_err();
        assert_eq!(error.fault(), sceau_pdf::Fault::Document, "{error}");
    }
}

#[test]
fn a_second_seal_leaves_the_first_one_valid() {
    let bench = Bench::p256();
    let once = bench.sealed_file(&small_pdf(), Level::T);
    let twice = bench.sealed_file(&once, Level::T);
    let report = bench.judge(&twice);
    assert!(report.verdict.passed(), "{:#?}", report);
    assert_eq!(report.signatures.len(), 2);
    let [first, second] = report.signatures.as_slice() else { unreachable!() };
    assert_eq!(first.coverage, Some(Coverage::Revision { end: once.len() as u64 }));
    assert_eq!(first.changes.len(), 1);
    assert_eq!(second.coverage, Some(Coverage::WholeFile));
    assert_ne!(first.field, second.field);
    assert_eq!(report.newest(), Some(second));
}

#[test]
fn an_unsigned_update_before_the_seal_is_part_of_it() {
    let bench = Bench::p256();
    let base = updated(&small_pdf(), &[(5, "(an annex)")]);
    let report = bench.judge(&bench.sealed_file(&base, Level::B));
    assert_eq!(report.verdict.indication, Indication::TotalPassed, "{:?}", report.verdict);
    assert_eq!(report.document.revision_ends.len(), 3);
}
