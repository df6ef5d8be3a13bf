//! What may come into a sealed document, and what may not.

use crate::common::{Bench, pdf_of, small_pdf, updated};
use sceau_pades::report::{ChangeKind, Coverage, Report, SignatureKind, SubIndication, What};
use sceau_pades::{Level, validate};
use sceau_pdf::{
    Allowance, ByteSource, Document, Limits, SignatureRequest, SubFilter, append_signature,
};
use sceau_pki::sha256;

fn sealed() -> (Bench, Vec<u8>) {
    let bench = Bench::p256();
    let file = bench.sealed_file(&small_pdf(), Level::B);
    (bench, file)
}

/// Judged with one later revision: the findings, and the kind of the change.
fn after(objects: &[(u32, &str)]) -> (Report, ChangeKind) {
    let (bench, file) = sealed();
    let report = bench.judge(&updated(&file, objects));
    let kind = report.signatures[0].changes[0].kind;
    (report, kind)
}

fn assert_modified(objects: &[(u32, &str)]) {
    let (report, kind) = after(objects);
    assert_eq!(kind, ChangeKind::Modification, "{objects:?}");
    assert_eq!(report.verdict.sub_indication, Some(SubIndication::SigConstraintsFailure));
}

/// The catalog of the sealed file with `more` in it.
fn catalog(file: &[u8], more: &str) -> String {
    let text = String::from_utf8_lossy(file);
    let start = text.rfind("/Catalog").unwrap();
    let start = text[..start].rfind("obj").unwrap() + 3;
    let end = start + text[start..].find("endobj").unwrap();
    let object = text[start..end].trim();
    format!("{} {more}>>", object.strip_suffix(">>").unwrap())
}

#[test]
fn a_changed_page_or_content_is_a_modification() {
    assert_modified(&[(4, "<</Length 23>>stream\n1 0 0 rg 9 9 99 99 re f\nendstream")]);
    assert_modified(&[(3, "<</Type/Page/Parent 2 0 R/Resources<<>>>>")]);
    assert_modified(&[(2, "<</Type/Pages/Kids[]/Count 0>>")]);
}

/// Programs that write an object again choose the order of its keys and the form of its numbers.
#[test]
fn an_object_written_again_in_other_words_is_no_change() {
    let again = "<< /MediaBox [0 0.0 595 842.00] /Count 1 /Kids [ 3 0 R ] /Type /Pages >>";
    let (report, kind) = after(&[(2, again)]);
    assert_eq!(kind, ChangeKind::Extension);
    assert!(report.verdict.passed(), "{:?}", report.verdict);
    assert_modified(&[(2, &again.replace("842", "841"))]);
}

/// Some readers take the first, others the last (ISO 32000-2 §7.3.7).
#[test]
fn a_key_that_stands_twice_is_a_modification_unless_it_did_when_it_was_signed() {
    let pages = "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 9 9]/MediaBox[0 0 595 842]>>";
    let (report, kind) = after(&[(2, pages)]);
    assert_eq!(kind, ChangeKind::Modification);
    assert_eq!(report.signatures[0].changes[0].items[0].what, What::KeyTwice);
    let bench = Bench::p256();
    let page = "<</Type/Page/Parent 2 0 R/Resources<<>>>>";
    let base = pdf_of(&["<</Type/Catalog/Pages 2 0 R>>", pages, page]);
    let file = bench.sealed_file(&base, Level::B);
    let passes = |pages: &str| bench.judge(&updated(&file, &[(2, pages)])).verdict.passed();
    assert!(passes(pages));
    assert!(!passes(&pages.replace("/MediaBox[0 0 9 9]", "")));
    assert!(!passes(&pages.replace("/MediaBox[0 0 595 842]", "")));
}

