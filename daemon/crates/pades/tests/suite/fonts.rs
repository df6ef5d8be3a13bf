//! The fonts in which a field is filled: what their codes stand for, and which fonts may come.

use crate::common::updated;
use crate::filling::{WIDGET, change, form, form_with, refused, shows};
use sceau_pades::report::{ChangeKind, What};

/// An appearance whose content was changed, with its length.
fn painted_again(shown: &str) -> String {
    let content = shown.split_once("stream\n").unwrap().1.split_once("\nendstream").unwrap().0;
    let (before, after) = shown.split_once("/Length ").unwrap();
    let rest = after.trim_start_matches(|c: char| c.is_ascii_digit());
    format!("{before}/Length {}{rest}", content.len())
}

/// The program of a TrueType font as a stream of hexadecimal digits.
fn program(font: &[u8]) -> String {
    let data: String = font.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("<</Filter/ASCIIHexDecode/Length {}>>stream\n{data}>\nendstream", data.len() + 1)
}

const ROBOTO: &[u8] = include_bytes!("../../../pdf/fonts/Roboto-Regular-Latin.ttf");

/// A font whose codes are glyphs of the program in object `file`, and which no map names.
fn glyphs(file: u32, more: &str) -> String {
    let descendant = format!(
        "<</Type/Font/Subtype/CIDFontType2/BaseFont/Roboto/DW 600/CIDSystemInfo<</Registry(Adobe)\
         /Ordering(Identity)/Supplement 0>>/FontDescriptor<</Type/FontDescriptor/FontName/Roboto\
         /FontFile2 {file} 0 R>>{more}>>"
    );
    format!(
        "<</Type/Font/Subtype/Type0/BaseFont/Roboto/Encoding/Identity-H/DescendantFonts[{descendant}]>>"
    )
}

/// The form with such a font, whose descendant has `more`, in the place of its own.
fn form_of_glyphs(more: &str) -> Vec<u8> {
    let base = form_with("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", &glyphs(11, more));
    updated(&base, &[(11, &program(ROBOTO))])
}

/// By the annex of the standard: a code is another letter in another encoding.
#[test]
fn letters_with_accents_are_read_by_the_encoding_of_their_signed_font() {
    const FONT: &str = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";
    let font = |more: &str| {
        format!("<</Type/Font/Subtype/TrueType/BaseFont/Maison/FontDescriptor<<>>{more}>>")
    };
    let mac = form_with(FONT, &font("/Encoding/MacRomanEncoding"));
    let own = "/Encoding<</BaseEncoding/MacRomanEncoding/Differences[1/eacute]>>";
    let own = form_with(FONT, &font(own));
    let windows = form_with(FONT, &font("/Encoding/WinAnsiEncoding"));
    let expert = form_with(FONT, &font("/Encoding/MacExpertEncoding"));
    let filled = |value: &str| WIDGET.replace("(-)", value);
    let (summer, noel) = (filled("(\\351t\\351)"), filled("(No\\353l)"));
    for (base, field, text) in [
        (&mac, &summer, "\\216t\\216"),
        (&mac, &noel, "No\\221l"),
        (&own, &summer, "\\001t\\216"),
        (&windows, &summer, "\\351t\\351"),
    ] {
        let change = change(base, &[(5, field), (8, &shows(text))]);
        assert_eq!(change.kind, ChangeKind::Extension, "{text}: {change:#?}");
    }
    for (base, field, text) in [
        (&mac, &summer, "\\351t\\351"),
        (&windows, &summer, "\\216t\\216"),
        (&form(""), &summer, "\\351t\\351"),
        (&expert, &filled("(100)"), "100"),
    ] {
        refused(base, &[(5, field), (8, &shows(text))], What::AppearanceSwapped);
    }
}

