//! Stamps and attachments.

use crate::support::{FORMS, Form, Paper, joined, open};
use proptest::prelude::*;
use sceau_pdf::{
    Attachment, Corner, Document, Object, Relationship, SignatureRequest, Stamp, StampPage,
    SubFilter, Update, UpdateRefusal, append_signature,
};

fn stamp() -> Stamp {
    Stamp {
        lines: vec!["Dossier 2026-00042 — reçu".to_owned(), "le 23/11/2026".to_owned()],
        page: StampPage::First,
        corner: Corner::TopRight,
        size: 9.0,
    }
}

fn attachment(name: &str) -> Attachment {
    Attachment {
        file_name: name.to_owned(),
        media_type: "application/json".to_owned(),
        description: Some("Données du dossier".to_owned()),
        bytes: br#"{"dossier":42}"#.to_vec(),
        modified: Some("2026-03-01T10:20:30Z".parse().unwrap()),
        relationship: Relationship::Data,
    }
}

/// Name, content, and relationship of each attachment, in the order of the name tree.
fn attachments(doc: &Document<'_>) -> Vec<(String, Vec<u8>, String)> {
    let catalog = doc.catalog().unwrap();
    let names = doc.get(&catalog, "Names").unwrap();
    let tree = doc.get(names.as_dictionary().unwrap(), "EmbeddedFiles").unwrap();
    let flat = doc.get(tree.as_dictionary().unwrap(), "Names").unwrap();
    let pairs = flat.as_array().unwrap().to_vec();
    pairs
        .chunks(2)
        .map(|pair| {
            let specification = doc.resolve(&pair[1]).unwrap();
            let specification = specification.as_dictionary().unwrap();
            let files = specification.get("EF").unwrap().as_dictionary().unwrap().clone();
            let Object::Stream(file) = doc.get(&files, "F").unwrap() else { panic!("no stream") };
            let relationship = specification.name("AFRelationship").unwrap_or("").to_owned();
            (pair[0].as_string().unwrap().to_text(), doc.stream_data(&file).unwrap(), relationship)
        })
        .collect()
}

#[test]
fn a_stamp_and_attachments_make_one_revision_in_every_form() {
    for form in FORMS {
        let base = Paper::simple().write(form);
        let doc = open(&base);
        let mut update = Update::new(&doc).unwrap();
        update.stamp(&stamp()).unwrap();
        update.attach(&attachment("données.json")).unwrap();
        update.attach(&attachment("annexe.json")).unwrap();
        let revision = update.finish().unwrap();
        let output = joined(&base, &revision);
        let doc = open(&output);
        assert_eq!(doc.revisions().unwrap().len(), 2);
        let names: Vec<_> = attachments(&doc).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, ["annexe.json", "données.json"]);
        let associated = doc.get(&doc.catalog().unwrap(), "AF").unwrap();
        assert_eq!(associated.as_array().unwrap().len(), 2);
        let signed = append_signature(
            &doc,
            &SignatureRequest::new("Sceau", SubFilter::EtsiCadesDetached, 10),
        );
        open(&joined(&output, &signed.unwrap()));
    }
}

#[test]
fn a_stamped_page_is_what_it_was() {
    let base = Paper::simple().write(Form::Table);
    let doc = open(&base);
    let mut update = Update::new(&doc).unwrap();
    update.stamp(&stamp()).unwrap();
    let revision = update.finish().unwrap();
    crate::support::same_as_golden(&revision.tail, include_str!("../golden/stamp.txt"));
}

#[test]
fn an_attachment_is_what_it_was() {
    let base = Paper::simple().write(Form::Table);
    let doc = open(&base);
    let mut update = Update::new(&doc).unwrap();
    update.attach(&attachment("dossier.json")).unwrap();
    let revision = update.finish().unwrap();
    crate::support::same_as_golden(&revision.tail, include_str!("../golden/attach.txt"));
}

