//! A sealed file with a byte changed, in any place, passes no more.

use crate::common::{Bench, small_pdf};
use proptest::prelude::*;
use sceau_pades::report::{Indication, Report, SubIndication};
use sceau_pades::{Level, ReadError, validate};

/// What a person would take for "good": none of the changed files may be that.
fn passes(bench: &Bench, file: &[u8]) -> bool {
    match validate(&file, &bench.options()) {
        Ok(report) => report.verdict.passed(),
        Err(ReadError::Source(error)) => panic!("a slice cannot fail: {error}"),
        Err(_) => false,
    }
}

fn judged(bench: &Bench, file: &[u8]) -> (Indication, SubIndication) {
    let report: Report = bench.judge(file);
    (report.verdict.indication, report.verdict.sub_indication.unwrap())
}

/// The bytes of `/Contents`, brackets included.
fn hole(file: &[u8]) -> std::ops::Range<usize> {
    let start = find(file, b"/Contents <").or_else(|| find(file, b"/Contents<")).unwrap();
    let start = start + file[start..].iter().position(|byte| *byte == b'<').unwrap();
    start..start + file[start..].iter().position(|byte| *byte == b'>').unwrap() + 1
}

fn find(file: &[u8], what: &[u8]) -> Option<usize> {
    file.windows(what.len()).position(|window| window == what)
}

#[test]
fn each_bit_outside_the_contents_counts() {
    let bench = Bench::p256();
    let file = bench.sealed_file(&small_pdf(), Level::B);
    assert!(passes(&bench, &file));
    let hole = hole(&file);
    for at in (0..file.len()).filter(|at| !hole.contains(at) || *at == hole.start) {
        let mut changed = file.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(!passes(&bench, &changed), "byte {at} of {}", file.len());
    }
}

/// In the CMS, everything is signed or checked but what nobody signs and nothing is concluded from:
/// in each of the two messages the versions (1 byte each) and the list of digest algorithms (13
/// bytes), and the type of the unsigned attribute (11 bytes), without which the level is B-B.
#[test]
fn each_byte_of_the_contents_counts() {
    let bench = Bench::p256();
    let file = bench.sealed_file(&small_pdf(), Level::T);
    let hole = hole(&file);
    let mut harmless = std::collections::BTreeSet::new();
    for at in hole.start + 1..hole.end - 1 {
        let mut changed = file.clone();
        let digit = char::from(changed[at]).to_digit(16).unwrap() ^ 1;
        changed[at] = char::from_digit(digit, 16).unwrap() as u8;
        if passes(&bench, &changed) {
            harmless.insert((at - hole.start - 1) / 2);
        }
    }
    assert!(harmless.len() <= 2 * (2 + 13) + 11, "{harmless:?} count for nothing");
}

#[test]
fn the_kinds_of_damage_have_their_names() {
    let bench = Bench::p256();
    let file = bench.sealed_file(&small_pdf(), Level::B);
    let mut content = file.clone();
    let at = find(&content, b"0 0 1 rg").unwrap();
    content[at] = b'1';
    assert_eq!(judged(&bench, &content), (Indication::TotalFailed, SubIndication::HashFailure));

    let mut appended = file.clone();
    appended.extend(b"% note\n");
    assert_eq!(
        judged(&bench, &appended),
        (Indication::Indeterminate, SubIndication::SigConstraintsFailure)
    );

    let mut value = file.clone();
    let hole = hole(&file);
    let used = file[hole.clone()].iter().rposition(|byte| !b"0>".contains(byte)).unwrap();
    // The last bytes of a B-B message are those of the signature value.
    let at = hole.start + used - 8;
    value[at] = if value[at] == b'1' { b'2' } else { b'1' };
    assert_eq!(judged(&bench, &value), (Indication::TotalFailed, SubIndication::SigCryptoFailure));

    let mut padded = bench.sealed_file(&small_pdf(), Level::T);
    let hole = self::hole(&padded);
    padded[hole.end - 2] = b'1';
    assert_eq!(judged(&bench, &padded), (Indication::TotalFailed, SubIndication::FormatFailure));
}

