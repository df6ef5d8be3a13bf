//! A plugin's small memory for one société: a projection that is no part of a replay. A run that
//! is tried again finds what the first try remembered. How large each entry is stands apart from what it
//! holds, so that a look at the whole reads no value.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use sceau_plugin_host::limits::MOST_HELD;
use sceau_plugin_host::ports::{Change, State, StateError, has_room};
use sceau_store::{ProjectionWrite, StateStore, Transaction};
use serde::{Deserialize, Serialize};

use super::crew;
use crate::records::{self, PLUGIN_SIZES, PLUGIN_STATE};

/// Most keys that are looked at; the host lets fewer be written.
const MOST_KEYS: usize = 2 * MOST_HELD;
/// One change at a time: versions and sizes are compared and written under this.
static CHANGING: Mutex<()> = Mutex::new(());

/// One plugin's memory for one société.
pub struct PluginMemory {
    held: Held,
    deadline: Option<Instant>,
}

#[derive(Clone)]
struct Held {
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
        Self { held: Held { store, prefix, now_ms }, deadline: None }
    }

    /// No answer is waited for beyond this moment, whatever the disk does. A change that comes to its end later
    /// is found by the next try.
    #[must_use]
    pub fn until(self, deadline: Instant) -> Self {
        Self { deadline: Some(deadline), ..self }
    }

    fn in_time<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Held) -> Result<T, StateError> + Send + 'static,
    ) -> Result<T, StateError> {
        let Some(deadline) = self.deadline else { return work(&self.held) };
        let held = self.held.clone();
        crew::answered(deadline, move || work(&held)).map_err(other)?
    }
}

impl State for PluginMemory {
    fn get(&mut self, key: &str) -> Result<Option<(Vec<u8>, u64)>, StateError> {
        let key = key.to_owned();
        self.in_time(move |held| held.get(&key))
    }

    fn put(&mut self, change: &Change<'_>) -> Result<u64, StateError> {
        let (key, value) = (change.key.to_owned(), change.value.map(<[u8]>::to_vec));
        let (expected, quota) = (change.expected, change.quota);
        self.in_time(move |held| {
            held.put(&Change { key: &key, value: value.as_deref(), expected, quota })
        })
    }

    fn sizes(&mut self) -> Result<Vec<(String, u64)>, StateError> {
        self.in_time(Held::sizes)
    }
}

impl Held {
    fn key(&self, key: &str) -> Vec<u8> {
        [self.prefix.as_slice(), key.as_bytes()].concat()
    }

    fn entry(&self, key: &str) -> Result<Option<Entry>, StateError> {
        let found = self.store.projection(PLUGIN_STATE, &self.key(key)).map_err(other)?;
        found.map(|bytes| records::decode("plugin's memory", &bytes).map_err(other)).transpose()
    }
}

impl Held {
    /// The entry and its size, or that both go.
    fn writes(&self, change: &Change<'_>, version: u64) -> Vec<ProjectionWrite> {
        let entry = |value| records::encode(&Entry { version, value: hex::encode(value) });
        let size = |value: &[u8]| records::encode(&((change.key.len() + value.len()) as u64));
        let write = |table: &str, value| ProjectionWrite {
            table: table.to_owned(),
            key: self.key(change.key),
            value,
        };
        vec![
            write(PLUGIN_STATE, change.value.map(entry)),
            write(PLUGIN_SIZES, change.value.map(size)),
        ]
    }
}

impl Held {
    fn get(&self, key: &str) -> Result<Option<(Vec<u8>, u64)>, StateError> {
        let Some(entry) = self.entry(key)? else { return Ok(None) };
        Ok(Some((hex::decode(entry.value).map_err(other)?, entry.version)))
    }

    fn put(&self, change: &Change<'_>) -> Result<u64, StateError> {
        let _alone = CHANGING.lock().unwrap_or_else(PoisonError::into_inner);
        let found = self.entry(change.key)?.map_or(0, |entry| entry.version);
        if !change.expected.holds(found) {
            return Err(StateError::Conflict(found));
        }
        has_room(&self.sizes()?, change)?;
        let version = found + 1;
        let projections = self.writes(change, version);
        let transaction = Transaction { at_ms: self.now_ms, projections, ..Transaction::default() };
        self.store.commit(&[transaction]).map_err(other)?;
        Ok(version)
    }

