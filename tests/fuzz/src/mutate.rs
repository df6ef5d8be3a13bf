//! Changed seeds, the same for the same number.

/// What hostile messages are made of: tags and lengths (X.690), their largest and their indefinite
/// ones, and numbers at their limits.
pub(super) const DER: &[&[u8]] = &[
    b"\x30\x80",
    b"\x00\x00",
    b"\x30\x82\xff\xff",
    b"\x30\x84\xff\xff\xff\xff",
    b"\x04\x88\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x30\x81\x00",
    b"\x30\x00",
    b"\x31\x00",
    b"\x24\x80",
    b"\xa0\x80",
    b"\xa0\x03\x02\x01\x02",
    b"\x02\x01\x00",
    b"\x02\x01\xff",
    b"\x02\x00",
    b"\x02\x04\x7f\xff\xff\xff",
    b"\x02\x09\x00\xff\xff\xff\xff\xff\xff\xff\xff",
    b"\x02\x03\x01\x00\x01",
    b"\x03\x01\x00",
    b"\x03\x02\x07\x80",
    b"\x05\x00",
    b"\x06\x00",
    b"\x06\x01\x80",
    b"\x01\x01\xff",
    b"\x17\x0d991231235959Z",
    b"\x18\x0f99991231235959Z",
    b"\x18\x1300000000000000.999Z",
    b"\x1f\xff\xff\xff\x7f",
    b"-----BEGIN CERTIFICATE-----\n",
    b"-----END CERTIFICATE-----\n",
    b"====",
    b"\xff",
    b"\0",
];

/// What hostile documents are made of.
pub(super) const PDF: &[&[u8]] = &[
    b"obj",
    b"endobj",
    b"stream",
    b"endstream",
    b"xref",
    b"trailer",
    b"startxref",
    b"%%EOF",
    b"/Prev",
    b"/Size",
    b"/Length",
    b"/Kids",
    b"/Parent",
    b"/XRefStm",
    b"/Index",
    b"/W",
    b"/First",
    b"/N",
    b"/Type",
    b"/ObjStm",
    b"/XRef",
    b"/Filter",
    b"/FlateDecode",
    b"/Encrypt",
    b"/Annots",
    b"<<",
    b">>",
    b"[",
    b"]",
    b"(",
    b")",
    b"<",
    b">",
    b"0",
    b"-1",
    b"65536",
    b"4294967295",
    b"9999999999",
    b"18446744073709551615",
    b"1 0 R",
    b"0 0 R",
    b"null",
    b"\0",
    b"\xff",
    b"\r\n",
];

/// What hostile pictures are made of: chunks (PNG, 11) and markers (ITU-T T.81, B.1.1), and sizes
/// that promise much.
pub(super) const PICTURES: &[&[u8]] = &[
    b"IHDR",
    b"IDAT",
    b"PLTE",
    b"tRNS",
    b"\0\0\0\0IEND\xae\x42\x60\x82",
    b"\0\0\0\x01IDAT",
    b"\x7f\xff\xff\xff",
    b"\0\0\x10\0",
    b"\0\0\x10\x01",
    b"\x10\x06\0\0\x01",
    b"\x08\x03\0\0\0",
    b"\x01\0\0\0\0",
    b"\xff\xd8",
    b"\xff\xd9",
    b"\xff\xc0\0\x11\x08",
    b"\xff\xc2\0\x0b\x08",
    b"\xff\xda",
    b"\xff\xff",
    b"\xff",
    b"\0",
];

/// Makes inputs out of seeds.
#[derive(Debug)]
pub struct Mutator {
    state: u64,
    words: &'static [&'static [u8]],
}

impl Mutator {
    /// One for each number; xorshift needs one that is not 0.
    pub fn new(number: u64, words: &'static [&'static [u8]]) -> Self {
        Self { state: number.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, words }
    }

    /// A seed with one to eight changes.
    pub fn changed(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(8) {
            self.change(&mut bytes, seeds);
        }
        bytes
    }

    fn change(&mut self, bytes: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        if bytes.is_empty() {
            bytes.push(0);
        }
        let at = self.below(bytes.len());
        let end = (at + 1 + self.below(64)).min(bytes.len());
        match self.below(8) {
            0 => bytes[at] ^= 1 << self.below(8),
            1 => bytes[at] = self.below(256) as u8,
            2 => drop(bytes.drain(at..end)),
            3 => {
                let copy = bytes[at..end].to_vec();
                let to = self.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            4 => bytes.truncate(at),
            5 | 6 => {
                let word = self.words[self.below(self.words.len())];
                let end = (at + self.below(word.len() + 1)).min(bytes.len());
                bytes.splice(at..end, word.iter().copied());
            }
            _ => {
                let other = &seeds[self.below(seeds.len())];
                let from = self.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend(&other[from..]);
            }
        }
    }

    fn below(&mut self, end: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        (self.state % end.max(1) as u64) as usize
    }
}
