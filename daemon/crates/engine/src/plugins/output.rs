//! Whether a plugin's new document is taken: it is a PDF that opens, what was signed is untouched,
//! and the inspection that stands before every seal finds nothing more than before: no more active
//! content, and nothing more that could change its reading.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sceau_pdf::{ByteSource, Document, Limits, ScanBounds, inspect};

use super::within::{Overdue, Until, within};

/// How long a plugin's new document is looked at, at most.
pub const INSPECTION: Duration = Duration::from_secs(30);

/// Why a new document is not taken instead of the one before, if it is not. Nobody waits for it beyond
/// `longest`: what takes longer is not taken.
pub fn refusal<B, A>(before: B, after: Arc<A>, longest: Duration) -> Option<String>
where
    B: ByteSource + 'static,
    A: ByteSource + 'static,
{
    let looked = move |until: Until| {
        let (before, after) = (until.source(&before), until.source(&*after));
        look(&before, &after, until.limits())
    };
    match within(Some(Instant::now() + longest), looked) {
        Ok(looked) => looked.err(),
        Err(Overdue::Late) => {
            Some(format!("it cannot be looked through within {} s", longest.as_secs_f32()))
        }
        Err(Overdue::Broken) => Some("the reader of documents broke on it".to_owned()),
        Err(Overdue::NoThread(error)) => Some(format!("it cannot be looked at: {error}")),
    }
}

fn look(before: &dyn ByteSource, after: &dyn ByteSource, limits: &Limits) -> Result<(), String> {
    let old = Document::open(before, limits).map_err(|error| error.to_string())?;
    let new =
        Document::open(after, limits).map_err(|error| format!("it does not open: {error}"))?;
    if new.is_repaired() && !old.is_repaired() {
        return Err("its cross-reference table is broken".to_owned());
    }
    let pages = new.page_count().map_err(|error| error.to_string())?;
    if pages == 0 {
        return Err("it has no page".to_owned());
    }
    if signatures(&old)? > 0 && !begins_with(after, before)? {
        return Err("bytes that were signed are changed".to_owned());
    }
    if signatures(&new)? != signatures(&old)? {
        return Err("it adds or takes away signatures".to_owned());
    }
    let (had, has) = (inspected(&old)?, inspected(&new)?);
    let more = has.into_iter().filter(|(word, count)| had.get(word).copied().unwrap_or(0) < *count);
    let added: Vec<String> = more.map(|(word, _)| word).collect();
    if !added.is_empty() {
        return Err(format!("it adds what could change its reading: {}", added.join(", ")));
    }
    Ok(())
}

fn signatures(document: &Document<'_>) -> Result<usize, String> {
    let fields = document.signature_fields().map_err(|error| error.to_string())?;
    Ok(fields.iter().filter(|field| field.value.is_some()).count())
}

/// What the inspection finds, by its word, and how often: what it only counts, too. Where it ends
/// counts as a word of its own: no new document may be looked at less far than the one before.
fn inspected(document: &Document<'_>) -> Result<BTreeMap<String, u64>, String> {
    let inspection =
        inspect(document, &ScanBounds::default()).map_err(|error| error.to_string())?;
    let active = inspection.active.iter().map(|found| found.kind.word());
    let mut found = BTreeMap::new();
    for word in active.clone() {
        *found.entry(format!("active {word}")).or_default() += 1;
    }
    for danger in inspection.dangers() {
        let ends = danger.word == "not-looked-at";
        let word = if ends { format!("{} ({})", danger.word, danger.place) } else { danger.word };
        *found.entry(word).or_default() += 1;
    }
    for left in &inspection.left_out {
        if left.dangerous || active.clone().any(|word| word == left.word) {
            *found.entry(format!("further {}", left.word)).or_default() += left.count;
        }
    }
    Ok(found)
}

