//! `sceau:clock`.

use super::Ctx;
use crate::bindings::sceau::clock::clock::Host;

impl Host for Ctx {
    fn now_ms(&mut self) -> wasmtime::Result<u64> {
        self.call("clock.now-ms", String::new, |ctx| ctx.world.clock.now_ms())
    }

    fn monotonic_ns(&mut self) -> wasmtime::Result<u64> {
        self.call("clock.monotonic-ns", String::new, |ctx| {
            u64::try_from(ctx.world.clock.monotonic().as_nanos()).unwrap_or(u64::MAX)
        })
    }
}
