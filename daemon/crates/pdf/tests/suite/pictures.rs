//! Pictures in what is seen of a signature: which are taken, and what is drawn of them.

use crate::conforming::claiming;
use crate::support::{FORMS, Paper, joined, open};
use sceau_pdf::{
    Appearance, Dictionary, Document, Object, OnOverlap, PageChoice, Picture, Place, Revision,
    SignRefusal, SignatureRequest, Stream, SubFilter, append_signature,
};

const JPEG: &[u8] = include_bytes!("../../../../../tests/fixtures/pictures/logo.jpg");

fn sign(base: &[u8], bytes: &[u8]) -> Result<Revision, SignRefusal> {
    let mut request = SignatureRequest::new("Sceau", SubFilter::EtsiCadesDetached, 100);
    request.appearance = Some(Appearance {
        place: Place::At {
            page: PageChoice::Number(1),
            x: 50.0,
            y: 60.0,
            width: 200.0,
            height: 60.0,
        },
        lines: vec!["Cachet".to_owned()],
        picture: Some(Picture { bytes: bytes.to_vec() }),
        accessible_name: "Cachet".to_owned(),
        on_overlap: OnOverlap::Refuse,
    });
    append_signature(&open(&base), &request)
}

/// A PNG with 8 bits a sample.
fn png(width: u32, height: u32, colour: png::ColorType, samples: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(colour);
    encoder.write_header().unwrap().write_image_data(samples).unwrap();
    bytes
}

/// One of two pixels that names its colours by a palette of so many bytes, the first half clear.
fn with_palette(len: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 2, 1);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(vec![9; len]);
    encoder.set_trns(vec![128]);
    encoder.write_header().unwrap().write_image_data(&[0, 1]).unwrap();
    bytes
}

/// The picture of the only field.
fn picture(doc: &Document<'_>) -> Stream {
    let below = |of: &Dictionary, key: &str| match doc.get(of, key).unwrap() {
        Object::Dictionary(found) => found,
        Object::Stream(found) => found.dictionary,
        other => panic!("{key} is {other:?}"),
    };
    let field = doc.signature_fields().unwrap().pop().unwrap().dictionary;
    let form = below(&below(&field, "AP"), "N");
    stream(doc, &below(&below(&form, "Resources"), "XObject"), "P")
}

fn stream(doc: &Document<'_>, of: &Dictionary, key: &str) -> Stream {
    match doc.get(of, key).unwrap() {
        Object::Stream(stream) => stream,
        other => panic!("{key} is {other:?}"),
    }
}

/// What a colour space is called, and the width and height.
fn kind(doc: &Document<'_>, of: &Dictionary) -> (String, i64, i64) {
    let family = match doc.get(of, "ColorSpace").unwrap() {
        Object::Array(parts) => parts[0].as_name().unwrap().to_owned(),
        other => other.as_name().unwrap().to_owned(),
    };
    (family, of.integer("Width").unwrap(), of.integer("Height").unwrap())
}

#[test]
fn the_colours_of_a_png_are_drawn_and_its_alpha_is_a_mask() {
    let bytes = png(2, 1, png::ColorType::Rgba, &[10, 20, 30, 0, 40, 50, 60, 128]);
    for form in FORMS {
        let base = Paper::simple().write(form);
        let output = joined(&base, &sign(&base, &bytes).unwrap());
        let doc = open(&output);
        let drawn = picture(&doc);
        assert_eq!(kind(&doc, &drawn.dictionary), ("CalRGB".to_owned(), 2, 1));
        assert_eq!(doc.stream_data(&drawn).unwrap(), [10, 20, 30, 40, 50, 60]);
        let mask = stream(&doc, &drawn.dictionary, "SMask");
        assert_eq!(kind(&doc, &mask.dictionary), ("DeviceGray".to_owned(), 2, 1));
        assert_eq!(doc.stream_data(&mask).unwrap(), [0, 128]);
    }
}

