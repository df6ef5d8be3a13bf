//! The form and the catalog around a signature (ISO 32000-2, 12.7.3; EN 319 142-1, 5.5).

use super::{SignRefusal, SubFilter};
use crate::write::{Body, Increment};
use crate::{Dictionary, Name, Object, ObjectId};

/// SignaturesExist and AppendOnly (table 225).
const SIG_FLAGS: i64 = 3;

/// Makes the form know of the field, where it is new, and of there being signatures.
pub(super) fn write(
    increment: &mut Increment<'_, '_>,
    created: Option<ObjectId>,
    sub_filter: SubFilter,
) -> Result<(), SignRefusal> {
    let mut catalog = increment.catalog()?;
    let form_changed = form(increment, &mut catalog, created)?;
    let extended = extension(increment, &mut catalog, sub_filter)?;
    if form_changed || extended {
        increment.put(increment.root()?, Body::Object(catalog.into()));
    }
    Ok(())
}

/// Gives back whether the catalog itself has changed.
fn form(
    increment: &mut Increment<'_, '_>,
    catalog: &mut Dictionary,
    created: Option<ObjectId>,
) -> Result<bool, SignRefusal> {
    let own = catalog.get("AcroForm").and_then(Object::as_reference);
    match (increment.get(catalog, "AcroForm")?, own) {
        (Object::Dictionary(mut form), own) => {
            let changed = update(increment, &mut form, created)?;
            match own {
                Some(id) if changed => increment.put(id, Body::Object(form.into())),
                None if changed => catalog.set("AcroForm", form),
                _ => return Ok(false),
            }
            Ok(own.is_none())
        }
        _ => {
            let mut form = Dictionary::new();
            update(increment, &mut form, created)?;
            let id = increment.add(Body::Object(form.into()))?;
            catalog.set("AcroForm", id);
            Ok(true)
        }
    }
}

fn update(
    increment: &mut Increment<'_, '_>,
    form: &mut Dictionary,
    created: Option<ObjectId>,
) -> Result<bool, SignRefusal> {
    let mut changed = false;
    if let Some(field) = created {
        // What is no list holds no field (12.7.3): readers show none from it.
        if !matches!(increment.get(form, "Fields")?, Object::Array(_) | Object::Null) {
            form.remove("Fields");
        }
        changed |= increment.push(form, "Fields", field.into())?;
    }
    let flags = increment.get(form, "SigFlags")?.as_integer().unwrap_or(0);
    if flags & SIG_FLAGS != SIG_FLAGS {
        form.set("SigFlags", flags | SIG_FLAGS);
        changed = true;
    }
    Ok(changed)
}

/// The developer extension of ETSI that declares the sub-filter, below PDF 2.0, which has it
/// (ISO 32000-2, 7.12). Gives back whether the catalog has changed.
fn extension(
    increment: &Increment<'_, '_>,
    catalog: &mut Dictionary,
    sub_filter: SubFilter,
) -> Result<bool, SignRefusal> {
    let level = match sub_filter {
        SubFilter::EtsiCadesDetached => 2,
        SubFilter::EtsiRfc3161 => LONG_TERM,
    };
    declare(increment, catalog, level)
}

/// The level that declares security stores and document timestamps.
const LONG_TERM: i64 = 5;

/// As above, for a security store.
pub(crate) fn declare_extension(
    increment: &Increment<'_, '_>,
    catalog: &mut Dictionary,
) -> Result<bool, SignRefusal> {
    declare(increment, catalog, LONG_TERM)
}

fn declare(
    increment: &Increment<'_, '_>,
    catalog: &mut Dictionary,
    level: i64,
) -> Result<bool, SignRefusal> {
    if increment.doc().version() >= (2, 0) {
        return Ok(false);
    }
    let found = increment.get(catalog, "Extensions")?;
    let mut extensions = found.as_dictionary().cloned().unwrap_or_default();
    let declared = increment.get(&extensions, "ESIC")?;
    let declared = declared.as_dictionary().and_then(|entry| entry.integer("ExtensionLevel"));
    if declared.is_some_and(|declared| declared >= level) {
        return Ok(false);
    }
    let entry =
        Dictionary::new().with("BaseVersion", Name::from("1.7")).with("ExtensionLevel", level);
    extensions.set("ESIC", entry);
    catalog.set("Extensions", extensions);
    Ok(true)
}
