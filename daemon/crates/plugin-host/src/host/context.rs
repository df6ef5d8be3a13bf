//! `sceau:context`.

use super::Ctx;
use crate::bindings::sceau::context::context::Host;

impl Host for Ctx {
    fn get(&mut self, key: String) -> wasmtime::Result<Option<String>> {
        self.call("context.get", || key.clone(), |ctx| ctx.world.context.get(&key).cloned())
    }
}
