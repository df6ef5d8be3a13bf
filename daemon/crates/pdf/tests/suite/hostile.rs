//! Hostile files: each ends quickly in an error or an answer, never in a crash, a hang or a bomb.

use crate::support::{FORMS, Form, Paper, deflate, open, stream_body, write_object};
use proptest::prelude::*;
use sceau_pdf::{
    Attachment, Corner, Document, Limits, ObjectId, OpenError, ReadError, Relationship, ScanBounds,
    SignatureRequest, Stamp, StampPage, SubFilter, Update, active_content, append_signature,
};
use std::fmt::Write as _;
use std::ops::ControlFlow;

/// Asks everything of a file that can be asked; what matters is that it comes back.
fn exercise(bytes: &Vec<u8>) {
    exercise_within(bytes, &Limits::default());
}

/// The same, with little work allowed: for what would use up all of it.
fn exercise_briefly(bytes: &Vec<u8>) {
    exercise_within(bytes, &Limits { work: 1 << 20, ..Limits::default() });
}

fn exercise_within(bytes: &Vec<u8>, limits: &Limits) {
    let Ok(doc) = Document::open(bytes, limits) else { return };
    let _ = doc.version();
    let _ = doc.page_count();
    let _ = doc.page(0);
    let _ = doc.signature_fields();
    let _ = doc.revisions();
    let _ = doc.doc_mdp();
    let _ = active_content(&doc, &ScanBounds::default());
    let request = SignatureRequest::new("Sceau", SubFilter::EtsiCadesDetached, 20);
    if let Ok(mut revision) = append_signature(&doc, &request) {
        revision.fill(&[1; 20]).unwrap();
        let output = [bytes.as_slice(), &revision.tail].concat();
        let _ = Document::open(&output, limits).map(|doc| doc.signature_fields());
    }
    if let Ok(mut update) = Update::new(&doc) {
        let lines = vec!["2026".to_owned()];
        let (page, corner) = (StampPage::All, Corner::TopLeft);
        let _ = update.stamp(&Stamp { lines, page, corner, size: 8.0 }).map(drop);
        let _ = update.attach(&attachment()).map(drop);
        let _ = update.finish();
    }
}

fn attachment() -> Attachment {
    Attachment {
        file_name: "a.json".to_owned(),
        media_type: "application/json".to_owned(),
        description: None,
        bytes: b"{}".to_vec(),
        modified: None,
        relationship: Relationship::Unspecified,
    }
}

/// A file of these objects with a trailer of these keys.
fn with_trailer(trailer: &str) -> Vec<u8> {
    let mut paper = Paper::simple();
    paper.trailer = trailer.to_owned();
    paper.table()
}

#[test]
fn a_chain_of_cross_references_that_loops_ends() {
    let base = with_trailer("/Prev 409");
    let at = base.windows(5).position(|window| window == b"xref\n").unwrap();
    let looped = with_trailer(&format!("/Prev {at}"));
    let at = looped.windows(5).position(|window| window == b"xref\n").unwrap();
    assert!(String::from_utf8_lossy(&looped).contains(&format!("/Prev {at}")));
    exercise(&looped);
    assert!(open(&looped).is_repaired());
}

#[test]
fn a_hybrid_that_points_to_itself_ends() {
    let base = with_trailer("/XRefStm 409");
    let at = base.windows(5).position(|window| window == b"xref\n").unwrap();
    exercise(&with_trailer(&format!("/XRefStm {at}")));
}

#[test]
fn offsets_beyond_64_bits_are_damage() {
    for trailer in [
        "/Prev 18446744073709551615",
        "/Prev 99999999999999999999999",
        "/Prev -1",
        "/XRefStm 9223372036854775807",
        "/Size 99999999999999999999",
        "/Size -5",
        "/Size 4294967295",
    ] {
        exercise(&with_trailer(trailer));
    }
    for start in ["18446744073709551615", "-1", "99999999999999999999999", "x"] {
        let mut base = Paper::simple().table();
        let at = base.windows(9).rposition(|window| window == b"startxref").unwrap();
        base.truncate(at);
        base.extend(format!("startxref\n{start}\n%%EOF").bytes());
        exercise(&base);
        assert!(open(&base).is_repaired());
    }
}

