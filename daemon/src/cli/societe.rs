//! `sceau societe`: the legal persons in whose name documents are sealed.

pub(super) mod seal;

use std::io;
use std::process::ExitCode;

use sceau_cabinet::SocieteId;

use super::ask::ask;
use super::reach::Reach;
use crate::admin::protocol::CabinetRequest;

/// The sociétés of the cabinet, in whose name documents are sealed.
#[derive(Debug, clap::Args)]
pub(crate) struct SocieteArgs {
    #[command(subcommand)]
    command: SocieteCommand,
    #[command(flatten)]
    reach: Reach,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum SocieteCommand {
    /// Add a société
    ///
    /// Its seal needs a key and a certificate besides: `sceau societe seal` makes them.
    Add {
        /// Its code, which never changes: 1 to 40 of a-z, 0-9 and -.
        code: SocieteId,
        /// Its name.
        #[arg(long)]
        name: String,
        /// Its SIREN: nine digits.
        #[arg(long)]
        siren: String,
    },
    Seal(Box<seal::SealArgs>),
    /// List all sociétés
    List,
    /// Give a société another name
    Rename {
        /// Its code.
        code: SocieteId,
        /// Its new name.
        #[arg(long)]
        name: String,
    },
    /// Close a société: nobody acts for it any more; what was done stays on record
    Close {
        /// Its code.
        code: SocieteId,
    },
}

/// Runs the command.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn run(args: SocieteArgs) -> io::Result<ExitCode> {
    use CabinetRequest as Q;
    let request = match args.command {
        SocieteCommand::Seal(order) => return seal::run(*order, &args.reach, args.json),
        SocieteCommand::Add { code: societe, name, siren } => {
            Q::SocieteAdd { societe, name, siren }
        }
        SocieteCommand::List => Q::SocieteList,
        SocieteCommand::Rename { code: societe, name } => Q::SocieteRename { societe, name },
        SocieteCommand::Close { code: societe } => Q::SocieteClose { societe },
    };
    ask(&args.reach, request, args.json)
}
