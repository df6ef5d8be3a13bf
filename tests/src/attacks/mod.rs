//! Every published attack upon signed PDF files, made from any signed file of [`base`], and an honest
//! twin for each: what a program may do to the same place of the same file.
//!
//! Classes after Mladenov, Mainka, Rohlmann and others: "1 Trillion Dollar Refund" (USF, ISA, SWA),
//! "Shadow Attacks", "Breaking the Specification: PDF Certification" (EAA, OCA).

pub mod bench;
mod fields;
mod file;
mod forged;
mod honest;
mod hostile;
mod makers;
mod message;
pub mod table;

pub use file::{FIELD, base, hole, latest, lossy, number_of, shows, updated};
pub use forged::{with_cms_of, with_token_of};
pub use honest::{MADE, Twin, note, twins};
pub use hostile::hostile;
pub use makers::timestamp_as_signature;

/// How a file is attacked, and what has to be said of it.
#[derive(Clone, Copy)]
pub struct Attack {
    /// Its class as the literature names it.
    pub class: &'static str,
    /// What exactly is done.
    pub name: &'static str,
    /// The sub-indication that is right for it.
    pub expected: &'static str,
    /// The rules without which it would pass; none where the form alone stands against it, without which
    /// there is nothing to judge.
    pub guards: &'static [&'static str],
    /// What may be done to the same place: one of [`twins`], or of [`MADE`].
    pub twin: &'static str,
    /// The attacked file.
    pub make: fn(&[u8]) -> Vec<u8>,
}

const FORMAT: &str = "FORMAT_FAILURE";
const MODIFIED: &str = "SIG_CONSTRAINTS_FAILURE";
const HASH: &str = "HASH_FAILURE";
const LEFT: &[&str] = &["nothing-left"];
/// The twin of what has none of its own: the file as it was signed.
const WHOLE: &str = "nothing";
const FILLED: &str = "a field filled, in place";
const NOTE: &str = "a note where notes may come";
const AGAIN: &str = "objects written again as they were";
const PAGES: &str = "the page tree and both pages written again";
const STORE: &str = "validation data";

/// All of them.
pub fn all() -> Vec<Attack> {
    let mut all = forgeries();
    all.extend(shadows());
    all.extend(filled());
    all.extend(redefinitions());
    all.extend(forms());
    all.extend(spoofs());
    all
}

fn forgeries() -> Vec<Attack> {
    use makers as m;
    let usf = |name, make| attack("USF", name, FORMAT, &[], WHOLE, make);
    let moved: &[&str] = &["own-revision", "range-shape", "range-digits", "digest", "nothing-left"];
    vec![
        usf("no ByteRange", m::without_range),
        usf("an empty ByteRange", m::empty_range),
        usf("a ByteRange of null", m::null_range),
        usf("no Contents", m::without_contents),
        usf("Contents of one zero", m::zero_contents),
        attack("ByteRange", "a negative number", FORMAT, &[], WHOLE, m::negative_range),
        attack(
            "ByteRange",
            "a gap that swallows what stands behind",
            FORMAT,
            moved,
            WHOLE,
            m::gaping_range,
        ),
        attack("ByteRange", "parts that overlap", FORMAT, &[], WHOLE, m::overlapping_range),
        attack("ByteRange", "four numbers beyond the file", FORMAT, &[], WHOLE, m::endless_range),
        attack(
            "ByteRange",
            "room among the digits of Contents",
            FORMAT,
            &["range-digits"],
            "the CMS in BER",
            m::stuffed_contents,
        ),
        attack("ISA", "a revision with another content", MODIFIED, LEFT, AGAIN, m::other_content),
        attack("ISA", "an object without cross-references", FORMAT, &[], AGAIN, m::without_xref),
        attack(
            "ISA",
            "a copy of the signature in a revision of its own",
            FORMAT,
            &["own-revision", "range-shape", "nothing-left"],
            AGAIN,
            m::copied_signature,
        ),
        attack(
            "SWA",
            "the second part moved behind other content",
            FORMAT,
            &["range-shape", "own-revision", "range-end", "range-digits"],
            WHOLE,
            m::wrapped,
        ),
    ]
}

fn shadows() -> Vec<Attack> {
    use makers as m;
    let replaced =
        |name, guards, twin, make| attack("Shadow replace", name, MODIFIED, guards, twin, make);
    let hidden = |name, guards, twin, make| {
        attack("Shadow hide-and-replace", name, MODIFIED, guards, twin, make)
    };
    vec![
        attack(
            "Shadow hide",
            "what covered the page is freed",
            MODIFIED,
            LEFT,
            AGAIN,
            m::uncovered,
        ),
        replaced("the font shows other letters", LEFT, AGAIN, m::other_font),
        replaced("a field shows another value", &["appearance"], FILLED, m::swapped_appearance),
        hidden("one entry brings a hidden object back", LEFT, AGAIN, m::brought_back),
        hidden("an object that was awaited", &["awaited"], STORE, m::awaited),
        attack("notes", "a note over the page", MODIFIED, &["annotation"], NOTE, m::free_text),
        attack("notes", "a stamp over the page", MODIFIED, &["annotation"], NOTE, m::stamp),
    ]
}

