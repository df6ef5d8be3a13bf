//! `sceau inspect`: what a PDF file is made of, and what in it could change what is seen after
//! somebody signed.
//!
//! Exit codes: 0 told and nothing found that a guard would stop, 3 something was found; 64 the command
//! line, 66 an input that cannot be read or is no PDF, 74 trouble while reading.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use sceau_pdf::{
    CoveredText, Document, Fault, InspectedField, Inspection, Limits, ScanBounds, inspect,
};

use super::exit;
use crate::file_source::FileSource;

/// Something was found that a guard would stop.
const FOUND: u8 = 3;

/// Tell what a PDF file is made of: revisions, fields, signatures, permissions, missing fonts, and
/// what in it acts, hides or reaches outside.
///
/// Nothing is changed and no daemon is needed. The same look is what `sceau sign --guard` and the
/// `guard` setting of a workflow's step `prepare` take before a document is signed.
///
/// Exit code: 0 nothing was found that a guard would stop, 3 something was, 64 usage, 66 unreadable
/// input, 74 I/O.
#[derive(Debug, clap::Args)]
pub(crate) struct InspectArgs {
    /// The PDF file.
    file: PathBuf,
    /// Print all of it as JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the command.
///
/// # Errors
/// Standard output cannot be written.
pub(crate) fn run(args: &InspectArgs) -> io::Result<ExitCode> {
    let inspection = match look(args) {
        Ok(inspection) => inspection,
        Err((code, message)) => {
            writeln!(io::stderr(), "sceau inspect: {}: {message}", args.file.display())?;
            return Ok(ExitCode::from(code));
        }
    };
    let dangers = inspection.dangers();
    let mut out = io::stdout().lock();
    if args.json {
        let mut told = serde_json::to_value(&inspection)?;
        told["dangers"] = serde_json::to_value(&dangers)?;
        serde_json::to_writer_pretty(&mut out, &told)?;
        writeln!(out)?;
    } else {
        write!(out, "{}", text(&args.file.display().to_string(), &inspection))?;
    }
    Ok(if dangers.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(FOUND) })
}

fn look(args: &InspectArgs) -> Result<Inspection, (u8, String)> {
    let unreadable = |error: io::Error| (exit::NO_INPUT, error.to_string());
    let source = FileSource::open(&args.file).map_err(unreadable)?;
    let code = |fault: Fault| if fault == Fault::Medium { exit::IO } else { exit::NO_INPUT };
    let document = Document::open(&source, &Limits::default())
        .map_err(|error| (code(error.fault()), error.to_string()))?;
    inspect(&document, &ScanBounds::default())
        .map_err(|error| (code(error.fault()), error.to_string()))
}

fn text(file: &str, inspection: &Inspection) -> String {
    let mut out = String::new();
    let mut line = |text: String| {
        // Writing to a String cannot fail.
        let _ = writeln!(out, "{}", clean(&text));
    };
    let (pages, version) = (inspection.pages, &inspection.pdf_version);
    line(format!("{file}: PDF {version}, {} bytes, {pages} page(s)", inspection.len));
    let ends: Vec<String> = inspection.revisions.iter().map(u64::to_string).collect();
    line(format!("  {} revision(s), ending at byte {}", ends.len(), ends.join(", ")));
    match inspection.permissions.doc_mdp {
        Some(allowed) => line(format!("  certified or locked: {allowed:?} at most")),
        None => line("  neither certified nor locked".to_owned()),
    }
    if inspection.permissions.encrypted {
        line("  encrypted".to_owned());
    }
    for field in &inspection.fields {
        let kind = field.kind.as_deref().unwrap_or("no type");
        line(format!("  field {} ({kind}{})", field.name, state(field)));
    }
    for font in &inspection.missing_fonts {
        let standard = if font.standard { ", one of the standard fourteen" } else { "" };
        line(format!("  font {} is not in the file{standard}", font.name));
    }
    for layer in &inspection.layers {
        let state = if layer.hidden { "hidden" } else { "shown" };
        line(format!("  layer {}, {state} on opening", layer.name));
    }
    for active in &inspection.active {
        let (number, generation) = (active.object.number, active.object.generation);
        let page = active.page.map(|page| format!(", page {page}")).unwrap_or_default();
        line(format!("  {} in object {number} {generation} R{page}", active.kind.word()));
    }
    for over in &inspection.overlays {
        line(format!("  page {}: {} lies over {}", over.page, over.above, over.beneath));
    }
    for hidden in &inspection.hidden {
        let what = hidden.what.as_deref().map(|what| format!(" ({what})")).unwrap_or_default();
        line(format!("  {} {} 0 R{what}", hidden.kind.word(), hidden.object.number));
    }
    for twice in &inspection.keys_twice {
        let object = twice.object.map(|id| format!("object {} {} R", id.number, id.generation));
        let place = object.as_deref().unwrap_or("the trailer");
        line(format!("  key-twice {}: /{} stands there twice, with two values", place, twice.key));
    }
    for text in &inspection.covered_text {
        line(format!("  {}", covered(text)));
    }
    for unseen in &inspection.not_looked_at {
        let why = if unseen.onward { " on: it is too much" } else { ": it cannot be read" };
        line(format!("  nobody looked for {} from page {}{why}", unseen.what, unseen.page));
    }
    for left in &inspection.left_out {
        line(format!("  {} more of {} that are not listed", left.count, left.word));
    }
    let dangers = inspection.dangers();
    match dangers.len() {
        0 => line("  nothing that a guard would stop".to_owned()),
        count => line(format!("  {count} thing(s) that a guard would stop:")),
    }
    for danger in dangers {
        line(format!("    {}: {}", danger.word, danger.place));
    }
    out
}

