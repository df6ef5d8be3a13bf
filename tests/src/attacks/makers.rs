//! What is done to a signed file, one function an attack.

use super::file::{
    FIELD, OTHER, finished, hole, latest, lossy, number_of, redirected, revised, shows, stream,
    streamed, updated,
};

fn one(file: &[u8], number: u32, object: impl Into<String>) -> Vec<u8> {
    updated(file, &[(number, Some(object.into()))])
}

/// The newest signature with `change` done to its dictionary, in a revision of its own.
fn signature(file: &[u8], change: impl Fn(&str) -> String) -> Vec<u8> {
    let number = number_of(file, "/ByteRange");
    one(file, number, change(&latest(file, number)))
}

/// The dictionary with another `/ByteRange`; none takes it away.
fn with_range(file: &[u8], range: Option<&str>) -> Vec<u8> {
    signature(file, |dictionary| {
        let start = dictionary.find("/ByteRange").expect("a range");
        let end = start + dictionary[start..].find(']').expect("its end") + 1;
        let range = range.map(|range| format!("/ByteRange {range}")).unwrap_or_default();
        format!("{}{range}{}", &dictionary[..start], &dictionary[end..])
    })
}

fn with_contents(file: &[u8], contents: &str) -> Vec<u8> {
    signature(file, |dictionary| {
        let start = dictionary.find("/Contents").expect("contents");
        let end = start + dictionary[start..].find('>').expect("their end") + 1;
        format!("{}{contents}{}", &dictionary[..start], &dictionary[end..])
    })
}

pub(super) fn without_range(file: &[u8]) -> Vec<u8> {
    with_range(file, None)
}

pub(super) fn empty_range(file: &[u8]) -> Vec<u8> {
    with_range(file, Some("[0 0 0 0]"))
}

pub(super) fn null_range(file: &[u8]) -> Vec<u8> {
    with_range(file, Some("null"))
}

pub(super) fn negative_range(file: &[u8]) -> Vec<u8> {
    with_range(file, Some("[0 -1 -1 0]"))
}

pub(super) fn gaping_range(file: &[u8]) -> Vec<u8> {
    let hole = hole(file);
    let rest = file.len() - hole.end;
    with_range(
        file,
        Some(&format!("[0 {} {} {}]", hole.start, hole.end + rest / 2, rest - rest / 2)),
    )
}

pub(super) fn overlapping_range(file: &[u8]) -> Vec<u8> {
    let hole = hole(file);
    with_range(file, Some(&format!("[0 {} {} {}]", hole.end, hole.start, file.len() - hole.start)))
}

pub(super) fn endless_range(file: &[u8]) -> Vec<u8> {
    let far = "9223372036854775807";
    with_range(file, Some(&format!("[0 {far} {far} {far}]")))
}

pub(super) fn without_contents(file: &[u8]) -> Vec<u8> {
    with_contents(file, "")
}

pub(super) fn zero_contents(file: &[u8]) -> Vec<u8> {
    with_contents(file, "/Contents<00>")
}

pub(super) fn other_name(file: &[u8]) -> Vec<u8> {
    signature(file, |dictionary| dictionary.replacen("<<", "<</Name(Un autre cabinet)", 1))
}

pub(super) fn other_sub_filter(file: &[u8]) -> Vec<u8> {
    signature(file, |dictionary| dictionary.replace("ETSI.CAdES.detached", "adbe.x509.rsa_sha1"))
}

pub(super) fn copied_signature(file: &[u8]) -> Vec<u8> {
    let changed = other_content(file);
    signature(&changed, str::to_owned)
}

pub(super) fn other_content(file: &[u8]) -> Vec<u8> {
    one(file, 4, stream("", OTHER))
}

