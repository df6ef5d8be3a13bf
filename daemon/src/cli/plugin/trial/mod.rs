//! `sceau plugin test`: runs the component as the daemon would, on the cases of its `tests`
//! directory, and holds what comes of it against the files that are committed there.

mod case;
mod world;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use sceau_engine::plugins::{INSPECTION, refusal};
use sceau_plugin_host::grant::Effective;
use sceau_plugin_host::{
    Answer, Cache, Call, Execution, Happened, Kind, Machine, Parcel, Plugin, Run, Sealed, Settings,
    StepWork,
};
use serde_json::{Value, json};

use super::{Trouble, exit, read};
use crate::run::compiler;
use case::Case;
use world::{DOCUMENT, Traces};

/// Run a plugin's component as the daemon would, on the cases of its tests directory
///
/// A case is tests/NAME.toml: a document (a PDF beside it), settings, grants, secrets, a moment, and
/// the requests that are answered from the recording. What comes of it is held against
/// tests/NAME.json; --bless writes that file. Nothing leaves this machine.
#[derive(Debug, clap::Args)]
pub(super) struct TestArgs {
    /// The plugin's directory, with its built component.
    #[arg(default_value = ".")]
    directory: PathBuf,
    /// Only cases whose name holds this.
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Show each host call, with its time in the host and the fuel used until then.
    #[arg(long)]
    explain: bool,
    /// Write what comes of each case as what is expected from now on.
    #[arg(long)]
    bless: bool,
}

pub(super) fn run(order: &TestArgs) -> Result<ExitCode, Trouble> {
    let parcel = read(&order.directory)?;
    let files = cases(&order.directory.join("tests"), order.only.as_deref())?;
    let bench = Bench::new(&parcel)?;
    let mut out = io::stdout().lock();
    let mut failed = 0;
    bench.self_test()?;
    writeln!(out, "self-test ... ok")?;
    for file in &files {
        let name = file.file_stem().unwrap_or_default().display();
        match one(&bench, file, order, &mut out)? {
            Ok(()) => writeln!(out, "{name} ... ok")?,
            Err(why) => {
                failed += 1;
                writeln!(out, "{name} ... FAILED\n{why}")?;
            }
        }
    }
    writeln!(out, "{} passed, {failed} failed", files.len() + 1 - failed)?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::from(exit::REFUSED) })
}

fn cases(folder: &Path, only: Option<&str>) -> Result<Vec<PathBuf>, Trouble> {
    let none = |why: String| Trouble::Refused(exit::NO_INPUT, why);
    let entries =
        fs::read_dir(folder).map_err(|error| none(format!("{}: {error}", folder.display())))?;
    let wanted = |path: &PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        path.extension().is_some_and(|end| end == "toml") && only.is_none_or(|o| name.contains(o))
    };
    let mut files: Vec<PathBuf> =
        entries.flatten().map(|entry| entry.path()).filter(wanted).collect();
    files.sort();
    if files.is_empty() {
        return Err(none(format!("{} holds no case (NAME.toml)", folder.display())));
    }
    Ok(files)
}

/// A machine that counts fuel, with the plugin on it.
struct Bench {
    machine: Machine,
    plugin: Plugin,
}

impl Bench {
    fn new(parcel: &Parcel) -> Result<Self, Trouble> {
        let refused = |why: String| Trouble::Refused(exit::REFUSED, why);
        let settings = Settings { fuel: true, ..Execution::Auto.settings() };
        let machine = Machine::new(settings).map_err(|error| refused(error.to_string()))?;
        let place =
            cache().ok_or_else(|| refused("HOME says no place for the cache".to_owned()))?;
        let plugin = Cache::open(place, compiler()?)
            .and_then(|cache| {
                let Parcel { manifest, manifest_bytes, component, .. } = parcel;
                cache.plugin(&machine, manifest.clone(), manifest_bytes, component)
            })
            .map_err(|error| refused(error.to_string()))?;
        Ok(Self { machine, plugin })
    }

    fn self_test(&self) -> Result<(), Trouble> {
        let refused = |why: String| Trouble::Refused(exit::REFUSED, why);
        crate::self_test::self_test(&self.machine, &self.plugin).map_err(refused)
    }
}