    fn sizes(&self) -> Result<Vec<(String, u64)>, StateError> {
        let found = self.store.scan(PLUGIN_SIZES, &self.prefix, None, MOST_KEYS).map_err(other)?;
        let size = |(key, bytes): (Vec<u8>, Vec<u8>)| {
            let name = String::from_utf8_lossy(&key[self.prefix.len()..]).into_owned();
            Ok((name, records::decode("size in a plugin's memory", &bytes).map_err(other)?))
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
    use std::time::Duration;

    use sceau_plugin_host::ports::Expected;
    use sceau_store::testing::MemoryStore;

    use super::*;

    fn set<'c>(key: &'c str, value: Option<&'c [u8]>, expected: Expected) -> Change<'c> {
        Change { key, value, expected, quota: 64 }
    }

    fn store() -> Arc<dyn StateStore> {
        Arc::new(MemoryStore::new())
    }

    fn of(store: &Arc<dyn StateStore>, plugin: &str, societe: &str) -> PluginMemory {
        PluginMemory::new(Arc::clone(store), plugin, societe, 1)
    }

    #[test]
    fn nobody_sees_the_memory_of_another_plugin_or_societe() {
        let store = store();
        let mut own = of(&store, "ged", "dupont");
        assert_eq!(own.put(&set("a", Some(b"secret"), Expected::Absent)), Ok(1));
        for (plugin, societe) in [("ged", "martin"), ("ge", "dupont"), ("ged-2", "dupont")] {
            let mut other = of(&store, plugin, societe);
            assert_eq!(other.get("a"), Ok(None));
            assert_eq!(other.sizes(), Ok(Vec::new()));
            let change = set("a", Some(b"x"), Expected::Version(1));
            assert_eq!(other.put(&change), Err(StateError::Conflict(0)));
        }
        assert_eq!(of(&store, "ged", "dupont").get("a"), Ok(Some((b"secret".to_vec(), 1))));
        let again = set("a", Some(b"b"), Expected::Absent);
        assert_eq!(own.put(&again), Err(StateError::Conflict(1)));
        assert_eq!(own.put(&set("a", None, Expected::Version(1))), Ok(2));
        assert_eq!(own.sizes(), Ok(Vec::new()));
    }

    /// Whoever writes looks at what all others of the same plugin and société wrote: not one byte more.
    #[test]
    fn the_quota_holds_for_all_that_write_at_once() {
        let store = store();
        let writers = (0..8).map(|number| {
            let mut memory = of(&store, "ged", "dupont");
            std::thread::spawn(move || {
                let key = format!("key-{number}");
                memory.put(&set(&key, Some(&[0; 10]), Expected::Anything)).is_ok()
            })
        });
        let writers: Vec<_> = writers.collect();
        let kept = writers.into_iter().map(|writer| writer.join().unwrap());
        assert_eq!(kept.filter(|kept| *kept).count(), 4, "64 bytes hold four of 15");
        let sizes = of(&store, "ged", "dupont").sizes().unwrap();
        assert!(sizes.len() == 4 && sizes.iter().all(|(_, size)| *size == 15), "{sizes:?}");
    }

    #[test]
    fn no_answer_is_waited_for_beyond_the_end_of_the_step() {
        let store = store();
        let begun = Instant::now();
        let mut memory = of(&store, "ged", "dupont").until(begun + Duration::from_millis(50));
        let held = CHANGING.lock().unwrap();
        let change = set("a", Some(b"x"), Expected::Anything);
        let told = memory.put(&change).unwrap_err().to_string();
        assert!(told.contains("longer than the step may"), "{told}");
        drop(held);
        let later = Instant::now() + Duration::from_secs(60);
        let mut again = of(&store, "ged", "dupont").until(later);
        assert!(again.put(&change).is_ok());
        assert_eq!(again.get("a").unwrap().unwrap().0, b"x");
        assert_eq!(again.sizes().unwrap(), [("a".to_owned(), 2)]);
    }

    /// A memory of 16 MiB costs a look at its sizes, and not at its bytes.
    #[test]
    fn a_full_memory_is_looked_at_without_reading_it() {
        let store = store();
        let mut memory = of(&store, "ged", "dupont");
        let large = vec![7; 1 << 20];
        for number in 0..15 {
            let (key, quota) = (number.to_string(), 16 << 20);
            let change =
                Change { key: &key, value: Some(&large), expected: Expected::Anything, quota };
            memory.put(&change).unwrap();
        }
        let all = store.scan(PLUGIN_SIZES, &memory.held.prefix, None, 100).unwrap();
        assert_eq!(all.len(), 15);
        assert!(all.iter().map(|(_, bytes)| bytes.len()).sum::<usize>() < 1_000);
        assert_eq!(memory.sizes().unwrap().iter().map(|(_, size)| size).sum::<u64>(), {
            15 * (1 << 20) + 10 + 2 * 5
        });
    }
}
