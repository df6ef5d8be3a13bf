//! The proof that an audit chain holds, entry by entry, with a remembered head where there is one.

use std::str::FromStr;

use sceau_store::{AuditFault, AuditHead, AuditRecord, audit};
use serde::Serialize;

/// A head that somebody noted earlier, outside the machine: only it tells that the end was cut off,
/// or that everything was written anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remembered {
    position: Option<u64>,
    link: [u8; 32],
}

/// A text that is no head.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a head is 64 hexadecimal digits, with the entry's number and a colon before them or not")]
pub struct RememberedFault;

impl FromStr for Remembered {
    type Err = RememberedFault;

    /// `HASH`, or `POSITION:HASH`.
    fn from_str(text: &str) -> Result<Self, RememberedFault> {
        let (position, hash) = match text.split_once(':') {
            Some((position, hash)) => (Some(position.parse().map_err(|_| RememberedFault)?), hash),
            None => (None, text),
        };
        let link = super::link_of(&hash.to_ascii_lowercase()).ok_or(RememberedFault)?;
        Ok(Self { position, link })
    }
}

/// Where and why a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An entry is missing, out of order, or was changed.
    #[error("{0}")]
    Chain(#[from] AuditFault),
    /// The line is not one that an export has.
    #[error("audit entry {position} cannot be read: its line was changed or cut short")]
    Unreadable {
        /// Which entry it should be.
        position: u64,
    },
    /// The end is missing.
    #[error(
        "audit entry {position} is missing: the chain ends before it, and should end at {told}"
    )]
    Short {
        /// The first entry that is missing.
        position: u64,
        /// The last entry that should be there.
        told: u64,
    },
    /// More entries, or another last one, than the beginning tells.
    #[error("audit entry {position} is not the end that the beginning tells")]
    OtherEnd {
        /// The last entry.
        position: u64,
    },
    /// The remembered entry is there, with another link.
    #[error(
        "audit entry {position} is not the one that was remembered: it, or an entry before it, was \
         written anew"
    )]
    OtherHead {
        /// The remembered entry.
        position: u64,
    },
    /// The remembered entry is not there.
    #[error(
        "audit entry {position} is missing: the chain ends before the remembered head, or was \
         written anew"
    )]
    Forgotten {
        /// The first entry that is missing.
        position: u64,
    },
}

impl Broken {
    /// The entry at which the chain breaks, from 1.
    #[must_use]
    pub const fn entry(&self) -> u64 {
        match self {
            Self::Chain(fault) => fault.position(),
            Self::Unreadable { position }
            | Self::Short { position, .. }
            | Self::OtherEnd { position }
            | Self::OtherHead { position }
            | Self::Forgotten { position } => *position,
        }
    }

    /// A word for programs.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Chain(AuditFault::Gap { .. }) => "gap",
            Self::Chain(AuditFault::WrongLink { .. }) => "wrong-link",
            Self::Unreadable { .. } => "unreadable",
            Self::Short { .. } => "short",
            Self::OtherEnd { .. } => "other-end",
            Self::OtherHead { .. } => "other-head",
            Self::Forgotten { .. } => "forgotten",
        }
    }
}

/// An entry in short.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Its number, from 1.
    pub position: u64,
    /// When it was written: milliseconds since 1970-01-01T00:00:00Z.
    pub at_ms: i64,
    /// Its link in hexadecimal.
    pub link: String,
}

impl From<&AuditRecord> for Place {
    fn from(record: &AuditRecord) -> Self {
        let (position, at_ms) = (record.position, record.at_ms);
        Self { position, at_ms, link: hex::encode(record.link) }
    }
}

/// A chain that holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Proven {
    /// How many entries it has.
    pub entries: u64,
    /// The first one.
    pub first: Option<Place>,
    /// The last one: its number and link are the head to remember.
    pub last: Option<Place>,
}

/// A proof under way.
#[derive(Debug)]
pub struct Proof {
    head: AuditHead,
    first: Option<Place>,
    last: Option<Place>,
    remembered: Option<Remembered>,
    met: bool,
}

impl Proof {
    /// A proof from the first entry on.
    #[must_use]
    pub fn new(remembered: Option<Remembered>) -> Self {
        let met = remembered.as_ref().is_none_or(|head| head.link == AuditHead::GENESIS.link);
        Self { head: AuditHead::GENESIS, first: None, last: None, remembered, met }
    }

    /// Goes on by one entry.
    ///
    /// # Errors
    /// The chain does not hold there.
    pub fn follow(&mut self, record: &AuditRecord) -> Result<(), Broken> {
        self.head = audit::verify(self.head, [record])?;
        let place = Place::from(record);
        self.first.get_or_insert_with(|| place.clone());
        self.last = Some(place);
        let Some(remembered) = &self.remembered else { return Ok(()) };
        let same = remembered.link == record.link;
        let here = remembered.position.is_none_or(|position| position == record.position);
        self.met |= same && here;
        match remembered.position == Some(record.position) && !same {
            true => Err(Broken::OtherHead { position: record.position }),
            false => Ok(()),
        }
    }

    /// Ends where the chain's beginning said that it would.
    ///
    /// # Errors
    /// It ends elsewhere, or the remembered head did not come.
    pub fn finish(self, end: &AuditHead) -> Result<Proven, Broken> {
        let position = self.head.position;
        if position < end.position {
            return Err(Broken::Short { position: position + 1, told: end.position });
        }
        if self.head != *end {
            return Err(Broken::OtherEnd { position });
        }
        if !self.met {
            return Err(Broken::Forgotten { position: position + 1 });
        }
        Ok(Proven { entries: position, first: self.first, last: self.last })
    }
}
