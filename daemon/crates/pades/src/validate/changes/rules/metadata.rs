//! Metadata: when and by which program a file was saved. Title, author and subject stay, for readers
//! show them (ISO 32000-2 §14.3).

use sceau_pdf::{Dictionary, Object, ReadError};

use super::super::same::same_text;
use super::super::step::{Step, differing_keys, is_plain};
use super::Guard;
use crate::report::What;

/// What a writer may bring up to date in `/Info` (table 349).
const FREE: [&str; 5] = ["ModDate", "CreationDate", "Producer", "Creator", "Trapped"];
/// What readers show of a metadata packet.
const SHOWN: [&str; 3] = ["dc:title", "dc:creator", "dc:description"];

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
    let text = |key: &str| match (before.get(key), after.get(key)) {
        (Some(old), Some(new)) => same_text(old, new),
        _ => false,
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
    let before = text(step, &step.old.resolve(old.unwrap_or(&null))?, true)?;
    let Some(after) = text(step, &step.new.resolve(new.unwrap_or(&null))?, false)? else {
        step.refuse(Guard::Catalog, What::CatalogChanged, None, Some("Metadata"));
        return Ok(());
    };
    for key in SHOWN {
        let differs = before.as_deref().is_some_and(|old| shown(old, key) != shown(&after, key));
        if differs && step.refuse(Guard::Title, What::TitleChanged, id, Some(key)) {
            return Ok(());
        }
    }
    if let Some(id) = id
        && step.own(id, old == new)?
    {
        step.tell(What::MetadataUpdated, Some(id), None);
    }
    Ok(())
}

/// The text of a metadata stream; none where it is none.
fn text(step: &Step<'_, '_>, value: &Object, of_old: bool) -> Result<Option<String>, ReadError> {
    let Object::Stream(stream) = value else { return Ok(None) };
    if stream.dictionary.name("Type") != Some("Metadata") {
        return Ok(None);
    }
    let document = if of_old { step.old } else { step.new };
    Ok(Some(String::from_utf8_lossy(&document.stream_data(stream)?).into_owned()))
}

/// The character data of every element of this name, white space and markup apart: writers set
/// their tags as they like.
fn shown(text: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(&open) {
        let (inside, behind) = after.split_once(&close).unwrap_or((after, ""));
        found.push(characters(inside.split_once('>').map_or("", |(_, inside)| inside)));
        rest = behind;
    }
    found
}

fn characters(element: &str) -> String {
    let parts = element.split('<').enumerate().map(|(index, part)| match index {
        0 => part,
        _ => part.split_once('>').map_or("", |(_, text)| text),
    });
    let words: Vec<&str> = parts.flat_map(str::split_whitespace).collect();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn an_element_is_its_text() {
        let old = "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>A &amp; B</rdf:li></rdf:Alt></dc:title>";
        let new = "<dc:title xmlns:dc=\"x\">\n <rdf:Alt>\n  <rdf:li>A &amp;  B</rdf:li></rdf:Alt>\n</dc:title>";
        assert_eq!(shown(old, "dc:title"), ["A &amp; B"]);
        assert_eq!(shown(old, "dc:title"), shown(new, "dc:title"));
        assert_ne!(shown(old, "dc:title"), shown(&new.replace('B', "C"), "dc:title"));
        assert_ne!(shown(old, "dc:title"), shown(&(old.to_owned() + new), "dc:title"));
    }
}
