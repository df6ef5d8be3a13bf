//! Signed, then a byte, a revision or an object is changed, anywhere: it passes only where the change lies
//! outside of what any rule protects. What that is stands in [`FREE`], and in `docs/attacks.md`.
//!
//! Whether a change shows is asked of another reader (lopdf), never of our own. `PROPTEST_CASES` says how
//! many changes are tried.

use std::ops::Range;

use crate::common::Bench;
use crate::seen;
use proptest::prelude::*;
use proptest::sample::Index;
use sceau_pades::{Level, ReadError, begin_document_timestamp, store_material, validate};
use sceau_pki::crl::RevocationList;
use sceau_pki::revocation::Material;
use sceau_pki::testing::TestPki;
use sceau_tests::attacks;

/// Everything that may be changed in a file that passes, and why nothing protects it. The first six are
/// places within what a signature covers: its own value, which it cannot cover.
const FREE: [(&str, &str); 11] = [
    ("case", "a hexadecimal digit of /Contents in upper or lower case is the same digit"),
    ("cms-version", "a version number in a CMS: nothing is concluded from it"),
    ("cms-digests", "the list of digest algorithms of a CMS, which only announces them"),
    (
        "timestamp-type",
        "the type of the attribute that holds the timestamp: the level is B-B without it",
    ),
    ("timestamp-length", "the length of that attribute's type, for the same reason"),
    ("second-copy", "a certificate beside a signature, which the file holds elsewhere too"),
    ("not-shown", "bytes of a later revision that change nothing that is shown"),
    ("white-space", "one white-space character instead of another in a later revision"),
    (
        "form",
        "one byte of a later revision's form, at which a strict reader stops and a lenient one does not",
    ),
    ("nothing", "a change that leaves the file as it was"),
    (
        "covered-part",
        "an end of the file cut off where a signature ends: what is left is what was signed",
    ),
];

struct Signed {
    bytes: Vec<u8>,
    /// Where what the newest signature covers ends.
    end: usize,
    holes: Vec<Range<usize>>,
}

struct World {
    bench: Bench,
    files: Vec<Signed>,
}

thread_local! {
    static WORLD: World = World::new();
}

impl World {
    fn new() -> Self {
        let bench = Bench::p256();
        let base = attacks::base("");
        let once = bench.sealed_file(&base, Level::B);
        let timed = bench.sealed_file(&base, Level::T);
        let twin =
            |name: &str| attacks::twins().into_iter().find(|(twin, _)| *twin == name).unwrap().1;
        let filled = twin("a field filled, in place")(&once);
        let twice = bench.sealed_file(&filled, Level::B);
        let stored = stored(&bench, &timed);
        let archived = stamped(&bench, &stored);
        let known = twin("metadata")(&twin("validation data")(&timed));
        let ends = [
            once.len(),
            timed.len(),
            once.len(),
            twice.len(),
            timed.len(),
            archived.len(),
            timed.len(),
        ];
        let files = [once, timed, filled, twice, stored, archived, known];
        let files = files.into_iter().zip(ends).map(|(bytes, end)| signed(bytes, end)).collect();
        let world = Self { bench, files };
        for (index, file) in world.files.iter().enumerate() {
            assert!(world.passes(&file.bytes), "{:#?}", world.bench.judge(&file.bytes).verdict);
            assert!(
                seen::same(&file.bytes[..file.end], &file.bytes),
                "another reader, file {index}"
            );
        }
        world
    }

    fn passes(&self, file: &[u8]) -> bool {
        match validate(&file, &self.bench.options()) {
            Ok(report) => report.verdict.passed(),
            Err(ReadError::Source(error)) => panic!("a slice cannot fail: {error}"),
            Err(_) => false,
        }
    }
}

fn signed(bytes: Vec<u8>, end: usize) -> Signed {
    let holes = holes(&bytes);
    Signed { bytes, end, holes }
}

