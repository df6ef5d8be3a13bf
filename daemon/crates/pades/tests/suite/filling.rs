//! Fields, notes and metadata after a seal: what may be filled, and what a lock or a certification
//! forbids.

use crate::common::{Bench, pdf_of, updated};
use sceau_pades::Level;
use sceau_pades::report::{Change, ChangeKind, What};

pub(crate) const WIDGET: &str = "<</Type/Annot/Subtype/Widget/FT/Tx/T(Nom)/Rect[50 700 250 720]/P 3 0 R\
                      /AP<</N 8 0 R>>/V(-)>>";
pub(crate) const BOX: &str = "<</Type/Annot/Subtype/Widget/FT/Btn/T(Accord)/Rect[50 600 60 610]/P 3 0 R\
                   /AS/Off/AP<</N<</Oui 9 0 R/Off 9 0 R>>>>>>";

pub(crate) fn shows(text: &str) -> String {
    let content = format!("/Tx BMC q BT /Helv 12 Tf 2 5 Td ({text}) Tj ET Q EMC");
    format!(
        "<</Type/XObject/Subtype/Form/BBox[0 0 200 20]/Resources<</Font<</Helv 7 0 R>>>>\
         /Length {}>>stream\n{content}\nendstream",
        content.len()
    )
}

/// A page with a text field (5, shown by 8) and a box (6); `more` goes into the catalog.
pub(crate) fn form(more: &str) -> Vec<u8> {
    let catalog = format!(
        "<</Type/Catalog/Pages 2 0 R{more}/AcroForm<</Fields[5 0 R 6 0 R]/DR<</Font<</Helv 7 0 R>>>>>>>>"
    );
    let shown = shows("-");
    pdf_of(&[
        &catalog,
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        "<</Type/Page/Parent 2 0 R/Resources<</Font<</F 7 0 R>>>>/Contents 4 0 R/Annots[5 0 R 6 0 R]>>",
        "<</Length 23>>stream\n0 0 1 rg 9 9 99 99 re f\nendstream",
        WIDGET,
        BOX,
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        &shown,
        "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 0>>stream\n\nendstream",
        "<</Title(Contrat)>>",
    ])
}

/// The same with one text of its objects instead of another.
pub(crate) fn form_with(from: &str, to: &str) -> Vec<u8> {
    let base = String::from_utf8(form("")).unwrap();
    assert_eq!(base.matches(from).count(), 1, "{from}");
    let base = base.replace(from, to);
    let objects: Vec<&str> = base
        .split(" 0 obj\n")
        .skip(1)
        .map(|object| object.split("\nendobj").next().unwrap())
        .collect();
    pdf_of(&objects)
}

pub(crate) fn change(base: &[u8], objects: &[(u32, &str)]) -> Change {
    let bench = Bench::p256();
    let file = bench.sealed_file(base, Level::B);
    let report = bench.judge(&updated(&file, objects));
    let [change] = report.signatures[0].changes.as_slice() else { panic!("{report:#?}") };
    assert_eq!(change.kind == ChangeKind::Extension, report.verdict.passed(), "{report:#?}");
    change.clone()
}

/// The page as the seal left it, with one more annotation.
fn annotated(base: &[u8]) -> String {
    latest(base, 3).replacen("0 R]", "0 R 60 0 R]", 1)
}

/// Object `number` of the sealed base, as its newest revision has it. Numbers are given out in order,
/// so that every seal of one base makes the same objects.
fn latest(base: &[u8], number: u32) -> String {
    let file = Bench::p256().sealed_file(base, Level::B);
    let text = String::from_utf8_lossy(&file).into_owned();
    let at = text.rfind(&format!("\n{number} 0 obj")).unwrap();
    let object = text[at..].split_once("obj").unwrap().1;
    object.split_once("endobj").unwrap().0.trim().to_owned()
}

#[track_caller]
fn permitted(objects: &[(u32, &str)], what: What, fr: &str) {
    let change = change(&form(""), objects);
    let items: Vec<_> = change.items.iter().map(|item| (item.what, item.fr.as_str())).collect();
    assert_eq!(items, [(what, fr)]);
}

#[track_caller]
pub(crate) fn refused(base: &[u8], objects: &[(u32, &str)], what: What) {
    let change = change(base, objects);
    assert!(change.items.iter().any(|item| item.what == what), "{what:?}: {change:#?}");
    assert_eq!(change.kind, ChangeKind::Modification);
}

