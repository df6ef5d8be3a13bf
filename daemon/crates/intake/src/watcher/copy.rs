//! Copying one document (and reading its sidecar) while making sure that nobody changes it.

use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt;

use sceau_disk::{Dir, DiskError, ReadFile};

use super::FolderWatcher;
use super::round::{Pause, Round};
use super::sweep::Seen;
use super::take::{Ready, stands_unchanged};
use crate::config::FolderConfig;
use crate::digest;
use crate::error::SinkError;
use crate::notes::{self, Note, Text};
use crate::path::{RelPath, display};
use crate::ports::{DropId, ReceivedSidecar, Stored};
use crate::scan::Sight;
use crate::sidecar::{self, pair};

/// A document whose bytes are in the sink, and which stood unchanged after that.
#[derive(Debug)]
pub(super) struct Copied {
    pub(super) seen: Seen,
    pub(super) sidecar: Option<(Seen, ReceivedSidecar)>,
    pub(super) parameters: BTreeMap<String, String>,
    pub(super) stored: Stored,
}

/// Why a document was not copied.
#[derive(Debug)]
pub(super) enum Held {
    /// It (or its sidecar) changed meanwhile: the next scan sees.
    Changed,
    /// That file cannot be read now.
    Unreadable(RelPath, DiskError),
    /// The state directory has no room for a document of this length.
    NoRoom,
    /// Nothing can be taken now.
    Stop(Pause),
    /// Nothing can be stored now.
    StateFails(String),
    /// Its sidecar is wrong.
    Faulty(Box<Note>),
}

impl Copied {
    /// The drop's identifier. The ctime is left out: a claim that was cut short changes it.
    pub(super) fn drop_id(&self, folder: &str) -> DropId {
        let sight = &self.seen.sight;
        let sidecar = self.sidecar.as_ref().map(|(_, read)| read.digest);
        DropId(digest::of_fields(&[
            folder.as_bytes(),
            self.seen.path.as_path().as_os_str().as_bytes(),
            &sight.ino.to_be_bytes(),
            &sight.mtime_ns.to_be_bytes(),
            &sight.len.to_be_bytes(),
            &self.stored.digest,
            sidecar.as_ref().map_or(&[], |digest| digest),
        ]))
    }
}

impl FolderWatcher {
    /// Copies one document into the sink.
    pub(super) fn copy(&self, round: &Round<'_>, ready: &Ready) -> Result<Copied, Held> {
        let (dir, config) = (round.root.dir.as_ref(), round.folder.config());
        let mut parameters = from_subfolders(config, &ready.seen.path);
        let sidecar = match &ready.sidecar {
            Some(seen) => {
                let read = read_sidecar(dir, config, seen)?;
                merge(&mut parameters, &read, seen)?;
                Some((seen.clone(), read))
            }
            None => None,
        };
        let stored = self.store(dir, &ready.seen)?;
        sceau_disk::boundary!("intake.take.stored");
        let watched = [Some(&ready.seen), ready.sidecar.as_ref()];
        for seen in watched.into_iter().flatten() {
            expect_unchanged(stands_unchanged(dir, seen), seen)?;
        }
        Ok(Copied { seen: ready.seen.clone(), sidecar, parameters, stored })
    }

    /// One pass: copy and hash, then the open file must still be the one that was seen.
    fn store(&self, dir: &dyn Dir, seen: &Seen) -> Result<Stored, Held> {
        let unreadable = |error| Held::Unreadable(seen.path.clone(), error);
        let file = dir.open(seen.path.as_path()).map_err(unreadable)?;
        let same = |meta| Sight::from(&meta) == seen.sight;
        expect_unchanged(file.meta().map(same), seen)?;
        let sunk = |error| held_by_sink(error, seen);
        let mut writer = self.sink.begin(seen.sight.len).map_err(sunk)?;
        let copied = match writer.copy_from(file.as_ref(), 0, seen.sight.len) {
            Err(SinkError::State(reason)) => Err(blame(file.as_ref(), seen, reason)),
            other => other.map_err(sunk),
        }?;
        expect_unchanged(Ok(copied == seen.sight.len), seen)?;
        expect_unchanged(file.meta().map(same), seen)?;
        let stored = writer.finish().map_err(sunk)?;
        expect_unchanged(Ok(stored.len == seen.sight.len), seen)?;
        Ok(stored)
    }
}

