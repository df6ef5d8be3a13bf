//! Pictures: a JPEG as it is, a PNG decoded (ISO 32000-2, 8.9.5).

use super::draw::{calibrated, deflated};
use super::{Id, Picture};
use crate::sign::SignRefusal;
use crate::write::{Body, Increment};
use crate::{Dictionary, Name};
use std::io::Cursor;

/// The largest side, in pixels, and most pixels of a PNG, which is decoded: its colours and its alpha are
/// held twice.
const MAX_SIDE: u32 = 4096;
const MAX_PIXELS: u32 = 4 << 20;

/// A picture in the revision, with its size in pixels.
pub(super) struct Drawn {
    pub(super) object: Id,
    pub(super) width: f64,
    pub(super) height: f64,
}

/// What a file holds, looked at.
enum Found {
    /// A JPEG stays as it is.
    Jpeg { width: u32, height: u32, channels: usize },
    /// A PNG is written anew.
    Png(Pixels),
}

/// A decoded picture.
struct Pixels {
    width: u32,
    height: u32,
    /// 1 for grey, 3 for RGB.
    channels: usize,
    data: Vec<u8>,
    /// One byte a pixel, where not all are opaque.
    alpha: Option<Vec<u8>>,
}

/// Adds the picture; `opaque` lays it on white, for PDF/A-1 knows no transparency.
pub(super) fn embed(
    increment: &mut Increment<'_, '_>,
    picture: &Picture,
    opaque: bool,
) -> Result<Drawn, SignRefusal> {
    match found(&picture.bytes)? {
        Found::Jpeg { width, height, channels } => {
            let dictionary = image(width, height, channels).with("Filter", Name::from("DCTDecode"));
            let object = increment.add(Body::Stream { dictionary, data: picture.bytes.clone() })?;
            Ok(Drawn { object, width: f64::from(width), height: f64::from(height) })
        }
        Found::Png(pixels) => png(increment, pixels, opaque),
    }
}

/// Whether [`embed`] would take it.
pub(super) fn check(picture: &Picture) -> Result<(), SignRefusal> {
    found(&picture.bytes).map(drop)
}

fn found(bytes: &[u8]) -> Result<Found, SignRefusal> {
    if bytes.len() > Picture::MAX_BYTES {
        return Err(refused("it has more than 4 MiB"));
    }
    match bytes {
        [0xff, 0xd8, ..] => jpeg(bytes),
        [0x89, b'P', b'N', b'G', ..] => decoded(bytes).map(Found::Png),
        _ => Err(refused("it is neither a PNG nor a JPEG")),
    }
}

fn refused(why: &'static str) -> SignRefusal {
    SignRefusal::Picture { why }
}

fn image(width: u32, height: u32, channels: usize) -> Dictionary {
    let family = if channels == 1 { "CalGray" } else { "CalRGB" };
    Dictionary::new()
        .with("Type", Name::from("XObject"))
        .with("Subtype", Name::from("Image"))
        .with("Width", i64::from(width))
        .with("Height", i64::from(height))
        .with("BitsPerComponent", 8)
        .with("ColorSpace", calibrated(family))
}

fn checked(width: u32, height: u32) -> Result<(), SignRefusal> {
    match (width.min(height), width.max(height)) {
        (0, _) => Err(refused("it has no extent")),
        (_, side) if side > MAX_SIDE => Err(refused("it has more than 4096 pixels on a side")),
        _ => Ok(()),
    }
}

fn jpeg(bytes: &[u8]) -> Result<Found, SignRefusal> {
    let (width, height, channels) = frame(bytes).ok_or(refused("the JPEG is damaged"))?;
    checked(width, height)?;
    if !matches!(channels, 1 | 3) {
        return Err(refused("the JPEG is neither grey nor RGB"));
    }
    if !ended(bytes) {
        return Err(refused("the JPEG is cut off"));
    }
    Ok(Found::Jpeg { width, height, channels })
}

/// Whether the image ends (EOI, B.2.1); some writers add bytes behind it.
fn ended(bytes: &[u8]) -> bool {
    memchr::memmem::rfind(bytes, &[0xff, 0xd9]).is_some()
}

/// Width, height and channels from the frame's header (ITU-T T.81, B.2.2); 8 bits a sample only.
fn frame(bytes: &[u8]) -> Option<(u32, u32, usize)> {
    let mut at = 2;
    loop {
        let [0xff, marker, high, low] = *bytes.get(at..)?.first_chunk::<4>()? else { return None };
        if matches!(marker, 0xc0..=0xc2) {
            let header = bytes.get(at + 4..)?.first_chunk::<6>()?;
            let [8, h1, h0, w1, w0, channels] = *header else { return None };
            let side = |high, low| u32::from(u16::from_be_bytes([high, low]));
            return Some((side(w1, w0), side(h1, h0), usize::from(channels)));
        }
        at += 2 + usize::from(u16::from_be_bytes([high, low]));
    }
}