#[test]
fn a_filled_field_is_told_in_words_with_its_page() {
    let (filled, shown) = (WIDGET.replace("(-)", "(Durand)"), shows("Durand"));
    let words = "page 1 : un champ de texte a été rempli « Nom »";
    permitted(&[(5, &filled), (8, &shown)], What::TextFieldFilled, words);
    let elsewhere = filled.replace("8 0 R", "60 0 R");
    permitted(&[(5, &elsewhere), (60, &shown)], What::TextFieldFilled, words);
    permitted(&[(5, &filled.replace("/AP<</N 8 0 R>>", ""))], What::TextFieldFilled, words);
}

#[test]
fn a_box_that_is_ticked_is_told() {
    let ticked = BOX.replace("/AS/Off", "/AS/Oui/V/Oui");
    permitted(
        &[(6, &ticked)],
        What::ButtonSet,
        "page 1 : une case ou un bouton a été coché « Accord »",
    );
}

#[test]
fn what_a_field_shows_is_its_value() {
    let filled = WIDGET.replace("(-)", "(100)");
    for text in ["900", "100 000", ""] {
        refused(&form(""), &[(5, &filled), (8, &shows(text))], What::AppearanceSwapped);
    }
    refused(&form(""), &[(8, &shows("100"))], What::AppearanceSwapped);
    let white = "/Resources<</ColorSpace<</DefaultGray[/Separation/All/DeviceGray<<>>]>>";
    let white = shows("100").replace("/Resources<<", white);
    refused(&form(""), &[(5, &filled), (8, &white)], What::AppearanceSwapped);
    let image = shows("100").replace("/Tx BMC q", "/Im0 Do/q");
    refused(&form(""), &[(5, &filled), (8, &image)], What::AppearanceSwapped);
    let state = BOX.replace("/AS/Off", "/AS/Oui/V/Non");
    refused(&form(""), &[(6, &state)], What::AppearanceSwapped);
    let own_font = shows("100").replace("7 0 R", "60 0 R");
    let font = "<</Type/Font/Subtype/Type3/FontMatrix[1 0 0 1 0 0]/CharProcs<<>>>>";
    let objects = [(5, filled.as_str()), (8, &own_font), (60, font)];
    refused(&form(""), &objects, What::AppearanceSwapped);
}

#[test]
fn a_field_is_changed_by_filling_it_alone() {
    for (from, to) in [
        ("/Rect[50 700", "/Rect[50 100"),
        ("/V(-)", "/V(x)/A<</S/URI/URI(https://exemple.fr)>>"),
        ("/FT/Tx", "/FT/Ch"),
    ] {
        refused(&form(""), &[(5, &WIDGET.replace(from, to))], What::FieldChanged);
    }
}

#[test]
fn a_stream_that_is_part_of_the_page_too_is_no_appearance() {
    let shared = "/Resources<</XObject<</F 8 0 R>>>>";
    let base = form_with("/Resources<</Font<</F 7 0 R>>>>", shared);
    let filled = WIDGET.replace("(-)", "(1)");
    refused(&base, &[(5, &filled), (8, &shows("1"))], What::AppearanceSwapped);
}

#[test]
fn notes_come_where_the_certification_allows_them_alone() {
    let note = "<</Type/Annot/Subtype/Text/Rect[9 9 29 29]/Contents(vu)>>";
    let page = annotated(&form(""));
    refused(&form(""), &[(3, &page), (60, note)], What::AnnotationForbidden);
    let certified =
        "/Perms<</DocMDP<</Reference[<</TransformMethod/DocMDP/TransformParams<</P 3>>>>]>>>>";
    let base = form(certified);
    let page = annotated(&base);
    let change = change(&base, &[(3, &page), (60, note)]);
    assert_eq!(change.items[0].en, "page 1: a note was added (Text)");
    // The table of docs/attacks.md: what may come without a look of its own, and what may not.
    for kind in ["Popup", "Highlight", "Underline", "Squiggly", "StrikeOut"] {
        let plain = note.replace("/Text", &format!("/{kind}"));
        let change = self::change(&base, &[(3, &page), (60, &plain)]);
        assert_eq!(change.kind, ChangeKind::Extension, "{kind}: {change:#?}");
    }
    for kind in ["Ink", "Square", "Line", "Polygon", "FileAttachment", "Link", "Watermark"] {
        let strange = note.replace("/Text", &format!("/{kind}"));
        refused(&base, &[(3, &page), (60, &strange)], What::AnnotationCovers);
    }
    for covers in [
        note.replace("/Text", "/FreeText"),
        note.replace("/Text", "/Stamp"),
        note.replace("/Text", "/Redact"),
        note.replace("/Contents(vu)", "/AP<</N 9 0 R>>"),
        note.replace("/Contents(vu)", "/A<</S/JavaScript/JS(x)>>"),
    ] {
        refused(&base, &[(3, &page), (60, &covers)], What::AnnotationCovers);
    }
}

