//! Files beyond what fits into memory, or into 32 bits.

use crate::support::open;
use sceau_pdf::{ByteSource, ObjectId, SignRefusal, SignatureRequest, SubFilter, append_signature};
use std::fmt::Write as _;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};

/// A file with a gap of zeros, which counts what is read of it.
struct Sparse {
    head: Vec<u8>,
    gap: u64,
    tail: Vec<u8>,
    read: AtomicU64,
}

impl ByteSource for Sparse {
    fn len(&self) -> u64 {
        self.head.len() as u64 + self.gap + self.tail.len() as u64
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        self.read.fetch_add(buf.len() as u64, Ordering::Relaxed);
        let (first, last) = (self.head.len() as u64, self.head.len() as u64 + self.gap);
        for (at, byte) in (offset..).zip(buf) {
            *byte = match at {
                at if at < first => self.head[at as usize],
                at if at < last => 0,
                at => *self.tail.get((at - last) as usize).ok_or(io::ErrorKind::UnexpectedEof)?,
            };
        }
        Ok(())
    }
}

/// One page, and a stream of `gap` zeros before it.
fn sparse(gap: u64) -> Sparse {
    let head = format!("%PDF-1.7\n4 0 obj\n<< /Length {gap} >>\nstream\n").into_bytes();
    let start = head.len() as u64 + gap;
    let mut tail = b"\nendstream\nendobj\n".to_vec();
    let mut table = String::from("xref\n0 5\n0000000000 65535 f \n");
    for (number, body) in [
        (1, "<< /Type /Catalog /Pages 2 0 R >>"),
        (2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
        (3, "<< /Type /Page /Parent 2 0 R >>"),
    ] {
        writeln!(table, "{:010} 00000 n ", start + tail.len() as u64).unwrap();
        crate::support::write_object(&mut tail, number, body.as_bytes());
    }
    writeln!(table, "0000000009 00000 n ").unwrap();
    let at = start + tail.len() as u64;
    tail.extend(table.bytes());
    tail.extend(format!("trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n{at}\n%%EOF\n").bytes());
    Sparse { head, gap, tail, read: AtomicU64::new(0) }
}

fn request() -> SignatureRequest {
    SignatureRequest::new("Sceau", SubFilter::EtsiCadesDetached, 100)
}

#[test]
fn five_gibibytes_are_signed_by_reading_some_kilobytes() {
    let source = sparse(5 << 30);
    let revision = append_signature(&open(&source), &request()).unwrap();
    assert!(source.read.load(Ordering::Relaxed) < 1 << 20);
    let Sparse { head, gap, mut tail, read } = source;
    tail.extend(&revision.tail);
    let output = Sparse { head, gap, tail, read };
    let doc = open(&output);
    let fields = doc.signature_fields().unwrap();
    let value = fields[0].value.as_ref().unwrap();
    let range = revision.byte_range().unwrap();
    assert!(range[1] > u64::from(u32::MAX));
    assert_eq!(value.byte_range, Some(range));
    assert_eq!(value.contents_span, Some((range[1], range[2])));
}

#[test]
fn what_a_table_cannot_hold_is_refused() {
    for gap in [9_999_999_000, 10_000_000_000] {
        let source = sparse(gap);
        let refusal = append_signature(&open(&source), &request()).unwrap_err();
        assert!(matches!(refusal, SignRefusal::Unsupported { .. }), "{refusal}");
    }
}

/// 10,000 pages and 320,000 objects: the table stays in the file.
#[test]
fn many_objects_are_opened_without_reading_their_table() {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut offsets = vec![0; 320_001];
    let mut write = |number: usize, body: &str| {
        offsets[number] = file.len();
        crate::support::write_object(&mut file, number as u32, body.as_bytes());
    };
    write(1, "<< /Type /Catalog /Pages 2 0 R >>");
    let kids: Vec<_> = (0..10_000).map(|page| format!("{} 0 R", 3 + page)).collect();
    write(2, &format!("<< /Type /Pages /Kids [{}] >>", kids.join(" ")));
    (3..10_003).for_each(|number| write(number, "<< /Type /Page >>"));
    (10_003..=320_000).for_each(|number| write(number, "0"));
    let start = file.len();
    file.extend(b"xref\n0 320001\n0000000000 65535 f \n");
    for offset in &offsets[1..] {
        file.extend(format!("{offset:010} 00000 n \n").bytes());
    }
    let trailer = "trailer\n<< /Size 320001 /Root 1 0 R >>\n";
    file.extend(format!("{trailer}startxref\n{start}\n%%EOF\n").bytes());
    let source = Sparse { head: file, gap: 0, tail: Vec::new(), read: AtomicU64::new(0) };
    let revision = append_signature(&open(&source), &request()).unwrap();
    assert!(source.read.load(Ordering::Relaxed) < 2 << 20);
    assert!(String::from_utf8_lossy(&revision.tail).contains("\n320001 0 obj\n<< /Type /Sig"));
    let doc = open(&source);
    assert_eq!(doc.page_count().unwrap(), 10_000);
    assert_eq!(doc.object(ObjectId::new(320_000, 0)).unwrap(), 0.into());
    assert_eq!(doc.object_ids(1_000_000).unwrap().len(), 320_000);
}
