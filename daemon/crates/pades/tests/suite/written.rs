//! What programs write otherwise than it was, though it says the same: it accuses nobody.

use crate::common::{Bench, updated};
use crate::filling::{BOX, WIDGET, change, form, form_with, refused, shows};
use sceau_pades::Level;
use sceau_pades::report::{ChangeKind, What};

/// PDFium packs the content of a page whose fields it filled.
#[test]
fn a_stream_may_be_packed_otherwise_where_all_readers_unpack_it() {
    const CONTENT: &[u8] = b"0 0 1 rg 9 9 99 99 re f";
    let deflated = |behind: &str| {
        // Stored, with the sum of Adler-32.
        let sum = CONTENT.iter().fold((1u32, 0u32), |(a, b), byte| {
            let a = (a + u32::from(*byte)) % 65521;
            (a, (a + b) % 65521)
        });
        let len = CONTENT.len() as u16;
        let mut data = vec![0x78, 0x01, 1];
        data.extend(len.to_le_bytes());
        data.extend((!len).to_le_bytes());
        data.extend(CONTENT);
        data.extend((sum.1 << 16 | sum.0).to_be_bytes());
        data.extend(behind.bytes());
        data
    };
    let base = form("");
    let again = |keys: &str, data: &[u8]| {
        let file = Bench::p256().sealed_file(&base, Level::B);
        let mark = "M".repeat(data.len());
        let object = format!("<</Length {}{keys}>>stream\n{mark}\nendstream", data.len());
        let mut file = updated(&file, &[(4, &object)]);
        let at = file.windows(mark.len()).rposition(|window| window == mark.as_bytes()).unwrap();
        file[at..at + data.len()].copy_from_slice(data);
        Bench::p256().judge(&file).signatures[0].changes[0].clone()
    };
    let change = again("/Filter/FlateDecode", &deflated(""));
    assert_eq!(change.kind, ChangeKind::Extension, "{change:#?}");
    let change = again("/Filter[/FlateDecode]", &deflated("\n"));
    assert_eq!(change.kind, ChangeKind::Extension, "{change:#?}");
    for (keys, data) in [
        ("/Filter/FlateDecode", deflated("more")),
        ("/Filter/FlateDecode", deflated("")[..30].to_vec()),
        ("/Filter/FlateDecode/DecodeParms<</Predictor 1>>", deflated("")),
        ("/Filter/ASCIIHexDecode", b"3020302031207267203920392039392039392072652066>".to_vec()),
        ("/Filter/Crypt", CONTENT.to_vec()),
    ] {
        let change = again(keys, &data);
        assert_eq!(change.items[0].what, What::PageContentChanged, "{keys}");
    }
}

/// MuPDF writes the default appearance in an order of its own, and flags that are none.
#[test]
fn a_default_appearance_may_be_written_in_another_order() {
    let base = form_with("/T(Nom)", "/T(Nom)/DA(/Helv 12 Tf 0 g)");
    let field = |more: &str| {
        WIDGET.replace("/T(Nom)", &format!("/T(Nom){more}")).replace("(-)", "(Durand)")
    };
    let shown = shows("Durand");
    for same in ["/DA(0 g /Helv 12 Tf)/Ff 0", "/DA(/Helv 12.0 Tf 0 g)"] {
        let change = change(&base, &[(5, &field(same)), (8, &shown)]);
        assert_eq!(change.kind, ChangeKind::Extension, "{same}: {change:#?}");
    }
    for other in [
        "/DA(/Helv 2 Tf 0 g)",
        "/DA(/Helv 12 Tf 1 g)",
        "/DA(/Helv 12 Tf 0 g 1 1 1 rg)",
        "/DA(/Helv 12 Tf)",
        "/DA(/Helv 12 Tf 0 g)/Ff 2",
        "/DA(0 g /Helv 12 Tf)/MaxLen 3",
        "/DA(0 g /Helv 12 Tf)/BS<</W 9/S/S>>",
    ] {
        refused(&base, &[(5, &field(other)), (8, &shown)], What::FieldChanged);
    }
    let bordered =
        change(&base, &[(5, &field("/DA(/Helv 12 Tf 0 g)/BS<</W 1/S/S>>")), (8, &shown)]);
    assert_eq!(bordered.kind, ChangeKind::Extension, "{bordered:#?}");
    let choice = form_with("/FT/Tx/T(Nom)", "/FT/Ch/Opt[(\\351t\\351)(Durand)]/T(Nom)");
    let chosen = |listed: &str| {
        let field = WIDGET.replace("/FT/Tx", &format!("/FT/Ch/Opt{listed}"));
        field.replace("(-)", "(Durand)")
    };
    let same = chosen("[<FEFF00E9007400E9>(Durand)]");
    assert_eq!(change(&choice, &[(5, &same), (8, &shown)]).kind, ChangeKind::Extension);
    let other = chosen("[<FEFF00E9007400E8>(Durand)]");
    refused(&choice, &[(5, &other), (8, &shown)], What::FieldChanged);
}

