//! `sceau plugin install`: show, ask, compile, test, and only then put it there.

use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use sceau_plugin_host::{Cache, Machine, Parcel};

use super::{Place, Reach, Trouble, exit, grants, read, show, signature};
use crate::config::PluginsConfig;
use crate::run::{CACHE, compiler, foreign_owner};
use crate::self_test::self_test;

/// Install a plugin: show what it asks, check its signature where sceau.toml demands one, compile
/// it in a process of its own, run its self-test, and put it beneath the state directory
///
/// Run it as the user of the service. A version that is installed never changes; another content
/// needs another version. Workflows name id and version.
#[derive(Debug, clap::Args)]
pub(super) struct InstallArgs {
    /// The plugin's directory: plugin.toml and its component.
    directory: PathBuf,
    /// Yes to what it asks, and add the grant to sceau.toml.
    #[arg(long)]
    grant: bool,
    /// Yes to installing it, without granting anything.
    #[arg(long, conflicts_with = "grant")]
    yes: bool,
}

pub(super) fn run(order: &InstallArgs, reach: &Reach, json: bool) -> Result<ExitCode, Trouble> {
    let place = Place::of(reach)?;
    by_the_owner(&place)?;
    let parcel = read(&order.directory)?;
    let mut out = io::stdout().lock();
    if !json {
        show::text(&parcel, &mut out)?;
    }
    let config = &place.config;
    if config.require_signature || (parcel.signature.is_some() && !config.keys.is_empty()) {
        signature::check(&parcel, &config.keys)?;
    }
    agree(order, &parcel)?;
    test(&parcel, &place)?;
    let put = place.shelf().put(&parcel);
    let new = put.map_err(|error| Trouble::Refused(exit::REFUSED, error.to_string()))?;
    let manifest = &parcel.manifest;
    if json {
        let mut value = show::json(&parcel);
        value["installed"] = new.into();
        writeln!(out, "{value:#}")?;
    } else {
        let word = if new { "installed" } else { "is installed already" };
        writeln!(out, "{} {} {word}", manifest.id, manifest.version)?;
    }
    let nothing = manifest.asked.lines().is_empty();
    if order.grant && !nothing && !config.grants.contains_key(&manifest.id) {
        drop(out);
        grants::add(reach.config(), manifest, &place)?;
        if !json {
            grants::show(reach.config(), manifest)?;
        }
        let told = grants::told(reach)?;
        if !json {
            writeln!(io::stdout(), "{told}")?;
        }
    } else if !json {
        lacking(&parcel, config, &mut out)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// What it asks and has not, and how it gets it.
fn lacking(parcel: &Parcel, config: &PluginsConfig, out: &mut impl Write) -> io::Result<()> {
    let id = &parcel.manifest.id;
    let grant = config.grants.get(id);
    let held = grant.map(|grant| grant.granted.clone()).unwrap_or_default();
    let missing = parcel.manifest.asked.missing(&held);
    if missing.is_empty() {
        return Ok(());
    }
    let how = match grant {
        None => format!("sceau plugin grant {id} --write"),
        Some(_) => format!("add it to its [[plugins.grant]] (sceau plugin grant {id} shows all)"),
    };
    writeln!(out, "not granted: {}; {how}", missing.join(", "))
}

/// What another user installs, the service could not read or replace.
fn by_the_owner(place: &Place) -> Result<(), Trouble> {
    let Some((owner, user)) = foreign_owner(&place.state) else { return Ok(()) };
    let why = format!(
        "the state {} belongs to the user {owner}, and this is the user {user}: install as its \
         owner (sudo -u '#{owner}' sceau plugin install ...)",
        place.state.display()
    );
    Err(Trouble::Refused(exit::USAGE, why))
}

/// A yes, by flag or by somebody who reads what stands above the question.
fn agree(order: &InstallArgs, parcel: &Parcel) -> Result<(), Trouble> {
    if order.grant || order.yes {
        return Ok(());
    }
    let refused = |why: &str| Err(Trouble::Refused(exit::USAGE, why.to_owned()));
    if !io::stdin().is_terminal() {
        return refused(
            "nobody to ask: say --yes to install it, --grant to grant what it asks too",
        );
    }
    let (id, version) = (&parcel.manifest.id, &parcel.manifest.version);
    write!(io::stderr(), "Install {id} {version}? It gets nothing until you grant it. [y/N] ")?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    match answer.trim() {
        "y" | "Y" | "yes" | "o" | "O" | "oui" => Ok(()),
        _ => refused("not installed"),
    }
}

/// Compiles it, links it to the contract and runs its own test.
fn test(parcel: &Parcel, place: &Place) -> Result<(), Trouble> {
    let refused = |why: String| Trouble::Refused(exit::REFUSED, why);
    let machine = Machine::new(place.config.execution.settings())
        .map_err(|error| refused(error.to_string()))?;
    let plugin = Cache::open(place.state.join(CACHE), compiler()?)
        .and_then(|cache| {
            let Parcel { manifest, manifest_bytes, component, .. } = parcel;
            cache.plugin(&machine, manifest.clone(), manifest_bytes, component)
        })
        .map_err(|error| refused(error.to_string()))?;
    self_test(&machine, &plugin).map_err(refused)
}
