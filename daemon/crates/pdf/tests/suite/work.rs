//! What a document may cost: counted in bytes that are worked through, not in time.

use crate::support::{Paper, open};
use sceau_pdf::{Allowance, ByteSource, Document, Limits, OpenError, ScanBounds, inspect};
use std::io;

/// Bytes whose readings share what they may cost.
struct Shared {
    bytes: Vec<u8>,
    allowance: Allowance,
}

impl Shared {
    fn new(bytes: Vec<u8>, allowance: u64) -> Self {
        Self { bytes, allowance: Allowance::new(allowance) }
    }
}

impl ByteSource for Shared {
    fn len(&self) -> u64 {
        self.bytes.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        self.bytes.read_at(offset, buf)
    }

    fn allowance(&self) -> Option<Allowance> {
        Some(self.allowance.clone())
    }
}

/// How many times its own length `look` works through a file.
#[track_caller]
fn times(bytes: Vec<u8>, look: impl Fn(&Document<'_>)) -> u64 {
    const PLENTY: u64 = 1 << 40;
    let source = Shared::new(bytes, PLENTY);
    look(&open(&source));
    (PLENTY - source.allowance.left()) / source.len()
}

fn form(fields: &str) -> Paper {
    let mut paper = Paper::simple();
    paper.set(1, &format!("<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [{fields}] >> >>"));
    paper
}

#[test]
fn whoever_opens_a_document_again_has_no_more_to_spend() {
    let source = Shared::new(Paper::simple().table(), 20_000);
    let again = || Document::open(&source, &Limits::default()).map(drop);
    let opened = (0..1_000).map_while(|_| again().ok()).count();
    assert!((1..1_000).contains(&opened), "{opened}");
    assert!(matches!(again(), Err(OpenError::TooComplex { limit: "work" })));
}

#[test]
fn a_name_that_many_fields_refer_to_is_read_once() {
    let mut paper = form(&"<< /FT /Tx /T 20 0 R >> ".repeat(2_000));
    let table = paper.set(20, &format!("[{}]", "3 0 R ".repeat(20_000))).table();
    let times = times(table, |doc| assert_eq!(doc.fields().unwrap().len(), 2_000));
    assert!(times < 40, "{times}");
}

#[test]
fn what_locks_the_fields_is_read_once_for_all() {
    let numbers: Vec<String> = (20..420).map(|number| format!("{number} 0 R")).collect();
    let mut paper = form(&numbers.join(" "));
    for number in 20..419 {
        paper.set(number, &format!("<< /FT /Tx /T (Champ {number}) >>"));
    }
    let parameters = "/TransformParams << /Action /Include /Fields [(Champ 20)] >>";
    let locks = format!("/Reference [<< /TransformMethod /FieldMDP {parameters} >>]");
    paper.set(419, &format!("<< /FT /Sig /T (Cachet) /V << /Type /Sig {locks} >> >>"));
    let times = times(paper.table(), |doc| {
        let inspection = inspect(doc, &ScanBounds::default()).unwrap();
        let locked: Vec<_> =
            inspection.fields.iter().filter(|field| field.locked_by.is_some()).collect();
        assert_eq!((locked.len(), locked[0].name.as_str()), (1, "Champ 20"));
        assert_eq!(locked[0].locked_by.as_deref(), Some("Cachet"));
    });
    assert!(times < 150, "{times}");
}