/// As in `, signed (ETSI.CAdES.detached), locked by Sceau`.
fn state(field: &InspectedField) -> String {
    let form = field.sub_filter.as_ref().map(|form| format!(" ({form})")).unwrap_or_default();
    let signed = if field.signed { format!(", signed{form}") } else { String::new() };
    let locked = field.locked_by.as_ref().map(|by| format!(", locked by {by}"));
    signed + &locked.unwrap_or_default()
}

/// As in `page 3: Stamp (object 20 0 R) covers 11 letter(s) of the text: "Attestation"`.
fn covered(text: &CoveredText) -> String {
    let by = if text.by == "content" { "something painted later" } else { &text.by };
    let object = text.object.map(|id| format!(" (object {} {} R)", id.number, id.generation));
    let (page, letters, shown) = (text.page, text.letters, &text.text);
    let object = object.unwrap_or_default();
    format!("page {page}: {by}{object} covers {letters} letter(s) of the text: {shown:?}")
}

/// Text from outside, without what would steer a terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::collections::BTreeSet;

    use sceau_pdf::{LeftOut, NotLookedAt};

    use super::*;

    /// A page with a stamp over its text, a field, a layer, a script and an object that nothing refers to.
    fn file() -> Vec<u8> {
        let stream = |keys: &str, data: &str| {
            format!("<<{keys}/Length {}>>stream\n{data}\nendstream", data.len())
        };
        let form = "/Type/XObject/Subtype/Form/BBox[0 0 200 40]";
        let objects = [
            "<</Type/Catalog/Pages 2 0 R/OCProperties<</OCGs[9 0 R]/D<</OFF[9 0 R]>>>>\
             /AcroForm<</Fields[8 0 R]>>>>"
                .to_owned(),
            "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 595 842]>>".to_owned(),
            "<</Type/Page/Parent 2 0 R/Resources<</Font<</F 5 0 R>>>>/Contents 4 0 R\
             /Annots[6 0 R 8 0 R]>>"
                .to_owned(),
            stream("", "BT /F 12 Tf 72 700 Td (Attestation) Tj ET"),
            "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_owned(),
            "<</Type/Annot/Subtype/Stamp/Rect[60 690 260 730]/AP<</N 7 0 R>>>>".to_owned(),
            stream(form, "1 g 0 0 200 40 re f"),
            "<</Type/Annot/Subtype/Widget/FT/Tx/T(Nom)/Rect[60 700 90 720]>>".to_owned(),
            "<</Type/OCG/Name(Caché)>>".to_owned(),
            "<</Type/Page/A<</S/JavaScript/JS(x)>>>>".to_owned(),
        ];
        let (mut file, mut table) = (b"%PDF-1.7\n".to_vec(), String::new());
        for (index, object) in objects.iter().enumerate() {
            table += &format!("{:010} 00000 n \n", file.len());
            file.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
        }
        let (size, at) = (objects.len() + 1, file.len());
        let end = format!(
            "xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<</Size {size}/Root 1 0 R>>\n\
             startxref\n{at}\n%%EOF\n"
        );
        file.extend(end.bytes());
        file
    }

    fn looked(file: &[u8]) -> Inspection {
        let document = Document::open(&file, &Limits::default()).unwrap();
        inspect(&document, &ScanBounds::default()).unwrap()
    }

    #[test]
    fn covered_text_is_told_with_its_page_and_object() {
        let text = text("a.pdf", &looked(&file()));
        let told = "page 1: Stamp (object 6 0 R) covers 11 letter(s) of the text: \"Attestation\"";
        assert!(text.contains(told), "{text}");
        assert!(text.contains("covered-text: page 1, object 6 0 R"), "{text}");
    }

    /// Every member that it may hold stands in `docs/inspection.md`.
    #[test]
    fn the_json_is_documented() {
        let page = include_str!("../../../docs/inspection.md");
        let mut inspection = looked(&file());
        inspection.not_looked_at =
            vec![NotLookedAt { what: "x".to_owned(), page: 1, onward: true }];
        inspection.left_out = vec![LeftOut { word: "x".to_owned(), dangerous: false, count: 1 }];
        inspection.fields[0].sub_filter = Some("x".to_owned());
        inspection.fields[0].locked_by = Some("x".to_owned());
        let mut told = serde_json::to_value(&inspection).unwrap();
        told["dangers"] = serde_json::to_value(inspection.dangers()).unwrap();
        let mut members = BTreeSet::new();
        collect(&told, &mut members);
        assert!(members.len() > 30, "{members:?}");
        let missing: Vec<_> =
            members.iter().filter(|member| !page.contains(&format!("`{member}"))).collect();
        assert!(missing.is_empty(), "not in docs/inspection.md: {missing:?}");
    }

    fn collect(value: &serde_json::Value, members: &mut BTreeSet<String>) {
        match value {
            serde_json::Value::Object(object) => {
                members.extend(object.keys().cloned());
                object.values().for_each(|value| collect(value, members));
            }
            serde_json::Value::Array(items) => items.iter().for_each(|one| collect(one, members)),
            _ => {}
        }
    }
}
