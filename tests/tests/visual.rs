//! `sceau verify --visual`: pages before and after in one page of HTML, and a hostile file that costs its
//! pictures and nothing else.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use base64::Engine as _;
use sceau_tests::attacks;
use sceau_tests::exit::{INDETERMINATE, IO, NO_INPUT, PASSED};
use sceau_tests::program::{Said, sceau};
use sceau_tests::tsa::ForeignPki;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// A file that was signed a moment before.
fn signed(pki: &ForeignPki) -> Vec<u8> {
    let (base, signed) = (pki.path("in.pdf"), pki.path("signed.pdf"));
    std::fs::write(&base, attacks::base("")).expect("written");
    let mut arguments = vec!["sign".into(), base.into_os_string(), signed.clone().into()];
    arguments.extend(["--p12".into(), pki.p12().into(), "--password-file".into()]);
    arguments.push(pki.path("password").into());
    arguments.extend(["--level", "B-B", "--guard", "allow"].map(Into::into));
    sceau(arguments).expect(PASSED);
    std::fs::read(signed).expect("signed")
}

/// What a person or a program does, by its name in the attack suite.
fn done(name: &str, file: &[u8]) -> Vec<u8> {
    let attack = attacks::all().into_iter().find(|one| one.name == name).map(|one| one.make);
    let twin = attacks::twins().into_iter().find(|(twin, _)| *twin == name).map(|(_, make)| make);
    attack.or(twin).expect("a name of the suite")(file)
}

fn verify(pki: &ForeignPki, file: &Path, more: &[&str]) -> Said {
    let mut arguments = vec!["verify".into(), file.as_os_str().to_os_string(), "--json".into()];
    arguments.extend(["--trust".into(), pki.anchors().into_os_string()]);
    arguments.extend(more.iter().map(Into::into));
    sceau(arguments)
}

/// A file, the page about it and the report with it.
struct Shown {
    page: String,
    report: Value,
    took: Duration,
}

fn shown(pki: &ForeignPki, file: &[u8], code: i32, more: &[&str]) -> Shown {
    let path = pki.path("judged.pdf");
    std::fs::write(&path, file).expect("written");
    let plain = verify(pki, &path, &[]).expect(code).json();
    let place = pki.path("pages");
    std::fs::create_dir_all(&place).expect("a directory");
    let visual = format!("--visual={}", place.display());
    let began = Instant::now();
    let arguments: Vec<&str> = [visual.as_str()].into_iter().chain(more.iter().copied()).collect();
    let said = verify(pki, &path, &arguments).expect(code);
    let took = began.elapsed();
    let page = place.join("judged.visual.html");
    assert!(said.err.contains(&page.display().to_string()), "{said}");
    let report = said.json();
    assert_eq!(report["verdict"], plain["verdict"], "pictures change no verdict");
    assert_eq!(plain.get("visual"), None);
    let text = std::fs::read_to_string(&page).expect("a page");
    std::fs::remove_file(&page).expect("removed");
    keeps_to_itself(&text);
    Shown { page: text, report, took }
}

/// No script, no address, every picture with words of its own, and headings that skip no level.
fn keeps_to_itself(page: &str) {
    for never in ["<script", "http://", "https://", "javascript:", " onload", "url("] {
        assert!(!page.contains(never), "{never}");
    }
    for image in page.split("<img ").skip(1) {
        let tag = image.split('>').next().unwrap_or_default();
        let alt = tag.split("alt=\"").nth(1).and_then(|rest| rest.split('"').next());
        assert!(alt.is_some_and(|alt| alt.len() > 10), "a picture without words");
        assert!(tag.starts_with("src=\"data:image/png;base64,"));
    }
    let levels: Vec<u32> = page
        .match_indices("<h")
        .filter_map(|(at, _)| page[at + 2..].chars().next().and_then(|level| level.to_digit(10)))
        .collect();
    assert_eq!(levels.first(), Some(&1));
    assert!(levels.windows(2).all(|pair| pair[1] <= pair[0] + 1), "{levels:?}");
}

/// The digests of the pictures in the page.
fn digests(page: &str) -> Vec<String> {
    let data = page.split("data:image/png;base64,").skip(1);
    let decode = |rest: &str| {
        let text = rest.split('"').next().unwrap_or_default();
        base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
    };
    data.map(|rest| hex::encode(Sha256::digest(decode(rest)))).collect()
}

fn view(report: &Value, page: u64) -> &Value {
    let pages = report["visual"]["pages"].as_array().expect("pages");
    pages.iter().find(|one| one["page"] == page).expect("the page")
}

#[test]
fn a_page_that_was_swapped_is_shown_before_and_after_with_its_difference() {
    let (pki, _tsa) = ForeignPki::start();
    let edited = done("a revision with another content", &signed(&pki));
    let french = shown(&pki, &edited, INDETERMINATE, &[]);
    for said in [
        "<html lang=\"fr\">",
        "page 1 : le contenu de la page a été modifié",
        "Ce qui a été signé",
        "Ce que montre le fichier",
        "Une zone de la page diffère : en haut à gauche.",
        "Une autre page a été comparée : elle a le même aspect.",
    ] {
        assert!(french.page.contains(said), "{said:?} is not in the page");
    }
    let page = view(&french.report, 1);
    assert_eq!(page["differs"], true);
    let digests = digests(&french.page);
    assert_eq!(digests.len(), 3);
    assert_eq!(page["before"]["png_sha256"], digests[0].as_str());
    assert_eq!(page["after"]["png_sha256"], digests[1].as_str());
    assert_ne!(digests[0], digests[1]);
    assert_eq!(page["after"]["revision_end"], edited.len());

    let english = shown(&pki, &edited, INDETERMINATE, &["--lang", "en"]);
    assert!(english.page.contains("<html lang=\"en\">"));
    assert!(english.page.contains("One region of the page differs: top left."));
    assert_eq!(english.report["visual"], french.report["visual"], "the same pictures each time");
}

