//! Documents to drop: real ones made by `tests/fixtures/make.sh`, and small ones made here.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::{peers, root};

mod form;

pub use form::form;

/// All PDFs that `tests/fixtures/make.sh` made and that can be sealed, in a stable order.
///
/// # Panics
/// When they were not made: nothing is skipped.
pub fn all() -> Vec<PathBuf> {
    let folder = peers().join("fixtures");
    let mut files: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error} (tests/fixtures/make.sh)", folder.display()))
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "pdf"))
        .collect();
    files.sort();
    assert!(files.len() >= 9, "only {} fixtures in {}", files.len(), folder.display());
    files
}

/// The bytes of one of them, by its name without `.pdf`; `bad/encrypted` is one too.
///
/// # Panics
/// When it was not made.
pub fn named(name: &str) -> Vec<u8> {
    let path = peers().join("fixtures").join(format!("{name}.pdf"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// A small valid PDF whose bytes differ by `text` (ASCII, no parentheses).
pub fn small(text: &str) -> Vec<u8> {
    small_on(text, "/MediaBox [0 0 595 842]")
}

/// The same on a page with these keys.
pub fn small_on(text: &str, page: &str) -> Vec<u8> {
    let content = format!("BT /F1 18 Tf 72 760 Td ({text}) Tj ET");
    assemble(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        format!(
            "<< /Type /Page /Parent 2 0 R {page} /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ])
}

/// A picture of 96 by 96 pixels: a ring, blue and clear around it (`logo.png`), or red on white
/// (`logo.jpg`).
pub fn picture(name: &str) -> PathBuf {
    root().join("tests/fixtures/pictures").join(name)
}

/// A valid PDF of about `len` bytes, most of it one stream of noise that differs by `text`.
pub fn sized(text: &str, len: usize) -> Vec<u8> {
    let mut state = text.bytes().fold(0x9e37_79b9_7f4a_7c15_u64, |state, byte| {
        (state ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    }) | 1;
    let mut noise = String::with_capacity(len + 16);
    while noise.len() + 500 < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let _ = write!(noise, "{state:016x}");
    }
    assemble(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /PieceInfo 4 0 R >>".to_owned(),
        format!("<< /Length {} >>\nstream\n{noise}\nendstream", noise.len()),
    ])
}

/// A valid PDF that runs JavaScript when it is opened.
pub fn active() -> Vec<u8> {
    assemble(&[
        "<< /Type /Catalog /Pages 2 0 R /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>"
            .to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>".to_owned(),
    ])
}

/// A valid PDF with a stamp (6) that fills a box of white so high above the lower edge of the page; its one
/// line of text stands 700 points above it.
pub fn stamped_over(height: u32) -> Vec<u8> {
    let stream = |keys: &str, data: &str| {
        format!("<< {keys} /Length {} >>\nstream\n{data}\nendstream", data.len())
    };
    assemble(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots [6 0 R] \
         /Resources << /Font << /F1 5 0 R >> >> >>"
            .to_owned(),
        stream("", "BT /F1 12 Tf 72 700 Td (Honoraires : 900 euros) Tj ET"),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        format!(
            "<< /Type /Annot /Subtype /Stamp /Rect [60 {height} 300 {}] /F 4 /AP << /N 7 0 R >> >>",
            height + 30
        ),
        stream("/Type /XObject /Subtype /Form /BBox [0 0 240 30]", "1 g 0 0 240 30 re f"),
    ])
}

/// Objects that each page of [`long`] brings with it.
pub const OBJECTS_A_PAGE: usize = 32;

/// A valid PDF of `pages` pages, each with a content stream and thirty small objects of its own.
pub fn long(pages: usize) -> Vec<u8> {
    let first = |page: usize| 4 + OBJECTS_A_PAGE * page;
    let kids = references((0..pages).map(first));
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {pages} >>"),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
    ];
    for page in 0..pages {
        let (own, content) =
            (first(page) + 1, format!("BT /F1 12 Tf 72 760 Td (Page {page}) Tj ET"));
        let small = references(own + 1..own + OBJECTS_A_PAGE - 1);
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {own} 0 R \
             /Resources << /Font << /F1 3 0 R >> >> /PieceInfo << /Sceau << /Private [{small}] >> >> >>"
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()));
        let filler = |number| format!("<< /Page {page} /Number {number} /Note (nothing to see) >>");
        objects.extend((2..OBJECTS_A_PAGE).map(filler));
    }
    assemble(&objects)
}

fn references(numbers: impl Iterator<Item = usize>) -> String {
    numbers.fold(String::new(), |mut text, number| {
        let _ = write!(text, "{number} 0 R ");
        text
    })
}

/// Writes a valid PDF of about `len` bytes to `path`, most of it one stream of noise, sparing
/// memory.
///
/// # Errors
/// Those of the file system.
pub fn write_large(path: &Path, len: u64) -> std::io::Result<()> {
    use std::io::Write as _;
    let mut out = std::io::BufWriter::new(std::fs::File::create_new(path)?);
    let head = format!(
        "%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages \
         /Kids [3 0 R] /Count 1 >>\nendobj\n3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox \
         [0 0 595 842] /PieceInfo 4 0 R >>\nendobj\n4 0 obj\n<< /Length {len} >>\nstream\n"
    );
    out.write_all(head.as_bytes())?;
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut left = len;
    let mut block = [0_u8; 65536];
    while left > 0 {
        for word in block.chunks_exact_mut(8) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            word.copy_from_slice(&state.to_le_bytes());
        }
        let part = left.min(block.len() as u64);
        out.write_all(&block[..usize::try_from(part).unwrap_or(block.len())])?;
        left -= part;
    }
    let at = |what: &str| head.find(what).expect("invariant: part of the head");
    let offsets = ["1 0 obj", "2 0 obj", "3 0 obj", "4 0 obj"].map(at);
    let start = head.len() as u64 + len + "\nendstream\nendobj\n".len() as u64;
    out.write_all(b"\nendstream\nendobj\n")?;
    out.write_all(table(&offsets, start).as_bytes())?;
    out.flush()
}

/// A PDF of these objects, numbered from 1; the first is the catalog.
pub fn assemble(objects: &[String]) -> Vec<u8> {
    let mut out = String::from("%PDF-1.7\n");
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        let _ = write!(out, "{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    let start = out.len() as u64;
    out.push_str(&table(&offsets, start));
    out.into_bytes()
}

fn table(offsets: &[usize], start: u64) -> String {
    let mut out = format!("xref\n0 {}\n0000000000 65535 f \n", offsets.len() + 1);
    for offset in offsets {
        let _ = writeln!(out, "{offset:010} 00000 n ");
    }
    let size = offsets.len() + 1;
    let _ = write!(out, "trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    out
}
