//! Signatures that are seen: their pictures, and that they stand where they were asked to, as a reader
//! sees the page.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sceau_tests::exit::USAGE;
use sceau_tests::program::{run, sceau};
use sceau_tests::raster::Raster;
use sceau_tests::tsa::ForeignPki;
use sceau_tests::{fixtures, judges, peers};

fn pki() -> ForeignPki {
    let (pki, tsa) = ForeignPki::start();
    drop(tsa);
    pki
}

/// Signed at B-B, and to the liking of all judges.
fn signed(pki: &ForeignPki, input: &Path, more: &[&str]) -> PathBuf {
    let output = pki.path("seen.pdf");
    let _ = std::fs::remove_file(&output);
    let mut arguments: Vec<OsString> = vec!["sign".into(), input.into(), (&output).into()];
    arguments.extend(["--level", "B-B", "--p12"].map(Into::into));
    arguments.extend([pki.p12().into(), "--password-file".into(), pki.path("password").into()]);
    arguments.extend(more.iter().map(Into::into));
    sceau(arguments).expect(0);
    let against = judges::ask(&output, &pki.anchors()).against("PAdES-BASELINE-B");
    assert!(against.is_empty(), "{} {more:?}: {against:#?}", input.display());
    output
}

fn blue([red, green, blue]: [u8; 3]) -> bool {
    blue > 150 && red < 100 && green < 120
}

fn red([red, green, blue]: [u8; 3]) -> bool {
    red > 150 && green < 80 && blue < 80
}

/// Our bar, at the left edge of each box.
fn dark([red, green, blue]: [u8; 3]) -> bool {
    red < 60 && green < 90 && (80..130).contains(&blue)
}

/// The ring has about 1,800 pixels there; what is clear in the PNG is the page, nothing black.
#[test]
fn a_picture_is_seen_and_to_the_liking_of_all() {
    let pki = pki();
    type Pleases = fn([u8; 3]) -> bool;
    let pictures: [(&str, Pleases, usize); 2] = [("logo.png", blue, 2), ("logo.jpg", red, 1)];
    for fixture in ["libreoffice", "object-streams", "libreoffice-pdfa2b", "pdf20"] {
        let input = peers().join(format!("fixtures/{fixture}.pdf"));
        for (name, pleases, most) in pictures {
            let path = fixtures::picture(name).display().to_string();
            let place = ["--visible", "1:115,262,80x25", "--visible-move", "--visible-image"];
            let output = signed(&pki, &input, &[&place[..], &[&path]].concat());
            let (before, after) = (Raster::of(&input, 1), Raster::of(&output, 1));
            let seen = after.count(pleases) - before.count(pleases);
            assert!((1_200..2_400).contains(&seen), "{fixture} {name}: {seen} pixels");
            let told = run(Command::new("pdfimages").arg("-list").arg(&output), LIMIT).expect(0);
            let found = told.out.lines().filter(|line| line.contains(" 96    96 ")).count();
            // PDF/A gets no mask.
            let wanted = if fixture.contains("pdfa") { 1 } else { most };
            assert_eq!(found, wanted, "{fixture} {name}: {told}");
        }
    }
}

const LIMIT: Duration = Duration::from_secs(60);

#[test]
fn a_picture_that_is_none_is_refused_with_its_reason() {
    let pki = pki();
    let (input, output) = (pki.path("in.pdf"), pki.path("out.pdf"));
    std::fs::write(&input, fixtures::small("picture")).expect("written");
    let whole = std::fs::read(fixtures::picture("logo.png")).expect("the picture");
    for (bytes, why) in [(&b"GIF89a"[..], "neither"), (&whole[..whole.len() / 2], "damaged")] {
        let picture = pki.path("picture");
        std::fs::write(&picture, bytes).expect("written");
        let mut arguments: Vec<OsString> = vec!["sign".into(), (&input).into(), (&output).into()];
        arguments.extend(["--level", "B-B", "--visible", "1:10,10", "--p12"].map(Into::into));
        arguments.extend([pki.p12().into(), "--password-file".into(), pki.path("password").into()]);
        arguments.extend(["--visible-image".into(), picture.into()]);
        let said = sceau(arguments).expect(USAGE);
        assert!(said.err.contains(why) && !output.exists(), "no {why:?} in {said}");
    }
}

/// In the field that waits for it (72 to 272, 600 to 650 of a page of A4), and nowhere else.
#[test]
fn a_waiting_field_shows_the_signature_where_it_lies() {
    let pki = pki();
    let input = peers().join("fixtures/forms/field-waiting-seen.pdf");
    let output = signed(&pki, &input, &["--field", "Cachet", "--visible", "field"]);
    let (before, after) = (Raster::of(&input, 1), Raster::of(&output, 1));
    let (_, height) = after.size();
    let differs = |x: usize, y: usize| before.at(x, y) != after.at(x, y);
    let inside =
        |x: usize, y: usize| (71..=272).contains(&x) && (height - 651..=height - 600).contains(&y);
    let places = (0..height).flat_map(|y| (0..after.size().0).map(move |x| (x, y)));
    let changed: Vec<_> = places.filter(|(x, y)| differs(*x, *y)).collect();
    assert!(changed.len() > 300, "{} pixels", changed.len());
    let outside: Vec<_> = changed.iter().filter(|(x, y)| !inside(*x, *y)).collect();
    assert!(outside.is_empty(), "{outside:?}");
    assert!(dark(after.at(73, height - 625)), "{:?}", after.at(73, height - 625));
    let text = run(Command::new("pdftotext").arg(&output).arg("-"), LIMIT).expect(0).out;
    assert!(text.contains("électronique"), "{text}");
}

/// 20 and 30 mm from the upper left corner of what is shown, 60 by 20 mm: a bar at its left edge.
#[test]
fn coordinates_are_those_of_the_page_as_it_is_shown() {
    let pki = pki();
    let input = pki.path("turned.pdf");
    for keys in [
        "/MediaBox [0 0 595 842] /Rotate 90",
        "/MediaBox [0 0 595 842] /Rotate 180",
        "/MediaBox [-100 -50 595 842] /CropBox [40 60 520 700]",
        "/MediaBox [0 0 595 842] /CropBox [40 60 520 700] /Rotate 270",
    ] {
        std::fs::write(&input, fixtures::small_on("turned", keys)).expect("written");
        let output = signed(&pki, &input, &["--visible", "1:20,30,60x20"]);
        let page = Raster::of(&output, 1);
        for (x, y) in [(57, 88), (57, 113), (57, 138)] {
            assert!(dark(page.at(x, y)), "{keys}: {:?} at {x} {y}", page.at(x, y));
        }
        for (x, y) in [(53, 113), (57, 81), (57, 145), (230, 113)] {
            assert_eq!(page.at(x, y), [255; 3], "{keys}: at {x} {y}");
        }
    }
}