#[test]
fn bogus_counts_are_not_believed() {
    let mut paper = Paper::simple();
    paper.set(2, "<< /Type /Pages /Kids [3 0 R] /Count 9999999999 >>");
    let base = paper.table();
    assert_eq!(open(&base).page_count().unwrap(), 1);
    exercise(&base);
    let mut paper = Paper::simple();
    paper.set(2, "<< /Type /Pages /Kids [3 0 R] /Count -1 >>");
    assert_eq!(open(&paper.table()).page_count().unwrap(), 1);
}

#[test]
fn a_page_tree_that_loops_ends() {
    for kids in ["[2 0 R]", "[6 0 R]", "[3 0 R 6 0 R]"] {
        let mut paper = Paper::simple();
        paper.set(2, &format!("<< /Type /Pages /Kids {kids} /Count 1 >>"));
        paper.set(6, "<< /Type /Pages /Kids [2 0 R 6 0 R] >>");
        let base = paper.table();
        let error = open(&base).page_count().unwrap_err();
        assert!(matches!(error, ReadError::Damaged { .. }), "{error}");
        exercise(&base);
    }
}

#[test]
fn a_page_tree_that_is_too_deep_ends() {
    let mut paper = Paper::simple();
    for number in 6..400 {
        paper.set(number, &format!("<< /Type /Pages /Kids [{} 0 R] >>", number + 1));
    }
    paper.set(2, "<< /Type /Pages /Kids [6 0 R] >>");
    let base = paper.table();
    assert!(matches!(open(&base).page_count().unwrap_err(), ReadError::TooComplex { .. }));
    exercise(&base);
}

