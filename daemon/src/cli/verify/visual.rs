//! `sceau verify --visual`: pages as a signature covers them and as the file shows them now, in one page
//! of HTML that needs nothing else.
//!
//! Pictures come from a limited process (`sceau draw`); that one cannot be had is a sentence in the page.
//! Nothing here reaches a verdict.

mod gallery;
mod page;
mod plan;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sceau_pades::report::{Report, Visual};
use sceau_pdf::{ByteSource, Document, Limits, Prefix};
use sceau_render::Drawer;
use sceau_render::limits::MOST_DOCUMENT;

pub(super) use self::gallery::Gallery;

/// What a name ends in where only the directory was given.
const SUFFIX: &str = "visual.html";

/// Draws what the report speaks of.
///
/// # Errors
/// The file cannot be read, or this program not be found.
pub(super) fn draw(source: &dyn ByteSource, report: &Report) -> io::Result<Gallery> {
    let wanted = plan::of(report, &|end| page_count(&Prefix::new(source, end)));
    // One byte more than is drawn, where there are more: the drawer says so.
    let len = usize::try_from(source.len().min(MOST_DOCUMENT + 1)).unwrap_or(usize::MAX);
    let mut bytes = vec![0; len];
    source.read_at(0, &mut bytes)?;
    let mut drawer = Drawer::new(std::env::current_exe()?, vec!["draw".to_owned()]);
    Ok(Gallery::draw(&wanted, &bytes, &mut drawer))
}

/// What the report says of it.
pub(super) fn told(report: &Report, gallery: &Gallery) -> Visual {
    gallery.told(report)
}

/// Writes the page beside nothing that exists; where it lies.
///
/// # Errors
/// It cannot be written, or something is there.
pub(super) fn write(
    place: &Path,
    file: &Path,
    report: &Report,
    gallery: &Gallery,
    french: bool,
) -> io::Result<PathBuf> {
    let path = if place.is_dir() { place.join(name(file)) } else { place.to_path_buf() };
    let shown = file.file_name().unwrap_or_default().to_string_lossy();
    let text = page::render(&shown, report, gallery, french);
    let write = || File::create_new(&path)?.write_all(text.as_bytes());
    match write() {
        Ok(()) => Ok(path),
        Err(error) => Err(io::Error::new(error.kind(), format!("{}: {error}", path.display()))),
    }
}

fn name(file: &Path) -> PathBuf {
    let mut name = file.file_stem().unwrap_or_default().to_os_string();
    name.push(".");
    name.push(SUFFIX);
    name.into()
}

/// None where the document does not say.
fn page_count(source: &dyn ByteSource) -> u32 {
    Document::open(source, &Limits::default())
        .ok()
        .and_then(|document| document.page_count().ok())
        .unwrap_or(0)
}