/// Never beneath the plugin's directory: what lies there came from its author.
fn cache() -> Option<PathBuf> {
    let base = std::env::var_os("XDG_CACHE_HOME").filter(|place| !place.is_empty());
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    Some(base.map(PathBuf::from).or_else(home)?.join("sceau/plugin-cache"))
}

type Verdict = Result<(), String>;

fn one(bench: &Bench, file: &Path, order: &TestArgs, out: &mut impl Write) -> io::Result<Verdict> {
    let tried = match tried(bench, file, order.explain) {
        Ok(tried) => tried,
        Err(why) => return Ok(Err(why)),
    };
    if order.explain {
        explain(&tried.run, out)?;
    }
    let told = format!("{:#}\n", tried.told);
    let golden = file.with_extension("json");
    if order.bless {
        fs::write(&golden, &told)?;
        return Ok(Ok(()));
    }
    Ok(match fs::read_to_string(&golden) {
        Ok(expected) if expected == told => Ok(()),
        Ok(expected) => Err(difference(&expected, &told)),
        Err(_) => Err(format!("{} is missing; --bless writes it:\n{told}", golden.display())),
    })
}

struct Tried {
    run: Run,
    told: Value,
}

fn tried(bench: &Bench, file: &Path, explain: bool) -> Result<Tried, String> {
    let case = Case::read(file)?;
    let manifest = &bench.plugin.manifest;
    let settings = serde_json::to_value(&case.settings).map_err(|error| error.to_string())?;
    let faults = manifest.schema.faults(&settings);
    if !faults.is_empty() {
        return Err(faults.join("\n"));
    }
    let rights = Effective::of(&manifest.asked, &case.granted(manifest)?);
    let folder = file.parent().unwrap_or(Path::new("."));
    let (world, traces) = world::world(&case, folder, explain)?;
    let call = Call {
        dossier: "D1".to_owned(),
        step: "test".to_owned(),
        attempt: case.attempt,
        idempotency_key: "test-1".to_owned(),
        documents: case.document.iter().map(|_| DOCUMENT.to_owned()).collect(),
        settings,
        work: work(manifest.kind, &case, folder)?,
    };
    let plugin = limited(&bench.plugin, &case);
    let run = bench.machine.run(&plugin, &call, &rights, world);
    let told = told(&run, &traces, &case, folder)?;
    Ok(Tried { run, told })
}

fn work(kind: Kind, case: &Case, folder: &Path) -> Result<StepWork, String> {
    let at_ms = u64::try_from(case.now.as_millisecond()).unwrap_or_default();
    Ok(match kind {
        Kind::Prepare => StepWork::Prepare,
        Kind::Route => StepWork::Route,
        Kind::Validate => StepWork::Validate,
        Kind::Notify => {
            let name =
                case.event.as_ref().map_or("step-reached", |event| event.name.as_str()).to_owned();
            let data = case.event.as_ref().map(|event| serde_json::to_value(&event.data));
            let data = data.transpose().map_err(|error| error.to_string())?;
            StepWork::Notify(Happened { name, at_ms, data: data.unwrap_or_else(|| json!({})) })
        }
        Kind::AfterSeal => {
            let document = case.document.as_ref().map(|file| fs::read(folder.join(file)));
            let document = document.transpose().map_err(|error| error.to_string())?;
            let level =
                case.sealed.as_ref().map_or("B-LTA", |sealed| sealed.level.as_str()).to_owned();
            let sha256 = sha256(&document.unwrap_or_default());
            StepWork::AfterSeal(Sealed { sha256, level, sealed_at_ms: at_ms })
        }
    })
}

/// The plugin within what the case leaves it of its limits.
fn limited(plugin: &Plugin, case: &Case) -> Plugin {
    let mut limited = plugin.clone();
    let mut manifest = (*limited.manifest).clone();
    let limits = &mut manifest.limits;
    limits.time = case.time_ms.map_or(limits.time, |ms| limits.time.min(Duration::from_millis(ms)));
    limits.memory = case.memory.map_or(limits.memory, |memory| limits.memory.min(memory));
    limited.manifest = manifest.into();
    limited
}

pub(super) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    let mut own = [0; 32];
    own.copy_from_slice(digest.as_ref());
    own
}

