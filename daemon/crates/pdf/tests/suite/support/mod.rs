//! Small documents in every form of cross-reference.

use flate2::Compression;
use flate2::write::ZlibEncoder;
use sceau_pdf::{ByteSource, Document, Limits, Revision};
use std::io::Write as _;

/// Objects to be laid out as a file.
#[derive(Debug, Clone)]
pub(crate) struct Paper {
    pub(crate) version: &'static str,
    /// Number and body, without `obj` and `endobj`.
    pub(crate) objects: Vec<(u32, Vec<u8>)>,
    /// Further trailer keys.
    pub(crate) trailer: String,
}

/// The form of the cross-references.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Table,
    Stream,
    Hybrid,
}

pub(crate) const FORMS: [Form; 3] = [Form::Table, Form::Stream, Form::Hybrid];

impl Paper {
    /// One page with a line of text.
    pub(crate) fn simple() -> Self {
        Self::with_page("/MediaBox [0 0 595 842]")
    }

    /// One page with these further keys.
    pub(crate) fn with_page(keys: &str) -> Self {
        let content = "BT /F1 12 Tf 72 720 Td (Attestation) Tj ET";
        let mut paper = Self { version: "1.7", objects: Vec::new(), trailer: String::new() };
        paper
            .set(1, "<< /Type /Catalog /Pages 2 0 R >>")
            .set(2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
            .set(
                3,
                &format!(
                    "<< /Type /Page /Parent 2 0 R /Contents 4 0 R \
                     /Resources << /Font << /F1 5 0 R >> >> {keys} >>"
                ),
            )
            .set(4, &format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()))
            .set(5, "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>");
        paper
    }

    /// Sets object `number`.
    pub(crate) fn set(&mut self, number: u32, body: &str) -> &mut Self {
        self.objects.retain(|(existing, _)| *existing != number);
        self.objects.push((number, body.as_bytes().to_vec()));
        self.objects.sort_by_key(|(number, _)| *number);
        self
    }

    pub(crate) fn write(&self, form: Form) -> Vec<u8> {
        match form {
            Form::Table => self.table(),
            Form::Stream => self.stream(),
            Form::Hybrid => self.hybrid(),
        }
    }

    fn size(&self) -> u32 {
        self.objects.iter().map(|(number, _)| number + 1).max().unwrap_or(1)
    }

    fn header(&self) -> Vec<u8> {
        format!("%PDF-{}\n%\u{e2}\u{e3}\n", self.version).into_bytes()
    }

    fn trailer_keys(&self) -> String {
        format!("/Root 1 0 R /ID [<01> <02>] {}", self.trailer)
    }

    /// Objects and a cross-reference table.
    pub(crate) fn table(&self) -> Vec<u8> {
        let mut out = self.header();
        let mut offsets = vec![None; self.size() as usize];
        for (number, body) in &self.objects {
            offsets[*number as usize] = Some(out.len());
            write_object(&mut out, *number, body);
        }
        let start = out.len();
        out.extend(format!("xref\n0 {}\n", self.size()).bytes());
        out.extend(table_lines(&offsets).bytes());
        let keys = self.trailer_keys();
        out.extend(format!("trailer\n<< /Size {} {keys} >>\n", self.size()).bytes());
        out.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
        out
    }

    /// All objects that are no streams in an object stream, and a cross-reference stream.
    pub(crate) fn stream(&self) -> Vec<u8> {
        let mut out = self.header();
        let (container, own) = (self.size(), self.size() + 1);
        let mut rows = vec![[0u64; 3]; own as usize + 1];
        for (number, body) in self.streams() {
            rows[number as usize] = [1, out.len() as u64, 0];
            write_object(&mut out, number, &body);
        }
        rows[container as usize] = [1, out.len() as u64, 0];
        write_object(&mut out, container, &self.object_stream());
        for (index, (number, _)) in self.plain().into_iter().enumerate() {
            rows[number as usize] = [2, u64::from(container), index as u64];
        }
        let start = out.len();
        rows[own as usize] = [1, start as u64, 0];
        let keys = self.trailer_keys();
        write_object(&mut out, own, &xref_stream(&rows, &keys));
        out.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
        out
    }