/// What a field shows beside its value.
fn filled() -> Vec<Attack> {
    use fields as f;
    let shown =
        |name, twin, make| attack("appearance", name, MODIFIED, &["appearance"], twin, make);
    vec![
        shown("the appearance alone is swapped", FILLED, makers::appearance_alone),
        shown(
            "digits drawn, and the value not painted",
            "filled as Acrobat does",
            f::unpainted_value,
        ),
        shown("a digit drawn behind the value", "filled as pdf-lib does", f::drawn_digit),
        shown(
            "the value in the colour of the ground",
            "filled as poppler does",
            f::value_of_the_ground,
        ),
        shown(
            "a digit beyond the edge",
            "a value too long for its field",
            f::value_beyond_the_edge,
        ),
        shown("the value's digits in another order", "filled as pdf.js does", f::reordered_digits),
        shown("a digit painted over", "filled as Chromium does", f::digits_over_digits),
        shown("digits turned round", "filled as Acrobat does", f::turned_digits),
        shown("a signed font that shows other digits", FILLED, f::font_of_other_digits),
        shown("a signed font whose codes are no letters", FILLED, f::font_of_codes),
        shown("another currency", FILLED, f::other_currency),
        shown("another option than the chosen one", "a choice made", f::other_option),
        shown("all options together", "a choice made", f::both_options),
        shown("another date", "a date in its signed format", f::other_date),
    ]
}

fn redefinitions() -> Vec<Attack> {
    use makers as m;
    let modified =
        |class, name, guards, twin, make| attack(class, name, MODIFIED, guards, twin, make);
    let stream = "a field filled, in an object stream";
    vec![
        modified(
            "xref",
            "the catalog elsewhere",
            &["trailer", "nothing-left"],
            AGAIN,
            m::other_catalog,
        ),
        modified("xref", "a fault in the table", &["sound-references"], FILLED, m::faulty_table),
        modified(
            "object stream",
            "the page redefined in an object stream",
            LEFT,
            stream,
            m::in_object_stream,
        ),
        modified(
            "xref",
            "two entries for one object",
            &["sound-references"],
            FILLED,
            m::entry_twice,
        ),
        modified(
            "xref",
            "two sections in one revision",
            &["sound-references"],
            FILLED,
            m::two_sections,
        ),
        modified(
            "object stream",
            "the page twice in an object stream",
            &["sound-references"],
            stream,
            m::twice_in_object_stream,
        ),
        modified("key twice", "a page of two contents", &["key-twice"], AGAIN, m::two_contents),
        modified(
            "key twice",
            "a trailer with two catalogs",
            &["sound-references", "key-twice"],
            AGAIN,
            m::two_catalogs,
        ),
        modified("pages", "a page inserted", LEFT, PAGES, m::inserted_page),
        modified("pages", "a page removed", LEFT, PAGES, m::removed_page),
        modified("pages", "pages reordered", LEFT, PAGES, m::reordered_pages),
        modified("catalog", "a script on opening", &["catalog"], "metadata", m::script),
        modified("metadata", "another title", &["title"], "metadata", m::other_title),
        modified(
            "DSS",
            "the page's content as a certificate",
            &["validation-data"],
            STORE,
            m::content_as_certificate,
        ),
        modified(
            "DSS",
            "a picture among the certificates",
            &["validation-data"],
            "validation data twice",
            m::picture_as_certificate,
        ),
        modified(
            "bytes",
            "text behind the end",
            &["nothing-behind"],
            "an end of line",
            m::text_behind,
        ),
    ]
}

fn forms() -> Vec<Attack> {
    use makers as m;
    let form = |name, guards, twin, make| attack("form", name, MODIFIED, guards, twin, make);
    let empty = "an empty signature field";
    vec![
        form("a field moved", &["filling"], FILLED, m::moved_field),
        form(
            "a text field added",
            &["new-field", "new-signature", "annotation"],
            empty,
            m::added_field,
        ),
        form("a name in use", &["field-name"], empty, m::taken_name),
        form("fields that are drawn anew", &["form"], "the form written again", m::redrawn_fields),
        form(
            "a signature field that shows another text",
            &["new-field", "overlap"],
            empty,
            m::sneaky_signature,
        ),
        form(
            "a signature field over another field",
            &["new-field", "overlap"],
            empty,
            m::covering_signature,
        ),
        attack(
            "form",
            "two fields with one signature",
            FORMAT,
            &["shared-signature", "new-signature"],
            empty,
            m::shared_signature,
        ),
    ]
}

fn spoofs() -> Vec<Attack> {
    use makers as m;
    let ber = "the CMS in BER";
    let own: &[&str] = &["own-revision", "range-shape", "nothing-left"];
    vec![
        attack(
            "spoofing",
            "another reason in the dictionary",
            HASH,
            &["digest"],
            WHOLE,
            m::other_reason,
        ),
        attack("spoofing", "another name, in a revision", FORMAT, own, AGAIN, m::other_name),
        attack(
            "SubFilter",
            "a form that nobody checks",
            FORMAT,
            &["own-revision", "range-shape", "nothing-left", "sub-filter"],
            "a signature of ISO 32000-1",
            m::other_sub_filter,
        ),
        attack(
            "SubFilter",
            "a PAdES signature called one of ISO 32000-1",
            HASH,
            &["digest"],
            "a signature of ISO 32000-1",
            m::as_pkcs7,
        ),
        attack(
            "SubFilter",
            "a signature called a timestamp",
            FORMAT,
            &[],
            "a timestamp",
            m::as_timestamp,
        ),
        attack("CMS", "two SignerInfos", FORMAT, &["single-signer"], ber, message::two_signers),
        attack(
            "CMS",
            "another certificate",
            "NO_SIGNING_CERTIFICATE_FOUND",
            &[],
            ber,
            message::other_certificate,
        ),
        attack("content", "a byte of the page", HASH, &["digest"], WHOLE, m::other_byte),
    ]
}

fn attack(
    class: &'static str,
    name: &'static str,
    expected: &'static str,
    guards: &'static [&'static str],
    twin: &'static str,
    make: fn(&[u8]) -> Vec<u8>,
) -> Attack {
    Attack { class, name, expected, guards, twin, make }
}