#[test]
fn what_is_put_over_a_page_and_what_is_filled_in_is_shown() {
    let (pki, _tsa) = ForeignPki::start();
    let signed = signed(&pki);
    let stamped = shown(&pki, &done("a stamp over the page", &signed), INDETERMINATE, &[]);
    assert_eq!(view(&stamped.report, 1)["differs"], true);
    let filled = shown(&pki, &done("a field filled, in place", &signed), PASSED, &[]);
    assert_eq!(view(&filled.report, 1)["differs"], true);
    assert!(filled.page.contains("page 1 : un champ de texte a été rempli « Nom »"));
    assert!(filled.page.contains("permis"));
    // Nothing came after: nothing is drawn, and the page says so.
    let whole = shown(&pki, &signed, PASSED, &[]);
    assert_eq!(whole.report["visual"]["pages"].as_array().map(Vec::len), Some(0));
    assert!(whole.page.contains("elle couvre le fichier entier"));
    assert!(digests(&whole.page).is_empty());
    let removed = shown(&pki, &done("a page removed", &signed), INDETERMINATE, &[]);
    assert_eq!(view(&removed.report, 2)["after"]["trouble"], "there is no such page");
    assert!(removed.page.contains("Cette page n&#39;existe pas dans cet état du document."));
}

/// Forms that draw forms: more drawing than anybody waits for. The other page is drawn all the same.
#[test]
fn a_file_that_keeps_the_renderer_busy_costs_its_picture_and_no_verdict() {
    let (pki, _tsa) = ForeignPki::start();
    let stream = |keys: &str, data: &str| {
        Some(format!("<<{keys}/Length {}>>stream\n{data}\nendstream", data.len()))
    };
    let form = |next: u32| {
        let keys = format!(
            "/Type/XObject/Subtype/Form/BBox[0 0 600 900]/Resources<</XObject<</X {next} 0 R>>>>"
        );
        stream(&keys, &"/X Do ".repeat(40))
    };
    let mut objects = vec![(9, form(160))];
    objects.extend((160..167).map(|number| (number, form(number + 1))));
    let keys = "/Type/XObject/Subtype/Form/BBox[0 0 600 900]";
    objects.push((167, stream(keys, "1 0 0 rg 0 0 600 900 re f")));
    let hostile = attacks::updated(&signed(&pki), &objects);
    let shown = shown(&pki, &hostile, INDETERMINATE, &[]);
    let page = view(&shown.report, 1);
    assert_eq!(page["before"]["trouble"], Value::Null);
    assert_eq!(page["after"]["trouble"], "drawing took too long and was ended");
    assert!(shown.page.contains("Le dessin a pris trop de temps et a été arrêté."));
    assert!(shown.page.contains("Une autre page a été comparée : elle a le même aspect."));
    assert!(shown.took < Duration::from_secs(60), "{:?}", shown.took);
}

/// A picture for whose samples the renderer asks for more memory at once than its process may have: four
/// bits each, which it unfolds, so that a short stream stays as wide and high as it says.
#[test]
fn a_file_that_takes_memory_costs_its_picture_and_no_verdict() {
    let (pki, _tsa) = ForeignPki::start();
    let row = "00".repeat(64);
    let keys = "/Type/XObject/Subtype/Image/Width 40000/Height 40000/BitsPerComponent 4\
                /ColorSpace/DeviceRGB/Filter[/ASCIIHexDecode]";
    let image = format!("<<{keys}/Length {}>>stream\n{row}>\nendstream", row.len() + 1);
    let content = "q 600 0 0 900 0 0 cm /Over Do Q";
    let content = format!("<</Length {}>>stream\n{content}\nendstream", content.len());
    let objects = [(9, Some(image)), (4, Some(content))];
    let hostile = attacks::updated(&signed(&pki), &objects);
    let shown = shown(&pki, &hostile, INDETERMINATE, &[]);
    let page = view(&shown.report, 1);
    assert_eq!(page["before"]["trouble"], Value::Null);
    assert_eq!(page["after"]["trouble"], "the renderer broke down");
    assert!(shown.page.contains("Le moteur de rendu n&#39;est pas venu à bout de cette page."));
    assert!(shown.took < Duration::from_secs(60), "{:?}", shown.took);
}

#[test]
fn no_page_is_overwritten_and_exit_codes_stay_what_they_are() {
    let (pki, _tsa) = ForeignPki::start();
    signed(&pki);
    let path = pki.path("signed.pdf");
    let page: PathBuf = pki.path("page.html");
    let visual = format!("--visual={}", page.display());
    verify(&pki, &path, &[&visual]).expect(PASSED);
    let before = std::fs::read(&page).expect("a page");
    let said = verify(&pki, &path, &[&visual]).expect(IO);
    assert!(said.err.contains("exists"), "{said}");
    assert_eq!(std::fs::read(&page).expect("a page"), before);
    let nowhere = verify(&pki, &path, &["--visual=/nowhere/page.html"]).expect(IO);
    assert!(nowhere.err.contains("/nowhere/page.html"), "{nowhere}");
    std::fs::write(pki.path("no.pdf"), b"no document").expect("written");
    let none = pki.path("none.html");
    verify(&pki, &pki.path("no.pdf"), &[&format!("--visual={}", none.display())]).expect(NO_INPUT);
    assert!(!none.exists());
}
