//! Metadata: when and by which program a file was saved. Title, author and subject stay, for readers
//! show them (ISO 32000-2 §14.3).

mod packet;

use sceau_pdf::{Dictionary, Object, ReadError};

use self::packet::{SHOWN, shown, words};
use super::super::same::same_text;
use super::super::step::{Step, differing_keys, is_plain};
use super::Guard;
use crate::report::What;

/// What a writer may bring up to date in `/Info` (table 349).
const FREE: [&str; 5] = ["ModDate", "CreationDate", "Producer", "Creator", "Trapped"];
/// What readers show of a metadata packet, in the order of [`SHOWN`].
const NAMES: [&str; 3] = ["dc:title", "dc:creator", "dc:description"];

/// The trailer's `/Info`.
pub(super) fn information(step: &mut Step<'_, '_>) -> Result<(), ReadError> {
    let (old, new) = (step.old.trailer().get("Info"), step.new.trailer().get("Info"));
    let (old, new) = (old.cloned(), new.cloned());
    let id = new.as_ref().and_then(Object::as_reference);
    if old == new && id.is_none_or(|id| !step.differs(id)) {
        return Ok(());
    }
    let null = Object::Null;
    let before = step.old.resolve(old.as_ref().unwrap_or(&null))?;
    let after = step.new.resolve(new.as_ref().unwrap_or(&null))?;
    let before = before.as_dictionary().cloned().unwrap_or_default();
    let Object::Dictionary(after) = after else {
        step.refuse(Guard::Trailer, What::TrailerChanged, None, Some("Info"));
        return Ok(());
    };
    if let Some(key) = shown_key(&before, &after)
        && step.refuse(Guard::Title, What::TitleChanged, id, Some(&key))
    {
        return Ok(());
    }
    if id.is_none() || step.own(id.unwrap_or(sceau_pdf::ObjectId::new(0, 0)), old == new)? {
        step.tell(What::MetadataUpdated, id, None);
    }
    Ok(())
}

/// The first key that differs and may not.
fn shown_key(before: &Dictionary, after: &Dictionary) -> Option<String> {
    let free = |key: &str| FREE.contains(&key) && after.get(key).is_none_or(is_plain);
    // Of a key that stands twice some readers show the first value, others the last.
    let text = |key: &str| {
        let known = |new| before.iter().any(|(name, old)| *name == key && same_text(old, new));
        after.get(key).is_some_and(known)
    };
    differing_keys(before, after).into_iter().find(|key| !free(key) && !text(key))
}

/// The catalog's `/Metadata`: an XMP packet.
pub(super) fn packet(
    step: &mut Step<'_, '_>,
    old: Option<&Object>,
    new: Option<&Object>,
) -> Result<(), ReadError> {
    let id = new.and_then(Object::as_reference);
    if old == new && id.is_none_or(|id| !step.differs(id)) {
        return Ok(());
    }
    let null = Object::Null;
    let before = bytes(step, &step.old.resolve(old.unwrap_or(&null))?, true)?;
    let Some(after) = bytes(step, &step.new.resolve(new.unwrap_or(&null))?, false)? else {
        step.refuse(Guard::Catalog, What::CatalogChanged, None, Some("Metadata"));
        return Ok(());
    };
    let differs = match &before {
        Some(before) => differing(before, &after),
        None => unlike_information(step, &after)?,
    };
    if let Some(key) = differs
        && step.refuse(Guard::Title, What::TitleChanged, id, Some(key))
    {
        return Ok(());
    }
    if let Some(id) = id
        && step.own(id, old == new)?
    {
        step.tell(What::MetadataUpdated, Some(id), None);
    }
    Ok(())
}

/// The first thing that two packets show differently. One that cannot be read may only stay as it is.
fn differing(before: &[u8], after: &[u8]) -> Option<&'static str> {
    if before == after {
        return None;
    }
    let (Some(before), Some(after)) = (shown(before), shown(after)) else { return Some("XMP") };
    (0..SHOWN.len()).find(|&at| before[at] != after[at]).map(|at| NAMES[at])
}

/// What a first packet may show is what `/Info` showed before it: readers prefer the packet.
fn unlike_information(
    step: &Step<'_, '_>,
    packet: &[u8],
) -> Result<Option<&'static str>, ReadError> {
    let Some(packet) = shown(packet) else { return Ok(Some("XMP")) };
    let information = step.old.get(step.old.trailer(), "Info")?;
    let information = information.as_dictionary().cloned().unwrap_or_default();
    for (at, key) in ["Title", "Author", "Subject"].into_iter().enumerate() {
        let value = step.old.get(&information, key)?;
        let known = value.as_string().map(|text| listed(&text.to_text())).unwrap_or_default();
        if packet[at].iter().any(|one| !one.is_empty() && listed(one) != known) {
            return Ok(Some(NAMES[at]));
        }
    }
    Ok(None)
}

/// `/Info` lists several authors in one text, where a packet has an element for each.
fn listed(text: &str) -> String {
    words(&text.replace([';', ','], " "))
}

/// The data of a metadata stream; none where it is none.
fn bytes(step: &Step<'_, '_>, value: &Object, of_old: bool) -> Result<Option<Vec<u8>>, ReadError> {
    let Object::Stream(stream) = value else { return Ok(None) };
    if stream.dictionary.name("Type") != Some("Metadata") {
        return Ok(None);
    }
    let document = if of_old { step.old } else { step.new };
    Ok(Some(document.stream_data(stream)?))
}