fn expect_unchanged(found: Result<bool, DiskError>, seen: &Seen) -> Result<(), Held> {
    match found {
        Ok(true) => Ok(()),
        Ok(false) => Err(Held::Changed),
        Err(error) => Err(Held::Unreadable(seen.path.clone(), error)),
    }
}

fn held_by_sink(error: SinkError, seen: &Seen) -> Held {
    match error {
        SinkError::Busy => Held::Stop(Pause::Busy),
        SinkError::Full => Held::NoRoom,
        SinkError::Source(error) => Held::Unreadable(seen.path.clone(), error),
        SinkError::State(reason) => Held::StateFails(reason),
    }
}

/// A copy failed and the sink may not know on which side: when the source cannot be read to its
/// end, it is the source, and only that file waits.
fn blame(file: &dyn ReadFile, seen: &Seen, reason: String) -> Held {
    match digest::of_file(file) {
        Ok(_) => Held::StateFails(reason),
        Err(error) => Held::Unreadable(seen.path.clone(), error),
    }
}

/// The parameters that the sub-folders stand for, outermost first.
fn from_subfolders(config: &FolderConfig, path: &RelPath) -> BTreeMap<String, String> {
    let parent = path.parent();
    let values = parent.as_path().components().map(|component| display(component.as_os_str()));
    config.subfolders.iter().cloned().zip(values).collect()
}

fn read_sidecar(
    dir: &dyn Dir,
    config: &FolderConfig,
    seen: &Seen,
) -> Result<ReceivedSidecar, Held> {
    let unreadable = |error| Held::Unreadable(seen.path.clone(), error);
    let file = dir.open(seen.path.as_path()).map_err(unreadable)?;
    let most = seen.sight.len.min(sidecar::MAX_LEN + 1);
    let mut bytes = vec![0; most as usize];
    match file.read_exact_at(0, &mut bytes) {
        Ok(()) => {}
        Err(DiskError::Io { source, .. }) if source.kind() == std::io::ErrorKind::UnexpectedEof => {
            return Err(Held::Changed);
        }
        Err(error) => return Err(unreadable(error)),
    }
    let same = |meta| Sight::from(&meta) == seen.sight;
    expect_unchanged(file.meta().map(same), seen)?;
    let form = pair::form_of(seen.path.name()).unwrap_or(sidecar::Form::Toml);
    let content = sidecar::parse(&bytes, form, &config.societes).map_err(|faults| {
        let faults: Vec<Text> = faults.iter().map(sidecar::Fault::told).collect();
        faulty(seen, &faults)
    })?;
    Ok(ReceivedSidecar { content, digest: digest::of(&bytes) })
}

fn faulty(seen: &Seen, faults: &[Text]) -> Held {
    Held::Faulty(Box::new(notes::sidecar_faulty(&seen.path.display_name(), faults)))
}

/// A parameter may be told twice, but not differently.
fn merge(
    parameters: &mut BTreeMap<String, String>,
    read: &ReceivedSidecar,
    seen: &Seen,
) -> Result<(), Held> {
    let mut faults = Vec::new();
    for (key, value) in &read.content.parameters {
        match parameters.insert(key.clone(), value.clone()) {
            Some(place) if place != *value => faults.push(Text::new(
                format!("« {key} » vaut « {value} », mais « {place} » d'après le sous-dossier"),
                format!("\"{key}\" is \"{value}\", but \"{place}\" by the sub-folder"),
            )),
            _ => {}
        }
    }
    match faults.is_empty() {
        true => Ok(()),
        false => Err(faulty(seen, &faults)),
    }
}
