//! What a drawing process says: the number of pages (u32), then for each page that was asked for its
//! number (u32), its width and height in pixels (u32 each, nought where there is no such page), and its
//! pixels as red, green and blue. Numbers are big-endian.
//!
//! Invariant: the reader believes nothing: sizes are bounded before a byte is taken.

use std::io::{self, Write};

use crate::limits::{MOST_PIXELS, MOST_SIDE};
use crate::picture::Picture;

/// What was read of a process that may have ended in the middle.
pub(crate) struct Said {
    /// How many pages the document has; absent where it could not be opened.
    pub(crate) count: Option<u32>,
    /// Page by page, as it was asked for: a picture, or none where there is no such page.
    pub(crate) pages: Vec<(u32, Option<Picture>)>,
}

pub(crate) fn write_count(out: &mut impl Write, count: u32) -> io::Result<()> {
    out.write_all(&count.to_be_bytes())
}

pub(crate) fn write_page(
    out: &mut impl Write,
    page: u32,
    picture: Option<&Picture>,
) -> io::Result<()> {
    let size = picture.map_or((0, 0), |picture| (picture.width(), picture.height()));
    for number in [page, size.0, size.1] {
        out.write_all(&number.to_be_bytes())?;
    }
    out.write_all(picture.map_or(&[], Picture::pixels))?;
    out.flush()
}

/// Reads as far as it is whole and of the form above.
pub(crate) fn read(bytes: &[u8]) -> Said {
    let mut rest = bytes;
    let mut said = Said { count: number(&mut rest), pages: Vec::new() };
    while let Some(page) = page(&mut rest) {
        said.pages.push(page);
    }
    said
}

fn page(rest: &mut &[u8]) -> Option<(u32, Option<Picture>)> {
    let (page, width, height) = (number(rest)?, number(rest)?, number(rest)?);
    if (width, height) == (0, 0) {
        return Some((page, None));
    }
    let fits = width <= MOST_SIDE && height <= MOST_SIDE && width * height <= MOST_PIXELS;
    let len = if fits { width as usize * height as usize * 3 } else { return None };
    let (pixels, after) = rest.split_at_checked(len)?;
    *rest = after;
    Some((page, Some(Picture::new(width, height, pixels.to_vec())?)))
}

fn number(rest: &mut &[u8]) -> Option<u32> {
    let (number, after) = rest.split_first_chunk()?;
    *rest = after;
    Some(u32::from_be_bytes(*number))
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_what_broke_off_is_left_out() {
        let picture = Picture::new(2, 1, vec![1, 2, 3, 4, 5, 6]).unwrap();
        let mut out = Vec::new();
        write_count(&mut out, 9).unwrap();
        write_page(&mut out, 4, Some(&picture)).unwrap();
        write_page(&mut out, 12, None).unwrap();
        write_page(&mut out, 5, Some(&picture)).unwrap();
        let said = read(&out);
        assert_eq!(said.count, Some(9));
        assert_eq!(said.pages, [(4, Some(picture.clone())), (12, None), (5, Some(picture))]);
        assert_eq!(read(&out[..out.len() - 1]).pages.len(), 2);
        assert_eq!(read(&[]).count, None);
    }

    #[test]
    fn a_picture_beyond_the_bounds_is_not_taken() {
        for (width, height) in [(u32::MAX, u32::MAX), (MOST_SIDE + 1, 1), (1, 0), (1_600, 1_600)] {
            let mut out = [0, 0, 0, 1, 0, 0, 0, 1].to_vec();
            out.extend(width.to_be_bytes());
            out.extend(height.to_be_bytes());
            out.extend([0; 64]);
            assert!(read(&out).pages.is_empty(), "{width} {height}");
        }
    }
}
