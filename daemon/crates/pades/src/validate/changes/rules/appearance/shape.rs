//! Boxes, paths and matrices, and which paths frame a box (ISO 32000-2 §8.3.3, §8.5.2).

use sceau_pdf::Matrix;

/// Left, lower, right and upper edge.
pub(super) type Box = [f64; 4];
pub(super) type Point = (f64, f64);

pub(super) const IDENTITY: [f64; 6] = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// How far from its edge a frame reaches into a box.
pub(super) fn margin([x0, y0, x1, y1]: Box) -> f64 {
    (0.3 * (x1 - x0).min(y1 - y0)).clamp(1.0, 8.0)
}

/// Whether a path runs along the edges of a box, from corner to corner over its whole width: a thing that
/// stands in a corner, or between two of them, could be a letter.
pub(super) fn frames(lines: &[Point], bounds: Box, slack: f64) -> bool {
    let ([x0, y0, x1, y1], margin) = (bounds, margin(bounds));
    let corner = |(x, y): &Point| {
        let left = (x - x0).abs() <= margin;
        let right = (-margin..=margin + slack).contains(&(x1 - x));
        let (low, high) = ((y - y0).abs() <= margin, (y - y1).abs() <= margin);
        ((left || right) && (low || high)).then_some((left, low))
    };
    let Some(corners) = lines.iter().map(corner).collect::<Option<Vec<_>>>() else { return false };
    let along = corners.windows(2).all(|pair| pair[0].0 == pair[1].0 || pair[0].1 == pair[1].1);
    along && corners.iter().any(|corner| corner.0) && corners.iter().any(|corner| !corner.0)
}

/// Four corners, the first of them once more or not, with upright edges.
pub(super) fn is_rectangle(lines: &[Point]) -> bool {
    let corners = match lines {
        [first, .., last] if lines.len() == 5 && first == last => &lines[..4],
        _ => lines,
    };
    let upright = |a: Point, b: Point| (a.0 - b.0).abs() < 0.01 || (a.1 - b.1).abs() < 0.01;
    corners.len() == 4
        && (0..4).all(|at| upright(corners[at], corners[(at + 1) % 4]))
        && (corners[0].0 - corners[2].0).abs() > 0.01
        && (corners[0].1 - corners[2].1).abs() > 0.01
}

pub(super) fn around(lines: &[Point]) -> Box {
    lines.iter().fold([f64::MAX, f64::MAX, f64::MIN, f64::MIN], |[x0, y0, x1, y1], (x, y)| {
        [x0.min(*x), y0.min(*y), x1.max(*x), y1.max(*y)]
    })
}

/// First `one`, then `next`.
pub(super) fn then(one: [f64; 6], next: [f64; 6]) -> [f64; 6] {
    Matrix(one).then(Matrix(next)).0
}
