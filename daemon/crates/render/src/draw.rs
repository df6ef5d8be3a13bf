//! The drawing process itself: limits itself, reads a document, draws the pages it was asked for.

use std::io::{self, BufWriter, Read, Write};

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::hayro_syntax::page::Page;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use sceau_confine::{Limits, limit_oneself};

use crate::limits::{CPU, MEMORY, MOST_DOCUMENT, MOST_PIXELS, MOST_SIDE, SCALE};
use crate::picture::Picture;
use crate::wire;

/// Exit code of [`draw_here`] for what the renderer cannot open.
pub(crate) const REFUSED: i32 = 65;
/// Exit code of [`draw_here`] for any other trouble.
const BROKEN: i32 = 70;

/// Draws pages of the document on standard input, given by their numbers from 1 as in `1,4`; writes
/// pixels to standard output. The exit code: 0 all was told, 65 the document cannot be opened, 70 other.
pub fn draw_here(pages: &str) -> i32 {
    match here(pages) {
        Ok(code) => code,
        Err(error) => {
            // Invariant: nobody but the calling process reads this.
            let _ = writeln!(io::stderr(), "{error}");
            BROKEN
        }
    }
}

fn here(pages: &str) -> io::Result<i32> {
    limit_oneself(Limits { memory: MEMORY, cpu: CPU })?;
    let wanted: Vec<u32> = pages.split(',').filter_map(|page| page.parse().ok()).collect();
    let mut document = Vec::new();
    io::stdin().lock().take(MOST_DOCUMENT + 1).read_to_end(&mut document)?;
    let Ok(pdf) = Pdf::new(document) else { return Ok(REFUSED) };
    let all = pdf.pages();
    let mut out = BufWriter::new(io::stdout().lock());
    wire::write_count(&mut out, u32::try_from(all.len()).unwrap_or(u32::MAX))?;
    out.flush()?;
    let cache = RenderCache::new();
    for page in wanted {
        let found = (page as usize).checked_sub(1).and_then(|index| all.get(index));
        let picture = found.and_then(|page| draw(page, &cache));
        wire::write_page(&mut out, page, picture.as_ref())?;
    }
    Ok(0)
}

fn draw<'a>(page: &'a Page<'a>, cache: &RenderCache<'a>) -> Option<Picture> {
    let (width, height) = page.render_dimensions();
    let scale = scale(width, height);
    // A page that is a line is still a pixel high.
    let across = |side: f32| if side * scale < 1.0 { 1.0 / side } else { scale };
    let settings =
        PixmapSettings { x_scale: across(width), y_scale: across(height), bg_color: WHITE };
    let (interpreter, rendering) = (InterpreterSettings::default(), RenderSettings::default());
    let pixmap = render(page, cache, &interpreter, &rendering, &settings);
    let pixels = pixmap.data().iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
    Picture::new(pixmap.width().into(), pixmap.height().into(), pixels)
}

/// As [`SCALE`], or smaller where the page is large.
fn scale(width: f32, height: f32) -> f32 {
    let side = MOST_SIDE as f32 / width.max(height);
    let area = (MOST_PIXELS as f32 / (width * height)).sqrt();
    SCALE.min(side).min(area)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_page_fits_the_bounds() {
        for (width, height) in [(595.0, 842.0), (14_400.0, 14_400.0), (1.0, 1e6), (1e9, 1.0)] {
            let scale = scale(width, height);
            assert!(scale > 0.0 && scale <= SCALE);
            let (w, h) = ((width * scale) as u32, (height * scale) as u32);
            assert!(w <= MOST_SIDE && h <= MOST_SIDE && w * h <= MOST_PIXELS, "{width} {height}");
        }
        assert_eq!(scale(595.0, 842.0), SCALE);
    }
}
