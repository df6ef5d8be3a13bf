//! `inspect`: what a document holds that could change what is seen after somebody signed.

use crate::support::{FORMS, Paper, open};
use sceau_pdf::{Document, Inspection, LeftOut, Limits, NotLookedAt, ScanBounds, inspect};

fn inspected(paper: &Paper) -> Inspection {
    let bases = FORMS.map(|form| paper.write(form));
    let mut all: Vec<Inspection> =
        bases.iter().map(|base| inspect(&open(base), &ScanBounds::default()).unwrap()).collect();
    let dangers: Vec<_> = all.iter().map(Inspection::dangers).collect();
    assert!(dangers.windows(2).all(|pair| pair[0] == pair[1]), "the forms differ: {dangers:#?}");
    all.remove(0)
}

fn words(paper: &Paper) -> Vec<String> {
    inspected(paper).dangers().into_iter().map(|danger| danger.word).collect()
}

#[test]
fn a_plain_document_holds_nothing_that_stops_it() {
    let inspection = inspected(&Paper::simple());
    assert_eq!(inspection.dangers(), []);
    assert_eq!((inspection.pages, inspection.revisions.len()), (1, 1));
}

#[test]
fn scripts_layers_overlays_and_second_documents_stop_it() {
    let mut paper = Paper::simple();
    paper.set(20, "<< /S /JavaScript /JS (x) >>");
    assert!(words(&paper).contains(&"javascript".to_owned()));

    let mut paper = Paper::simple();
    paper.set(20, "<< /Type /Page /Parent 2 0 R >>");
    assert_eq!(words(&paper), ["unreferenced"]);
    paper.set(20, "<< /Left /Behind >>");
    assert_eq!(words(&paper), [""; 0]);
    assert_eq!(inspected(&paper).hidden.len(), 1);
}

#[test]
fn a_key_that_stands_twice_is_found_wherever_it_does() {
    let words = |object: &str| {
        let mut paper = Paper::simple();
        paper.set(30, object);
        paper.set(1, "<< /Type /Catalog /Pages 2 0 R /PieceInfo 30 0 R >>");
        let found = inspected(&paper);
        let keys: Vec<_> = found.keys_twice.iter().map(|one| one.key.clone()).collect();
        assert_eq!(
            found.dangers().iter().filter(|one| one.word == "key-twice").count(),
            keys.len()
        );
        keys
    };
    assert_eq!(words("<< /A 1 /A 2 >>"), ["A"]);
    assert_eq!(words("[ 1 << /B [ << /A 1 /C 3 /#41 2 >> ] >> ]"), ["A"]);
    assert_eq!(words("<< /A 1 /A 1 >>"), [""; 0]);
    assert_eq!(words("<< /A << /B 1 >> /B 2 >>"), [""; 0]);
}

#[test]
fn a_title_that_stands_twice_is_no_danger() {
    let file = Paper::simple().write(FORMS[0]);
    let text = String::from_utf8_lossy(&file).replace("/Root", "/Info << /Title (a) >> /Root");
    let file = text.into_bytes();
    let document = Document::open(&file, &Limits::default()).unwrap();
    assert!(inspect(&document, &ScanBounds::default()).unwrap().keys_twice.is_empty());
    let text = String::from_utf8(file).unwrap().replace("/Info <<", "/Root 9 0 R /Info <<");
    let file = text.into_bytes();
    let document = Document::open(&file, &Limits::default()).unwrap();
    let found = inspect(&document, &ScanBounds::default()).unwrap();
    assert_eq!(found.keys_twice[0].key, "Root");
    assert_eq!(found.keys_twice[0].object, None);
}

