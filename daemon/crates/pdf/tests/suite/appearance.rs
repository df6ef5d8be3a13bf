//! Signatures that are seen: where they go, and what they leave alone.

use crate::support::{FORMS, Paper, joined, open};
use sceau_pdf::{
    Appearance, Object, OnOverlap, PageChoice, Place, Revision, SignRefusal, SignatureRequest,
    SubFilter, append_signature,
};

const AT: Place =
    Place::At { page: PageChoice::Number(1), x: 50.0, y: 60.0, width: 200.0, height: 60.0 };

fn seen(place: Place) -> Appearance {
    Appearance {
        place,
        lines: vec!["Cachet électronique".to_owned(), "Dupont & Associés — Œuvre".to_owned()],
        picture: None,
        accessible_name: "Cachet de Dupont & Associés".to_owned(),
        on_overlap: OnOverlap::Refuse,
    }
}

fn sign(base: &[u8], appearance: Appearance) -> Result<Revision, SignRefusal> {
    let mut request = SignatureRequest::new("Sceau", SubFilter::EtsiCadesDetached, 100);
    request.appearance = Some(appearance);
    append_signature(&open(&base), &request)
}

/// The rectangle of the only field.
fn rectangle(base: &[u8], revision: &Revision) -> Vec<f64> {
    let output = joined(base, revision);
    let doc = open(&output);
    let field = doc.signature_fields().unwrap().pop().unwrap();
    let rectangle = field.dictionary.get("Rect").unwrap().as_array().unwrap().to_vec();
    rectangle.iter().map(|number| number.as_number().unwrap()).collect()
}

#[test]
fn the_box_lies_where_the_page_as_shown_has_it() {
    for (keys, expected) in [
        ("/MediaBox [0 0 595 842]", [50.0, 722.0, 250.0, 782.0]),
        ("/MediaBox [0 0 595 842] /CropBox [10 10 500 800]", [60.0, 680.0, 260.0, 740.0]),
        ("/MediaBox [0 0 595 842] /Rotate 90", [60.0, 50.0, 120.0, 250.0]),
        ("/MediaBox [0 0 595 842] /Rotate 180", [345.0, 60.0, 545.0, 120.0]),
        ("/MediaBox [0 0 595 842] /Rotate 270", [475.0, 592.0, 535.0, 792.0]),
    ] {
        let base = Paper::with_page(keys).table();
        let revision = sign(&base, seen(AT)).unwrap();
        assert_eq!(rectangle(&base, &revision), expected, "{keys}");
    }
}

#[test]
fn fonts_are_embedded_and_the_field_has_a_name_to_be_read_out() {
    for form in FORMS {
        let base = Paper::simple().write(form);
        let revision = sign(&base, seen(AT)).unwrap();
        let output = joined(&base, &revision);
        let doc = open(&output);
        let field = doc.signature_fields().unwrap().pop().unwrap();
        let name = field.dictionary.get("TU").unwrap().as_string().unwrap().to_text();
        assert_eq!(name, "Cachet de Dupont & Associés");
        let tail = String::from_utf8_lossy(&revision.tail);
        assert_eq!(tail.matches("/FontFile2 ").count(), 2);
        assert_eq!(tail.matches("+Roboto-").count(), 6);
        assert!(revision.tail.len() < 20_000, "{}", revision.tail.len());
    }
}

#[test]
fn a_text_is_an_anchor_whatever_its_spacing() {
    let content = "BT /F1 12 Tf 72 720 Td [(Atte) -20 (station)] TJ 0 -20 Td (Pour la ) Tj (soci\\351t\\351 :) Tj ET";
    let mut paper = Paper::simple();
    paper.set(4, &format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()));
    paper.set(
        5,
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    );
    let base = paper.table();
    let anchor = |text: &str| Place::Anchor {
        text: text.to_owned(),
        page: None,
        dx: 0.0,
        dy: 6.0,
        width: 100.0,
        height: 30.0,
    };
    let revision = sign(&base, seen(anchor("Pour la société :"))).unwrap();
    let [x0, _, _, y1] = rectangle(&base, &revision)[..] else { panic!("no rectangle") };
    assert!((x0 - 72.0).abs() < 0.01, "{x0}");
    // The base line less the descenders and the distance.
    assert!((y1 - (700.0 - 0.2 * 12.0 - 6.0)).abs() < 0.01, "{y1}");
    let refusal = sign(&base, seen(anchor("Pour le client"))).unwrap_err();
    assert!(matches!(refusal, SignRefusal::Place { .. }), "{refusal}");
}

#[test]
fn a_box_never_lies_over_another_field() {
    let mut paper = Paper::with_page("/MediaBox [0 0 595 842] /Annots [8 0 R]");
    paper.set(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [8 0 R] >> >>");
    paper.set(8, "<< /Subtype /Widget /FT /Tx /T (x) /Rect [100 700 200 740] >>");
    let base = paper.table();
    let refusal = sign(&base, seen(AT)).unwrap_err();
    assert!(matches!(refusal, SignRefusal::Place { .. }), "{refusal}");
    let moved = Appearance { on_overlap: OnOverlap::Move, ..seen(AT) };
    let revision = sign(&base, moved).unwrap();
    let [_, y0, _, y1] = rectangle(&base, &revision)[..] else { panic!("no rectangle") };
    assert!(y0 >= 740.0 || y1 <= 700.0, "{y0} {y1}");
}

#[test]
fn what_cannot_be_shown_is_refused() {
    let base = Paper::simple().table();
    let at = |x: f64, width: f64| Place::At {
        page: PageChoice::Number(1),
        x,
        y: 10.0,
        width,
        height: 30.0,
    };
    for place in [at(500.0, 200.0), at(10.0, 22.0)] {
        let refusal = sign(&base, seen(place)).unwrap_err();
        assert!(matches!(refusal, SignRefusal::Place { .. }), "{refusal}");
    }
    for place in [at(10.0, 1.0), at(f64::NAN, 100.0), Place::Field] {
        let refusal = sign(&base, seen(place)).unwrap_err();
        assert!(matches!(refusal, SignRefusal::Request { .. }), "{refusal}");
    }
    let letters = Appearance { lines: vec!["日本".to_owned()], ..seen(AT) };
    assert!(matches!(sign(&base, letters).unwrap_err(), SignRefusal::Character { .. }));
}

#[test]
fn an_existing_field_keeps_its_rectangle_and_shows_the_signature() {
    let mut paper = Paper::with_page("/MediaBox [0 0 595 842] /Annots [8 0 R]");
    paper.set(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [8 0 R] >> >>");
    paper.set(8, "<< /Subtype /Widget /FT /Sig /T (ici) /Rect [100 700 300 760] /P 3 0 R >>");
    let base = paper.table();
    let mut request = SignatureRequest::new("x", SubFilter::EtsiCadesDetached, 100);
    request.field = sceau_pdf::FieldTarget::Existing { name: "ici".to_owned() };
    request.appearance = Some(seen(Place::Field));
    let revision = append_signature(&open(&base), &request).unwrap();
    assert_eq!(rectangle(&base, &revision), [100.0, 700.0, 300.0, 760.0]);
    let output = joined(&base, &revision);
    let field = open(&output).signature_fields().unwrap().pop().unwrap();
    assert!(matches!(field.dictionary.get("AP"), Some(Object::Dictionary(_))));
}
