//! `sceau run`: the daemon, from its start to its orderly end.

mod folders;
mod housekeeping;
mod latecomers;
mod pki;
mod plugins;
mod ready;
mod service;
mod workflows;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use sceau_workflow::definition::StepParsers;
use sceau_workflow::faults::Faults;
use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::cli::exit;
use crate::config;
pub(crate) use pki::Shelf;
pub(crate) use plugins::{CACHE, compiler};
pub(crate) use ready::Readiness;
pub(crate) use service::{Service, StartError, foreign_owner};
pub(crate) use workflows::{CurrentWorkflows, Workflows};

/// Run the daemon in the foreground.
///
/// It reads the configuration and all workflows, refuses to start on a fault (exit code 78), works
/// until SIGTERM or SIGINT, and then takes what is under way to the next committed point.
#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// The configuration file.
    #[arg(long, value_name = "FILE", default_value = "config/sceau.toml")]
    config: PathBuf,
    /// The state directory, in place of the one that the file names.
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// Write the log as JSON lines.
    #[arg(long)]
    log_json: bool,
}

/// Runs the command.
pub(crate) fn run(args: &RunArgs) -> ExitCode {
    start_log(args.log_json);
    let loaded = config::load(&args.config, args.state.as_deref(), &StepParsers::standard());
    let config = match loaded {
        Ok(config) => config,
        Err(faults) => {
            let _ = write!(std::io::stderr(), "{}", Faults::render(&faults));
            return ExitCode::from(exit::CONFIG);
        }
    };
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => return stop_with(&StartError::Runtime(error)),
    };
    let signals = match Signals::listen(&runtime) {
        Ok(signals) => signals,
        Err(error) => return stop_with(&error),
    };
    let service = match Service::start(&config, &runtime) {
        Ok(service) => service,
        Err(error) => return stop_with(&error),
    };
    tracing::info!(folders = config.folders.len(), "ready");
    housekeeping::tell_systemd("READY=1");
    let failed = runtime.block_on(wait_for_end(&service, signals));
    housekeeping::tell_systemd("STOPPING=1");
    service.stop(&runtime);
    match failed {
        None => {
            tracing::info!("stopped");
            ExitCode::SUCCESS
        }
        Some(why) => {
            tracing::error!(why, "stopped by a failure");
            ExitCode::from(exit::IO)
        }
    }
}

/// Logs go to standard error, one line each; `SCEAU_LOG` chooses (`info`, `sceau_intake=debug`).
pub(crate) fn start_log(json: bool) {
    let filter = tracing_subscriber::EnvFilter::try_from_env("SCEAU_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let colours = std::io::IsTerminal::is_terminal(&std::io::stderr());
    let log = log.with_ansi(colours);
    let _ = if json { log.json().try_init() } else { log.try_init() };
}

fn stop_with(error: &StartError) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "sceau: {error}");
    ExitCode::from(match error {
        StartError::Configuration(_) => exit::CONFIG,
        StartError::Signer(_) => exit::UNAVAILABLE,
        _ => exit::IO,
    })
}

/// What ends the daemon in order. It is listened for before anything starts: a signal that comes
/// during the start ends what was started as every other does.
pub(crate) struct Signals {
    term: Signal,
    int: Signal,
}

impl Signals {
    /// From now on a signal ends nothing by itself.
    pub(crate) fn listen(runtime: &tokio::runtime::Runtime) -> Result<Self, StartError> {
        let _inside = runtime.enter();
        let listen = |kind| {
            signal(kind).map_err(|source| StartError::Socket { what: "signals".into(), source })
        };
        Ok(Self { term: listen(SignalKind::terminate())?, int: listen(SignalKind::interrupt())? })
    }
}

/// Ends with nothing on a signal, with the reason when the engine stopped by itself.
pub(crate) async fn wait_for_end(service: &Service, mut signals: Signals) -> Option<String> {
    let mut pulse = tokio::time::interval(std::time::Duration::from_secs(1));
    loop {
        tokio::select! {
            _ = signals.term.recv() => return None,
            _ = signals.int.recv() => return None,
            _ = pulse.tick() => {
                if let Some(why) = service.handle().stopped_by() {
                    return Some(why);
                }
                service.housekeeping().pulse();
            }
        }
    }
}
