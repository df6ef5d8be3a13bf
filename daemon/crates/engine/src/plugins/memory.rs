//! A plugin's small memory for one société: a projection that is no part of a replay. A run that
//! is tried again finds what the first try remembered.

use std::sync::{Arc, Mutex, PoisonError};

use sceau_plugin_host::limits::MOST_HELD;
use sceau_plugin_host::ports::{Expected, State, StateError};
use sceau_store::{ProjectionWrite, StateStore, Transaction};
use serde::{Deserialize, Serialize};

use crate::records::{self, PLUGIN_STATE};

/// Most keys that are looked at; the host lets fewer be written.
const MOST_KEYS: usize = 2 * MOST_HELD;
/// One change at a time: versions are compared and written under this.
static CHANGING: Mutex<()> = Mutex::new(());

/// One plugin's memory for one société.
pub struct PluginMemory {
    store: Arc<dyn StateStore>,
    prefix: Vec<u8>,
    now_ms: i64,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    version: u64,
    /// Hexadecimal.
    value: String,
}

impl PluginMemory {
    /// The memory of `plugin` for `societe`.
    pub fn new(store: Arc<dyn StateStore>, plugin: &str, societe: &str, now_ms: i64) -> Self {
        // Neither an id nor a société's key holds a NUL.
        let prefix = format!("{plugin}\0{societe}\0").into_bytes();
        Self { store, prefix, now_ms }
    }

    fn key(&self, key: &str) -> Vec<u8> {
        [self.prefix.as_slice(), key.as_bytes()].concat()
    }

    fn entry(&self, key: &str) -> Result<Option<Entry>, StateError> {
        let found = self.store.projection(PLUGIN_STATE, &self.key(key)).map_err(other)?;
        found.map(|bytes| records::decode("plugin's memory", &bytes).map_err(other)).transpose()
    }
}

impl State for PluginMemory {
    fn get(&mut self, key: &str) -> Result<Option<(Vec<u8>, u64)>, StateError> {
        let Some(entry) = self.entry(key)? else { return Ok(None) };
        Ok(Some((hex::decode(entry.value).map_err(other)?, entry.version)))
    }

    fn put(
        &mut self,
        key: &str,
        value: Option<&[u8]>,
        expected: Expected,
    ) -> Result<u64, StateError> {
        let _alone = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.entry(key)?.map_or(0, |entry| entry.version);
        let met = match expected {
            Expected::Anything => true,
            Expected::Absent => found == 0,
            Expected::Version(version) => found == version && version != 0,
        };
        if !met {
            return Err(StateError::Conflict(found));
        }
        let version = found + 1;
        let entry = value.map(|value| Entry { version, value: hex::encode(value) });
        let write = ProjectionWrite {
            table: PLUGIN_STATE.to_owned(),
            key: self.key(key),
            value: entry.as_ref().map(records::encode),
        };
        let transaction =
            Transaction { at_ms: self.now_ms, projections: vec![write], ..Transaction::default() };
        self.store.commit(&[transaction]).map_err(other)?;
        Ok(version)
    }

    fn sizes(&mut self) -> Result<Vec<(String, u64)>, StateError> {
        let found = self.store.scan(PLUGIN_STATE, &self.prefix, None, MOST_KEYS).map_err(other)?;
        let size = |(key, bytes): (Vec<u8>, Vec<u8>)| {
            let name = String::from_utf8_lossy(&key[self.prefix.len()..]).into_owned();
            let entry: Entry = records::decode("plugin's memory", &bytes).map_err(other)?;
            let size = (name.len() + entry.value.len() / 2) as u64;
            Ok((name, size))
        };
        found.into_iter().map(size).collect()
    }
}

fn other(error: impl std::fmt::Display) -> StateError {
    StateError::Other(error.to_string())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn nobody_sees_the_memory_of_another_plugin_or_societe() {
        let store: Arc<dyn StateStore> = Arc::new(sceau_store::testing::MemoryStore::new());
        let of =
            |plugin: &str, societe: &str| PluginMemory::new(Arc::clone(&store), plugin, societe, 1);
        let mut own = of("ged", "dupont");
        assert_eq!(own.put("a", Some(b"secret"), Expected::Absent), Ok(1));
        for mut other in [of("ged", "martin"), of("ge", "dupont"), of("ged-2", "dupont")] {
            assert_eq!(other.get("a"), Ok(None));
            assert_eq!(other.sizes(), Ok(Vec::new()));
            assert_eq!(
                other.put("a", Some(b"x"), Expected::Version(1)),
                Err(StateError::Conflict(0))
            );
        }
        assert_eq!(of("ged", "dupont").get("a"), Ok(Some((b"secret".to_vec(), 1))));
        assert_eq!(own.put("a", Some(b"b"), Expected::Absent), Err(StateError::Conflict(1)));
        assert_eq!(own.put("a", None, Expected::Version(1)), Ok(2));
        assert_eq!(own.sizes(), Ok(Vec::new()));
    }
}