/// Every `/Contents` of a signature, brackets included: strings of more than a thousand digits.
fn holes(file: &[u8]) -> Vec<Range<usize>> {
    let mut holes = Vec::new();
    for start in (0..file.len()).filter(|at| file[*at] == b'<') {
        let digits = file[start + 1..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
        if digits > 1000 && file.get(start + 1 + digits) == Some(&b'>') {
            holes.push(start..start + digits + 2);
        }
    }
    holes
}

fn stored(bench: &Bench, file: &[u8]) -> Vec<u8> {
    let crls = bench.pki.crls(&[]);
    let crls = crls.iter().map(|list| RevocationList::parse(list.der()).unwrap()).collect();
    let material = Material { crls, ..Material::default() };
    let extended = store_material(&file, &bench.pki.anchors(), &material, TestPki::now());
    [file, &extended.unwrap().unwrap().revision.tail].concat()
}

fn stamped(bench: &Bench, file: &[u8]) -> Vec<u8> {
    let waiting = begin_document_timestamp(&file, bench.token_room()).unwrap();
    let imprint = sceau_pki::tsp::Imprint::new(
        sceau_pki::DigestAlgorithm::Sha256,
        waiting.imprint().to_vec(),
    );
    let request = sceau_pki::tsp::TimeStampRequest::new(imprint, [7; 8]);
    let token = bench.pki.timestamp(&request, TestPki::now());
    [file, &waiting.finish(&token).unwrap().revision.tail].concat()
}

/// Why a change may pass: its name in [`FREE`]; none is a find.
fn reason(before: &Signed, after: &[u8]) -> Option<&'static str> {
    if before.bytes == after {
        return Some("nothing");
    }
    let same = before.bytes.iter().zip(after).take_while(|(old, new)| old == new).count();
    if same >= before.end {
        let shown = seen::same(&before.bytes[..before.end], after).then_some("not-shown");
        let white = || only_white_space(&before.bytes, after).then_some("white-space");
        let form = || (one_byte(&before.bytes, after) && !seen::reads(after)).then_some("form");
        return shown.or_else(white).or_else(form);
    }
    if same == after.len() {
        // A version that was signed before, whole again.
        let ends = before.holes.iter().any(|hole| hole.end < after.len());
        return (ends && seen::same(after, &before.bytes)).then_some("covered-part");
    }
    let hole = before.holes.iter().find(|hole| hole.contains(&same))?;
    let differs = |at: &usize| before.bytes.get(*at) != after.get(*at);
    let only_here = before.bytes.len() == after.len()
        && (0..after.len()).filter(differs).all(|at| hole.contains(&at));
    if !only_here {
        return None;
    }
    if before.bytes[hole.clone()].eq_ignore_ascii_case(&after[hole.clone()]) {
        return Some("case");
    }
    let message = hex::decode(&before.bytes[hole.start + 1..hole.end - 1]).unwrap();
    let places = unsigned_places(&before.bytes, &message);
    let mut reasons = (hole.clone()).filter(differs).map(|at| {
        let byte = (at - hole.start - 1) / 2;
        places.iter().find(|(place, _)| place.contains(&byte)).map(|(_, why)| *why)
    });
    reasons.try_fold("", |_, why| why)
}

fn one_byte(before: &[u8], after: &[u8]) -> bool {
    let differing = before.iter().zip(after).filter(|(old, new)| old != new).count();
    before.len() == after.len() && differing == 1
}

/// Which white-space character it is makes no difference (ISO 32000-2 §7.2.3).
fn only_white_space(before: &[u8], after: &[u8]) -> bool {
    let white = |byte: &u8| matches!(byte, 0 | 9 | 10 | 12 | 13 | 32);
    let same = |(old, new): (&u8, &u8)| old == new || white(old) && white(new);
    before.len() == after.len() && before.iter().zip(after).all(same)
}

/// The bytes of a CMS that nobody signs and nothing is concluded from (RFC 5652 §5).
fn unsigned_places(file: &[u8], message: &[u8]) -> Vec<(Range<usize>, &'static str)> {
    let stored = attacks::lossy(file).contains("/DSS");
    let mut places = Vec::new();
    content_info(message, 0, stored, &mut places);
    places
}