/// LaTeX says the title twice; whoever writes it again chooses one of the two.
#[test]
fn a_title_that_stood_twice_may_be_either() {
    let (bench, small) = (
        Bench::p256(),
        pdf_of(&[
            "<</Type/Catalog/Pages 2 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
            "<</Type/Page/Parent 2 0 R/Resources<<>>>>",
            "<</Title(L'un)/Producer(TeX)/Title(L'autre)>>",
        ]),
    );
    let base = String::from_utf8(small).unwrap().replace("/Root", "/Info 4 0 R/Root").into_bytes();
    let file = bench.sealed_file(&base, Level::B);
    let passes = |title: &str| {
        let mut file = updated(&file, &[(4, &format!("<<{title}>>"))]);
        let root = file.windows(5).rposition(|word| word == b"/Root").unwrap();
        file.splice(root..root, *b"/Info 4 0 R");
        bench.judge(&file).verdict.passed()
    };
    assert!(passes("/Title(L'un)/Producer(autre)"));
    assert!(passes("/Producer(autre)/Title(L'autre)"));
    assert!(!passes("/Title(Une troisi\\350me)"));
    assert!(!passes("/Title(Une troisi\\350me)/Title(L'autre)"));
    assert!(!passes("/Producer(autre)"));
}

#[test]
fn an_object_that_nothing_explains_is_a_modification() {
    assert_modified(&[(60, "(left behind)")]);
    assert_modified(&[(60, "<</Type/Annot/Subtype/FreeText/Rect[0 0 9 9]>>")]);
}

#[test]
fn catalog_entries_other_than_validation_data_are_modifications() {
    let (_, file) = sealed();
    let names = ["/OpenAction 60 0 R", "/Names<<>>", "/OCProperties<<>>"];
    for more in names.into_iter().chain(["/Version(2.0)", "/Version/9.9", "/Version 60 0 R"]) {
        assert_modified(&[(1, &catalog(&file, more))]);
    }
}

/// As pyHanko leaves one behind that writes another store.
#[test]
fn validation_data_that_no_store_names_any_more_shows_nothing() {
    let (report, kind) =
        after(&[(60, "<</Type/VRI/Cert[61 0 R]>>"), (61, "<</Length 0>>stream\n\nendstream")]);
    assert_eq!(kind, ChangeKind::Extension, "{report:#?}");
    assert!(report.verdict.passed());
    assert_modified(&[(60, "<</Type/VRI/Cert[3 0 R]>>")]);
    assert_modified(&[(60, "<</Type/VRI/Kids[]>>")]);
    assert_modified(&[(60, "<</Type/VRI>>"), (4, "<</Type/VRI>>")]);
}

#[test]
fn extensions_in_an_object_of_their_own_may_grow() {
    let bench = Bench::p256();
    let of = |own: &str| {
        let base = pdf_of(&[
            "<</Type/Catalog/Pages 2 0 R/Extensions 4 0 R>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
            "<</Type/Page/Parent 2 0 R/Resources 4 0 R>>",
            own,
        ]);
        // The sub-filter is of PDF 2.0: the seal names no extension itself.
        let base = String::from_utf8(base).unwrap().replace("%PDF-1.7", "%PDF-2.0");
        bench.sealed_file(base.as_bytes(), Level::B)
    };
    let kind = |own: &str, later: &str| {
        let report = bench.judge(&updated(&of(own), &[(4, later)]));
        report.signatures[0].changes[0].kind
    };
    let iso = "<</ISO_[<</Type/DeveloperExtensions/BaseVersion/2.0/ExtensionLevel 32002>>]>>";
    assert_eq!(kind("<<>>", iso), ChangeKind::Extension);
    let fonts = "<</Font<</F<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>>>";
    assert_eq!(kind("<<>>", fonts), ChangeKind::Modification);
    assert_eq!(kind(fonts, iso), ChangeKind::Modification);
}

