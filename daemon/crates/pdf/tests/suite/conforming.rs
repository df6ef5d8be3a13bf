//! What PDF/A and PDF/UA ask of a signature's widget; veraPDF judges the whole in `sceau-tests`.

use crate::support::{FORMS, Paper, joined, open};
use sceau_pdf::{
    Appearance, Dictionary, Document, Object, OnOverlap, PageChoice, Place, SignatureRequest,
    SubFilter, append_signature,
};

/// A tagged document; its tree of parents has the entry 0, in one node or in two.
fn tagged(parents: &str) -> Paper {
    let mut paper = Paper::with_page("/MediaBox [0 0 595 842] /StructParents 0");
    paper
        .set(
            1,
            "<< /Type /Catalog /Pages 2 0 R /MarkInfo << /Marked true >> /StructTreeRoot 6 0 R >>",
        )
        .set(6, "<< /Type /StructTreeRoot /K 7 0 R /ParentTree 8 0 R >>")
        .set(7, "<< /Type /StructElem /S /Document /P 6 0 R /K 9 0 R >>")
        .set(8, parents)
        .set(9, "<< /Type /StructElem /S /P /P 7 0 R /Pg 3 0 R /K 0 >>")
        .set(10, "<< /Limits [0 0] /Nums [0 [9 0 R]] >>");
    paper
}

/// A document that claims this part of PDF/A.
pub(crate) fn claiming(part: u8) -> Vec<u8> {
    let packet = format!("<x pdfaid:part=\"{part}\" pdfaid:conformance=\"B\"/>");
    let stream = format!(
        "<< /Type /Metadata /Subtype /XML /Length {} >>\nstream\n{packet}\nendstream",
        packet.len()
    );
    let mut paper = Paper::simple();
    paper.set(1, "<< /Type /Catalog /Pages 2 0 R /Metadata 6 0 R >>").set(6, &stream);
    paper.table()
}

fn signed(base: &[u8], seen: bool) -> Vec<u8> {
    let mut request = SignatureRequest::new("Sceau", SubFilter::EtsiCadesDetached, 100);
    request.appearance = seen.then(|| Appearance {
        place: Place::At {
            page: PageChoice::Number(1),
            x: 50.0,
            y: 60.0,
            width: 200.0,
            height: 60.0,
        },
        lines: vec!["Été".to_owned()],
        picture: None,
        accessible_name: "Cachet".to_owned(),
        on_overlap: OnOverlap::Move,
    });
    joined(base, &append_signature(&open(&base), &request).unwrap())
}

fn dictionary(doc: &Document<'_>, of: &Dictionary, key: &str) -> Dictionary {
    doc.get(of, key).unwrap().as_dictionary().unwrap_or_else(|| panic!("no {key}")).clone()
}

fn widget(doc: &Document<'_>) -> Dictionary {
    doc.signature_fields().unwrap().pop().unwrap().dictionary
}

/// ISO 19005-1, 6.9: each field has an appearance; later parts spare those without extent.
#[test]
fn a_field_that_is_not_seen_has_an_empty_appearance_in_pdf_a_1() {
    for (part, wanted) in [(1, true), (2, false), (3, false)] {
        let output = signed(&claiming(part), false);
        let doc = open(&output);
        assert_eq!(widget(&doc).contains("AP"), wanted, "PDF/A-{part}");
    }
}

/// ISO 14289-1, 7.18.3 and 7.18.4.
#[test]
fn in_a_tagged_document_a_seen_field_is_part_of_the_structure() {
    for parents in ["<< /Nums [0 [9 0 R]] >>", "<< /Kids [10 0 R] >>"] {
        for form in FORMS {
            let output = signed(&tagged(parents).write(form), true);
            let doc = open(&output);
            assert_eq!(doc.page(0).unwrap().unwrap().dictionary.name("Tabs"), Some("S"));
            let tree = dictionary(&doc, &doc.catalog().unwrap(), "StructTreeRoot");
            assert_eq!(tree.integer("ParentTreeNextKey"), Some(2));
            assert_eq!(widget(&doc).integer("StructParent"), Some(1));
            let mut parents = dictionary(&doc, &tree, "ParentTree");
            if let Object::Array(kids) = doc.get(&parents, "Kids").unwrap() {
                let last = doc.resolve(kids.last().unwrap()).unwrap();
                parents = last.as_dictionary().unwrap().clone();
            }
            let numbers = doc.get(&parents, "Nums").unwrap().as_array().unwrap().to_vec();
            let element = doc.resolve(numbers.last().unwrap()).unwrap();
            let element = element.as_dictionary().unwrap();
            assert_eq!(element.name("S"), Some("Form"));
            let kid = dictionary(&doc, element, "K");
            assert_eq!(dictionary(&doc, &kid, "Obj").name("FT"), Some("Sig"));
            let above = dictionary(&doc, element, "P");
            let kids = doc.get(&above, "K").unwrap().as_array().unwrap().len();
            assert_eq!((above.name("S"), kids), (Some("Document"), 2));
        }
    }
}

/// What a signature covers grows no more: another one after it would be a change.
#[test]
fn the_structure_of_a_signed_document_is_left_alone() {
    let base = tagged("<< /Nums [0 [9 0 R]] >>").table();
    let first = signed(&base, false);
    assert_eq!(open(&first).page(0).unwrap().unwrap().dictionary.name("Tabs"), Some("S"));
    let second = signed(&first, true);
    let doc = open(&second);
    let tree = dictionary(&doc, &doc.catalog().unwrap(), "StructTreeRoot");
    assert_eq!(tree.integer("ParentTreeNextKey"), None);
    assert!(!widget(&doc).contains("StructParent"));
}

/// Damage in the structure costs the signature nothing.
#[test]
fn a_structure_that_is_none_is_left_as_it_is() {
    for parents in ["<< /Kids [8 0 R] >>", "<< /Kids [] >>", "[]", "<< /Nums [4000000000 null] >>"]
    {
        let output = signed(&tagged(parents).table(), true);
        assert!(!widget(&open(&output)).contains("StructParent"), "{parents}");
    }
}