#[test]
fn a_certification_that_allows_nothing_forbids_filling() {
    let p = |p: u8| {
        let parameters = format!("<</P {p}>>");
        form(&format!(
            "/Perms<</DocMDP<</Reference[<</TransformMethod/DocMDP/TransformParams{parameters}>>]>>>>"
        ))
    };
    let (filled, shown) = (WIDGET.replace("(-)", "(1)"), shows("1"));
    let objects = [(5, filled.as_str()), (8, shown.as_str())];
    assert_eq!(change(&p(2), &objects).kind, ChangeKind::Extension);
    // A document that allows no change takes no seal from us: the rule is seen by a note as well.
    assert!(sceau_pades::begin(&p(1), &Bench::p256().request(Level::B)).is_err());
}

#[test]
fn metadata_may_be_brought_up_to_date_but_not_the_title() {
    let bench = Bench::p256();
    let file = bench.sealed_file(&form(""), Level::B);
    let with_info = |info: &str| {
        let changed = updated(&file, &[(60, info)]);
        let text = String::from_utf8_lossy(&changed).into_owned();
        let at = text.rfind("/Root 1 0 R").unwrap();
        let changed = [&changed[..at], b"/Info 60 0 R", &changed[at..]].concat();
        bench.judge(&changed).signatures[0].changes[0].clone()
    };
    assert_eq!(
        with_info("<</Producer(x)/ModDate(D:20261126)>>").items[0].what,
        What::MetadataUpdated
    );
    assert_eq!(with_info("<</Title(Avenant)>>").items[0].what, What::TitleChanged);
}

/// The file with a trailer that leads to object 10.
fn informed(file: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&file).into_owned();
    let at = text.rfind("/Root 1 0 R").unwrap();
    [&file[..at], b"/Info 10 0 R", &file[at..]].concat()
}

/// A packet may come where there was none: it shows what `/Info` shows, for readers prefer it.
#[test]
fn a_first_packet_shows_no_other_title_than_before() {
    let info = "<</Title(Contrat & annexe)/Author(Anne; Marc)>>";
    let bench = Bench::p256();
    let file = bench.sealed_file(&informed(updated(&form(""), &[(10, info)])), Level::B);
    let text = String::from_utf8_lossy(&file).into_owned();
    let (_, catalog) = text.rsplit_once("\n1 0 obj").unwrap();
    let catalog = catalog.split("endobj").next().unwrap().trim();
    let catalog = catalog.replacen("<<", "<</Metadata 60 0 R", 1);
    let with = |packet: &str| {
        let packet = packet.replace("DC", "xmlns:dc='http://purl.org/dc/elements/1.1/'");
        let length = packet.len();
        let keys = format!("/Type/Metadata/Subtype/XML/Length {length}");
        let packet = format!("<<{keys}>>stream\n{packet}\nendstream");
        let objects = [(1, catalog.as_str()), (60, packet.as_str())];
        let report = bench.judge(&informed(updated(&file, &objects)));
        report.signatures[0].changes[0].items[0].clone()
    };
    for honest in [
        "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>",
        "<a DC><dc:title>Contrat &amp; annexe</dc:title></a>",
        "<a DC dc:title='Contrat &amp; annexe'/>",
        "<a DC><dc:creator><s><l>Anne</l><l>Marc</l></s></dc:creator></a>",
    ] {
        assert_eq!(with(honest).what, What::MetadataUpdated, "{honest}");
    }
    for (spoof, shown) in [
        ("<a DC><dc:title>Avenant</dc:title></a>", "dc:title"),
        ("<a DC dc:title='Avenant'/>", "dc:title"),
        ("<a DC><dc:creator>Anne</dc:creator></a>", "dc:creator"),
        ("<a DC><dc:description>Avenant</dc:description></a>", "dc:description"),
        ("<!DOCTYPE a []><a/>", "XMP"),
    ] {
        let told = with(spoof);
        assert_eq!((told.what, told.subject.as_deref()), (What::TitleChanged, Some(shown)));
    }
}

