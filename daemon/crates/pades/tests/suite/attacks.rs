//! The published attacks upon seals of ours, each with the rule that stands against it: with the rule
//! taken away it passes. The same attacks run against the program in `tests/tests/attacks.rs`.

use std::collections::BTreeSet;

use crate::common::{self, Bench};
use sceau_pades::report::{Report, What};
use sceau_pades::{Guard, Guards, Level, ReadError, validate};
use sceau_tests::attacks::{self, Attack};

/// Notes and stamps are tried where the certification allows annotations.
const CERTIFIED: &str =
    "/Perms<</DocMDP<</Reference[<</TransformMethod/DocMDP/TransformParams<</P 3>>>>]>>>>";

/// What looks like a signature to the rules; it is judged elsewhere.
const SIGNATURE: &str = "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached>>";

fn sealed(bench: &Bench, level: Level, certified: bool) -> Vec<u8> {
    bench.sealed_file(&attacks::base(if certified { CERTIFIED } else { "" }), level)
}

fn judge(bench: &Bench, file: &[u8], off: &[Guard]) -> Result<Report, ReadError> {
    let mut options = bench.options();
    options.guards = Guards::without(off);
    validate(&file, &options)
}

fn guard(name: &str) -> Guard {
    match name {
        "range-shape" => Guard::RangeShape,
        "range-end" => Guard::RangeEnd,
        "range-digits" => Guard::RangeDigits,
        "own-revision" => Guard::OwnRevision,
        "key-twice" => Guard::KeyTwice,
        "nothing-behind" => Guard::NothingBehind,
        "trailer" => Guard::Trailer,
        "catalog" => Guard::Catalog,
        "validation-data" => Guard::ValidationData,
        "new-field" => Guard::NewField,
        "new-signature" => Guard::NewSignature,
        "overlap" => Guard::Overlap,
        "filling" => Guard::Filling,
        "appearance" => Guard::Appearance,
        "annotation" => Guard::Annotation,
        "nothing-left" => Guard::NothingLeft,
        "awaited" => Guard::Awaited,
        "field-name" => Guard::FieldName,
        "shared-signature" => Guard::SharedSignature,
        "sound-references" => Guard::SoundReferences,
        "title" => Guard::Title,
        "form" => Guard::Form,
        "digest" => Guard::Digest,
        "single-signer" => Guard::SingleSigner,
        "sub-filter" => Guard::SubFilter,
        other => panic!("no guard {other}"),
    }
}

/// A sealed form whose field « Nom » a later signature locks, with what that allows to come.
fn locked(bench: &Bench, permission: u8) -> Vec<u8> {
    let lock = format!("/Lock<</Type/SigFieldLock/Action/Include/Fields[(Nom)]/P {permission}>>");
    let shown = attacks::shows("-");
    let base = common::pdf_of(&[
        "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R 6 0 R]/DR<</Font<</Helv 7 0 R>>>>>>>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        "<</Type/Page/Parent 2 0 R/Resources<<>>/Contents 4 0 R/Annots[5 0 R]>>",
        "<</Length 3>>stream\nq Q\nendstream",
        attacks::FIELD,
        &format!("<</FT/Sig/T(Verrou){lock}>>"),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        &shown,
    ]);
    let file = bench.sealed_file(&base, Level::B);
    let field = format!("<</FT/Sig/T(Verrou){lock}/V 110 0 R>>");
    attacks::updated(&file, &[(6, Some(field)), (110, Some(SIGNATURE.to_owned()))])
}

/// The file with a further signature in field 120.
fn countersigned(file: &[u8], rectangle: &str) -> Vec<u8> {
    countersigned_with(file, rectangle, Vec::new())
}

/// The same with more objects.
fn countersigned_with(file: &[u8], rectangle: &str, more: Vec<(u32, String)>) -> Vec<u8> {
    let grown = |object: String, key: &str| {
        let at = object.find(key).unwrap();
        let end = at + object[at..].find(']').unwrap();
        format!("{} 120 0 R{}", &object[..end], &object[end..])
    };
    let holder = attacks::number_of(file, "/SigFlags");
    let form = grown(attacks::latest(file, holder), "/Fields");
    let page = grown(attacks::latest(file, 3), "/Annots");
    let field =
        format!("<</Type/Annot/Subtype/Widget/FT/Sig/T(Autre){rectangle}/P 3 0 R/V 121 0 R>>");
    let mut objects = vec![(holder, form), (3, page), (120, field), (121, SIGNATURE.to_owned())];
    objects.extend(more);
    let objects: Vec<_> =
        objects.into_iter().map(|(number, object)| (number, Some(object))).collect();
    attacks::updated(file, &objects)
}

fn filled(file: &[u8]) -> Vec<u8> {
    let field = attacks::FIELD.replace("/V(-)", "/V(Durand)");
    attacks::updated(file, &[(5, Some(field)), (8, Some(attacks::shows("Durand")))])
}

/// What locks and certifications forbid, each by one rule alone.
fn forbidden(bench: &Bench) -> [(Guard, What, Vec<u8>); 3] {
    let shown = "/Rect[60 60 260 110]";
    [
        (Guard::FieldLock, What::FieldLocked, filled(&locked(bench, 2))),
        (Guard::DocMdp, What::SignatureForbidden, countersigned(&locked(bench, 1), "")),
        (
            Guard::OverCertified,
            What::SignatureOverCertified,
            countersigned(&locked(bench, 2), shown),
        ),
    ]
}

