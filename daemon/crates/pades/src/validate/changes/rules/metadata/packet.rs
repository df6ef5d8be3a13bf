//! What an XMP packet tells of a document that readers show (ISO 16684-1, ISO 32000-2 §14.3.2): title,
//! authors and description of the Dublin Core, whatever prefix its namespace has there, as elements and
//! as attributes.

/// The namespace of the Dublin Core.
const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";
/// What readers show of it.
pub(super) const SHOWN: [&str; 3] = ["title", "creator", "description"];
/// Elements within each other, and namespaces that are bound at one place.
const MAX_DEPTH: usize = 64;
const MAX_BOUND: usize = 256;

/// The values of one name of [`SHOWN`], as they follow each other.
pub(super) type Values = [Vec<String>; SHOWN.len()];

/// The values that a packet gives; none where it is no XML in UTF-8, or has a document type, which could
/// make anything of it.
pub(super) fn shown(packet: &[u8]) -> Option<Values> {
    let text = std::str::from_utf8(packet).ok().filter(|text| !text.contains('\0'))?;
    let mut reader = Reader::default();
    let mut rest = text;
    while let Some((characters, markup)) = rest.split_once('<') {
        reader.characters(&unescaped(characters));
        rest = reader.markup(markup)?;
    }
    reader.open.is_empty().then_some(reader.values)
}

/// The words of a text: white space does not count.
pub(super) fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[derive(Default)]
struct Reader<'t> {
    values: Values,
    /// The elements that are open, with how many namespaces are bound outside of each.
    open: Vec<(&'t str, usize)>,
    /// Prefixes, each with whether it is that of the Dublin Core.
    bound: Vec<(&'t str, bool)>,
    /// The outermost element that is shown: at which depth it is open, its place, its text so far.
    told: Option<(usize, usize, String)>,
}

impl<'t> Reader<'t> {
    /// Takes what stands behind a `<`; what is left behind its end.
    fn markup(&mut self, markup: &'t str) -> Option<&'t str> {
        if let Some(comment) = markup.strip_prefix("!--") {
            return comment.split_once("-->").map(|(_, rest)| rest);
        }
        if let Some(section) = markup.strip_prefix("![CDATA[") {
            let (characters, rest) = section.split_once("]]>")?;
            self.characters(characters);
            return Some(rest);
        }
        if let Some(instruction) = markup.strip_prefix('?') {
            return instruction.split_once("?>").map(|(_, rest)| rest);
        }
        if markup.starts_with('!') {
            return None;
        }
        if let Some(end) = markup.strip_prefix('/') {
            let (name, rest) = end.split_once('>')?;
            self.end(name.trim_end())?;
            return Some(rest);
        }
        self.start(markup)
    }

    fn start(&mut self, markup: &'t str) -> Option<&'t str> {
        let (name, mut rest) = markup.split_at(markup.find([' ', '\t', '\r', '\n', '/', '>'])?);
        let (outside, mut attributes) = (self.bound.len(), Vec::new());
        let empty = loop {
            rest = rest.trim_start();
            if let Some(behind) = rest.strip_prefix("/>") {
                rest = behind;
                break true;
            }
            if let Some(behind) = rest.strip_prefix('>') {
                rest = behind;
                break false;
            }
            let (attribute, behind) = attribute(rest)?;
            attributes.push(attribute);
            rest = behind;
        };
        self.bind(&attributes)?;
        for (name, value) in &attributes {
            // Without a prefix an attribute is in no namespace.
            if let Some(at) = name.contains(':').then(|| self.place(name)).flatten() {
                self.values[at].push(words(&unescaped(value)));
            }
        }
        self.open.push((name, outside));
        if self.told.is_none() {
            self.told = self.place(name).map(|at| (self.open.len(), at, String::new()));
        }
        if empty {
            self.end(name)?;
        }
        Some(rest)
    }

    fn bind(&mut self, attributes: &[(&'t str, &'t str)]) -> Option<()> {
        for (name, value) in attributes {
            let prefix = name.strip_prefix("xmlns:").or((*name == "xmlns").then_some(""));
            self.bound.extend(prefix.map(|prefix| (prefix, unescaped(value) == DUBLIN_CORE)));
        }
        (self.bound.len() <= MAX_BOUND && self.open.len() < MAX_DEPTH).then_some(())
    }

    fn end(&mut self, name: &str) -> Option<()> {
        let (_, outside) = self.open.pop().filter(|(open, _)| *open == name)?;
        self.bound.truncate(outside);
        // What stands in elements of its own is apart, with or without white space between them.
        self.characters(" ");
        if let Some((_, at, text)) = self.told.take_if(|told| told.0 > self.open.len()) {
            self.values[at].push(words(&text));
        }
        Some(())
    }

    fn characters(&mut self, characters: &str) {
        if let Some((_, _, text)) = &mut self.told {
            text.push_str(characters);
        }
    }

    /// Which of [`SHOWN`] a name is.
    fn place(&self, name: &str) -> Option<usize> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        let place = SHOWN.iter().position(|shown| *shown == local)?;
        let bound = self.bound.iter().rfind(|(bound, _)| *bound == prefix);
        // Readers know the customary prefix where a writer forgot to bind it.
        bound.map_or(prefix == "dc", |(_, ours)| *ours).then_some(place)
    }
}

/// `name="value"` or `name='value'`, and what is left behind it.
fn attribute(text: &str) -> Option<((&str, &str), &str)> {
    let (name, rest) = text.split_once('=')?;
    if name.contains(['<', '>', '"', '\'', '/']) {
        return None;
    }
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    let (value, rest) = rest[1..].split_once(quote)?;
    Some(((name.trim_end(), value), rest))
}

/// Text with its references replaced (XML 1.0 §4.1); an unknown one stays.
fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, reference)) = rest.split_once('&') {
        out.push_str(before);
        let known = reference.split_once(';').and_then(|(name, rest)| Some((named(name)?, rest)));
        match known {
            Some((character, behind)) => {
                out.push(character);
                rest = behind;
            }
            None => {
                out.push('&');
                rest = reference;
            }
        }
    }
    out + rest
}

