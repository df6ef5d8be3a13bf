//! The search for active content.

use crate::support::{FORMS, Paper, open};
use sceau_pdf::{ActiveKind, ScanBounds, ScanError, active_content};

fn found(paper: &Paper) -> Vec<(ActiveKind, u32, Option<u32>)> {
    let mut all = Vec::new();
    for form in FORMS {
        let base = paper.write(form);
        let found = active_content(&open(&base), &ScanBounds::default()).unwrap();
        let found: Vec<_> =
            found.into_iter().map(|item| (item.kind, item.object.number, item.page)).collect();
        all.push(found);
    }
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]), "the forms differ: {all:?}");
    all.remove(0)
}

#[test]
fn a_plain_document_has_none() {
    assert_eq!(found(&Paper::simple()), []);
}

#[test]
fn every_kind_is_found_where_it_stands() {
    use ActiveKind as K;
    for (body, kind) in [
        ("<< /S /JavaScript /JS (app.alert\\(1\\)) >>", K::JavaScript),
        ("<< /S /Rendition /JS (x) >>", K::JavaScript),
        ("<< /S /Java#53cript >>", K::JavaScript),
        ("<< /S 30 0 R >>", K::JavaScript),
        ("[[<< /A << /S /Launch /F (cmd.exe) >> >>]]", K::Launch),
        ("<< /S /SubmitForm >>", K::SubmitForm),
        ("<< /S /ImportData >>", K::ImportData),
        ("<< /S /GoToR /F (other.pdf) >>", K::GoToRemote),
        ("<< /S /GoToE >>", K::GoToEmbedded),
        ("<< /A << /S /URI /URI (https://exemple.fr) >> >>", K::Uri),
        ("<< /Subtype /RichMedia >>", K::RichMedia),
        ("<< /Subtype /3D >>", K::ThreeD),
        ("<< /Subtype /Movie >>", K::Movie),
        ("<< /Subtype /Sound >>", K::Sound),
        ("<< /XFA [(a) 4 0 R] >>", K::Xfa),
        ("<< /Type /Filespec /EF << /F 4 0 R >> >>", K::EmbeddedFile),
        ("<< /OpenAction << /S /Named /N /Print >> >>", K::OpenAction),
        ("<< /AA << /O << /S /GoTo >> >> >>", K::AdditionalAction),
        ("<< /S /SetOCGState >>", K::Visibility),
        ("<< /F (other.bin) /Length 0 >>\nstream\n\nendstream", K::ExternalStream),
        (
            "<< /Subtype /Form /Ref << /F (o.pdf) >> /Length 0 >>\nstream\n\nendstream",
            K::ExternalStream,
        ),
    ] {
        let mut paper = Paper::simple();
        paper.set(20, body).set(30, "/JavaScript");
        let kinds: Vec<_> =
            found(&paper).into_iter().map(|(kind, number, _)| (kind, number)).collect();
        assert!(kinds.contains(&(kind, 20)), "{body}: {kinds:?}");
    }
}

#[test]
fn what_only_looks_active_is_not() {
    let mut paper = Paper::simple();
    paper.set(20, "<< /Type /StructElem /S /Sound >>");
    paper.set(21, "<< /S /GoTo /D [3 0 R /Fit] >>");
    paper.set(22, "<< /OpenAction [3 0 R /Fit] >>");
    paper.set(23, "<< /OpenAction 21 0 R /XFA null >>");
    paper.set(24, "(/S /JavaScript)");
    assert_eq!(found(&paper), []);
}

#[test]
fn the_page_is_named() {
    let mut paper = Paper::simple();
    paper.set(2, "<< /Type /Pages /Kids [3 0 R 10 0 R] /Count 2 >>");
    paper.set(10, "<< /Type /Page /Parent 2 0 R /Annots 11 0 R /AA << /O 13 0 R >> >>");
    paper.set(11, "[12 0 R]");
    paper.set(12, "<< /Subtype /Link /A 14 0 R >>");
    paper.set(13, "<< /S /JavaScript /JS (x) >>");
    paper.set(14, "<< /S /URI /URI (x) >>");
    assert_eq!(
        found(&paper),
        [
            (ActiveKind::AdditionalAction, 10, Some(2)),
            (ActiveKind::JavaScript, 13, Some(2)),
            (ActiveKind::Uri, 14, Some(2)),
        ]
    );
}

#[test]
fn what_cannot_be_read_is_listed() {
    let mut paper = Paper::simple();
    paper.set(20, "<< /A (unterminated >>");
    let base = paper.table();
    let found = active_content(&open(&base), &ScanBounds::default()).unwrap();
    assert_eq!((found[0].kind, found[0].object.number), (ActiveKind::Unreadable, 20));
}

#[test]
fn the_bounds_end_the_scan() {
    let base = Paper::simple().table();
    let bounds = ScanBounds { objects: 3, ..ScanBounds::default() };
    let error = active_content(&open(&base), &bounds).unwrap_err();
    assert!(matches!(error, ScanError::TooComplex { limit: 3 }));
    let mut paper = Paper::simple();
    for number in 20..60 {
        paper.set(number, "<< /S /Launch >>");
    }
    let base = paper.table();
    let bounds = ScanBounds { findings: 5, ..ScanBounds::default() };
    assert_eq!(active_content(&open(&base), &bounds).unwrap().len(), 5);
}

#[test]
fn a_flood_of_one_kind_hides_no_other() {
    let mut paper = Paper::simple();
    for number in 20..40 {
        let kind = if number % 2 == 0 { "URI /URI (x)" } else { "JavaScript /JS (x)" };
        paper.set(number, &format!("<< /S /{kind} >>"));
    }
    paper.set(40, "<< /S /Launch >>");
    let base = paper.table();
    let bounds = ScanBounds { findings: 5, ..ScanBounds::default() };
    let found = active_content(&open(&base), &bounds).unwrap();
    let of = |kind| found.iter().filter(|item| item.kind == kind).count();
    assert_eq!([ActiveKind::Uri, ActiveKind::JavaScript, ActiveKind::Launch].map(of), [5, 5, 1]);
}
