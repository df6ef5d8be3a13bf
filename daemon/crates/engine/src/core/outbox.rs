//! Outbox rows and timers: how a decision's wishes are written, and how they come back.

use std::sync::Arc;

use jiff::Timestamp;
use sceau_store::{OutboxWrite, StateStore, StoreError, TimerWrite, Transaction};
use sceau_workflow::machine::{Command, Decision, Dossier, DossierId, Refusal, TimerChange};
use serde::{Deserialize, Serialize};

use super::scratch::Scratch;
use super::{Aftermath, Answer, Core, NotDone, Request};
use crate::queue::Waiting;
use crate::records;

/// Most timers that ring in one batch.
const MOST_TIMERS: usize = 256;

#[derive(Serialize, Deserialize)]
struct TimerRecord {
    dossier: DossierId,
    step: usize,
    attempt: u32,
    name: String,
}

/// Writes the decision's effects, ends and timers.
pub(super) fn write(
    decision: Decision,
    after: &Arc<Dossier>,
    now: Timestamp,
    transaction: &mut Transaction,
    aftermath: &mut Aftermath,
) {
    for (lane, id) in decision.ended {
        transaction.outbox.push(OutboxWrite::Remove { lane: lane.clone(), id: *id.bytes() });
        aftermath.put.retain(|waiting| waiting.row.id != id);
        aftermath.withdrawn.push((lane, id));
    }
    for row in decision.effects {
        let mut waiting = Waiting::new(row, now);
        transaction.outbox.push(put(&waiting));
        waiting.dossier = Some(Arc::clone(after));
        aftermath.put.push(waiting);
    }
    transaction.timers.extend(decision.timers.into_iter().map(|change| timer(after, change)));
}

fn put(waiting: &Waiting) -> OutboxWrite {
    OutboxWrite::Put {
        lane: waiting.row.effect.lane.clone(),
        id: *waiting.row.id.bytes(),
        due_ms: not_before(waiting.due),
        payload: records::encode(waiting),
    }
}

fn timer(after: &Dossier, change: TimerChange) -> TimerWrite {
    let dossier = after.received.dossier.clone();
    let TimerChange { step, attempt, name, due } = change;
    let id = format!("{dossier}/{step}/{attempt}/{name}").into_bytes();
    let payload = records::encode(&TimerRecord { dossier, step, attempt, name });
    TimerWrite::Set { id, due_ms: not_before(due), payload }
}

/// The first millisecond at which what is due then is due, as the store keeps it: a timer that rang within
/// the millisecond before would find its step not due yet.
fn not_before(due: Timestamp) -> i64 {
    let kept = due.as_millisecond();
    let early = Timestamp::from_millisecond(kept).is_ok_and(|kept| kept < due);
    kept.saturating_add(i64::from(early))
}

/// The timers that ring now, as requests; each is cancelled by the transaction that it leads to.
pub(super) fn due_timers(
    store: &dyn StateStore,
    now: Timestamp,
) -> Result<Vec<Request>, StoreError> {
    let rows = store.timers_due(now.as_millisecond(), MOST_TIMERS)?;
    Ok(rows.into_iter().map(|row| Request::Ring { id: row.id, payload: row.payload }).collect())
}

impl Core {
    /// A timer rings: its step hears of it if it still listens, and the timer is gone either way.
    pub(super) fn ring(
        &mut self,
        scratch: &mut Scratch,
        id: Vec<u8>,
        payload: &[u8],
        now: Timestamp,
    ) -> (Answer, Option<Transaction>) {
        let at_ms = now.as_millisecond();
        let heard = records::decode::<TimerRecord>("timer", payload).ok().and_then(|record| {
            let TimerRecord { dossier, step, attempt, name } = record;
            let command = Command::Timer { step, attempt, name };
            self.decide_dossier(scratch, &dossier, &command, "timer", now).ok()
        });
        let mut transaction = match heard {
            Some((_, transaction)) => transaction,
            None => Transaction { at_ms, ..Transaction::default() },
        };
        // First, so that a timer which the decision sets anew under the same name stays set.
        transaction.timers.insert(0, TimerWrite::Cancel { id });
        (Answer::Done, Some(transaction))
    }

    /// The row waits for its next try; the trouble is written with it. One that was withdrawn while
    /// it ran is not put back.
    pub(super) fn again(
        &mut self,
        scratch: &mut Scratch,
        waiting: Waiting,
        now: Timestamp,
    ) -> Result<(Answer, Option<Transaction>), NotDone> {
        let row = &waiting.row;
        let dossier = self.seen(scratch, &row.dossier)?;
        if !dossier.is_some_and(|dossier| dossier.pending.contains_key(&row.id)) {
            return Err(Refusal::Stale { dossier: row.dossier.clone() }.into());
        }
        let write = OutboxWrite::Reschedule {
            lane: waiting.row.effect.lane.clone(),
            id: *waiting.row.id.bytes(),
            due_ms: not_before(waiting.due),
            payload: records::encode(&waiting),
        };
        scratch.aftermath.put.push(waiting);
        let at_ms = now.as_millisecond();
        let transaction = Transaction { at_ms, outbox: vec![write], ..Transaction::default() };
        Ok((Answer::Done, Some(transaction)))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_due_within_the_millisecond_before() {
        for nanosecond in [-1, 0, 1, 999_999, 1_000_000, 1_000_001, 1_795_435_200_000_000_123] {
            let due = Timestamp::from_nanosecond(nanosecond).unwrap();
            let kept = Timestamp::from_millisecond(not_before(due)).unwrap();
            assert!(kept >= due, "{due} {kept}");
            assert!(kept.duration_since(due).as_nanos() < 1_000_000, "{due} {kept}");
        }
    }
}
