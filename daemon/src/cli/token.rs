//! `sceau token`: who calls over HTTP.

use std::io;
use std::process::ExitCode;

use jiff::{SignedDuration, Timestamp};
use sceau_cabinet::Scope;

use super::ask::ask;
use super::reach::Reach;
use crate::admin::protocol::{CabinetRequest, Who};

/// API tokens. Each acts for one account, and never opens more than that account may do.
#[derive(Debug, clap::Args)]
pub(crate) struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
    #[command(flatten)]
    reach: Reach,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum TokenCommand {
    /// Create a token; its secret is shown this once, and only a hash of it is kept
    Create {
        /// For whom it acts: e-mail address or identifier.
        #[arg(long, value_name = "WHO")]
        account: Who,
        /// What it opens: submit, read, verify; may be repeated.
        #[arg(long = "scope", required = true, value_delimiter = ',', value_parser = scope)]
        scopes: Vec<Scope>,
        /// What it is for, in a few words without personal details.
        #[arg(long, default_value = "API")]
        purpose: String,
        /// After how many days it is worth nothing; 0: never.
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(..=3650))]
        days: u16,
    },
    /// List all tokens
    List,
    /// Revoke a token: it opens nothing any more
    Revoke {
        /// Its identifier, or the first digits of it (at least four).
        token: String,
    },
}

/// Runs the command.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn run(args: TokenArgs) -> io::Result<ExitCode> {
    let request = match args.command {
        TokenCommand::Create { account: who, scopes, purpose, days } => {
            let scopes = scopes.into_iter().collect();
            let expires_at = expiry(Timestamp::now(), days);
            CabinetRequest::TokenCreate { who, scopes, purpose, expires_at }
        }
        TokenCommand::List => CabinetRequest::TokenList,
        TokenCommand::Revoke { token } => CabinetRequest::TokenRevoke { token },
    };
    ask(&args.reach, request, args.json)
}

/// So many times 24 hours from now; at most ten years, which no clock of ours is short of.
fn expiry(now: Timestamp, days: u16) -> Option<Timestamp> {
    let after = SignedDuration::from_hours(24 * i64::from(days));
    (days > 0).then(|| now.saturating_add(after).unwrap_or(Timestamp::MAX))
}

fn scope(text: &str) -> Result<Scope, String> {
    let expected = || Scope::ALL.map(Scope::word).join(", ");
    text.parse().map_err(|_| format!("one of {} is expected", expected()))
}
