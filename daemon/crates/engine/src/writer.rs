//! The thread that owns the [`Core`]: it drains what was asked, commits it in one go, answers.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::core::{Core, CoreParts, LoadError, NotDone, Request};
use crate::handle::{Envelope, Handle, Reply, View};
use crate::queue::Lanes;

/// Most requests that are committed together.
const MOST_IN_A_BATCH: usize = 256;
/// The loop turns at least this often; the watchdog's pulse depends on it.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// How long a request waits, at most, for others with which it shares a commit.
const LONGEST_WAIT_FOR_COMPANY: Duration = Duration::from_millis(2);

/// The running writer.
#[derive(Debug)]
pub struct Writer {
    handle: Handle,
    thread: JoinHandle<()>,
    stop: Sender<()>,
}

impl Writer {
    /// Takes up the state and starts the loop.
    pub fn start(parts: CoreParts) -> Result<Self, LoadError> {
        let (store, lanes) = (Arc::clone(&parts.store), Arc::clone(&parts.lanes));
        let clock = Arc::clone(&parts.clock);
        let core = Core::load(parts)?;
        let view = Arc::new(View::new(core.authority()));
        let (requests, inbox) = channel();
        let (stop, stopped) = channel();
        let handle = Handle::new(Arc::new(requests), Arc::clone(&view), store, Arc::clone(&lanes));
        let work = move || {
            let turn = Loop { core, inbox, stopped, view, clock, lanes: Arc::clone(&lanes) };
            turn.run();
            lanes.close();
        };
        // Invariant: as `std::thread::spawn`, which panics where the system gives no thread.
        let thread =
            std::thread::Builder::new().name("writer".into()).spawn(work).expect("a thread");
        Ok(Self { handle, thread, stop })
    }

    /// The engine, for others to hold.
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Takes what was asked so far to its end and stops. Whatever is committed goes on at the next
    /// start.
    pub fn stop(self) {
        let _ = self.stop.send(());
        drop(self.handle);
        if self.thread.join().is_err() {
            tracing::error!("the writer ended by a panic");
        }
    }
}

struct Loop {
    core: Core,
    inbox: Receiver<Envelope>,
    stopped: Receiver<()>,
    view: Arc<View>,
    clock: Arc<dyn crate::clock::Clock>,
    lanes: Arc<Lanes>,
}

impl Loop {
    fn run(mut self) {
        // Said once, it holds: what waits then is still taken to its end.
        let mut stopping = false;
        loop {
            stopping |= self.stopped.try_recv().is_ok();
            let batch = self.gather(stopping);
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

    fn gather(&self, stopping: bool) -> Vec<Envelope> {
        let pause = if stopping { Duration::ZERO } else { self.pause() };
        let mut batch = match self.inbox.recv_timeout(pause) {
            Ok(first) => vec![first],
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => Vec::new(),
        };
        batch.extend(self.inbox.try_iter().take(MOST_IN_A_BATCH - 1));
        if !stopping {
            self.wait_for_company(&mut batch);
        }
        batch
    }

    /// A commit costs about as much for one request as for many. While workers have other dossiers in
    /// hand, whose outcomes come soon, the first waits a little for them; a dossier that is alone never
    /// does.
    fn wait_for_company(&self, batch: &mut Vec<Envelope>) {
        let until = Instant::now() + LONGEST_WAIT_FOR_COMPANY;
        while !batch.is_empty() && batch.len() < MOST_IN_A_BATCH && self.lanes.in_hand() > 0 {
            let left = until.saturating_duration_since(Instant::now());
            let Ok(next) = self.inbox.recv_timeout(left) else { return };
            batch.push(next);
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