#[test]
fn existing_attachments_are_kept_and_sorted_among() {
    let mut paper = Paper::simple();
    paper.set(1, "<< /Type /Catalog /Pages 2 0 R /Names 6 0 R /AF 10 0 R >>");
    paper.set(6, "<< /EmbeddedFiles << /Kids [7 0 R] >> >>");
    paper.set(7, "<< /Names [(b.xml) 8 0 R (dossier.json) 8 0 R] /Limits [(b.xml) (c.xml)] >>");
    paper.set(8, "<< /Type /Filespec /F (b.xml) /EF << /F 9 0 R >> >>");
    paper.set(9, "<< /Type /EmbeddedFile /Length 2 >>\nstream\nhi\nendstream");
    paper.set(10, "[8 0 R]");
    for form in FORMS {
        let base = paper.write(form);
        let doc = open(&base);
        let mut update = Update::new(&doc).unwrap();
        update.attach(&attachment("dossier.json")).unwrap();
        update.attach(&attachment("a.json")).unwrap();
        let output = joined(&base, &update.finish().unwrap());
        let found = attachments(&open(&output));
        let names: Vec<_> = found.iter().map(|(name, ..)| name.as_str()).collect();
        assert_eq!(names, ["a.json", "b.xml", "dossier.json", "dossier.json (2)"]);
        assert_eq!(found[1].1, b"hi");
        assert_eq!(found[3].1, br#"{"dossier":42}"#);
        assert_eq!(found[3].2, "Data");
    }
}

#[test]
fn a_loop_in_the_tree_of_attachments_ends() {
    let mut paper = Paper::simple();
    paper.set(1, "<< /Type /Catalog /Pages 2 0 R /Names << /EmbeddedFiles 7 0 R >> >>");
    paper.set(7, "<< /Kids [7 0 R 7 0 R] >>");
    let base = paper.table();
    let doc = open(&base);
    let mut update = Update::new(&doc).unwrap();
    assert!(update.attach(&attachment("a.json")).is_err());
    assert!(update.finish().is_err(), "a broken update must not be written");
}

#[test]
fn pages_share_one_stamp_and_keep_their_content() {
    let mut paper = Paper::simple();
    paper.set(2, "<< /Type /Pages /Kids [3 0 R 6 0 R 7 0 R] /Count 3 /Resources 9 0 R >>");
    paper.set(6, "<< /Type /Page /Parent 2 0 R /Contents [4 0 R 4 0 R] /Rotate 90 >>");
    paper.set(7, "<< /Type /Page /Parent 2 0 R /Contents 8 0 R >>");
    paper.set(8, "[4 0 R]");
    paper.set(9, "<< /XObject 10 0 R >>");
    paper.set(10, "<< /Im1 4 0 R >>");
    let base = paper.table();
    let doc = open(&base);
    for (which, stamped) in
        [(StampPage::All, vec![0, 1, 2]), (StampPage::First, vec![0]), (StampPage::Last, vec![2])]
    {
        let mut update = Update::new(&doc).unwrap();
        update.stamp(&Stamp { page: which, ..stamp() }).unwrap();
        let output = joined(&base, &update.finish().unwrap());
        let doc = open(&output);
        for index in 0..3 {
            let page = doc.page(index).unwrap().unwrap();
            let contents = doc.get(&page.dictionary, "Contents").unwrap();
            let count = contents.as_array().map_or(1, <[Object]>::len);
            let expected = if stamped.contains(&index) { [3, 4, 3] } else { [1, 2, 1] };
            assert_eq!(count, expected[index as usize], "{which:?} {index}");
            if stamped.contains(&index) {
                let resources = doc.resolve(&page.resources).unwrap();
                let forms = doc.get(resources.as_dictionary().unwrap(), "XObject").unwrap();
                assert!(
                    forms
                        .as_dictionary()
                        .unwrap()
                        .iter()
                        .any(|(name, _)| { name.as_bytes().starts_with(b"SceauStamp") })
                );
            }
        }
    }
}

#[test]
fn what_cannot_be_changed_is_refused_with_its_reason() {
    let refused =
        |paper: &Paper, change: &dyn Fn(&mut Update<'_, '_>) -> Result<(), UpdateRefusal>| {
            let base = paper.table();
            let doc = open(&base);
            Update::new(&doc).and_then(|mut update| change(&mut update)).unwrap_err()
        };
    let stamped = |update: &mut Update<'_, '_>| update.stamp(&stamp()).map(drop);
    let attached = |update: &mut Update<'_, '_>| update.attach(&attachment("a")).map(drop);
    let mut signed = Paper::simple();
    signed.set(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [7 0 R] >> >>");
    signed.set(7, "<< /FT /Sig /T (s) /V << /Type /Sig /Contents <00> >> >>");
    assert!(matches!(refused(&signed, &stamped), UpdateRefusal::Signed));
    let mut encrypted = Paper::simple();
    encrypted.trailer = "/Encrypt 9 0 R".to_owned();
    assert!(matches!(refused(&encrypted, &stamped), UpdateRefusal::Encrypted));
    for (part, attachments) in [("1", false), ("2", false), ("3", true)] {
        let mut paper = Paper::simple();
        let packet = format!("<rdf:Description pdfaid:part=\"{part}\" pdfaid:conformance=\"B\"/>");
        paper.set(1, "<< /Type /Catalog /Pages 2 0 R /Metadata 8 0 R >>");
        paper.set(8, &format!("<< /Length {} >>\nstream\n{packet}\nendstream", packet.len()));
        assert!(matches!(refused(&paper, &stamped), UpdateRefusal::PdfA { .. }));
        let base = paper.table();
        let doc = open(&base);
        assert_eq!(attached(&mut Update::new(&doc).unwrap()).is_ok(), attachments, "PDF/A-{part}");
    }
    let other = |update: &mut Update<'_, '_>| {
        update.stamp(&Stamp { lines: vec!["日本".to_owned()], ..stamp() }).map(drop)
    };
    let refusal = refused(&Paper::simple(), &other);
    assert!(matches!(refusal, UpdateRefusal::Character { character: '日' }));
    let path = |update: &mut Update<'_, '_>| update.attach(&attachment("../a")).map(drop);
    assert!(matches!(refused(&Paper::simple(), &path), UpdateRefusal::Request { .. }));
}

#[test]
fn an_update_of_nothing_adds_nothing() {
    let base = Paper::simple().table();
    let doc = open(&base);
    let revision = Update::new(&doc).unwrap().finish().unwrap();
    assert!(revision.tail.is_empty() && revision.hole.is_none());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_attached_comes_back(
        name in "[^/\\\\\0]{1,40}",
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
        form in prop_oneof![Just(Form::Table), Just(Form::Stream), Just(Form::Hybrid)],
    ) {
        let base = Paper::simple().write(form);
        let doc = open(&base);
        let mut update = Update::new(&doc).unwrap();
        update.attach(&Attachment { bytes: bytes.clone(), ..attachment(&name) }).unwrap();
        let output = joined(&base, &update.finish().unwrap());
        let found = attachments(&open(&output));
        prop_assert_eq!(found, vec![(name, bytes, "Data".to_owned())]);
    }
}
