//! What is painted over what: filled paths and pictures that nothing shines through, and the letters
//! beneath them (ISO 32000-2, 8.5 and 11.3). Curves are told by straight lines. An area that is too complex
//! is the box around it: it may cover less than is said of it, and never more.

use super::matrix::Matrix;
use crate::ObjectId;
use std::rc::Rc;

/// Corners of one path that are kept.
const MAX_CORNERS: usize = 20_000;
/// Clips within each other.
const MAX_CLIPS: usize = 64;
/// By how much a line may pass by a curve, in units of the page, and the most lines of one curve.
const FLAT: f64 = 1.0;
const MAX_PIECES: f64 = 16.0;

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
    /// The area of `lines` within another.
    fn of(lines: Vec<Line>, rule: Rule, within: Option<&Rc<Self>>) -> Rc<Self> {
        let own = around(&lines);
        let around = within.map_or(own, |within| common(own, within.around));
        let depth = within.map_or(0, |within| within.depth + 1);
        if depth > MAX_CLIPS {
            return Self::of(outline(around), rule, None);
        }
        Rc::new(Self { lines, rule, around, within: within.cloned(), depth })
    }

    /// The box around it and what it lies within.
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

/// From one point to another.
type Line = [(f64, f64); 2];

const NOWHERE: [f64; 4] = [f64::MAX, f64::MAX, f64::MIN, f64::MIN];

fn around(lines: &[Line]) -> [f64; 4] {
    lines
        .iter()
        .flatten()
        .fold(NOWHERE, |[x0, y0, x1, y1], (x, y)| [x0.min(*x), y0.min(*y), x1.max(*x), y1.max(*y)])
}

/// What two boxes have in common.
fn common(a: [f64; 4], b: [f64; 4]) -> [f64; 4] {
    [a[0].max(b[0]), a[1].max(b[1]), a[2].min(b[2]), a[3].min(b[3])]
}

/// The edges of a box; none of what is no box.
fn outline([x0, y0, x1, y1]: [f64; 4]) -> Vec<Line> {
    let corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)];
    let edge = |at: usize| [corners[at], corners[(at + 1) % 4]];
    if x0 <= x1 && y0 <= y1 { [0, 1, 2, 3].map(edge).to_vec() } else { Vec::new() }
}

/// A path as it is built, in the space of the page.
#[derive(Debug)]
pub(super) struct Path {
    lines: Vec<Line>,
    /// Where it has more lines than are kept: around those that are not.
    beyond: [f64; 4],
    start: Option<(f64, f64)>,
    at: Option<(f64, f64)>,
    /// The rule of a clip that the next painting operator sets.
    pub(super) clips: Option<Rule>,
}

impl Default for Path {
    fn default() -> Self {
        Self { lines: Vec::new(), beyond: NOWHERE, start: None, at: None, clips: None }
    }
}

