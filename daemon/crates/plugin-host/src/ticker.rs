//! What ends a guest that runs too long: a thread that advances the epoch while one runs, and
//! sleeps otherwise.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use wasmtime::EngineWeak;

use crate::limits::TICK;

/// How many guests run; 0 lets the thread sleep.
#[derive(Debug, Default)]
struct Running {
    count: Mutex<Option<usize>>,
    changed: Condvar,
}

/// The thread; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Ticker(Arc<Running>);

/// A guest runs for as long as this lives.
pub(crate) struct Guard(Arc<Running>);

impl Ticker {
    pub(crate) fn start(engines: Vec<EngineWeak>) -> std::io::Result<Self> {
        let running = Arc::new(Running { count: Mutex::new(Some(0)), changed: Condvar::new() });
        let inner = Arc::clone(&running);
        std::thread::Builder::new()
            .name("plugin-ticker".to_owned())
            .spawn(move || tick(&inner, &engines))?;
        Ok(Self(running))
    }

    pub(crate) fn guard(&self) -> Guard {
        self.0.add(|count| count + 1);
        Guard(Arc::clone(&self.0))
    }
}

impl Running {
    fn add(&self, change: impl Fn(usize) -> usize) {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let slept = *count == Some(0);
        *count = count.map(change);
        if slept {
            self.changed.notify_all();
        }
    }

    /// Waits until a guest runs; false when the host is gone.
    fn wait(&self) -> bool {
        let mut count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        while *count == Some(0) {
            count = self.changed.wait(count).unwrap_or_else(PoisonError::into_inner);
        }
        count.is_some()
    }
}

fn tick(running: &Running, engines: &[EngineWeak]) {
    while running.wait() {
        std::thread::sleep(TICK);
        for engine in engines {
            let Some(engine) = engine.upgrade() else { return };
            engine.increment_epoch();
        }
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.add(|count| count.saturating_sub(1));
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        let mut count = self.0.count.lock().unwrap_or_else(PoisonError::into_inner);
        *count = None;
        self.0.changed.notify_all();
    }
}
