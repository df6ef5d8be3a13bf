//! Threads that read documents for plugins, and wait for disks on their behalf. One that is done waits for the
//! next errand: making a thread for each would cost more than most answers.

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SendError, Sender, channel, sync_channel};
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Instant;

use super::within::{Overdue, in_time};

/// Those of this process.
static CREW: LazyLock<Arc<Crew>> = LazyLock::new(Arc::default);

/// What a thread is asked to do.
pub(super) type Work = Box<dyn FnOnce() + Send>;

/// Most threads that wait for work; one that comes beyond them ends.
const MOST_WAITING: usize = 8;

/// Has the work done by one of this process's threads.
pub(super) fn send(work: Work) -> Result<(), Overdue> {
    CREW.send(work).map_err(|error| Overdue::NoThread(error.to_string()))
}

/// What the work answers, if it does so in time: a disk or a share may hold it for ever. Where nobody waits any
/// more it goes on, and its answer counts for nothing.
pub(super) fn answered<T: Send + 'static>(
    deadline: Instant,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Overdue> {
    let (tell, told) = sync_channel(1);
    // Invariant: who asked may have gone.
    let answer = move || drop(tell.send(work()));
    send(Box::new(answer))?;
    in_time(&told, deadline)
}

/// The threads that have nothing to do now. Those that have know where to come back to.
#[derive(Debug, Default)]
pub(super) struct Crew(Mutex<Vec<Sender<Errand>>>);

/// Work, and the way by which the next is sent: who waits does not hold it himself, so that he ends with
/// his crew.
struct Errand {
    work: Work,
    way: Sender<Errand>,
}

impl Crew {
    /// Has the work done by a thread that waits, or by a new one.
    ///
    /// # Errors
    /// No thread could be started.
    pub(super) fn send(self: &Arc<Self>, mut work: Work) -> io::Result<()> {
        while let Some(way) = self.take() {
            match way.clone().send(Errand { work, way }) {
                Ok(()) => return Ok(()),
                Err(SendError(errand)) => work = errand.work,
            }
        }
        let ((way, sent), crew) = (channel(), Arc::downgrade(self));
        let labour = move || labour(&crew, &sent, Errand { work, way });
        std::thread::Builder::new().name("plugin-document".into()).spawn(labour).map(drop)
    }

    fn take(&self) -> Option<Sender<Errand>> {
        self.lock().pop()
    }

    /// Whether there is room for one more that waits.
    fn rest(&self, way: Sender<Errand>) -> bool {
        let mut waiting = self.lock();
        let room = waiting.len() < MOST_WAITING;
        if room {
            waiting.push(way);
        }
        room
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Sender<Errand>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn labour(crew: &Weak<Crew>, sent: &Receiver<Errand>, first: Errand) {
    let mut errand = first;
    loop {
        // A reader that breaks on a document leaves its questions unanswered, and harms no other.
        let _ = catch_unwind(AssertUnwindSafe(errand.work));
        if !crew.upgrade().is_some_and(|crew| crew.rest(errand.way)) {
            return;
        }
        let Ok(next) = sent.recv() else { return };
        errand = next;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::thread::ThreadId;
    use std::time::Duration;

    use super::*;

    /// Sends work that tells who does it, and waits until that thread is back.
    fn done_by(crew: &Arc<Crew>) -> ThreadId {
        let (tell, told) = channel();
        crew.send(Box::new(move || tell.send(std::thread::current().id()).unwrap())).unwrap();
        let worker = told.recv_timeout(Duration::from_secs(60)).unwrap();
        until(|| !crew.lock().is_empty());
        worker
    }

    fn until(mut holds: impl FnMut() -> bool) {
        let tries = (0..6_000).take_while(|_| {
            std::thread::sleep(Duration::from_millis(10));
            !holds()
        });
        assert!(tries.count() < 6_000, "it never comes to hold");
    }

    #[test]
    fn a_thread_that_is_done_does_what_comes_next_even_after_a_panic() {
        let crew = Arc::new(Crew::default());
        let first = done_by(&crew);
        crew.send(Box::new(|| panic!("a fault of the reader"))).unwrap();
        until(|| crew.lock().len() == 1);
        assert_eq!(done_by(&crew), first);
    }

    #[test]
    fn who_is_busy_is_not_waited_for_and_few_wait() {
        let crew = Arc::new(Crew::default());
        let (hold, held) = channel::<()>();
        let held = Arc::new(Mutex::new(held));
        let (tell, told) = channel();
        for _ in 0..MOST_WAITING + 3 {
            let (held, tell) = (Arc::clone(&held), tell.clone());
            let work = move || {
                tell.send(std::thread::current().id()).unwrap();
                let _ = held.lock().unwrap().recv();
            };
            crew.send(Box::new(work)).unwrap();
        }
        let all: std::collections::HashSet<ThreadId> = (0..MOST_WAITING + 3)
            .map(|_| told.recv_timeout(Duration::from_secs(60)).unwrap())
            .collect();
        assert_eq!(all.len(), MOST_WAITING + 3, "each has a thread of its own");
        drop(hold);
        until(|| crew.lock().len() == MOST_WAITING);
    }

    #[test]
    fn who_waits_ends_with_the_crew() {
        let crew = Arc::new(Crew::default());
        done_by(&crew);
        let way = crew.lock()[0].clone();
        drop(crew);
        until(|| way.send(Errand { work: Box::new(|| ()), way: channel().0 }).is_err());
    }
}
