//! Reading a hostile document for so long and no longer: whoever waits gets his answer or goes, and what
//! reads ends soon after.

use std::io;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Instant;

use sceau_pdf::{Allowance, ByteSource, Limits};

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Overdue {
    /// The time was over.
    #[error("it takes longer than the step may")]
    Late,
    /// The reader panicked.
    #[error("the reader of documents broke on it")]
    Broken,
    /// No thread could be started.
    #[error("{0}")]
    NoThread(String),
}

/// What a reading is given: bytes and bounds that end with its time.
pub(super) struct Until {
    deadline: Option<Instant>,
    limits: Limits,
}

/// Bytes that cannot be read when the time is over.
pub(super) struct UntilSource<'s> {
    source: &'s dyn ByteSource,
    deadline: Option<Instant>,
}

impl Until {
    /// A reading until `deadline`, and what ends it sooner.
    pub(super) fn of(deadline: Option<Instant>) -> (Self, Allowance) {
        let allowance = Allowance::new(u64::MAX);
        let limits = Limits { shared: Some(allowance.clone()), ..Limits::default() };
        (Self { deadline, limits }, allowance)
    }

    /// Bounds that nothing is left of when the time is over.
    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// The bytes of `source` while there is time.
    pub(super) fn source<'s>(&self, source: &'s dyn ByteSource) -> UntilSource<'s> {
        UntilSource { source, deadline: self.deadline }
    }
}

impl ByteSource for UntilSource<'_> {
    fn len(&self) -> u64 {
        self.source.len()
    }

    fn allowance(&self) -> Option<Allowance> {
        self.source.allowance()
    }

    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        if self.deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.source.read_at(offset, buf)
    }
}

/// The answer, if it comes in time. Where it does not, nobody hears of it, and its thread ends at its next
/// read, or at the next bytes that it works through.
pub(super) fn within<T: Send + 'static>(
    deadline: Option<Instant>,
    answer: impl FnOnce(Until) -> T + Send + 'static,
) -> Result<T, Overdue> {
    let (until, allowance) = Until::of(deadline);
    let Some(deadline) = deadline else { return Ok(answer(until)) };
    let (tell, told) = sync_channel(1);
    let asked = move || {
        // Invariant: who asked may have gone.
        let _ = tell.send(answer(until));
    };
    let started = std::thread::Builder::new().name("plugin-document".into()).spawn(asked);
    started.map_err(|error| Overdue::NoThread(error.to_string()))?;
    let answer = in_time(&told, deadline);
    if answer.as_ref().err() == Some(&Overdue::Late) {
        allowance.end();
    }
    answer
}

/// What is told before `deadline`. What the end of the time cut short is told after it, and counts for
/// nothing.
pub(super) fn in_time<T>(told: &Receiver<T>, deadline: Instant) -> Result<T, Overdue> {
    match told.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        Ok(answer) if Instant::now() < deadline => Ok(answer),
        Ok(_) | Err(RecvTimeoutError::Timeout) => Err(Overdue::Late),
        Err(RecvTimeoutError::Disconnected) => Err(Overdue::Broken),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::time::Duration;

    use super::*;

    /// Slow to read, and counts how often it is.
    struct Slow(Arc<AtomicU64>);

    impl ByteSource for Slow {
        fn len(&self) -> u64 {
            1 << 20
        }

        fn read_at(&self, _offset: u64, buf: &mut [u8]) -> io::Result<()> {
            self.0.fetch_add(1, Ordering::Relaxed);
            std::thread::sleep(Duration::from_millis(10));
            buf.fill(b' ');
            Ok(())
        }
    }

    #[test]
    fn what_reads_ends_when_nobody_waits_any_more() {
        let (reads, ended) = (Arc::new(AtomicU64::new(0)), Arc::new(AtomicU64::new(0)));
        let (slow, end) = (Slow(Arc::clone(&reads)), Arc::clone(&ended));
        let deadline = Instant::now() + Duration::from_secs(1);
        let read = move |until: Until| {
            let source = until.source(&slow);
            while source.read_at(0, &mut [0; 8]).is_ok() {}
            end.store(1, Ordering::Relaxed);
        };
        assert_eq!(within(Some(deadline), read), Err(Overdue::Late));
        assert!(reads.load(Ordering::Relaxed) > 0);
        for _ in 0..500 {
            if ended.load(Ordering::Relaxed) == 1 {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it reads on");
    }

    #[test]
    fn what_is_told_too_late_counts_for_nothing() {
        let (tell, told) = sync_channel(1);
        tell.send(1).unwrap();
        assert_eq!(in_time(&told, Instant::now() + Duration::from_secs(60)), Ok(1));
        tell.send(2).unwrap();
        assert_eq!(in_time(&told, Instant::now()), Err(Overdue::Late));
        assert_eq!(in_time(&told, Instant::now()), Err(Overdue::Late));
        drop(tell);
        assert_eq!(in_time(&told, Instant::now() + Duration::from_secs(60)), Err(Overdue::Broken));
    }

    #[test]
    fn what_works_without_reading_ends_too() {
        let ended = Arc::new(AtomicU64::new(0));
        let end = Arc::clone(&ended);
        let deadline = Instant::now() + Duration::from_millis(50);
        let work = move |until: Until| {
            let allowance = until.limits().shared.clone().unwrap();
            while allowance.left() > 0 {
                std::thread::sleep(Duration::from_millis(5));
            }
            end.store(1, Ordering::Relaxed);
        };
        assert_eq!(within(Some(deadline), work), Err(Overdue::Late));
        for _ in 0..500 {
            if ended.load(Ordering::Relaxed) == 1 {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        panic!("it works on");
    }
}
