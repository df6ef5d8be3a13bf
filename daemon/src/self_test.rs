//! A plugin's own test, run at install and before a running daemon takes the plugin up: in a world where
//! there is nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use sceau_plugin_host::ports::{
    Change, Clock, Document, Documents, NoFiling, NoHttp, Random, Secrets, State, StateError,
};
use sceau_plugin_host::{Answer, Machine, Plugin, Ruling, StepFault, World};

/// Runs the plugin's own test.
///
/// # Errors
/// What is wrong with it, for the operator.
pub(crate) fn self_test(machine: &Machine, plugin: &Plugin) -> Result<(), String> {
    match machine.self_test(plugin, empty_world()).result {
        Ok(Answer::Fault(StepFault::Misconfigured(Ruling { code, message }))) => {
            let (id, version) = (&plugin.manifest.id, &plugin.manifest.version);
            Err(format!("the self-test of {id} {version} fails: {message} ({code})"))
        }
        Ok(Answer::Well) => Ok(()),
        Ok(other) => Err(format!("the self-test answers as a step: {other:?}")),
        Err(error) => Err(error.to_string()),
    }
}

/// A world without documents, network and memory.
fn empty_world() -> World {
    World {
        documents: Box::new(Nothing),
        http: Arc::new(NoHttp),
        filing: Arc::new(NoFiling),
        state: Box::new(Nothing),
        secrets: Arc::new(Nothing),
        clock: Box::new(Nothing),
        random: Box::new(Nothing),
        context: BTreeMap::new(),
        explain: false,
    }
}

struct Nothing;

impl Documents for Nothing {
    fn open(&mut self, _id: &str) -> Option<Box<dyn Document>> {
        None
    }
}

impl State for Nothing {
    fn get(&mut self, _key: &str) -> Result<Option<(Vec<u8>, u64)>, StateError> {
        Ok(None)
    }

    fn put(&mut self, _: &Change<'_>) -> Result<u64, StateError> {
        Err(StateError::Other("a self-test has no memory".to_owned()))
    }

    fn sizes(&mut self) -> Result<Vec<(String, u64)>, StateError> {
        Ok(Vec::new())
    }
}

impl Secrets for Nothing {
    fn secret(&self, _name: &str) -> Result<String, String> {
        Err("a self-test has no secrets".to_owned())
    }
}

impl Clock for Nothing {
    fn now_ms(&self) -> u64 {
        0
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

impl Random for Nothing {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}
