//! What a form paints by itself, letter by letter: for what a field shows.

use super::content::Reader;
use super::ink::Painted;
use super::{Letter, MAX_LETTERS};
use crate::{Dictionary, Document, ReadError, Stream};

/// What a form paints, in its own space (ISO 32000-2, 8.10.1): its `/Matrix` is left out.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FormText {
    /// Its letters and their boxes (x0, y0, x1, y1), in the order in which they are painted, white space
    /// left out. U+FFFD stands for one that its font does not name. Those that a clip cuts off, or that no
    /// mode of painting shows, are there too.
    pub letters: Vec<(char, [f64; 4])>,
    /// The boxes around what it fills, each with the number of letters that were painted before.
    pub fills: Vec<([f64; 4], usize)>,
}

impl Document<'_> {
    /// What `form` paints with the fonts of `resources`; none where it is more than is looked at.
    ///
    /// # Errors
    /// [`ReadError`] where its data cannot be read, the medium fails or the budget ends.
    pub fn form_text(
        &self,
        form: &Stream,
        resources: &Dictionary,
    ) -> Result<Option<FormText>, ReadError> {
        let mut reader = Reader::new(self);
        (reader.painted, reader.keeps_clipped) = (Some(Painted::default()), true);
        reader.form_alone(self.stream_data(form)?, resources)?;
        let painted = reader.painted.take().unwrap_or_default();
        if painted.is_cut_off || reader.letters.len() > MAX_LETTERS {
            return Ok(None);
        }
        let letters = reader.letters.iter().map(|Letter { letter, at }| (*letter, *at)).collect();
        let fills = painted.covers.iter().map(|cover| (cover.area.around(), cover.above)).collect();
        Ok(Some(FormText { letters, fills }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, Object};

    const CONTENT: &str = "0 0 9 9 re f BT /F 10 Tf 2 2 Td (a) Tj 3 Tr 20 0 Td (b) Tj ET 0 0 1 1 re W n \
                           BT /F 10 Tf 0 Tr 50 0 Td (\\001) Tj ET";

    #[test]
    fn letters_come_with_what_is_filled_before_and_none_is_left_out() {
        let form = format!(
            "<</Subtype/Form/Matrix[2 0 0 2 9 9]/BBox[0 0 9 9]/Length {}>>stream\n{CONTENT}\nendstream",
            CONTENT.len()
        );
        let font = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";
        let (mut bytes, mut table) = (b"%PDF-1.7\n".to_vec(), String::new());
        for (index, object) in
            ["<</Type/Catalog/Pages<</Type/Pages/Kids[]/Count 0>>>>", &form, font]
                .iter()
                .enumerate()
        {
            table.push_str(&format!("{:010} 00000 n \n", bytes.len()));
            bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
        }
        let at = bytes.len();
        let end =
            format!("xref\n0 4\n0000000000 65535 f \n{table}trailer\n<</Size 4/Root 1 0 R>>\n");
        bytes.extend((end + &format!("startxref\n{at}\n%%EOF\n")).bytes());
        let doc = Document::open(&bytes, &Limits::default()).expect("a document");
        let object = |number| doc.object(crate::ObjectId::new(number, 0)).expect("an object");
        let Object::Stream(form) = object(2) else { panic!("no stream") };
        let resources = Dictionary::new().with("Font", Dictionary::new().with("F", object(3)));
        let text = doc.form_text(&form, &resources).expect("read").expect("within bounds");
        let letters: String = text.letters.iter().map(|(letter, _)| *letter).collect();
        assert_eq!(letters, "ab\u{fffd}");
        assert_eq!(text.letters[0].1[..2], [2.0, 0.0], "neither scaled nor moved");
        assert_eq!(text.fills, [([0.0, 0.0, 9.0, 9.0], 0)]);
    }
}