#[test]
fn a_definition_that_no_entry_names_is_found() {
    let file = Paper::simple().write(FORMS[0]);
    let text = String::from_utf8_lossy(&file).into_owned();
    let at = text.find("\nxref").unwrap() + 1;
    // The table moves behind a second definition of the page.
    let hidden = "3 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 99 0 R >>\nendobj\n";
    let moved =
        text.replace(&format!("startxref\n{at}"), &format!("startxref\n{}", at + hidden.len()));
    let moved = [&moved[..at], hidden, &moved[at..]].concat().into_bytes();
    let document = Document::open(&moved, &Limits::default()).unwrap();
    let inspection = inspect(&document, &ScanBounds::default()).unwrap();
    let words: Vec<_> = inspection.dangers().into_iter().map(|danger| danger.word).collect();
    assert_eq!(words, ["hidden-object"], "{inspection:#?}");
}

/// The text of [`Paper::simple`] stands at 72, 720 with 12 points: what reaches over all of it.
const OVER: &str = "60 700 200 40 re f";

/// A page with its line of text, and `more` behind it in the same content.
fn with_content(more: &str) -> Paper {
    let content = format!("BT /F1 12 Tf 72 720 Td (Attestation) Tj ET {more}");
    let mut paper = Paper::simple();
    paper.set(4, &stream("", &content));
    paper
}

/// An annotation over that text whose appearance is this content.
fn with_annotation(keys: &str, content: &str) -> Paper {
    let mut paper = Paper::with_page("/MediaBox [0 0 595 842] /Annots [20 0 R]");
    let keys = format!("<< /Type /Annot /Rect [60 700 260 740] /AP << /N 21 0 R >> {keys} >>");
    let look = "/Type /XObject /Subtype /Form /BBox [0 0 100 20] \
                /Resources << /ExtGState << /M << /BM /Multiply >> >> >>";
    paper.set(20, &keys).set(21, &stream(look, content));
    paper
}

fn stream(keys: &str, content: &str) -> String {
    format!("<< {keys} /Length {} >>\nstream\n{content}\nendstream", content.len())
}

#[test]
fn text_beneath_an_annotation_or_a_field_is_found() {
    for (keys, by) in [
        ("/Subtype /Stamp", "Stamp"),
        ("/Subtype /FreeText /T (blanc)", "FreeText blanc"),
        ("/Subtype /Widget /FT /Tx /T (montant) /F 4", "Widget montant"),
    ] {
        let paper = with_annotation(keys, "1 g 0 0 100 20 re f 0 g");
        let inspection = inspected(&paper);
        let [found] = inspection.covered_text.as_slice() else { panic!("{inspection:#?}") };
        assert_eq!((found.page, found.by.as_str(), found.apart), (1, by, true));
        assert_eq!((found.letters, found.text.as_str()), (11, "Attestation"));
        let dangers = inspection.dangers();
        let told: Vec<_> = dangers.iter().map(|one| (&*one.word, &*one.place, one.page)).collect();
        assert_eq!(told, [("covered-text", "page 1, object 20 0 R", Some(1))]);
    }
}

#[test]
fn an_annotation_through_or_beside_which_the_text_is_read_covers_none() {
    for (keys, content, why) in [
        ("/Subtype /Highlight", "/M gs 1 1 0 rg 0 0 100 20 re f", "it multiplies"),
        ("/Subtype /Square", "1 0 0 RG 0 0 100 20 re S", "a frame is hollow"),
        ("/Subtype /Square", "0 0 100 20 re 1 1 98 18 re f*", "so is one of two rectangles"),
        ("/Subtype /StrikeOut", "0 12 100 0.6 re f", "a thin line hides no letter"),
        ("/Subtype /Stamp /F 2", "0 0 100 20 re f", "it is hidden"),
        ("/Subtype /Stamp", "0 0 5 20 re f", "it lies beside the text"),
        ("/Subtype /Stamp", "0 0 5 20 re W n 0 0 100 20 re f", "it is cut off beside the text"),
        ("/Subtype /Popup", "0 0 100 20 re f", "it opens beside its note"),
    ] {
        let inspection = inspected(&with_annotation(keys, content));
        assert_eq!(inspection.covered_text, [], "{keys} {content}: {why}");
        assert_eq!(inspection.dangers(), []);
    }
}

