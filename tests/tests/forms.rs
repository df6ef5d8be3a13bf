//! Base files of every form, at every level, with every kind of key: a covering sample in the ordinary
//! run, the whole matrix when proving.

use std::time::{Duration, Instant};

use sceau_tests::forms::{KEYS, all, bases, covering, name, run};
use sceau_tests::ladder::LadderPki;
use sceau_tests::program::sceau;
use sceau_tests::proving;

#[test]
fn every_form_at_every_level_with_every_key_is_to_the_liking_of_all() {
    let pki = LadderPki::start_with_keys();
    let forms = bases("forms");
    assert!(forms.len() >= 4 * KEYS.len(), "{} forms do not cover all pairs", forms.len());
    let cases = if proving() { all(&forms) } else { covering(&forms) };
    let faults = run(&cases, &pki);
    assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), cases.len(), faults.join("\n"));
}

/// What a certification, a lock or a damage beneath a signature forbids is refused, and told.
#[test]
fn what_cannot_be_signed_is_refused_with_its_reason() {
    const REFUSED: i32 = 65;
    let pki = LadderPki::start();
    let reasons = [
        ("certified-no-change", "Sceau", "allows no change"),
        ("locked-all-but-one", "Cachet", "\"Premier\" locks"),
        ("locked-all", "Cachet", "\"Premier\" locks"),
        ("signed-and-damaged", "Sceau", "damaged and already signed"),
    ];
    let refused = bases("forms/refused");
    let names: Vec<String> = refused.iter().map(|path| name(path)).collect();
    assert_eq!(names, reasons.map(|(name, ..)| name), "a file without a reason, or the reverse");
    for (path, (name, field, reason)) in refused.iter().zip(reasons) {
        let output = pki.path("refused.pdf");
        let (p12, password) = (pki.path("signer.p12"), pki.path("password"));
        let began = Instant::now();
        let said = sceau([
            "sign".as_ref(),
            path.as_os_str(),
            output.as_os_str(),
            "--level".as_ref(),
            "B-B".as_ref(),
            "--field".as_ref(),
            field.as_ref(),
            "--p12".as_ref(),
            p12.as_os_str(),
            "--password-file".as_ref(),
            password.as_os_str(),
        ]);
        let said = said.expect(REFUSED);
        assert!(said.err.contains(reason), "{name}: no {reason:?} in {said}");
        assert!(began.elapsed() < Duration::from_secs(5), "{name}: {:?}", began.elapsed());
        assert!(!output.exists(), "{name}");
    }
}
