//! The thread that owns the [`Core`]: it drains what was asked, commits it in one go, answers.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use jiff::Timestamp;

use crate::core::{Core, CoreParts, LoadError, NotDone, Request};
use crate::handle::{Envelope, Handle, Reply, View};
use crate::letters::Letters;

/// The loop turns at least this often; the watchdog's pulse depends on it.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// How long a request waits, at most, for others with which it shares a commit: a commit costs about as much for
/// one request as for many. While workers have other dossiers in hand, whose outcomes come soon, the first waits a
/// little for them; a dossier that is alone never does.
const LONGEST_WAIT_FOR_COMPANY: Duration = Duration::from_millis(2);

/// The running writer.
pub struct Writer {
    handle: Handle,
    thread: JoinHandle<()>,
    letters: Arc<Letters>,
}

impl Writer {
    /// Takes up the state and starts the loop.
    pub fn start(parts: CoreParts) -> Result<Self, LoadError> {
        let (store, lanes) = (Arc::clone(&parts.store), Arc::clone(&parts.lanes));
        let clock = Arc::clone(&parts.clock);
        let core = Core::load(parts)?;
        let view = Arc::new(View::new(core.authority()));
        let letters = Arc::new(Letters::new(Arc::clone(&lanes)));
        let inbox = Arc::clone(&letters);
        let handle = Handle::new(inbox, Arc::clone(&view), store, Arc::clone(&lanes));
        let turn = Loop { core, letters: Arc::clone(&letters), view, clock };
        let work = move || {
            turn.run();
            lanes.close();
        };
        // Invariant: as `std::thread::spawn`, which panics where the system gives no thread.
        let thread =
            std::thread::Builder::new().name("writer".into()).spawn(work).expect("a thread");
        Ok(Self { handle, thread, letters })
    }

    /// The engine, for others to hold.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Takes what was asked so far to its end and stops. Whatever is committed goes on at the next
    /// start.
    pub fn stop(self) {
        self.letters.stop();
        if self.thread.join().is_err() {
            tracing::error!("the writer ended by a panic");
        }
    }
}

struct Loop {
    core: Core,
    letters: Arc<Letters>,
    view: Arc<View>,
    clock: Arc<dyn crate::clock::Clock>,
}

impl Drop for Loop {
    fn drop(&mut self) {
        self.letters.close();
    }
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("handle", &self.handle).finish_non_exhaustive()
    }
}

impl Loop {
    fn run(mut self) {
        loop {
            // Said before it looks: what waits then is still taken to its end.
            let stopping = self.letters.is_stopping();
            let batch = self.letters.take(self.pause(), LONGEST_WAIT_FOR_COMPANY);
            let empty = batch.is_empty();
            if let Err(error) = self.turn(batch) {
                tracing::error!(%error, "the state cannot be written; the engine stops");
                self.view.stopped(error.to_string());
                return;
            }
            if stopping && empty {
                return;
            }
        }
    }

    /// Until the next timer rings, at most [`LONGEST_WAIT`].
    fn pause(&self) -> Duration {
        let Ok(Some(due_ms)) = self.core.next_timer() else { return LONGEST_WAIT };
        let now_ms = self.clock.now().as_millisecond();
        let until = u64::try_from(due_ms.saturating_sub(now_ms)).unwrap_or(0);
        Duration::from_millis(until).min(LONGEST_WAIT)
    }

    fn turn(&mut self, batch: Vec<Envelope>) -> Result<(), sceau_store::StoreError> {
        let rings = self.core.due()?;
        let (mut requests, replies): (Vec<Request>, Vec<Reply>) =
            batch.into_iter().map(|envelope| (envelope.request, envelope.reply)).unzip();
        requests.extend(rings);
        let answers =
            if requests.is_empty() { Ok(Vec::new()) } else { self.core.process(requests) };
        self.view.show(self.core.authority(), self.now().as_millisecond());
        match answers {
            Ok(answers) => {
                replies.into_iter().zip(answers).for_each(|(reply, answer)| reply(answer));
                Ok(())
            }
            Err(error) => {
                let shared = Arc::new(error);
                let failed = || Err(NotDone::Store(Arc::clone(&shared)));
                replies.into_iter().for_each(|reply| reply(failed()));
                Err(Arc::into_inner(shared).unwrap_or(sceau_store::StoreError::Poisoned))
            }
        }
    }

    fn now(&self) -> Timestamp {
        self.clock.now()
    }
}
