//! `--visible`: where the signature is seen, and what stands there.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use sceau_pdf::{Appearance, OnOverlap, PageChoice, Picture, Place};
use sceau_pki::Certificate;
use sceau_pki::certificate::Person;

use super::failure::Failure;

/// Points in a millimetre.
const MM: f64 = 72.0 / 25.4;
/// The box where none is told, in millimetres.
const BOX: [f64; 2] = [70.0, 22.0];
/// Between an anchor and the box below it, in millimetres.
const BELOW: f64 = 2.0;

/// How the signature is seen.
#[derive(Debug, clap::Args)]
pub(super) struct VisibleArgs {
    /// Show the signature: `field` (in the field of --field), `PAGE:X,Y` or `PAGE:X,Y,WxH` (PAGE a
    /// number or `last`; millimetres from the upper left corner of the page as it is shown), or
    /// `below:TEXT` (under the first occurrence of a text).
    #[arg(long, value_name = "WHERE", value_parser = place)]
    visible: Option<Place>,
    /// A line of the shown text, the first as its title; repeat it. Absent: who signed, when, why.
    #[arg(long, value_name = "TEXT", requires = "visible")]
    visible_text: Vec<String>,
    /// A picture beside the text: PNG or JPEG.
    #[arg(long, value_name = "FILE", requires = "visible")]
    visible_image: Option<PathBuf>,
    /// Take the nearest free place where another field is in the way; else that is refused.
    #[arg(long, requires = "visible")]
    visible_move: bool,
}

impl VisibleArgs {
    /// The appearance that is asked for, if any.
    pub(super) fn appearance(
        &self,
        certificate: Option<&Certificate>,
        now: Timestamp,
        reason: Option<&str>,
    ) -> Result<Option<Appearance>, Failure> {
        let Some(place) = self.visible.clone() else { return Ok(None) };
        let (title, who) = signer(certificate);
        let lines = if self.visible_text.is_empty() {
            let day = now.to_zoned(TimeZone::UTC).strftime("le %d/%m/%Y à %H:%M UTC").to_string();
            [title.to_owned(), who.clone(), day]
                .into_iter()
                .chain(reason.map(str::to_owned))
                .collect()
        } else {
            self.visible_text.clone()
        };
        let picture = self.visible_image.as_deref().map(picture).transpose()?;
        let on_overlap = if self.visible_move { OnOverlap::Move } else { OnOverlap::Refuse };
        let accessible_name = format!("{title} : {who}");
        Ok(Some(Appearance { place, lines, picture, accessible_name, on_overlap }))
    }
}

/// What it is, of a natural person or of a legal one, and whose.
fn signer(certificate: Option<&Certificate>) -> (&'static str, String) {
    let legal = certificate.and_then(Certificate::person) == Some(Person::Legal);
    let name = certificate.and_then(|certificate| certificate.subject().common_name());
    let title = if legal { "Cachet électronique" } else { "Signature électronique" };
    (title, name.unwrap_or_default().to_owned())
}

fn picture(path: &Path) -> Result<Picture, Failure> {
    use std::io::Read as _;
    // No more than what is refused anyway.
    const MOST: u64 = Picture::MAX_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    let read = std::fs::File::open(path).and_then(|file| file.take(MOST).read_to_end(&mut bytes));
    read.map_err(|error| Failure::unreadable(path, error))?;
    Ok(Picture { bytes })
}

fn place(text: &str) -> Result<Place, String> {
    let expected = "expected `field`, `PAGE:X,Y`, `PAGE:X,Y,WxH` in millimetres, or `below:TEXT`";
    let wrong = || expected.to_owned();
    if text == "field" {
        return Ok(Place::Field);
    }
    let (page, rest) = text.split_once(':').ok_or_else(wrong)?;
    let [width, height] = BOX.map(|side| side * MM);
    if page == "below" {
        let text = rest.to_owned();
        return Ok(Place::Anchor { text, page: None, dx: 0.0, dy: BELOW * MM, width, height });
    }
    let page = match page {
        "last" => PageChoice::Last,
        number => PageChoice::Number(number.parse().map_err(|_| wrong())?),
    };
    let mut parts = rest.splitn(3, ',');
    let mut number = || parts.next().and_then(millimetres).ok_or_else(wrong);
    let (x, y) = (number()?, number()?);
    let [width, height] = match parts.next() {
        None => [width, height],
        Some(size) => {
            let (width, height) = size.split_once('x').ok_or_else(wrong)?;
            [millimetres(width).ok_or_else(wrong)?, millimetres(height).ok_or_else(wrong)?]
        }
    };
    Ok(Place::At { page, x, y, width, height })
}

/// In points.
fn millimetres(text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok()?;
    (number.is_finite() && (0.0..=10_000.0).contains(&number)).then_some(number * MM)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn places_are_read_in_millimetres() {
        assert_eq!(place("field"), Ok(Place::Field));
        let Place::At { page, x, width, .. } = place("last:25.4,10,50.8x20").unwrap() else {
            panic!("not a place")
        };
        assert_eq!((page, x, width), (PageChoice::Last, 72.0, 144.0));
        assert!(matches!(place("2:10,10"), Ok(Place::At { page: PageChoice::Number(2), .. })));
        let Place::Anchor { text, .. } = place("below:Pour la société :").unwrap() else {
            panic!("not an anchor")
        };
        assert_eq!(text, "Pour la société :");
        for wrong in ["", "1", "1:2", "x:1,2", "1:-1,2", "1:1,2,3", "1:1,2,3x", "1:nan,2"] {
            assert!(place(wrong).is_err(), "{wrong}");
        }
    }
}
