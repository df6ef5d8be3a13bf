//! The audit log outside the state: its exported form, the proof that nothing was changed in it, and
//! what its entries tell people.
//!
//! An export is lines of JSON without white space between values, each ended by a line feed. The
//! first is a [`Header`], every other one a [`Line`]: an entry with its position (from 1), its time,
//! its link in hexadecimal, and its very bytes. The link's formula stands in [`sceau_store::audit`];
//! whoever knows it needs nothing of ours to check an export.

mod entry;
mod proof;

use std::io::{self, BufRead, Read as _};

use sceau_store::{AuditHead, AuditRecord, MAX_VALUE_LEN};
use serde::{Deserialize, Serialize};

pub use entry::{Entry, told};
pub use proof::{Broken, Proof, Proven, Remembered, RememberedFault};

/// What the first line of an export says it is.
pub const FORMAT: &str = "sceau-audit";
/// The version of the exported form.
pub const VERSION: u32 = 1;
/// The longest line that is read, in bytes: an entry of nothing but escaped characters.
const MAX_LINE: u64 = 6 * MAX_VALUE_LEN as u64 + 1024;

/// The first line of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// [`FORMAT`].
    format: String,
    /// [`VERSION`].
    version: u32,
    /// How many entries follow.
    entries: u64,
    /// The last one's link; zeros where there is none.
    head: String,
}

impl Header {
    /// The first line of an export that ends at `head`.
    #[must_use]
    pub fn new(head: &AuditHead) -> Self {
        let (format, head_link) = (FORMAT.to_owned(), hex::encode(head.link));
        Self { format, version: VERSION, entries: head.position, head: head_link }
    }

    /// Where the export says that it ends; `None` where its link is none.
    fn end(&self) -> Option<AuditHead> {
        Some(AuditHead { position: self.entries, link: link_of(&self.head)? })
    }
}

/// An entry of the audit log, as it is exported and told over the administration socket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Its number, from 1.
    position: u64,
    /// When it was written: milliseconds since 1970-01-01T00:00:00Z.
    at_ms: i64,
    /// The chain's link in hexadecimal, this entry included.
    link: String,
    /// Its bytes: a version byte, then JSON.
    #[serde(flatten)]
    content: Content,
}

/// The bytes of an entry: text wherever they are text, so that people can read them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Content {
    /// UTF-8.
    Entry(String),
    /// Anything else, in hexadecimal.
    Bytes(String),
}

impl From<&AuditRecord> for Line {
    fn from(record: &AuditRecord) -> Self {
        let text = std::str::from_utf8(&record.bytes).map(|text| Content::Entry(text.to_owned()));
        Self {
            position: record.position,
            at_ms: record.at_ms,
            link: hex::encode(record.link),
            content: text.unwrap_or_else(|_| Content::Bytes(hex::encode(&record.bytes))),
        }
    }
}

impl Line {
    /// The entry; `None` where link or bytes are no hexadecimal.
    #[must_use]
    pub fn record(&self) -> Option<AuditRecord> {
        let bytes = match &self.content {
            Content::Entry(text) => text.clone().into_bytes(),
            Content::Bytes(text) => octets(text)?,
        };
        let (position, at_ms) = (self.position, self.at_ms);
        Some(AuditRecord { position, at_ms, link: link_of(&self.link)?, bytes })
    }
}

fn link_of(text: &str) -> Option<[u8; 32]> {
    octets(text)?.try_into().ok()
}

/// The bytes of hexadecimal in small letters, the one form that we write.
fn octets(text: &str) -> Option<Vec<u8>> {
    let small = !text.bytes().any(|byte| byte.is_ascii_uppercase());
    hex::decode(text).ok().filter(|_| small)
}

/// A line of an export, with its line feed.
///
/// # Errors
/// The value cannot be written as JSON; ours can.
pub fn encode(value: &impl Serialize) -> serde_json::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

/// The value of a line. Every line has one form only: the one that we would write.
fn decode<T: Serialize + for<'a> Deserialize<'a>>(line: &[u8]) -> Option<T> {
    let value = serde_json::from_slice(line).ok()?;
    let ours = encode(&value).ok()?;
    (ours == line).then_some(value)
}

/// Why nothing could be judged: never the word for a chain that does not hold.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The first line is not that of an export.
    #[error("this is no export of the audit log")]
    NotAnExport,
    /// A later version of the form.
    #[error("this is an export of version {0}; this program reads version {VERSION}")]
    Version(u32),
    /// The medium failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// An export that is being read.
#[derive(Debug)]
pub struct Export<R> {
    header: Header,
    lines: R,
    read: u64,
}

impl<R: BufRead> Export<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// It is not that of an export which this version reads, or the medium failed.
    pub fn open(mut lines: R) -> Result<Self, ReadError> {
        // The first line is short: what is no export is not read to its first line feed.
        let line = next_line(&mut lines, 1024)?;
        let header: Header = serde_json::from_slice(&line).map_err(|_| ReadError::NotAnExport)?;
        if header.format != FORMAT {
            return Err(ReadError::NotAnExport);
        }
        if header.version != VERSION {
            return Err(ReadError::Version(header.version));
        }
        decode::<Header>(&line).ok_or(ReadError::NotAnExport)?;
        Ok(Self { header, lines, read: 0 })
    }

    /// Follows the chain through the whole file.
    ///
    /// # Errors
    /// The medium failed. That the chain does not hold is an answer.
    pub fn prove(mut self, mut proof: Proof) -> io::Result<Result<Proven, Broken>> {
        while let Some(read) = self.next_record()? {
            if let Err(broken) = read.and_then(|record| proof.follow(&record)) {
                return Ok(Err(broken));
            }
        }
        Ok(match self.header.end() {
            Some(end) => proof.finish(&end),
            None => Err(Broken::OtherEnd { position: self.read }),
        })
    }

    fn next_record(&mut self) -> io::Result<Option<Result<AuditRecord, Broken>>> {
        let line = next_line(&mut self.lines, MAX_LINE)?;
        if line.is_empty() {
            return Ok(None);
        }
        self.read += 1;
        let record = decode::<Line>(&line).and_then(|line| line.record());
        Ok(Some(record.ok_or(Broken::Unreadable { position: self.read })))
    }
}

/// The next line with its line feed, of at most `most` bytes; empty at the end.
fn next_line(lines: &mut impl BufRead, most: u64) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    lines.take(most).read_until(b'\n', &mut line)?;
    Ok(line)
}

#[cfg(test)]
mod tests;
