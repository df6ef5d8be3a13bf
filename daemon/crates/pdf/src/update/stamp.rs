//! Stamps: a form XObject with the lines, drawn after the page's own content, which is put between
//! `q` and `Q` so that its graphics state ends with it (ISO 32000-2, 8.4.2 and 8.10).

use super::font;
use super::{Corner, Stamp, StampPage, UpdateRefusal};
use crate::write::{Body, Increment, numbers};
use crate::{Dictionary, Name, Object, ObjectId, Page, PdfString, ReadError};
use std::ops::ControlFlow;

/// The distance from the edges of the page, in points.
const MARGIN: f64 = 18.0;
/// From line to line, in sizes of the letters.
const LEADING: f64 = 1.2;

pub(super) fn apply(increment: &mut Increment<'_, '_>, stamp: &Stamp) -> Result<(), UpdateRefusal> {
    let drawn = Drawn::new(increment, stamp)?;
    let pages = pages(increment, stamp.page)?;
    if pages.is_empty() {
        return Err(UpdateRefusal::NoPage);
    }
    pages.iter().try_for_each(|page| drawn.put_on(increment, page, stamp.corner))
}

fn pages(increment: &Increment<'_, '_>, which: StampPage) -> Result<Vec<Page>, ReadError> {
    let doc = increment.doc();
    if which == StampPage::First {
        return Ok(doc.page(0)?.into_iter().collect());
    }
    let mut pages = Vec::new();
    doc.for_each_page(|page| {
        if which == StampPage::Last {
            pages.clear();
        }
        // The dictionary is read again, as this revision has it.
        pages.push(Page { dictionary: Dictionary::new(), ..page });
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(pages)
}

/// The objects that all stamped pages share.
struct Drawn {
    lines: ObjectId,
    name: String,
    before: ObjectId,
    width: f64,
    height: f64,
}

impl Drawn {
    fn new(increment: &mut Increment<'_, '_>, stamp: &Stamp) -> Result<Self, UpdateRefusal> {
        if stamp.lines.is_empty() || !(1.0..=144.0).contains(&stamp.size) {
            return Err(UpdateRefusal::Request {
                what: "a stamp without lines or of an absurd size",
            });
        }
        let encode = |line: &String| {
            font::encode(line).map_err(|character| UpdateRefusal::Character { character })
        };
        let lines = stamp.lines.iter().map(encode).collect::<Result<Vec<_>, _>>()?;
        let widths = lines.iter().map(|line| font::width(line, stamp.size));
        let width = widths.fold(1.0, f64::max);
        let height = stamp.size * LEADING * lines.len() as f64;
        let font = increment.add(Body::Object(helvetica().into()))?;
        let form = form(&lines, stamp.size, [width, height], font);
        let lines = increment.add(form)?;
        let before = increment.add(stream(b"q\n".to_vec()))?;
        Ok(Self { lines, name: format!("SceauStamp{}", lines.number), before, width, height })
    }

    fn put_on(
        &self,
        increment: &mut Increment<'_, '_>,
        page: &Page,
        corner: Corner,
    ) -> Result<(), UpdateRefusal> {
        let Object::Dictionary(mut dictionary) = increment.object(page.object)? else {
            return Err(ReadError::damaged_at(page.object, "a page that is no dictionary").into());
        };
        let after = increment.add(stream(self.placed(page, corner).into_bytes()))?;
        let own = increment.get(&dictionary, "Contents")?;
        let mut contents = vec![Object::from(self.before)];
        match (own, dictionary.get("Contents")) {
            (Object::Array(items), _) => contents.extend(items),
            (Object::Stream(_), Some(reference)) => contents.push(reference.clone()),
            _ => {}
        }
        contents.push(after.into());
        dictionary.set("Contents", contents);
        self.add_resource(increment, &mut dictionary, page)?;
        increment.put(page.object, Body::Object(dictionary.into()));
        Ok(())
    }

    /// `Q` ends the page's own state; the stamp is an artifact (14.8.2.2), no part of the text.
    fn placed(&self, page: &Page, corner: Corner) -> String {
        let matrix = self.matrix(page, corner).map(|number| format!("{number:.3}")).join(" ");
        format!(
            "\nQ\n/Artifact << /Type /Pagination >> BDC\nq {matrix} cm /{} Do Q\nEMC\n",
            self.name
        )
    }

    /// From the form's space to the page's: scaled down where the page is narrow, moved to the
    /// corner of the page as shown, turned back by its rotation.
    fn matrix(&self, page: &Page, corner: Corner) -> [f64; 6] {
        let (width, height) = page.size_shown();
        let fit = ((width - 2.0 * MARGIN) / self.width).min((height - 2.0 * MARGIN) / self.height);
        let scale = fit.clamp(0.05, 1.0);
        let (wide, tall) = (self.width * scale, self.height * scale);
        let (right, bottom) = (width - MARGIN - wide, height - MARGIN - tall);
        let (x, y) = match corner {
            Corner::TopLeft => (MARGIN, MARGIN),
            Corner::TopRight => (right, MARGIN),
            Corner::BottomLeft => (MARGIN, bottom),
            Corner::BottomRight => (right, bottom),
        };
        let [x0, y0, x1, y1] = page.to_user_space([x, y, wide, tall]);
        let (e, f) = match page.rotate {
            90 => (x1, y0),
            180 => (x1, y1),
            270 => (x0, y1),
            _ => (x0, y0),
        };
        let [a, b, c, d] = page.upright().map(|one| one * scale);
        [a, b, c, d, e, f]
    }

    /// Names the form in the page's resources, in whatever object they stand; inherited ones that
    /// have no object of their own are copied to the page.
    fn add_resource(
        &self,
        increment: &mut Increment<'_, '_>,
        page: &mut Dictionary,
        inherited: &Page,
    ) -> Result<(), UpdateRefusal> {
        let resources = match page.get("Resources") {
            None | Some(Object::Null) => inherited.resources.clone(),
            Some(own) => own.clone(),
        };
        let mut found = dictionary(increment, &resources)?;
        let forms = found.get("XObject").cloned().unwrap_or(Object::Null);
        let mut names = dictionary(increment, &forms)?;
        if names.contains(&self.name) {
            return Ok(());
        }
        names.set(&self.name, self.lines);
        match forms.as_reference() {
            Some(own) if increment.object(own)? != Object::Null => {
                increment.put(own, Body::Object(names.into()));
                page.set("Resources", resources);
                return Ok(());
            }
            _ => found.set("XObject", names),
        }
        match resources.as_reference() {
            Some(own) if increment.object(own)? != Object::Null => {
                increment.put(own, Body::Object(found.into()));
                page.set("Resources", resources);
            }
            _ => page.set("Resources", found),
        }
        Ok(())
    }
}

fn dictionary(increment: &Increment<'_, '_>, object: &Object) -> Result<Dictionary, UpdateRefusal> {
    match increment.resolve(object)? {
        Object::Dictionary(dictionary) => Ok(dictionary),
        _ => Ok(Dictionary::new()),
    }
}

fn helvetica() -> Dictionary {
    Dictionary::new()
        .with("Type", Name::from("Font"))
        .with("Subtype", Name::from("Type1"))
        .with("BaseFont", Name::from("Helvetica"))
        .with("Encoding", Name::from("WinAnsiEncoding"))
}

fn form(lines: &[Vec<u8>], size: f64, [width, height]: [f64; 2], font: ObjectId) -> Body {
    let leading = size * LEADING;
    // The first base line lies so that descenders of the last stay inside.
    let first = height - size;
    let mut content =
        format!("BT /F0 {size:.3} Tf {leading:.3} TL 0 g 0 {first:.3} Td\n").into_bytes();
    for line in lines {
        content.extend(PdfString::hexadecimal(line).source());
        content.extend(b" Tj T*\n");
    }
    content.extend(b"ET\n");
    let fonts = Dictionary::new().with("F0", font);
    let dictionary = Dictionary::new()
        .with("Type", Name::from("XObject"))
        .with("Subtype", Name::from("Form"))
        .with("BBox", numbers([0.0, 0.0, width, height]))
        .with("Resources", Dictionary::new().with("Font", fonts));
    Body::Stream { dictionary, data: content }
}

fn stream(data: Vec<u8>) -> Body {
    Body::Stream { dictionary: Dictionary::new(), data }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn() -> Drawn {
        let id = ObjectId::new(9, 0);
        Drawn { lines: id, name: "S".into(), before: id, width: 100.0, height: 24.0 }
    }

    /// Where the stamp's lower left and upper right lie on the page, in user space.
    fn corners(rotate: u16, corner: Corner) -> [f64; 4] {
        let [a, b, c, d, e, f] = drawn().matrix(&Page::turned(rotate), corner);
        let at = |x: f64, y: f64| (a * x + c * y + e, b * x + d * y + f);
        let ((x0, y0), (x1, y1)) = (at(0.0, 0.0), at(100.0, 24.0));
        [x0, y0, x1, y1]
    }

    #[test]
    fn the_corner_is_that_of_the_page_as_shown() {
        assert_eq!(corners(0, Corner::TopRight), [532.0, 778.0, 632.0, 802.0]);
        assert_eq!(corners(0, Corner::BottomLeft), [68.0, 38.0, 168.0, 62.0]);
        // Shown turned clockwise by 90, the page's top right is the upper left of its own space turned.
        assert_eq!(corners(90, Corner::TopRight), [92.0, 702.0, 68.0, 802.0]);
        assert_eq!(corners(180, Corner::TopRight), [168.0, 62.0, 68.0, 38.0]);
        assert_eq!(corners(270, Corner::TopRight), [608.0, 138.0, 632.0, 38.0]);
    }

    #[test]
    fn a_narrow_page_shrinks_the_stamp() {
        let narrow = Page { crop_box: [0.0, 0.0, 86.0, 800.0], ..Page::turned(0) };
        let [a, ..] = drawn().matrix(&narrow, Corner::TopLeft);
        assert!((a - 0.5).abs() < 1e-9);
    }
}
