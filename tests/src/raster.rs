//! What a reader sees of a page: drawn by poppler, one pixel a point, from the upper left corner.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use crate::program::run;

/// A page as it is shown, its crop box and rotation respected.
#[derive(Debug)]
pub struct Raster {
    width: usize,
    height: usize,
    /// Red, green and blue of each pixel, row by row.
    samples: Vec<u8>,
}

impl Raster {
    /// The page `number`, from 1, of the file at `pdf`.
    ///
    /// # Panics
    /// When poppler is missing or draws nothing.
    pub fn of(pdf: &Path, number: u32) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let drawn = folder.path().join("page");
        let mut poppler = Command::new("pdftoppm");
        poppler.args(["-cropbox", "-singlefile", "-r", "72", "-f"]).arg(number.to_string());
        run(poppler.arg(pdf).arg(&drawn), Duration::from_secs(60)).expect(0);
        let bytes = std::fs::read(drawn.with_extension("ppm")).expect("a picture");
        Self::parse(&bytes).unwrap_or_else(|| panic!("no PPM of {}", pdf.display()))
    }

    /// PPM: `P6`, width, height, 255, one byte of white space, the samples.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let mut lines = bytes.splitn(4, |byte| *byte == b'\n');
        if lines.next()? != b"P6" {
            return None;
        }
        let (width, height) = std::str::from_utf8(lines.next()?).ok()?.split_once(' ')?;
        let (width, height) = (width.parse().ok()?, height.parse().ok()?);
        let samples = lines.nth(1)?.to_vec();
        (samples.len() == 3 * width * height).then_some(Self { width, height, samples })
    }

    /// Its width and height.
    pub fn size(&self) -> (usize, usize) {
        (self.width, self.height)
    }

    /// The colour at a place, as far as it lies on the page.
    ///
    /// # Panics
    /// When it does not.
    pub fn at(&self, x: usize, y: usize) -> [u8; 3] {
        assert!(x < self.width && y < self.height, "{x} {y} is not on {:?}", self.size());
        let first = 3 * (y * self.width + x);
        [self.samples[first], self.samples[first + 1], self.samples[first + 2]]
    }

    /// How many pixels have a colour that pleases.
    pub fn count(&self, pleases: impl Fn([u8; 3]) -> bool) -> usize {
        let pixels = self.samples.chunks_exact(3);
        pixels.filter(|pixel| pleases([pixel[0], pixel[1], pixel[2]])).count()
    }
}
