//! `sceau:state`: a small memory with versions. The quota counts the bytes of keys and values, and how many
//! there are is bounded besides: each is looked at before one is written.

use super::Ctx;
use crate::bindings::sceau::state::state::{Entry, Expectation, Host, StateError};
use crate::limits::MOST_HELD;
use crate::ports::{self, Expected};

/// Longest key, in bytes.
const LONGEST_KEY: usize = 200;
/// Most keys of one answer.
const MOST_KEYS: usize = 1_000;

type Answer<T> = wasmtime::Result<Result<T, StateError>>;

impl Host for Ctx {
    fn get(&mut self, key: String) -> Answer<Option<Entry>> {
        self.call(
            "state.get",
            || super::log::clean(&key),
            |ctx| {
                ctx.may_remember(&key)?;
                let found = ctx.world.state.get(&key)?;
                Ok(found.map(|(value, version)| Entry { value, version }))
            },
        )
    }

    fn set(&mut self, key: String, value: Vec<u8>, expected: Expectation) -> Answer<u64> {
        let detail = || format!("{} ({} bytes)", super::log::clean(&key), value.len());
        self.call("state.set", detail, |ctx| {
            let quota = ctx.may_remember(&key)?;
            let sizes = ctx.world.state.sizes()?;
            let others = sizes.iter().filter(|(name, _)| *name != key);
            let others: Vec<u64> = others.map(|(_, size)| *size).collect();
            let all = others.iter().sum::<u64>().saturating_add((key.len() + value.len()) as u64);
            if others.len() >= MOST_HELD || all > quota {
                return Err(StateError::Quota(quota));
            }
            Ok(ctx.world.state.put(&key, Some(&value), told(expected))?)
        })
    }

    fn delete(&mut self, key: String, expected: Expectation) -> Answer<()> {
        self.call(
            "state.delete",
            || super::log::clean(&key),
            |ctx| {
                ctx.may_remember(&key)?;
                ctx.world.state.put(&key, None, told(expected))?;
                Ok(())
            },
        )
    }

    fn keys(&mut self, prefix: String, after: Option<String>) -> Answer<Vec<String>> {
        self.call(
            "state.keys",
            || super::log::clean(&prefix),
            |ctx| {
                ctx.may_remember("-")?;
                let names = ctx.world.state.sizes()?.into_iter().map(|(name, _)| name);
                let wanted = |name: &String| {
                    name.starts_with(&prefix) && after.as_ref().is_none_or(|after| name > after)
                };
                Ok(names.filter(wanted).take(MOST_KEYS).collect())
            },
        )
    }
}

impl Ctx {
    /// The quota, where this key may be used.
    fn may_remember(&mut self, key: &str) -> Result<u64, StateError> {
        let Some(quota) = self.rights.state() else {
            self.refuse("state");
            return Err(StateError::Denied);
        };
        if key.is_empty() || key.len() > LONGEST_KEY {
            return Err(StateError::InvalidKey);
        }
        Ok(quota)
    }
}

fn told(expected: Expectation) -> Expected {
    match expected {
        Expectation::Anything => Expected::Anything,
        Expectation::Absent => Expected::Absent,
        Expectation::Version(version) => Expected::Version(version),
    }
}

impl From<ports::StateError> for StateError {
    fn from(error: ports::StateError) -> Self {
        match error {
            ports::StateError::Conflict(version) => Self::Conflict(version),
            ports::StateError::Other(text) => Self::Other(text),
        }
    }
}
