//! Fonts in which a field may be shown: those that were signed, and the standard ones for text. Any other that
//! came with the filling could show anything, and those for signs show other things than their codes say.

use std::ops::ControlFlow;

use sceau_pdf::{Dictionary, Document, Object, ReadError, Stream};

use super::super::super::same::{by_name, same};
use super::super::super::step::Step;

/// Pages whose fonts are known as signed, and fonts of one place.
const MAX_PAGES: u32 = 100;
const MAX_FONTS: usize = 256;
/// How deep a font is looked into, and how many values are looked at for all fonts of a revision.
const MAX_DEPTH: u8 = 8;
const MAX_VALUES: usize = 2_000_000;

/// The fonts of an appearance: its own, or those of the form.
pub(super) fn of(step: &Step<'_, '_>, stream: &Stream) -> Result<Dictionary, ReadError> {
    let own = step.new.get(&stream.dictionary, "Resources")?;
    if let Some(own) = own.as_dictionary().filter(|own| own.contains("Font")) {
        return Ok(own.clone());
    }
    form_resources(step.new)
}

fn form_resources(doc: &Document<'_>) -> Result<Dictionary, ReadError> {
    let form = doc.get(&doc.catalog()?, "AcroForm")?;
    let form = form.as_dictionary().map(|form| doc.get(form, "DR")).transpose()?;
    Ok(form.and_then(|form| form.as_dictionary().cloned()).unwrap_or_default())
}

/// Whether the font of this name is one of those that may be: for text, or the one for signs.
pub(super) fn may_write(
    step: &Step<'_, '_>,
    resources: &Dictionary,
    name: &str,
    signs: bool,
) -> Result<bool, ReadError> {
    let fonts = step.new.get(resources, "Font")?;
    let Some(value) = fonts.as_dictionary().and_then(|fonts| fonts.get(name)) else {
        return Ok(false);
    };
    let Object::Dictionary(font) = step.new.resolve(value)? else { return Ok(false) };
    if signs {
        return is_for_signs(step, &font);
    }
    if is_standard(step, &font)? {
        return Ok(true);
    }
    let named = font.name("BaseFont").unwrap_or_default();
    let signs = named.contains("Symbol") || named.contains("Dingbats");
    Ok(!signs && is_signed(step, value, &font)?)
}

/// A standard font for text that is not embedded, with an encoding of text.
fn is_standard(step: &Step<'_, '_>, font: &Dictionary) -> Result<bool, ReadError> {
    const TEXT: [&str; 6] =
        ["Helvetica", "Times", "Courier", "Arial", "TimesNewRoman", "CourierNew"];
    const ENCODINGS: [&str; 3] = ["WinAnsiEncoding", "StandardEncoding", "MacRomanEncoding"];
    let encoding = match step.new.get(font, "Encoding")? {
        Object::Dictionary(encoding) => step.new.get(&encoding, "BaseEncoding")?,
        encoding => encoding,
    };
    let plain = encoding == Object::Null
        || encoding.as_name().is_some_and(|name| ENCODINGS.contains(&name));
    let family = font.name("BaseFont").and_then(|named| named.split(['-', ',']).next());
    Ok(plain
        && font.name("Subtype") == Some("Type1")
        && !["FontDescriptor", "ToUnicode"].iter().any(|key| font.contains(key))
        && family.is_some_and(|family| TEXT.contains(&family)))
}

/// The standard font for signs, with its own encoding (annex D.6); readers pass over the name of any other.
fn is_for_signs(step: &Step<'_, '_>, font: &Dictionary) -> Result<bool, ReadError> {
    let own = match step.new.get(font, "Encoding")? {
        Object::Dictionary(encoding) => !encoding.contains("Differences"),
        _ => true,
    };
    let embedded = ["FontDescriptor", "ToUnicode"].iter().any(|key| font.contains(key));
    let named =
        font.name("Subtype") == Some("Type1") && font.name("BaseFont") == Some("ZapfDingbats");
    Ok(named && own && !embedded)
}