#[test]
fn locks_hold_and_by_their_own_rule() {
    let bench = Bench::p256();
    for (guard, what, file) in forbidden(&bench) {
        let changes = |off: &[Guard]| {
            let report = judge(&bench, &file, off).unwrap();
            let seal = report.signatures.iter().find(|one| one.field == "Signature").unwrap();
            assert_eq!(seal.verdict.passed(), !off.is_empty(), "{guard:?}: {seal:#?}");
            seal.changes[1].items.iter().map(|item| item.what).collect::<Vec<_>>()
        };
        assert!(changes(&[]).contains(&what), "{guard:?}: {:?}", changes(&[]));
        assert!(!changes(&[guard]).contains(&what), "{guard:?}");
    }
}

/// The sub-indication of a file that does not pass; none for one that does.
fn refusal(judged: &Result<Report, ReadError>) -> Option<String> {
    match judged {
        Ok(report) => report.verdict.sub_indication.map(|sub| sub.name().to_owned()),
        Err(ReadError::Source(error)) => panic!("a slice cannot fail: {error}"),
        Err(_) => Some("FORMAT_FAILURE".to_owned()),
    }
}

#[test]
fn every_attack_is_refused_with_its_reason() {
    let bench = Bench::p256();
    let mut wrong = Vec::new();
    for certified in [false, true] {
        let file = sealed(&bench, Level::T, certified);
        for attack in attacks::all() {
            let judged = judge(&bench, &(attack.make)(&file), &[]);
            match refusal(&judged) {
                Some(sub) if sub == attack.expected => {}
                other => wrong.push((attack.class, attack.name, certified, other)),
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_honest_twin_passes() {
    let bench = Bench::p256();
    let file = sealed(&bench, Level::T, false);
    for (name, make) in attacks::twins() {
        let report = judge(&bench, &make(&file), &[]).unwrap();
        assert!(report.verdict.passed(), "{name}: {:#?}", report.signatures[0].changes);
    }
}

/// A rule that no attack needs is none, and neither is one that nobody takes away.
#[test]
fn every_rule_stands_against_some_attack() {
    let bench = Bench::p256();
    let named =
        attacks::all().into_iter().flat_map(|attack| attack.guards.iter().map(|name| guard(name)));
    let known: BTreeSet<Guard> = named.chain(forbidden(&bench).map(|(guard, ..)| guard)).collect();
    let missing: Vec<&Guard> = Guard::ALL.iter().filter(|guard| !known.contains(guard)).collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert_eq!(known.len(), Guard::ALL.len());
}

/// Each of the rules named is needed for it: one of them alone refuses it, where several stand.
#[test]
fn no_rule_is_named_in_vain() {
    let bench = Bench::p256();
    let mut vain = Vec::new();
    for Attack { class, name, guards, make, .. } in attacks::all() {
        let file = make(&sealed(&bench, Level::T, class == "notes"));
        for kept in guards {
            let off: Vec<Guard> =
                guards.iter().filter(|name| *name != kept).map(|name| guard(name)).collect();
            if judge(&bench, &file, &off).is_ok_and(|report| report.verdict.passed()) {
                vain.push((class, name, kept));
            }
        }
    }
    assert!(vain.is_empty(), "{vain:#?}");
}

#[test]
fn a_note_comes_where_the_certification_allows_it() {
    let bench = Bench::p256();
    let file = sealed(&bench, Level::T, true);
    assert!(judge(&bench, &attacks::note(&file), &[]).unwrap().verdict.passed());
}

/// A signature that is shown stands beside the text of the page or lets it through, but hides none.
#[test]
fn a_shown_signature_hides_no_text() {
    let bench = Bench::p256();
    let file = sealed(&bench, Level::B, false);
    let over = "/Rect[60 690 460 730]/AP<</N 122 0 R>>";
    let judged = |content: &str, rectangle: &str, off: &[Guard]| {
        let look = format!(
            "<</Type/XObject/Subtype/Form/BBox[0 0 400 40]/Length {}>>stream\n{content}\nendstream",
            content.len()
        );
        let file = countersigned_with(&file, rectangle, vec![(122, look)]);
        let report = judge(&bench, &file, off).unwrap();
        let seal = report.signatures.iter().find(|one| one.field != "Autre").unwrap().clone();
        let items = &seal.changes[0].items;
        let hides = items.iter().any(|item| item.what == What::SignatureOverlaps);
        assert_eq!(hides, !seal.verdict.passed(), "{seal:#?}");
        hides
    };
    let paper = "1 g 0 0 400 40 re f";
    assert!(judged(paper, over, &[]));
    assert!(!judged(paper, over, &[Guard::Overlap]));
    let long = format!("1 g 0 0 m 400 0 l 400 40 l {} 0 40 l f", "400 40 l ".repeat(20_010));
    assert!(judged(&long, over, &[]), "more corners than are kept");
    assert!(!judged("0 0 400 40 re S 0 0 m 400 40 l S", over, &[]), "ink");
    assert!(!judged(paper, &over.replace("690 460 730", "60 460 100"), &[]), "elsewhere");
}

/// Each attack that a rule alone stands against passes once the rule is taken away.
#[test]
fn without_its_rule_each_attack_comes_through() {
    let bench = Bench::p256();
    let mut held = Vec::new();
    for Attack { class, name, guards, make, .. } in attacks::all() {
        if guards.is_empty() {
            continue;
        }
        let file = sealed(&bench, Level::T, class == "notes");
        let off: Vec<Guard> = guards.iter().map(|name| guard(name)).collect();
        let judged = judge(&bench, &make(&file), &off);
        let own = judged.as_ref().is_ok_and(|report| {
            report.signatures.iter().any(|s| s.field == "Sceau" || s.verdict.passed())
                && report.signatures[0].verdict.passed()
        });
        if !own {
            held.push((class, name, refusal(&judged), judged.ok().map(|r| r.verdict.findings)));
        }
    }
    assert!(held.is_empty(), "the rules named do not explain why these fail: {held:#?}");
}
