//! What the proofs of the engine share: a clock that stands until told, dice with known faces, and
//! a writer without a thread.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use sceau_engine::clock::{Clock, Entropy};
use sceau_engine::core::{Answer, Core, CoreParts, NotDone, Request};
use sceau_engine::handle::{Envelope, Handle, Inbox, View};

/// The moment at which every proof begins (milliseconds): 2026-11-23T12:00:00Z.
pub(crate) const BEGIN_MS: i64 = 1_795_435_200_000;

/// A clock that stands still until told.
#[derive(Clone, Debug)]
pub(crate) struct VirtualClock(Arc<AtomicI64>);

impl Default for VirtualClock {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(BEGIN_MS)))
    }
}

impl VirtualClock {
    pub(crate) fn now_ms(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }

    pub(crate) fn set_ms(&self, ms: i64) {
        self.0.store(ms, Ordering::Relaxed);
    }

    pub(crate) fn pass_ms(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for VirtualClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millisecond(self.now_ms()).unwrap()
    }
}

/// Never the same twice, and the same in every run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dice(Arc<AtomicU64>);

impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let n = self.0.fetch_add(1, Ordering::Relaxed) + 1;
            let mut z = n.wrapping_mul(0x9E37_79B9_7F4A_7C15);
            z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            chunk.copy_from_slice(&(z ^ (z >> 31)).to_be_bytes()[..chunk.len()]);
        }
    }
}

/// The writer without its thread: each request is decided, committed and answered where it is put.
pub(crate) struct Wheel {
    core: Mutex<Core>,
    view: Arc<View>,
    clock: VirtualClock,
}

impl Wheel {
    /// Takes up the state; the handle that others hold of it.
    pub(crate) fn start(parts: CoreParts, clock: &VirtualClock) -> (Arc<Self>, Handle) {
        let (store, lanes) = (Arc::clone(&parts.store), Arc::clone(&parts.lanes));
        let core = Core::load(parts).unwrap();
        let view = Arc::new(View::new(core.authority()));
        let wheel = Self { core: Mutex::new(core), view: Arc::clone(&view), clock: clock.clone() };
        let wheel = Arc::new(wheel);
        let inbox: Arc<dyn Inbox> = wheel.clone();
        (wheel, Handle::new(inbox, view, store, lanes))
    }

    /// Lets every timer ring that is due; tells whether there was one.
    pub(crate) fn ring(&self) -> bool {
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        let due = core.due().unwrap();
        let some = !due.is_empty();
        if some {
            core.process(due).unwrap();
        }
        some
    }

    /// The timers that are due, which have not rung yet.
    pub(crate) fn due(&self) -> Vec<Request> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner).due().unwrap()
    }

    pub(crate) fn next_timer(&self) -> Option<i64> {
        self.core.lock().unwrap_or_else(PoisonError::into_inner).next_timer().unwrap()
    }

    /// Decides and commits one request.
    pub(crate) fn ask(&self, request: Request) -> Result<Answer, NotDone> {
        self.process(vec![request]).remove(0)
    }

    /// Decides requests together and commits them in one go.
    pub(crate) fn process(&self, batch: Vec<Request>) -> Vec<Result<Answer, NotDone>> {
        let mut core = self.core.lock().unwrap_or_else(PoisonError::into_inner);
        let answers = core.process(batch).unwrap();
        self.view.show(core.authority(), self.clock.now_ms());
        answers
    }
}

impl Inbox for Wheel {
    fn put(&self, envelope: Envelope) -> Result<(), Envelope> {
        let (request, reply) = envelope.open();
        reply(self.ask(request));
        Ok(())
    }
}
