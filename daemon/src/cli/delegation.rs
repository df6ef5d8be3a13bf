//! `sceau delegation`: grant, import, list, revoke, explain.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use sceau_cabinet::{Channel, ChannelGrant, Days, EmailAddress, Language, Right, SocieteId};

use super::ask::{self, NO, ask, show};
use super::reach::{Reach, unreached};
use super::{eprint, exit};
use crate::admin::protocol::{CabinetRequest, CabinetResponse, Explanation, GrantTerms, Who};

/// Largest CSV file that is sent, in bytes.
const MAX_CSV: u64 = 4 << 20;

/// Who may sign, seal or prepare in the place of an expert-comptable.
#[derive(Debug, clap::Args)]
pub(crate) struct DelegationArgs {
    #[command(subcommand)]
    command: DelegationCommand,
    #[command(flatten)]
    reach: Reach,
    /// Print JSON.
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, clap::Subcommand)]
enum DelegationCommand {
    /// Grant a délégation
    ///
    /// The délégant is an expert-comptable of the société; nobody grants to himself. An address
    /// without an account is fine: the délégation waits for the account.
    Grant(GrantArgs),
    /// Grant every délégation of a CSV file, or none
    ///
    /// The first line names the columns: email;droits;societe;workflows;channels;first;last (the last
    /// four may be absent or empty; `,` works as well as `;`, English names as well as French ones).
    Import(ImportArgs),
    /// List délégations
    List(ListArgs),
    /// Revoke a délégation: it ends at once
    Revoke {
        /// Its identifier, or the first digits of it (at least four).
        delegation: String,
    },
    /// May somebody do something, and by which délégation, or why not; now or at a past moment
    ///
    /// Exit code: 0 yes, 1 no.
    Explain(ExplainArgs),
}

#[derive(Debug, clap::Args)]
struct GrantArgs {
    /// The délégant: e-mail address or identifier of an expert-comptable of the société.
    #[arg(long, value_name = "WHO")]
    by: Who,
    /// The délégataire's e-mail address.
    #[arg(long, value_name = "EMAIL")]
    to: EmailAddress,
    /// The code of the société.
    #[arg(long, value_name = "CODE")]
    societe: SocieteId,
    /// signer, sceller or preparer; may be repeated, or separated by commas.
    #[arg(long = "right", required = true, value_delimiter = ',', value_parser = right)]
    rights: Vec<Right>,
    /// For this workflow only; may be repeated.
    #[arg(long = "workflow", value_delimiter = ',', value_name = "NAME")]
    workflows: Vec<String>,
    /// Through this channel only: folder:NAME, folders, api or web; may be repeated.
    #[arg(long = "channel", value_delimiter = ',', value_name = "CHANNEL")]
    channels: Vec<ChannelGrant>,
    /// The first day, of Europe/Paris: 2026-01-31.
    #[arg(long, value_name = "DAY")]
    from: Option<Date>,
    /// The last day, of Europe/Paris, included.
    #[arg(long, value_name = "DAY")]
    until: Option<Date>,
}

#[derive(Debug, clap::Args)]
struct ImportArgs {
    /// The CSV file; `-` reads standard input.
    csv: PathBuf,
    /// The délégant of all of them.
    #[arg(long, value_name = "WHO")]
    by: Who,
}

#[derive(Debug, clap::Args)]
struct ListArgs {
    /// Of this société only.
    #[arg(long, value_name = "CODE")]
    societe: Option<SocieteId>,
    /// That this person gave or received.
    #[arg(long, value_name = "WHO")]
    who: Option<Who>,
    /// Those that have ended, too.
    #[arg(long)]
    all: bool,
}

#[derive(Debug, clap::Args)]
struct ExplainArgs {
    /// Who: e-mail address or identifier.
    #[arg(long)]
    who: Who,
    /// signer, sceller or preparer.
    #[arg(long, value_parser = right)]
    right: Right,
    /// The code of the société.
    #[arg(long, value_name = "CODE")]
    societe: SocieteId,
    /// In which workflow; without it: in any, and the answer tells which.
    #[arg(long, value_name = "NAME")]
    workflow: Option<String>,
    /// Through which channel (folder:NAME, api, web); without it: through any, and the answer
    /// tells which.
    #[arg(long)]
    channel: Option<Channel>,
    /// At which moment: 2026-01-31T14:05:00Z, or a time or day of Europe/Paris
    /// (2026-01-31T14:05, 2026-01-31: its beginning); without it: now.
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<Timestamp>,
    /// The language of the reasons: en or fr.
    #[arg(long, default_value = "en", value_name = "LANG")]
    lang: Language,
}