/// What may come, beneath a table with a fault at which some readers give it up.
pub(super) fn faulty_table(file: &[u8]) -> Vec<u8> {
    let filled = FIELD.replace("/V(-)", "/V(Durand)").replace("/AP<</N 8 0 R>>", "");
    let file = lossless(&one(file, 5, filled));
    let at = file.rfind(" n \n").expect("an entry");
    file[..at]
        .chars()
        .chain(" n\n".chars())
        .chain(file[at + 4..].chars())
        .map(|c| c as u8)
        .collect()
}

/// One character a byte.
fn lossless(file: &[u8]) -> String {
    file.iter().map(|byte| char::from(*byte)).collect()
}

/// Room for what no digest covers.
pub(super) fn stuffed_contents(file: &[u8]) -> Vec<u8> {
    let (mut file, end) = (file.to_vec(), hole(file).end - 1);
    let zeros = file[..end].iter().rev().take_while(|byte| **byte == b'0').count();
    let start = end - zeros.min(8);
    file[start..end].fill(b' ');
    file
}

pub(super) fn other_title(file: &[u8]) -> Vec<u8> {
    let keys = format!("{}/Info 120 0 R", super::file::trailer(file));
    revised(file, &[(120, Some("<</Title(Honoraires : 900 euros)>>".to_owned()))], &keys)
}

/// Readers draw the fields anew, each as it likes.
pub(super) fn redrawn_fields(file: &[u8]) -> Vec<u8> {
    let holder = number_of(file, "/Fields");
    let form = latest(file, holder);
    let at = form.find("/Fields").expect("fields");
    one(file, holder, format!("{}/NeedAppearances true{}", &form[..at], &form[at..]))
}

/// The signature's dictionary with one text for another in its place, as long as it was.
fn relabelled(file: &[u8], from: &str, to: &str) -> Vec<u8> {
    let text = lossy(file);
    let start = text[..hole(file).start].rfind(" obj").expect("an object");
    let at = start + text[start..].find(from).expect("what is replaced");
    let mut file = file.to_vec();
    file[at..at + from.len()].copy_from_slice(format!("{to:<len$}", len = from.len()).as_bytes());
    file
}

pub(super) fn as_pkcs7(file: &[u8]) -> Vec<u8> {
    relabelled(file, "ETSI.CAdES.detached", "adbe.pkcs7.detached")
}

pub(super) fn as_timestamp(file: &[u8]) -> Vec<u8> {
    relabelled(file, "ETSI.CAdES.detached", "ETSI.RFC3161")
}

/// A document timestamp that is called a signature: its type makes room for the longer name.
pub fn timestamp_as_signature(file: &[u8]) -> Vec<u8> {
    let text = lossy(file);
    let kind = text.rfind("/DocTimeStamp").expect("a timestamp");
    let start = text[..kind].rfind("/Type").expect("its key");
    let name = start + text[start..].find("/ETSI.RFC3161").expect("its form");
    let end = name + "/ETSI.RFC3161".len();
    let between = &text[kind + "/DocTimeStamp".len()..name];
    let written = format!("{between}/ETSI.CAdES.detached");
    let mut file = file.to_vec();
    file[start..end].copy_from_slice(format!("{written:<len$}", len = end - start).as_bytes());
    file
}

/// Objects after the end, and no cross-references: a repairing reader takes the last definition.
pub(super) fn without_xref(file: &[u8]) -> Vec<u8> {
    let object = format!("4 0 obj\n{}\nendobj\ntrailer\n<</Root 1 0 R>>\n", stream("", OTHER));
    let start = format!("{object}startxref\n7\n%%EOF\n");
    [file, start.as_bytes()].concat()
}