fn named(name: &str) -> Option<char> {
    let number = |digits, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match name.strip_prefix('#')? {
            digits if digits.starts_with('x') => number(&digits[1..], 16),
            digits => number(digits, 10),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DC: &str = "xmlns:dc='http://purl.org/dc/elements/1.1/'";

    fn titles(packet: &str) -> Option<Vec<String>> {
        shown(packet.as_bytes()).map(|[titles, ..]| titles)
    }

    #[test]
    fn an_element_is_its_text() {
        let old = format!(
            "<?xpacket?><r {DC}><dc:title><rdf:Alt><rdf:li xml:lang='x-default'>A &amp; B</rdf:li>\
             </rdf:Alt></dc:title></r><!-- <dc:title>C</dc:title> -->"
        );
        let new = "<dc:title xmlns:dc=\"http://purl.org/dc/elements/1.1/\">\n <rdf:Alt>\n  <rdf:li>\
                   A &#38;  <![CDATA[B]]></rdf:li></rdf:Alt>\n</dc:title\n>";
        assert_eq!(titles(&old).unwrap(), ["A & B"]);
        assert_eq!(titles(&old), titles(new));
        assert_ne!(titles(&old), titles(&(old.clone() + new)));
    }

    #[test]
    fn an_attribute_and_another_prefix_say_it_too() {
        for packet in [
            format!("<rdf:Description {DC} dc:title = \"A\"/>"),
            "<a><x:title xmlns:x='http://purl.org/dc/elements/1.1/'>A</x:title></a>".to_owned(),
            "<title xmlns='http://purl.org/dc/elements/1.1/'>A</title>".to_owned(),
            "<title xmlns='http&#58;//purl.org/dc/elements/1.1/'>A</title>".to_owned(),
            "<dc:title>A</dc:title>".to_owned(),
        ] {
            assert_eq!(titles(&packet).unwrap(), ["A"], "{packet}");
        }
        for packet in [
            "<title>A</title>",
            "<a xmlns='http://purl.org/dc/elements/1.1/' title='A'/>",
            "<dc:title xmlns:dc='http://exemple.fr/'>A</dc:title>",
            "<a><b xmlns:x='http://purl.org/dc/elements/1.1/'/><x:title>A</x:title></a>",
        ] {
            assert_eq!(titles(packet).unwrap(), [""; 0], "{packet}");
        }
    }

    #[test]
    fn what_is_no_plain_xml_is_not_read() {
        for packet in ["<!DOCTYPE a [<!ENTITY t 'B'>]><a/>", "<a>", "<a></b>", "<a b>", "<a b='>"] {
            assert_eq!(titles(packet), None, "{packet}");
        }
        assert_eq!(shown(b"\xfe\xff\0<\0a\0/\0>"), None);
        assert_eq!(titles(&"<a>".repeat(65)), None);
    }
}
