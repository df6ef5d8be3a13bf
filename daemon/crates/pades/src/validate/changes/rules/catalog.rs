//! The catalog: the form, validation data, metadata, named extensions and a higher version may differ,
//! and nothing else (ISO 32000-2 §7.7.2).

use sceau_pdf::{Dictionary, Object, ReadError};

use super::super::same::same_text;
use super::super::step::{Step, differing_keys, is_plain};
use super::{Guard, dss, form, metadata};
use crate::report::What;

/// Explains the catalog, and all that hangs on what may differ in it.
pub(super) fn check(step: &mut Step<'_, '_>) -> Result<(), ReadError> {
    let (old, new) = (step.old.catalog()?, step.new.catalog()?);
    let root = step.new.trailer().get("Root").and_then(Object::as_reference);
    if let Some(root) = root {
        step.explain(root);
    }
    for key in differing_keys(&old, &new) {
        match key.as_str() {
            "AcroForm" | "DSS" | "Metadata" => {}
            "Extensions" if extensions(step, &new)? => {}
            "Version" if higher_version(step, &new) => {}
            "Lang" | "PageLabels" if same_words(&old, &new, &key) => {}
            "Pages" => {
                step.refuse(Guard::Catalog, What::PagesChanged, root, None);
            }
            _ => {
                step.refuse(Guard::Catalog, What::CatalogChanged, None, Some(&key));
            }
        }
    }
    extensions_in_place(step, &old, &new)?;
    dss::explain(step, old.get("DSS"), new.get("DSS"))?;
    metadata::packet(step, old.get("Metadata"), new.get("Metadata"))?;
    form::explain(step, old.get("AcroForm"), new.get("AcroForm"))
}

/// The natural language and the names of pages are text, which says the same in each of its encodings
/// (§7.9.2.2, §12.4.2, §14.9.2).
fn same_words(old: &Dictionary, new: &Dictionary, key: &str) -> bool {
    old.get(key).zip(new.get(key)).is_some_and(|(old, new)| same_text(old, new))
}

/// A revision that uses more than the file's version has says so (§7.5.6); pyHanko signs that way.
fn higher_version(step: &Step<'_, '_>, catalog: &Dictionary) -> bool {
    const KNOWN: [&str; 6] = ["1.3", "1.4", "1.5", "1.6", "1.7", "2.0"];
    let known = catalog.name("Version").is_some_and(|version| KNOWN.contains(&version));
    known && step.new.version() >= step.old.version()
}

/// `/Extensions` says which extensions a file uses, and nothing that is shown (§7.12).
fn extensions(step: &mut Step<'_, '_>, catalog: &Dictionary) -> Result<bool, ReadError> {
    let Some(value) = catalog.get("Extensions") else { return Ok(false) };
    let plain = matches!(step.new.resolve(value)?, Object::Dictionary(d) if d.iter().all(|(_, v)| is_plain(v)));
    Ok(plain && step.adopt(value)?)
}

/// The same in an object of its own, which was written again: it says of extensions, before and after, and can be
/// nothing else to anything that mentions it too.
fn extensions_in_place(
    step: &mut Step<'_, '_>,
    old: &Dictionary,
    new: &Dictionary,
) -> Result<(), ReadError> {
    let of = |catalog: &Dictionary| catalog.get("Extensions").and_then(Object::as_reference);
    let Some(id) = of(new).filter(|id| of(old) == Some(*id) && step.differs(*id)) else {
        return Ok(());
    };
    if are_extensions(&step.old.object(id)?) && are_extensions(&step.new.object(id)?) {
        step.explain(id);
    }
    Ok(())
}

/// Developer extensions by the prefix of their developer (tables 48 and 49), in place.
fn are_extensions(object: &Object) -> bool {
    const KEYS: [&[u8]; 5] =
        [b"Type", b"BaseVersion", b"ExtensionLevel", b"URL", b"ExtensionRevision"];
    let is_one = |object: &Object| {
        let keys = |one: &Dictionary| one.iter().all(|(key, _)| KEYS.contains(&key.as_bytes()));
        object.as_dictionary().is_some_and(|one| keys(one) && is_plain(object))
    };
    let by_prefix = |value: &Object| match value {
        Object::Array(several) => several.iter().all(is_one),
        one => is_one(one),
    };
    let named = |name: &[u8], value: &Object| name == b"Type" || by_prefix(value);
    matches!(object, Object::Dictionary(all) if all.iter().all(|(n, v)| named(n.as_bytes(), v)))
}
