//! `sceau:events`: facts that are kept when the step succeeds.

use super::Ctx;
use crate::bindings::sceau::events::events::{EventError, Host};
use crate::limits::{MOST_EVENT, MOST_EVENTS};
use crate::manifest::is_id;

impl Host for Ctx {
    fn emit(&mut self, name: String, data: String) -> wasmtime::Result<Result<(), EventError>> {
        let shown = super::log::clean(&name);
        self.call(
            "events.emit",
            || shown,
            |ctx| {
                if !ctx.rights.events() {
                    ctx.refuse("events");
                    return Err(EventError::Denied);
                }
                if !is_id(&name) {
                    return Err(EventError::Invalid("the name".to_owned()));
                }
                if data.len() > MOST_EVENT {
                    return Err(EventError::TooLarge(MOST_EVENT as u64));
                }
                if ctx.events.len() >= MOST_EVENTS {
                    return Err(EventError::TooMany);
                }
                let read: Result<serde_json::Value, _> = serde_json::from_str(&data);
                read.map_err(|error| EventError::Invalid(error.to_string()))?;
                ctx.events.push((name, data));
                Ok(())
            },
        )
    }
}