/// A field that waited with a look, which whoever signs writes anew in its place: nothing else may show it.
#[test]
fn the_look_of_a_field_that_waited_may_be_replaced_in_place() {
    let bench = Bench::p256();
    let look = |text: &str| {
        format!(
            "<</Type/XObject/Subtype/Form/BBox[0 0 99 20]/Length {}>>stream\n{text}\nendstream",
            text.len()
        )
    };
    let field = |more: &str| {
        format!(
            "<</Type/Annot/Subtype/Widget/FT/Sig/T(Waits)/Rect[9 9 99 29]/P 3 0 R/AP 6 0 R{more}>>"
        )
    };
    let kind = |resources: &str| {
        let base = pdf_of(&[
            "<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[5 0 R]>>>>",
            "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
            &format!(
                "<</Type/Page/Parent 2 0 R/Annots[5 0 R]/Contents 4 0 R/Resources<<{resources}>>>>"
            ),
            "<</Length 5>>stream\n/A Do\nendstream",
            &field(""),
            "<</N 7 0 R>>",
            &look("0 0 9 9 re"),
        ]);
        let file = bench.sealed_file(&base, Level::B);
        let value = "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached>>";
        let (signed, new) = (field("/V 70 0 R"), look("0 0 8 8 re f"));
        let objects = [(5, signed.as_str()), (70, value), (7, &new)];
        let report = bench.judge(&updated(&file, &objects));
        let seal = report.signatures.iter().find(|one| one.field == "Signature");
        seal.unwrap().changes[0].kind
    };
    assert_eq!(kind(""), ChangeKind::Extension);
    assert_eq!(kind("/XObject<</A 7 0 R>>"), ChangeKind::Modification);
    assert_eq!(kind("/XObject 6 0 R"), ChangeKind::Modification);
}

#[test]
fn a_text_of_the_catalog_may_be_written_in_another_encoding() {
    let lang = "<FEFF00660072002D00460052>";
    let label = "<FEFF0041>";
    let bench = Bench::p256();
    let catalog_of_all =
        format!("<</Type/Catalog/Pages 2 0 R/Lang{lang}/PageLabels<</Nums[0<</S/D/P{label}>>]>>>>");
    let base = pdf_of(&[
        &catalog_of_all,
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        "<</Type/Page/Parent 2 0 R/Resources<<>>>>",
    ]);
    let file = bench.sealed_file(&base, Level::B);
    let signed = catalog(&file, "");
    let judged = |from: &str, to: &str| {
        assert!(signed.contains(from), "{signed}");
        bench.judge(&updated(&file, &[(1, &signed.replace(from, to))])).verdict.passed()
    };
    let text = String::from_utf8_lossy(&file);
    let written = |hex: &str| {
        let lower = hex.to_lowercase();
        [hex.to_owned(), lower].into_iter().find(|form| text.contains(form.as_str()))
    };
    // However our own writer wrote it.
    for (hex, same, other) in [(lang, "(fr-FR)", "(en-GB)"), (label, "(A)", "(B)")] {
        let from = written(hex).expect("as it was signed");
        assert!(judged(&from, same), "{same}");
        assert!(!judged(&from, other), "{other}");
    }
}

#[test]
fn a_higher_version_and_a_form_without_content_are_extensions() {
    let (_, file) = sealed();
    let (report, kind) = after(&[(1, &catalog(&file, "/Version/2.0"))]);
    assert_eq!(kind, ChangeKind::Extension, "{:?}", report.signatures[0].changes);
    let form =
        "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<<>>/Length 0>>stream\n\nendstream";
    let (report, kind) = after(&[(60, form)]);
    assert_eq!(kind, ChangeKind::Extension, "{:?}", report.signatures[0].changes);
    assert_modified(&[(60, &form.replace("/Length 0>>stream\n", "/Length 3>>stream\nq Q"))]);
    assert_modified(&[(60, &form.replace("<<>>", "4 0 R"))]);
    assert_modified(&[(4, form)]);
}

#[test]
fn validation_data_is_an_extension() {
    let (_, file) = sealed();
    let store = "<</Type/DSS/Certs[61 0 R]/VRI<</AB<</Cert[61 0 R]>>>>>>";
    let (report, kind) = after(&[
        (1, &catalog(&file, "/DSS 60 0 R")),
        (60, store),
        (61, "<</Length 3>>stream\nDER\nendstream"),
    ]);
    assert_eq!(kind, ChangeKind::Extension, "{:?}", report.signatures[0].changes);
    assert!(report.verdict.passed(), "{:?}", report.verdict);
}

#[test]
fn validation_data_that_is_none_is_a_modification() {
    let (_, file) = sealed();
    let with_store = catalog(&file, "/DSS 60 0 R");
    let form = "<</Length 3/Subtype/Form>>stream\nDER\nendstream";
    assert_modified(&[(1, &with_store), (60, "<</Certs[61 0 R]>>"), (61, form)]);
    assert_modified(&[(1, &with_store), (60, "<</Certs[4 0 R]/Page 3 0 R>>")]);
    assert_modified(&[(1, &with_store), (60, "(no store)")]);
    // The page's content, turned into a certificate.
    let stolen = "<</Length 3>>stream\nDER\nendstream";
    assert_modified(&[(1, &with_store), (60, "<</Certs[4 0 R]>>"), (4, stolen)]);
}

