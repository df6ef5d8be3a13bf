use std::{path::PathBuf, sync::Arc};

use sceau_disk::{FileSystem, RealFs};

use super::*;
use crate::request::{Authorisation, KeyId, Purpose};

struct Scratch {
    keep: tempfile::TempDir,
    dir: Arc<dyn Dir>,
}

impl Scratch {
    fn new() -> Self {
        let keep = tempfile::tempdir().unwrap();
        let dir = RealFs.open_dir(keep.path()).unwrap();
        Self { keep, dir }
    }

    fn file(&self) -> PathBuf {
        self.keep.path().join(FILE)
    }

    fn open(&self) -> Result<(Journal, Opening), JournalError> {
        Journal::open(&*self.dir)
    }

    /// A journal of three groups; returns the offsets at which they begin, and the end.
    fn three_groups() -> (Self, Vec<u64>) {
        let scratch = Self::new();
        let (mut journal, _) = scratch.open().unwrap();
        let mut offsets = vec![journal.end];
        for group in 0..3u8 {
            journal.append(&[entry(2 * group), entry(2 * group + 1)]).unwrap();
            offsets.push(journal.end);
        }
        (scratch, offsets)
    }
}

pub(crate) fn entry(number: u8) -> Entry {
    Entry {
        request_id: [number; 16],
        key: KeyId::parse("seal").unwrap(),
        purpose: Purpose::Seal,
        authorisation: Authorisation {
            dossier: format!("dossier-{number}"),
            step: "seal".into(),
            attempt: u32::from(number) + 1,
            delegation_digest: None,
            expires_at_ms: 60_000,
        },
        algorithm: sceau_pki::SignatureAlgorithm::EcdsaP256Sha256,
        act: [number; 32],
        at_ms: i64::from(number),
        signature: vec![number; 70],
    }
}

fn place_of(number: u8) -> Digest {
    let entry = entry(number);
    let mut index = Index::default();
    index.add(0, std::slice::from_ref(&entry));
    index.only_act()
}

#[test]
fn entries_are_found_again_after_a_restart() {
    let (scratch, _) = Scratch::three_groups();
    let (journal, opening) = scratch.open().unwrap();
    assert_eq!(opening, Opening { entries: 6, cut_bytes: 0 });
    for number in 0..6 {
        assert_eq!(journal.entry(&place_of(number)).unwrap(), Some(entry(number)));
        let step = step_key(&entry(number).authorisation);
        assert_eq!(journal.index.sealed_attempt(&step), Some(u32::from(number) + 1));
    }
    assert_eq!(journal.entry(&place_of(9)).unwrap(), None);
    assert_eq!(read_entries(&*scratch.dir).unwrap(), (0..6).map(entry).collect::<Vec<_>>());
}

#[test]
fn a_journal_has_one_writer() {
    let scratch = Scratch::new();
    let held = scratch.open().unwrap();
    assert!(matches!(scratch.open(), Err(JournalError::Disk(DiskError::Busy { .. }))));
    drop(held);
    scratch.open().unwrap();
}

#[test]
fn a_torn_tail_is_cut_wherever_it_was_torn() {
    let (scratch, offsets) = Scratch::three_groups();
    let whole = std::fs::read(scratch.file()).unwrap();
    for length in offsets[2]..offsets[3] {
        std::fs::write(scratch.file(), &whole[..length as usize]).unwrap();
        let (mut journal, opening) = scratch.open().unwrap();
        assert_eq!(opening, Opening { entries: 4, cut_bytes: length - offsets[2] });
        journal.append(&[entry(4), entry(5)]).unwrap();
        drop(journal);
        assert_eq!(std::fs::read(scratch.file()).unwrap(), whole);
    }
}

#[test]
fn a_tail_of_zeros_or_of_damaged_pages_is_cut() {
    let (scratch, offsets) = Scratch::three_groups();
    let whole = std::fs::read(scratch.file()).unwrap();
    let start = offsets[2] as usize;
    for zeros in [1, 40, 100, whole.len() - start] {
        let mut torn = whole.clone();
        torn[start..start + zeros].fill(0);
        std::fs::write(scratch.file(), &torn).unwrap();
        let (_, opening) = scratch.open().unwrap();
        assert_eq!(opening.entries, 4, "{zeros}");
    }
}

#[test]
fn a_torn_header_is_written_anew() {
    for length in 0..HEADER.len() {
        let scratch = Scratch::new();
        std::fs::write(scratch.file(), &HEADER[..length]).unwrap();
        assert!(read_entries(&*scratch.dir).unwrap().is_empty());
        let (_, opening) = scratch.open().unwrap();
        assert_eq!(opening, Opening { entries: 0, cut_bytes: 0 });
        assert_eq!(std::fs::read(scratch.file()).unwrap(), HEADER);
    }
    let scratch = Scratch::new();
    std::fs::write(scratch.file(), [0; HEADER.len()]).unwrap();
    scratch.open().unwrap();
    assert_eq!(std::fs::read(scratch.file()).unwrap(), HEADER);
}

#[test]
fn damage_before_the_tail_stops_the_signer() {
    let (scratch, offsets) = Scratch::three_groups();
    let whole = std::fs::read(scratch.file()).unwrap();
    for at in 0..offsets[2] as usize {
        let mut bad = whole.clone();
        bad[at] ^= 0x40;
        std::fs::write(scratch.file(), &bad).unwrap();
        assert!(matches!(scratch.open(), Err(JournalError::Damaged { .. })), "byte {at}");
    }
    assert_eq!(std::fs::metadata(scratch.file()).unwrap().len(), whole.len() as u64);
}

#[test]
fn a_missing_group_stops_the_signer() {
    let (scratch, offsets) = Scratch::three_groups();
    let whole = std::fs::read(scratch.file()).unwrap();
    let (from, to) = (offsets[1] as usize, offsets[2] as usize);
    std::fs::write(scratch.file(), [&whole[..from], &whole[to..]].concat()).unwrap();
    let refusal = scratch.open().unwrap_err();
    assert!(matches!(refusal, JournalError::Damaged { offset, .. } if offset == offsets[1]));
}

#[test]
fn a_long_damaged_tail_is_no_torn_one() {
    let (scratch, _) = Scratch::three_groups();
    let mut bytes = std::fs::read(scratch.file()).unwrap();
    bytes.extend(vec![0; frame::MAX_LEN + 1]);
    std::fs::write(scratch.file(), &bytes).unwrap();
    assert!(matches!(scratch.open(), Err(JournalError::Damaged { .. })));
}

#[test]
fn a_full_group_of_the_longest_entries_fits_a_frame() {
    let mut longest = entry(1);
    longest.authorisation.dossier = "\u{1}".repeat(crate::request::MAX_NAME);
    longest.authorisation.step = "\u{1}".repeat(crate::request::MAX_NAME);
    longest.authorisation.delegation_digest = Some([0xff; 32]);
    longest.key = KeyId::parse(&"k".repeat(64)).unwrap();
    longest.signature = vec![0xff; 512];
    let (bytes, _) = frame::encode(&frame::FIRST, &vec![longest; MAX_GROUP]);
    assert!(bytes.len() <= frame::MAX_LEN, "{}", bytes.len());
}
