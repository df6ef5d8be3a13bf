//! `sceau audit verify`.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;
use std::process::ExitCode;

use jiff::Timestamp;
use sceau_engine::audit::{Broken, Export, Proof, Proven, ReadError, Remembered};
use serde_json::json;

use super::source::{Source, SourceError};
use crate::cli::moment::local;
use crate::cli::reach::Reach;

/// The chain is broken.
const BROKEN: u8 = 4;

/// Follows the chain of a file, or of the state, and tells whether it holds.
pub(super) fn run(
    reach: &Reach,
    file: Option<&Path>,
    head: Option<Remembered>,
    json: bool,
) -> Result<ExitCode, SourceError> {
    let proof = Proof::new(head);
    let proven = match file {
        Some(path) => of_file(path, proof)?,
        None => of_source(&Source::find(reach)?, proof)?,
    };
    let mut out = io::stdout().lock();
    match json {
        true => writeln!(out, "{:#}", answer(&proven))?,
        false => tell(&proven, &mut out)?,
    }
    Ok(proven.map_or(ExitCode::from(BROKEN), |_| ExitCode::SUCCESS))
}

fn of_file(path: &Path, proof: Proof) -> Result<Result<Proven, Broken>, SourceError> {
    let failed = |source| SourceError::File { path: path.to_owned(), source };
    let file = File::open(path).map_err(|error| failed(error.into()))?;
    let export = Export::open(BufReader::new(file)).map_err(failed)?;
    export.prove(proof).map_err(|error| failed(ReadError::Io(error)))
}

fn of_source(source: &Source, mut proof: Proof) -> Result<Result<Proven, Broken>, SourceError> {
    let head = source.head()?;
    let mut broken = None;
    source.entries(0, &head, |record| {
        if broken.is_none() {
            broken = proof.follow(record).err();
        }
        Ok(())
    })?;
    Ok(broken.map_or_else(|| proof.finish(&head), Err))
}

fn answer(proven: &Result<Proven, Broken>) -> serde_json::Value {
    match proven {
        Ok(chain) => json!({
            "version": 1,
            "holds": true,
            "entries": chain.entries,
            "first": chain.first,
            "last": chain.last,
        }),
        Err(broken) => json!({
            "version": 1,
            "holds": false,
            "broken": {
                "entry": broken.entry(),
                "code": broken.code(),
                "why": broken.to_string(),
            },
        }),
    }
}

fn tell(proven: &Result<Proven, Broken>, out: &mut impl Write) -> io::Result<()> {
    let chain = match proven {
        Ok(chain) => chain,
        Err(broken) => {
            writeln!(out, "the chain is BROKEN at entry {}", broken.entry())?;
            return writeln!(out, "why    {broken}");
        }
    };
    let entries = if chain.entries == 1 { "entry" } else { "entries" };
    writeln!(out, "the chain holds: {} {entries}", chain.entries)?;
    for (word, place) in [("first", &chain.first), ("last ", &chain.last)] {
        let Some(place) = place else { continue };
        let at = Timestamp::from_millisecond(place.at_ms).map(local).unwrap_or_default();
        writeln!(out, "{word}  {}:{}  {at}", place.position, place.link)?;
    }
    Ok(())
}
