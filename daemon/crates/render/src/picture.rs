//! A picture: pixels of red, green and blue, and their PNG.

use crate::limits::{MOST_PIXELS, MOST_SIDE};

/// A picture of at most [`MOST_PIXELS`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Picture {
    /// Of pixels row by row, three bytes each; nothing where they do not fit the size, or the size
    /// not the bounds.
    #[must_use]
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Option<Self> {
        let bounded = (1..=MOST_SIDE).contains(&width) && (1..=MOST_SIDE).contains(&height);
        let fits = bounded && width * height <= MOST_PIXELS;
        let whole = fits && pixels.len() == width as usize * height as usize * 3;
        whole.then_some(Self { width, height, pixels })
    }

    /// In pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// In pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Red, green and blue of each pixel, row by row.
    #[must_use]
    pub fn pixels(&self) -> &[u8] {
        &self.pixels
    }

    /// One pixel; white outside.
    #[must_use]
    pub fn at(&self, x: u32, y: u32) -> [u8; 3] {
        let inside = x < self.width && y < self.height;
        let at = (y as usize * self.width as usize + x as usize) * 3;
        match self.pixels.get(at..).and_then(<[u8]>::first_chunk) {
            Some(pixel) if inside => *pixel,
            _ => [255; 3],
        }
    }

    /// As PNG, the same bytes for the same pixels.
    ///
    /// # Errors
    /// Never for a picture within the bounds; what the encoder says.
    pub fn png(&self) -> Result<Vec<u8>, png::EncodingError> {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&self.pixels)?;
        writer.finish()?;
        Ok(out)
    }
}
