//! What honest programs do to a signed file: none of it may be called a modification.

use super::file::{FIELD, latest, number_of, shows, stream, updated};
use super::makers::certificate;

/// Under what validation data are filed: the SHA-1 of a signature. pyHanko refuses any other form.
const KEY: &str = "ABABABABABABABABABABABABABABABABABABABAB";

/// A name, and what is done.
pub type Twin = (&'static str, fn(&[u8]) -> Vec<u8>);

/// All of them.
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
    ]
}

fn filled(file: &[u8]) -> Vec<u8> {
    let field = FIELD.replace("/V(-)", "/V(Durand)");
    updated(file, &[(5, Some(field)), (8, Some(shows("Durand")))])
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
