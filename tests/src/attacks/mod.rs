//! Every published attack upon signed PDF files, made from any signed file of [`base`], and an honest
//! twin for each: what a program may do to the same place of the same file.
//!
//! Classes after Mladenov, Mainka, Rohlmann and others: "1 Trillion Dollar Refund" (USF, ISA, SWA),
//! "Shadow Attacks", "Breaking the Specification: PDF Certification" (EAA, OCA).

mod file;
mod forged;
mod honest;
mod hostile;
mod makers;

pub use file::{FIELD, base, hole, latest, lossy, number_of, shows, updated};
pub use forged::{with_cms_of, with_token_of};
pub use honest::{Twin, twins};
pub use hostile::hostile;

/// How a file is attacked, and what has to be said of it.
#[derive(Clone, Copy)]
pub struct Attack {
    /// Its class as the literature names it.
    pub class: &'static str,
    /// What exactly is done.
    pub name: &'static str,
    /// The sub-indications that are right for it.
    pub expected: &'static [&'static str],
    /// The rules without which it would pass; none where cryptography alone stands against it.
    pub guards: &'static [&'static str],
    /// The attacked file.
    pub make: fn(&[u8]) -> Vec<u8>,
}

const FORMAT: &[&str] = &["FORMAT_FAILURE"];
const MODIFIED: &[&str] = &["SIG_CONSTRAINTS_FAILURE"];
const HASH: &[&str] = &["HASH_FAILURE"];
const LEFT: &[&str] = &["nothing-left"];
const RANGE: &[&str] = &["FORMAT_FAILURE", "HASH_FAILURE", "NO_SIGNATURE"];

/// All of them.
pub fn all() -> Vec<Attack> {
    let mut all = forgeries();
    all.extend(shadows());
    all.extend(redefinitions());
    all.extend(spoofs());
    all
}

fn forgeries() -> Vec<Attack> {
    use makers as m;
    vec![
        attack("USF", "no ByteRange", FORMAT, &[], m::without_range),
        attack("USF", "an empty ByteRange", FORMAT, &[], m::empty_range),
        attack("USF", "a ByteRange of null", FORMAT, &[], m::null_range),
        attack("USF", "no Contents", RANGE, &[], m::without_contents),
        attack("USF", "Contents of one zero", RANGE, &[], m::zero_contents),
        attack("ByteRange", "a negative number", FORMAT, &[], m::negative_range),
        attack("ByteRange", "a gap that swallows what stands behind", RANGE, &[], m::gaping_range),
        attack("ByteRange", "parts that overlap", RANGE, &[], m::overlapping_range),
        attack("ByteRange", "four numbers beyond the file", FORMAT, &[], m::endless_range),
        attack("ISA", "a revision with another content", MODIFIED, LEFT, m::other_content),
        attack(
            "ISA",
            "an object without cross-references",
            &["FORMAT_FAILURE", "SIG_CONSTRAINTS_FAILURE"],
            &[],
            m::without_xref,
        ),
        attack(
            "ISA",
            "a copy of the signature in a revision of its own",
            RANGE,
            &[],
            m::copied_signature,
        ),
        attack(
            "SWA",
            "the second part moved behind other content",
            FORMAT,
            &["range-shape", "own-revision", "range-end", "range-digits", "nothing-left"],
            m::wrapped,
        ),
    ]
}

fn shadows() -> Vec<Attack> {
    use makers as m;
    vec![
        attack("Shadow hide", "what covered the page is freed", MODIFIED, LEFT, m::uncovered),
        attack("Shadow replace", "the font shows other letters", MODIFIED, LEFT, m::other_font),
        attack(
            "Shadow replace",
            "a field shows another value",
            MODIFIED,
            &["appearance"],
            m::swapped_appearance,
        ),
        attack(
            "Shadow hide-and-replace",
            "one entry brings a hidden object back",
            MODIFIED,
            LEFT,
            m::brought_back,
        ),
        attack(
            "Shadow hide-and-replace",
            "an object that was awaited",
            MODIFIED,
            &["awaited", "validation-data"],
            m::awaited,
        ),
        attack("EAA", "a note over the page", MODIFIED, &["annotation"], m::free_text),
        attack("EAA", "a stamp over the page", MODIFIED, &["annotation"], m::stamp),
        attack(
            "OCA",
            "a signature field that shows another text",
            MODIFIED,
            &["new-field"],
            m::sneaky_signature,
        ),
        attack(
            "OCA",
            "a signature field over another field",
            MODIFIED,
            &["new-field", "overlap"],
            m::covering_signature,
        ),
    ]
}

fn redefinitions() -> Vec<Attack> {
    use makers as m;
    vec![
        attack(
            "xref",
            "the catalog elsewhere",
            MODIFIED,
            &["trailer", "nothing-left"],
            m::other_catalog,
        ),
        attack(
            "object stream",
            "the page redefined in an object stream",
            MODIFIED,
            LEFT,
            m::in_object_stream,
        ),
        attack("pages", "a page inserted", MODIFIED, LEFT, m::inserted_page),
        attack("pages", "a page removed", MODIFIED, LEFT, m::removed_page),
        attack("pages", "pages reordered", MODIFIED, LEFT, m::reordered_pages),
        attack(
            "appearance",
            "the appearance alone is swapped",
            MODIFIED,
            &["appearance"],
            m::appearance_alone,
        ),
        attack("form", "a field moved", MODIFIED, &["filling"], m::moved_field),
        attack(
            "form",
            "a text field added",
            MODIFIED,
            &["new-field", "new-signature", "annotation"],
            m::added_field,
        ),
        attack("form", "a name in use", MODIFIED, &["field-name"], m::taken_name),
        attack(
            "form",
            "two fields with one signature",
            &["FORMAT_FAILURE", "SIG_CONSTRAINTS_FAILURE"],
            &["shared-signature", "new-signature"],
            m::shared_signature,
        ),
        attack("catalog", "a script on opening", MODIFIED, &["catalog", "nothing-left"], m::script),
        attack(
            "DSS",
            "the page's content as a certificate",
            MODIFIED,
            &["validation-data"],
            m::content_as_certificate,
        ),
        attack(
            "DSS",
            "a picture among the certificates",
            MODIFIED,
            &["validation-data"],
            m::picture_as_certificate,
        ),
        attack("bytes", "text behind the end", MODIFIED, &["nothing-behind"], m::text_behind),
    ]
}

fn spoofs() -> Vec<Attack> {
    use makers as m;
    vec![
        attack("spoofing", "another reason in the dictionary", HASH, &[], m::other_reason),
        attack("spoofing", "another name, in a revision", RANGE, &[], m::other_name),
        attack("SubFilter", "a form that nobody checks", RANGE, &[], m::other_sub_filter),
        attack("CMS", "two SignerInfos", &["FORMAT_FAILURE", "HASH_FAILURE"], &[], m::two_signers),
        attack(
            "CMS",
            "another certificate",
            &[
                "NO_SIGNING_CERTIFICATE_FOUND",
                "FORMAT_FAILURE",
                "SIG_CRYPTO_FAILURE",
                "CERTIFICATE_CHAIN_GENERAL_FAILURE",
                "HASH_FAILURE",
            ],
            &[],
            m::other_certificate,
        ),
        attack("content", "a byte of the page", HASH, &[], m::other_byte),
    ]
}

fn attack(
    class: &'static str,
    name: &'static str,
    expected: &'static [&'static str],
    guards: &'static [&'static str],
    make: fn(&[u8]) -> Vec<u8>,
) -> Attack {
    Attack { class, name, expected, guards, make }
}
