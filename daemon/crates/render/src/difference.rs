//! What differs between two pictures, marked.

use crate::picture::Picture;

/// How far two colours may be apart, summed over red, green and blue, without counting as different.
const TOLERANCE: u32 = 40;
/// Side of the squares into which the picture is divided to find regions, in pixels.
const CELL: u32 = 12;
/// How many empty squares a region bridges.
const REACH: u32 = 2;
/// Most regions; beyond them all is one.
const MOST_REGIONS: usize = 24;
/// Of what was there before and is gone: orange.
const GONE: [u8; 3] = [0xc2, 0x41, 0x0c];
/// Of what is new: blue. The two are told apart by colour-blind eyes, and by their darkness.
const NEW: [u8; 3] = [0x1d, 0x4e, 0xd8];
/// Of the frames around regions.
const FRAME: [u8; 3] = [0x9f, 0x12, 0x39];

/// The difference of two pictures.
#[derive(Clone, Debug)]
pub struct Difference {
    /// The later picture, paled, with what is gone in orange, what is new in blue, and a frame around
    /// each region.
    pub marked: Picture,
    /// Where they differ, from top to bottom.
    pub regions: Vec<Region>,
    /// Pixels that differ.
    pub pixels: u64,
}

/// A rectangle in which pixels differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    /// From the left, in pixels.
    pub x: u32,
    /// From the top, in pixels.
    pub y: u32,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

/// Where on the page: a third of its height and of its width (0 top or left, 2 bottom or right).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Which third from the top.
    pub row: u8,
    /// Which third from the left.
    pub column: u8,
}

impl Difference {
    /// Of two pictures; the smaller one is white beyond its edges. `None` where nothing differs to
    /// the eye.
    #[must_use]
    pub fn of(before: &Picture, after: &Picture) -> Option<Self> {
        let width = before.width().max(after.width());
        let height = before.height().max(after.height());
        let mut grid = Grid::new(width, height);
        let (mut marked, mut pixels) = (Vec::new(), 0);
        for (x, y) in (0..height).flat_map(|y| (0..width).map(move |x| (x, y))) {
            let (old, new) = (before.at(x, y), after.at(x, y));
            let differs = apart(old, new) > TOLERANCE;
            if differs {
                grid.mark(x, y);
                pixels += 1;
            }
            marked.extend(shown(old, new, differs));
        }
        let regions = grid.regions();
        for region in &regions {
            frame(&mut marked, width, *region);
        }
        let marked = Picture::new(width, height, marked).or_else(|| Some(after.clone()))?;
        (pixels > 0 || before.width() != after.width() || before.height() != after.height())
            .then_some(Self { marked, regions, pixels })
    }

    /// The thirds of the page in which regions begin or end, without doubles.
    #[must_use]
    pub fn places(&self) -> Vec<Place> {
        let third = |at: u32, of: u32| (at * 3 / of.max(1)).min(2) as u8;
        let mut places: Vec<Place> = Vec::new();
        for region in &self.regions {
            let (x, y) = (region.x + region.width / 2, region.y + region.height / 2);
            places.push(Place {
                row: third(y, self.marked.height()),
                column: third(x, self.marked.width()),
            });
        }
        places.sort_unstable();
        places.dedup();
        places
    }
}

fn apart(one: [u8; 3], other: [u8; 3]) -> u32 {
    one.iter().zip(other).map(|(a, b)| u32::from(a.abs_diff(b))).sum()
}

fn shown(old: [u8; 3], new: [u8; 3], differs: bool) -> [u8; 3] {
    let light = |pixel: [u8; 3]| pixel.iter().map(|part| u32::from(*part)).sum::<u32>();
    match differs {
        true if light(old) < light(new) => GONE,
        true => NEW,
        false => new.map(|part| 255 - (255 - part) / 3),
    }
}

/// Two pixels wide, drawn outwards as far as the picture goes.
fn frame(pixels: &mut [u8], width: u32, region: Region) {
    let height = (pixels.len() / 3) as u32 / width.max(1);
    let (left, top) = (region.x.saturating_sub(4), region.y.saturating_sub(4));
    let right = (region.x + region.width + 3).min(width - 1);
    let bottom = (region.y + region.height + 3).min(height - 1);
    let mut dot = |x: u32, y: u32| {
        let at = (y as usize * width as usize + x as usize) * 3;
        if let Some(pixel) = pixels.get_mut(at..at + 3) {
            pixel.copy_from_slice(&FRAME);
        }
    };
    for x in left..=right {
        for y in [top, top + 1, bottom.saturating_sub(1), bottom] {
            dot(x, y);
        }
    }
    for y in top..=bottom {
        for x in [left, left + 1, right.saturating_sub(1), right] {
            dot(x, y);
        }
    }
}

/// Squares of the picture in which something differs.
struct Grid {
    columns: u32,
    rows: u32,
    width: u32,
    height: u32,
    marked: Vec<bool>,
}