/// The signed bytes stay, in two parts; between them stands what the attacker wants to show.
pub(super) fn wrapped(file: &[u8]) -> Vec<u8> {
    let (hole, number) = (hole(file), number_of(file, "/ByteRange"));
    let second = lossy(&file[hole.end..]);
    let dictionary = latest(file, number);
    let start = dictionary.find("/ByteRange").expect("a range");
    let end = start + dictionary[start..].find(']').expect("its end") + 1;
    let content = format!("4 0 obj\n{}\nendobj\n", stream("", OTHER));
    // Numbers of fixed width, so that the places are known before they are written.
    let object = |at: usize| {
        let range = format!("/ByteRange[0 {} {at:010} {}]", hole.start, second.len());
        let dictionary = format!("{}{range}{}", &dictionary[..start], &dictionary[end..]);
        format!("{number} 0 obj\n{dictionary}\nendobj\n")
    };
    let place = file.len() + content.len();
    let moved = place + object(0).len();
    let body = format!("{content}{}{second}\n", object(moved));
    let table = format!("4 1\n{:010} 00000 n \n{number} 1\n{place:010} 00000 n \n", file.len());
    finished(file, &body, &table, "/Root 1 0 R")
}

pub(super) fn uncovered(file: &[u8]) -> Vec<u8> {
    updated(file, &[(9, None)])
}

pub(super) fn other_font(file: &[u8]) -> Vec<u8> {
    let differences = "/Encoding<</Type/Encoding/Differences[49/nine]>>";
    one(file, 7, format!("<</Type/Font/Subtype/Type1/BaseFont/Helvetica{differences}>>"))
}

pub(super) fn swapped_appearance(file: &[u8]) -> Vec<u8> {
    let filled = FIELD.replace("/V(-)", "/V(100)");
    updated(file, &[(5, Some(filled)), (8, Some(shows("900")))])
}

pub(super) fn appearance_alone(file: &[u8]) -> Vec<u8> {
    one(file, 8, shows("900 euros"))
}

/// The second content of the base, which no entry names.
pub(super) fn brought_back(file: &[u8]) -> Vec<u8> {
    let text = lossy(file);
    let first = text.find("\n4 0 obj").expect("the content") + 1;
    let second = first + 1 + text[first + 1..].find("\n4 0 obj").expect("the other content") + 1;
    redirected(file, 4, second)
}

/// Number 50 is part of the page's content since it was signed.
pub(super) fn awaited(file: &[u8]) -> Vec<u8> {
    let catalog = latest(file, 1).replacen("<<", "<</DSS 120 0 R", 1);
    let store = "<</Type/DSS/Certs[50 0 R]>>".to_owned();
    updated(file, &[(1, Some(catalog)), (50, Some(stream("", OTHER))), (120, Some(store))])
}

/// The file with object 120 among the annotations of its first page, in one revision with `more`.
pub(super) fn annotated(file: &[u8], annotation: &str, more: Vec<(u32, String)>) -> Vec<u8> {
    let page = latest(file, 3);
    let at = page.find("/Annots").expect("annotations");
    let end = at + page[at..].find(']').expect("their end");
    let page = format!("{} 120 0 R{}", &page[..end], &page[end..]);
    let mut objects = vec![(3, Some(page)), (120, Some(annotation.to_owned()))];
    objects.extend(more.into_iter().map(|(number, object)| (number, Some(object))));
    updated(file, &objects)
}

/// What covers a line of text.
fn cover() -> (u32, String) {
    (121, stream("/Type/XObject/Subtype/Form/BBox[0 0 400 40]", "1 g 0 0 400 40 re f"))
}

pub(super) fn free_text(file: &[u8]) -> Vec<u8> {
    let text = "/Contents(900)/DA(/Helv 12 Tf)/AP<</N 121 0 R>>";
    let note = format!("<</Type/Annot/Subtype/FreeText/Rect[60 690 460 730]{text}>>");
    annotated(file, &note, vec![cover()])
}

pub(super) fn stamp(file: &[u8]) -> Vec<u8> {
    let appearance = "/AP<</N 121 0 R>>";
    let stamp = format!("<</Type/Annot/Subtype/Stamp/Rect[60 690 460 730]{appearance}>>");
    annotated(file, &stamp, vec![cover()])
}

/// The file with field 120 in its form and on its first page.
pub(super) fn with_field(file: &[u8], field: &str) -> Vec<u8> {
    let holder = number_of(file, "/Fields");
    let form = latest(file, holder);
    let at = form.find("/Fields").expect("fields");
    let end = at + form[at..].find(']').expect("their end");
    let form = format!("{} 120 0 R{}", &form[..end], &form[end..]);
    annotated(file, field, vec![cover(), (holder, form)])
}

