//! Whether a document claims PDF/A (ISO 19005-1, 6.7.11; -2 and -3, 6.6.4; -4, 6.7.3).

use crate::{Document, Object, ReadError};

/// A claim in the metadata of the document. Whether it is true is not looked into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PdfA {
    /// 1 to 4.
    pub(super) part: u8,
    /// `A`, `B`, `U`, `E` or `F`.
    conformance: Option<u8>,
}

impl PdfA {
    /// The claim, where there is one. Metadata that cannot be read claims nothing.
    pub(crate) fn claimed(doc: &Document<'_>) -> Result<Option<Self>, ReadError> {
        let Object::Stream(metadata) = doc.get(&doc.catalog()?, "Metadata")? else {
            return Ok(None);
        };
        match doc.stream_data(&metadata) {
            Ok(packet) => Ok(Self::in_packet(&packet)),
            Err(ReadError::Io(error)) => Err(ReadError::Io(error)),
            Err(_) => Ok(None),
        }
    }

    /// Whether it is the first part, which is stricter than those after it.
    pub(crate) fn is_first(self) -> bool {
        self.part == 1
    }

    fn in_packet(packet: &[u8]) -> Option<Self> {
        // UTF-16 becomes ASCII for what is looked for.
        let packet: Vec<u8> = packet.iter().copied().filter(|byte| *byte != 0).collect();
        let part = value(&packet, b"pdfaid:part")?;
        let part = part.is_ascii_digit().then(|| part - b'0')?;
        Some(Self { part, conformance: value(&packet, b"pdfaid:conformance") })
    }

    /// PDF/A-3 and PDF/A-4f allow files of any kind within.
    pub(super) fn allows_attachments(self) -> bool {
        self.part == 3 || (self.part == 4 && self.conformance == Some(b'F'))
    }
}

/// The first letter or digit of a property, written as an element or as an attribute.
fn value(packet: &[u8], property: &[u8]) -> Option<u8> {
    let at = memchr::memmem::find(packet, property)? + property.len();
    let after = packet[at..].iter().take(16);
    after.copied().find(u8::is_ascii_alphanumeric).map(|byte| byte.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_of_writing_a_claim_are_read() {
        let claim = |part, conformance| Some(PdfA { part, conformance });
        for packet in [
            "<rdf:Description pdfaid:part=\"3\" pdfaid:conformance='b'/>",
            "<pdfaid:part>3</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>",
        ] {
            assert_eq!(PdfA::in_packet(packet.as_bytes()), claim(3, Some(b'B')));
        }
        let wide: Vec<u8> = "pdfaid:part=\"4\"".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(PdfA::in_packet(&wide), claim(4, None));
        assert_eq!(PdfA::in_packet(b"<x:xmpmeta/>"), None);
    }
}
