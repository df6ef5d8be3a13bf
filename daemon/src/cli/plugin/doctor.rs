//! `sceau plugin doctor`: whether plugins can be built and run here, and what to do where not.

use std::io::{self, Write};
use std::process::{Command, ExitCode, Stdio};

use sceau_plugin_host::{Execution, Machine};

use super::toolchain::{self, TARGET, Toolchain, said};
use super::{Trouble, exit};

/// Look whether plugins can be built and run on this machine, and say what is missing
#[derive(Debug, clap::Args)]
pub(super) struct DoctorArgs {
    /// Fetch a Rust that builds WebAssembly from Debian's packages, where rustup has no target.
    #[arg(long)]
    fetch: bool,
}

/// Something that was looked at.
struct Look {
    what: &'static str,
    /// What is there, or what to do.
    told: Result<String, String>,
    /// Whether nothing goes without it.
    needed: bool,
}

pub(super) fn run(order: &DoctorArgs, json: bool) -> Result<ExitCode, Trouble> {
    if order.fetch {
        fetch()?;
    }
    let looks = looks();
    let well = looks.iter().all(|look| look.told.is_ok() || !look.needed);
    let mut out = io::stdout().lock();
    if json {
        let told = looks.iter().map(|look| {
            let (is, text) = match &look.told {
                Ok(text) => ("there", text),
                Err(text) => ("missing", text),
            };
            serde_json::json!({ "what": look.what, "is": is, "told": text, "needed": look.needed })
        });
        let told: Vec<_> = told.collect();
        let value = serde_json::json!({ "version": 1, "well": well, "looks": told });
        writeln!(out, "{value:#}")?;
    } else {
        for look in &looks {
            let (sign, text) = match &look.told {
                Ok(text) => ("ok     ", text),
                Err(text) if look.needed => ("MISSING", text),
                Err(text) => ("-      ", text),
            };
            writeln!(out, "{sign} {:<22} {text}", look.what)?;
        }
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::from(exit::UNAVAILABLE) })
}

fn looks() -> Vec<Look> {
    let rust = Toolchain::find();
    let tool = |what: &'static str, arguments: &[&str], help: &str| Look {
        what,
        told: said(&mut Command::new(what), arguments).ok_or_else(|| help.to_owned()),
        needed: false,
    };
    let builds = match rust.fault() {
        Some(fault) => Err(fault),
        None if rust.target => Ok(format!("{TARGET} of {}", rust.rustc.unwrap_or_default())),
        None => Ok(format!("{}", rust.fallback.unwrap_or_default().display())),
    };
    let cargo = said(&mut Command::new("cargo"), &["--version"]);
    vec![
        Look { what: "machine", told: machine(), needed: true },
        Look {
            what: "cargo",
            told: cargo.ok_or_else(|| "install Rust (rustup.rs)".to_owned()),
            needed: true,
        },
        Look { what: "Rust for WebAssembly", told: builds, needed: true },
        tool(
            "node",
            &["--version"],
            "for plugins in JavaScript: install Node 22, then npm install",
        ),
        tool("python3", &["--version"], "for plugins in Python: install it, then componentize-py"),
    ]
}

fn machine() -> Result<String, String> {
    let settings = Execution::Auto.settings();
    Machine::new(settings).map_err(|error| error.to_string())?;
    Ok(match settings.portable {
        false => "native code".to_owned(),
        true => "the portable interpreter (memory may not become executable here)".to_owned(),
    })
}

/// Runs the script that makes the fallback.
fn fetch() -> Result<(), Trouble> {
    let nowhere = || "neither SCEAU_WASM_TOOLCHAIN nor HOME says where to put it".to_owned();
    let place = toolchain::place().ok_or_else(nowhere)?;
    let status = Command::new("bash")
        .args(["-c", toolchain::FETCH, "wasm-toolchain.sh"])
        .arg(&place)
        .stdin(Stdio::null())
        .status()?;
    if status.success() {
        return Ok(());
    }
    let why = format!("the toolchain could not be made in {}; see above", place.display());
    Err(Trouble::Refused(exit::UNAVAILABLE, why))
}