/// MuPDF draws a box anew that it ticks: with the font for signs, as the form did.
#[test]
fn a_box_that_is_drawn_anew_shows_the_sign_that_was_signed() {
    const FONT: &str = "<</Type/Font/Subtype/Type1/BaseFont/ZapfDingbats>>";
    let look = |content: &str, font: &str| {
        format!(
            "<</Type/XObject/Subtype/Form/BBox[0 0 10 10]/Resources<</Font<</Z {font}>>>>\
             /Length {}>>stream\n{content}\nendstream",
            content.len()
        )
    };
    let sign = |code: &str| format!("1 g 0 0 10 10 re f 0 g BT /Z 9 Tf 1 2 Td ({code}) Tj ET");
    let base = form_with("/AP<</N<</Oui 9 0 R/Off 9 0 R>>>>", "/AP<</N<</Oui 11 0 R/Off 9 0 R>>>>");
    let base = updated(&base, &[(11, &look("BT /Z 8 Tf 1 2 Td (4) Tj ET", "12 0 R")), (12, FONT)]);
    let ticked = BOX
        .replace("/AP<</N<</Oui 9 0 R/Off 9 0 R>>>>", "/AP<</N<</Oui 60 0 R/Off 61 0 R>>>>")
        .replace("/AS/Off", "/AS/Oui/V/Oui");
    let with = |on: &str, off: &str, font: &str| {
        let (on, off) = (look(on, "62 0 R"), look(off, "62 0 R"));
        let objects = [(6, ticked.as_str()), (60, &on), (61, &off), (62, font)];
        let items = change(&base, &objects).items;
        items.into_iter().map(|item| item.what).collect::<Vec<_>>()
    };
    let frame = "0.5 0.5 9 9 re s";
    assert_eq!(with(&sign("3"), frame, FONT), [What::ButtonSet], "another tick");
    assert_eq!(
        with(&sign("4"), "", &FONT.replace(">>", "/Encoding/WinAnsiEncoding>>")),
        [What::ButtonSet]
    );
    let lying = FONT.replace(">>", "/Encoding<</Differences[51/a8]>>>>");
    let text = FONT.replace("ZapfDingbats", "Helvetica");
    for (on, off, font, why) in [
        (sign("8"), "", FONT, "a cross for a tick"),
        (String::new(), "", FONT, "no sign"),
        (sign("3"), &*sign("3"), FONT, "a sign where there was none"),
        (sign("33"), "", FONT, "two signs"),
        (sign("3").replace("0 g BT", "BT"), "", FONT, "white on white"),
        (sign("3") + " 1 g 0 0 10 10 re f", "", FONT, "painted over"),
        (sign("3").replace("9 Tf", "1 Tf"), "", FONT, "too small"),
        (sign("3") + " 2 2 m 8 8 l S", "", FONT, "a line through it"),
        (sign("3"), "", &lying, "another sign behind the code"),
        (sign("3"), "", &text, "a digit"),
    ] {
        assert_eq!(with(&on, off, font)[0], What::AppearanceSwapped, "{why}");
    }
}

/// PDFium leaves an empty appearance behind, which nothing mentions.
#[test]
fn what_is_new_and_empty_shows_nothing() {
    let (field, shown) = (WIDGET.replace("(-)", "(Durand)"), shows("Durand"));
    let with = |left: &str| {
        let change = change(&form(""), &[(5, &field), (8, &shown), (60, left)]);
        change.items.last().map(|item| item.what)
    };
    let fonts = "/Resources<</Font<</Helv 7 0 R>>>>";
    let hex = "/Filter/ASCIIHexDecode/Length 1>>stream\n>\nendstream";
    let filled = Some(What::TextFieldFilled);
    assert_eq!(with(&format!("<<{fonts}/Length 0>>stream\n\nendstream")), filled);
    for left in [
        format!("<<{fonts}/Length 3>>stream\nq Q\nendstream"),
        format!("<<{fonts}/Type/Sig/Length 0>>stream\n\nendstream"),
        format!("<<{fonts}/Subtype/Image/Length 0>>stream\n\nendstream"),
        format!("<<{fonts}{hex}"),
        "<<>>".to_owned(),
    ] {
        assert_eq!(with(&left), Some(What::ObjectAdded), "{left}");
    }
}
