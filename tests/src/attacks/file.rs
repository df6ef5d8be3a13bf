//! Signed files taken apart and put together, byte by byte: what an attacker does with an editor.

/// The document that everybody signs here. A second page; a text field (5, shown by 8), a choice (10, shown
/// by 11) and a date with a format (14, shown by 15); an image of nothing over the first page (9); fonts that
/// show a 9 for a 1 (12) and whose codes nobody can name (13); a second content that no entry names (4 again,
/// behind the table of contents); and a number (50) that is mentioned without being defined.
pub fn base(catalog: &str) -> Vec<u8> {
    let catalog = format!(
        "<</Type/Catalog/Pages 2 0 R{catalog}/AcroForm<</Fields[5 0 R 10 0 R 14 0 R]\
         /DR<</Font<</Helv 7 0 R/Neuf 12 0 R/Codes 13 0 R>>>>>>>>"
    );
    let objects = [
        catalog,
        "<</Type/Pages/Kids[3 0 R 6 0 R]/Count 2/MediaBox[0 0 595 842]>>".to_owned(),
        "<</Type/Page/Parent 2 0 R/Resources<</Font<</F 7 0 R>>/XObject<</Over 9 0 R>>>>\
         /Contents[4 0 R 50 0 R]/Annots[5 0 R 10 0 R 14 0 R]>>"
            .to_owned(),
        stream("", "BT /F 12 Tf 72 700 Td (Honoraires : 100 euros) Tj ET /Over Do"),
        FIELD.to_owned(),
        "<</Type/Page/Parent 2 0 R/Resources<<>>>>".to_owned(),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
        shows("-"),
        stream("/Type/XObject/Subtype/Form/BBox[0 0 9 9]", "q Q"),
        CHOICE.to_owned(),
        shows("-"),
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding<</Differences[49/nine]>>>>".to_owned(),
        "<</Type/Font/Subtype/Type0/BaseFont/Codes/Encoding/Identity-H/DescendantFonts[<</Type/Font\
         /Subtype/CIDFontType2/BaseFont/Codes/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)\
         /Supplement 0>>>>]>>"
            .to_owned(),
        DATE.to_owned(),
        shows("-"),
    ];
    let mut file = String::from("%PDF-1.7\n");
    let mut table = String::from("0000000000 65535 f \n");
    for (index, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", file.len());
        file += &format!("{} 0 obj\n{object}\nendobj\n", index + 1);
    }
    file += &format!("4 0 obj\n{}\nendobj\n", stream("", OTHER));
    let (size, start) = (objects.len() + 1, file.len());
    file += &format!("xref\n0 {size}\n{table}trailer\n<</Size {size}/Root 1 0 R>>\n");
    (file + &format!("startxref\n{start}\n%%EOF\n")).into_bytes()
}

/// What the attacker would like to be read.
pub(super) const OTHER: &str = "BT /F 12 Tf 72 700 Td (Honoraires : 900 euros) Tj ET";
/// The text field, empty.
pub const FIELD: &str = "<</Type/Annot/Subtype/Widget/FT/Tx/T(Nom)/Rect[50 600 250 620]/P 3 0 R\
                         /AP<</N 8 0 R>>/V(-)>>";

/// The choice, without a value; it opens, and its values are other words than it shows.
pub(super) const CHOICE: &str = "<</Type/Annot/Subtype/Widget/FT/Ch/Ff 131072/T(Accord)/Opt[[(o)(Oui)][(n)(Non)]]\
                          /Rect[50 560 250 580]/P 3 0 R/AP<</N 11 0 R>>/V(-)>>";

/// The date, without a value.
pub(super) const DATE: &str = "<</Type/Annot/Subtype/Widget/FT/Tx/T(Date)/AA<</F<</S/JavaScript\
                        /JS(AFDate_FormatEx\\(\"dd/mm/yyyy\"\\);)>>>>/Rect[50 520 250 540]/P 3 0 R\
                        /AP<</N 15 0 R>>/V(-)>>";

/// A stream with these keys and this data.
pub(super) fn stream(keys: &str, data: &str) -> String {
    format!("<<{keys}/Length {}>>stream\n{data}\nendstream", data.len())
}

/// The appearance of a text field.
pub fn shows(text: &str) -> String {
    painted(&format!("/Tx BMC q BT /Helv 12 Tf 2 5 Td ({text}) Tj ET Q EMC"))
}

/// The appearance of a field with this content.
pub(super) fn painted(content: &str) -> String {
    let fonts = "/Font<</Helv 7 0 R/Neuf 12 0 R/Codes 13 0 R>>";
    let keys = format!("/Type/XObject/Subtype/Form/BBox[0 0 200 20]/Resources<<{fonts}>>");
    stream(&keys, content)
}

/// Object `number` as the newest revision defines it.
pub fn latest(file: &[u8], number: u32) -> String {
    let text = lossy(file);
    let head = format!("\n{number} 0 obj");
    let after = &text[text.rfind(&head).expect("the object") + head.len()..];
    after.split("endobj").next().unwrap_or_default().trim().to_owned()
}