/// A font of the signed document, or one that says in all the same as one of them.
fn is_signed(step: &Step<'_, '_>, value: &Object, font: &Dictionary) -> Result<bool, ReadError> {
    let id = value.as_reference();
    if id.is_some_and(|id| !step.differs(id)) {
        return Ok(true);
    }
    if let Some(known) = id.and_then(|id| step.fonts.borrow().get(&id.number).copied()) {
        return Ok(known);
    }
    let found = has_twin(step, font)?;
    if let Some(id) = id {
        step.fonts.borrow_mut().insert(id.number, found);
    }
    Ok(found)
}

/// Whether the form or a page had the same font before, as another object.
fn has_twin(step: &Step<'_, '_>, font: &Dictionary) -> Result<bool, ReadError> {
    if is_among(step, &form_resources(step.old)?, font)? {
        return Ok(true);
    }
    let mut found = false;
    step.old.for_each_page(|page| {
        spend(step)?;
        let resources = step.old.resolve(&page.resources)?;
        let resources = resources.as_dictionary().cloned().unwrap_or_default();
        found = is_among(step, &resources, font)?;
        let ends = found || page.index >= MAX_PAGES;
        Ok::<_, ReadError>(if ends { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    Ok(found)
}

fn is_among(
    step: &Step<'_, '_>,
    resources: &Dictionary,
    font: &Dictionary,
) -> Result<bool, ReadError> {
    let fonts = step.old.get(resources, "Font")?;
    let named = |font: &Dictionary| font.get("BaseFont").map(untagged);
    for (_, signed) in fonts.as_dictionary().into_iter().flat_map(Dictionary::iter).take(MAX_FONTS)
    {
        spend(step)?;
        let Object::Dictionary(signed) = step.old.resolve(signed)? else { continue };
        if named(&signed).is_some()
            && named(&signed) == named(font)
            && Compared(step).dictionaries(&signed, font, MAX_DEPTH)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A name without the letters that mark a part of a font (§9.9.2).
fn untagged(name: &Object) -> String {
    let name = name.as_name().unwrap_or_default();
    let tagged = name.split_once('+').filter(|(tag, _)| tag.len() == 6);
    tagged.map_or(name, |(_, name)| name).to_owned()
}

/// One more look, of those that a revision may cost.
fn spend(step: &Step<'_, '_>) -> Result<(), ReadError> {
    let looks = step.font_looks.get() + 1;
    step.font_looks.set(looks);
    if looks > MAX_VALUES { Err(ReadError::TooComplex { limit: "fonts" }) } else { Ok(()) }
}

/// Values of the old revision beside those of the new one.
struct Compared<'c, 'd, 's>(&'c Step<'d, 's>);

impl Compared<'_, '_, '_> {
    /// The same entries, but for the mark of a part in names, and how data is packed.
    fn dictionaries(
        &self,
        old: &Dictionary,
        new: &Dictionary,
        depth: u8,
    ) -> Result<bool, ReadError> {
        const PACKED: [&[u8]; 5] = [b"Name", b"Length", b"Filter", b"DecodeParms", b"DL"];
        let (mut old, mut new) = (by_name(old), by_name(new));
        for entries in [&mut old, &mut new] {
            entries.retain(|key, _| !PACKED.contains(key));
        }
        if !old.keys().eq(new.keys()) {
            return Ok(false);
        }
        for ((key, old), new) in old.into_iter().zip(new.into_values()) {
            let alike = match key {
                b"BaseFont" | b"FontName" => untagged(old) == untagged(new),
                _ => self.values(old, new, depth)?,
            };
            if !alike {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn values(&self, old: &Object, new: &Object, depth: u8) -> Result<bool, ReadError> {
        let Some(depth) = depth.checked_sub(1) else { return Ok(false) };
        spend(self.0)?;
        match (self.0.old.resolve(old)?, self.0.new.resolve(new)?) {
            (Object::Array(old), Object::Array(new)) => {
                for (old, new) in old.iter().zip(&new) {
                    if !self.values(old, new, depth)? {
                        return Ok(false);
                    }
                }
                Ok(old.len() == new.len())
            }
            (Object::Dictionary(old), Object::Dictionary(new)) => {
                self.dictionaries(&old, &new, depth)
            }
            (Object::Stream(old), Object::Stream(new)) => {
                Ok(self.dictionaries(&old.dictionary, &new.dictionary, depth)?
                    && self.0.old.stream_data(&old)? == self.0.new.stream_data(&new)?)
            }
            (old, new) => Ok(same(&old, &new)),
        }
    }
}