/// ISO 19005-1, 6.4: nothing transparent; the later parts are given the same.
#[test]
fn in_pdf_a_the_picture_is_laid_on_white() {
    let bytes = png(2, 1, png::ColorType::GrayscaleAlpha, &[10, 0, 40, 255]);
    for part in 1..=3 {
        let base = claiming(part);
        let output = joined(&base, &sign(&base, &bytes).unwrap());
        let doc = open(&output);
        let drawn = picture(&doc);
        assert!(!drawn.dictionary.contains("SMask"), "PDF/A-{part}");
        assert_eq!(kind(&doc, &drawn.dictionary), ("CalGray".to_owned(), 2, 1));
        assert_eq!(doc.stream_data(&drawn).unwrap(), [255, 40], "PDF/A-{part}");
    }
}

#[test]
fn what_hides_nothing_has_no_mask_and_a_jpeg_stays_as_it_is() {
    let base = Paper::simple().table();
    for (bytes, expected) in [
        (png(1, 2, png::ColorType::Rgb, &[1, 2, 3, 4, 5, 6]), ("CalRGB", 1, 2)),
        (png(1, 2, png::ColorType::Rgba, &[1, 2, 3, 255, 4, 5, 6, 255]), ("CalRGB", 1, 2)),
        (png(1, 2, png::ColorType::Grayscale, &[1, 2]), ("CalGray", 1, 2)),
        (JPEG.to_vec(), ("CalRGB", 96, 96)),
    ] {
        let revision = sign(&base, &bytes).unwrap();
        let output = joined(&base, &revision);
        let doc = open(&output);
        let drawn = picture(&doc).dictionary;
        let (family, width, height) = expected;
        assert_eq!(kind(&doc, &drawn), (family.to_owned(), width, height));
        assert!(!drawn.contains("SMask"));
        if bytes == JPEG {
            assert_eq!(drawn.name("Filter"), Some("DCTDecode"));
            assert!(revision.tail.windows(JPEG.len()).any(|part| part == JPEG));
        }
    }
}

#[test]
fn what_is_no_good_picture_is_refused_before_and_when_it_is_asked_for() {
    let base = Paper::simple().table();
    let good = png(2, 2, png::ColorType::Rgba, &[7; 16]);
    let mut changed = good.clone();
    changed[20] ^= 1;
    let sized = |width: u16, channels: u8| {
        let [high, low] = width.to_be_bytes();
        let frame = [0xff, 0xc0, 0, 11, 8, 0, 20, high, low, channels];
        [&[0xff, 0xd8][..], &frame, &[0; 3], &[0xff, 0xd9]].concat()
    };
    let wide = png(4097, 1, png::ColorType::Grayscale, &[0; 4097]);
    for (bytes, why) in [
        (b"GIF89a".to_vec(), "neither"),
        (Vec::new(), "neither"),
        (good[..good.len() / 2].to_vec(), "damaged"),
        (changed, "damaged"),
        (wide, "4096"),
        (with_palette(14), "damaged"),
        (with_palette(771), "damaged"),
        (JPEG[..JPEG.len() / 2].to_vec(), "cut off"),
        (JPEG[..20].to_vec(), "damaged"),
        (sized(30, 4), "neither grey nor RGB"),
        (sized(0, 3), "no extent"),
        (sized(5000, 3), "4096"),
        ([JPEG, &vec![0; Picture::MAX_BYTES]].concat(), "4 MiB"),
    ] {
        let refusal = sign(&base, &bytes).unwrap_err();
        assert!(matches!(refusal, SignRefusal::Picture { .. }), "{refusal}");
        assert!(refusal.to_string().contains(why), "no {why:?} in {refusal}");
        let checked = Picture { bytes }.check().unwrap_err();
        assert_eq!(checked.to_string(), refusal.to_string());
    }
    for bytes in [good, with_palette(6), with_palette(768)] {
        assert!(Picture { bytes }.check().is_ok());
    }
    assert!(Picture { bytes: sized(30, 3) }.check().is_ok());
}