    /// A table that hides the objects of an object stream, and a stream that shows them.
    pub(crate) fn hybrid(&self) -> Vec<u8> {
        let mut out = self.header();
        let (container, own) = (self.size(), self.size() + 1);
        let mut hidden = self.clone();
        // The catalog and the pages must be there for readers that know no streams.
        hidden.objects.retain(|(number, body)| *number > 4 && !is_stream(body));
        let mut offsets = vec![None; self.size() as usize];
        for (number, body) in &self.objects {
            if !hidden.objects.iter().any(|(other, _)| other == number) {
                offsets[*number as usize] = Some(out.len());
                write_object(&mut out, *number, body);
            }
        }
        let mut rows = vec![[0u64; 3]; own as usize + 1];
        rows[container as usize] = [1, out.len() as u64, 0];
        write_object(&mut out, container, &hidden.object_stream());
        for (index, (number, _)) in hidden.plain().into_iter().enumerate() {
            rows[number as usize] = [2, u64::from(container), index as u64];
        }
        let beside = out.len();
        rows[own as usize] = [1, beside as u64, 0];
        write_object(&mut out, own, &xref_stream(&rows, &self.trailer_keys()));
        let start = out.len();
        out.extend(format!("xref\n0 {}\n", self.size()).bytes());
        out.extend(table_lines(&offsets).bytes());
        let keys = self.trailer_keys();
        out.extend(format!("trailer\n<< /Size {} /XRefStm {beside} {keys} >>\n", own + 1).bytes());
        out.extend(format!("startxref\n{start}\n%%EOF\n").bytes());
        out
    }

    fn streams(&self) -> Vec<(u32, Vec<u8>)> {
        self.objects.iter().filter(|(_, body)| is_stream(body)).cloned().collect()
    }

    fn plain(&self) -> Vec<(u32, Vec<u8>)> {
        self.objects.iter().filter(|(_, body)| !is_stream(body)).cloned().collect()
    }

    fn object_stream(&self) -> Vec<u8> {
        let (mut head, mut data) = (String::new(), Vec::new());
        for (number, body) in self.plain() {
            head.push_str(&format!("{number} {} ", data.len()));
            data.extend(body);
            data.push(b'\n');
        }
        let first = head.len();
        let packed = deflate(&[head.into_bytes(), data].concat());
        let count = self.plain().len();
        let dictionary = format!(
            "<< /Type /ObjStm /N {count} /First {first} /Filter /FlateDecode /Length {} >>",
            packed.len()
        );
        stream_body(&dictionary, &packed)
    }
}

pub(crate) fn is_stream(body: &[u8]) -> bool {
    body.windows(7).any(|seven| seven == b"stream\n")
}

pub(crate) fn stream_body(dictionary: &str, data: &[u8]) -> Vec<u8> {
    [dictionary.as_bytes(), b"\nstream\n", data, b"\nendstream"].concat()
}

pub(crate) fn write_object(out: &mut Vec<u8>, number: u32, body: &[u8]) {
    out.extend(format!("{number} 0 obj\n").bytes());
    out.extend(body);
    out.extend(b"\nendobj\n");
}

pub(crate) fn deflate(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).unwrap();
    encoder.finish().unwrap()
}

fn table_lines(offsets: &[Option<usize>]) -> String {
    let line = |offset: &Option<usize>| match offset {
        Some(offset) => format!("{offset:010} 00000 n \n"),
        None => "0000000000 65535 f \n".to_owned(),
    };
    offsets.iter().map(line).collect()
}

/// Rows of 1, 4 and 2 bytes, with the predictor that most writers use.
fn xref_stream(rows: &[[u64; 3]], keys: &str) -> Vec<u8> {
    let mut data = Vec::new();
    let mut above = [0u8; 7];
    for [kind, second, third] in rows {
        let mut row = [0u8; 7];
        row[0] = *kind as u8;
        row[1..5].copy_from_slice(&(*second as u32).to_be_bytes());
        row[5..].copy_from_slice(&(*third as u16).to_be_bytes());
        data.push(2);
        data.extend(row.iter().zip(above).map(|(byte, above)| byte.wrapping_sub(above)));
        above = row;
    }
    let packed = deflate(&data);
    let dictionary = format!(
        "<< /Type /XRef /Size {} /W [1 4 2] {keys} /Filter /FlateDecode \
         /DecodeParms << /Predictor 12 /Columns 7 >> /Length {} >>",
        rows.len(),
        packed.len()
    );
    stream_body(&dictionary, &packed)
}

/// The whole output of a revision.
pub(crate) fn joined(base: &[u8], revision: &Revision) -> Vec<u8> {
    assert_eq!(base.len() as u64, revision.base_len);
    [base, &revision.tail].concat()
}

/// Opens, or fails the test.
pub(crate) fn open(source: &dyn ByteSource) -> Document<'_> {
    Document::open(source, &Limits::default()).unwrap()
}

/// Compares a tail with its golden text, in which bytes that are no ASCII text stand as `\xnn`.
pub(crate) fn same_as_golden(tail: &[u8], golden: &str) {
    let text: String = tail
        .iter()
        .map(|byte| match byte {
            b'\n' => "\n".to_owned(),
            b' '..=b'~' => char::from(*byte).to_string(),
            other => format!("\\x{other:02x}"),
        })
        .collect();
    assert!(text == golden, "the golden text should be:\n{text}<<<end");
}