#[test]
fn a_picture_that_could_be_taken_away_is_told_from_what_the_content_paints_itself() {
    let picture = "/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 \
                   /ColorSpace /DeviceGray";
    let page = "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /MediaBox [0 0 595 842] \
                /Resources << /Font << /F1 5 0 R >> /XObject << /P 20 0 R >> >> >>";
    let shown = "q 200 0 0 40 60 700 cm /P Do Q";
    let mut paper = with_content(shown);
    paper.set(3, page).set(20, &stream(picture, "x"));
    let inspection = inspected(&paper);
    assert_eq!(inspection.dangers()[0].place, "page 1, object 20 0 R");
    assert_eq!(words(&paper), ["covered-text"]);
    // The same beneath the text, and with holes.
    paper.set(4, &stream("", &format!("{shown} BT /F1 12 Tf 72 720 Td (Attestation) Tj ET")));
    assert_eq!(inspected(&paper).covered_text, []);
    let mut paper = with_content(shown);
    paper.set(3, page).set(20, &stream(&format!("{picture} /SMask 21 0 R"), "x"));
    paper.set(21, &stream(picture, "x"));
    assert_eq!(inspected(&paper).covered_text, []);

    let paper = with_content(OVER);
    let inspection = inspected(&paper);
    assert_eq!((inspection.covered_text[0].apart, words(&paper).len()), (false, 0));
    // A second part of the content is an object of its own.
    let mut paper = with_content("");
    paper.set(3, &page.replace("/Contents 4 0 R", "/Contents [4 0 R 20 0 R]"));
    paper.set(20, &stream("", OVER));
    assert_eq!(words(&paper), ["covered-text"]);
}

#[test]
fn lines_to_write_upon_and_text_that_nobody_sees_are_no_covered_text() {
    for text in
        ["BT /F1 12 Tf 72 720 Td (......____) Tj ET", "BT 3 Tr /F1 12 Tf 72 720 Td (OCR) Tj ET"]
    {
        let mut paper = Paper::simple();
        paper.set(4, &stream("", &format!("{text} {OVER}")));
        assert_eq!(inspected(&paper).covered_text, [], "{text}");
    }
}

#[test]
fn a_page_with_more_areas_than_are_looked_at_is_told() {
    let paper = with_content(&format!("{OVER} ").repeat(20_001));
    assert_eq!(inspected(&paper).not_looked_at, [unseen("covered-text", 1, true)]);
    assert_eq!(words(&paper), ["not-looked-at"]);
}

/// What is not understood covers as much as it could.
#[test]
fn what_covers_is_found_however_it_is_drawn() {
    let corners = "100 20 l ".repeat(20_010);
    let nested =
        |depth: u32| format!("/Subtype /Form /Resources << /XObject << /F {depth} 0 R >> >>");
    for content in [
        format!("0 0 m 100 0 l 100 20 l {corners} 0 20 l f"),
        format!("0 0 m 100 0 l 100 20 l {corners} 0 20 l W n 0 0 100 20 re f"),
        format!("{} 0 0 100 20 re f", "0 0 100 20 re W n ".repeat(70)),
        "0 -2 m 0 60 100 60 100 -2 c f".to_owned(),
    ] {
        let inspection = inspected(&with_annotation("/Subtype /Stamp", &content));
        assert_eq!(inspection.covered_text.len(), 1, "{:.60}", content);
    }
    let mut paper = with_annotation("/Subtype /Stamp", "0 0 100 20 re f");
    (40..48).for_each(|at| {
        paper.set(at, &stream(&nested(at + 1), "/F Do"));
    });
    paper.set(4, &stream("", "/F Do"));
    paper.set(3, &format!("<< /Type /Page /Parent 2 0 R /Contents 4 0 R {} >>", &nested(40)[14..]));
    assert_eq!(inspected(&paper).not_looked_at, [unseen("covered-text", 1, true)]);
}

