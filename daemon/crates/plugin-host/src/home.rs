//! Where instances live: an engine with the host linked to it, and the memory that instances are given.
//!
//! Two are made of the same settings, so that the same native code runs in both:
//! - the **pool** keeps memory and tables mapped from one instance to the next. What an instance left in them
//!   is put back to what the module begins with before another gets them (where the kernel tells which pages were
//!   written, Linux 6.7, those are written over and stay; elsewhere they are given back);
//! - **apart**, each instance maps memory of its own, and gives it back.
//!
//! The rule: a component lives in the pool where it fits into one seat of it ([`SEAT`]), and apart where it does
//! not; where the system does not give the pool its address space (a bound on it, no overcommitment), all live apart.
//!
//! Invariant: who runs in the pool holds one of its [`Seats`], and has room for whatever fits into a seat: a pool is
//! never found full.

use std::sync::{Arc, Condvar, Mutex, PoisonError};

use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Enabled, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

use crate::bindings::EveryKind;
use crate::host::Ctx;
use crate::limits::{Limits, MOST_ELEMENTS};
use crate::machine::Settings;

/// What one component may have at once to live in the pool.
struct Seat {
    instances: u32,
    memories: u32,
    tables: u32,
}

/// What the SDK and the builders of other languages make has one memory, and a table or two.
const SEAT: Seat = Seat { instances: 64, memories: 2, tables: 8 };
/// Bytes of each memory that stay resident when nobody runs; what was written beyond them is given back.
const KEPT_MEMORY: usize = 1 << 20;
/// The same of each table.
const KEPT_TABLE: usize = 64 << 10;
/// Memories that are kept as one component left them while another takes one that was never used.
const WARM: u32 = 16;

/// An engine, with the host linked.
pub(crate) struct Home {
    pub(crate) engine: Engine,
    pub(crate) linker: Linker<Ctx>,
    /// Of the pool.
    pub(crate) seats: Option<Arc<Seats>>,
}

impl Home {
    /// Where each instance has memory of its own.
    pub(crate) fn apart(settings: Settings) -> wasmtime::Result<Self> {
        Self::linked(settings.engine()?, None)
    }

    /// Where memory is kept ready.
    ///
    /// # Errors
    /// The system does not give its address space.
    pub(crate) fn pooled(settings: Settings) -> wasmtime::Result<Self> {
        let seats = seats();
        let mut keeping = pool(seats);
        keeping.pagemap_scan(Enabled::Yes);
        keeping.linear_memory_keep_resident(KEPT_MEMORY).table_keep_resident(KEPT_TABLE);
        let of = |pool| {
            let mut config = settings.config()?;
            config.allocation_strategy(InstanceAllocationStrategy::Pooling(pool));
            Engine::new(&config)
        };
        let engine = of(keeping).or_else(|_| of(pool(seats)))?;
        Self::linked(engine, Some(Arc::new(Seats::of(seats))))
    }

    fn linked(engine: Engine, seats: Option<Arc<Seats>>) -> wasmtime::Result<Self> {
        let mut linker = Linker::new(&engine);
        EveryKind::add_to_linker::<_, HasSelf<_>>(&mut linker, |ctx| ctx)?;
        Ok(Self { engine, linker, seats })
    }
}

/// Two a processor, as the engine has workers for plugins, and a few for self-tests beside them.
fn seats() -> u32 {
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    2 * u32::try_from(cores).unwrap_or(2) + 4
}

fn pool(seats: u32) -> PoolingAllocationConfig {
    let most = usize::try_from(*Limits::MEMORY.end()).unwrap_or(usize::MAX);
    let mut pool = PoolingAllocationConfig::new();
    pool.max_core_instances_per_component(SEAT.instances)
        .max_memories_per_component(SEAT.memories)
        .max_tables_per_component(SEAT.tables)
        .total_component_instances(seats)
        .total_core_instances(seats * SEAT.instances)
        .total_memories(seats * SEAT.memories)
        .total_tables(seats * SEAT.tables)
        .max_memories_per_module(SEAT.memories)
        .max_tables_per_module(SEAT.tables)
        .max_memory_size(most)
        .table_elements(MOST_ELEMENTS)
        .max_unused_warm_slots(WARM);
    pool
}

/// How many runs the pool has room for now.
#[derive(Debug)]
pub(crate) struct Seats {
    free: Mutex<u32>,
    left: Condvar,
}

/// Held while one runs.
pub(crate) struct Taken(Arc<Seats>);

impl Seats {
    fn of(count: u32) -> Self {
        Self { free: Mutex::new(count), left: Condvar::new() }
    }

    /// Waits for a seat: each is given back at the end of a run, which has a limit of its own.
    pub(crate) fn take(self: &Arc<Self>) -> Taken {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let free = self.left.wait_while(free, |free| *free == 0);
        *free.unwrap_or_else(PoisonError::into_inner) -= 1;
        Taken(Arc::clone(self))
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.left.notify_one();
    }
}
