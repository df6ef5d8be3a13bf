//! Random transactions over a small world, so that they meet often.

use proptest::collection::vec;
use proptest::prelude::*;
use sceau_store::{
    BlobId, BlobRef, OutboxWrite, ProjectionWrite, StreamId, TimerWrite, Transaction, Version,
};

/// How many cases to run: few, unless `PROPTEST_CASES` asks for a long proof.
pub(crate) fn cases(few: u32) -> ProptestConfig {
    match std::env::var_os("PROPTEST_CASES") {
        Some(_) => ProptestConfig::default(),
        None => ProptestConfig::with_cases(few),
    }
}

/// The projection tables that occur.
pub(crate) const TABLES: [&str; 3] = ["dossiers", "dossiers2", "persons"];

/// The blobs that occur.
pub(crate) fn blobs() -> Vec<BlobId> {
    (0..3).map(|n| BlobId([n; 32])).collect()
}

fn stream() -> impl Strategy<Value = StreamId> {
    (0..4u8).prop_map(|n| StreamId::new(format!("dossier/{n}")))
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![3 => vec(any::<u8>(), 0..40), 1 => vec(any::<u8>(), 3000..9000)]
}

fn projection() -> impl Strategy<Value = ProjectionWrite> {
    (0..TABLES.len(), vec(0..3u8, 0..3), proptest::option::weighted(0.7, bytes()))
        .prop_map(|(table, key, value)| ProjectionWrite { table: TABLES[table].into(), key, value })
}

fn timer() -> impl Strategy<Value = TimerWrite> {
    let id = || vec(0..3u8, 1..3);
    prop_oneof![
        2 => (id(), -3..3i64, bytes())
            .prop_map(|(id, due_ms, payload)| TimerWrite::Set { id, due_ms, payload }),
        1 => id().prop_map(|id| TimerWrite::Cancel { id }),
    ]
}

fn outbox() -> impl Strategy<Value = OutboxWrite> {
    (0..3, 0..3u8, 0..4u8, -3..3i64, bytes()).prop_map(|(what, lane, id, due_ms, payload)| {
        let (lane, id) = (format!("lane{lane}"), [id; 16]);
        match what {
            0 => OutboxWrite::Put { lane, id, due_ms, payload },
            1 => OutboxWrite::Reschedule { lane, id, due_ms, payload },
            _ => OutboxWrite::Remove { lane, id },
        }
    })
}

fn blob() -> impl Strategy<Value = BlobRef> {
    (any::<bool>(), 0..3u8, 0..3u8).prop_map(|(retain, id, owner)| {
        let (id, owner) = (BlobId([id; 32]), format!("owner{owner}"));
        if retain { BlobRef::Retain { id, owner } } else { BlobRef::Release { id, owner } }
    })
}

/// A transaction; about half of those with preconditions conflict.
pub(crate) fn transaction() -> impl Strategy<Value = Transaction> {
    (
        any::<i32>(),
        vec((stream(), (0..3u64).prop_map(Version)), 0..2),
        vec((stream(), bytes()), 0..3),
        vec(projection(), 0..3),
        vec(timer(), 0..3),
        vec(outbox(), 0..3),
        vec(blob(), 0..3),
        vec(bytes(), 0..3),
    )
        .prop_map(|(at, preconditions, events, projections, timers, outbox, blobs, audit)| {
            let at_ms = i64::from(at);
            Transaction { at_ms, preconditions, events, projections, timers, outbox, blobs, audit }
        })
}

/// Batches of transactions.
pub(crate) fn batches(most: usize) -> impl Strategy<Value = Vec<Vec<Transaction>>> {
    vec(vec(transaction(), 0..6), 1..most)
}
