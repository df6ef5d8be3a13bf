//! `sceau audit`: the audit log, exported, verified offline, and listed for people.

mod export;
mod list;
mod source;
mod verify;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use sceau_engine::audit::Remembered;
use sceau_workflow::machine::DossierId;

use super::eprint;
use super::reach::Reach;
use source::SourceError;

/// Export, verify and list the audit log.
///
/// The audit log tells of everything that happened, one entry after the other, from `sceau init` on.
/// Each entry bears a link: a SHA-256 over the entry, its number, its time and the link before. So
/// nothing can be changed, cut out or put elsewhere without breaking the chain. Only its end can be
/// cut off, or all of it written anew by whoever owns the machine: note the head (the last entry's
/// number and link) elsewhere from time to time, and hold the chain against it with --head.
///
/// The entries come from the running daemon; where none runs, from the state directory.
#[derive(Debug, clap::Args)]
pub(crate) struct AuditArgs {
    #[command(subcommand)]
    order: Order,
    #[command(flatten)]
    reach: Reach,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum Order {
    /// Write the whole audit log to a file, one line of JSON an entry.
    ///
    /// Such a file can be verified anywhere, and shows who did what to whoever may read it (people
    /// stand there by their account's number only). Exit code: 0 exported, 66 unreadable, 69 no
    /// daemon and no state, 74 the file cannot be written, or is there already.
    Export {
        /// The file; it must not exist. Without it, standard output.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Verify the chain of an exported file, or of the state itself.
    ///
    /// Needs no daemon, no key and no network. Exit code: 0 the chain holds, 4 it is broken (the
    /// entry is named), 66 unreadable or no export, 64 usage.
    ///
    /// Examples:
    ///   sceau audit export --out audit-2026.jsonl
    ///   sceau audit verify audit-2026.jsonl
    ///   sceau audit verify audit-2026.jsonl --head 1204:5f0c…
    ///   sceau audit verify --state /var/lib/sceau
    #[command(verbatim_doc_comment)]
    Verify {
        /// The exported file. Without it, the daemon's entries, or those of the state directory.
        #[arg(conflicts_with = "state")]
        file: Option<PathBuf>,
        /// A head that was noted earlier: the chain must still contain it.
        #[arg(long, value_name = "[N:]HASH")]
        head: Option<Remembered>,
    },
    /// List entries, the newest first.
    List {
        /// Only those about this dossier.
        #[arg(long, value_name = "ID")]
        dossier: Option<DossierId>,
        /// At most so many.
        #[arg(long, value_name = "N", default_value_t = 50)]
        limit: usize,
    },
}

/// Runs the command.
///
/// # Errors
/// Standard output cannot be written.
pub(crate) fn run(args: &AuditArgs) -> io::Result<ExitCode> {
    let done = match &args.order {
        Order::Export { out } => export::run(&args.reach, out.as_deref(), args.json),
        Order::Verify { file, head } => {
            verify::run(&args.reach, file.as_deref(), head.clone(), args.json)
        }
        Order::List { dossier, limit } => {
            list::run(&args.reach, dossier.as_ref(), *limit, args.json)
        }
    };
    match done {
        Ok(code) => Ok(code),
        Err(SourceError::Output(error)) => Err(error),
        Err(error) => {
            eprint(&format!("sceau audit: {error}"));
            Ok(ExitCode::from(error.exit_code()))
        }
    }
}
