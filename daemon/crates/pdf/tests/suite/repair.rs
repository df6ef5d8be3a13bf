//! Broken files: repaired by scanning, or refused with the reason.

use crate::support::{FORMS, Paper, joined, open};
use sceau_pdf::{
    Document, Limits, Object, ObjectId, OpenError, SignRefusal, SignatureRequest, SubFilter,
    append_signature,
};

fn request() -> SignatureRequest {
    SignatureRequest::new("Sceau", SubFilter::EtsiCadesDetached, 50)
}

/// Replaces the last `from`, keeping the length.
fn replace(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    assert_eq!(from.len(), to.len());
    let at = bytes.windows(from.len()).rposition(|window| window == from).unwrap();
    [&bytes[..at], to, &bytes[at + from.len()..]].concat()
}

fn error(bytes: &[u8]) -> OpenError {
    Document::open(&bytes, &Limits::default()).map(drop).unwrap_err()
}

/// Signs what was repaired: the result must not need repair any more.
fn healed(base: &[u8]) {
    let doc = open(&base);
    assert!(doc.is_repaired());
    assert_eq!(doc.page_count().unwrap(), 1);
    let output = joined(base, &append_signature(&doc, &request()).unwrap());
    let doc = open(&output);
    assert!(!doc.is_repaired());
    assert_eq!(doc.page_count().unwrap(), 1);
    assert_eq!(doc.signature_fields().unwrap().len(), 1);
    let font = doc.object(ObjectId::new(5, 0)).unwrap();
    assert_eq!(font.as_dictionary().unwrap().name("BaseFont"), Some("Helvetica"));
}

#[test]
fn a_lost_startxref_is_repaired() {
    for form in FORMS {
        healed(&replace(&Paper::simple().write(form), b"startxref", b"startxxxx"));
    }
}

#[test]
fn a_wrong_startxref_is_repaired() {
    for form in FORMS {
        let mut base = Paper::simple().write(form);
        let at = base.windows(9).rposition(|window| window == b"startxref").unwrap();
        base.truncate(at);
        base.extend(b"startxref\n5\n%%EOF\n");
        healed(&base);
    }
}

#[test]
fn shifted_offsets_are_repaired() {
    let base = Paper::simple().table();
    let at = base.windows(7).position(|window| window == b"1 0 obj").unwrap();
    healed(&[&base[..at], b"% a line that an editor put in\n", &base[at..]].concat());
}

#[test]
fn junk_before_the_header_is_no_damage() {
    for form in FORMS {
        let base = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), Paper::simple().write(form)].concat();
        let doc = open(&base);
        assert!(!doc.is_repaired());
        let revision = append_signature(&doc, &request()).unwrap();
        let output = joined(&base, &revision);
        let doc = open(&output);
        assert!(!doc.is_repaired());
        assert_eq!(
            doc.signature_fields().unwrap()[0].value.as_ref().unwrap().byte_range,
            revision.byte_range()
        );
    }
}

#[test]
fn a_missing_end_mark_is_no_damage() {
    let base = Paper::simple().table();
    let base = base[..base.len() - b"%%EOF\n".len()].to_vec();
    assert!(!open(&base).is_repaired());
    open(&joined(&base, &append_signature(&open(&base), &request()).unwrap()));
}

#[test]
fn what_is_no_pdf_is_said_to_be_none() {
    for bytes in [&b""[..], b"PK\x03\x04", b"%!PS-Adobe-3.0 EPSF-3.0"] {
        assert!(matches!(error(bytes), OpenError::NotPdf));
    }
}

#[test]
fn a_file_cut_anywhere_is_refused_and_never_taken_for_an_older_one() {
    for form in FORMS {
        let base = Paper::simple().write(form);
        let signed = joined(&base, &append_signature(&open(&base), &request()).unwrap());
        let trailer = |bytes: &[u8]| {
            let table = bytes.windows(8).rposition(|window| window == b"trailer\n");
            let stream =
                bytes.windows(10).rposition(|window| window == b"/Type /XRef".split_at(10).0);
            table.or(stream).unwrap()
        };
        for cut in (20..trailer(&base)).chain(base.len() + 8..trailer(&signed)) {
            let found = Document::open(&signed[..cut].to_vec(), &Limits::default()).map(drop);
            // Between the two states the file was once complete, or nothing of the update is there.
            let whole = cut < base.len() + 16;
            assert!(found.is_err() || whole, "{form:?} cut at {cut} of {}", signed.len());
        }
    }
}

