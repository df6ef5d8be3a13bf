//! Sceau's verdicts beside those of EU DSS and pyHanko, over everything that the tests sign, the
//! corpus, and changed copies: a sample in the ordinary run, all of it when proving.
//!
//! Disagreements are listed with their reasons in `tests/differential/disagreements.tsv`: a new one
//! fails, and so does one that is gone.

use std::io::Write as _;

use sceau_tests::differential::{Extent, List, ask, breaches, cases};
use sceau_tests::proving;
use sceau_tests::tsa::ForeignPki;

#[test]
fn every_disagreement_with_dss_and_pyhanko_is_listed_with_its_reason() {
    let (pki, _tsa) = ForeignPki::start();
    let folder = tempfile::tempdir().expect("a folder");
    let extent = if proving() { Extent::All } else { Extent::Sample };
    let cases = cases(extent, &pki, folder.path());
    let said = ask(&cases, &pki.anchors());
    for (case, words) in cases.iter().zip(&said) {
        let names = words.map(|word| word.name()).join("\t");
        let line = format!("{}\t{}\t{}\t{names}", case.input, case.signer, case.change);
        let _ = writeln!(std::io::stdout(), "{line}");
    }
    assert!(cases.len() > 60, "only {} files were judged", cases.len());
    let breaches = breaches(&List::read(), &cases, &said, extent == Extent::All);
    assert!(breaches.is_empty(), "{} of {}: {breaches:#?}", breaches.len(), cases.len());
}
