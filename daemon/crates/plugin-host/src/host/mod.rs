//! What the contract offers, one file a package. Every host function is counted, and does nothing
//! that the plugin has no right to; only the dropping of a handle is not counted: it gives back.

mod clock;
mod context;
pub(crate) mod documents;
mod events;
mod filing;
mod headers;
mod http;
mod log;
mod memory;
pub(crate) mod output;
mod places;
mod random;
mod state;
pub(crate) mod trace;
pub(crate) mod url;

use std::time::Instant;

use wasmtime::component::ResourceTable;

use crate::bindings::sceau::types::types;
use crate::error::{Panic, Stop};
use crate::grant::Effective;
use crate::limits::MOST_CALLS;
use crate::run::World;

pub use log::LogLine;
pub(crate) use log::clean;
pub(crate) use memory::{Memory, Refused};

/// All that one run has.
pub(crate) struct Ctx {
    pub(crate) table: ResourceTable,
    pub(crate) world: World,
    pub(crate) rights: Effective,
    pub(crate) memory: Memory,
    pub(crate) deadline: Instant,
    pub(crate) spent: trace::Spent,
    pub(crate) fuel_left: Option<u64>,
    pub(crate) log: log::Log,
    pub(crate) panic: Option<Panic>,
    pub(crate) events: Vec<(String, String)>,
    pub(crate) output: output::Output,
    /// Documents that are open.
    pub(crate) open: usize,
    /// Changes of its memory so far.
    pub(crate) writes: u32,
    pub(crate) requests: u32,
    pub(crate) filed: u32,
}

impl Ctx {
    pub(crate) fn new(world: World, rights: Effective, memory: Memory, deadline: Instant) -> Self {
        Self {
            table: ResourceTable::new(),
            world,
            rights,
            memory,
            deadline,
            spent: trace::Spent::default(),
            fuel_left: None,
            log: log::Log::default(),
            panic: None,
            events: Vec::new(),
            output: output::Output::default(),
            open: 0,
            writes: 0,
            requests: 0,
            filed: 0,
        }
    }

    /// One host call: counted, held to the run's bounds, and traced where that is wanted.
    fn call<T>(
        &mut self,
        name: &'static str,
        detail: impl FnOnce() -> String,
        act: impl FnOnce(&mut Self) -> T,
    ) -> wasmtime::Result<T> {
        if self.spent.calls >= MOST_CALLS {
            return Err(Stop::Calls.into());
        }
        if Instant::now() >= self.deadline {
            return Err(Stop::Time.into());
        }
        self.spent.calls += 1;
        let detail = self.world.explain.then(|| clean(&detail()));
        let begun = Instant::now();
        let answer = act(self);
        if let Some(detail) = detail {
            let (time, fuel_left) = (begun.elapsed(), self.fuel_left);
            self.spent.trace.push(trace::HostCall { name, detail, time, fuel_left });
        }
        Ok(answer)
    }

    /// Counts a call that was refused for want of a right.
    fn refuse(&mut self, what: &str) {
        *self.spent.denied.entry(what.to_owned()).or_default() += 1;
    }
}

impl types::Host for Ctx {}
