//! Whether a component is one of the contract: what it imports and exports, before it is linked.

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::manifest::{CONTRACTS, Kind, Manifest};

/// The packages that a component may import: the major version that this host offers, and the contract
/// that they came with.
const OFFERED: &[(&str, &str, &str)] = &[
    ("sceau:types/types", "1", "1.0.0"),
    ("sceau:log/log", "1", "1.0.0"),
    ("sceau:context/context", "1", "1.0.0"),
    ("sceau:clock/clock", "1", "1.0.0"),
    ("sceau:random/random", "1", "1.0.0"),
    ("sceau:documents/documents", "1", "1.0.0"),
    ("sceau:places/places", "1", "1.1.0"),
    ("sceau:document-output/document-output", "1", "1.0.0"),
    ("sceau:events/events", "1", "1.0.0"),
    ("sceau:state/state", "1", "1.0.0"),
    ("sceau:http/http", "1", "1.0.0"),
    ("sceau:filing/filing", "1", "1.1.0"),
];

/// The component is not one of the contract. Its author can mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOfTheContract {
    /// It imports something that no plugin gets.
    #[error("it imports {}, which no plugin gets{}", .0.join(", "), wasi_help(.0))]
    Imports(Vec<String>),
    /// It imports what came after the contract that its manifest names.
    #[error(
        "it imports {}, which its manifest's contract {contract} has not; say the contract that it was \
         built for",
        .imports.join(", ")
    )]
    Newer {
        /// What it imports.
        imports: Vec<String>,
        /// What its manifest names.
        contract: String,
    },
    /// It does not export what its kind must.
    #[error("it does not export {0}; is `kind` in plugin.toml the kind that it was built for?")]
    Export(String),
    /// A function has another type than the contract says.
    #[error("it does not fit the contract: {0}")]
    Type(String),
}

fn wasi_help(names: &[String]) -> &'static str {
    if names.iter().any(|name| name.starts_with("wasi:")) {
        " (there is no WASI: build for wasm32-unknown-unknown, or with WASI stubbed out)"
    } else {
        ""
    }
}

/// The interface that a kind exports.
pub(crate) fn step_interface(kind: Kind) -> String {
    format!("sceau:{}/step@1.0.0", kind.word())
}

/// Names of the imports, in order, and whether all is there that must be.
pub(crate) fn check(
    engine: &Engine,
    component: &Component,
    manifest: &Manifest,
) -> Result<Vec<String>, NotOfTheContract> {
    let shape = component.component_type();
    let imports: Vec<String> = shape.imports(engine).map(|(name, _)| name.to_owned()).collect();
    let strangers: Vec<String> =
        imports.iter().filter(|name| since(name).is_none()).cloned().collect();
    if !strangers.is_empty() {
        return Err(NotOfTheContract::Imports(strangers));
    }
    let contract = &manifest.contract;
    let later = |name: &&String| since(name).is_some_and(|since| is_later(since, contract));
    let imports_later: Vec<String> = imports.iter().filter(later).cloned().collect();
    if !imports_later.is_empty() {
        let (imports, contract) = (imports_later, contract.clone());
        return Err(NotOfTheContract::Newer { imports, contract });
    }
    for wanted in [step_interface(manifest.kind), "sceau:self-test/self-test@1.0.0".to_owned()] {
        if component.get_export_index(None, &wanted).is_none() {
            return Err(NotOfTheContract::Export(wanted));
        }
    }
    Ok(imports)
}

/// The contract with which an import came, where this host offers it.
fn since(name: &str) -> Option<&'static str> {
    let (package, version) = name.split_once('@')?;
    let major = version.split('.').next().unwrap_or_default();
    let offered = OFFERED.iter().find(|(known, offers, _)| (*known, *offers) == (package, major));
    offered.map(|(_, _, since)| *since)
}

/// Whether one contract came after another; [`CONTRACTS`] has them in order.
pub(crate) fn is_later(one: &str, other: &str) -> bool {
    let place = |contract: &str| CONTRACTS.iter().position(|known| *known == contract);
    place(one) > place(other)
}
