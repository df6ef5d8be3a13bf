//! How long a run went on after its limit, on a machine where others run too.

use std::time::{Duration, Instant};

/// Looks at one thread at the moment when its limit is over.
pub(crate) struct Watch {
    begun: Instant,
    limit: Duration,
    schedstat: String,
    looking: std::thread::JoinHandle<Option<Look>>,
}

struct Look {
    cpu: Duration,
    late: Duration,
}

/// What was seen of a run that outlived its limit.
#[derive(Debug)]
pub(crate) struct Over {
    /// By the clock on the wall, times when others ran included.
    pub(crate) wall: Duration,
    /// Processor time after the limit, at most: what the thread used since the look, and the whole time
    /// from the limit to the look.
    pub(crate) cpu: Duration,
    /// How late the look was; where it was very late, `cpu` says little.
    pub(crate) late: Duration,
}

impl Watch {
    /// Watches the calling thread, whose limit begins now.
    pub(crate) fn this_thread(limit: Duration) -> Self {
        let thread = std::fs::read_link("/proc/thread-self").expect("Linux");
        let schedstat = format!("/proc/{}/schedstat", thread.display());
        let (begun, file) = (Instant::now(), schedstat.clone());
        let looking = std::thread::spawn(move || {
            std::thread::sleep((begun + limit).saturating_duration_since(Instant::now()));
            let cpu = cpu(&file)?;
            Some(Look { cpu, late: begun.elapsed() - limit })
        });
        Self { begun, limit, schedstat, looking }
    }

    /// The run is over: none when it ended within its limit.
    pub(crate) fn over(self) -> Option<Over> {
        let wall = self.begun.elapsed().checked_sub(self.limit)?;
        // The scheduler brings its accounts up to date when a thread yields.
        std::thread::yield_now();
        let used = cpu(&self.schedstat).expect("this thread's account");
        let look = self.looking.join().expect("the watch").expect("the thread's account");
        let cpu = used.saturating_sub(look.cpu) + look.late;
        Some(Over { wall, cpu, late: look.late })
    }
}

fn cpu(schedstat: &str) -> Option<Duration> {
    let text = std::fs::read_to_string(schedstat).ok()?;
    text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
}
