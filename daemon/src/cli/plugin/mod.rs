//! `sceau plugin`: what is installed, what it asks, what it may do.

mod build;
mod contract;
mod doctor;
mod grants;
mod install;
mod list;
mod new;
mod show;
mod signature;
mod toolchain;
mod trial;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use sceau_plugin_host::{Parcel, Shelf, ShelfError};

use super::reach::{Reach, unreached};
use super::{eprint, exit};
use crate::admin::plugin::{PluginRequest, PluginResponse};
use crate::config::{PluginsConfig, plugins_of, shelf_of};

/// Plugins: WebAssembly components that do steps of workflows, in a sandbox, with what you grant.
///
/// A plugin may do what its manifest asks AND what `[[plugins.grant]]` in sceau.toml gives it;
/// `install` shows what it asks before anything is done. No plugin ever comes near a key.
#[derive(Debug, clap::Args)]
pub(crate) struct PluginArgs {
    #[command(subcommand)]
    command: PluginCommand,
    #[command(flatten)]
    reach: Reach,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum PluginCommand {
    New(new::NewArgs),
    Doctor(doctor::DoctorArgs),
    Build(build::BuildArgs),
    Contract(contract::ContractArgs),
    Test(trial::TestArgs),
    /// Show what a plugin is and asks, without installing it
    Inspect {
        /// The plugin's directory: plugin.toml and its component.
        directory: PathBuf,
        /// Print the text that a detached signature (plugin.sig) is made over, and nothing else.
        #[arg(long)]
        to_sign: bool,
    },
    Install(install::InstallArgs),
    /// List what is installed, what of it is granted, and who uses it
    List,
    /// Show the grant that a plugin would need, as text for sceau.toml; with --write, add it there
    ///
    /// Reading documents together with HTTP is a grant to send documents away, and shown as one.
    Grant {
        /// The plugin's id.
        plugin: String,
        /// Add it to the configuration file, and have a running daemon read it.
        #[arg(long)]
        write: bool,
    },
    /// Take away a version that no workflow and no living dossier uses
    Remove {
        /// The plugin's id.
        plugin: String,
        /// The version.
        version: String,
    },
    /// Have the running daemon take up what is installed and granted, without a restart
    ///
    /// It reads sceau.toml and all workflow files, and changes nothing where anything is at fault. New
    /// dossiers take the versions that the workflows name now, once those have passed their self-test;
    /// dossiers that have begun stay with theirs. Folders and all else of sceau.toml are read at the
    /// next start.
    Reload,
}

/// Where things are.
struct Place {
    state: PathBuf,
    config: PluginsConfig,
}

impl Place {
    fn of(reach: &Reach) -> Result<Self, String> {
        let (state, config) = plugins_of(reach.config(), reach.state()).ok_or_else(|| {
            let file = reach.config();
            let why =
                if file.is_file() { "does not say where the state is" } else { "is not there" };
            format!(
                "{} {why}: name the configuration with --config or SCEAU_CONFIG",
                file.display()
            )
        })?;
        Ok(Self { state, config })
    }

    fn shelf(&self) -> Shelf {
        shelf_of(&self.state)
    }
}

/// Runs the command.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn run(args: &PluginArgs) -> io::Result<ExitCode> {
    let done = match &args.command {
        PluginCommand::New(order) => new::run(order),
        PluginCommand::Doctor(order) => doctor::run(order, args.json),
        PluginCommand::Build(order) => build::run(order),
        PluginCommand::Contract(order) => contract::run(order),
        PluginCommand::Test(order) => trial::run(order),
        PluginCommand::Inspect { directory, to_sign } => inspect(directory, *to_sign, args.json),
        PluginCommand::Install(order) => install::run(order, &args.reach, args.json),
        PluginCommand::List => list::run(&args.reach, args.json),
        PluginCommand::Grant { plugin, write } => grants::run(plugin, *write, &args.reach),
        PluginCommand::Remove { plugin, version } => {
            let (plugin, version) = (plugin.clone(), version.clone());
            order(&args.reach, PluginRequest::Remove { plugin, version })
        }
        PluginCommand::Reload => order(&args.reach, PluginRequest::Reload),
    };
    match done {
        Ok(code) => Ok(code),
        Err(Trouble::Io(error)) => Err(error),
        Err(Trouble::Refused(code, why)) => {
            eprint(&format!("sceau plugin: {why}"));
            Ok(ExitCode::from(code))
        }
    }
}

/// Why a command did nothing.
enum Trouble {
    /// The output cannot be written.
    Io(io::Error),
    /// Said in words, with the exit code.
    Refused(u8, String),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<String> for Trouble {
    fn from(why: String) -> Self {
        Self::Refused(exit::REFUSED, why)
    }
}

fn inspect(directory: &std::path::Path, to_sign: bool, json: bool) -> Result<ExitCode, Trouble> {
    let parcel = read(directory)?;
    let mut out = io::stdout().lock();
    if to_sign {
        write!(out, "{}", signature::signed_text(&parcel))?;
    } else if json {
        writeln!(out, "{:#}", show::json(&parcel))?;
    } else {
        show::text(&parcel, &mut out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn read(directory: &std::path::Path) -> Result<Parcel, Trouble> {
    Parcel::read(directory).map_err(|error| {
        let absent = match &error {
            ShelfError::Disk { path, error } if error.kind() == io::ErrorKind::NotFound => {
                path.extension().and_then(|end| end.to_str())
            }
            _ => None,
        };
        let help = match absent {
            Some("wasm") => " (of a plugin in Rust, sceau plugin build makes it)",
            Some("toml") => " (a plugin's directory holds it; sceau plugin new makes one)",
            _ => "",
        };
        Trouble::Refused(exit::NO_INPUT, format!("{error}{help}"))
    })
}

fn order(reach: &Reach, request: PluginRequest) -> Result<ExitCode, Trouble> {
    match reach.client().plugin(request) {
        Ok(PluginResponse::Refused { why }) => Err(Trouble::Refused(1, why)),
        Ok(_) => {
            writeln!(io::stdout(), "done")?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => Ok(unreached(&error)),
    }
}