/// The number of the newest object whose text holds `what`.
pub fn number_of(file: &[u8], what: &str) -> u32 {
    let text = lossy(file);
    let place = text.rfind(what).expect("what is looked for");
    let head = text[..place].rfind(" 0 obj").expect("an object");
    let digits = text[..head].rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    digits.parse().expect("a number")
}

/// One byte a character, so that places in the text are places in the file.
pub fn lossy(file: &[u8]) -> String {
    file.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { '?' }).collect()
}

/// The newest trailer without `/Size` and `/Prev`.
pub(super) fn trailer(file: &[u8]) -> String {
    let text = lossy(file);
    let after = &text[text.rfind("trailer").expect("a trailer") + 7..];
    let inner = after.split("startxref").next().unwrap_or_default().trim();
    let mut inner = inner.trim_start_matches("<<").trim_end().to_owned();
    inner.truncate(inner.rfind(">>").unwrap_or(inner.len()));
    for key in ["/Size", "/Prev", "/XRefStm"] {
        if let Some(at) = inner.find(key) {
            let rest = inner[at + key.len()..].trim_start();
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            inner = format!("{}{}", &inner[..at], &rest[digits..]);
        }
    }
    inner
}

/// Where the newest cross-references stand.
pub(super) fn last_start(file: &[u8]) -> u64 {
    let text = lossy(file);
    let after = text.rsplit("startxref").next().unwrap_or_default();
    after.split_whitespace().next().and_then(|word| word.parse().ok()).expect("a startxref")
}

/// `file` with a revision of these objects; `none` frees one.
pub fn updated(file: &[u8], objects: &[(u32, Option<String>)]) -> Vec<u8> {
    let keys = trailer(file);
    revised(file, objects, &keys)
}

/// The same with another trailer.
pub(super) fn revised(file: &[u8], objects: &[(u32, Option<String>)], keys: &str) -> Vec<u8> {
    let (mut body, mut table) = (String::new(), String::new());
    for (number, object) in objects {
        match object {
            Some(object) => {
                table += &format!("{number} 1\n{:010} 00000 n \n", file.len() + body.len());
                body += &format!("{number} 0 obj\n{object}\nendobj\n");
            }
            None => table += &format!("{number} 1\n0000000000 00001 f \n"),
        }
    }
    finished(file, &body, &table, keys)
}

/// `file`, then `body`, then a cross-reference table of these lines.
pub(super) fn finished(file: &[u8], body: &str, table: &str, keys: &str) -> Vec<u8> {
    let (previous, start) = (last_start(file), file.len() + body.len());
    let tail = format!(
        "{body}xref\n{table}trailer\n<<{keys}/Size 200/Prev {previous}>>\nstartxref\n{start}\n%%EOF\n"
    );
    [file, tail.as_bytes()].concat()
}

/// `file` with a table that leads `number` to `offset`, and nothing else.
pub(super) fn redirected(file: &[u8], number: u32, offset: usize) -> Vec<u8> {
    finished(file, "", &format!("{number} 1\n{offset:010} 00000 n \n"), &trailer(file))
}

/// `file` with a revision whose objects lie in an object stream, beneath a cross-reference stream. Of a number that
/// stands twice, the last is the one that is meant.
pub(super) fn streamed(file: &[u8], objects: &[(u32, String)]) -> Vec<u8> {
    let (mut heads, mut bodies) = (String::new(), String::new());
    for (number, object) in objects {
        heads += &format!("{number} {} ", bodies.len());
        bodies += &format!("{object} ");
    }
    let keys = format!("/Type/ObjStm/N {}/First {}", objects.len(), heads.len());
    let holder = format!("150 0 obj\n{}\nendobj\n", stream(&keys, &(heads + &bodies)));
    let (at, start) = (file.len() as u32, (file.len() + holder.len()) as u32);
    let mut rows: Vec<(u32, u8, u32)> = vec![(150, 1, at), (151, 1, start)];
    rows.extend(objects.iter().map(|(number, _)| (*number, 2, 150)));
    rows.sort_unstable();
    rows.dedup();
    let index: String = rows.iter().map(|(number, ..)| format!("{number} 1 ")).collect();
    let mut data = Vec::new();
    for (number, kind, second) in rows {
        let place = objects.iter().rposition(|(n, _)| *n == number).unwrap_or(0);
        data.push(kind);
        data.extend(second.to_be_bytes());
        data.push(if kind == 2 { place as u8 } else { 0 });
    }
    let head = format!(
        "151 0 obj\n<</Type/XRef/W[1 4 1]/Index[{index}]{}/Size 200/Prev {}/Length {}>>stream\n",
        trailer(file),
        last_start(file),
        data.len()
    );
    let end = format!("\nendstream\nendobj\nstartxref\n{start}\n%%EOF\n");
    [file, holder.as_bytes(), head.as_bytes(), &data, end.as_bytes()].concat()
}

/// Where `/Contents` of the newest signature stands, brackets included.
pub fn hole(file: &[u8]) -> std::ops::Range<usize> {
    let text = lossy(file);
    let range = text.rfind("/ByteRange").expect("a signature");
    let object = text[..range].rfind(" obj").expect("an object");
    let at = object + text[object..].find("/Contents").expect("its contents");
    let start = at + text[at..].find('<').expect("a string");
    start..start + text[start..].find('>').expect("its end") + 1
}
