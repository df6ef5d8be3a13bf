//! What fields are made to show besides their value, and what programs write that fill them honestly.

use super::file::{CHOICE, DATE, FIELD, painted, shows, updated};

/// The text field with the value 100, shown by `content`.
fn hundred(file: &[u8], content: &str) -> Vec<u8> {
    valued(file, "(100)", content)
}

fn valued(file: &[u8], value: &str, content: &str) -> Vec<u8> {
    let field = FIELD.replace("/V(-)", &format!("/V{value}"));
    updated(file, &[(5, Some(field)), (8, Some(painted(content)))])
}

/// The choice « Non », shown by `content`.
fn refusing(file: &[u8], content: &str) -> Vec<u8> {
    let field = CHOICE.replace("/V(-)", "/V(n)");
    updated(file, &[(10, Some(field)), (11, Some(painted(content)))])
}

/// The date of 12 March, shown as `text`.
fn dated(file: &[u8], text: &str) -> Vec<u8> {
    let field = DATE.replace("/V(-)", "/V(12.3.26)");
    updated(file, &[(14, Some(field)), (15, Some(shows(text)))])
}

/// Digits of rectangles: 9, 0 and 0.
const DIGITS: &str = "2 5 1 9 re 2 13 5 1 re 6 5 1 9 re 2 9 5 1 re 9 5 1 9 re 13 5 1 9 re 9 5 5 1 re \
                      9 13 5 1 re 16 5 1 9 re 20 5 1 9 re 16 5 5 1 re 16 13 5 1 re f";

pub(super) fn unpainted_value(file: &[u8]) -> Vec<u8> {
    hundred(file, &format!("{DIGITS} BT /Helv 12 Tf 3 Tr 2 5 Td (100) Tj ET"))
}

pub(super) fn drawn_digit(file: &[u8]) -> Vec<u8> {
    hundred(
        file,
        "23 5 1 9 re 27 5 1 9 re 23 5 5 1 re 23 13 5 1 re f BT /Helv 12 Tf 2 5 Td (100) Tj ET",
    )
}

pub(super) fn value_of_the_ground(file: &[u8]) -> Vec<u8> {
    hundred(file, "1 g BT /Helv 12 Tf 2 5 Td (100) Tj ET")
}

pub(super) fn value_beyond_the_edge(file: &[u8]) -> Vec<u8> {
    valued(file, "(1900)", "BT /Helv 12 Tf -7 5 Td (1900) Tj ET")
}

pub(super) fn reordered_digits(file: &[u8]) -> Vec<u8> {
    hundred(file, "BT /Helv 12 Tf 16 5 Td (1) Tj -14 0 Td (00) Tj ET")
}

pub(super) fn digits_over_digits(file: &[u8]) -> Vec<u8> {
    hundred(file, "BT /Helv 12 Tf 2 5 Td (100) Tj ET 1 g 2 5 7 9 re f 0 g")
}

pub(super) fn turned_digits(file: &[u8]) -> Vec<u8> {
    valued(file, "(66)", "BT /Helv -12 Tf 16 14 Td (66) Tj ET")
}

pub(super) fn font_of_other_digits(file: &[u8]) -> Vec<u8> {
    hundred(file, "BT /Neuf 12 Tf 2 5 Td (100) Tj ET")
}

pub(super) fn font_of_codes(file: &[u8]) -> Vec<u8> {
    hundred(file, "BT /Codes 12 Tf 2 5 Td <001A00130013> Tj ET")
}

pub(super) fn other_currency(file: &[u8]) -> Vec<u8> {
    valued(file, "<FEFF20AC003100300030>", "BT /Helv 12 Tf 2 5 Td ($100) Tj ET")
}

pub(super) fn other_option(file: &[u8]) -> Vec<u8> {
    refusing(file, "BT /Helv 12 Tf 2 5 Td (Oui) Tj ET")
}

pub(super) fn both_options(file: &[u8]) -> Vec<u8> {
    refusing(file, "BT /Helv 12 Tf 2 5 Td (OuiNon) Tj ET")
}

pub(super) fn other_date(file: &[u8]) -> Vec<u8> {
    dated(file, "12/08/2026")
}

/// As its signed format writes it.
pub(super) fn date(file: &[u8]) -> Vec<u8> {
    dated(file, "12/03/2026")
}

