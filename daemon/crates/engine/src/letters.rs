//! What was asked of the writer and waits for it. Who asks wakes the writer only when it wants to be woken: to wake
//! a thread costs both sides more than a short request does.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::handle::{Envelope, Inbox};
use crate::queue::Lanes;

/// Most requests that are taken together.
pub(crate) const MOST: usize = 256;

/// The writer's letter box.
pub(crate) struct Letters {
    inner: Mutex<Inner>,
    changed: Condvar,
    lanes: Arc<Lanes>,
}

#[derive(Default)]
struct Inner {
    waiting: Vec<Envelope>,
    wants: Wants,
    stopping: bool,
    closed: bool,
}

/// What the writer waits for.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Wants {
    /// Nothing: it is at work.
    #[default]
    Nothing,
    /// The first request.
    First,
    /// All that come soon: what is in workers' hands.
    Company,
}

impl Letters {
    pub(crate) fn new(lanes: Arc<Lanes>) -> Self {
        Self { inner: Mutex::default(), changed: Condvar::new(), lanes }
    }

    /// What waits, [`MOST`] at most, after waiting for a first one for `pause`, and then for `company` as long as
    /// workers have dossiers in hand, whose outcomes come soon. Nothing is waited for once the writer is to stop.
    pub(crate) fn take(&self, pause: Duration, company: Duration) -> Vec<Envelope> {
        let inner = self.wait(self.lock(), Wants::First, pause);
        let alone = inner.waiting.is_empty();
        let mut inner = if alone { inner } else { self.wait(inner, Wants::Company, company) };
        let count = inner.waiting.len().min(MOST);
        inner.waiting.drain(..count).collect()
    }

    fn wait<'i>(
        &'i self,
        mut inner: MutexGuard<'i, Inner>,
        wants: Wants,
        longest: Duration,
    ) -> MutexGuard<'i, Inner> {
        inner.wants = wants;
        let waited =
            self.changed.wait_timeout_while(inner, longest, |inner| !self.is_enough(inner));
        let mut inner = waited.unwrap_or_else(PoisonError::into_inner).0;
        inner.wants = Wants::Nothing;
        inner
    }

    fn is_enough(&self, inner: &Inner) -> bool {
        let count = inner.waiting.len();
        inner.stopping
            || match inner.wants {
                Wants::Nothing => false,
                Wants::First => count > 0,
                Wants::Company => count >= MOST || self.lanes.in_hand() == 0,
            }
    }

    /// The writer takes what waits to its end, and stops.
    pub(crate) fn stop(&self) {
        self.lock().stopping = true;
        self.changed.notify_one();
    }

    /// Whether it is to stop.
    pub(crate) fn is_stopping(&self) -> bool {
        self.lock().stopping
    }

    /// Nothing is taken any more; who waits for an answer hears that there is none.
    pub(crate) fn close(&self) {
        let mut inner = self.lock();
        inner.closed = true;
        let left = std::mem::take(&mut inner.waiting);
        drop(inner);
        drop(left);
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inbox for Letters {
    fn put(&self, envelope: Envelope) -> Result<(), Envelope> {
        let mut inner = self.lock();
        if inner.closed {
            return Err(envelope);
        }
        inner.waiting.push(envelope);
        let wakes = self.is_enough(&inner);
        // It wants the letters: it is woken once nobody holds them.
        drop(inner);
        if wakes {
            self.changed.notify_one();
        }
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::Instant;

    use jiff::Timestamp;
    use sceau_workflow::machine::{DossierId, Effect, EffectId, EffectRow};

    use super::*;
    use crate::core::{NotDone, Request};
    use crate::queue::{Taken, Waiting};

    const LONG: Duration = Duration::from_secs(60);

    fn letter(reply: impl FnOnce() + Send + 'static) -> Envelope {
        let request = Request::Ring { id: Vec::new(), payload: Vec::new() };
        Envelope { request, reply: Box::new(move |_: Result<_, NotDone>| reply()) }
    }

    /// Lanes of which a worker has a dossier in hand.
    fn at_work() -> (Arc<Lanes>, DossierId) {
        let (lanes, dossier) = (Arc::new(Lanes::default()), DossierId::new(1, [0; 10]));
        let effect = Effect { lane: "a".into(), kind: "k".into(), payload: ().into() };
        let id = EffectId::derive(&dossier, 0, 1, 1);
        let row = EffectRow { id, dossier: dossier.clone(), step: 0, attempt: 1, effect };
        lanes.put(Waiting::new(row, Timestamp::UNIX_EPOCH));
        assert!(matches!(lanes.take("a", Timestamp::UNIX_EPOCH), Taken::Row(_)));
        (lanes, dossier)
    }

    #[test]
    fn one_that_is_alone_is_taken_at_once_and_no_more_than_most_together() {
        let letters = Letters::new(Arc::default());
        assert!(letters.take(Duration::ZERO, LONG).is_empty());
        let begun = Instant::now();
        (0..=MOST).for_each(|_| assert!(letters.put(letter(|| ())).is_ok()));
        assert_eq!([letters.take(LONG, LONG).len(), letters.take(LONG, LONG).len()], [MOST, 1]);
        assert!(begun.elapsed() < LONG);
    }

    #[test]
    fn who_waits_for_company_takes_all_when_the_last_in_hand_has_come() {
        let (lanes, dossier) = at_work();
        let letters = Arc::new(Letters::new(Arc::clone(&lanes)));
        let taken = std::thread::spawn({
            let letters = Arc::clone(&letters);
            move || letters.take(LONG, LONG).len()
        });
        assert!(letters.put(letter(|| ())).is_ok());
        std::thread::sleep(Duration::from_millis(50));
        assert!(!taken.is_finished(), "a worker's outcome comes soon");
        lanes.released("a", &dossier);
        assert!(letters.put(letter(|| ())).is_ok());
        assert_eq!(taken.join().unwrap(), 2);
    }

    #[test]
    fn company_is_waited_for_so_long_and_not_by_one_that_stops() {
        let (lanes, _) = at_work();
        let letters = Letters::new(lanes);
        assert!(letters.put(letter(|| ())).is_ok());
        assert_eq!(letters.take(LONG, Duration::from_millis(2)).len(), 1);
        letters.stop();
        assert!(letters.put(letter(|| ())).is_ok());
        assert_eq!([letters.take(LONG, LONG).len(), letters.take(LONG, LONG).len()], [1, 0]);
    }

    #[test]
    fn a_closed_box_takes_nothing_and_lets_go_of_what_it_has() {
        let letters = Letters::new(Arc::default());
        let (told, answer) = channel::<()>();
        assert!(letters.put(letter(move || drop(told))).is_ok());
        letters.close();
        assert!(answer.recv_timeout(LONG).is_err(), "nobody will answer");
        assert!(letters.put(letter(|| ())).is_err());
    }
}
