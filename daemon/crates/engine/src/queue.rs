//! The lanes of the outbox, in memory: rows that are committed and wait for a runner.
//!
//! The store is the truth; this is its working copy. A row enters after its commit and leaves when
//! its end is committed. Lanes know nothing of each other: a dead peer stops its own lane only.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use sceau_workflow::machine::{Dossier, DossierId, EffectId, EffectRow, Failure, Settled};
use serde::{Deserialize, Serialize};

use crate::clock::Clock;

/// A row as it waits: the effect, and how often it was tried.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    /// The effect; who waits, who runs and who looks on share it.
    pub row: Settled<EffectRow>,
    /// Tries so far that ended in trouble.
    pub tries: u32,
    /// When the first of them was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub troubled_since: Option<Timestamp>,
    /// The last trouble.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trouble: Option<Failure>,
    /// Not before this moment.
    pub due: Timestamp,
    /// The dossier as it was when the row was committed, where this process committed it.
    #[serde(skip)]
    pub dossier: Option<Arc<Dossier>>,
}

impl Waiting {
    /// A row that may run at once.
    pub fn new(row: EffectRow, now: Timestamp) -> Self {
        Self {
            row: row.into(),
            tries: 0,
            troubled_since: None,
            trouble: None,
            due: now,
            dossier: None,
        }
    }
}

/// All lanes.
#[derive(Debug, Default)]
pub struct Lanes {
    state: Mutex<State>,
    /// How many dossiers are [`Lane::busy`], for who asks often.
    in_hand: AtomicUsize,
}

#[derive(Debug, Default)]
struct State {
    lanes: BTreeMap<String, Lane>,
    closed: bool,
}

#[derive(Debug, Default)]
struct Lane {
    /// By due time, then by order of arrival.
    waiting: BTreeMap<(Timestamp, u64), Waiting>,
    running: HashMap<EffectId, Waiting>,
    /// Dossiers that a worker has in hand, each with the party that its row is for.
    busy: HashMap<DossierId, Option<String>>,
    /// Most rows of one party that workers have in hand at once.
    share: Option<usize>,
    next: u64,
    changed: Arc<Condvar>,
    /// Workers that wait for `changed`: to wake nobody costs a call of the system all the same.
    idle: usize,
}

impl State {
    fn take(&mut self, lane: &str, now: Timestamp) -> Taken {
        if self.closed {
            return Taken::Closed;
        }
        self.lanes.get_mut(lane).map_or(Taken::Nothing(None), |lane| lane.take(now))
    }

    /// Counts a worker that begins or ends to wait, and what it waits for.
    fn idle(&mut self, lane: &str, count: impl Fn(usize) -> usize) -> Arc<Condvar> {
        let lane = self.lanes.entry(lane.to_owned()).or_default();
        lane.idle = count(lane.idle);
        Arc::clone(&lane.changed)
    }
}

impl Lane {
    /// The next due row of a dossier that no worker has in hand, and of a party that has not its share
    /// in hand: what concerns one dossier happens in its order, whatever the number of workers.
    fn take(&mut self, now: Timestamp) -> Taken {
        let is_free = |waiting: &Waiting| {
            !self.busy.contains_key(&waiting.row.dossier) && self.has_room(waiting)
        };
        let next = self.waiting.iter().find(|(_, waiting)| is_free(waiting)).map(|(at, _)| *at);
        let Some(place) = next.filter(|place| place.0 <= now) else {
            return Taken::Nothing(next.map(|place| place.0));
        };
        let Some(waiting) = self.waiting.remove(&place) else { return Taken::Nothing(None) };
        self.busy.insert(waiting.row.dossier.clone(), self.party(&waiting).map(str::to_owned));
        self.running.insert(waiting.row.id, waiting.clone());
        Taken::Row(Box::new(waiting))
    }

    /// What wakes a worker, where one waits. It is told once nobody holds the lanes: the worker wants them.
    fn bell(&self) -> Option<Arc<Condvar>> {
        (self.idle > 0).then(|| Arc::clone(&self.changed))
    }

    fn has_room(&self, waiting: &Waiting) -> bool {
        let (Some(share), Some(party)) = (self.share, self.party(waiting)) else { return true };
        let in_hand = self.busy.values().filter(|busy| busy.as_deref() == Some(party));
        in_hand.count() < share
    }

    /// Whom a row is for, where the lane is shared out: the plugin that its effect names.
    fn party<'w>(&self, waiting: &'w Waiting) -> Option<&'w str> {
        self.share?;
        waiting.row.effect.payload.get("plugin")?.as_str()
    }
}

/// What `take` found.
#[derive(Debug)]
pub enum Taken {
    /// A row to run now; it counts as running until [`Lanes::finished`].
    Row(Box<Waiting>),
    /// Nothing is due before this moment, where there is one.
    Nothing(Option<Timestamp>),
    /// The lanes are closed: the daemon stops.
    Closed,
}

