//! What honest programs do to a signed file: none of it may be called a modification.

use super::fields as f;
use super::file::{FIELD, latest, number_of, shows, stream, streamed, updated};
use super::makers::annotated;
use super::message::{certificate, element, with_cms};

/// Under what validation data are filed: the SHA-1 of a signature. pyHanko refuses any other form.
const KEY: &str = "ABABABABABABABABABABABABABABABABABABABAB";

/// A name, and what is done.
pub type Twin = (&'static str, fn(&[u8]) -> Vec<u8>);

/// Those that need more than a file, each in a test of its own.
pub const MADE: [&str; 4] = [
    "a note where notes may come",
    "a signature of ISO 32000-1",
    "a second signature that is shown",
    "a timestamp",
];

/// All that are made of a file alone.
pub fn twins() -> Vec<Twin> {
    vec![
        ("nothing", |file| file.to_vec()),
        ("an end of line", |file| [file, b"\n"].concat()),
        ("a field filled, in place", filled),
        ("a field filled, its appearance elsewhere", filled_elsewhere),
        ("validation data", validation_data),
        ("validation data twice", |file| more_validation_data(&validation_data(file))),
        ("an empty signature field", empty_field),
        ("objects written again as they were", rewritten),
        ("metadata", metadata),
        ("filled, extended, and more", |file| validation_data(&metadata(&filled(file)))),
        ("a field filled, in an object stream", filled_in_stream),
        ("the page tree and both pages written again", page_tree),
        ("the CMS in BER", in_ber),
        ("the form written again", form_again),
        ("filled as Acrobat does", f::as_acrobat),
        ("filled as pdf.js does", f::as_pdf_js),
        ("filled as Chromium does", f::as_pdfium),
        ("filled as poppler does", f::as_poppler),
        ("filled as pdf-lib does", f::as_pdf_lib),
        ("a value too long for its field", f::too_long),
        ("a choice made", f::choice),
        ("a date in its signed format", f::date),
    ]
}

fn filled(file: &[u8]) -> Vec<u8> {
    let field = FIELD.replace("/V(-)", "/V(Durand)");
    updated(file, &[(5, Some(field)), (8, Some(shows("Durand")))])
}

/// One that a certification for notes allows.
pub fn note(file: &[u8]) -> Vec<u8> {
    annotated(file, "<</Type/Annot/Subtype/Text/Rect[500 700 520 720]/Contents(vu)>>", Vec::new())
}

fn filled_in_stream(file: &[u8]) -> Vec<u8> {
    let field = FIELD.replace("/V(-)", "/V(Durand)").replace("/AP<</N 8 0 R>>", "");
    streamed(file, &[(5, field)])
}

fn page_tree(file: &[u8]) -> Vec<u8> {
    streamed(file, &[2, 3, 6].map(|number| (number, latest(file, number))))
}

/// ContentInfo, the \[0\] within and SignedData with lengths that their ends tell: as long as before.
fn in_ber(file: &[u8]) -> Vec<u8> {
    with_cms(file, |mut der| {
        let mut at = 0;
        for _ in 0..3 {
            let (head, _) = element(&der[at..]);
            assert_eq!(head, 4, "a length of two bytes");
            der.splice(at + 1..at + 4, [0x80]);
            at += 2;
            if at == 2 {
                let (head, len) = element(&der[at..]);
                at += head + len;
            }
        }
        der.extend([0; 6]);
        der
    })
}

fn form_again(file: &[u8]) -> Vec<u8> {
    let holder = number_of(file, "/Fields");
    updated(file, &[(holder, Some(latest(file, holder)))])
}

fn filled_elsewhere(file: &[u8]) -> Vec<u8> {
    let field = FIELD.replace("/V(-)", "/V(Durand)").replace("8 0 R", "120 0 R");
    updated(file, &[(5, Some(field)), (120, Some(shows("Durand")))])
}

fn validation_data(file: &[u8]) -> Vec<u8> {
    let catalog = latest(file, 1).replacen("<<", "<</DSS 130 0 R", 1);
    let store = format!("<</Type/DSS/Certs[131 0 R]/VRI<</{KEY}<</Cert[131 0 R]>>>>>>");
    let objects = [(1, Some(catalog)), (130, Some(store)), (131, Some(held(file)))];
    updated(file, &objects)
}

/// The signer's own certificate, as a stream.
fn held(file: &[u8]) -> String {
    let hex: String = certificate(file).iter().map(|byte| format!("{byte:02x}")).collect();
    stream("/Filter/ASCIIHexDecode", &format!("{hex}>"))
}

fn more_validation_data(file: &[u8]) -> Vec<u8> {
    let store = format!("<</Type/DSS/Certs[131 0 R 132 0 R]/VRI<</{KEY}<</Cert[131 0 R]>>>>>>");
    updated(file, &[(130, Some(store)), (132, Some(held(file)))])
}

fn empty_field(file: &[u8]) -> Vec<u8> {
    let holder = number_of(file, "/Fields");
    let form = latest(file, holder);
    let at = form.find("/Fields").expect("fields");
    let end = at + form[at..].find(']').expect("their end");
    let form = format!("{} 140 0 R{}", &form[..end], &form[end..]);
    updated(file, &[(holder, Some(form)), (140, Some("<</FT/Sig/T(Suivant)>>".to_owned()))])
}

fn rewritten(file: &[u8]) -> Vec<u8> {
    let again = |number| (number, Some(latest_first(file, number)));
    updated(file, &[again(2), (3, Some(latest(file, 3))), again(7), again(9)])
}

/// The object as the cross-references have it: the base holds a second content behind.
fn latest_first(file: &[u8], number: u32) -> String {
    latest(file, number)
}

fn metadata(file: &[u8]) -> Vec<u8> {
    let packet = stream("/Type/Metadata/Subtype/XML", "<x:xmpmeta xmlns:x='adobe:ns:meta/'/>");
    let catalog = latest(file, 1);
    if let Some(at) = catalog.find("/Metadata") {
        let number = catalog[at + 9..].split_whitespace().next().and_then(|word| word.parse().ok());
        return updated(file, &[(number.expect("a reference"), Some(packet))]);
    }
    let catalog = catalog.replacen("<<", "<</Metadata 145 0 R", 1);
    updated(file, &[(1, Some(catalog)), (145, Some(packet))])
}
