//! What the signer remembers of its journal: where each act stands, and how far each step is.

use std::collections::HashMap;

use aws_lc_rs::digest::{Context, SHA256};

use super::{Entry, frame::Digest};
use crate::request::{Authorisation, KeyId, Purpose};

/// Some 120 bytes for each signature made.
#[derive(Debug, Default)]
pub(crate) struct Index {
    acts: HashMap<Digest, (u64, u32)>,
    /// The highest attempt of each step that has sealed.
    sealed: HashMap<Digest, u32>,
    last_vouched_ms: Option<i64>,
}

impl Index {
    /// Where an act's entry stands: offset of its frame, position within.
    pub(super) fn place(&self, act: &Digest) -> Option<(u64, usize)> {
        self.acts.get(act).map(|&(offset, position)| (offset, position as usize))
    }

    /// The highest attempt of a step ([`step_key`]) that has sealed.
    pub(crate) fn sealed_attempt(&self, step: &Digest) -> Option<u32> {
        self.sealed.get(step).copied()
    }

    /// When the last time-stamp, certificate or revocation list was given, in milliseconds since
    /// 1970-01-01 UTC.
    pub(crate) fn last_vouched_ms(&self) -> Option<i64> {
        self.last_vouched_ms
    }

    pub(super) fn add(&mut self, offset: u64, entries: &[Entry]) {
        for (position, entry) in entries.iter().enumerate() {
            let act = keyed_act(&entry.key, &entry.act);
            self.acts.insert(act, (offset, position as u32));
            self.note(entry);
        }
    }

    #[cfg(test)]
    pub(super) fn only_act(&self) -> Digest {
        *self.acts.keys().next().expect("one act")
    }

    fn note(&mut self, entry: &Entry) {
        match entry.purpose {
            Purpose::Seal => {
                let attempt = entry.authorisation.attempt;
                let highest = self.sealed.entry(step_key(&entry.authorisation)).or_default();
                *highest = attempt.max(*highest);
            }
            Purpose::Timestamp | Purpose::Certificate => {
                self.last_vouched_ms = self.last_vouched_ms.max(Some(entry.at_ms));
            }
            Purpose::Ocsp => {}
        }
    }
}

/// The act's digest, and the key by which it is found: one key signs the same bytes once.
pub(crate) fn act_key(key: &KeyId, to_be_signed: &[u8]) -> (Digest, Digest) {
    let act = sha256(&[to_be_signed]);
    (act, keyed_act(key, &act))
}

/// Names one step of one dossier.
pub(crate) fn step_key(authorisation: &Authorisation) -> Digest {
    let length = (authorisation.dossier.len() as u64).to_be_bytes();
    sha256(&[&length, authorisation.dossier.as_bytes(), authorisation.step.as_bytes()])
}

/// The act has a fixed length, so that the two parts cannot be shifted.
fn keyed_act(key: &KeyId, act: &Digest) -> Digest {
    sha256(&[act, key.as_str().as_bytes()])
}

fn sha256(parts: &[&[u8]]) -> Digest {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    context.finish().as_ref().try_into().expect("invariant: SHA-256 gives 32 bytes")
}
