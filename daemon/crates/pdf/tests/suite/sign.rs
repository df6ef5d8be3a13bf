//! Signing documents of every form, and reading what came out.

use crate::support::{FORMS, Form, Paper, joined, open};
use proptest::prelude::*;
use sceau_pdf::{
    DocMdp, Document, FieldTarget, Limits, Lock, Object, Revision, SignRefusal, SignatureRequest,
    SubFilter, append_signature,
};

fn request() -> SignatureRequest {
    let mut request = SignatureRequest::new("Sceau", SubFilter::EtsiCadesDetached, 100);
    request.signing_time = Some("2026-03-01T10:20:30Z".parse().unwrap());
    request.reason = Some("Cachet de la société".to_owned());
    request
}

fn sign(base: &[u8], request: &SignatureRequest) -> Result<Revision, SignRefusal> {
    append_signature(&open(&base), request)
}

/// What must hold of every signature just made.
fn check(base: &[u8], revision: &Revision) -> Vec<u8> {
    let output = joined(base, revision);
    assert!(output.starts_with(base));
    let range = revision.byte_range().unwrap();
    assert_eq!(range[0], 0);
    assert_eq!(range[2] + range[3], output.len() as u64);
    assert_eq!(output[range[1] as usize], b'<');
    assert_eq!(output[range[2] as usize - 1], b'>');
    let doc = open(&output);
    assert!(!doc.is_repaired());
    let fields = doc.signature_fields().unwrap();
    let value = fields.last().unwrap().value.as_ref().unwrap();
    assert_eq!(value.byte_range, Some(range));
    assert_eq!(value.contents_span, Some((range[1], range[2])));
    assert_eq!(value.kind.as_deref(), Some("Sig"));
    assert_eq!(*doc.revisions().unwrap().last().unwrap(), output.len() as u64);
    // The end of line that a base lacks counts to it.
    let lacking = u64::from(!base.ends_with(b"\n"));
    assert_eq!(doc.revisions().unwrap()[0], base.len() as u64 + lacking);
    output
}

#[test]
fn every_form_is_signed_in_its_own_form() {
    for form in FORMS {
        let base = Paper::simple().write(form);
        let revision = sign(&base, &request()).unwrap();
        check(&base, &revision);
        let tail = String::from_utf8_lossy(&revision.tail);
        assert_eq!(tail.contains("/Type /XRef"), form == Form::Stream, "{form:?}");
        assert_eq!(tail.contains("\ntrailer\n"), form != Form::Stream, "{form:?}");
        assert!(!tail.contains("XRefStm"), "{form:?}");
    }
}

#[test]
fn tails_are_what_they_were() {
    let request = SignatureRequest { contents_len: 4, ..request() };
    for (form, golden) in [
        (Form::Table, include_str!("../golden/sign-table.txt")),
        (Form::Stream, include_str!("../golden/sign-stream.txt")),
        (Form::Hybrid, include_str!("../golden/sign-hybrid.txt")),
    ] {
        let revision = sign(&Paper::simple().write(form), &request).unwrap();
        crate::support::same_as_golden(&revision.tail, golden);
    }
}

#[test]
fn a_second_signature_follows_the_first_and_changes_no_byte_of_it() {
    for form in FORMS {
        let base = Paper::simple().write(form);
        let mut first = sign(&base, &request()).unwrap();
        first.fill(&[7; 100]).unwrap();
        let once = joined(&base, &first);
        let second = sign(&once, &request()).unwrap();
        let twice = check_second(&once, &second);
        let doc = open(&twice);
        let names: Vec<_> =
            doc.signature_fields().unwrap().into_iter().map(|field| field.name).collect();
        assert_eq!(names, ["Sceau", "Sceau-2"]);
        assert_eq!(doc.signature_fields().unwrap()[0].value.as_ref().unwrap().contents, [7; 100]);
        assert_eq!(
            doc.revisions().unwrap(),
            [base.len() as u64, once.len() as u64, twice.len() as u64]
        );
    }
}

fn check_second(once: &[u8], second: &Revision) -> Vec<u8> {
    let twice = joined(once, second);
    assert!(twice.starts_with(once));
    assert!(!open(&twice).is_repaired());
    twice
}

#[test]
fn the_identifier_keeps_its_first_half_and_is_the_same_for_the_same_work() {
    let base = Paper::simple().write(Form::Table);
    let one = sign(&base, &request()).unwrap();
    assert_eq!(one, sign(&base, &request()).unwrap());
    let output = joined(&base, &one);
    let doc = open(&output);
    let halves = doc.trailer().get("ID").unwrap().as_array().unwrap().to_vec();
    assert_eq!(halves[0].as_string().unwrap().bytes(), [1]);
    assert_eq!(halves[1].as_string().unwrap().bytes().len(), 16);
    let given = SignatureRequest { file_id: Some([9; 16]), ..request() };
    let output = joined(&base, &sign(&base, &given).unwrap());
    let doc = open(&output);
    let halves = doc.trailer().get("ID").unwrap().as_array().unwrap().to_vec();
    assert_eq!(halves[1].as_string().unwrap().bytes(), [9; 16]);
}