fn png(
    increment: &mut Increment<'_, '_>,
    mut pixels: Pixels,
    opaque: bool,
) -> Result<Drawn, SignRefusal> {
    if opaque && let Some(alpha) = pixels.alpha.take() {
        on_white(&mut pixels, &alpha);
    }
    let Pixels { width, height, channels, .. } = pixels;
    let mut dictionary = image(width, height, channels);
    if let Some(alpha) = &pixels.alpha {
        let mask = image(width, height, 1).with("ColorSpace", Name::from("DeviceGray"));
        dictionary.set("SMask", increment.add(deflated(mask, alpha))?);
    }
    let object = increment.add(deflated(dictionary, &pixels.data))?;
    Ok(Drawn { object, width: f64::from(width), height: f64::from(height) })
}

fn decoded(bytes: &[u8]) -> Result<Pixels, SignRefusal> {
    let damaged = |_| refused("the PNG is damaged");
    let mut decoder = png::Decoder::new(Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    decoder.set_limits(png::Limits { bytes: 32 << 20 });
    let header = decoder.read_header_info().map_err(damaged)?;
    checked(header.width, header.height)?;
    if header.width * header.height > MAX_PIXELS {
        return Err(refused("the PNG has more than 4 Mi pixels"));
    }
    let mut reader = decoder.read_info().map_err(damaged)?;
    // 1 to 256 colours of three bytes (PNG, 11.2.2); the decoder relies on it.
    let colours = reader.info().palette.as_ref().map_or(3, |palette| palette.len());
    if colours % 3 != 0 || !(3..=3 * 256).contains(&colours) {
        return Err(refused("the PNG is damaged"));
    }
    let size = reader.output_buffer_size().ok_or(refused("the PNG is too large"))?;
    let mut data = vec![0; size];
    let info = reader.next_frame(&mut data).map_err(damaged)?;
    data.truncate(info.buffer_size());
    let (channels, has_alpha) = match info.color_type {
        png::ColorType::Grayscale => (1, false),
        png::ColorType::GrayscaleAlpha => (1, true),
        png::ColorType::Rgb => (3, false),
        png::ColorType::Rgba => (3, true),
        png::ColorType::Indexed => return Err(refused("the PNG is damaged")),
    };
    let (data, alpha) = if has_alpha { split(&data, channels) } else { (data, None) };
    Ok(Pixels { width: info.width, height: info.height, channels, data, alpha })
}

/// Colours and alpha apart; no alpha where all is opaque.
fn split(data: &[u8], channels: usize) -> (Vec<u8>, Option<Vec<u8>>) {
    let pixels = data.chunks_exact(channels + 1);
    let colours = pixels.clone().flat_map(|pixel| pixel[..channels].to_vec()).collect();
    let alpha: Vec<u8> = pixels.map(|pixel| pixel[channels]).collect();
    let transparent = alpha.iter().any(|value| *value != 255);
    (colours, transparent.then_some(alpha))
}

fn on_white(pixels: &mut Pixels, alpha: &[u8]) {
    for (pixel, alpha) in pixels.data.chunks_exact_mut(pixels.channels).zip(alpha) {
        let alpha = u32::from(*alpha);
        for value in pixel {
            *value = ((u32::from(*value) * alpha + 255 * (255 - alpha)) / 255) as u8;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_frame_of_a_jpeg_is_found_after_other_segments() {
        let mut bytes = vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 9, 9];
        bytes.extend([0xff, 0xc0, 0, 11, 8, 0, 20, 0, 30, 3]);
        assert_eq!(frame(&bytes), Some((30, 20, 3)));
        assert_eq!(frame(&bytes[..12]), None);
        assert_eq!(frame(&[0xff, 0xd8, 0, 0, 0, 0]), None);
    }

    /// A PNG of one colour, which is small however large it is.
    fn plain(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.set_color(png::ColorType::Grayscale);
        encoder.set_depth(png::BitDepth::One);
        let row = usize::try_from(width.div_ceil(8)).unwrap();
        let data = vec![0; row * usize::try_from(height).unwrap()];
        encoder.write_header().unwrap().write_image_data(&data).unwrap();
        bytes
    }

    #[test]
    fn pixels_are_counted_and_not_only_sides() {
        assert_eq!(decoded(&plain(4096, 1024)).unwrap().data.len(), 4 << 20);
        for (width, height) in [(4096, 1025), (2049, 2048), (4097, 1)] {
            let refusal = decoded(&plain(width, height)).err();
            assert!(matches!(refusal, Some(SignRefusal::Picture { .. })), "{width} x {height}");
        }
    }

    #[test]
    fn what_is_transparent_is_laid_on_white() {
        let (data, alpha) = split(&[10, 0, 10, 255], 1);
        let mut pixels = Pixels { width: 2, height: 1, channels: 1, data, alpha: None };
        on_white(&mut pixels, &alpha.unwrap());
        assert_eq!(pixels.data, [255, 10]);
        assert_eq!(split(&[1, 255], 1).1, None);
    }
}
