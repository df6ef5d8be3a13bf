//! Whether a component is one of the contract: what it imports and exports, before it is linked.

use wasmtime::Engine;
use wasmtime::component::Component;

use crate::manifest::Kind;

/// The packages that a component may import, with the major version that this host offers.
const OFFERED: &[(&str, &str)] = &[
    ("sceau:types/types", "1"),
    ("sceau:log/log", "1"),
    ("sceau:context/context", "1"),
    ("sceau:clock/clock", "1"),
    ("sceau:random/random", "1"),
    ("sceau:documents/documents", "1"),
    ("sceau:places/places", "1"),
    ("sceau:document-output/document-output", "1"),
    ("sceau:events/events", "1"),
    ("sceau:state/state", "1"),
    ("sceau:http/http", "1"),
    ("sceau:filing/filing", "1"),
];

/// The component is not one of the contract. Its author can mend it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotOfTheContract {
    /// It imports something that no plugin gets.
    #[error("it imports {}, which no plugin gets{}", .0.join(", "), wasi_help(.0))]
    Imports(Vec<String>),
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
    kind: Kind,
) -> Result<Vec<String>, NotOfTheContract> {
    let shape = component.component_type();
    let imports: Vec<String> = shape.imports(engine).map(|(name, _)| name.to_owned()).collect();
    let strangers: Vec<String> = imports.iter().filter(|name| !is_offered(name)).cloned().collect();
    if !strangers.is_empty() {
        return Err(NotOfTheContract::Imports(strangers));
    }
    for wanted in [step_interface(kind), "sceau:self-test/self-test@1.0.0".to_owned()] {
        if component.get_export_index(None, &wanted).is_none() {
            return Err(NotOfTheContract::Export(wanted));
        }
    }
    Ok(imports)
}

fn is_offered(name: &str) -> bool {
    let Some((package, version)) = name.split_once('@') else { return false };
    let major = version.split('.').next().unwrap_or_default();
    OFFERED.contains(&(package, major))
}
