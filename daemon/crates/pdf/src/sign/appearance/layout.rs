//! Lines of text in a box: wrapped, and as large as they fit.

use super::font::{Face, Weight};

/// The largest and the smallest letters, in points.
const LARGEST: f64 = 10.5;
const SMALLEST: f64 = 3.5;
const STEP: f64 = 0.25;
/// From line to line, in sizes of the letters.
pub(super) const LEADING: f64 = 1.28;

/// The lines as they are drawn.
#[derive(Debug, PartialEq)]
pub(super) struct Laid {
    /// The size of the letters in points.
    pub(super) size: f64,
    /// Top down; the title's are of another weight.
    pub(super) lines: Vec<(Weight, String)>,
}

/// Lays `lines` into a box of `width` by `height` points; none where they do not fit however small.
pub(super) fn lay(faces: &[Face; 2], lines: &[String], width: f64, height: f64) -> Option<Laid> {
    let steps = ((LARGEST - SMALLEST) / STEP) as u32;
    (0..=steps).map(|step| LARGEST - f64::from(step) * STEP).find_map(|size| {
        let laid = wrapped(faces, lines, width / size)?;
        (laid.len() as f64 * LEADING * size <= height).then_some(Laid { size, lines: laid })
    })
}

/// `width` is in sizes of the letters. None where a word alone is wider.
fn wrapped(faces: &[Face; 2], lines: &[String], width: f64) -> Option<Vec<(Weight, String)>> {
    let mut laid = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let weight = if at == 0 { Weight::Medium } else { Weight::Regular };
        let face = &faces[weight as usize];
        let mut current = String::new();
        for word in line.split_whitespace() {
            if face.width(word) > width {
                return None;
            }
            let longer = format!("{current}{}{word}", if current.is_empty() { "" } else { " " });
            if face.width(&longer) <= width {
                current = longer;
            } else {
                laid.push((weight, std::mem::replace(&mut current, word.to_owned())));
            }
        }
        laid.push((weight, current));
    }
    Some(laid)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_wrapped_and_letters_shrink() {
        let faces = [Face::new(Weight::Regular), Face::new(Weight::Medium)].map(Option::unwrap);
        let lines =
            ["Cachet électronique".to_owned(), "de la société Dupont et Associés".to_owned()];
        let wide = lay(&faces, &lines, 400.0, 80.0).unwrap();
        assert_eq!((wide.size, wide.lines.len()), (LARGEST, 2));
        let narrow = lay(&faces, &lines, 90.0, 40.0).unwrap();
        assert!(narrow.size < LARGEST && narrow.lines.len() > 2);
        assert_eq!(lay(&faces, &lines, 10.0, 40.0), None);
    }
}