fn durand(file: &[u8], content: &str) -> Vec<u8> {
    valued(file, "(Durand)", content)
}

/// A background, a border, and the text within both.
pub(super) fn as_acrobat(file: &[u8]) -> Vec<u8> {
    durand(
        file,
        "1 g\n0 0 200 20 re\nf\n0.5 G\n1 w\n0.5 0.5 199 19 re\ns\n0.75 g\n1 1 m\n1 19 l\n199 19 l\n198 18 l\n\
         2 18 l\n2 2 l\nf\n/Tx BMC\nq\n2 2 196 16 re\nW\nn\nBT\n/Helv 12 Tf\n0 g\n2 6.548 Td\n(Durand) Tj\nET\nQ\nEMC\n",
    )
}

pub(super) fn as_pdf_js(file: &[u8]) -> Vec<u8> {
    durand(file, "/Tx BMC q BT /Helv 12 Tf 0 g 1 0 0 1 0 0 Tm 2.00 5.00 Td (Durand) Tj ET Q EMC")
}

/// The renderer of Chromium fills a border between two rectangles.
pub(super) fn as_pdfium(file: &[u8]) -> Vec<u8> {
    durand(
        file,
        "q\n1 1 1 rg\n0 0 200 20 re f\nQ\nq\n0 0 0 rg\n0 0 200 20 re\n1 1 198 18 re f*\nQ\n/Tx BMC\nq\n\
         1 1 198 18 re W n\nBT\n0 g\n/Helv 12 Tf\n2 6.03 Td\n(Durand) Tj\nET\nQ\nEMC\n",
    )
}

pub(super) fn as_poppler(file: &[u8]) -> Vec<u8> {
    durand(
        file,
        "1 1 1 rg\n0 0 200 20 re f\n0 0 0 RG\n1 w\n0.50 0.50 199.00 19.00 re s\n/Tx BMC\nq\nBT\n/Helv 12 Tf\n0 g\n\
         1 0 0 1 2.00 5.20 Tm\n(Durand) Tj\nET\nQ\nEMC\n",
    )
}

pub(super) fn as_pdf_lib(file: &[u8]) -> Vec<u8> {
    durand(
        file,
        "q\nq\n1 1 1 rg\n0 0 0 RG\n1 w\n[] 0 d\n1 0 0 1 0.5 0.5 cm\n1 0 0 1 0 0 cm\n1 0 0 1 0 0 cm\n0 0 m\n0 19 l\n\
         199 19 l\n199 0 l\nh\nB\nQ\n/Tx BMC\nq\n1 1 m\n1 19 l\n199 19 l\n199 1 l\nh\nW\nn\nq\nBT\n0 0 0 rg\n\
         /Helv 12 Tf\n14 TL\n1 0 0 1 2 5.5 Tm\n<447572616E64> Tj\nT*\nET\nQ\nQ\nEMC\nQ\n",
    )
}

/// Too long for its field, whose edge cuts it off.
pub(super) fn too_long(file: &[u8]) -> Vec<u8> {
    let long = "Durand, expert-comptable, commissaire aux comptes";
    let content =
        format!("/Tx BMC q 2 2 196 16 re W n BT /Helv 12 Tf 0 g 2 5 Td ({long}) Tj ET Q EMC");
    valued(file, &format!("({long})"), &content)
}

/// With the button that opens the list, as the renderer of Chromium draws it.
pub(super) fn choice(file: &[u8]) -> Vec<u8> {
    refusing(
        file,
        "/Tx BMC\nq\n1 1 185 18 re W n\nBT\n0 g\n/Helv 12 Tf\n2 6.03 Td\n(Non) Tj\nET\nQ\nEMC\nq\n\
         0.86275 0.86275 0.86275 rg\n186 1 13 18 re f\nQ\nq\n1 g\n187 2 m\n187 18 l\n198 18 l\n197 17 l\n188 17 l\n\
         188 3 l f\n0.5 g\n198 18 m\n198 2 l\n187 2 l\n188 3 l\n197 3 l\n197 17 l f\n0 g\n186 1 13 18 re\n\
         187 2 11 16 re f*\nQ\nq\n0 g\n189.5 11.5 m\n195.5 11.5 l\n192.5 8.5 l\n189.5 11.5 l f\nQ\n",
    )
}