impl Lanes {
    /// Puts a committed row into its lane.
    pub fn put(&self, waiting: Waiting) {
        let mut state = self.lock();
        let lane = state.lanes.entry(waiting.row.effect.lane.clone()).or_default();
        lane.next += 1;
        let place = (waiting.due, lane.next);
        lane.waiting.insert(place, waiting);
        let bell = lane.bell();
        drop(state);
        bell.iter().for_each(|bell| bell.notify_one());
    }

    /// From now on workers have at most `most` rows of one plugin in hand at once, so that none takes all
    /// of the lane from the others.
    pub fn share_out(&self, lane: &str, most: usize) {
        self.lock().lanes.entry(lane.to_owned()).or_default().share = Some(most.max(1));
    }

    /// How many dossiers workers have in hand, whose outcomes nobody has yet.
    pub fn in_hand(&self) -> usize {
        self.in_hand.load(Ordering::Acquire)
    }

    /// Takes the next due row of `lane`.
    pub fn take(&self, lane: &str, now: Timestamp) -> Taken {
        self.counted(self.lock().take(lane, now))
    }

    fn counted(&self, taken: Taken) -> Taken {
        if matches!(taken, Taken::Row(_)) {
            self.in_hand.fetch_add(1, Ordering::AcqRel);
        }
        taken
    }