fn content_info(
    message: &[u8],
    at: usize,
    stored: bool,
    places: &mut Vec<(Range<usize>, &'static str)>,
) {
    let info = element(message, at);
    let content = children(message, &info)[1].clone();
    let parts = children(message, &children(message, &content)[0].clone());
    places.push((parts[0].whole.clone(), "cms-version"));
    places.push((parts[1].whole.clone(), "cms-digests"));
    if let Some(bag) = parts.iter().find(|part| message[part.whole.start] == 0xa0) {
        second_copies(message, bag, stored, places);
    }
    let signer = children(message, parts.last().unwrap())[0].clone();
    let fields = children(message, &signer);
    places.push((fields[0].whole.clone(), "cms-version"));
    let Some(unsigned) = fields.iter().find(|field| message[field.whole.start] == 0xa1) else {
        return;
    };
    for attribute in children(message, unsigned) {
        let parts = children(message, &attribute);
        places.push((parts[0].value.clone(), "timestamp-type"));
        places.push((parts[0].whole.start + 1..parts[0].value.start, "timestamp-length"));
        content_info(message, parts[1].value.start, stored, places);
    }
}

/// The certificates of a CMS of which the same stands elsewhere: in the timestamp, or in the document
/// security store. No signature covers them; they bear one themselves.
fn second_copies(
    message: &[u8],
    bag: &Element,
    stored: bool,
    places: &mut Vec<(Range<usize>, &'static str)>,
) {
    for certificate in children(message, bag) {
        let bytes = &message[certificate.whole.clone()];
        let copies = message.windows(bytes.len()).filter(|window| *window == bytes).count();
        if stored || copies > 1 {
            places.push((certificate.whole, "second-copy"));
        }
    }
}

#[derive(Clone, Debug)]
struct Element {
    whole: Range<usize>,
    value: Range<usize>,
}

/// The DER element at a place.
fn element(message: &[u8], at: usize) -> Element {
    let first = usize::from(message[at + 1]);
    let (start, len) = if first < 0x80 {
        (at + 2, first)
    } else {
        let bytes = &message[at + 2..at + 2 + (first & 0x7f)];
        let len = bytes.iter().fold(0, |len, byte| len << 8 | usize::from(*byte));
        (at + 2 + bytes.len(), len)
    };
    Element { whole: at..start + len, value: start..start + len }
}

fn children(message: &[u8], parent: &Element) -> Vec<Element> {
    let (mut at, mut all) = (parent.value.start, Vec::new());
    while at < parent.value.end {
        let one = element(message, at);
        at = one.whole.end;
        all.push(one);
    }
    all
}

#[track_caller]
fn held(world: &World, file: &Signed, changed: &[u8]) -> Result<(), TestCaseError> {
    if !world.passes(changed) {
        return Ok(());
    }
    let reason = reason(file, changed);
    let known = reason.is_some_and(|why| FREE.iter().any(|(name, _)| *name == why));
    let same = file.bytes.iter().zip(changed).take_while(|(old, new)| old == new).count();
    let (place, byte) = (place(file, same), changed.get(same));
    prop_assert!(known, "it passes with {byte:?} at {same} of {}: {place}", file.bytes.len());
    Ok(())
}

/// Where in a CMS a byte of the file stands: the tags that lead there, and the byte within.
fn place(file: &Signed, at: usize) -> String {
    let Some(hole) = file.holes.iter().find(|hole| hole.contains(&at)) else {
        let around = at.saturating_sub(30)..file.bytes.len().min(at + 30);
        return format!("{:?}", String::from_utf8_lossy(&file.bytes[around]));
    };
    let message = hex::decode(&file.bytes[hole.start + 1..hole.end - 1]).unwrap();
    let byte = (at - hole.start - 1) / 2;
    let (mut inner, mut path) = (element(&message, 0), String::new());
    while inner.whole.contains(&byte) {
        path += &format!("/{:02x}+{}", message[inner.whole.start], byte - inner.whole.start);
        if message[inner.whole.start] & 0x20 == 0 || byte < inner.value.start {
            break;
        }
        let parts = children(&message, &inner);
        let Some(next) = parts.iter().position(|part| part.whole.contains(&byte)) else { break };
        path += &format!("#{next}");
        inner = parts[next].clone();
    }
    path
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_byte_changed_anywhere(which in any::<Index>(), at in any::<Index>(), byte in any::<u8>()) {
        WORLD.with(|world| {
            let file = &world.files[which.index(world.files.len())];
            let mut changed = file.bytes.clone();
            changed[at.index(file.bytes.len())] = byte;
            held(world, file, &changed)
        })?;
    }

    /// A digit of a signature's value, which most bytes of a small file are not.
    #[test]
    fn a_digit_of_a_value(which in any::<Index>(), hole in any::<Index>(), at in any::<Index>(), digit in 0_u32..22) {
        WORLD.with(|world| {
            let file = &world.files[which.index(world.files.len())];
            let hole = file.holes[hole.index(file.holes.len())].clone();
            let used = file.bytes[hole.clone()].iter().rposition(|byte| *byte != b'0' && *byte != b'>').unwrap();
            let mut changed = file.bytes.clone();
            let digit = b"0123456789abcdefABCDEF"[digit as usize];
            changed[hole.start + 1 + at.index(used.min(hole.len() - 2))] = digit;
            held(world, file, &changed)
        })?;
    }

    /// Parts of the file are left out, doubled or exchanged; revisions first of all.
    #[test]
    fn a_revision_left_out_doubled_or_moved(
        which in any::<Index>(), other in any::<Index>(), kind in 0..4, from in any::<Index>(), to in any::<Index>(),
    ) {
        WORLD.with(|world| {
            let file = &world.files[which.index(world.files.len())];
            let other = &world.files[other.index(world.files.len())];
            let ends = ends(&file.bytes);
            let (a, b) = (ends[from.index(ends.len())], ends[to.index(ends.len())]);
            let (low, high) = (a.min(b), a.max(b));
            let bytes = &file.bytes;
            let changed = match kind {
                0 => [&bytes[..low], &bytes[high..]].concat(),
                1 => [&bytes[..], &bytes[low..high]].concat(),
                2 => [&bytes[..low], &bytes[high..], &bytes[low..high]].concat(),
                _ => [&bytes[..low], &other.bytes[low.min(other.bytes.len())..]].concat(),
            };
            if changed == other.bytes {
                return Ok(());
            }
            held(world, file, &changed)
        })?;
    }

    /// An object gets another value in a revision of its own.
    #[test]
    fn an_object_redefined(
        which in any::<Index>(), number in any::<Index>(), kind in 0..6, from in any::<Index>(), at in any::<Index>(),
    ) {
        WORLD.with(|world| {
            let file = &world.files[which.index(world.files.len())];
            let numbers = numbers(&file.bytes);
            let number = numbers[number.index(numbers.len())];
            let own = attacks::latest(&file.bytes, number);
            let other = attacks::latest(&file.bytes, numbers[from.index(numbers.len())]);
            let object = match kind {
                0 => Some(other),
                1 => None,
                2 => Some("null".to_owned()),
                3 => Some(own.clone()),
                4 => Some(with_another_digit(&own, at)),
                _ => Some(with_more(&own, at)),
            };
            held(world, file, &attacks::updated(&file.bytes, &[(number, object)]))
        })?;
    }
}

/// Where revisions end, the start and the end of the file among them.
fn ends(file: &[u8]) -> Vec<usize> {
    let text = attacks::lossy(file);
    let mut ends: Vec<usize> = text.match_indices("%%EOF").map(|(at, _)| at + 6).collect();
    ends.retain(|end| *end <= file.len());
    ends.insert(0, 0);
    ends
}

fn numbers(file: &[u8]) -> Vec<u32> {
    let text = attacks::lossy(file);
    let mut numbers: Vec<u32> = text
        .match_indices(" 0 obj")
        .filter_map(|(at, _)| text[..at].rsplit('\n').next()?.parse().ok())
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn with_another_digit(object: &str, at: Index) -> String {
    let digits: Vec<usize> =
        object.char_indices().filter(|(_, c)| c.is_ascii_digit()).map(|(at, _)| at).collect();
    if digits.is_empty() {
        return object.to_owned();
    }
    let place = digits[at.index(digits.len())];
    let digit = if &object[place..=place] == "9" { "1" } else { "9" };
    format!("{}{digit}{}", &object[..place], &object[place + 1..])
}

/// A key more in the first dictionary.
fn with_more(object: &str, at: Index) -> String {
    const MORE: [&str; 8] = [
        "/Rotate 90",
        "/Annots[9 0 R]",
        "/Contents 9 0 R",
        "/AA<</O<</S/JavaScript/JS(1)>>>>",
        "/V(autre)",
        "/AP<</N 9 0 R>>",
        "/Kids[3 0 R]",
        "/OpenAction<</S/Launch/F(x)>>",
    ];
    object.replacen("<<", &format!("<<{} ", MORE[at.index(MORE.len())]), 1)
}

/// The list above is the one in the documentation.
#[test]
fn what_is_free_is_told() {
    let told = include_str!("../../../../../docs/attacks.md");
    for (name, why) in FREE {
        assert!(
            told.contains(&format!("| `{name}` | {why} |")),
            "{name} is not in docs/attacks.md"
        );
    }
}

/// Every byte of what was added, by bytes that mean something to a reader: all of them when proving,
/// otherwise those of the last cross-references.
#[test]
fn each_byte_of_what_was_added() {
    let prove = option_env!("SCEAU_PROVE") == Some("1");
    let (most, marks) = if prove { (usize::MAX, &b"*/%(>"[..]) } else { (110, &b"*/"[..]) };
    WORLD.with(|world| {
        for file in &world.files {
            let len = file.bytes.len();
            for at in file.end.max(len.saturating_sub(most))..len {
                for mark in marks {
                    let mut changed = file.bytes.clone();
                    changed[at] = *mark;
                    held(world, file, &changed).unwrap();
                }
            }
        }
    });
}
