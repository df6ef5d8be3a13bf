//! Letters in the order in which a person reads them: lines from above, each from the left.

use super::shape::Box;

/// The least height of a letter, in points.
const LEAST: f64 = 2.0;
/// Letters of one line differ in height of their lower edges by less, in shares of their own height.
const ANOTHER_LINE: f64 = 0.5;
/// By how much of the narrower one two letters may lie over each other.
const OVER: f64 = 0.5;

/// One line of what is shown.
pub(super) struct Line {
    pub(super) text: String,
    /// The middle of its letters' height.
    pub(super) middle: f64,
    /// How many letters, from the first on, stand within the box.
    pub(super) seen: usize,
}

/// The lines of `letters`, which run into direction `turn`, in quarters of a turn. None where letters are
/// too small to be read, lie over each other, or where more is cut off by the edge of the box than the end
/// of what is too long for it.
pub(super) fn lines(letters: &[(char, Box)], turn: u8, bounds: Box) -> Option<Vec<Line>> {
    let bounds = turned(bounds, turn);
    let mut letters: Vec<(char, Box)> =
        letters.iter().map(|(letter, at)| (*letter, turned(*at, turn))).collect();
    if letters.iter().any(|(_, at)| at[3] - at[1] < LEAST) {
        return None;
    }
    letters.sort_by(|(_, a), (_, b)| b[1].total_cmp(&a[1]));
    let mut lines = Vec::new();
    let mut rest = &mut letters[..];
    while let Some((_, first)) = rest.first() {
        let low = first[1] - ANOTHER_LINE * (first[3] - first[1]);
        let count = rest.iter().take_while(|(_, at)| at[1] > low).count();
        let (line, behind) = std::mem::take(&mut rest).split_at_mut(count);
        lines.push(read(line, bounds)?);
        rest = behind;
    }
    let shown = lines.iter().take_while(|line| line.seen > 0).count();
    let ends = lines[shown..].iter().all(|line| line.seen == 0);
    (ends && (shown > 0 || lines.is_empty())).then_some(lines)
}

fn read(letters: &mut [(char, Box)], bounds: Box) -> Option<Line> {
    letters.sort_by(|(_, a), (_, b)| a[0].total_cmp(&b[0]));
    if letters.windows(2).any(|pair| lie_over(pair[0], pair[1])) {
        return None;
    }
    let within = |(_, at): &&(char, Box)| {
        let (x, y) = ((at[0] + at[2]) / 2.0, (at[1] + at[3]) / 2.0);
        bounds[0] <= x && x <= bounds[2] && bounds[1] <= y && y <= bounds[3]
    };
    let seen = letters.iter().take_while(within).count();
    if letters[seen..].iter().any(|letter| within(&letter)) {
        return None;
    }
    let [_, low, _, high] = letters.first()?.1;
    let text = letters.iter().map(|(letter, _)| *letter).collect();
    Some(Line { text, middle: (low + high) / 2.0, seen })
}

fn lie_over((left, a): (char, Box), (right, b): (char, Box)) -> bool {
    // One code may stand for two letters.
    let ligature = left == 'f' && matches!(right, 'f' | 'i' | 'l') && a == b;
    let narrow = (a[2] - a[0]).min(b[2] - b[0]);
    !ligature && b[0] < a[2] - OVER * narrow - 0.01
}

/// A box as it stands when its text is turned upright.
fn turned([x0, y0, x1, y1]: Box, turn: u8) -> Box {
    match turn {
        1 => [y0, -x1, y1, -x0],
        2 => [-x1, -y1, -x0, -y0],
        3 => [-y1, x0, -y0, x1],
        _ => [x0, y0, x1, y1],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Box = [0.0, 0.0, 100.0, 40.0];

    fn read(placed: &[(char, f64, f64)]) -> Option<String> {
        let letters: Vec<_> =
            placed.iter().map(|(c, x, y)| (*c, [*x, *y, x + 5.0, y + 10.0])).collect();
        let lines = lines(&letters, 0, BOUNDS)?;
        Some(lines.iter().map(|line| line.text.as_str()).collect::<Vec<_>>().join("/"))
    }

    #[test]
    fn lines_are_read_from_above_and_from_the_left() {
        assert_eq!(read(&[('0', 20.0, 2.0), ('1', 2.0, 2.0)]).as_deref(), Some("10"));
        assert_eq!(read(&[('b', 2.0, 2.0), ('a', 2.0, 20.0)]).as_deref(), Some("a/b"));
        assert_eq!(read(&[]).as_deref(), Some(""));
    }

    #[test]
    fn what_is_too_long_ends_at_the_edge_and_nothing_else_is_cut_off() {
        assert_eq!(read(&[('a', 90.0, 2.0), ('b', 99.0, 2.0)]).as_deref(), Some("ab"));
        assert_eq!(read(&[('a', -9.0, 2.0), ('b', 9.0, 2.0)]), None);
        assert_eq!(read(&[('a', 9.0, 50.0), ('b', 9.0, 2.0)]), None);
        assert_eq!(read(&[('a', 9.0, -50.0)]), None);
    }

    #[test]
    fn letters_over_each_other_are_not_read() {
        assert_eq!(read(&[('1', 2.0, 2.0), ('9', 2.0, 2.0)]), None);
        assert_eq!(read(&[('f', 2.0, 2.0), ('i', 2.0, 2.0)]).as_deref(), Some("fi"));
    }

    #[test]
    fn text_of_every_direction_is_read() {
        for (turn, a, b) in [
            (1, [9.0, 2.0], [9.0, 12.0]),
            (2, [12.0, 9.0], [2.0, 9.0]),
            (3, [9.0, 12.0], [9.0, 2.0]),
        ] {
            let letters = [('a', a), ('b', b)].map(|(c, [x, y])| (c, [x, y, x + 8.0, y + 8.0]));
            assert_eq!(lines(&letters, turn, BOUNDS).unwrap()[0].text, "ab", "{turn}");
        }
    }
}