#[test]
fn a_truncated_file_says_so() {
    let base = Paper::simple().table();
    let cut = base[..base.len() / 2].to_vec();
    assert!(matches!(error(&cut), OpenError::Truncated { .. }));
}

#[test]
fn a_damaged_signed_file_is_not_repaired_over_its_signature() {
    let base = Paper::simple().table();
    let signed = joined(&base, &append_signature(&open(&base), &request()).unwrap());
    let damaged = replace(&signed, b"startxref", b"startxxxx");
    // The search for `startxref` goes back to the first revision's, so break that one too.
    let damaged = replace(&damaged, b"startxref", b"startxxxx");
    let doc = open(&damaged);
    assert!(doc.is_repaired());
    let refusal = append_signature(&doc, &request()).unwrap_err();
    assert!(matches!(refusal, SignRefusal::DamagedAndSigned));
}

#[test]
fn the_last_definition_of_a_number_counts() {
    let mut base = Paper::simple().table();
    let at = base.windows(5).position(|window| window == b"xref\n").unwrap();
    let tail = base.split_off(at);
    base.extend(b"5 0 obj\n<< /Type /Font /BaseFont /Courier >>\nendobj\n");
    base.extend(tail);
    let base = replace(&base, b"startxref", b"startxxxx");
    let doc = open(&base);
    let font = doc.object(ObjectId::new(5, 0)).unwrap();
    assert_eq!(font.as_dictionary().unwrap().name("BaseFont"), Some("Courier"));
}

#[test]
fn a_file_within_a_file_is_not_taken_for_its_own_objects() {
    let mut inner = Paper::simple();
    inner.set(1, "<< /Type /Catalog /Pages 99 0 R /Inner true >>");
    let inner = inner.table();
    let mut paper = Paper::simple();
    paper.set(6, "<< /Placeholder true >>");
    let mut base = paper.table();
    let at = base.windows(7).position(|window| window == b"6 0 obj").unwrap();
    let tail = base.split_off(at);
    base.extend(format!("7 0 obj\n<< /Length {} >>\nstream\n", inner.len()).bytes());
    base.extend(inner);
    base.extend(b"\nendstream\nendobj\n");
    base.extend(tail);
    let doc = open(&base);
    assert!(doc.is_repaired());
    assert!(!doc.catalog().unwrap().contains("Inner"));
}

#[test]
fn generation_65536_and_a_wrong_size_are_tolerated() {
    let base = replace(&Paper::simple().table(), b"0000000000 65535 f", b"0000000000 65536 f");
    let base = replace(&base, b"/Size 6", b"/Size 3");
    let doc = open(&base);
    assert!(!doc.is_repaired());
    let revision = append_signature(&doc, &request()).unwrap();
    assert!(String::from_utf8_lossy(&revision.tail).contains("\n6 0 obj\n<< /Type /Sig"));
    let output = joined(&base, &revision);
    let font = open(&output).object(ObjectId::new(5, 0)).unwrap();
    assert_ne!(font, Object::Null);
}

#[test]
fn one_wrong_offset_is_repaired_where_it_is_needed() {
    let base = Paper::simple().table();
    let at = base.windows(7).position(|window| window == b"3 0 obj").unwrap();
    let line = |at: usize| format!("{at:010} 00000 n").into_bytes();
    let wrong = replace(&base, &line(at), &line(at + 11));
    healed(&wrong);
    // The font is not needed to sign, and its damage is not hidden.
    let at = base.windows(7).position(|window| window == b"5 0 obj").unwrap();
    let wrong = replace(&base, &line(at), &line(at + 11));
    assert!(!open(&wrong).is_repaired());
    assert!(open(&wrong).object(ObjectId::new(5, 0)).is_err());
}

#[test]
fn what_scanning_does_not_mend_stays_as_stated() {
    let mut paper = Paper::simple();
    paper.set(2, "<< /Type /Pages /Kids [(no page)] >>");
    let base = paper.table();
    let doc = open(&base);
    assert!(!doc.is_repaired());
    assert!(doc.page(0).is_err());
}