#[test]
fn the_form_is_joined_wherever_it_stands() {
    let forms = [
        ("/AcroForm << /Fields [] >>", ""),
        ("/AcroForm << /Fields 8 0 R /SigFlags 1 >>", "[]"),
        ("/AcroForm 8 0 R", "<< /Fields [] /DA (/Helv 0 Tf) >>"),
        ("/AcroForm 8 0 R", "<< /Fields 9 0 R /SigFlags 3 >>"),
        ("/AcroForm 8 0 R", "null"),
        ("/AcroForm << >>", ""),
    ];
    for (keys, body) in forms {
        let mut paper = Paper::simple();
        paper.set(1, &format!("<< /Type /Catalog /Pages 2 0 R {keys} >>"));
        paper.set(9, "[10 0 R]").set(10, "<< /FT /Tx /T (texte) >>");
        if !body.is_empty() {
            paper.set(8, body);
        }
        for form in FORMS {
            let base = paper.write(form);
            let output = check(&base, &sign(&base, &request()).unwrap());
            let doc = open(&output);
            let form = doc.get(&doc.catalog().unwrap(), "AcroForm").unwrap();
            assert_eq!(form.as_dictionary().unwrap().integer("SigFlags"), Some(3), "{keys}");
        }
    }
}

#[test]
fn annotations_are_joined_wherever_they_stand() {
    for (keys, body, before) in [
        ("/Annots [8 0 R]", "<< /Subtype /Text >>", 1),
        ("/Annots 8 0 R", "[9 0 R 9 0 R]", 2),
        ("/Annots null", "null", 0),
        ("/Annots 99 0 R", "null", 0),
    ] {
        let mut paper = Paper::with_page(keys);
        paper.set(8, body);
        for form in FORMS {
            let base = paper.write(form);
            let output = check(&base, &sign(&base, &request()).unwrap());
            let doc = open(&output);
            let page = doc.page(0).unwrap().unwrap();
            let annotations = doc.get(&page.dictionary, "Annots").unwrap();
            assert_eq!(annotations.as_array().unwrap().len(), before + 1, "{keys} {form:?}");
        }
    }
}

#[test]
fn the_extension_is_declared_below_two_alone() {
    let level = |base: &[u8], request: &SignatureRequest| {
        let output = joined(base, &sign(base, request).unwrap());
        let doc = open(&output);
        let extensions = doc.get(&doc.catalog().unwrap(), "Extensions").unwrap();
        let extension = extensions.as_dictionary().and_then(|all| all.get("ESIC").cloned());
        extension.and_then(|entry| entry.as_dictionary()?.integer("ExtensionLevel"))
    };
    let timestamp = SignatureRequest::new("Horodatage", SubFilter::EtsiRfc3161, 10);
    let mut paper = Paper::simple();
    assert_eq!(level(&paper.table(), &request()), Some(2));
    assert_eq!(level(&paper.table(), &timestamp), Some(5));
    paper.version = "2.0";
    assert_eq!(level(&paper.table(), &request()), None);
    paper.version = "1.4";
    paper.set(1, "<< /Type /Catalog /Pages 2 0 R /Version /2.0 >>");
    assert_eq!(level(&paper.table(), &request()), None);
    let kept = "<< /Type /Catalog /Pages 2 0 R \
        /Extensions << /ESIC << /BaseVersion /1.7 /ExtensionLevel 5 >> /ADBE << >> >> >>";
    paper.set(1, kept);
    assert_eq!(level(&paper.table(), &request()), Some(5));
}

#[test]
fn a_document_timestamp_says_nothing_but_what_it_is() {
    let base = Paper::simple().write(Form::Table);
    let timestamp = SignatureRequest { sub_filter: SubFilter::EtsiRfc3161, ..request() };
    let revision = sign(&base, &timestamp).unwrap();
    let tail = String::from_utf8_lossy(&revision.tail).into_owned();
    assert!(
        tail.contains("/Type /DocTimeStamp") && !tail.contains("/M (") && !tail.contains("/Reason")
    );
}

