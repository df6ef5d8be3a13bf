//! The journal of what was signed: append-only, durable before any answer.
//!
//! The file is a header and frames; a frame is one group of entries, written by one write and made
//! durable by one sync. Frames are chained by digest. At most one frame is ever not yet durable, so
//! that after a crash only a tail of at most one frame may be damaged: it is cut off, and nobody was
//! answered from it. Damage anywhere else is not a crash's doing, and stops the signer.

mod entry;
mod frame;
mod index;

use std::path::Path;

use sceau_disk::{Dir, DiskError, Lock, ReadFile, WriteFile, boundary};
use thiserror::Error;

pub use entry::Entry;
use frame::{Digest, Found, HEADER};
pub(crate) use index::{Index, act_key, step_key};

const FILE: &str = "journal";
/// Locked by the one signer that writes the journal.
pub(crate) const LOCK: &str = "journal.lock";

/// Most entries in one group.
pub(crate) const MAX_GROUP: usize = 64;

/// Why a journal could not be opened or read.
#[derive(Debug, Error)]
pub enum JournalError {
    /// The file system failed; `Busy` when another signer holds the journal.
    #[error("the signer's journal: {0}")]
    Disk(#[from] DiskError),
    /// Bytes before the tail were changed or lost since they were made durable. The disk is at
    /// fault, or somebody with access to it; restore the journal from a backup.
    #[error("the signer's journal is damaged at byte {offset}: {why}")]
    Damaged {
        /// Where the damage begins.
        offset: u64,
        /// What is wrong there.
        why: &'static str,
    },
}

/// Why a group of entries was not journalled.
#[derive(Debug, Error)]
pub(crate) enum AppendError {
    /// Nothing was written, the journal is as before; a full disk, say.
    #[error("{0}")]
    NotWritten(DiskError),
    /// What is on the disk is not known any more: this journal must be opened anew.
    #[error("{0}; the signer must be started again")]
    Broken(DiskError),
}

/// What opening a journal found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// How many entries it holds.
    pub entries: u64,
    /// Length of the damaged tail that was cut off, in bytes; 0 after an orderly end.
    pub cut_bytes: u64,
}

/// The open journal with its index; holds the directory's lock.
#[derive(Debug)]
pub(crate) struct Journal {
    writer: Box<dyn WriteFile>,
    reader: Box<dyn ReadFile>,
    end: u64,
    head: Digest,
    broken: bool,
    pub(crate) index: Index,
    _lock: Lock,
}

impl Journal {
    /// Opens, or begins, the journal of a directory; cuts a torn tail.
    pub(crate) fn open(dir: &dyn Dir) -> Result<(Self, Opening), JournalError> {
        let lock = dir.try_lock(Path::new(LOCK))?;
        let mut writer = dir.append(Path::new(FILE), 0o600)?;
        begin(dir, &mut *writer)?;
        let reader = dir.open(Path::new(FILE))?;
        let mut index = Index::default();
        let tail = scan(&*reader, &mut |offset, entries| index.add(offset, entries))?;
        let cut_bytes = tail.length - tail.end;
        if cut_bytes > 0 {
            writer.set_len(tail.end)?;
            writer.sync()?;
        }
        let opening = Opening { entries: tail.entries, cut_bytes };
        let (end, head) = (tail.end, tail.head);
        Ok((Self { writer, reader, end, head, broken: false, index, _lock: lock }, opening))
    }

    /// Appends a group; durable, and in the index, when this returns `Ok`.
    pub(crate) fn append(&mut self, entries: &[Entry]) -> Result<(), AppendError> {
        let (bytes, head) = frame::encode(&self.head, entries);
        boundary!("signer.before_journal_write");
        self.write(&bytes)?;
        boundary!("signer.after_journal_write");
        if let Err(error) = self.writer.sync() {
            self.broken = true;
            return Err(AppendError::Broken(error));
        }
        boundary!("signer.after_journal_sync");
        self.index.add(self.end, entries);
        self.end += bytes.len() as u64;
        self.head = head;
        Ok(())
    }

