//! Measures how many batches a second each commit mode makes durable, and how long opening takes
//! after a kill.
//!
//! `cargo run --release -p sceau-store --example commit_rate -- DIRECTORY`

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measuring tool")]

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sceau_store::{
    CommitMode, OutboxWrite, ProjectionWrite, RedbOptions, RedbStore, StateStore, StreamId,
    Transaction,
};

fn main() {
    let dir = std::env::args_os().nth(1).map_or_else(std::env::temp_dir, PathBuf::from);
    for commit in [CommitMode::OnePhase, CommitMode::TwoPhase, CommitMode::QuickRepair] {
        for batch in [1, 10, 50, 200] {
            rate(&dir, commit, batch);
        }
        reopening(&dir, commit);
    }
}

fn rate(dir: &Path, commit: CommitMode, batch: u64) {
    let path = dir.join("commit_rate.redb");
    let _ = std::fs::remove_file(&path);
    let store = open(&path, commit);
    let (started, mut commits) = (Instant::now(), 0);
    while started.elapsed() < Duration::from_secs(2) {
        let transactions: Vec<_> = (0..batch).map(|n| transaction(commits * batch + n)).collect();
        store.commit(&transactions).unwrap();
        commits += 1;
    }
    let seconds = started.elapsed().as_secs_f64();
    println!(
        "{commit:?}, {batch} transactions a batch: {:.0} commits/s, {:.0} transactions/s",
        commits as f64 / seconds,
        (commits * batch) as f64 / seconds
    );
    drop(store);
    std::fs::remove_file(&path).unwrap();
}

/// A copy of the file made while it is open is what a kill leaves.
fn reopening(dir: &Path, commit: CommitMode) {
    let (path, killed) = (dir.join("reopen.redb"), dir.join("killed.redb"));
    let _ = std::fs::remove_file(&path);
    let store = open(&path, commit);
    for round in 0..200 {
        let batch: Vec<_> = (0..200).map(|n| transaction(round * 200 + n)).collect();
        store.commit(&batch).unwrap();
    }
    std::fs::copy(&path, &killed).unwrap();
    let megabytes = std::fs::metadata(&killed).unwrap().len() >> 20;
    let started = Instant::now();
    let reopened = open(&killed, commit);
    println!("{commit:?}: opening {megabytes} MiB after a kill: {:?}", started.elapsed());
    drop((store, reopened));
    std::fs::remove_file(&path).unwrap();
    std::fs::remove_file(&killed).unwrap();
}

fn open(path: &Path, commit: CommitMode) -> RedbStore {
    RedbStore::open(path, RedbOptions { commit, ..RedbOptions::default() }).unwrap()
}

/// What one step of a dossier writes.
fn transaction(n: u64) -> Transaction {
    let id = n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes();
    let stream = StreamId::new(format!("dossier/{:016x}", u64::from_be_bytes(id)));
    let mut outbox_id = [0; 16];
    outbox_id[..8].copy_from_slice(&id);
    Transaction {
        at_ms: n as i64,
        events: vec![(stream.clone(), vec![b'e'; 300]), (stream, vec![b'f'; 200])],
        projections: vec![ProjectionWrite {
            table: "dossiers".into(),
            key: id.to_vec(),
            value: Some(vec![b'p'; 600]),
        }],
        outbox: vec![OutboxWrite::Put {
            lane: "seal".into(),
            id: outbox_id,
            due_ms: n as i64,
            payload: vec![b'o'; 200],
        }],
        audit: vec![vec![b'a'; 200]],
        ..Transaction::default()
    }
}