#[test]
fn another_anchor_or_none_leaves_the_question_open() {
    let (bench, other) = (Bench::p256(), Bench::p256());
    let file = bench.sealed_file(&small_pdf(), Level::B);
    let (indication, sub) = judged(&other, &file);
    assert_eq!(indication, Indication::Indeterminate);
    // The other root bears the same name and another key.
    assert!(matches!(
        sub,
        SubIndication::NoCertificateChainFound | SubIndication::CertificateChainGeneralFailure
    ));
    let mut options = bench.options();
    options.anchors = Default::default();
    let verdict = validate(&file, &options).unwrap().verdict;
    assert_eq!(verdict.sub_indication, Some(SubIndication::NoCertificateChainFound));
}

#[test]
fn the_time_of_the_judgement_counts() {
    let bench = Bench::p256();
    let mut options = bench.options();
    let mut sub_at = |level, time: &str| {
        options.at = time.parse().unwrap();
        let file = bench.sealed_file(&small_pdf(), level);
        validate(&file, &options).unwrap().verdict.sub_indication
    };
    let (before, within, after) =
        ("2001-01-01T00:00:00Z", "2030-01-01T00:00:00Z", "2101-01-01T00:00:00Z");
    assert_eq!(sub_at(Level::B, within), None);
    assert_eq!(sub_at(Level::T, within), None);
    assert_eq!(sub_at(Level::B, before), Some(SubIndication::OutOfBoundsNoPoe));
    assert_eq!(sub_at(Level::B, after), Some(SubIndication::OutOfBoundsNoPoe));
    assert_eq!(sub_at(Level::T, after), Some(SubIndication::OutOfBoundsNoPoe));
    assert_eq!(sub_at(Level::T, before), Some(SubIndication::TimestampOrderFailure));
}

#[test]
fn an_anchor_that_signs_itself_is_held_to_its_dates() {
    let bench = Bench::p256();
    let file = bench.sealed_file(&small_pdf(), Level::B);
    let mut options = bench.options();
    options.anchors = sceau_pki::TrustAnchors::new(bench.chain[..1].to_vec());
    assert!(validate(&file, &options).unwrap().verdict.passed());
    options.at = "2101-01-01T00:00:00Z".parse().unwrap();
    let verdict = validate(&file, &options).unwrap().verdict;
    assert_eq!(verdict.sub_indication, Some(SubIndication::OutOfBoundsNoPoe));
}

#[test]
fn revocation_that_is_required_and_missing_leaves_the_question_open() {
    let bench = Bench::p256();
    let file = bench.sealed_file(&small_pdf(), Level::B);
    let mut options = bench.options();
    options.revocation = sceau_pades::report::RevocationPolicy::Required;
    let verdict = validate(&file, &options).unwrap().verdict;
    assert_eq!(verdict.indication, Indication::Indeterminate);
    assert_eq!(verdict.sub_indication, Some(SubIndication::TryLater));
}

#[test]
fn a_file_without_signature_says_so() {
    let report = Bench::p256().judge(&small_pdf());
    assert_eq!(report.verdict.indication, Indication::Indeterminate);
    assert_eq!(report.verdict.sub_indication, Some(SubIndication::NoSignature));
    assert!(report.signatures.is_empty());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn nothing_done_to_a_file_makes_it_fall_over(
        edits in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        thread_local! {
            static FILE: (Bench, Vec<u8>) = {
                let bench = Bench::p256();
                let file = bench.sealed_file(&small_pdf(), Level::T);
                (bench, file)
            };
        }
        FILE.with(|(bench, file)| {
            let mut changed = file.clone();
            for (place, byte) in &edits {
                let at = place.index(changed.len());
                changed[at] = *byte;
            }
            let cut = cut.index(changed.len() * 4).min(changed.len());
            changed.truncate(cut);
            let hole = hole(file);
            let outside = (0..file.len()).any(|at| {
                !hole.contains(&at) && changed.get(at) != Some(&file[at])
            });
            prop_assert!(!(outside && passes(bench, &changed)));
            Ok(())
        })?;
    }
}
