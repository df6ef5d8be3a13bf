//! The plugins of the running daemon.

use std::sync::Arc;

use sceau_engine::plugins::{NetworkHttp, PluginRoom};
use sceau_plugin_host::Compiler;

use super::StartError;
use crate::config::{Config, shelf_of};

/// Name of the directory of native code in the state directory.
pub(crate) const CACHE: &str = "plugin-cache";

/// The room that the configuration describes.
pub(super) fn room(
    config: &Config,
    runtime: &tokio::runtime::Runtime,
) -> Result<PluginRoom, StartError> {
    let state = &config.state.directory;
    let own = |source| StartError::Socket { what: "this program's own file".into(), source };
    Ok(PluginRoom::new(
        shelf_of(state),
        state.join(CACHE),
        compiler().map_err(own)?,
        config.plugins.execution,
        config.plugins.grants.clone(),
        Arc::new(NetworkHttp::new(runtime.handle().clone())),
    ))
}

/// This program, called again to compile.
pub(crate) fn compiler() -> std::io::Result<Compiler> {
    let program = std::env::current_exe()?;
    Ok(Compiler { program, arguments: vec!["plugin-compile".to_owned()] })
}
