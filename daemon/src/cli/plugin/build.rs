//! `sceau plugin build`: cargo for WebAssembly, then the component.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};

use sceau_plugin_host::{Manifest, componentize};
use sceau_workflow::faults::{Faults, Source};

use super::toolchain::{TARGET, Toolchain};
use super::{Trouble, exit};

/// Build a plugin that is written in Rust, into the component that its plugin.toml names
///
/// Other languages have builders of their own (see the integrator's guide); what they make is taken
/// as it is, a core module with embedded WIT too: `sceau plugin build --module FILE.wasm`.
#[derive(Debug, clap::Args)]
pub(super) struct BuildArgs {
    /// The plugin's directory: plugin.toml and Cargo.toml.
    #[arg(default_value = ".")]
    directory: PathBuf,
    /// Take this core module instead of calling cargo.
    #[arg(long, value_name = "FILE")]
    module: Option<PathBuf>,
}

pub(super) fn run(order: &BuildArgs) -> Result<ExitCode, Trouble> {
    let manifest = manifest(&order.directory)?;
    let module = match &order.module {
        Some(module) => module.clone(),
        None => cargo(&order.directory)?,
    };
    let bytes = fs::read(&module).map_err(|error| missing(&module, &error))?;
    let component =
        componentize(&bytes).map_err(|error| Trouble::Refused(exit::REFUSED, error.to_string()))?;
    let made = order.directory.join(&manifest.component);
    fs::write(&made, &component)?;
    let (shown, size) = (made.display(), component.len() >> 10);
    writeln!(io::stdout(), "built {shown}: {} {}, {size} KiB", manifest.id, manifest.version)?;
    Ok(ExitCode::SUCCESS)
}

/// The manifest alone: there is no component yet.
pub(super) fn manifest(directory: &Path) -> Result<Manifest, Trouble> {
    let file = directory.join(Manifest::FILE);
    let text = fs::read_to_string(&file).map_err(|error| missing(&file, &error))?;
    let faults = Faults::default();
    let shown = file.display().to_string();
    Manifest::parse(Source::new(&shown, &text), &faults)
        .ok_or_else(|| Trouble::Refused(exit::NO_INPUT, Faults::render(&faults.into_sorted())))
}

fn missing(file: &Path, error: &io::Error) -> Trouble {
    Trouble::Refused(exit::NO_INPUT, format!("{}: {error}", file.display()))
}

/// Runs cargo; the module that it made.
fn cargo(directory: &Path) -> Result<PathBuf, Trouble> {
    if !directory.join("Cargo.toml").is_file() {
        let why = format!(
            "{} has no Cargo.toml; a component of another language goes where plugin.toml says, \
             as it is",
            directory.display()
        );
        return Err(Trouble::Refused(exit::NO_INPUT, why));
    }
    let toolchain = Toolchain::find();
    if let Some(fault) = toolchain.fault() {
        return Err(Trouble::Refused(exit::UNAVAILABLE, fault));
    }
    let output = toolchain
        .cargo()
        .args(["build", "--release", "--lib", "--target", TARGET])
        .arg("--message-format=json-render-diagnostics")
        .current_dir(directory)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Trouble::Refused(exit::UNAVAILABLE, format!("cargo: {error}")))?;
    if !output.status.success() {
        let why = "cargo could not build it; what it said stands above".to_owned();
        return Err(Trouble::Refused(exit::REFUSED, why));
    }
    module(&output.stdout).ok_or_else(|| {
        let why = "cargo made no .wasm: Cargo.toml needs `[lib] crate-type = [\"cdylib\"]`";
        Trouble::Refused(exit::REFUSED, why.to_owned())
    })
}

/// The last .wasm that cargo tells of: the package's own is built after all that it uses.
fn module(messages: &[u8]) -> Option<PathBuf> {
    let text = String::from_utf8_lossy(messages);
    let mut files = text.lines().filter_map(|line| serde_json::from_str(line).ok()).flat_map(
        |message: serde_json::Value| {
            let names = message["filenames"].as_array().cloned().unwrap_or_default();
            names.into_iter().filter_map(|name| name.as_str().map(PathBuf::from))
        },
    );
    files.rfind(|file| file.extension().is_some_and(|end| end == "wasm"))
}