#[test]
fn a_page_whose_content_is_not_decoded_is_told() {
    for keys in ["/Filter /FlateDecode", "/Filter /Unknown"] {
        let mut paper = with_annotation("/Subtype /Stamp", "1 g 0 0 100 20 re f 0 g");
        paper.set(4, &stream(keys, "no data of this form"));
        assert_eq!(inspected(&paper).not_looked_at, [unseen("covered-text", 1, false)], "{keys}");
        assert!(words(&paper).contains(&"not-looked-at".to_owned()));
    }
    // The same of what an annotation shows.
    let mut paper = with_annotation("/Subtype /Stamp", "");
    paper.set(21, &stream("/Subtype /Form /BBox [0 0 9 9] /Filter /Unknown", "x"));
    paper.set(20, "<< /Subtype /Stamp /Rect [0 0 9 9] /AP << /N 21 0 R >> >>");
    assert_eq!(inspected(&paper).not_looked_at, [unseen("covered-text", 1, false)]);
}

#[test]
fn a_page_that_cannot_be_read_is_told_and_those_after_it_are_read() {
    let mut paper = with_annotation("/Subtype /Stamp", "1 g 0 0 100 20 re f 0 g");
    paper.set(2, "<< /Type /Pages /Kids [30 0 R 3 0 R] /Count 2 >>");
    paper.set(30, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 31 0 R >>");
    paper.set(31, "<< /A (unterminated >>");
    let base = paper.table();
    let inspection = inspect(&open(&base), &ScanBounds::default()).unwrap();
    assert_eq!(inspection.not_looked_at, [unseen("covered-text", 1, false)]);
    assert_eq!(inspection.covered_text.len(), 1);
    let dangers: Vec<_> = inspection.dangers().into_iter().map(|danger| danger.word).collect();
    assert_eq!(dangers, ["covered-text", "not-looked-at", "unreadable"]);
}

fn unseen(what: &str, page: u32, onward: bool) -> NotLookedAt {
    NotLookedAt { what: what.to_owned(), page, onward }
}

/// How many harmless things of a list stand before the dangerous one.
const FLOOD: u32 = 10;

/// Looks with room for fewer findings than there are harmless ones: a danger behind them is found, and
/// what is not listed is counted.
#[track_caller]
fn flooded(paper: &Paper, danger: &str, left_out: &str) -> Inspection {
    let base = paper.table();
    let bounds = ScanBounds { findings: 5, ..ScanBounds::default() };
    let inspection = inspect(&open(&base), &bounds).unwrap();
    let dangers: Vec<_> = inspection.dangers().into_iter().map(|danger| danger.word).collect();
    assert_eq!(dangers, [danger], "{inspection:#?}");
    let (word, count) = (left_out.to_owned(), u64::from(FLOOD) - 5);
    assert_eq!(inspection.left_out, [LeftOut { word, dangerous: false, count }]);
    inspection
}

#[test]
fn links_hide_no_script() {
    let links: Vec<String> = (20..20 + FLOOD).map(|number| format!("{number} 0 R")).collect();
    let mut paper = Paper::with_page(&format!("/Annots [{}]", links.join(" ")));
    for number in 20..20 + FLOOD {
        paper.set(number, "<< /Subtype /Link /A << /S /URI /URI (x) >> >>");
    }
    paper.set(1, "<< /Type /Catalog /Pages 2 0 R /Names [40 0 R] >>");
    paper.set(40, "<< /S /JavaScript /JS (x) >>");
    flooded(&paper, "javascript", "uri");
}

#[test]
fn what_writers_leave_behind_hides_no_second_document() {
    let mut paper = Paper::simple();
    for number in 20..20 + FLOOD {
        paper.set(number, "<< /Left /Behind >>");
    }
    paper.set(40, "<< /Type /Page /Parent 2 0 R >>");
    let inspection = flooded(&paper, "unreferenced", "unreferenced");
    assert_eq!(inspection.hidden.len(), 6);
}

#[test]
fn what_writers_leave_behind_hides_no_object_without_an_entry() {
    let mut paper = Paper::simple();
    for number in 20..20 + FLOOD {
        paper.set(number, "<< /Left /Behind >>");
    }
    let file = String::from_utf8_lossy(&paper.table()).into_owned();
    let at = file.find("\nxref").unwrap() + 1;
    let hidden = "3 0 obj\n<< /Type /Page >>\nendobj\n";
    let (before, behind) = (format!("startxref\n{at}"), at + hidden.len());
    let moved = file.replace(&before, &format!("startxref\n{behind}"));
    let moved = [&moved[..at], hidden, &moved[at..]].concat().into_bytes();
    let document = Document::open(&moved, &Limits::default()).unwrap();
    let bounds = ScanBounds { findings: 5, ..ScanBounds::default() };
    let dangers = inspect(&document, &bounds).unwrap().dangers();
    assert!(dangers.iter().any(|danger| danger.word == "hidden-object"), "{dangers:?}");
}

#[test]
fn shown_layers_hide_no_hidden_one() {
    let groups: Vec<String> = (20..=20 + FLOOD).map(|number| format!("{number} 0 R")).collect();
    let mut paper = Paper::simple();
    let (all, last) = (groups.join(" "), groups.last().unwrap());
    let layers = format!("/OCProperties << /OCGs [{all}] /D << /OFF [{last}] >> >>");
    paper.set(1, &format!("<< /Type /Catalog /Pages 2 0 R {layers} >>"));
    for number in 20..=20 + FLOOD {
        paper.set(number, "<< /Type /OCG /Name (Plan) >>");
    }
    flooded(&paper, "hidden-layer", "layer");
}

#[test]
fn text_that_the_page_covers_itself_hides_no_stamp_over_text() {
    // A page for each, all before that with the stamp.
    let mut paper = with_annotation("/Subtype /Stamp", "1 g 0 0 100 20 re f 0 g");
    let content = format!("BT /F1 12 Tf 72 720 Td (Attestation) Tj ET {OVER}");
    let kids: String = (30..30 + FLOOD).map(|number| format!("{number} 0 R ")).collect();
    let count = FLOOD + 1;
    paper.set(2, &format!("<< /Type /Pages /Kids [{kids} 3 0 R] /Count {count} >>"));
    for number in 30..30 + FLOOD {
        let keys = "/MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >>";
        paper.set(
            number,
            &format!("<< /Type /Page /Parent 2 0 R /Contents {} 0 R {keys} >>", number + 50),
        );
        paper.set(number + 50, &stream("", &content));
    }
    flooded(&paper, "covered-text", "covered-text");
}

#[test]
fn many_annotations_hide_no_field_beneath_another() {
    let links = "<< /Subtype /Link /Rect [0 0 9 9] >> ".repeat(600);
    let notes: String = (0..600)
        .map(|at| format!("<< /Subtype /Text /Rect [{} 0 {} 9] >> ", at * 20, at * 20 + 9))
        .collect();
    let field = "<< /Subtype /Widget /T (Nom) /Rect [0 50 90 90] >> ";
    let paper = Paper::with_page(&format!("/Annots [{links}{notes}{field}{field}]"));
    let base = paper.table();
    let inspection = inspect(&open(&base), &ScanBounds::default()).unwrap();
    assert_eq!(inspection.overlays.len(), 1, "{:?}", inspection.overlays);
}

#[test]
fn more_fields_than_are_compared_are_told() {
    let field = "<< /Subtype /Widget /Rect [0 0 2 2] >> ";
    let base = Paper::with_page(&format!("/Annots [{}]", field.repeat(7_000))).table();
    let bounds = ScanBounds { findings: 5, ..ScanBounds::default() };
    let inspection = inspect(&open(&base), &bounds).unwrap();
    // The look for covered text has a bound of its own.
    assert!(inspection.not_looked_at.contains(&unseen("overlay", 1, true)));
    assert_eq!(inspection.overlays.len(), 5);
}
