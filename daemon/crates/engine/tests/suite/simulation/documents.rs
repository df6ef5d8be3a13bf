//! Small documents to drop.

use std::fmt::Write as _;

/// A document of one page with a classic cross-reference table; `mark` makes it its own.
pub(crate) fn pdf(mark: &str) -> Vec<u8> {
    let title = format!("<</Title({mark})>>");
    let objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>",
        "<</Type/Page/Parent 2 0 R/Resources<<>>/Contents 4 0 R>>",
        "<</Length 22>>stream\n0 0 1 rg 9 9 99 99 re f\nendstream",
        &title,
    ];
    let mut file = String::from("%PDF-1.7\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (index, object) in objects.iter().enumerate() {
        writeln!(table, "{:010} 00000 n ", file.len()).unwrap();
        writeln!(file, "{} 0 obj\n{object}\nendobj", index + 1).unwrap();
    }
    let (size, xref) = (objects.len() + 1, file.len());
    write!(file, "xref\n0 {size}\n{table}trailer\n<</Size {size}/Root 1 0 R/Info 5 0 R>>\n")
        .unwrap();
    writeln!(file, "startxref\n{xref}\n%%EOF").unwrap();
    file.into_bytes()
}
