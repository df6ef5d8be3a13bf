//! `inspect`: what a document holds that could change what is seen after somebody signed.

use crate::support::{FORMS, Paper, open};
use sceau_pdf::{Document, Inspection, Limits, ScanBounds, inspect};

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
