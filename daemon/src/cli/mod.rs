//! The command line.

pub(crate) mod account;
pub(crate) mod ask;
pub(crate) mod audit;
pub(crate) mod ca;
pub(crate) mod check;
pub(crate) mod delegation;
pub(crate) mod dossier;
pub(crate) mod evidence;
pub(crate) mod exit;
pub(crate) mod extend;
pub(crate) mod inspect;
pub(crate) mod moment;
pub(crate) mod plugin;
pub(crate) mod reach;
pub(crate) mod sign;
pub(crate) mod societe;
pub(crate) mod status;
pub(crate) mod token;
pub(crate) mod verify;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

/// Sceau signs, seals and delivers the documents of a cabinet d'expertise comptable.
///
/// Drop a PDF into a watched folder: Sceau checks who may do what (délégations), runs the folder's
/// workflow, and puts back a sealed PDF with its evidence file.
#[derive(Debug, Parser)]
#[command(name = "sceau", version, max_term_width = 100)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Make the state directory: cabinet, société, keys, certificates.
    Init(Box<crate::init::InitOptions>),
    Run(crate::run::RunArgs),
    Check(check::CheckArgs),
    Demo(crate::demo::DemoArgs),
    Sign(Box<sign::SignArgs>),
    Extend(Box<extend::ExtendArgs>),
    Verify(verify::VerifyArgs),
    Inspect(inspect::InspectArgs),
    Evidence(evidence::EvidenceArgs),
    Audit(audit::AuditArgs),
    Dossier(dossier::DossierArgs),
    Delegation(Box<delegation::DelegationArgs>),
    Account(account::AccountArgs),
    Societe(societe::SocieteArgs),
    Token(token::TokenArgs),
    Plugin(plugin::PluginArgs),
    Ca(ca::CaArgs),
    Status(status::StatusArgs),
    /// Print the completions of a shell; see the packaging for where they go.
    Completions {
        /// Which shell.
        shell: clap_complete::Shell,
    },
    /// Write the manual pages (section 1) into a directory.
    Man {
        /// The directory; it must exist.
        dir: std::path::PathBuf,
    },
    /// The process that holds keys; started by the daemon.
    #[command(hide = true)]
    Signer,
    /// The process that compiles a plugin's component, from standard input to standard output.
    #[command(hide = true)]
    PluginCompile {
        /// For which settings of the machine.
        settings: String,
    },
    /// The process that draws pages of a document, from standard input to standard output.
    #[command(hide = true)]
    Draw {
        /// Which pages, as in 1,4.
        pages: String,
    },
    /// The crash boundaries of a build that has them, one a line.
    #[cfg(feature = "fault-injection")]
    #[command(hide = true)]
    Boundaries,
}

/// Parses the command line and runs what it says.
pub(crate) fn main() -> ExitCode {
    #[cfg(feature = "fault-injection")]
    if let Err(error) = sceau_disk::boundary::arm_from_environment() {
        eprint(&format!("sceau: {error}"));
        return ExitCode::from(exit::USAGE);
    }
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    match run(cli.command) {
        Ok(code) => code,
        // Whoever read our output has gone: nothing to say and nobody to say it to.
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprint(&format!("sceau: {error}"));
            ExitCode::from(exit::IO)
        }
    }
}

/// Help and version are answers; anything else is a fault of the command line (64, EX_USAGE), so
/// that a typing error never looks like a verdict.
fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    if error.use_stderr() { ExitCode::from(exit::USAGE) } else { ExitCode::SUCCESS }
}

fn run(command: Command) -> std::io::Result<ExitCode> {
    match command {
        Command::Init(options) => init(*options),
        Command::Run(args) => Ok(crate::run::run(&args)),
        Command::Check(args) => check::run(&args),
        Command::Demo(args) => crate::demo::run(&args),
        Command::Sign(args) => tokio::runtime::Runtime::new()?.block_on(sign::run(&args)),
        Command::Extend(args) => tokio::runtime::Runtime::new()?.block_on(extend::run(&args)),
        Command::Verify(args) => verify::run(&args),
        Command::Inspect(args) => inspect::run(&args),
        Command::Evidence(args) => evidence::run(&args),
        Command::Audit(args) => audit::run(&args),
        Command::Dossier(args) => dossier::run(&args),
        Command::Delegation(args) => delegation::run(*args),
        Command::Account(args) => account::run(args),
        Command::Societe(args) => societe::run(args),
        Command::Token(args) => token::run(args),
        Command::Ca(args) => ca::run(args),
        Command::Status(args) => status::run(&args),
        Command::Completions { shell } => {
            clap_complete::generate(shell, &mut Cli::command(), "sceau", &mut std::io::stdout());
            Ok(ExitCode::SUCCESS)
        }
        Command::Man { dir } => {
            clap_mangen::generate_to(Cli::command(), dir)?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Plugin(args) => plugin::run(&args),
        Command::Signer => Ok(signer()),
        Command::PluginCompile { settings } => {
            let code = sceau_plugin_host::compile_here(&settings);
            Ok(ExitCode::from(u8::try_from(code).unwrap_or(exit::IO)))
        }
        Command::Draw { pages } => {
            let code = sceau_render::draw_here(&pages);
            Ok(ExitCode::from(u8::try_from(code).unwrap_or(exit::IO)))
        }
        #[cfg(feature = "fault-injection")]
        Command::Boundaries => {
            let names = sceau_disk::boundary::boundaries().join("\n");
            let text = format!("{names}\n");
            std::io::Write::write_all(&mut std::io::stdout(), text.as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn init(options: crate::init::InitOptions) -> std::io::Result<ExitCode> {
    let json = options.json;
    let mut console = crate::init::Terminal;
    match crate::init::run(options, &mut console) {
        Ok(outcome) => {
            let text = if json { serde_json::to_string_pretty(&outcome)? } else { outcome.text() };
            std::io::Write::write_all(&mut std::io::stdout(), format!("{text}\n").as_bytes())?;
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            eprint(&format!("sceau init: {error}"));
            Ok(ExitCode::from(error.exit_code()))
        }
    }
}

fn export_root(options: &crate::init::ExportRootOptions) -> ExitCode {
    match crate::init::export_root(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprint(&format!("sceau ca: {error}"));
            ExitCode::from(error.exit_code())
        }
    }
}

fn signer() -> ExitCode {
    match sceau_signer::run_child() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprint(&format!("sceau signer: {error}"));
            ExitCode::from(exit::IO)
        }
    }
}

/// A line to standard error.
pub(crate) fn eprint(line: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr(), format!("{line}\n").as_bytes());
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory, Parser};

    use super::Cli;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    /// The socket may come from the environment, and says nothing about a file.
    #[test]
    fn an_exported_file_is_verified_whatever_socket_is_named() {
        let verify =
            |flag| Cli::try_parse_from(["sceau", "audit", "verify", "file", flag, "there"]);
        assert!(verify("--socket").is_ok());
        assert!(verify("--state").is_err());
    }
}
