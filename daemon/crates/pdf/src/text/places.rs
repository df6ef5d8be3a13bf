//! The other way round: from characters of a page's text to their places on the page.

use std::ops::Range;

use super::characters;
use super::content::Reader;
use crate::{Document, ReadError};

impl Document<'_> {
    /// Where characters of a page's text stand: a box (x0, y0, x1, y1, in points from the lower left
    /// corner of the page's crop box) for each line that they stand on. `range` counts the characters of
    /// [`Self::page_text`] from 0. `None` where there is no such page or its text ends before.
    ///
    /// # Errors
    /// [`ReadError`] where the medium fails or the document's budget ends; other damage hides text.
    pub fn text_places(
        &self,
        index: u32,
        range: Range<usize>,
    ) -> Result<Option<Vec<[f64; 4]>>, ReadError> {
        let Some(page) = self.page(index)? else { return Ok(None) };
        let text = characters(&Reader::new(self).read(&page)?);
        let boxes = text.get(range).map(lines);
        let [left, bottom, ..] = page.crop_box;
        let shown = |[x0, y0, x1, y1]: [f64; 4]| [x0 - left, y0 - bottom, x1 - left, y1 - bottom];
        Ok(boxes.map(|boxes| boxes.into_iter().map(shown).collect()))
    }

    /// Width and height of what is shown of a page (its crop box), in points. `None` where there is no
    /// such page.
    ///
    /// # Errors
    /// [`ReadError`] where the medium fails or the document's budget ends.
    pub fn page_size(&self, index: u32) -> Result<Option<[f64; 2]>, ReadError> {
        let page = self.page(index)?;
        Ok(page.map(|page| page.crop_box).map(|[x0, y0, x1, y1]| [x1 - x0, y1 - y0]))
    }
}

/// The box around the letters of each line.
fn lines(text: &[(char, Option<[f64; 4]>)]) -> Vec<[f64; 4]> {
    let line = |line: &[(char, Option<[f64; 4]>)]| {
        line.iter().filter_map(|(_, at)| *at).reduce(|[x0, y0, x1, y1], at| {
            [x0.min(at[0]), y0.min(at[1]), x1.max(at[2]), y1.max(at[3])]
        })
    };
    text.split(|(letter, at)| *letter == '\n' && at.is_none()).filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Limits;

    const CONTENT: &str = "BT /F1 10 Tf 110 300 Td (one two) Tj 0 -20 Td (three) Tj ET";

    /// A page whose crop box begins at 100, 50.
    fn document() -> Vec<u8> {
        let objects = [
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 500 500] /CropBox [100 50 400 450] \
             /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>"
                .to_owned(),
            format!("<< /Length {} >>\nstream\n{CONTENT}\nendstream", CONTENT.len()),
            "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        ];
        let (mut bytes, mut table) = (b"%PDF-1.7\n".to_vec(), String::new());
        for (index, object) in objects.iter().enumerate() {
            table.push_str(&format!("{:010} 00000 n \n", bytes.len()));
            bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
        }
        let at = bytes.len();
        let end = format!(
            "xref\n0 6\n0000000000 65535 f \n{table}trailer\n<< /Size 6 /Root 1 0 R >>\n\
             startxref\n{at}\n%%EOF\n"
        );
        bytes.extend(end.bytes());
        bytes
    }

    #[test]
    fn characters_are_found_line_by_line_from_the_corner_of_what_is_shown() {
        let bytes = document();
        let document = Document::open(&bytes, &Limits::default()).expect("a document");
        assert_eq!(document.page_text(0).expect("text"), "one two\nthree");
        let places = |range| document.text_places(0, range).expect("readable");
        let two = places(4..7).expect("within the text");
        assert_eq!(two.len(), 1, "{two:?}");
        let [x0, y0, x1, y1] = two[0];
        // Helvetica at 10: "one " is 19.46 wide, "two" 15.56; the first letter stands at 10.
        assert!((x0 - 29.46).abs() < 0.01 && (x1 - 45.02).abs() < 0.01, "{two:?}");
        assert!(y0 <= 250.0 && y1 > 255.0 && y1 < 265.0, "{two:?}");
        let both = places(4..13).expect("within the text");
        assert_eq!(both.len(), 2, "{both:?}");
        assert!((both[1][0] - 10.0).abs() < 0.01 && both[1][3] < y0, "{both:?}");
        assert_eq!(places(3..4), Some(Vec::new()), "a blank has no place");
        assert_eq!(places(9..14), None, "beyond the text");
        assert_eq!(document.text_places(1, 0..1).expect("readable"), None);
        assert_eq!(document.page_size(0).expect("readable"), Some([300.0, 400.0]));
        assert_eq!(document.page_size(1).expect("readable"), None);
    }
}
