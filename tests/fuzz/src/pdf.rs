//! Documents, and the parts of them that are usually packed.

use sceau_pdf::{
    Appearance, Document, Limits, OnOverlap, PageChoice, Picture, Place, SignatureRequest,
    SubFilter, append_signature, operations,
};

/// A content stream.
pub(super) fn content(bytes: &[u8]) -> bool {
    operations(bytes, 10_000).is_ok()
}

/// A whole document: opened, walked through and signed, shown below a text and not. The signature
/// never changes a byte of what was there, and the document opens with it.
pub(super) fn document(bytes: &[u8]) -> bool {
    let base = bytes.to_vec();
    let limits = limits();
    let Ok(document) = Document::open(&base, &limits) else { return false };
    let _ = (document.version(), document.page_count(), document.revisions(), document.doc_mdp());
    for (id, _) in
        document.trailer().iter().filter_map(|(name, value)| Some((value.as_reference()?, name)))
    {
        let _ = document.object(id);
    }
    let mut signed = false;
    let mut request = SignatureRequest::new("Sceau", SubFilter::EtsiCadesDetached, 64);
    for appearance in [None, Some(appearance())] {
        request.appearance = appearance;
        let Ok(revision) = append_signature(&document, &request) else { continue };
        let whole = [&base[..], &revision.tail[..]].concat();
        assert_eq!(revision.base_len, base.len() as u64, "the base is cut");
        let after = Document::open(&whole, &limits);
        let fields = after.map(|after| after.signature_fields().map(|fields| fields.len()));
        assert!(matches!(fields, Ok(Ok(1..))), "the signature is not found: {fields:?}");
        signed = true;
    }
    signed
}

/// A picture in what is seen of a signature: what a look takes, any document takes, and opens with
/// it. The check sums of a PNG are put right first, or nothing that was changed would be looked at.
pub(super) fn picture(bytes: &[u8]) -> bool {
    let picture = Picture { bytes: with_sums(bytes) };
    if picture.check().is_err() {
        return false;
    }
    let mut request = SignatureRequest::new("Sceau", SubFilter::EtsiCadesDetached, 64);
    let place =
        Place::At { page: PageChoice::Number(1), x: 9.0, y: 9.0, width: 80.0, height: 40.0 };
    request.appearance =
        Some(Appearance { place, picture: Some(picture), lines: Vec::new(), ..appearance() });
    for base in [page(""), page("/Metadata 4 0 R")] {
        let document = Document::open(&base, &limits());
        let document = document.expect("a document that is ours opens");
        let revision = append_signature(&document, &request).expect("the picture is refused");
        let whole = [&base[..], &revision.tail[..]].concat();
        let fields = Document::open(&whole, &limits()).map(|after| after.signature_fields());
        assert!(matches!(fields, Ok(Ok(_))), "it does not open with the picture");
    }
    true
}

/// A page, whose document claims PDF/A-1 where its catalog has metadata.
fn page(catalog: &str) -> Vec<u8> {
    let packet = "<x pdfaid:part=\"1\" pdfaid:conformance=\"B\"/>";
    let body = format!(
        "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R{catalog}>>\nendobj\n\
         2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n\
         3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>\nendobj\n\
         4 0 obj\n<</Type/Metadata/Subtype/XML/Length {}>>\nstream\n{packet}\nendstream\nendobj\n",
        packet.len()
    );
    let at = |object: &str| body.find(object).unwrap_or_default() as u16;
    let objects = ["1 0 obj", "2 0 obj", "3 0 obj", "4 0 obj"].map(at);
    let rows = [[0, 0, 0]].into_iter().chain(objects.map(|offset| [1, offset, 0]));
    let rows: Vec<u8> = rows.flatten().flat_map(u16::to_be_bytes).collect();
    with_rows(body.as_bytes(), &rows)
}

/// A PNG with the check sum of each whole chunk put right (PNG, 5.3); anything else as it is.
fn with_sums(bytes: &[u8]) -> Vec<u8> {
    let (mut mended, mut at) = (bytes.to_vec(), 8);
    while bytes.starts_with(b"\x89PNG") {
        let Some(len) = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>()) else { break };
        let end = at + 8 + u32::from_be_bytes(*len) as usize;
        let Some(covered) = bytes.get(at + 4..end) else { break };
        let sum = crc32(covered).to_be_bytes();
        let Some(place) = mended.get_mut(end..end + 4) else { break };
        place.copy_from_slice(&sum);
        at = end + 4;
    }
    mended
}

/// ISO 3309, as PNG has it (annex D).
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    })
}

/// The data of an object stream that holds the catalog.
pub(super) fn object_stream(bytes: &[u8]) -> bool {
    let head = format!(
        "%PDF-1.7\n5 0 obj\n<</Type/ObjStm/N 4/First 20/Length {}>>\nstream\n",
        bytes.len()
    );
    let rows: [[u16; 3]; 6] = [[0, 0, 0], [2, 5, 0], [2, 5, 1], [2, 5, 2], [2, 5, 3], [1, 9, 0]];
    let rows: Vec<u8> =
        rows.iter().flat_map(|row| row.iter().flat_map(|n| n.to_be_bytes())).collect();
    document(&with_rows(&[head.as_bytes(), bytes, b"\nendstream\nendobj\n"].concat(), &rows))
}

/// The rows of a cross-reference stream, over a small document.
pub(super) fn xref_stream(bytes: &[u8]) -> bool {
    let body = "%PDF-1.7\n1 0 obj\n<</Type/Catalog/Pages 2 0 R>>\nendobj\n\
                2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n\
                3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>\nendobj\n";
    document(&with_rows(body.as_bytes(), bytes))
}

/// A body followed by a cross-reference stream with these rows of six bytes.
fn with_rows(body: &[u8], rows: &[u8]) -> Vec<u8> {
    let head = format!(
        "8 0 obj\n<</Type/XRef/W[2 2 2]/Size {}/Root 1 0 R/Length {}>>\nstream\n",
        rows.len() / 6,
        rows.len()
    );
    let end = format!("\nendstream\nendobj\nstartxref\n{}\n%%EOF\n", body.len());
    [body, head.as_bytes(), rows, end.as_bytes()].concat()
}

fn limits() -> Limits {
    Limits { work: 4 << 20, decoded_len: 1 << 20, pages: 1000, ..Limits::default() }
}

fn appearance() -> Appearance {
    Appearance {
        place: Place::Anchor {
            text: "Attestation".to_owned(),
            page: Some(PageChoice::Number(1)),
            dx: 0.0,
            dy: 4.0,
            width: 100.0,
            height: 30.0,
        },
        lines: vec!["Cachet".to_owned()],
        picture: None,
        accessible_name: "Cachet".to_owned(),
        on_overlap: OnOverlap::Move,
    }
}