#[test]
fn pages_beyond_the_limit_end_the_walk() {
    let mut paper = Paper::simple();
    paper.set(2, &format!("<< /Type /Pages /Kids [{}] >>", "3 0 R ".repeat(1000)));
    let base = paper.table();
    let doc = Document::open(&base, &Limits { pages: 100, ..Limits::default() }).unwrap();
    assert!(matches!(doc.page_count().unwrap_err(), ReadError::TooComplex { limit: "pages" }));
    let mut seen = 0;
    doc.for_each_page(|_| {
        seen += 1;
        Ok(if seen == 5 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })
    .unwrap();
    assert_eq!(seen, 5);
}

#[test]
fn fields_that_loop_end() {
    let mut paper = Paper::simple();
    paper.set(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R 6 0 R] >> >>");
    paper.set(6, "<< /T (a) /Kids [6 0 R 7 0 R] >>");
    paper.set(7, "<< /T (b) /Kids [6 0 R] /Parent 7 0 R >>");
    exercise(&paper.table());
}

#[test]
fn nesting_is_bounded() {
    for (open, close) in [("[", "]"), ("<</A ", ">>")] {
        let mut paper = Paper::simple();
        paper.set(6, &format!("{}{}", open.repeat(500_000), close.repeat(500_000)));
        let base = paper.table();
        let error = crate::support::open(&base).object(ObjectId::new(6, 0)).unwrap_err();
        assert!(matches!(error, ReadError::TooComplex { limit: "nesting" }), "{error}");
        exercise(&base);
    }
}

#[test]
fn references_that_go_round_end() {
    let mut paper = Paper::simple();
    paper.set(6, "7 0 R").set(7, "6 0 R");
    paper.set(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /Names 6 0 R /Perms 6 0 R >>");
    paper.set(8, "<< /Length 8 0 R /Filter 8 0 R /DecodeParms [8 0 R] >>\nstream\nx\nendstream");
    exercise(&paper.table());
}

#[test]
fn an_object_stream_within_itself_is_damage() {
    let mut base = b"%PDF-1.7\n".to_vec();
    let mut rows = Vec::new();
    let mut row = |kind: u8, second: u32, third: u16| {
        rows.push(kind);
        rows.extend(second.to_be_bytes());
        rows.extend(third.to_be_bytes());
    };
    row(0, 0, 0);
    row(2, 3, 0);
    row(2, 3, 1);
    row(2, 3, 2);
    row(1, 9, 0);
    let start = base.len();
    let dictionary = "<< /Type /XRef /Size 5 /W [1 4 2] /Root 1 0 R /Length 35 >>";
    write_object(&mut base, 4, &stream_body(dictionary, &rows));
    base.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
    let error = Document::open(&base, &Limits::default()).map(drop).unwrap_err();
    assert!(matches!(error, OpenError::Damaged { .. } | OpenError::Truncated { .. }), "{error}");
}

#[test]
fn an_object_stream_whose_length_lies_in_itself_is_read_all_the_same() {
    let base = Paper::simple().stream();
    let text = String::from_utf8_lossy(&base).into_owned();
    let at = text.find("/Type /ObjStm").unwrap();
    assert!(text[at..].contains("/Length"));
    // 5 0 R is the font, in that very stream: no length.
    let length =
        base.windows(8).enumerate().skip(at).find(|(_, w)| w.starts_with(b"/Length ")).unwrap().0;
    let mut odd = base.clone();
    let digits = odd[length + 8..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    assert_eq!(digits, 3);
    odd.splice(length + 8..length + 11, *b"5 0 R");
    let doc = open(&odd);
    assert_eq!(doc.page_count().unwrap(), 1);
    exercise(&odd);
}

#[test]
fn a_decompression_bomb_stays_in_its_bounds() {
    let bomb = deflate(&vec![b' '; 48 << 20]);
    let mut base = b"%PDF-1.7\n".to_vec();
    let start = base.len();
    let dictionary = format!(
        "<< /Type /XRef /Size 5 /W [1 4 2] /Root 1 0 R /Filter /FlateDecode /Length {} >>",
        bomb.len()
    );
    write_object(&mut base, 4, &stream_body(&dictionary, &bomb));
    base.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
    let error = Document::open(&base, &Limits::default()).map(drop).unwrap_err();
    assert!(matches!(error, OpenError::TooComplex { .. }), "{error}");
}

#[test]
fn the_same_bomb_asked_for_again_and_again_uses_up_the_budget() {
    let bomb = deflate(&vec![b'1'; 8 << 20]);
    let mut paper = Paper::simple();
    paper.set(6, "<< /Bomb true >>");
    let mut base = paper.table();
    for number in 10..40 {
        let dictionary = format!(
            "<< /Type /ObjStm /N 9 /First 0 /Filter /FlateDecode /Length {} >>",
            bomb.len()
        );
        write_object(&mut base, number, &stream_body(&dictionary, &bomb));
    }
    // No cross-reference names them: repair finds and expands them all.
    base.extend(b"trailer\n<< /Root 1 0 R >>\n%%EOF\n");
    exercise_briefly(&base);
}

#[test]
fn many_small_sections_are_bounded() {
    let mut base = Paper::simple().table();
    let first = base.windows(5).position(|window| window == b"xref\n").unwrap();
    let mut previous = first;
    for _ in 0..6000 {
        let at = base.len();
        let section = format!("xref\n0 0\ntrailer\n<< /Size 6 /Root 1 0 R /Prev {previous} >>\n");
        base.extend(section.bytes());
        previous = at;
    }
    base.extend(format!("startxref\n{previous}\n%%EOF\n").bytes());
    let error = Document::open(&base, &Limits::default()).map(drop).unwrap_err();
    assert!(matches!(error, OpenError::TooComplex { .. }), "{error}");
}

#[test]
fn many_entries_for_one_large_object_use_up_the_budget() {
    let mut base = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n".to_vec();
    let pages = base.len();
    base.extend(b"2 0 obj\n<< /Type /Pages /Kids [] >>\nendobj\n");
    let large = base.len();
    base.extend(b"3 0 obj\n[");
    base.extend(b"0 ".repeat(1 << 18));
    base.extend(b"]\nendobj\n");
    let start = base.len();
    let mut table =
        format!("xref\n0 20003\n0000000000 65535 f \n{:010} 00000 n \n{pages:010} 00000 n \n", 9);
    for _ in 0..20_000 {
        writeln!(table, "{large:010} 00000 n ").unwrap();
    }
    base.extend(table.bytes());
    base.extend(
        format!("trailer\n<< /Size 20003 /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n").bytes(),
    );
    exercise_briefly(&base);
}

#[test]
fn unterminated_strings_everywhere_end() {
    let mut base = Paper::simple().table();
    base.truncate(base.windows(5).position(|window| window == b"xref\n").unwrap());
    for number in 10..3000 {
        base.extend(format!("{number} 0 obj\n(unterminated\n").bytes());
    }
    base.extend(b"trailer\n<< /Root 1 0 R >>\n");
    exercise_briefly(&base);
}

#[test]
fn a_wall_of_object_keywords_ends() {
    let mut base = b"%PDF-1.4\n".to_vec();
    base.extend(b"1 0 obj ".repeat(300_000));
    base.extend(b"trailer <</Root 1 0 R>>");
    exercise_briefly(&base);
    let mut base = b"%PDF-1.4\n".to_vec();
    base.extend(b"trailer".repeat(300_000));
    exercise_briefly(&base);
    let mut base = b"%PDF-1.4\n".to_vec();
    base.extend(b"1 0 obj<</Length 9>>stream\n".repeat(100_000));
    exercise_briefly(&base);
}

fn form() -> impl Strategy<Value = Form> {
    (0..FORMS.len()).prop_map(|at| FORMS[at])
}

/// A document with something of everything.
fn rich() -> Paper {
    let mut paper = Paper::with_page("/Annots 11 0 R /AA << >>");
    paper.set(
        1,
        "<< /Type /Catalog /Pages 2 0 R /AcroForm 6 0 R /Names << /EmbeddedFiles 8 0 R >> \
         /Perms << /DocMDP 10 0 R >> /OpenAction << /S /JavaScript /JS (x) >> >>",
    );
    paper.set(6, "<< /Fields [7 0 R 9 0 R] /SigFlags 3 >>");
    paper.set(7, "<< /FT /Sig /T (s) /V 10 0 R /Lock << /Action /Include /Fields [(a)] >> >>");
    paper.set(8, "<< /Kids [12 0 R] >>");
    paper.set(9, "<< /T (g) /Kids [13 0 R] >>");
    paper.set(
        10,
        "<< /Type /Sig /ByteRange [0 1 2 3] /Contents <0102> /Reference \
         [<< /TransformMethod /DocMDP /TransformParams << /P 2 >> >>] >>",
    );
    paper.set(11, "[7 0 R]");
    paper.set(12, "<< /Names [(a) 14 0 R] >>");
    paper.set(13, "<< /FT /Tx /T (t) /Parent 9 0 R >>");
    paper.set(14, "<< /EF << /F 4 0 R >> >>");
    paper
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_mutated_file_never_panics(
        form in form(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..12),
        cut in prop::option::weighted(0.2, any::<prop::sample::Index>()),
    ) {
        let mut bytes = rich().write(form);
        for (at, byte) in edits {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        exercise(&bytes);
    }

    #[test]
    fn shuffled_pieces_never_panic(
        form in form(),
        pieces in prop::collection::vec(
            (any::<prop::sample::Index>(), any::<prop::sample::Index>()), 1..8),
    ) {
        let bytes = rich().write(form);
        let mut shuffled = bytes[..20].to_vec();
        for (from, to) in pieces {
            let (from, to) = (from.index(bytes.len()), to.index(bytes.len()));
            shuffled.extend(&bytes[from.min(to)..from.max(to)]);
        }
        exercise(&shuffled);
    }

    #[test]
    fn any_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        exercise(&[b"%PDF-1.7\n".as_slice(), &bytes].concat());
    }
}