#[test]
fn an_existing_field_is_filled_with_its_lock() {
    let mut paper = Paper::with_page("/Annots [8 0 R]");
    paper.set(1, "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [7 0 R] >> >>");
    paper.set(7, "<< /T (accord) /Kids [8 0 R] >>");
    paper.set(
        8,
        "<< /FT /Sig /T (client) /Parent 7 0 R /Subtype /Widget /Rect [0 0 0 0] \
         /Lock << /Type /SigFieldLock /Action /All >> >>",
    );
    let base = paper.table();
    let target = FieldTarget::Existing { name: "accord.client".to_owned() };
    let request = SignatureRequest { field: target.clone(), ..request() };
    let output = check(&base, &sign(&base, &request).unwrap());
    let doc = open(&output);
    assert_eq!(doc.signature_fields().unwrap().len(), 1);
    let again = append_signature(&doc, &request).unwrap_err();
    assert!(matches!(again, SignRefusal::Field { .. }), "{again}");
    let other =
        SignatureRequest { field: FieldTarget::New { name: "x".into() }, ..request.clone() };
    let locked = append_signature(&doc, &other).unwrap_err();
    assert!(matches!(locked, SignRefusal::Locked { lock: Lock::Field { .. } }), "{locked}");
    let missing = FieldTarget::Existing { name: "autre".to_owned() };
    let missing = SignatureRequest { field: missing, ..request };
    assert!(matches!(sign(&base, &missing).unwrap_err(), SignRefusal::Field { .. }));
}

#[test]
fn a_certification_is_obeyed() {
    for (p, allowed) in [(1, false), (2, true), (3, true)] {
        let mut paper = Paper::simple();
        paper.set(
            1,
            "<< /Type /Catalog /Pages 2 0 R /Perms << /DocMDP 8 0 R >> /AcroForm << /Fields [9 0 R] >> >>",
        );
        paper.set(
            8,
            &format!(
                "<< /Type /Sig /ByteRange [0 1 2 3] /Contents <00> /Reference \
                 [<< /TransformMethod /DocMDP /TransformParams << /P {p} /V /1.2 >> >>] >>"
            ),
        );
        paper.set(9, "<< /FT /Sig /T (c) /V 8 0 R >>");
        let base = paper.table();
        assert_eq!(open(&base).doc_mdp().unwrap() == Some(DocMdp::NoChange), !allowed);
        let result = sign(&base, &request());
        assert_eq!(result.is_ok(), allowed, "/P {p}");
        if let Err(refusal) = result {
            assert!(matches!(refusal, SignRefusal::Locked { lock: Lock::DocMdp }));
        }
        let timestamp = SignatureRequest { sub_filter: SubFilter::EtsiRfc3161, ..request() };
        assert!(sign(&base, &timestamp).is_ok());
    }
}

#[test]
fn what_cannot_be_signed_is_refused_with_its_reason() {
    let mut paper = Paper::simple();
    paper.trailer = "/Encrypt 9 0 R".to_owned();
    let encrypted = paper.table();
    assert!(open(&encrypted).is_encrypted());
    assert!(matches!(sign(&encrypted, &request()).unwrap_err(), SignRefusal::UnknownEncryption));
    let mut paper = Paper::simple();
    paper.set(2, "<< /Type /Pages /Kids [] /Count 0 >>");
    assert!(matches!(sign(&paper.table(), &request()).unwrap_err(), SignRefusal::NoPage));
    let base = Paper::simple().table();
    for request in [
        SignatureRequest { contents_len: 0, ..request() },
        SignatureRequest { field: FieldTarget::New { name: "a.b".into() }, ..request() },
    ] {
        assert!(matches!(sign(&base, &request).unwrap_err(), SignRefusal::Request { .. }));
    }
}

#[test]
fn what_lies_in_a_replaced_object_stream_has_changed() {
    let base = Paper::simple().stream();
    let container = 6;
    let (mut head, mut data) = (String::new(), Vec::new());
    let mut other = Paper::simple();
    other.set(5, "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>");
    for (number, body) in other.objects.iter().filter(|(_, body)| !crate::support::is_stream(body))
    {
        head.push_str(&format!("{number} {} ", data.len()));
        data.extend([body.as_slice(), b"\n"].concat());
    }
    let first = head.len();
    let data = [head.into_bytes(), data].concat();
    let dictionary = format!("<< /Type /ObjStm /N 4 /First {first} /Length {} >>", data.len());
    let mut replaced = base.clone();
    let at = replaced.len();
    crate::support::write_object(
        &mut replaced,
        container,
        &crate::support::stream_body(&dictionary, &data),
    );
    let start = replaced.len();
    let row = [1, (at >> 8) as u8, at as u8, 0];
    let previous = base.windows(7).position(|window| window == b"7 0 obj").unwrap();
    let dictionary = format!(
        "<< /Type /XRef /Size 9 /W [1 2 1] /Index [{container} 1] /Root 1 0 R /Prev {previous} \
         /Length 4 >>"
    );
    crate::support::write_object(&mut replaced, 8, &crate::support::stream_body(&dictionary, &row));
    replaced.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
    let (old, new) = (open(&base), open(&replaced));
    assert!(!new.is_repaired());
    let changed = new.changed_objects(&old, 1000).unwrap();
    let numbers: Vec<_> = changed.iter().map(|id| id.number).collect();
    assert_eq!(numbers, [1, 2, 3, 5, container]);
}

