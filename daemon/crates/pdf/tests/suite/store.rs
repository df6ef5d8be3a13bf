//! Validation data in documents of every form.

use crate::support::{FORMS, Form, Paper, joined, open};
use sceau_pdf::{
    SecurityStore, SignRefusal, SignatureRequest, SubFilter, append_security_store,
    append_signature,
};

fn store(certs: &[&[u8]], ocsps: &[&[u8]], crls: &[&[u8]]) -> SecurityStore {
    let owned = |list: &[&[u8]]| list.iter().map(|one| one.to_vec()).collect();
    SecurityStore { certs: owned(certs), ocsps: owned(ocsps), crls: owned(crls) }
}

fn signed(form: Form, version: &'static str) -> Vec<u8> {
    let base = Paper { version, ..Paper::simple() }.write(form);
    let request = SignatureRequest::new("Sceau", SubFilter::EtsiCadesDetached, 100);
    let revision = append_signature(&open(&base), &request).unwrap();
    joined(&base, &revision)
}

fn appended(base: &[u8], addition: &SecurityStore) -> Option<Vec<u8>> {
    let revision = append_security_store(&open(&base), addition).unwrap();
    revision.map(|revision| joined(base, &revision))
}

#[test]
fn a_store_is_written_in_the_form_of_its_base_and_read_back() {
    let long = vec![0x30; 5000];
    let first = store(&[b"cert 1", &long], &[b"ocsp 1"], &[]);
    let second = store(&[b"cert 1", b"cert 2"], &[b"ocsp 1"], &[b"crl 1"]);
    for form in FORMS {
        let base = signed(form, "1.7");
        let once = appended(&base, &first).unwrap();
        assert!(once.starts_with(&base));
        assert_eq!(open(&once).security_store().unwrap(), first);
        assert!(once.len() - base.len() < 3000, "what can be deflated is");
        let tail = String::from_utf8_lossy(&once[base.len()..]).into_owned();
        assert_eq!(tail.contains("/Type /XRef"), form == Form::Stream, "{form:?}");
        assert!(tail.contains("/ExtensionLevel 5"), "{form:?}");
        let twice = appended(&once, &second).unwrap();
        let merged = store(&[b"cert 1", &long, b"cert 2"], &[b"ocsp 1"], &[b"crl 1"]);
        assert_eq!(open(&twice).security_store().unwrap(), merged);
        let tail = String::from_utf8_lossy(&twice[once.len()..]).into_owned();
        assert!(!tail.contains("ESIC"), "the catalog need not change again");
        assert_eq!(appended(&twice, &second), None, "nothing new is no revision");
    }
}

#[test]
fn nothing_is_declared_in_pdf_2() {
    let base = signed(Form::Stream, "2.0");
    let once = appended(&base, &store(&[b"cert"], &[], &[])).unwrap();
    assert!(!String::from_utf8_lossy(&once[base.len()..]).contains("ESIC"));
}

#[test]
fn what_the_store_holds_already_stays() {
    let mut paper = Paper::simple();
    paper
        .set(1, "<< /Type /Catalog /Pages 2 0 R /DSS << /VRI << /AB << >> >> /Certs 6 0 R >> >>")
        .set(6, "[7 0 R 99 0 R (no stream)]")
        .set(7, "<< /Length 4 >>\nstream\ncert\nendstream");
    let base = paper.write(Form::Table);
    let once = appended(&base, &store(&[b"cert", b"new"], &[], &[b"crl"])).unwrap();
    assert_eq!(open(&once).security_store().unwrap(), store(&[b"cert", b"new"], &[], &[b"crl"]));
    let tail = String::from_utf8_lossy(&once[base.len()..]).into_owned();
    assert!(tail.contains("/VRI"), "{tail}");
    assert!(tail.contains("6 0 obj\n[7 0 R 99 0 R (no stream)"), "{tail}");
}

#[test]
fn an_encrypted_document_is_refused() {
    let mut paper = Paper::simple();
    paper.trailer = "/Encrypt << /Filter /Standard >>".to_owned();
    let base = paper.write(Form::Table);
    let refused = append_security_store(&open(&base), &store(&[b"cert"], &[], &[]));
    assert!(matches!(refused, Err(SignRefusal::Encrypted)));
}
