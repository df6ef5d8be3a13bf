//! The published attacks upon seals of ours, each with the rule that stands against it: with the rule
//! taken away it passes. The same attacks run against the program in `tests/tests/attacks.rs`.
#![allow(clippy::unwrap_used, dead_code, unreachable_pub, unused_imports)]

#[path = "../../../../tests/src/attacks/mod.rs"]
mod attacks;
mod common;

use attacks::Attack;
use common::Bench;
use sceau_pades::report::Report;
use sceau_pades::{Guard, Guards, Level, ReadError, validate};

/// Notes and stamps are tried where the certification allows annotations.
const CERTIFIED: &str =
    "/Perms<</DocMDP<</Reference[<</TransformMethod/DocMDP/TransformParams<</P 3>>>>]>>>>";

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
        other => panic!("no guard {other}"),
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
                Some(sub) if attack.expected.contains(&sub.as_str()) => {}
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

/// Each attack that a rule alone stands against passes once the rule is taken away.
#[test]
fn without_its_rule_each_attack_comes_through() {
    let bench = Bench::p256();
    let mut held = Vec::new();
    for Attack { class, name, guards, make, .. } in attacks::all() {
        if guards.is_empty() {
            continue;
        }
        let file = sealed(&bench, Level::T, class == "EAA");
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
