//! What is painted over what: filled paths and pictures that nothing shines through, and the letters
//! beneath them (ISO 32000-2, 8.5 and 11.3). Paths are told by straight lines, curves by their ends.

use super::matrix::Matrix;
use crate::ObjectId;
use std::rc::Rc;

/// Corners of one path; a longer one covers nothing, as far as it is known here.
const MAX_CORNERS: usize = 20_000;
/// Clips within each other.
const MAX_CLIPS: usize = 64;

/// Which points belong to a path (8.5.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rule {
    NonZero,
    EvenOdd,
}

/// An area of the page.
#[derive(Debug)]
pub(super) struct Area {
    lines: Vec<[(f64, f64); 2]>,
    rule: Rule,
    around: [f64; 4],
    within: Option<Rc<Area>>,
    depth: usize,
}

impl Area {
    /// The area of `lines` within another; none where it is too complex.
    fn of(lines: Vec<[(f64, f64); 2]>, rule: Rule, within: Option<&Rc<Self>>) -> Option<Rc<Self>> {
        let depth = within.map_or(0, |within| within.depth + 1);
        if lines.len() > MAX_CORNERS || depth > MAX_CLIPS {
            return None;
        }
        let points = lines.iter().flatten();
        let around = points.fold([f64::MAX, f64::MAX, f64::MIN, f64::MIN], |box_, (x, y)| {
            [box_[0].min(*x), box_[1].min(*y), box_[2].max(*x), box_[3].max(*y)]
        });
        Some(Rc::new(Self { lines, rule, around, within: within.cloned(), depth }))
    }

    /// The box around it.
    pub(super) fn around(&self) -> [f64; 4] {
        self.around
    }

    /// How many lines a look at it costs.
    pub(super) fn cost(&self) -> usize {
        1 + self.lines.len() + self.within.as_ref().map_or(0, |within| within.cost())
    }

    pub(super) fn contains(&self, point: (f64, f64)) -> bool {
        let [x0, y0, x1, y1] = self.around;
        let near = point.0 >= x0 && point.0 <= x1 && point.1 >= y0 && point.1 <= y1;
        near && self.winds_around(point)
            && self.within.as_ref().is_none_or(|within| within.contains(point))
    }

    /// By the lines that a ray to the right crosses.
    fn winds_around(&self, (x, y): (f64, f64)) -> bool {
        let mut winding = 0i64;
        for [(ax, ay), (bx, by)] in &self.lines {
            if (*ay <= y) == (*by <= y) {
                continue;
            }
            let crossing = ax + (y - ay) / (by - ay) * (bx - ax);
            if crossing > x {
                winding += if by > ay { 1 } else { -1 };
            }
        }
        match self.rule {
            Rule::NonZero => winding != 0,
            Rule::EvenOdd => winding % 2 != 0,
        }
    }
}

/// A path as it is built, in the space of the page.
#[derive(Debug, Default)]
pub(super) struct Path {
    lines: Vec<[(f64, f64); 2]>,
    start: Option<(f64, f64)>,
    at: Option<(f64, f64)>,
    /// The rule of a clip that the next painting operator sets.
    pub(super) clips: Option<Rule>,
}

impl Path {
    /// An operator that builds a path (table 58).
    pub(super) fn build(&mut self, word: &[u8], matrix: Matrix, number: impl Fn(usize) -> f64) {
        let point = |at: usize| matrix.point(number(at), number(at + 1));
        match word {
            b"m" => self.begin(point(0)),
            b"l" => self.line(point(0)),
            b"c" => self.line(point(4)),
            b"v" | b"y" => self.line(point(2)),
            b"h" => self.close(),
            b"re" => self.corners(matrix, [number(0), number(1), number(2), number(3)]),
            _ => {}
        }
    }

    fn corners(&mut self, matrix: Matrix, [x, y, width, height]: [f64; 4]) {
        self.begin(matrix.point(x, y));
        self.line(matrix.point(x + width, y));
        self.line(matrix.point(x + width, y + height));
        self.line(matrix.point(x, y + height));
        self.close();
    }

    fn begin(&mut self, point: (f64, f64)) {
        self.close();
        (self.start, self.at) = (Some(point), Some(point));
    }

    fn line(&mut self, to: (f64, f64)) {
        if let Some(from) = self.at.replace(to)
            && self.lines.len() <= MAX_CORNERS
        {
            self.lines.push([from, to]);
        }
    }

    /// What is filled or clipped by is closed, said or not.
    fn close(&mut self) {
        if let Some(start) = self.start.filter(|start| self.at != Some(*start)) {
            self.line(start);
        }
    }

    /// Its area within `clip`; the path is empty then.
    pub(super) fn take(&mut self, rule: Rule, clip: Option<&Rc<Area>>) -> Option<Rc<Area>> {
        self.close();
        (self.start, self.at) = (None, None);
        Area::of(std::mem::take(&mut self.lines), rule, clip)
    }
}

/// A rectangle of an untransformed space as an area.
pub(super) fn rectangle(
    matrix: Matrix,
    [x0, y0, x1, y1]: [f64; 4],
    clip: Option<&Rc<Area>>,
) -> Option<Rc<Area>> {
    let mut path = Path::default();
    path.corners(matrix, [x0, y0, x1 - x0, y1 - y0]);
    path.take(Rule::NonZero, clip)
}

/// The streams within each other that paint something, outermost first; the last is what paints it.
pub(crate) type Source = Rc<[ObjectId]>;

/// Something that hides what lies beneath.
#[derive(Debug)]
pub(super) struct Cover {
    pub(super) area: Rc<Area>,
    pub(super) source: Source,
    /// How many letters were painted before.
    pub(super) above: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(words: &[(&str, &[f64])]) -> Path {
        let mut path = Path::default();
        for (word, numbers) in words {
            path.build(word.as_bytes(), Matrix::IDENTITY, |at| {
                numbers.get(at).copied().unwrap_or(0.0)
            });
        }
        path
    }

    #[test]
    fn a_frame_of_two_rectangles_is_hollow_by_one_rule_and_full_by_the_other() {
        let frame: &[(&str, &[f64])] =
            &[("re", &[0.0, 0.0, 10.0, 10.0]), ("re", &[2.0, 2.0, 6.0, 6.0])];
        let hollow = path(frame).take(Rule::EvenOdd, None).expect("an area");
        let full = path(frame).take(Rule::NonZero, None).expect("an area");
        assert!(!hollow.contains((5.0, 5.0)) && full.contains((5.0, 5.0)));
        assert!(hollow.contains((1.0, 5.0)) && !full.contains((11.0, 5.0)));
    }

    #[test]
    fn a_clip_cuts_off() {
        let half = rectangle(Matrix::IDENTITY, [0.0, 0.0, 5.0, 10.0], None);
        let all = rectangle(Matrix::IDENTITY, [0.0, 0.0, 10.0, 10.0], half.as_ref());
        let all = all.expect("an area");
        assert!(all.contains((2.0, 5.0)) && !all.contains((7.0, 5.0)));
    }

    #[test]
    fn a_triangle_that_nobody_closed_is_one() {
        let words: &[(&str, &[f64])] =
            &[("m", &[0.0, 0.0]), ("l", &[10.0, 0.0]), ("l", &[0.0, 10.0])];
        let triangle = path(words).take(Rule::NonZero, None).expect("an area");
        assert!(triangle.contains((2.0, 2.0)) && !triangle.contains((8.0, 8.0)));
    }
}
