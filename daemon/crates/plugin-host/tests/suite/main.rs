//! The contract and its host, in one program: what is committed of it, what keeps running, what is
//! refused, and what plugins that mean harm meet.

mod contract;
mod every_call;
mod first_version;
mod homes;
mod hostile;
mod sdk;
mod second_version;
mod support;
mod ui;

use std::time::Duration;

use sceau_plugin_host::Manifest;

/// A manifest for one that means no harm: a busy machine does not end it.
fn honest(kind: &str) -> Manifest {
    let mut manifest = support::manifest(kind);
    manifest.limits.time = Duration::from_secs(60);
    manifest
}