/// é and t are the glyphs 228 and 85 of the font.
#[test]
fn glyphs_without_a_map_are_read_by_the_signed_program() {
    let filled = WIDGET.replace("(-)", "(\\351t\\351)");
    let glyphs = |codes: &str| shows("-").replace("(-) Tj", codes);
    let shown = painted_again(&glyphs("<00E4005500E4> Tj"));
    for base in [form_of_glyphs(""), form_of_glyphs("/CIDToGIDMap/Identity")] {
        let change = change(&base, &[(5, &filled), (8, &shown)]);
        assert_eq!(change.kind, ChangeKind::Extension, "{change:#?}");
    }
    let other = painted_again(&glyphs("<00E5005500E4> Tj"));
    refused(&form_of_glyphs(""), &[(5, &filled), (8, &other)], What::AppearanceSwapped);
    // Code 1 is glyph 228, and code 2 glyph 85.
    let map = "<</Filter/ASCIIHexDecode/Length 13>>stream\n000000E40055>\nendstream";
    let mapped = updated(&form_of_glyphs("/CIDToGIDMap 12 0 R"), &[(12, map)]);
    let through = painted_again(&glyphs("<000100020001> Tj"));
    let change = change(&mapped, &[(5, &filled), (8, &through)]);
    assert_eq!(change.kind, ChangeKind::Extension, "{change:#?}");
    refused(&mapped, &[(5, &filled), (8, &shown)], What::AppearanceSwapped);
}

/// A program embeds the font of the form once more: it shows what the signed one shows.
#[test]
fn a_font_that_says_the_same_as_a_signed_one_is_as_good() {
    let base = form_of_glyphs("");
    let filled = WIDGET.replace("(-)", "(\\351t\\351)");
    let shown = painted_again(&shows("-").replace("(-) Tj", "<00E4005500E4> Tj"));
    let shown = shown.replace("7 0 R", "60 0 R");
    let with = |font: &str, program: &str| {
        let objects = [(5, filled.as_str()), (8, &shown), (60, font), (61, program)];
        change(&base, &objects)
    };
    let tagged = glyphs(61, "").replace("/Roboto", "/ABCDEF+Roboto");
    for font in [glyphs(61, ""), tagged] {
        let change = with(&font, &program(ROBOTO).replace("/Length", "/DL 9/Length"));
        assert_eq!(change.kind, ChangeKind::Extension, "{change:#?}");
    }
    let mut other = ROBOTO.to_vec();
    *other.last_mut().unwrap() ^= 1;
    let narrow = glyphs(61, "").replace("/DW 600", "/DW 500");
    for (font, program) in [(glyphs(61, ""), program(&other)), (narrow, program(ROBOTO))] {
        let change = with(&font, &program);
        assert_eq!(change.items[0].what, What::AppearanceSwapped, "{change:#?}");
    }
}

/// Hundreds of fonts with thousands of widths, all the same but for the last, cost a bounded time.
#[test]
fn fonts_that_are_compared_for_long_are_too_complex() {
    let widths = |last: u32| format!("[{}{last}]", "500 ".repeat(9_000));
    let font = |at: u32| format!("<</Type/Font/Subtype/TrueType/BaseFont/Long/Widths {at} 0 R>>");
    let fonts: String = (0..250).map(|at| format!("/F{at} {}", font(11))).collect();
    let resources = "/Resources<</Font<</F 7 0 R>>>>";
    let base = form_with(resources, &format!("/Resources<</Font<<{fonts}>>>>"));
    let base = updated(&base, &[(11, &widths(500))]);
    let (filled, shown) = (WIDGET.replace("(-)", "(1)"), shows("1").replace("7 0 R", "60 0 R"));
    let (font, other) = (font(61), widths(501));
    let objects = [(5, filled.as_str()), (8, &shown), (60, &font), (61, &other)];
    refused(&base, &objects, What::TooMuch);
}

#[test]
fn text_from_the_right_is_read_from_there() {
    let map = "1 beginbfrange <0001> <0004> [<05E9> <05DC> <05D5> <05DD>] endbfrange";
    let map = format!("<</Length {}>>stream\n{map}\nendstream", map.len());
    let font = "<</Type/Font/Subtype/Type0/BaseFont/Ivrit/Encoding/Identity-H/ToUnicode 11 0 R\
                /DescendantFonts[<</Type/Font/Subtype/CIDFontType2/BaseFont/Ivrit/DW 600>>]>>";
    let base = form_with("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>", font);
    let base = updated(&base, &[(11, &map)]);
    let filled = WIDGET.replace("(-)", "<FEFF05E905DC05D505DD>");
    let with = |codes: &str| painted_again(&shows("-").replace("(-)", codes));
    let change = change(&base, &[(5, &filled), (8, &with("<0004000300020001>"))]);
    assert_eq!(change.kind, ChangeKind::Extension, "{change:#?}");
    let other = with("<0004000200030001>");
    refused(&base, &[(5, &filled), (8, &other)], What::AppearanceSwapped);
}
