//! `sceau:random`.

use super::Ctx;
use crate::bindings::sceau::random::random::Host;
use crate::limits::MOST_RANDOM;

impl Host for Ctx {
    fn bytes(&mut self, count: u32) -> wasmtime::Result<Vec<u8>> {
        self.call(
            "random.bytes",
            || count.to_string(),
            |ctx| {
                let mut bytes = vec![0; count.min(MOST_RANDOM) as usize];
                ctx.world.random.fill(&mut bytes);
                bytes
            },
        )
    }
}
