//! How the commands about the cabinet reach the daemon, and how they show what it tells.

use std::io::{self, Write};
use std::process::ExitCode;

use sceau_cabinet::DelegationId;
use serde::Serialize;

use super::moment::local;
use super::reach::{Reach, unreached};
use crate::admin::protocol::{CabinetRequest, CabinetResponse, DelegationView, PersonView};

/// Asks, and shows what was told.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn ask(reach: &Reach, request: CabinetRequest, json: bool) -> io::Result<ExitCode> {
    match reach.client().cabinet(request) {
        Ok(response) => show(&response, json),
        Err(error) => Ok(unreached(&error)),
    }
}

/// The exit code of an order that was refused, and of an `explain` that answers no.
pub(crate) const NO: u8 = 1;

/// Shows what was told: JSON, or text for people; a refusal goes to standard error.
///
/// # Errors
/// The output cannot be written.
pub(crate) fn show(response: &CabinetResponse, json: bool) -> io::Result<ExitCode> {
    if let CabinetResponse::Refused { faults } = response {
        return refused(faults, json);
    }
    let mut out = io::stdout().lock();
    match json {
        true => show_json(response, &mut out)?,
        false => show_text(response, &mut out)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn refused(faults: &[String], json: bool) -> io::Result<ExitCode> {
    if json {
        let answer = serde_json::json!({ "refused": faults });
        writeln!(io::stdout(), "{answer:#}")?;
    }
    for fault in faults {
        writeln!(io::stderr(), "refused: {fault}")?;
    }
    Ok(ExitCode::from(NO))
}

/// Lists are arrays; one grant is its délégation; everything else as the protocol has it.
fn show_json(response: &CabinetResponse, out: &mut impl Write) -> io::Result<()> {
    use CabinetResponse as R;
    match response {
        R::Granted { delegations } if delegations.len() == 1 => pretty(&delegations[0], out),
        R::Granted { delegations } | R::Delegations { delegations } => pretty(delegations, out),
        R::Societes { societes } => pretty(societes, out),
        R::Accounts { accounts } => pretty(accounts, out),
        R::Tokens { tokens } => pretty(tokens, out),
        R::Explained(explanation) => pretty(explanation, out),
        other => pretty(other, out),
    }
}

fn pretty<T: Serialize>(value: &T, out: &mut impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)
}

fn show_text(response: &CabinetResponse, out: &mut impl Write) -> io::Result<()> {
    use CabinetResponse as R;
    match response {
        R::Done => writeln!(out, "done"),
        R::Opened { person } => writeln!(out, "account {person} opened"),
        R::Granted { delegations } => delegations.iter().try_for_each(|one| granted(one, out)),
        R::Societes { societes } => societes.iter().try_for_each(|one| {
            let closed = one.closed_since.map_or(String::new(), |at| format!("  closed {at}"));
            writeln!(out, "{}  {}  SIREN {}{closed}", one.societe, one.name, one.siren)
        }),
        R::Accounts { accounts } => accounts.iter().try_for_each(|one| account(one, out)),
        R::Delegations { delegations } => {
            delegations.iter().try_for_each(|one| delegation(one, out))
        }
        R::Explained(_) | R::Refused { .. } => Ok(()),
        R::TokenCreated { token, secret } => {
            writeln!(out, "token {token}\nsecret, shown this once: {secret}")
        }
        R::Tokens { tokens } => tokens.iter().try_for_each(|one| token(one, out)),
    }
}

fn granted(one: &DelegationView, out: &mut impl Write) -> io::Result<()> {
    let (to, state) = (delegataire(one), one.state.words(sceau_cabinet::Language::En));
    writeln!(out, "délégation {} granted to {to}: {state}", one.id)
}

fn account(one: &crate::admin::protocol::AccountView, out: &mut impl Write) -> io::Result<()> {
    let mut notes: Vec<String> = Vec::new();
    if one.admin {
        notes.push("admin".to_owned());
    }
    let codes = one.expert_comptable.iter();
    notes.extend(codes.map(|code| format!("expert-comptable of {code}")));
    if one.missing_steps.is_empty() {
        notes.push("registered".to_owned());
    }
    notes.extend(one.disabled_since.map(|at| format!("disabled {at}")));
    let line = format!("{}  {}  {}", one.person.person, person(&one.person), notes.join(", "));
    writeln!(out, "{}", line.trim_end())
}

/// One délégation over two lines.
pub(crate) fn delegation(one: &DelegationView, out: &mut impl Write) -> io::Result<()> {
    let (by, to) = (person(&one.by), delegataire(one));
    let state = one.state.words(sceau_cabinet::Language::En);
    writeln!(out, "{}  {state}  {} for {}", short(&one.id), listed(&one.rights), one.societe)?;
    write!(out, "          {by} -> {to}")?;
    if let Some(workflows) = &one.workflows {
        write!(out, "; workflows: {}", listed(workflows))?;
    }
    if let Some(channels) = &one.channels {
        write!(out, "; channels: {}", listed(channels))?;
    }
    if let Some(first) = one.days.first {
        write!(out, "; from {first}")?;
    }
    if let Some(last) = one.days.last {
        write!(out, "; until {last}")?;
    }
    writeln!(out)
}

fn token(one: &crate::admin::protocol::TokenView, out: &mut impl Write) -> io::Result<()> {
    let id = &one.token.to_string()[..8];
    write!(out, "{id}  {}  {}  {}", person(&one.person), listed(&one.scopes), one.purpose)?;
    if let Some(at) = one.expires_at {
        write!(out, "  expires {}", local(at))?;
    }
    if let Some(at) = one.revoked_at {
        write!(out, "  revoked {}", local(at))?;
    }
    writeln!(out)
}

fn delegataire(one: &DelegationView) -> String {
    match (&one.to, &one.waits_for) {
        (Some(to), _) => person(to),
        (None, Some(address)) => address.to_string(),
        (None, None) => "(erased)".to_owned(),
    }
}

fn person(view: &PersonView) -> String {
    match (&view.name, &view.email) {
        (Some(name), Some(email)) => format!("{name} <{email}>"),
        _ => format!("{} (erased)", view.person),
    }
}

fn listed<T: ToString>(values: &std::collections::BTreeSet<T>) -> String {
    values.iter().map(ToString::to_string).collect::<Vec<_>>().join("+")
}

/// The first eight digits suffice for `revoke`.
fn short(id: &DelegationId) -> String {
    id.to_string().chars().take(8).collect()
}