/// Whether `longer` begins with all bytes of `base`: an incremental update.
fn begins_with(longer: &dyn ByteSource, base: &dyn ByteSource) -> Result<bool, String> {
    if longer.len() < base.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    let mut at = 0;
    while at < base.len() {
        let count = usize::try_from(base.len() - at).map_or(left.len(), |n| n.min(left.len()));
        longer.read_at(at, &mut left[..count]).map_err(|error| error.to_string())?;
        base.read_at(at, &mut right[..count]).map_err(|error| error.to_string())?;
        if left[..count] != right[..count] {
            return Ok(false);
        }
        at += count as u64;
    }
    Ok(true)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    /// A document of one page whose catalog says `more`, and whose further objects (from 4) are those.
    fn pdf(more: &str, further: &[&str]) -> Vec<u8> {
        let first = [
            format!("<</Type/Catalog/Pages 2 0 R{more}>>"),
            "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned(),
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>".to_owned(),
        ];
        let objects = first.into_iter().chain(further.iter().map(|&object| object.to_owned()));
        let (mut bytes, mut places) = (b"%PDF-1.7\n".to_vec(), Vec::new());
        for (number, object) in objects.enumerate() {
            places.push(bytes.len());
            bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", number + 1).bytes());
        }
        let (at, size) = (bytes.len(), places.len() + 1);
        bytes.extend(format!("xref\n0 {size}\n0000000000 65535 f \n").bytes());
        for place in places {
            bytes.extend(format!("{place:010} 00000 n \n").bytes());
        }
        let end = format!("trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n");
        bytes.extend(end.bytes());
        bytes
    }

    const SCRIPT: &str = "<</S/JavaScript/JS(app.alert\\(1\\))>>";

    fn signed() -> Vec<u8> {
        let field = "<</FT/Sig/T(S)/V 5 0 R>>";
        let value = "<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached\
                     /ByteRange[0 10 20 10]/Contents<00>>>";
        pdf("/AcroForm<</Fields[4 0 R]/SigFlags 3>>", &[field, value])
    }

    fn look(before: &dyn ByteSource, after: &dyn ByteSource) -> Result<(), String> {
        super::look(before, after, &Limits::default())
    }

    fn refusal(before: &[u8], after: &[u8]) -> String {
        look(&before, &after).expect_err("it is to be refused")
    }

    /// Bytes of a good document, each read of which takes its time.
    struct Slow(Vec<u8>);

    impl ByteSource for Slow {
        fn len(&self) -> u64 {
            self.0.as_slice().len() as u64
        }

        fn read_at(&self, offset: u64, buf: &mut [u8]) -> std::io::Result<()> {
            std::thread::sleep(Duration::from_millis(200));
            self.0.as_slice().read_at(offset, buf)
        }
    }

    #[test]
    fn what_takes_for_ever_to_look_through_is_not_taken() {
        let (before, begun) = (pdf("", &[]), Instant::now());
        let slow = Arc::new(Slow(before.clone()));
        let why = super::refusal(before.clone(), slow, Duration::from_millis(20));
        assert!(why.as_ref().is_some_and(|why| why.contains("within 0.02 s")), "{why:?}");
        assert!(begun.elapsed() < Duration::from_millis(190), "{:?}", begun.elapsed());
        assert_eq!(super::refusal(before.clone(), Arc::new(before), INSPECTION), None);
    }

    #[test]
    fn what_adds_nothing_hidden_is_taken() {
        let plain = pdf("", &[]);
        look(&plain.as_slice(), &pdf("/Lang(fr)", &[]).as_slice()).expect("taken");
        let scripted = pdf("/OpenAction 4 0 R", &[SCRIPT]);
        look(&scripted.as_slice(), &scripted.as_slice()).expect("nothing is added");
    }

    #[test]
    fn what_is_no_document_is_refused() {
        assert!(refusal(&pdf("", &[]), b"made by a plugin").contains("does not open"));
        let mut broken = pdf("", &[]);
        let at = broken.windows(9).rposition(|window| window == b"startxref").unwrap();
        broken.truncate(at);
        assert!(refusal(&pdf("", &[]), &broken).contains("cross-reference"));
    }

    #[test]
    fn active_content_is_counted_not_only_named() {
        let (one, two) = (pdf("/OpenAction 4 0 R", &[SCRIPT]), "/OpenAction 4 0 R/AA<</WC 5 0 R>>");
        let said = refusal(&pdf("", &[]), &one);
        assert!(said.contains("javascript"), "{said}");
        let said = refusal(&one, &pdf(two, &[SCRIPT, SCRIPT]));
        assert!(said.contains("javascript"), "{said}");
    }

    #[test]
    fn a_thousand_links_hide_no_script() {
        const LINK: &str = "<</S/URI/URI(https://exemple.fr)>>";
        let links = [LINK; 1_001];
        let before = pdf("", &links);
        let scripted = [&links[..], &[SCRIPT]].concat();
        let said = refusal(&before, &pdf("", &scripted));
        assert!(said.contains("javascript"), "{said}");
        // What is counted only is compared, too.
        let said = refusal(&before, &pdf("", &[LINK; 1_002]));
        assert!(said.contains("further uri"), "{said}");
        look(&before.as_slice(), &before.as_slice()).expect("nothing is added");
    }

    #[test]
    fn what_was_signed_is_not_touched() {
        let before = signed();
        let mut other = before.clone();
        let at = other.windows(3).position(|window| window == b"200").unwrap();
        other[at] = b'3';
        assert_eq!(refusal(&before, &other), "bytes that were signed are changed");
        assert_eq!(refusal(&pdf("", &[]), &before), "it adds or takes away signatures");
        look(&before.as_slice(), &before.as_slice()).expect("the same");
    }
}
