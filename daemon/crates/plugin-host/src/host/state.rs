//! `sceau:state`: a small memory with versions. The quota counts the bytes of keys and values, and how many
//! there are is bounded besides: whoever holds the memory looks at both where it writes
//! ([`ports::has_room`]). How often a run may write is bounded here.

use super::Ctx;
use crate::bindings::sceau::state::state::{Entry, Expectation, Host, StateError};
use crate::limits::{MOST_VALUE, MOST_WRITES};
use crate::ports::{self, Change, Expected};

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
        self.call("state.set", detail, |ctx| ctx.change(&key, Some(&value), expected))
    }

    fn delete(&mut self, key: String, expected: Expectation) -> Answer<()> {
        self.call(
            "state.delete",
            || super::log::clean(&key),
            |ctx| {
                ctx.change(&key, None, expected)?;
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
    fn change(
        &mut self,
        key: &str,
        value: Option<&[u8]>,
        expected: Expectation,
    ) -> Result<u64, StateError> {
        let quota = self.may_remember(key)?;
        if value.is_some_and(|value| value.len() > MOST_VALUE) {
            return Err(StateError::Other(format!("a value has at most {MOST_VALUE} bytes")));
        }
        if self.writes >= MOST_WRITES {
            return Err(StateError::Other(format!("more than {MOST_WRITES} changes in one run")));
        }
        self.writes += 1;
        let change = Change { key, value, expected: told(expected), quota };
        Ok(self.world.state.put(&change)?)
    }

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
            ports::StateError::Full(quota) => Self::Quota(quota),
            ports::StateError::Other(text) => Self::Other(text),
        }
    }
}