impl Path {
    /// An operator that builds a path (table 58).
    pub(super) fn build(&mut self, word: &[u8], matrix: Matrix, number: impl Fn(usize) -> f64) {
        let point = |at: usize| matrix.point(number(at), number(at + 1));
        match word {
            b"m" => self.begin(point(0)),
            b"l" => self.line(point(0)),
            b"c" => self.curve(point(0), point(2), point(4)),
            b"v" => self.curve(self.at.unwrap_or(point(0)), point(0), point(2)),
            b"y" => self.curve(point(0), point(2), point(2)),
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
        let Some(from) = self.at.replace(to) else { return };
        if self.lines.len() < MAX_CORNERS {
            self.lines.push([from, to]);
        } else {
            let [x0, y0, x1, y1] = around(&[[from, to]]);
            let [ax, ay, bx, by] = self.beyond;
            self.beyond = [ax.min(x0), ay.min(y0), bx.max(x1), by.max(y1)];
        }
    }

    /// A curve from where the path is, by two points that it bends towards (8.5.2.2): as many lines as come
    /// close to it.
    fn curve(&mut self, first: (f64, f64), second: (f64, f64), to: (f64, f64)) {
        let Some(from) = self.at else { return };
        let bend = |a: (f64, f64), b: (f64, f64), c: (f64, f64)| {
            (a.0 - 2.0 * b.0 + c.0).hypot(a.1 - 2.0 * b.1 + c.1)
        };
        let bends = bend(from, first, second).max(bend(first, second, to));
        let pieces = (0.75 * bends / FLAT).sqrt().ceil().clamp(1.0, MAX_PIECES);
        let at = |share: f64, a: f64, b: f64, c: f64, d: f64| {
            let rest = 1.0 - share;
            rest * rest * (rest * a + 3.0 * share * b)
                + share * share * (3.0 * rest * c + share * d)
        };
        for piece in 1..pieces as u8 {
            let share = f64::from(piece) / pieces;
            let x = at(share, from.0, first.0, second.0, to.0);
            self.line((x, at(share, from.1, first.1, second.1, to.1)));
        }
        self.line(to);
    }

    /// What is filled or clipped by is closed, said or not.
    fn close(&mut self) {
        if let Some(start) = self.start.filter(|start| self.at != Some(*start)) {
            self.line(start);
        }
    }

    /// Its area within `clip`; the path is empty then.
    pub(super) fn take(&mut self, rule: Rule, clip: Option<&Rc<Area>>) -> Rc<Area> {
        self.close();
        (self.start, self.at) = (None, None);
        let mut lines = std::mem::take(&mut self.lines);
        let beyond = std::mem::replace(&mut self.beyond, NOWHERE);
        if beyond != NOWHERE {
            lines.extend(outline(beyond));
            lines = outline(around(&lines));
        }
        Area::of(lines, rule, clip)
    }
}

/// A rectangle of an untransformed space as an area.
pub(super) fn rectangle(
    matrix: Matrix,
    [x0, y0, x1, y1]: [f64; 4],
    clip: Option<&Rc<Area>>,
) -> Rc<Area> {
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
        let hollow = path(frame).take(Rule::EvenOdd, None);
        let full = path(frame).take(Rule::NonZero, None);
        assert!(!hollow.contains((5.0, 5.0)) && full.contains((5.0, 5.0)));
        assert!(hollow.contains((1.0, 5.0)) && !full.contains((11.0, 5.0)));
    }

    #[test]
    fn a_clip_cuts_off() {
        let half = rectangle(Matrix::IDENTITY, [0.0, 0.0, 5.0, 10.0], None);
        let all = rectangle(Matrix::IDENTITY, [0.0, 0.0, 10.0, 10.0], Some(&half));
        assert!(all.contains((2.0, 5.0)) && !all.contains((7.0, 5.0)));
    }

    #[test]
    fn what_is_too_complex_is_the_box_around_it() {
        let mut long = path(&[("m", &[0.0, 0.0]), ("l", &[10.0, 0.0])]);
        (0..MAX_CORNERS + 9).for_each(|_| long.line((10.0, 5.0)));
        long.line((4.0, 9.0));
        let area = long.take(Rule::EvenOdd, None);
        assert!(area.contains((1.0, 8.0)) && !area.contains((1.0, 10.0)));
        let mut clip = rectangle(Matrix::IDENTITY, [0.0, 0.0, 9.0, 9.0], None);
        for _ in 0..=MAX_CLIPS {
            clip = rectangle(Matrix::IDENTITY, [1.0, 1.0, 20.0, 20.0], Some(&clip));
        }
        assert!(clip.contains((8.0, 8.0)) && !clip.contains((8.0, 10.0)), "{clip:?}");
        let apart = rectangle(Matrix::IDENTITY, [30.0, 0.0, 40.0, 9.0], Some(&clip));
        assert!(!apart.contains((35.0, 5.0)));
    }

    #[test]
    fn a_curve_covers_what_it_bends_around() {
        let arch: &[(&str, &[f64])] =
            &[("m", &[0.0, 0.0]), ("c", &[0.0, 80.0, 100.0, 80.0, 100.0, 0.0])];
        let arch = path(arch).take(Rule::NonZero, None);
        assert!(arch.contains((50.0, 55.0)) && !arch.contains((50.0, 61.0)), "{arch:?}");
        let half: &[(&str, &[f64])] = &[("m", &[0.0, 0.0]), ("v", &[60.0, 60.0, 0.0, 60.0])];
        assert!(path(half).take(Rule::NonZero, None).contains((10.0, 30.0)));
    }

    #[test]
    fn a_triangle_that_nobody_closed_is_one() {
        let words: &[(&str, &[f64])] =
            &[("m", &[0.0, 0.0]), ("l", &[10.0, 0.0]), ("l", &[0.0, 10.0])];
        let triangle = path(words).take(Rule::NonZero, None);
        assert!(triangle.contains((2.0, 2.0)) && !triangle.contains((8.0, 8.0)));
    }
}