#[test]
fn a_packet_keeps_the_title_of_the_one_before() {
    let packet = |inside: &str| {
        let text = format!("<a xmlns:dc='http://purl.org/dc/elements/1.1/'{inside}</a>");
        let length = text.len();
        format!("<</Type/Metadata/Subtype/XML/Length {length}>>stream\n{text}\nendstream")
    };
    let base = updated(&form("/Metadata 11 0 R"), &[(11, &packet(" dc:title='Contrat'>"))]);
    let kept = packet("><dc:title>Contrat</dc:title>");
    assert_eq!(change(&base, &[(11, &kept)]).items[0].what, What::MetadataUpdated);
    for other in [" dc:title='Avenant'>", "><dc:title>Avenant</dc:title>", ">"] {
        refused(&base, &[(11, &packet(other))], What::TitleChanged);
    }
}

#[test]
fn objects_written_again_as_they_were_are_no_change() {
    let (page, content) = (latest(&form(""), 3), latest(&form(""), 4));
    let change = change(&form(""), &[(3, &page), (4, &content)]);
    assert_eq!((change.kind, change.items), (ChangeKind::Extension, Vec::new()));
    let other = content.replace("0 0 1", "1 0 0");
    refused(&form(""), &[(4, &other)], What::PageContentChanged);
}

/// A highlight as programs draw it, and what looks like one and hides.
#[test]
fn a_mark_lets_through_what_lies_beneath() {
    let certified =
        "/Perms<</DocMDP<</Reference[<</TransformMethod/DocMDP/TransformParams<</P 3>>>>]>>>>";
    let base = form(certified);
    let page = annotated(&base);
    let mark = "<</Type/Annot/Subtype/Highlight/Rect[9 9 109 29]/QuadPoints[9 29 109 29 9 9 109 9]\
                /C[1 1 0]/AP<</N 61 0 R>>>>";
    let look = |content: &str, resources: &str| {
        format!(
            "<</Type/XObject/Subtype/Form/BBox[9 9 109 29]/Resources<<{resources}>>\
             /Length {}>>stream\n{content}\nendstream",
            content.len()
        )
    };
    let multiply = "/ExtGState<</R<</BM/Multiply>>>>";
    let inner = look("1 1 0 rg 9 9 100 20 re f", "");
    for (content, resources) in [
        ("/R gs 1 1 0 rg 9 9 m 109 9 l 109 29 l 9 29 l h f", multiply),
        ("/R gs /F Do", "/ExtGState<</R<</BM/Multiply>>>>/XObject<</F 62 0 R>>"),
        ("0 0 0 RG 1 w 9 18 m 109 18 l S", ""),
    ] {
        let look = look(content, resources);
        let objects = [(3, page.as_str()), (60, mark), (61, &look), (62, &inner)];
        let objects = if content.contains("Do") { &objects[..] } else { &objects[..3] };
        assert_eq!(change(&base, objects).kind, ChangeKind::Extension, "{content}");
    }
    for (content, resources) in [
        ("1 1 0 rg 9 9 100 20 re f", ""),
        ("/R gs 9 9 100 20 re f", multiply),
        ("/R gs 0 0 0 rg 9 9 100 20 re f", multiply),
        ("q /R gs Q 1 1 1 rg 9 9 100 20 re f", multiply),
        ("/R gs 1 1 0 rg 9 9 100 20 re f", "/ExtGState<</R<</BM/Normal>>>>"),
        ("2 w 9 10 m 109 10 l 9 14 m 109 14 l 9 18 m 109 18 l 9 22 m 109 22 l S", ""),
        ("50 0 0 50 0 0 cm 1 w 0 0 m 9 9 l S", ""),
        ("BT /F 9 Tf (900) Tj ET", ""),
    ] {
        let look = look(content, resources);
        refused(&base, &[(3, &page), (60, mark), (61, &look)], What::AnnotationCovers);
    }
}