    /// Takes the next due row of `lane`, after waiting for one for at most `longest`.
    pub fn take_or_wait(&self, lane: &str, clock: &dyn Clock, longest: Duration) -> Taken {
        let mut state = self.lock();
        let now = clock.now();
        let due = match state.take(lane, now) {
            Taken::Nothing(due) => due,
            taken => return self.counted(taken),
        };
        let until = |due: Timestamp| due.duration_since(now).unsigned_abs();
        let pause = due.map_or(longest, |due| until(due).min(longest));
        let changed = state.idle(lane, |idle| idle + 1);
        let waited = changed.wait_timeout(state, pause);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner).0;
        state.idle(lane, |idle| idle - 1);
        self.counted(state.take(lane, clock.now()))
    }

    /// The worker has let go of its row: the next one of that dossier may be taken. That worker looks for
    /// its next row now; where the lane is shared out and more than one waits, it may find another party's
    /// before, and a second worker is woken for this one's.
    pub fn released(&self, lane: &str, dossier: &DossierId) {
        let mut state = self.lock();
        let Some(lane) = state.lanes.get_mut(lane) else { return };
        if lane.busy.remove(dossier).is_some() {
            self.in_hand.fetch_sub(1, Ordering::AcqRel);
        }
        let more = lane.share.is_some() && lane.waiting.len() > 1;
        let bell = lane.bell().filter(|_| more);
        drop(state);
        bell.iter().for_each(|bell| bell.notify_one());
    }

    /// The row is no longer running (its end, or its next try, is committed).
    pub fn finished(&self, lane: &str, id: EffectId) {
        if let Some(lane) = self.lock().lanes.get_mut(lane) {
            lane.running.remove(&id);
        }
    }

    /// The row is no longer wanted; one that runs already goes on, and its outcome is stale.
    pub fn withdraw(&self, lane: &str, id: EffectId) {
        if let Some(lane) = self.lock().lanes.get_mut(lane) {
            lane.waiting.retain(|_, waiting| waiting.row.id != id);
        }
    }

    /// Makes every waiting row of the dossier due at once.
    pub fn hurry(&self, dossier: &DossierId, now: Timestamp) {
        let mut state = self.lock();
        for lane in state.lanes.values_mut() {
            let mine = |waiting: &Waiting| waiting.row.dossier == *dossier;
            let places: Vec<_> =
                lane.waiting.iter().filter(|(_, w)| mine(w)).map(|(place, _)| *place).collect();
            for place in places {
                if let Some(mut waiting) = lane.waiting.remove(&place) {
                    waiting.due = now;
                    lane.waiting.insert((now, place.1), waiting);
                }
            }
        }
        state.lanes.values().for_each(|lane| lane.changed.notify_all());
    }

    /// No row is taken from now on.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        state.lanes.values().for_each(|lane| lane.changed.notify_all());
    }

    /// Names of the lanes.
    pub fn names(&self) -> Vec<String> {
        self.lock().lanes.keys().cloned().collect()
    }

    /// Every row that waits or runs, for those who ask what is going on.
    pub fn snapshot(&self) -> Vec<Waiting> {
        let state = self.lock();
        let rows = |lane: &Lane| -> Vec<Waiting> {
            lane.running.values().chain(lane.waiting.values()).cloned().collect()
        };
        state.lanes.values().flat_map(rows).collect()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use sceau_workflow::machine::Effect;

    use super::*;

    fn row(lane: &str, serial: u64, due: i64) -> Waiting {
        let dossier = dossier(serial);
        let effect =
            Effect { lane: lane.into(), kind: "k".into(), payload: serde_json::Value::Null };
        let id = EffectId::derive(&dossier, 0, 1, serial);
        Waiting::new(EffectRow { id, dossier, step: 0, attempt: 1, effect }, at(due))
    }

    fn dossier(serial: u64) -> DossierId {
        DossierId::new(i64::try_from(serial).unwrap(), [0; 10])
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn a_lane_gives_rows_in_order_and_only_when_due() {
        let lanes = Lanes::default();
        lanes.put(row("a", 1, 10));
        lanes.put(row("a", 2, 5));
        assert!(matches!(lanes.take("a", at(4)), Taken::Nothing(Some(due)) if due == at(5)));
        let Taken::Row(first) = lanes.take("a", at(20)) else { panic!("nothing due") };
        assert_eq!(first.due, at(5));
        assert!(matches!(lanes.take("a", at(20)), Taken::Row(_)));
        assert!(matches!(lanes.take("a", at(20)), Taken::Nothing(None)));
        assert_eq!(lanes.snapshot().len(), 2);
        lanes.finished("a", first.row.id);
        assert_eq!(lanes.snapshot().len(), 1);
    }

    #[test]
    fn lanes_are_independent_and_close_together() {
        let lanes = Lanes::default();
        lanes.put(row("a", 1, 99));
        lanes.put(row("b", 2, 1));
        assert!(matches!(lanes.take("a", at(2)), Taken::Nothing(Some(_))));
        assert!(matches!(lanes.take("b", at(2)), Taken::Row(_)));
        lanes.hurry(&dossier(1), at(2));
        assert!(matches!(lanes.take("a", at(2)), Taken::Row(_)));
        lanes.close();
        assert!(matches!(lanes.take("b", at(9)), Taken::Closed));
    }

    fn of_plugin(plugin: &str, serial: u64) -> Waiting {
        let mut waiting = row("plugin", serial, 1);
        waiting.row.replace(|row| row.effect.payload = serde_json::json!({ "plugin": plugin }));
        waiting
    }

    #[test]
    fn no_plugin_has_more_than_its_share_of_a_lane() {
        let lanes = Lanes::default();
        lanes.share_out("plugin", 2);
        (1..=4).for_each(|serial| lanes.put(of_plugin("loop", serial)));
        let taken = || match lanes.take("plugin", at(9)) {
            Taken::Row(row) => Some(row.row.dossier.clone()),
            _ => None,
        };
        assert_eq!([taken(), taken(), taken()], [Some(dossier(1)), Some(dossier(2)), None]);
        lanes.put(of_plugin("honest", 5));
        assert_eq!([taken(), taken()], [Some(dossier(5)), None]);
        lanes.released("plugin", &dossier(5));
        assert_eq!(taken(), None, "the share of another is not the loop's");
        lanes.released("plugin", &dossier(1));
        assert_eq!([taken(), taken()], [Some(dossier(3)), None]);
    }

    /// One waits for a row when it comes; and for one that is let go, where who lets go may find another's first.
    #[test]
    fn a_worker_that_waits_is_woken() {
        struct Ninth;
        impl Clock for Ninth {
            fn now(&self) -> Timestamp {
                at(9)
            }
        }
        let lanes = Arc::new(Lanes::default());
        lanes.share_out("plugin", 1);
        let waiting = || {
            let lanes = Arc::clone(&lanes);
            let take = move || lanes.take_or_wait("plugin", &Ninth, Duration::from_secs(60));
            let worker = std::thread::spawn(take);
            std::thread::sleep(Duration::from_millis(50));
            assert!(!worker.is_finished(), "it waits");
            worker
        };
        let begun = std::time::Instant::now();
        let worker = waiting();
        lanes.put(of_plugin("loop", 1));
        assert!(matches!(worker.join().unwrap(), Taken::Row(row) if row.row.dossier == dossier(1)));
        (2..=3).for_each(|serial| lanes.put(of_plugin("loop", serial)));
        let worker = waiting();
        lanes.released("plugin", &dossier(1));
        assert!(matches!(worker.join().unwrap(), Taken::Row(row) if row.row.dossier == dossier(2)));
        assert!(begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    }

    #[test]
    fn a_dossier_is_in_one_hand_at_a_time() {
        let lanes = Lanes::default();
        let mut second = row("a", 1, 2);
        second.row.replace(|row| row.id = EffectId::derive(&dossier(1), 0, 2, 1));
        lanes.put(row("a", 1, 1));
        lanes.put(second);
        lanes.put(row("a", 3, 3));
        let Taken::Row(first) = lanes.take("a", at(9)) else { panic!("nothing due") };
        let Taken::Row(other) = lanes.take("a", at(9)) else { panic!("nothing due") };
        assert_eq!((&first.row.dossier, &other.row.dossier), (&dossier(1), &dossier(3)));
        assert!(matches!(lanes.take("a", at(9)), Taken::Nothing(None)));
        assert_eq!(lanes.in_hand(), 2);
        lanes.released("a", &dossier(1));
        assert_eq!(lanes.in_hand(), 1);
        assert!(matches!(lanes.take("a", at(9)), Taken::Row(row) if row.row.dossier == dossier(1)));
    }
}