pub(super) fn sneaky_signature(file: &[u8]) -> Vec<u8> {
    let shown = "/Rect[60 690 460 730]/AP<</N 121 0 R>>/P 3 0 R";
    with_field(file, &format!("<</Type/Annot/Subtype/Widget/FT/Sig/T(Autre){shown}>>"))
}

pub(super) fn covering_signature(file: &[u8]) -> Vec<u8> {
    let shown = "/Rect[40 590 260 630]/AP<</N 121 0 R>>/P 3 0 R";
    with_field(file, &format!("<</Type/Annot/Subtype/Widget/FT/Sig/T(Autre){shown}>>"))
}

pub(super) fn added_field(file: &[u8]) -> Vec<u8> {
    let shown = "/Rect[60 690 460 730]/AP<</N 121 0 R>>/P 3 0 R/V(900)";
    with_field(file, &format!("<</Type/Annot/Subtype/Widget/FT/Tx/T(Autre){shown}>>"))
}

/// Readers that know fields by name mistake one for the other.
pub(super) fn taken_name(file: &[u8]) -> Vec<u8> {
    with_field(file, "<</FT/Sig/T(Nom)/Rect[0 0 0 0]/AP<</N 121 0 R>>>>")
}

pub(super) fn shared_signature(file: &[u8]) -> Vec<u8> {
    let value = number_of(file, "/ByteRange");
    with_field(file, &format!("<</FT/Sig/T(Autre)/Rect[0 0 0 0]/AP<</N 121 0 R>>/V {value} 0 R>>"))
}

pub(super) fn other_catalog(file: &[u8]) -> Vec<u8> {
    let catalog = latest(file, 1);
    let objects = [
        (2, Some("<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>".to_owned())),
        (120, Some(catalog)),
    ];
    revised(file, &objects, "/Root 120 0 R")
}

/// The first for some readers, the last for others.
pub(super) fn two_contents(file: &[u8]) -> Vec<u8> {
    one(file, 3, latest(file, 3).replacen("<<", "<</Contents 9 0 R", 1))
}

pub(super) fn two_catalogs(file: &[u8]) -> Vec<u8> {
    let keys = format!("/Root 9 0 R{}", super::file::trailer(file));
    revised(file, &[(3, Some(latest(file, 3)))], &keys)
}

pub(super) fn in_object_stream(file: &[u8]) -> Vec<u8> {
    let page = latest(file, 3);
    let at = page.find("/Contents").expect("the content");
    let end = at + page[at..].find(']').expect("its end") + 1;
    streamed(file, &[(3, format!("{}/Contents 9 0 R{}", &page[..at], &page[end..]))])
}

/// One entry leads to the content that was signed, the other to one that the base hides.
pub(super) fn entry_twice(file: &[u8]) -> Vec<u8> {
    let text = lossless(file);
    let at = |text: &str| text.find("\n4 0 obj").expect("the content") + 1;
    let signed = at(&text);
    let hidden = signed + 1 + at(&text[signed + 1..]);
    let line = |place: usize| format!("4 1\n{place:010} 00000 n \n");
    super::file::finished(file, "", &(line(signed) + &line(hidden)), &super::file::trailer(file))
}

