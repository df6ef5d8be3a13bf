//! `sceau plugin install`: show, ask, compile, test, and only then put it there.

use std::collections::BTreeMap;
use std::io::{self, BufRead, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use sceau_plugin_host::ports::{
    Clock, Document, Documents, Expected, NoFiling, NoHttp, Random, Secrets, State, StateError,
};
use sceau_plugin_host::{Answer, Cache, Machine, Parcel, Plugin, World};

use super::{Place, Reach, Trouble, exit, grants, read, show, signature};
use crate::run::{CACHE, compiler};

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
    drop(out);
    let nothing = manifest.asked.lines().is_empty();
    if order.grant && !nothing && !config.grants.contains_key(&manifest.id) {
        grants::add(reach.config(), manifest, &place)?;
        return grants::told(reach);
    }
    Ok(ExitCode::SUCCESS)
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
    self_test(&machine, &plugin)
}

/// Runs the plugin's own test, in a world where there is nothing.
pub(super) fn self_test(machine: &Machine, plugin: &Plugin) -> Result<(), Trouble> {
    let refused = |why: String| Trouble::Refused(exit::REFUSED, why);
    match machine.self_test(plugin, empty_world()).result {
        Ok(Answer::Fault(fault)) => Err(refused(format!("its self-test fails: {fault:?}"))),
        Ok(_) => Ok(()),
        Err(error) => Err(refused(error.to_string())),
    }
}

/// A world without documents, network and memory.
fn empty_world() -> World {
    World {
        documents: Box::new(Nothing),
        http: Arc::new(NoHttp),
        filing: Arc::new(NoFiling),
        state: Box::new(Nothing),
        secrets: Arc::new(Nothing),
        clock: Box::new(Nothing),
        random: Box::new(Nothing),
        context: BTreeMap::new(),
        explain: false,
    }
}

struct Nothing;

impl Documents for Nothing {
    fn open(&mut self, _id: &str) -> Option<Box<dyn Document>> {
        None
    }
}

impl State for Nothing {
    fn get(&mut self, _key: &str) -> Result<Option<(Vec<u8>, u64)>, StateError> {
        Ok(None)
    }

    fn put(&mut self, _: &str, _: Option<&[u8]>, _: Expected) -> Result<u64, StateError> {
        Err(StateError::Other("a self-test has no memory".to_owned()))
    }

    fn sizes(&mut self) -> Result<Vec<(String, u64)>, StateError> {
        Ok(Vec::new())
    }
}

impl Secrets for Nothing {
    fn secret(&self, _name: &str) -> Result<String, String> {
        Err("a self-test has no secrets".to_owned())
    }
}

impl Clock for Nothing {
    fn now_ms(&self) -> u64 {
        0
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

impl Random for Nothing {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}
