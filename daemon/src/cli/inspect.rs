//! `sceau inspect`: what a PDF file is made of, and what in it could change what is seen after
//! somebody signed.
//!
//! Exit codes: 0 told and nothing found that a guard would stop, 3 something was found; 64 the command
//! line, 66 an input that cannot be read or is no PDF, 74 trouble while reading.

use std::fmt::Write as _;
use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use sceau_pdf::{Document, Fault, Inspection, Limits, ScanBounds, inspect};

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
    for field in &inspection.fields {
        let kind = field.kind.as_deref().unwrap_or("no type");
        let signed = if field.signed { ", signed" } else { "" };
        let locked = field.locked_by.as_ref().map(|by| format!(", locked by {by}"));
        line(format!("  field {} ({kind}{signed}{})", field.name, locked.unwrap_or_default()));
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
        let page = active.page.map(|page| format!(", page {}", page + 1)).unwrap_or_default();
        line(format!("  {} in object {number} {generation} R{page}", active.kind.word()));
    }
    for over in &inspection.overlays {
        line(format!("  page {}: {} lies over {}", over.page, over.above, over.beneath));
    }
    for hidden in &inspection.hidden {
        let what = hidden.what.as_deref().map(|what| format!(" ({what})")).unwrap_or_default();
        line(format!("  {} {} 0 R{what}", hidden.kind.word(), hidden.object.number));
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

/// Text from outside, without what would steer a terminal.
fn clean(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c }).collect()
}