/// Judged with one more field in the form.
fn with_field(field: &str) -> Report {
    with_objects(&[(60, field)])
}

/// The sealed file with object 60 as a further field, and whatever belongs to it.
fn with_objects(objects: &[(u32, &str)]) -> Report {
    let (bench, file) = sealed();
    let text = String::from_utf8_lossy(&file).into_owned();
    let fields = text.rfind("/Fields").unwrap();
    let head = text[..fields].rfind(" 0 obj").unwrap();
    let number = text[..head].rsplit(|c: char| !c.is_ascii_digit()).next().unwrap();
    let form = &text[head + 6..fields + text[fields..].find("endobj").unwrap()];
    let form = form.replacen(']', " 60 0 R]", 1);
    let all = [&[(number.parse().unwrap(), form.as_str())], objects].concat();
    bench.judge(&updated(&file, &all))
}

#[test]
fn an_empty_invisible_signature_field_is_an_extension() {
    for rectangle in ["", "/Rect[0 0 0 0]"] {
        let report = with_field(&format!("<</FT/Sig/T(Later){rectangle}>>"));
        assert!(report.verdict.passed(), "{:?}", report.verdict);
    }
}

#[test]
fn any_other_new_field_is_a_modification() {
    for field in [
        "<</FT/Sig/T(Later)/Rect[0 0 99 99]>>",
        "<</FT/Sig/T(Later)/Rect 2 0 R>>",
        "<</FT/Sig/T(Later)/AP<</N 4 0 R>>>>",
        "<</FT/Sig/T(Signature)>>",
        "<</FT/Sig>>",
        "<</FT/Tx/T(Later)>>",
        "<</FT/Sig/T(Later)/V<</Type/Sig>>>>",
        "<</FT/Sig/T(Later)/V 4 0 R>>",
        "[]",
    ] {
        assert!(!with_field(field).verdict.passed(), "{field}");
    }
}

/// As pyHanko's own test files have it: field and widget are two objects, the list of kids a third.
#[test]
fn a_field_and_its_widget_may_be_two_objects() {
    let judged = |field: &str, widget: &str| {
        with_objects(&[(60, field), (61, widget), (62, "[61 0 R]")]).verdict.passed()
    };
    let field = "<</FT/Sig/T(Later)/Kids 62 0 R>>";
    let widget = "<</Type/Annot/Subtype/Widget/Rect[0 0 0 0]/Parent 60 0 R>>";
    assert!(judged(field, widget));
    assert!(judged(field, &widget.replace("/Parent 60 0 R", "")));
    for wrong in [
        widget.replace("60 0 R", "3 0 R"),
        widget.replace("Widget", "FreeText"),
        widget.replace("[0 0 0 0]", "[0 0 99 99]"),
        widget.replace("/Parent", "/T(x)/Parent"),
        widget.replace("/Parent", "/FT/Tx/Parent"),
        widget.replace("/Parent", "/A<</S/URI>>/Parent"),
        "[]".to_owned(),
    ] {
        assert!(!judged(field, &wrong), "{wrong}");
    }
    assert!(!judged(&field.replace("62 0 R", "[3 0 R]"), widget));
    assert!(!judged(&field.replace("62 0 R", "[61 0 R 61 0 R]"), widget));
}

/// A document timestamp over the sealed file, by the unit of the same cabinet.
fn timestamped(bench: &Bench, file: &[u8], spoil: bool) -> Vec<u8> {
    let document = Document::open(&file, &Limits::default()).unwrap();
    let request = SignatureRequest::new("Horodatage", SubFilter::EtsiRfc3161, bench.token_room());
    let mut revision = append_signature(&document, &request).unwrap();
    let (before, after) = revision.signed_tail().unwrap();
    let mut digest = sha256(&[file, before, after].concat());
    digest[0] ^= u8::from(spoil);
    revision.fill(&bench.token(digest)).unwrap();
    [file, revision.tail.as_slice()].concat()
}

