//! A disk for redb that loses what was not synced.
//!
//! Writes are seen at once and durable after `sync_data`. A crash keeps any subset of the pages
//! (4 KiB) written since the last sync, of the first page (redb's header) any subset of its
//! sectors (512 bytes), and the lengths set since then or not. The power may also fail by itself
//! after a number of operations, in the middle of a commit.

use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

const PAGE: usize = 4096;
const SECTOR: usize = 512;

/// The disk; clones share it. It outlives the stores on it, as a disk outlives a process.
#[derive(Debug, Clone, Default)]
pub struct LossyDisk {
    state: Arc<Mutex<State>>,
}

#[derive(Debug, Default)]
struct State {
    live: Vec<u8>,
    durable: Vec<u8>,
    unsynced: Vec<Change>,
    power_left: Option<u64>,
    operations: u64,
    ignores_syncs: bool,
}

#[derive(Debug, Clone)]
enum Change {
    Length(usize),
    Bytes { offset: usize, bytes: Vec<u8> },
}

impl LossyDisk {
    /// An empty disk.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A backend on this disk, for [`RedbStore::with_backend`](crate::RedbStore::with_backend).
    /// One at a time.
    #[must_use]
    pub fn backend(&self) -> LossyBackend {
        LossyBackend { state: self.state.clone() }
    }

    /// Lets every operation fail after this many further ones (writes, syncs, changes of length).
    pub fn cut_power_after(&self, operations: u64) {
        self.state().power_left = Some(operations);
    }

    /// From now on only pretends to sync: what a forgotten fsync looks like.
    pub fn ignore_syncs(&self) {
        self.state().ignores_syncs = true;
    }

    /// How many writes, syncs and changes of length there were.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.state().operations
    }

    /// What a power cut leaves: a new disk, decided by `seed`. 0 loses all that was not synced, 1
    /// keeps all of it.
    #[must_use]
    pub fn crash(&self, seed: u64) -> Self {
        let state = self.state();
        let mut dice = Dice { seed, state: seed };
        let mut left = state.durable.clone();
        for change in state.unsynced.iter().flat_map(pieces) {
            if dice.keeps() {
                apply(&mut left, &change);
            }
        }
        let survived = State { live: left.clone(), durable: left, ..State::default() };
        Self { state: Arc::new(Mutex::new(survived)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A change cut into what reaches the disk as a whole.
fn pieces(change: &Change) -> Vec<Change> {
    let Change::Bytes { offset, bytes } = change else { return vec![change.clone()] };
    let mut pieces = Vec::new();
    let mut done = 0;
    while done < bytes.len() {
        let at = offset + done;
        let unit = if at < PAGE { SECTOR } else { PAGE };
        let len = (unit - at % unit).min(bytes.len() - done);
        pieces.push(Change::Bytes { offset: at, bytes: bytes[done..done + len].to_vec() });
        done += len;
    }
    pieces
}

fn apply(disk: &mut Vec<u8>, change: &Change) {
    match change {
        Change::Length(len) => disk.resize(*len, 0),
        Change::Bytes { offset, bytes } => {
            let end = offset + bytes.len();
            if disk.len() < end {
                disk.resize(end, 0);
            }
            disk[*offset..end].copy_from_slice(bytes);
        }
    }
}

/// What redb sees of a [`LossyDisk`].
#[derive(Debug)]
pub struct LossyBackend {
    state: Arc<Mutex<State>>,
}

impl LossyBackend {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn powered(&self) -> io::Result<MutexGuard<'_, State>> {
        let mut state = self.state();
        state.operations += 1;
        match &mut state.power_left {
            Some(0) => return Err(io::Error::other("the power is cut")),
            Some(left) => *left -= 1,
            None => {}
        }
        Ok(state)
    }

    fn change(&self, change: Change) -> io::Result<()> {
        let mut state = self.powered()?;
        apply(&mut state.live, &change);
        state.unsynced.push(change);
        Ok(())
    }
}

impl StorageBackend for LossyBackend {
    fn len(&self) -> io::Result<u64> {
        Ok(self.state().live.len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let state = self.state();
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let wanted = state.live.get(offset..offset + out.len());
        out.copy_from_slice(wanted.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.change(Change::Length(usize::try_from(len).map_err(io::Error::other)?))
    }

    fn sync_data(&self) -> io::Result<()> {
        let mut state = self.powered()?;
        if state.ignores_syncs {
            return Ok(());
        }
        let changes = std::mem::take(&mut state.unsynced);
        changes.iter().for_each(|change| apply(&mut state.durable, change));
        Ok(())
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        self.change(Change::Bytes { offset, bytes: data.to_vec() })
    }
}

/// splitmix64, with the two extreme seeds.
struct Dice {
    seed: u64,
    state: u64,
}

impl Dice {
    fn keeps(&mut self) -> bool {
        self.state = self.state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        match self.seed {
            0 => false,
            1 => true,
            _ => (z ^ (z >> 31)) & 1 == 1,
        }
    }
}
