//! Elements and text, one after the other.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// An XML document that grows at its end.
#[derive(Default)]
pub(super) struct Writer {
    text: String,
    open: Vec<&'static str>,
}

impl Writer {
    pub(super) fn open(&mut self, name: &'static str) {
        self.open_with(name, &[]);
    }

    pub(super) fn open_with(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.start(name, attributes, ">");
        self.open.push(name);
    }

    /// Closes what was opened last.
    pub(super) fn close(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            self.text.push_str(&format!("</{name}>\n"));
        }
    }

    pub(super) fn empty(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.start(name, attributes, "/>");
    }

    /// An element of text.
    pub(super) fn text(&mut self, name: &str, text: &str) {
        self.indent();
        self.text.push_str(&format!("<{name}>{}</{name}>\n", escaped(text)));
    }

    /// `XAdES:DigestAlgAndValueType` of a SHA-256 in hexadecimal.
    pub(super) fn sha256(&mut self, hex: &str) {
        self.digest("SHA-256", hex);
    }

    /// `XAdES:DigestAlgAndValueType` of a digest in hexadecimal (RFC 6931 §2.1).
    pub(super) fn digest(&mut self, algorithm: &str, hex: &str) {
        let uri = match algorithm {
            "SHA-384" => "http://www.w3.org/2001/04/xmldsig-more#sha384",
            "SHA-512" => "http://www.w3.org/2001/04/xmlenc#sha512",
            _ => "http://www.w3.org/2001/04/xmlenc#sha256",
        };
        self.open("DigestAlgAndValue");
        self.empty("ds:DigestMethod", &[("Algorithm", uri)]);
        let value = STANDARD.encode(hex::decode(hex).unwrap_or_default());
        self.text("ds:DigestValue", &value);
        self.close();
    }

    /// The document, with everything closed.
    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", self.text)
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)], end: &str) {
        self.indent();
        let attributes: String = attributes
            .iter()
            .map(|(key, value)| format!(" {key}=\"{}\"", escaped(value)))
            .collect();
        self.text.push_str(&format!("<{name}{attributes}{end}\n"));
    }

    fn indent(&mut self) {
        self.text.push_str(&"  ".repeat(self.open.len()));
    }
}

/// Text without what XML 1.0 cannot hold (§2.2) or would read as markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.push(char::REPLACEMENT_CHARACTER),
            c if c.is_control() => out.push(char::REPLACEMENT_CHARACTER),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_is_markup() {
        let mut writer = Writer::default();
        writer.open_with("a", &[("b", "\"<&>\u{0}")]);
        writer.text("c", "</c>\u{1b}é");
        let text = writer.finish();
        assert!(text.contains("<a b=\"&quot;&lt;&amp;&gt;\u{fffd}\">"), "{text}");
        assert!(text.contains("<c>&lt;/c&gt;\u{fffd}é</c>\n</a>"), "{text}");
    }
}
