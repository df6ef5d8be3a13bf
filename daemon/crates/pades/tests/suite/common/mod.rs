//! Small documents, and a seal for them, for the tests of this room.

use std::fmt::Write as _;

use sceau_pades::report::Report;
use sceau_pades::{
    Level, SealRequest, Sealed, TOKEN_VARIATION, ValidationOptions, begin, validate,
};
use sceau_pki::testing::TestPki;
use sceau_pki::tsp::{Imprint, TimeStampRequest, token_len};
use sceau_pki::{Certificate, DigestAlgorithm, SignatureAlgorithm};

/// A document of one page with a classic cross-reference table.
pub(crate) fn small_pdf() -> Vec<u8> {
    pdf_of(&[
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        "<</Type/Page/Parent 2 0 R/Resources<<>>/Contents 4 0 R>>",
        "<</Length 23>>stream\n0 0 1 rg 9 9 99 99 re f\nendstream",
    ])
}

/// A document of these objects, numbered from 1; the first is the catalog.
pub(crate) fn pdf_of(objects: &[&str]) -> Vec<u8> {
    let mut file = String::from("%PDF-1.7\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (index, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", file.len()).unwrap();
        writeln!(file, "{} 0 obj\n{object}\nendobj", index + 1).unwrap();
    }
    let (size, xref) = (objects.len() + 1, file.len());
    write!(file, "xref\n0 {size}\n{table}trailer\n<</Size {size}/Root 1 0 R>>\n").unwrap();
    writeln!(file, "startxref\n{xref}\n%%EOF").unwrap();
    file.into_bytes()
}

/// `file` with an incremental update of these objects, by number.
pub(crate) fn updated(file: &[u8], objects: &[(u32, &str)]) -> Vec<u8> {
    let size = objects.iter().map(|(number, _)| number + 1).max().unwrap().max(100);
    let previous = last_startxref(file);
    let mut update = String::new();
    let mut table = String::new();
    for (number, object) in objects {
        writeln!(table, "{number} 1\n{:010} 00000 n ", file.len() + update.len()).unwrap();
        writeln!(update, "{number} 0 obj\n{object}\nendobj").unwrap();
    }
    let xref = file.len() + update.len();
    write!(update, "xref\n{table}trailer\n<</Size {size}/Root 1 0 R/Prev {previous}>>\n").unwrap();
    writeln!(update, "startxref\n{xref}\n%%EOF").unwrap();
    [file, update.as_bytes()].concat()
}

fn last_startxref(file: &[u8]) -> usize {
    let text = String::from_utf8_lossy(file);
    let after = text.rsplit("startxref").next().unwrap();
    after.split_whitespace().next().unwrap().parse().unwrap()
}

/// A cabinet whose keys are all of one algorithm.
pub(crate) struct Bench {
    pub(crate) pki: TestPki,
    pub(crate) chain: Vec<Certificate>,
    pub(crate) algorithm: SignatureAlgorithm,
}

impl Bench {
    pub(crate) fn new(algorithm: SignatureAlgorithm) -> Self {
        let pki = TestPki::generate(algorithm);
        // The root is the anchor and does not stand in the signature.
        let chain = pki.seal_chain()[..2].to_vec();
        Self { pki, chain, algorithm }
    }

    pub(crate) fn p256() -> Self {
        Self::new(SignatureAlgorithm::EcdsaP256Sha256)
    }

    pub(crate) fn request(&self, level: Level) -> SealRequest<'_> {
        SealRequest {
            timestamp_len: (level == Level::T).then(|| self.token_room()),
            ..SealRequest::new(&self.chain, self.algorithm, level, TestPki::now())
        }
    }

    pub(crate) fn token_room(&self) -> usize {
        let chain = [self.pki.issuing.certificate.clone()];
        token_len(&self.pki.unit_parameters(&chain), DigestAlgorithm::Sha256) + TOKEN_VARIATION
    }

    pub(crate) fn token(&self, imprint: [u8; 32]) -> Vec<u8> {
        let imprint = Imprint::new(DigestAlgorithm::Sha256, imprint.to_vec());
        self.pki.timestamp(&TimeStampRequest::new(imprint, [7; 8]), TestPki::now())
    }

    pub(crate) fn sign(&self, to_be_signed: &[u8]) -> Vec<u8> {
        self.pki.seal.key.sign(to_be_signed)
    }

    /// Through all stages.
    pub(crate) fn seal(&self, base: &[u8], request: &SealRequest<'_>) -> Sealed {
        let session = begin(&base, request).unwrap();
        let signature = self.sign(session.to_be_signed());
        let signed = session.signed(&signature).unwrap();
        match request.level {
            Level::B => signed.without_timestamp().unwrap(),
            _ => {
                let token = self.token(signed.imprint());
                signed.timestamped(&token).unwrap()
            }
        }
    }

    pub(crate) fn sealed_file(&self, base: &[u8], level: Level) -> Vec<u8> {
        file_of(base, &self.seal(base, &self.request(level)))
    }

    pub(crate) fn options(&self) -> ValidationOptions {
        ValidationOptions::new(self.pki.anchors(), TestPki::now())
    }

    pub(crate) fn judge(&self, file: &[u8]) -> Report {
        validate(&file, &self.options()).unwrap()
    }
}

pub(crate) fn file_of(base: &[u8], sealed: &Sealed) -> Vec<u8> {
    assert_eq!(sealed.revision.base_len, base.len() as u64);
    [base, &sealed.revision.tail].concat()
}