#[test]
fn a_document_timestamp_is_an_extension_and_is_judged_itself() {
    let (bench, file) = sealed();
    let report = bench.judge(&timestamped(&bench, &file, false));
    assert!(report.verdict.passed(), "{:?}", report.verdict);
    let [seal, timestamp] = report.signatures.as_slice() else { panic!("{report:#?}") };
    assert_eq!(seal.changes[0].details, ["a document timestamp was added"]);
    assert_eq!(timestamp.kind, SignatureKind::DocumentTimestamp);
    assert_eq!(timestamp.coverage, Some(Coverage::WholeFile));
    assert!(timestamp.time_is_proven);

    let report = bench.judge(&timestamped(&bench, &file, true));
    assert_eq!(report.verdict.sub_indication, Some(SubIndication::HashFailure));
}

/// The shadow attack "hide and replace" by an object that the signed revision awaits.
#[test]
fn an_object_that_the_signed_revision_awaited_is_a_modification() {
    let bench = Bench::p256();
    let base = pdf_of(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        "<</Type/Page/Parent 2 0 R/Resources<<>>/Contents[4 0 R 61 0 R]>>",
        "<</Length 23>>stream\n0 0 1 rg 9 9 99 99 re f\nendstream",
    ]);
    let file = bench.sealed_file(&base, Level::B);
    let update = [
        (1, catalog(&file, "/DSS 60 0 R")),
        (60, "<</Certs[61 0 R]>>".to_owned()),
        (61, "<</Length 23>>stream\n1 0 0 rg 0 0 99 99 re f\nendstream".to_owned()),
    ];
    let update: Vec<(u32, &str)> = update.iter().map(|(n, object)| (*n, object.as_str())).collect();
    let report = bench.judge(&updated(&file, &update));
    assert_eq!(report.signatures[0].changes[0].kind, ChangeKind::Modification);
    assert!(report.signatures[0].changes[0].details[0].contains("awaited"), "{report:#?}");
}

#[test]
fn a_catalog_elsewhere_is_a_modification() {
    let (bench, file) = sealed();
    let moved = updated(&file, &[(60, "<</Type/Catalog/Pages 2 0 R>>")]);
    let text = String::from_utf8_lossy(&moved).into_owned();
    let at = text.rfind("/Root 1 0 R").unwrap();
    let moved = [&moved[..at], b"/Root 60 0 R", &moved[at + 11..]].concat();
    let report = bench.judge(&moved);
    assert!(!report.verdict.passed());
}

/// Universal signature forgery: the dictionary is replaced by one that names nothing to check.
#[test]
fn a_signature_dictionary_replaced_later_never_passes() {
    let (bench, file) = sealed();
    let text = String::from_utf8_lossy(&file).into_owned();
    let place = text.find("/ByteRange").unwrap();
    let number = text[..place].rfind(" 0 obj").unwrap();
    let number: u32 =
        text[..number].rsplit(|c: char| !c.is_ascii_digit()).next().unwrap().parse().unwrap();
    let head = "/Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached";
    let tail = &text[place..place + text[place..].find("endobj").unwrap()];
    for object in [
        format!("<<{head}/Contents<00>>>"),
        format!("<<{head}/ByteRange[0 0 0 0]/Contents<00>>>"),
        format!("<<{head}/ByteRange[0 -1 -1 0]/Contents<00>>>"),
        format!("<<{head}/ByteRange null/Contents<00>>>"),
        format!("<<{head} {tail}"),
        "null".to_owned(),
    ] {
        let forged = updated(&file, &[(number, object.as_str())]);
        let report = bench.judge(&forged);
        assert!(!report.verdict.passed(), "{object:.80}: {:?}", report.verdict);
    }
}

#[test]
fn a_field_removed_from_the_form_never_passes() {
    let (bench, file) = sealed();
    let forged = updated(&file, &[(1, "<</Type/Catalog/Pages 2 0 R>>")]);
    let report = bench.judge(&forged);
    assert!(!report.verdict.passed());
    assert_eq!(report.verdict.sub_indication, Some(SubIndication::NoSignature));
}