    /// True when an append left it unknown what is on the disk.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken
    }

    /// The journalled entry of an act, read back from the file.
    pub(crate) fn entry(&self, act: &Digest) -> Result<Option<Entry>, JournalError> {
        let Some((offset, position)) = self.index.place(act) else { return Ok(None) };
        match frame::read(&*self.reader, offset, self.end)? {
            Found::Frame(frame) => Ok(frame.entries.into_iter().nth(position)),
            Found::Damage(why) => Err(JournalError::Damaged { offset, why }),
        }
    }

    /// A failed write is taken back, so that the next group does not stand behind its remains.
    fn write(&mut self, bytes: &[u8]) -> Result<(), AppendError> {
        let Err(error) = self.writer.write_all(bytes) else { return Ok(()) };
        match self.writer.set_len(self.end).and_then(|()| self.writer.sync()) {
            Ok(()) => Err(AppendError::NotWritten(error)),
            Err(_) => {
                self.broken = true;
                Err(AppendError::Broken(error))
            }
        }
    }
}

/// Reads a whole journal without opening it for writing, for audits and proofs. A torn tail is left
/// out, as opening would.
pub fn read_entries(dir: &dyn Dir) -> Result<Vec<Entry>, JournalError> {
    let reader = match dir.open(Path::new(FILE)) {
        Err(DiskError::NotFound { .. }) => return Ok(Vec::new()),
        other => other?,
    };
    let mut all = Vec::new();
    if reader.meta()?.len >= HEADER.len() as u64 {
        scan(&*reader, &mut |_, entries| all.extend_from_slice(entries))?;
    }
    Ok(all)
}

/// Writes the header when it is not there yet: the file is new, or a crash left a part of it (or
/// zeros of its length). The name is made durable every time: a killed signer may not have.
fn begin(dir: &dyn Dir, writer: &mut dyn WriteFile) -> Result<(), JournalError> {
    let length = writer.meta()?.len;
    if length < HEADER.len() as u64 || (length == HEADER.len() as u64 && has_no_header(dir)?) {
        writer.set_len(0)?;
        writer.write_all(HEADER)?;
        writer.sync()?;
    }
    Ok(dir.sync_dir(Path::new(""))?)
}

fn has_no_header(dir: &dyn Dir) -> Result<bool, JournalError> {
    Ok(frame::check_header(&*dir.open(Path::new(FILE))?).is_err())
}

struct Tail {
    entries: u64,
    end: u64,
    head: Digest,
    length: u64,
}

fn scan(reader: &dyn ReadFile, visit: &mut dyn FnMut(u64, &[Entry])) -> Result<Tail, JournalError> {
    let length = reader.meta()?.len;
    frame::check_header(reader)?;
    let mut tail = Tail { entries: 0, end: HEADER.len() as u64, head: frame::FIRST, length };
    while tail.end < length {
        match frame::read(reader, tail.end, length)? {
            Found::Frame(frame) if frame.previous == tail.head => {
                visit(tail.end, &frame.entries);
                tail.entries += frame.entries.len() as u64;
                tail.end += frame.length;
                tail.head = frame.digest;
            }
            Found::Frame(_) => {
                let why = "a group before it is missing";
                return Err(JournalError::Damaged { offset: tail.end, why });
            }
            Found::Damage(why) => {
                refuse_unless_torn(reader, tail.end, length, why)?;
                break;
            }
        }
    }
    Ok(tail)
}

/// A torn tail is no longer than one frame, and no whole frame stands behind its beginning.
fn refuse_unless_torn(
    reader: &dyn ReadFile,
    offset: u64,
    length: u64,
    why: &'static str,
) -> Result<(), JournalError> {
    let damaged = JournalError::Damaged { offset, why };
    if length - offset > frame::MAX_LEN as u64 {
        return Err(damaged);
    }
    for later in frame::candidates(reader, offset + 1, length)? {
        if matches!(frame::read(reader, later, length)?, Found::Frame(_)) {
            return Err(damaged);
        }
    }
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
pub(crate) mod tests;