/// Runs the command.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn run(args: DelegationArgs) -> io::Result<ExitCode> {
    let (reach, json) = (args.reach, args.json);
    let request = match args.command {
        DelegationCommand::Explain(question) => return explain(question, json, &reach),
        DelegationCommand::Grant(grant) => grant_request(grant),
        DelegationCommand::Import(import) => match read_csv(&import.csv) {
            Ok(csv) => CabinetRequest::DelegationImport { by: import.by, csv },
            Err(error) => return Ok(unreadable(&import.csv, &error)),
        },
        DelegationCommand::List(ListArgs { societe, who, all }) => {
            CabinetRequest::DelegationList { societe, who, all }
        }
        DelegationCommand::Revoke { delegation } => CabinetRequest::DelegationRevoke { delegation },
    };
    ask(&reach, request, json)
}

fn grant_request(args: GrantArgs) -> CabinetRequest {
    let terms = GrantTerms {
        to: args.to,
        societe: args.societe,
        rights: args.rights.into_iter().collect(),
        workflows: (!args.workflows.is_empty()).then(|| args.workflows.into_iter().collect()),
        channels: (!args.channels.is_empty()).then(|| args.channels.into_iter().collect()),
        days: Days { first: args.from, last: args.until },
    };
    CabinetRequest::DelegationGrant { by: args.by, terms }
}

fn read_csv(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let read = match path == Path::new("-") {
        true => io::stdin().lock().take(MAX_CSV + 1).read_to_string(&mut text)?,
        false => File::open(path)?.take(MAX_CSV + 1).read_to_string(&mut text)?,
    };
    match read as u64 <= MAX_CSV {
        true => Ok(text),
        false => Err(io::Error::other("it is larger than 4 MiB")),
    }
}

fn unreadable(path: &Path, error: &io::Error) -> ExitCode {
    eprint(&format!("sceau: {} cannot be read: {error}", path.display()));
    ExitCode::from(exit::NO_INPUT)
}

fn explain(args: ExplainArgs, json: bool, reach: &Reach) -> io::Result<ExitCode> {
    let ExplainArgs { who, right, societe, workflow, channel, at, lang } = args;
    let request = CabinetRequest::DelegationExplain { who, right, societe, workflow, channel, at };
    let response = match reach.client().cabinet(request) {
        Ok(response) => response,
        Err(error) => return Ok(unreached(&error)),
    };
    let CabinetResponse::Explained(explanation) = &response else { return show(&response, json) };
    match json {
        true => drop(show(&response, true)?),
        false => tell(explanation, lang, &mut io::stdout().lock())?,
    }
    Ok(if explanation.answer.is_yes() { ExitCode::SUCCESS } else { ExitCode::from(NO) })
}

fn tell(explanation: &Explanation, lang: Language, out: &mut impl Write) -> io::Result<()> {
    let (yes, no) = (lang.pick("oui", "yes"), lang.pick("non", "no"));
    let word = if explanation.answer.is_yes() { yes } else { no };
    let sentences = match lang {
        Language::Fr => &explanation.fr,
        Language::En => &explanation.en,
    };
    match sentences.as_slice() {
        [one] => writeln!(out, "{word}: {one}")?,
        several => {
            writeln!(out, "{word}:")?;
            several.iter().try_for_each(|one| writeln!(out, "  - {one}"))?;
        }
    }
    explanation.by.iter().try_for_each(|by| ask::delegation(by, out))
}

fn right(text: &str) -> Result<Right, String> {
    text.parse().map_err(|_| "signer, sceller or preparer is expected".to_owned())
}

/// A moment in UTC, or a civil one of Europe/Paris.
fn moment(text: &str) -> Result<Timestamp, String> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Ok(at);
    }
    let civil = text.parse::<DateTime>();
    let paris = TimeZone::get("Europe/Paris").map_err(|error| error.to_string())?;
    let at = civil.and_then(|civil| civil.to_zoned(paris));
    at.map(|at| at.timestamp()).map_err(|_| "2026-01-31T14:05:00Z or 2026-01-31 is expected".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_of_paris_and_of_the_world() {
        let noon = "2026-07-14T12:00:00Z".parse::<Timestamp>().unwrap();
        assert_eq!(moment("2026-07-14T12:00:00Z"), Ok(noon));
        assert_eq!(moment("2026-07-14T14:00"), Ok(noon));
        assert_eq!(moment("2026-07-15"), Ok("2026-07-14T22:00:00Z".parse().unwrap()));
        assert!(moment("yesterday").is_err());
    }
}