/// Two pages; the second shows form 7, which shows form 8 with the font 9, whose programme is 10.
const TWO_PAGES: [&str; 10] = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Kids[3 0 R 4 0 R]/Count 2/MediaBox[0 0 595 842]>>",
    "<</Type/Page/Parent 2 0 R/Resources<<>>>>",
    "<</Type/Page/Parent 2 0 R/Resources 6 0 R/Contents 5 0 R>>",
    "<</Length 6>>stream\n/F7 Do\nendstream",
    "<</XObject<</F7 7 0 R>>>>",
    "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F8 8 0 R>>>>/Length 6>>\
     stream\n/F8 Do\nendstream",
    "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F 9 0 R>>>>/Length 0>>\
     stream\n\nendstream",
    "<</Type/Font/Subtype/TrueType/BaseFont/Arial/FontDescriptor<</Type/FontDescriptor/FontFile2 10 0 R>>>>",
    "<</Length 3>>stream\nabc\nendstream",
];

#[test]
fn what_concerns_a_page_names_it_however_deep_it_lies() {
    let bench = Bench::p256();
    let file = bench.sealed_file(&pdf_of(&TWO_PAGES), Level::B);
    let pages = |number: u32, object: &str| -> Vec<Option<u32>> {
        let report = bench.judge(&updated(&file, &[(number, object)]));
        assert!(!report.verdict.passed(), "{number}");
        report.signatures[0].changes[0].items.iter().map(|item| item.page).collect()
    };
    for number in [4, 5, 6, 7, 8, 9, 10] {
        let object = TWO_PAGES[number as usize - 1];
        let changed = match number {
            4 => object.replace("/Contents 5 0 R", ""),
            5 => object.replace("F7 Do", "F8 Do"),
            10 => object.replace("abc", "abd"),
            _ => object.replacen("<<", "<</Changed true", 1),
        };
        let pages = pages(number, &changed);
        let all = !pages.is_empty() && pages.iter().all(|page| *page == Some(2));
        assert!(all, "object {number}: {pages:?}");
    }
    for (kids, page) in [("3 0 R", 2), ("4 0 R", 1), ("4 0 R 3 0 R", 1), ("3 0 R 4 0 R 4 0 R", 3)] {
        let tree = format!("<</Type/Pages/Kids[{kids}]/Count 2/MediaBox[0 0 595 842]>>");
        assert_eq!(pages(2, &tree), [Some(page)], "{kids}");
    }
}

/// A form of many fields costs its length, however many of them are filled: counted in work, not in time.
#[test]
fn filling_many_fields_costs_no_more_than_a_few_looks_at_the_form() {
    const FIELDS: u32 = 80;
    let field = |number: u32, value: &str| {
        format!("<</Type/Annot/Subtype/Widget/FT/Tx/T(Champ {number})/Rect[9 9 99 29]/V({value})>>")
    };
    let numbers = 4..4 + FIELDS;
    let listed: Vec<String> = numbers.clone().map(|number| format!("{number} 0 R")).collect();
    let listed = listed.join(" ");
    let mut objects = vec![
        format!("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[{listed}]>>>>"),
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>".to_owned(),
        format!("<</Type/Page/Parent 2 0 R/Resources<<>>/Annots[{listed}]>>"),
    ];
    objects.extend(numbers.clone().map(|number| field(number, "")));
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    let bench = Bench::p256();
    let sealed = bench.sealed_file(&pdf_of(&objects), Level::B);
    let filled: Vec<(u32, String)> = numbers.map(|number| (number, field(number, "x"))).collect();
    let filled: Vec<(u32, &str)> = filled.iter().map(|(n, object)| (*n, object.as_str())).collect();
    let file = updated(&sealed, &filled);
    let allowance = Allowance::new(1 << 40);
    let source = Shared { bytes: &file, allowance: allowance.clone() };
    let report = validate(&source, &bench.options()).unwrap();
    assert!(report.verdict.passed(), "{:?}", report.verdict);
    let spent = (1 << 40) - allowance.left();
    assert!(spent < 80 * file.len() as u64, "{spent} bytes of work over {} bytes", file.len());
}

/// Bytes whose readings share what they may cost.
struct Shared<'b> {
    bytes: &'b [u8],
    allowance: Allowance,
}

impl ByteSource for Shared<'_> {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<()> {
        self.bytes.read_at(offset, buf)
    }

    fn allowance(&self) -> Option<Allowance> {
        Some(self.allowance.clone())
    }
}
