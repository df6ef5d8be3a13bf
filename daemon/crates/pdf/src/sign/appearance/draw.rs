//! The form XObject of an appearance (ISO 32000-2, 8.10).

use super::font::{Face, Used, Weight};
use super::layout::{self, LEADING, Laid};
use super::place::Spot;
use super::{Appearance, Id, picture};
use crate::sign::SignRefusal;
use crate::write::{Body, Increment, number, numbers};
use crate::{Dictionary, Name, Object};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use std::io::Write as _;

/// The colours: the bar and the title, the lines, the frame.
const ACCENT: &str = "0.098 0.227 0.408";
const TEXT: &str = "0.2 0.2 0.22";
const FRAME: &str = "0.78 0.81 0.86";
/// The bar at the left edge, in points.
const BAR: f64 = 2.5;

/// A box of so many points.
#[derive(Clone, Copy)]
struct Area {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

/// Draws the box; gives back its form.
pub(super) fn form(
    increment: &mut Increment<'_, '_>,
    appearance: &Appearance,
    spot: &Spot,
    opaque: bool,
) -> Result<Id, SignRefusal> {
    let (width, height) = spot.size;
    let padding = (height * 0.1).clamp(1.0, 7.0);
    let mut inner = Area {
        x: BAR + padding,
        y: padding,
        width: width - BAR - 2.0 * padding,
        height: height - 2.0 * padding,
    };
    let mut content = framed(width, height);
    let mut resources =
        Dictionary::new().with("ColorSpace", Dictionary::new().with("C", calibrated("CalRGB")));
    if let Some(picture) = &appearance.picture {
        let drawn = picture::embed(increment, picture, opaque)?;
        let used = placed(&drawn, inner, appearance.lines.is_empty(), &mut content);
        inner.x += used + padding;
        inner.width -= used + padding;
        resources.set("XObject", Dictionary::new().with("P", drawn.object));
    }
    if !appearance.lines.is_empty() {
        resources.set("Font", lines(increment, &appearance.lines, inner, &mut content)?);
    }
    // Turned back by the page's rotation; the widget's rectangle does the rest (12.5.5).
    let [a, b, c, d] = spot.page.upright();
    let dictionary = Dictionary::new()
        .with("Type", Name::from("XObject"))
        .with("Subtype", Name::from("Form"))
        .with("BBox", numbers([0.0, 0.0, width, height]))
        .with("Matrix", numbers([a, b, c, d, 0.0, 0.0]))
        .with("Resources", resources);
    Ok(increment.add(deflated(dictionary, content.as_bytes()))?)
}

fn framed(width: f64, height: f64) -> String {
    let (w, h) = (width - 0.5, height - 0.5);
    format!(
        "/C CS /C cs\n{FRAME} SC 0.5 w 0.25 0.25 {w:.3} {h:.3} re S\n\
         {ACCENT} sc 0 0 {BAR} {height:.3} re f\n"
    )
}

/// Draws the picture at the left of `area`, or in its middle where it stands alone; gives back the
/// width that it takes.
fn placed(picture: &picture::Drawn, area: Area, alone: bool, content: &mut String) -> f64 {
    const SHARE: f64 = 0.36;
    let room = if alone { area.width } else { area.width * SHARE };
    let scale = (room / picture.width).min(area.height / picture.height);
    let (width, height) = (picture.width * scale, picture.height * scale);
    let x = area.x + if alone { (area.width - width) / 2.0 } else { 0.0 };
    let y = area.y + (area.height - height) / 2.0;
    content.push_str(&format!("q {width:.3} 0 0 {height:.3} {x:.3} {y:.3} cm /P Do Q\n"));
    width
}

fn lines(
    increment: &mut Increment<'_, '_>,
    lines: &[String],
    area: Area,
    content: &mut String,
) -> Result<Dictionary, SignRefusal> {
    let faces = [Face::new(Weight::Regular), Face::new(Weight::Medium)];
    let [Some(regular), Some(medium)] = faces else {
        return Err(SignRefusal::Request { what: "a font that is none" });
    };
    let faces = [regular, medium];
    if let Some(character) = lines.iter().find_map(|line| faces[0].missing(line)) {
        return Err(SignRefusal::Character { character });
    }
    let laid = layout::lay(&faces, lines, area.width, area.height);
    let laid = laid.ok_or_else(|| SignRefusal::Place {
        why: "the text does not fit into the box however small its letters".to_owned(),
    })?;
    let mut used = [Used::new(&faces[0]), Used::new(&faces[1])];
    write_lines(&laid, area, &mut used, content);
    let [regular, medium] = used;
    let mut fonts = Dictionary::new();
    fonts.set("F0", regular.embed(increment)?);
    fonts.set("F1", medium.embed(increment)?);
    Ok(fonts)
}

/// In the middle of the height, from the left edge.
fn write_lines(laid: &Laid, area: Area, used: &mut [Used<'_>; 2], content: &mut String) {
    /// From the top of a line to its base line, in sizes of the letters.
    const BASE: f64 = 0.96;
    let leading = laid.size * LEADING;
    let tall = leading * laid.lines.len() as f64;
    let mut y = area.y + (area.height + tall) / 2.0 - laid.size * BASE;
    content.push_str("BT\n");
    for (weight, line) in &laid.lines {
        let (font, colour) = match weight {
            Weight::Regular => ("F0", TEXT),
            Weight::Medium => ("F1", ACCENT),
        };
        let string = used[*weight as usize].string(line);
        let string = String::from_utf8_lossy(string.source()).into_owned();
        let (x, size) = (area.x, laid.size);
        content.push_str(&format!(
            "/{font} {size:.2} Tf {colour} sc 1 0 0 1 {x:.3} {y:.3} Tm {string} Tj\n"
        ));
        y -= leading;
    }
    content.push_str("ET\n");
}

/// A colour space that depends on no device (8.6.5.2, 8.6.5.3), with the values of sRGB.
pub(super) fn calibrated(family: &str) -> Object {
    let mut parameters = Dictionary::new().with("WhitePoint", numbers([0.9505, 1.0, 1.089]));
    if family == "CalRGB" {
        parameters.set("Gamma", numbers([2.2, 2.2, 2.2]));
        let matrix = [0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.0722, 0.9505];
        parameters.set("Matrix", numbers(matrix));
    } else {
        parameters.set("Gamma", number(2.2));
    }
    Object::Array(vec![Name::from(family).into(), parameters.into()])
}

/// A stream, deflated.
pub(super) fn deflated(dictionary: Dictionary, data: &[u8]) -> Body {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    // Writing into memory does not fail.
    let packed = encoder.write_all(data).and_then(|()| encoder.finish());
    match packed {
        Ok(packed) => Body::Stream {
            dictionary: dictionary.with("Filter", Name::from("FlateDecode")),
            data: packed,
        },
        Err(_) => Body::Stream { dictionary, data: data.to_vec() },
    }
}