impl Grid {
    fn new(width: u32, height: u32) -> Self {
        let (columns, rows) = (width.div_ceil(CELL), height.div_ceil(CELL));
        Self { columns, rows, width, height, marked: vec![false; (columns * rows) as usize] }
    }

    fn mark(&mut self, x: u32, y: u32) {
        let at = (y / CELL * self.columns + x / CELL) as usize;
        if let Some(cell) = self.marked.get_mut(at) {
            *cell = true;
        }
    }

    /// Rectangles around marked squares that are near each other, from top to bottom.
    fn regions(&self) -> Vec<Region> {
        let mut open = self.marked.clone();
        let mut found = Vec::new();
        for start in 0..open.len() {
            if std::mem::take(&mut open[start]) {
                found.push(self.around(start as u32, &mut open));
            }
        }
        if found.len() > MOST_REGIONS { vec![self.whole(&found)] } else { found }
    }

    fn around(&self, start: u32, open: &mut [bool]) -> Region {
        let mut stack = vec![(start % self.columns, start / self.columns)];
        let (mut left, mut top, mut right, mut bottom) = (u32::MAX, u32::MAX, 0, 0);
        while let Some((x, y)) = stack.pop() {
            (left, top) = (left.min(x), top.min(y));
            (right, bottom) = (right.max(x), bottom.max(y));
            let near = |at: u32, end: u32| at.saturating_sub(REACH)..(at + REACH + 1).min(end);
            for (x, y) in near(y, self.rows)
                .flat_map(|row| near(x, self.columns).map(move |column| (column, row)))
            {
                if std::mem::take(&mut open[(y * self.columns + x) as usize]) {
                    stack.push((x, y));
                }
            }
        }
        self.region(left, top, right, bottom)
    }

    fn region(&self, left: u32, top: u32, right: u32, bottom: u32) -> Region {
        let (x, y) = (left * CELL, top * CELL);
        let width = ((right + 1) * CELL).min(self.width) - x;
        let height = ((bottom + 1) * CELL).min(self.height) - y;
        Region { x, y, width, height }
    }

    fn whole(&self, regions: &[Region]) -> Region {
        let least = |side: fn(&Region) -> u32| regions.iter().map(side).min().unwrap_or(0);
        let most = |side: fn(&Region) -> u32| regions.iter().map(side).max().unwrap_or(0);
        let (x, y) = (least(|region| region.x), least(|region| region.y));
        let width = most(|region| region.x + region.width) - x;
        let height = most(|region| region.y + region.height) - y;
        Region { x, y, width, height }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn white(width: u32, height: u32) -> Vec<u8> {
        vec![255; (width * height * 3) as usize]
    }

    fn with_box(mut pixels: Vec<u8>, width: u32, x: u32, y: u32) -> Vec<u8> {
        for (dx, dy) in (0..10).flat_map(|dx| (0..10).map(move |dy| (dx, dy))) {
            let at = (((y + dy) * width + x + dx) * 3) as usize;
            pixels[at..at + 3].fill(0);
        }
        pixels
    }

    #[test]
    fn what_is_gone_and_what_is_new_are_marked_where_they_are() {
        let picture = |pixels| Picture::new(300, 300, pixels).unwrap();
        let before = picture(with_box(white(300, 300), 300, 20, 24));
        let after = picture(with_box(white(300, 300), 300, 260, 264));
        let difference = Difference::of(&before, &after).unwrap();
        assert_eq!(difference.pixels, 200);
        assert_eq!(difference.regions.len(), 2);
        assert_eq!(difference.marked.at(25, 29), GONE);
        assert_eq!(difference.marked.at(265, 269), NEW);
        assert_eq!(difference.marked.at(150, 150), [255; 3]);
        let places = [Place { row: 0, column: 0 }, Place { row: 2, column: 2 }];
        assert_eq!(difference.places(), places);
        let region = difference.regions[0];
        assert_eq!(difference.marked.at(region.x, region.y.saturating_sub(4)), FRAME);
    }

    #[test]
    fn the_same_and_what_no_eye_sees_is_no_difference() {
        let picture = Picture::new(30, 30, white(30, 30)).unwrap();
        assert!(Difference::of(&picture, &picture).is_none());
        let mut pixels = white(30, 30);
        pixels[0] = 250;
        assert!(Difference::of(&picture, &Picture::new(30, 30, pixels).unwrap()).is_none());
    }

    #[test]
    fn another_size_is_a_difference_even_where_all_is_white() {
        let small = Picture::new(30, 30, white(30, 30)).unwrap();
        let large = Picture::new(30, 60, white(30, 60)).unwrap();
        let difference = Difference::of(&small, &large).unwrap();
        assert_eq!((difference.pixels, difference.marked.height()), (0, 60));
    }
}
