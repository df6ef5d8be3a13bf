//! The CMS in a signed file, taken apart and changed.

use super::file::hole;

/// The newest CMS, without the zeros behind it, and its room in bytes.
pub(super) fn cms(file: &[u8]) -> (Vec<u8>, usize) {
    let hole = hole(file);
    let digits: Vec<u8> = file[hole.start + 1..hole.end - 1]
        .iter()
        .filter_map(|c| (*c as char).to_digit(16))
        .map(|d| d as u8)
        .collect();
    let mut der: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    der.truncate(total(&der));
    (der, digits.len() / 2)
}

/// The elements within an element.
fn within(der: &[u8]) -> Vec<&[u8]> {
    let (head, len) = element(der);
    let (mut rest, mut found) = (&der[head..head + len], Vec::new());
    while !rest.is_empty() {
        let (one, behind) = rest.split_at(total(rest));
        found.push(one);
        rest = behind;
    }
    found
}

/// The first certificate of the newest CMS: ContentInfo, [0], SignedData, certificates.
pub(super) fn certificate(file: &[u8]) -> Vec<u8> {
    let (der, _) = cms(file);
    let signed = within(within(&der)[1])[0];
    let held = within(signed).into_iter().find(|part| part[0] == 0xa0).expect("certificates");
    within(held)[0].to_vec()
}

/// The digits of `/Contents`, changed by `change`, and filled up with zeros.
pub(super) fn with_cms(file: &[u8], change: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let hole = hole(file);
    let (der, room) = cms(file);
    let mut der = change(der);
    der.resize(room.max(der.len()), 0);
    let text: String = der.iter().map(|byte| format!("{byte:02x}")).collect();
    let end = hole.start + 1 + text.len();
    let mut out = [&file[..hole.start + 1], text.as_bytes()].concat();
    out.extend(&file[(hole.end - 1).min(file.len())..]);
    debug_assert!(end >= hole.end - 1);
    out
}

/// Head and content of a DER element.
pub(super) fn element(der: &[u8]) -> (usize, usize) {
    let first = usize::from(der[1]);
    if first < 0x80 {
        return (2, first);
    }
    let bytes = first & 0x7f;
    let len = der[2..2 + bytes].iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
    (2 + bytes, len)
}

pub(super) fn total(der: &[u8]) -> usize {
    let (head, len) = element(der);
    head + len
}

/// An element of this tag and content.
fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    let len = content.len().to_be_bytes();
    let used = &len[len.iter().position(|byte| *byte != 0).unwrap_or(len.len() - 1)..];
    match content.len() {
        short @ ..0x80 => [&[tag, short as u8], content].concat(),
        _ => [&[tag, 0x80 | used.len() as u8], used, content].concat(),
    }
}

/// The last element within the last element and so on, `depth` times, and a copy of it: SignerInfos
/// without their unsigned attributes, so that there is room for two.
fn doubled(der: &[u8], depth: usize) -> Vec<u8> {
    let parts = within(der);
    let (last, before) = parts.split_last().expect("elements");
    let last = match depth {
        0 => {
            let signed: Vec<&[u8]> =
                within(last).into_iter().filter(|part| part[0] != 0xa1).collect();
            tlv(last[0], &signed.concat()).repeat(2)
        }
        _ => doubled(last, depth - 1),
    };
    tlv(der[0], &[before.concat(), last].concat())
}

/// ContentInfo, [0], SignedData, SET of SignerInfo: the last of each.
pub(super) fn two_signers(file: &[u8]) -> Vec<u8> {
    with_cms(file, |der| doubled(&der, 3))
}

/// The signing certificate's subject is another.
pub(super) fn other_certificate(file: &[u8]) -> Vec<u8> {
    with_cms(file, |mut der| {
        // commonName within the first certificate: 2.5.4.3.
        let oid = [0x06, 0x03, 0x55, 0x04, 0x03];
        let places: Vec<usize> =
            der.windows(5).enumerate().filter(|(_, w)| *w == oid).map(|(at, _)| at).collect();
        for at in places {
            der[at + 8] ^= 1;
        }
        der
    })
}
