//! PDF/A and PDF/UA stay what they are: veraPDF says the same before and after a signature, seen or
//! not, at every level.

use std::ffi::OsString;
use std::path::Path;

use sceau_tests::forms::{bases, level_options, name};
use sceau_tests::judges::{Conformance, Level, conformance};
use sceau_tests::ladder::LadderPki;
use sceau_tests::program::sceau;
use sceau_tests::{fixtures, proving};

/// What a file's name promises: `libreoffice-pdfa2b` is PDF/A-2b, `libreoffice-pdfua1` PDF/UA-1.
fn flavour(path: &Path) -> String {
    let name = name(path);
    let (_, standard) = name.split_once("-pdf").expect("a standard in the name");
    standard.trim_start_matches("a").to_owned()
}

fn signed(
    pki: &LadderPki,
    base: &Path,
    level: Level,
    seen: bool,
    picture: Option<&str>,
) -> Conformance {
    let output = pki.path(&format!("{}-{}-{seen}-{picture:?}.pdf", name(base), level.name()));
    let mut arguments: Vec<OsString> = vec!["sign".into(), base.into(), (&output).into()];
    arguments.extend(["--p12".into(), pki.path("signer.p12").into()]);
    arguments.extend(["--password-file".into(), pki.path("password").into()]);
    arguments.extend(level_options(level, pki));
    if seen {
        let text = ["--visible-text", "Cachet électronique", "--visible-text", "Été, Œuvre, 12 €"];
        arguments.extend(text.map(Into::into));
        arguments.extend(["--visible", "1:115,262,80x25", "--visible-move"].map(Into::into));
    }
    if let Some(picture) = picture {
        arguments.extend(["--visible-image".into(), fixtures::picture(picture).into()]);
    }
    sceau(arguments).expect(0);
    conformance(&output, &flavour(base))
}

#[test]
fn verapdf_says_the_same_before_and_after() {
    let pki = LadderPki::start();
    let files = bases("conforming");
    assert!(files.len() >= 7, "{files:?}");
    for (index, base) in files.iter().enumerate() {
        let before = conformance(base, &flavour(base));
        assert!(before.conforms, "{}: {before:?}", base.display());
        for (rung, level) in Level::ALL.into_iter().enumerate() {
            for seen in [false, true] {
                // The sample takes two levels a file: one seen, one not.
                if !proving() && (rung + index + usize::from(seen)) % 4 != 0 {
                    continue;
                }
                let after = signed(&pki, base, level, seen, None);
                let (file, level) = (base.display(), level.name());
                assert_eq!(before, after, "{file} at {level}, seen: {seen}");
            }
        }
    }
}

/// A picture with transparent parts, which PDF/A-1 forbids (ISO 19005-1, 6.4), and one without.
#[test]
fn verapdf_says_the_same_of_a_picture() {
    let pki = LadderPki::start();
    for base in bases("conforming") {
        for picture in ["logo.png", "logo.jpg"] {
            let after = signed(&pki, &base, Level::B, true, Some(picture));
            assert!(after.conforms, "{} with {picture}: {after:?}", base.display());
        }
    }
}

/// The judge is judged: it does not find that anything conforms.
#[test]
fn verapdf_finds_what_does_not_conform() {
    let folder = tempfile::tempdir().expect("a folder");
    let plain = folder.path().join("plain.pdf");
    std::fs::write(&plain, fixtures::small("plain")).expect("written");
    for flavour in ["1b", "2b", "3b", "ua1"] {
        let found = conformance(&plain, flavour);
        assert!(!found.conforms && !found.broken.is_empty(), "{flavour}: {found:?}");
    }
}
