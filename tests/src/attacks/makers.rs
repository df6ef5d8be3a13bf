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
fn annotated(file: &[u8], annotation: &str, more: Option<(u32, String)>) -> Vec<u8> {
    let page = latest(file, 3);
    let at = page.find("/Annots").expect("annotations");
    let end = at + page[at..].find(']').expect("their end");
    let page = format!("{} 120 0 R{}", &page[..end], &page[end..]);
    let shown = stream("/Type/XObject/Subtype/Form/BBox[0 0 400 40]", "1 g 0 0 400 40 re f");
    let mut objects = vec![(3, Some(page)), (120, Some(annotation.to_owned())), (121, Some(shown))];
    objects.extend(more.map(|(number, object)| (number, Some(object))));
    updated(file, &objects)
}

pub(super) fn free_text(file: &[u8]) -> Vec<u8> {
    let text = "/Contents(900)/DA(/Helv 12 Tf)/AP<</N 121 0 R>>";
    let note = format!("<</Type/Annot/Subtype/FreeText/Rect[60 690 460 730]{text}>>");
    annotated(file, &note, None)
}

pub(super) fn stamp(file: &[u8]) -> Vec<u8> {
    let appearance = "/AP<</N 121 0 R>>";
    let stamp = format!("<</Type/Annot/Subtype/Stamp/Rect[60 690 460 730]{appearance}>>");
    annotated(file, &stamp, None)
}

/// The file with field 120 in its form and on its first page.
pub(super) fn with_field(file: &[u8], field: &str) -> Vec<u8> {
    let holder = number_of(file, "/Fields");
    let form = latest(file, holder);
    let at = form.find("/Fields").expect("fields");
    let end = at + form[at..].find(']').expect("their end");
    let form = format!("{} 120 0 R{}", &form[..end], &form[end..]);
    annotated(file, field, Some((holder, form)))
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

pub(super) fn in_object_stream(file: &[u8]) -> Vec<u8> {
    let page = latest(file, 3);
    let at = page.find("/Contents").expect("the content");
    let end = at + page[at..].find(']').expect("its end") + 1;
    streamed(file, &[(3, format!("{}/Contents 9 0 R{}", &page[..at], &page[end..]))])
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
    one(file, 5, FIELD.replace("/Rect[50 600", "/Rect[50 100"))
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

/// The newest CMS, without the zeros behind it, and its room in bytes.
pub(super) fn cms(file: &[u8]) -> (Vec<u8>, usize) {
    let hole = hole(file);
    let digits: Vec<u8> = file[hole.start + 1..hole.end - 1]
        .iter()
        .filter_map(|c| (*c as char).to_digit(16))
        .map(|d| d as u8)
        .collect();
    let mut der: Vec<u8> = digits.chunks_exact(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    der.truncate(total(&der));
    (der, digits.len() / 2)
}

/// The elements within an element.
fn within(der: &[u8]) -> Vec<&[u8]> {
    let (head, len) = element(der);
    let (mut rest, mut found) = (&der[head..head + len], Vec::new());
    while !rest.is_empty() {
        let (one, behind) = rest.split_at(total(rest));
        found.push(one);
        rest = behind;
    }
    found
}

/// The first certificate of the newest CMS: ContentInfo, [0], SignedData, certificates.
pub(super) fn certificate(file: &[u8]) -> Vec<u8> {
    let (der, _) = cms(file);
    let signed = within(within(&der)[1])[0];
    let held = within(signed).into_iter().find(|part| part[0] == 0xa0).expect("certificates");
    within(held)[0].to_vec()
}

/// The digits of `/Contents`, changed by `change`, and filled up with zeros.
pub(super) fn with_cms(file: &[u8], change: impl Fn(Vec<u8>) -> Vec<u8>) -> Vec<u8> {
    let hole = hole(file);
    let (der, room) = cms(file);
    let mut der = change(der);
    der.resize(room.max(der.len()), 0);
    let text: String = der.iter().map(|byte| format!("{byte:02x}")).collect();
    let end = hole.start + 1 + text.len();
    let mut out = [&file[..hole.start + 1], text.as_bytes()].concat();
    out.extend(&file[(hole.end - 1).min(file.len())..]);
    debug_assert!(end >= hole.end - 1);
    out
}

/// Head and content of a DER element.
pub(super) fn element(der: &[u8]) -> (usize, usize) {
    let first = usize::from(der[1]);
    if first < 0x80 {
        return (2, first);
    }
    let bytes = first & 0x7f;
    let len = der[2..2 + bytes].iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
    (2 + bytes, len)
}

pub(super) fn total(der: &[u8]) -> usize {
    let (head, len) = element(der);
    head + len
}

/// The last element within the last element and so on, `depth` times, followed by a copy of itself.
fn doubled(der: &[u8], depth: usize) -> Vec<u8> {
    let (head, len) = element(der);
    let content = &der[head..head + len];
    let (mut at, mut last) = (0, 0);
    while at < content.len() {
        last = at;
        at += total(&content[at..]);
    }
    let inner = match depth {
        0 => [content, &content[last..]].concat(),
        _ => [&content[..last], &doubled(&content[last..], depth - 1)].concat(),
    };
    let len = u32::try_from(inner.len()).unwrap_or(u32::MAX).to_be_bytes();
    [&[der[0], 0x84], &len[..], &inner].concat()
}

/// ContentInfo, [0], SignedData, SET of SignerInfo: the last of each.
pub(super) fn two_signers(file: &[u8]) -> Vec<u8> {
    with_cms(file, |der| doubled(&der, 3))
}

/// The signing certificate's subject is another.
pub(super) fn other_certificate(file: &[u8]) -> Vec<u8> {
    with_cms(file, |mut der| {
        // commonName within the first certificate: 2.5.4.3.
        let oid = [0x06, 0x03, 0x55, 0x04, 0x03];
        let places: Vec<usize> =
            der.windows(5).enumerate().filter(|(_, w)| *w == oid).map(|(at, _)| at).collect();
        for at in places {
            der[at + 8] ^= 1;
        }
        der
    })
}
