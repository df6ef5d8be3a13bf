//! The suite that every implementation of [`StateStore`] is held to. Each case panics where the
//! implementation fails it.

#![allow(clippy::unwrap_used, reason = "a test suite: it panics where it fails")]

use crate::audit::{self, AuditHead};
use crate::{
    BlobId, BlobRef, Conflict, MAX_KEY_LEN, MAX_VALUE_LEN, OutboxWrite, ProjectionWrite,
    StateStore, StoreError, StreamId, TimerWrite, Transaction, Version, dump_projections, rebuild,
    replay,
};

/// A case and its name.
pub type Case = (&'static str, fn(&dyn StateStore));

/// All cases; each wants a new, empty store.
pub const CASES: &[Case] = &[
    ("an empty store", an_empty_store),
    ("events are numbered", events_are_numbered),
    ("streams are kept apart", streams_are_kept_apart),
    ("a conflict leaves nothing", a_conflict_leaves_nothing),
    ("later transactions see earlier ones", later_transactions_see_earlier_ones),
    ("an empty batch", an_empty_batch),
    ("projections", projections),
    ("scanning", scanning),
    ("clearing projections", clearing_projections),
    ("timers", timers),
    ("due times sort as numbers", due_times_sort_as_numbers),
    ("the outbox", the_outbox),
    ("lanes are kept apart", lanes_are_kept_apart),
    ("blob references", blob_references),
    ("the audit chain", the_audit_chain),
    ("sizes are bounded", sizes_are_bounded),
    ("replaying rebuilds", replaying_rebuilds),
    ("pages", pages),
];

/// Runs all cases, each on a store that `make` makes.
pub fn run(mut make: impl FnMut() -> Box<dyn StateStore>) {
    for (_, case) in CASES {
        case(make().as_ref());
    }
}

fn id(name: &str) -> StreamId {
    StreamId::new(name)
}

fn event(stream: &str, bytes: &[u8]) -> Transaction {
    Transaction { at_ms: 7, events: vec![(id(stream), bytes.to_vec())], ..Default::default() }
}

fn put(table: &str, key: &[u8], value: Option<&[u8]>) -> ProjectionWrite {
    let value = value.map(<[u8]>::to_vec);
    ProjectionWrite { table: table.into(), key: key.to_vec(), value }
}

fn project(writes: Vec<ProjectionWrite>) -> Transaction {
    Transaction { projections: writes, ..Default::default() }
}

fn commit_one(store: &dyn StateStore, one: Transaction) {
    store.commit(&[one]).unwrap().remove(0).unwrap();
}

fn an_empty_store(store: &dyn StateStore) {
    assert!(store.all_events(0, 10).unwrap().is_empty());
    assert!(store.stream(&id("none"), Version(0), 10).unwrap().is_empty());
    assert_eq!(store.version(&id("none")).unwrap(), Version(0));
    assert_eq!(store.projection("none", b"k").unwrap(), None);
    assert!(store.scan("none", b"", None, 10).unwrap().is_empty());
    assert_eq!((store.next_timer().unwrap(), store.next_outbox().unwrap()), (None, None));
    assert!(store.lanes().unwrap().is_empty());
    assert_eq!(store.audit_head().unwrap(), AuditHead::GENESIS);
    assert_eq!(store.blob_references(&BlobId([0; 32])).unwrap(), 0);
}

fn events_are_numbered(store: &dyn StateStore) {
    let mut one = event("a", b"1");
    one.events.push((id("b"), b"2".to_vec()));
    one.events.push((id("a"), b"3".to_vec()));
    let committed = store.commit(&[one, event("a", b"4")]).unwrap();
    let places: Vec<_> = committed
        .into_iter()
        .flat_map(|one| one.unwrap().events)
        .map(|place| (place.version.0, place.position))
        .collect();
    assert_eq!(places, [(1, 1), (1, 2), (2, 3), (3, 4)]);
    let stream = store.stream(&id("a"), Version(1), 10).unwrap();
    let seen: Vec<_> = stream.iter().map(|e| (e.version.0, e.position, &e.bytes[..])).collect();
    assert_eq!(seen, [(2, 3, &b"3"[..]), (3, 4, b"4")]);
    assert_eq!(stream[0].at_ms, 7);
    let all = store.all_events(1, 2).unwrap();
    let seen: Vec<_> = all.iter().map(|(s, e)| (s.as_str(), e.position)).collect();
    assert_eq!(seen, [("b", 2), ("a", 3)]);
    assert_eq!(store.version(&id("a")).unwrap(), Version(3));
}

fn streams_are_kept_apart(store: &dyn StateStore) {
    let names = ["a", "ab", "a\u{0}", "", "a/b", "\u{ff}", "é"];
    for (n, name) in names.iter().enumerate() {
        for _ in 0..=n {
            commit_one(store, event(name, name.as_bytes()));
        }
    }
    for (n, name) in names.iter().enumerate() {
        let stream = store.stream(&id(name), Version(0), 100).unwrap();
        assert_eq!(stream.len(), n + 1, "{name:?}");
        assert!(stream.iter().all(|event| event.bytes == name.as_bytes()));
        assert_eq!(store.version(&id(name)).unwrap(), Version(n as u64 + 1));
    }
}

fn everything(stream: &str, expected: u64) -> Transaction {
    Transaction {
        at_ms: 1,
        preconditions: vec![(id(stream), Version(expected))],
        events: vec![(id(stream), b"e".to_vec())],
        projections: vec![put("t", stream.as_bytes(), Some(b"v"))],
        timers: vec![TimerWrite::Set { id: stream.into(), due_ms: 5, payload: b"p".to_vec() }],
        outbox: vec![OutboxWrite::Put {
            lane: "lane".into(),
            id: [stream.len() as u8; 16],
            due_ms: 5,
            payload: b"o".to_vec(),
        }],
        blobs: vec![BlobRef::Retain { id: BlobId([1; 32]), owner: stream.into() }],
        audit: vec![b"a".to_vec()],
    }
}

fn a_conflict_leaves_nothing(store: &dyn StateStore) {
    let mut doubtful = everything("bb", 0);
    doubtful.preconditions.push((id("ccc"), Version(4)));
    let outcome = store.commit(&[everything("a", 0), doubtful, everything("ccc", 0)]).unwrap();
    let conflict = Conflict { stream: id("ccc"), expected: Version(4), found: Version(0) };
    assert_eq!(outcome[1], Err(conflict));
    assert_eq!(outcome[0].as_ref().unwrap().events[0].position, 1);
    assert_eq!(outcome[2].as_ref().unwrap().events[0].position, 2);
    assert_eq!(store.version(&id("bb")).unwrap(), Version(0));
    assert_eq!(store.projection("t", b"bb").unwrap(), None);
    assert_eq!(store.timers_due(9, 9).unwrap().len(), 2);
    assert_eq!(store.outbox("lane", 9, 9).unwrap().len(), 2);
    assert_eq!(store.blob_owners(&BlobId([1; 32])).unwrap(), ["a", "ccc"]);
    assert_eq!(store.audit_head().unwrap().position, 2);
    let refused = store.commit(&[everything("a", 0)]).unwrap();
    let conflict = Conflict { stream: id("a"), expected: Version(0), found: Version(1) };
    assert_eq!(refused, [Err(conflict)]);
    assert_eq!(store.all_events(0, 9).unwrap().len(), 2);
}

fn later_transactions_see_earlier_ones(store: &dyn StateStore) {
    let batch: Vec<_> = (0..4).map(|n| everything("a", n)).chain([everything("a", 2)]).collect();
    let outcome = store.commit(&batch).unwrap();
    assert!(outcome[..4].iter().all(Result::is_ok));
    assert_eq!(outcome[4].as_ref().unwrap_err().found, Version(4));
    assert_eq!(store.version(&id("a")).unwrap(), Version(4));
}

fn an_empty_batch(store: &dyn StateStore) {
    assert!(store.commit(&[]).unwrap().is_empty());
    assert_eq!(store.commit(&[Transaction::default()]).unwrap().len(), 1);
}

fn projections(store: &dyn StateStore) {
    commit_one(store, project(vec![put("t", b"k", Some(b"1")), put("u", b"k", Some(b"2"))]));
    assert_eq!(store.projection("t", b"k").unwrap().unwrap(), b"1");
    assert_eq!(store.projection("u", b"k").unwrap().unwrap(), b"2");
    commit_one(store, project(vec![put("t", b"k", Some(b"")), put("u", b"k", None)]));
    assert_eq!(store.projection("t", b"k").unwrap().unwrap(), b"");
    assert_eq!(store.projection("u", b"k").unwrap(), None);
    let both = vec![put("t", b"k", None), put("t", b"k", Some(b"3")), put("t", b"none", None)];
    commit_one(store, project(both));
    assert_eq!(store.projection("t", b"k").unwrap().unwrap(), b"3");
}

fn scanning(store: &dyn StateStore) {
    let keys: [&[u8]; 7] = [b"", b"a", b"a\x00", b"ab", b"b", b"\xff", b"\xff\xff"];
    let writes = keys.iter().map(|key| put("t", key, Some(key))).collect();
    commit_one(store, project(writes));
    commit_one(store, project(vec![put("s", b"x", Some(b"")), put("tt", b"x", Some(b""))]));
    let scan = |prefix: &[u8], after: Option<&[u8]>, limit| -> Vec<Vec<u8>> {
        let pairs = store.scan("t", prefix, after, limit).unwrap();
        assert!(pairs.iter().all(|(key, value)| key == value));
        pairs.into_iter().map(|(key, _)| key).collect()
    };
    assert_eq!(scan(b"", None, 10), keys);
    assert_eq!(scan(b"a", None, 10), keys[1..4]);
    assert_eq!(scan(b"a", Some(b"a"), 1), keys[2..3]);
    assert_eq!(scan(b"\xff", None, 10), keys[5..]);
    assert_eq!(scan(b"", Some(b"ab"), 10), keys[4..]);
    assert_eq!(scan(b"b", Some(b"a"), 10), keys[4..5]);
    assert!(scan(b"a", Some(b"b"), 10).is_empty());
    assert!(scan(b"", None, 0).is_empty());
}

fn clearing_projections(store: &dyn StateStore) {
    let writes = ["a", "ab", "b", "persons"].map(|table| put(table, b"k", Some(b"v"))).to_vec();
    commit_one(store, project(writes));
    store.clear_projections(&["a", "b", "none"]).unwrap();
    let left = |table| store.projection(table, b"k").unwrap().is_some();
    assert_eq!(["a", "ab", "b", "persons"].map(left), [false, true, false, true]);
}

fn timers(store: &dyn StateStore) {
    let set = |id: &str, due_ms, payload: &str| TimerWrite::Set {
        id: id.into(),
        due_ms,
        payload: payload.into(),
    };
    let with = |timers| Transaction { timers, ..Default::default() };
    commit_one(store, with(vec![set("b", 20, "b"), set("a", 20, "a"), set("c", 10, "c")]));
    let due = |until| -> Vec<(Vec<u8>, i64, Vec<u8>)> {
        let rows = store.timers_due(until, 10).unwrap();
        rows.into_iter().map(|row| (row.id, row.due_ms, row.payload)).collect()
    };
    let row = |id: &str, due_ms, payload: &str| (id.into(), due_ms, payload.into());
    assert_eq!(due(19), [row("c", 10, "c")]);
    assert_eq!(due(20), [row("c", 10, "c"), row("a", 20, "a"), row("b", 20, "b")]);
    assert_eq!(store.timers_due(20, 2).unwrap().len(), 2);
    assert_eq!(store.next_timer().unwrap(), Some(10));
    let cancel = |id: &str| TimerWrite::Cancel { id: id.into() };
    commit_one(store, with(vec![set("c", 30, "later"), cancel("a"), cancel("none")]));
    assert_eq!(due(100), [row("b", 20, "b"), row("c", 30, "later")]);
    commit_one(store, with(vec![set("b", 20, "same time")]));
    assert_eq!(due(20), [row("b", 20, "same time")]);
    commit_one(store, with(vec![cancel("b"), cancel("c")]));
    assert_eq!((due(100).len(), store.next_timer().unwrap()), (0, None));
}

fn due_times_sort_as_numbers(store: &dyn StateStore) {
    let times = [i64::MIN, -300, -1, 0, 1, 255, 256, i64::MAX];
    let timers = times
        .iter()
        .map(|due_ms| TimerWrite::Set {
            id: due_ms.to_be_bytes().to_vec(),
            due_ms: *due_ms,
            payload: vec![],
        })
        .collect();
    commit_one(store, Transaction { timers, ..Default::default() });
    let rows = store.timers_due(i64::MAX, 100).unwrap();
    assert_eq!(rows.iter().map(|row| row.due_ms).collect::<Vec<_>>(), times);
    assert_eq!(store.timers_due(-1, 100).unwrap().len(), 3);
    assert_eq!(store.next_timer().unwrap(), Some(i64::MIN));
}

fn the_outbox(store: &dyn StateStore) {
    let put = |id: u8, due_ms, payload: &str| OutboxWrite::Put {
        lane: "seal".into(),
        id: [id; 16],
        due_ms,
        payload: payload.into(),
    };
    let with = |outbox| Transaction { outbox, ..Default::default() };
    commit_one(store, with(vec![put(2, 10, "two"), put(1, 10, "one"), put(3, 5, "three")]));
    let due = |until| -> Vec<(u8, i64, Vec<u8>)> {
        let rows = store.outbox("seal", until, 10).unwrap();
        assert!(rows.iter().all(|row| row.lane == "seal"));
        rows.into_iter().map(|row| (row.id[0], row.due_ms, row.payload)).collect()
    };
    assert_eq!(
        due(10),
        [(3, 5, b"three".to_vec()), (1, 10, b"one".into()), (2, 10, b"two".into())]
    );
    assert_eq!(due(9).len(), 1);
    assert_eq!(store.next_outbox().unwrap(), Some(5));
    let later = |id: u8| OutboxWrite::Reschedule {
        lane: "seal".into(),
        id: [id; 16],
        due_ms: 50,
        payload: b"again".to_vec(),
    };
    let remove = |id: u8| OutboxWrite::Remove { lane: "seal".into(), id: [id; 16] };
    commit_one(store, with(vec![later(3), later(9), remove(1), remove(8), put(2, 7, "anew")]));
    assert_eq!(due(100), [(2, 7, b"anew".to_vec()), (3, 50, b"again".to_vec())]);
    commit_one(store, with(vec![remove(2), later(2), remove(3)]));
    assert_eq!((due(100).len(), store.next_outbox().unwrap()), (0, None));
}

fn lanes_are_kept_apart(store: &dyn StateStore) {
    let lanes = ["deliver:/srv/a", "b", "", "bb", "\u{ff}"];
    let outbox = lanes
        .iter()
        .enumerate()
        .map(|(n, lane)| OutboxWrite::Put {
            lane: (*lane).to_owned(),
            id: [7; 16],
            due_ms: 100 - n as i64,
            payload: lane.as_bytes().to_vec(),
        })
        .collect();
    commit_one(store, Transaction { outbox, ..Default::default() });
    let mut sorted = lanes;
    sorted.sort_unstable();
    assert_eq!(store.lanes().unwrap(), sorted);
    for lane in lanes {
        let rows = store.outbox(lane, i64::MAX, 10).unwrap();
        assert_eq!((rows.len(), rows[0].payload.as_slice()), (1, lane.as_bytes()));
    }
    assert_eq!(store.next_outbox().unwrap(), Some(96));
    let remove = OutboxWrite::Remove { lane: "b".into(), id: [7; 16] };
    commit_one(store, Transaction { outbox: vec![remove], ..Default::default() });
    assert_eq!(store.lanes().unwrap().len(), 4);
    assert_eq!(store.outbox("bb", i64::MAX, 10).unwrap().len(), 1);
}

fn blob_references(store: &dyn StateStore) {
    let retain = |n, owner: &str| BlobRef::Retain { id: BlobId([n; 32]), owner: owner.into() };
    let release = |n, owner: &str| BlobRef::Release { id: BlobId([n; 32]), owner: owner.into() };
    let with = |blobs| Transaction { blobs, ..Default::default() };
    commit_one(store, with(vec![retain(1, "b"), retain(1, "a"), retain(1, "a"), retain(2, "a")]));
    assert_eq!(store.blob_owners(&BlobId([1; 32])).unwrap(), ["a", "b"]);
    assert_eq!(store.blob_references(&BlobId([1; 32])).unwrap(), 2);
    commit_one(store, with(vec![release(1, "a"), release(1, "none"), release(2, "a")]));
    assert_eq!(store.blob_owners(&BlobId([1; 32])).unwrap(), ["b"]);
    assert_eq!(store.blob_references(&BlobId([2; 32])).unwrap(), 0);
    assert_eq!(store.blob_references(&BlobId([0xFF; 32])).unwrap(), 0);
}

fn the_audit_chain(store: &dyn StateStore) {
    for n in 0..5u8 {
        let audit = vec![vec![n; 3], vec![n; 0]];
        let one = Transaction { at_ms: i64::from(n) - 2, audit, ..Default::default() };
        let committed = store.commit(&[one]).unwrap().remove(0).unwrap();
        assert_eq!(committed.audit_position, Some(u64::from(n) * 2 + 2));
    }
    let records = store.audit(0, 100).unwrap();
    assert_eq!(records.len(), 10);
    let head = audit::verify(AuditHead::GENESIS, &records).unwrap();
    assert_eq!(head, store.audit_head().unwrap());
    assert_eq!(store.audit(4, 3).unwrap(), records[4..7]);
    assert_eq!(records[2].at_ms, -1);
}

fn sizes_are_bounded(store: &dyn StateStore) {
    let too_large = |one: Transaction| {
        let refused = store.commit(&[event("before", b""), one]);
        assert!(matches!(refused, Err(StoreError::TooLarge { .. })), "{refused:?}");
    };
    too_large(event(&"s".repeat(StreamId::MAX_LEN + 1), b""));
    too_large(event("s", &vec![0; MAX_VALUE_LEN + 1]));
    too_large(project(vec![put(&"t".repeat(256), b"", None)]));
    too_large(project(vec![put("t", &[0; MAX_KEY_LEN + 1], None)]));
    let outbox = vec![OutboxWrite::Remove { lane: "l".repeat(256), id: [0; 16] }];
    too_large(Transaction { outbox, ..Default::default() });
    assert!(store.all_events(0, 1).unwrap().is_empty());
    commit_one(store, event(&"s".repeat(StreamId::MAX_LEN), b""));
    commit_one(store, project(vec![put(&"t".repeat(255), &[0; MAX_KEY_LEN], Some(b"v"))]));
}

fn replaying_rebuilds(store: &dyn StateStore) {
    let tables = ["count", "last"];
    let count = |n: u64| put("count", b"events", Some(&n.to_be_bytes()));
    for n in 0..600u64 {
        let mut one = event(&format!("s{}", n % 7), &n.to_be_bytes());
        let stream = one.events[0].0.as_str().as_bytes().to_vec();
        one.projections = vec![count(n + 1), put("last", &stream, Some(&n.to_be_bytes()))];
        one.projections.push(put("persons", &stream, Some(b"details")));
        commit_one(store, one);
    }
    let before = dump_projections(store, &tables).unwrap();
    commit_one(store, project(vec![put("last", b"stray", Some(b"x"))]));
    assert_ne!(dump_projections(store, &tables).unwrap(), before);
    let mut seen = 0;
    let replayed = rebuild(store, &tables, |stream, event| {
        seen += 1;
        vec![count(seen), put("last", stream.as_str().as_bytes(), Some(&event.bytes))]
    });
    assert_eq!(replayed.unwrap(), 600);
    assert_eq!(dump_projections(store, &tables).unwrap(), before);
    assert_eq!(store.projection("persons", b"s0").unwrap().unwrap(), b"details");
}

fn pages(store: &dyn StateStore) {
    let batch: Vec<_> = (0..1000u32).map(|n| event("s", &n.to_be_bytes())).collect();
    store.commit(&batch).unwrap();
    let positions: Vec<u64> = replay(store, 10).map(|event| event.unwrap().1.position).collect();
    assert_eq!(positions, (11..=1000).collect::<Vec<_>>());
    assert_eq!(store.stream(&id("s"), Version(990), usize::MAX).unwrap().len(), 10);
}
