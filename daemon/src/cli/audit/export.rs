//! `sceau audit export`.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::process::ExitCode;

use sceau_engine::audit::{Header, Line, encode};
use sceau_store::AuditHead;
use serde_json::json;

use super::source::{Source, SourceError};
use crate::cli::eprint;
use crate::cli::reach::Reach;

/// Writes every entry, and tells the head to note.
pub(super) fn run(reach: &Reach, out: Option<&Path>, json: bool) -> Result<ExitCode, SourceError> {
    let source = Source::find(reach)?;
    let Some(path) = out else {
        let head = write(&source, &mut io::stdout().lock())?;
        eprint(&summary(&head));
        return Ok(ExitCode::SUCCESS);
    };
    let head = into_file(&source, path)?;
    let (entries, link) = (head.position, hex::encode(head.link));
    let told = match json {
        true => format!("{:#}", json!({ "version": 1, "entries": entries, "head": link })),
        false => summary(&head),
    };
    writeln!(io::stdout(), "{told}")?;
    Ok(ExitCode::SUCCESS)
}

fn summary(head: &AuditHead) -> String {
    let (entries, link) = (head.position, hex::encode(head.link));
    format!("exported {entries} entries; note the head elsewhere: {entries}:{link}")
}

/// A new file, durable when this returns; none when it fails.
fn into_file(source: &Source, path: &Path) -> Result<AuditHead, SourceError> {
    let failed = |source| SourceError::Written { path: path.to_owned(), source };
    let file = File::options().write(true).create_new(true).mode(0o600).open(path);
    let file = file.map_err(failed)?;
    let written = write(source, &mut BufWriter::new(&file))
        .and_then(|head| file.sync_all().map(|()| head).map_err(SourceError::Output));
    written.map_err(|error| {
        // A half export would only look like a broken chain.
        let _ = fs::remove_file(path);
        match error {
            SourceError::Output(error) => failed(error),
            error => error,
        }
    })
}

fn write(source: &Source, out: &mut impl Write) -> Result<AuditHead, SourceError> {
    let head = source.head()?;
    out.write_all(&encode(&Header::new(&head)).map_err(io::Error::from)?)?;
    source.entries(0, &head, |record| {
        let line = encode(&Line::from(record)).map_err(io::Error::from)?;
        Ok(out.write_all(&line)?)
    })?;
    out.flush()?;
    Ok(head)
}