/// The same in a section of its own, among the objects of the revision.
pub(super) fn two_sections(file: &[u8]) -> Vec<u8> {
    let text = lossless(file);
    let signed = text.find("\n4 0 obj").expect("the content") + 1;
    let hidden = signed + 2 + text[signed + 1..].find("\n4 0 obj").expect("the hidden one");
    let trailer = super::file::trailer(file);
    let previous = super::file::last_start(file);
    let rows: Vec<u8> = [signed, hidden]
        .into_iter()
        .flat_map(|place| [&[1][..], &(place as u32).to_be_bytes(), &[0]].concat())
        .collect();
    let head = format!(
        "151 0 obj\n<</Type/XRef/W[1 4 1]/Index[4 1 4 1]{trailer}/Size 200/Prev {previous}\
         /Length {}>>stream\n",
        rows.len()
    );
    let section = [head.as_bytes(), &rows, b"\nendstream\nendobj\n"].concat();
    let (at, start) = (file.len(), file.len() + section.len());
    let tail = format!(
        "xref\n0 0\ntrailer\n<<{trailer}/Size 200/Prev {at}>>\nstartxref\n{start}\n%%EOF\n"
    );
    [file, &section, tail.as_bytes()].concat()
}

/// Who looks for the number alone finds the first.
pub(super) fn twice_in_object_stream(file: &[u8]) -> Vec<u8> {
    let page = latest(file, 3);
    let other = page.replacen("<<", "<</Rotate 180", 1);
    streamed(file, &[(3, other), (3, page)])
}

pub(super) fn inserted_page(file: &[u8]) -> Vec<u8> {
    let pages = latest(file, 2).replacen("[3 0 R", "[120 0 R 3 0 R", 1);
    let page = "<</Type/Page/Parent 2 0 R/Resources<<>>>>".to_owned();
    updated(file, &[(2, Some(pages)), (120, Some(page))])
}

pub(super) fn removed_page(file: &[u8]) -> Vec<u8> {
    one(file, 2, latest(file, 2).replacen(" 6 0 R", "", 1))
}

pub(super) fn reordered_pages(file: &[u8]) -> Vec<u8> {
    one(file, 2, latest(file, 2).replacen("3 0 R 6 0 R", "6 0 R 3 0 R", 1))
}

pub(super) fn moved_field(file: &[u8]) -> Vec<u8> {
    one(file, 5, FIELD.replace("/Rect[50 600 250 620]", "/Rect[50 100 250 120]"))
}

pub(super) fn script(file: &[u8]) -> Vec<u8> {
    let action = "<</OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>";
    one(file, 1, latest(file, 1).replacen("<<", action, 1))
}

pub(super) fn content_as_certificate(file: &[u8]) -> Vec<u8> {
    let catalog = latest(file, 1).replacen("<<", "<</DSS 120 0 R", 1);
    let store = "<</Type/DSS/Certs[4 0 R]>>".to_owned();
    updated(file, &[(1, Some(catalog)), (4, Some(stream("", OTHER))), (120, Some(store))])
}

pub(super) fn picture_as_certificate(file: &[u8]) -> Vec<u8> {
    let catalog = latest(file, 1).replacen("<<", "<</DSS 120 0 R", 1);
    let store = "<</Type/DSS/Certs[121 0 R]>>".to_owned();
    let picture = stream("/Subtype/Form/BBox[0 0 9 9]", OTHER);
    updated(file, &[(1, Some(catalog)), (120, Some(store)), (121, Some(picture))])
}

pub(super) fn text_behind(file: &[u8]) -> Vec<u8> {
    [file, b"% 900 euros\n"].concat()
}

fn flipped(file: &[u8], at: usize) -> Vec<u8> {
    let mut file = file.to_vec();
    file[at] ^= 1;
    file
}

pub(super) fn other_byte(file: &[u8]) -> Vec<u8> {
    let text = lossy(file);
    flipped(file, text.find("100 euros").expect("the amount"))
}

pub(super) fn other_reason(file: &[u8]) -> Vec<u8> {
    let (text, hole) = (lossy(file), hole(file));
    let object = text[..hole.start].rfind(" obj").expect("an object");
    let places = [object..hole.start, hole.end..text.len()];
    let key = places
        .into_iter()
        .find_map(|place| text[place.clone()].find("/M").map(|at| place.start + at));
    // A literal string or a hexadecimal one: its first character is another.
    let key = key.expect("the time");
    flipped(file, key + text[key..].find(['(', '<']).expect("a date") + 1)
}