#[test]
fn a_base_without_a_last_newline_gets_one() {
    let mut base = Paper::simple().table();
    base.pop();
    let revision = sign(&base, &request()).unwrap();
    assert_eq!(revision.tail[0], b'\n');
    assert_eq!(revision.base_len, base.len() as u64);
    open(&joined(&base, &revision));
}

#[test]
fn a_request_and_a_revision_can_be_stored() {
    let request = request();
    let stored = serde_json::to_string(&request).unwrap();
    assert_eq!(serde_json::from_str::<SignatureRequest>(&stored).unwrap(), request);
}

#[derive(Clone)]
struct Case {
    paper: Paper,
    form: Form,
    junk: usize,
    cut: usize,
    contents_len: usize,
}

impl std::fmt::Debug for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { paper, form, junk, cut, contents_len } = self;
        let text = String::from_utf8_lossy(&paper.write(*form)).into_owned();
        write!(f, "{form:?} junk {junk} cut {cut} contents {contents_len}\n{text}")
    }
}

fn case() -> impl Strategy<Value = Case> {
    let values = prop::collection::vec(
        prop_oneof![
            Just("null".to_owned()),
            any::<i64>().prop_map(|value| value.to_string()),
            "[ -~]{0,20}".prop_map(|text| format!("<{}>", hex(text.as_bytes()))),
            "[A-Za-z]{1,8}".prop_map(|name| format!("<< /{name} [1 0 R /{name}] >>")),
        ],
        0..12,
    );
    let form = prop_oneof![Just(Form::Table), Just(Form::Stream), Just(Form::Hybrid)];
    (values, form, 0usize..200, 0usize..2, 1usize..3000).prop_map(
        |(values, form, junk, cut, contents_len)| {
            let mut paper = Paper::simple();
            for (number, value) in (6..).zip(values) {
                paper.set(number, &value);
            }
            Case { paper, form, junk, cut, contents_len }
        },
    )
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// An independent reader.
#[test]
fn lopdf_reads_what_was_signed() {
    for form in FORMS {
        let base = Paper::simple().write(form);
        let output = joined(&base, &sign(&base, &request()).unwrap());
        let read = lopdf::Document::load_mem(&output).unwrap();
        assert_eq!(read.get_pages().len(), 1, "{form:?}");
        let form = read.catalog().unwrap().get(b"AcroForm").unwrap().as_reference().unwrap();
        let fields = read.get_dictionary(form).unwrap().get(b"Fields").unwrap();
        let field = fields.as_array().unwrap()[0].as_reference().unwrap();
        let value = read.get_dictionary(field).unwrap().get(b"V").unwrap().as_reference().unwrap();
        let filter = read.get_dictionary(value).unwrap().get(b"SubFilter").unwrap();
        assert_eq!(filter.as_name().unwrap(), b"ETSI.CAdES.detached");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn signing_then_cutting_gives_back_the_original(case in case()) {
        let mut base = vec![b'#'; case.junk];
        base.extend(case.paper.write(case.form));
        base.truncate(base.len() - case.cut);
        let request = SignatureRequest { contents_len: case.contents_len, ..request() };
        let mut revision = sign(&base, &request).unwrap();
        let output = check(&base, &revision);
        prop_assert_eq!(&output[..revision.base_len as usize], &base[..]);
        revision.fill(&vec![0xab; case.contents_len]).unwrap();
        let output = check(&base, &revision);
        let doc = open(&output);
        let fields = doc.signature_fields().unwrap();
        let contents = &fields[0].value.as_ref().unwrap().contents;
        prop_assert_eq!(contents, &vec![0xab; case.contents_len]);
        for (number, _) in &case.paper.objects {
            let id = sceau_pdf::ObjectId::new(*number, 0);
            let base_doc = Document::open(&base, &Limits::default()).unwrap();
            if ![1, 3].contains(number) {
                let (old, new) = (base_doc.object(id).unwrap(), doc.object(id).unwrap());
                prop_assert_eq!(old, new);
            }
        }
        prop_assert!(!matches!(doc.object(sceau_pdf::ObjectId::new(1, 0)).unwrap(), Object::Null));
    }
}