/// All that can be seen of a run, and is the same every time.
fn told(run: &Run, traces: &Traces, case: &Case, folder: &Path) -> Result<Value, String> {
    let mut told = json!({
        "answer": answer(run, case, folder)?,
        "log": run.log.iter().map(|l| format!("{}: {}", l.level, l.text)).collect::<Vec<_>>(),
    });
    let mut add = |key: &str, value: Value, is: bool| {
        if is {
            told[key] = value;
        }
    };
    let event = |(name, data): &(String, String)| json!({ "name": name, "data": data });
    let events: Vec<Value> = run.events.iter().map(event).collect();
    add("events", json!(events), !events.is_empty());
    let (seen, left) = (traces.network.seen(), traces.network.left());
    add("requests", json!(seen), !seen.is_empty());
    add("recorded_but_not_asked", json!(left), !left.is_empty());
    let filed = traces.directories.seen();
    add("filed", json!(filed), !filed.is_empty());
    let state = traces.memory.told();
    add("state", json!(state), !state.is_empty());
    add("refused", json!(run.spent.denied), !run.spent.denied.is_empty());
    Ok(told)
}

fn answer(run: &Run, case: &Case, folder: &Path) -> Result<Value, String> {
    Ok(match &run.result {
        Err(error) => {
            let panic = error.panic.as_ref().map(|p| json!({ "at": p.place, "said": p.message }));
            json!({ "ended_by": error.cause.word(), "panic": panic })
        }
        Ok(Answer::Well) => json!("well"),
        Ok(Answer::Prepared(prepared)) => {
            let made = prepared.document.as_ref().map(|bytes| made(bytes, case, folder));
            json!({ "made": made.transpose()?, "note": prepared.note })
        }
        Ok(Answer::Decision(decision)) => json!({ "decision": decision }),
        Ok(Answer::Report(report)) => json!({ "report": report }),
        Ok(Answer::Delivery(delivery)) => json!({ "delivery": delivery }),
        Ok(Answer::Artifacts(artifacts)) => json!({ "artifacts": artifacts }),
        Ok(Answer::Fault(fault)) => json!({ "fault": fault }),
    })
}

/// A new document, looked at as the daemon looks at it.
fn made(bytes: &[u8], case: &Case, folder: &Path) -> Result<Value, String> {
    let before = case.document.as_ref().ok_or("the case has no document to compare with")?;
    let before = fs::read(folder.join(before)).map_err(|error| error.to_string())?;
    Ok(json!({
        "bytes": bytes.len(),
        "sha256": hex::encode(sha256(bytes)),
        "refused_by_the_host": refusal(before, Arc::new(bytes.to_vec()), INSPECTION),
    }))
}

/// The first line that differs, with what stands on either side.
fn difference(expected: &str, told: &str) -> String {
    let mut lines = expected.lines().zip(told.lines()).enumerate();
    let first = lines.find(|(_, (old, new))| old != new);
    let at = first.map_or_else(|| expected.lines().count().min(told.lines().count()), |(at, _)| at);
    let line = |text: &str| text.lines().nth(at).unwrap_or("(nothing)").to_owned();
    format!(
        "line {}:\n  expected {}\n  came     {}\nall that came:\n{told}",
        at + 1,
        line(expected),
        line(told)
    )
}

/// Each host call, with the time in the host and the fuel used until then.
fn explain(run: &Run, out: &mut impl Write) -> io::Result<()> {
    writeln!(out, "{:>12} {:>10}  host call", "fuel until", "µs in host")?;
    for call in &run.spent.trace {
        let fuel = call.fuel_left.map_or(0, |left| u64::MAX - left);
        writeln!(out, "{fuel:>12} {:>10}  {} {}", call.time.as_micros(), call.name, call.detail)?;
    }
    let (fuel, time) = (run.spent.fuel.unwrap_or_default(), run.spent.time.as_micros());
    let (memory, calls) = (run.spent.memory >> 10, run.spent.calls);
    writeln!(out, "{fuel:>12} {time:>10}  in all; {calls} host calls, {memory} KiB of memory")?;
    if let Err(error) = &run.result {
        writeln!(out, "{error}")?;
    }
    Ok(())
}
