//! What the host adds to a plugin's step: the bundled `router` on a page of text, beside the same
//! functions called natively; as native code, and as code of the interpreter (what systemd's
//! `MemoryDenyWriteExecute=` leaves). `tests/bench.sh` runs it; figures are medians, in the time that the kernel
//! counts for this thread. Both take turns.
//!
//!     cargo run --release -p sceau-plugin-host --example step_cost -- plugins/router [RUNS]

#![allow(clippy::unwrap_used, clippy::print_stdout)]

#[path = "../../../../plugins/router/src/plain.rs"]
mod plain;

use std::collections::BTreeMap;
use std::hint::black_box;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sceau_plugin_host::grant::{Asked, Effective, Granted};
use sceau_plugin_host::ports::{
    Change, Clock, Document, Documents, NoFiling, NoHttp, PageBox, Random, Secrets, SignatureNote,
    State, StateError, Unreadable,
};
use sceau_plugin_host::{Answer, Call, Machine, Manifest, Plugin, Settings, StepWork, World};
use sceau_workflow::faults::{Faults, Source};
use serde_json::{Value, json};

/// Characters of the page's text.
const TEXT: usize = 4_000;
/// Runs between two looks at the clock.
const BLOCK: u32 = 20;

fn main() {
    let folder = std::env::args().nth(1).map_or_else(|| "plugins/router".into(), PathBuf::from);
    let runs: u32 = std::env::args().nth(2).and_then(|runs| runs.parse().ok()).unwrap_or(2_000);
    println!("| a route step | as a plugin, µs | natively, µs | the host adds, µs |");
    println!("|---|---|---|---|");
    for settings in [Settings::NATIVE, Settings::PORTABLE] {
        let (hosted, native) = measured(settings, &folder, runs);
        let (word, added) = (settings.word(), hosted - native);
        println!("| {word} code, {runs} runs | {hosted:.1} | {native:.1} | {added:.1} |");
    }
}

/// A run as a plugin and natively, in microseconds.
fn measured(settings: Settings, folder: &Path, runs: u32) -> (f64, f64) {
    let machine = Machine::new(settings).unwrap();
    let plugin = plugin(&machine, folder);
    let (call, rights) = (call(), rights());
    let (mut hosted, mut native) = (Vec::new(), Vec::new());
    for _ in 0..runs.div_ceil(BLOCK) {
        native.push(spent(|| assert_eq!(black_box(natively(&call.settings)), "mission")));
        hosted.push(spent(|| {
            let answer = machine.run(&plugin, &call, &rights, world()).result.unwrap();
            assert!(matches!(answer, Answer::Decision(decision) if decision.outcome == "mission"));
        }));
    }
    (median(&mut hosted), median(&mut native))
}

/// The same logic as the plugin's, with the same functions.
fn natively(settings: &Value) -> String {
    let mut document = Page;
    let count = document.page_count().unwrap();
    let texts = (1..=count).filter_map(|page| document.page_text(page).unwrap());
    let text = plain::plain(&texts.collect::<Vec<_>>().join("\n"));
    let holds = |rule: &&Value| {
        let mut wanted = rule["text"].as_array().unwrap().iter();
        wanted.all(|wanted| text.contains(&plain::plain(wanted.as_str().unwrap())))
    };
    let settings: Value = serde_json::from_str(&settings.to_string()).unwrap();
    let rule = settings["rule"].as_array().unwrap().iter().find(holds);
    rule.map_or(&settings["otherwise"], |rule| &rule["outcome"]).as_str().unwrap().to_owned()
}

fn plugin(machine: &Machine, folder: &Path) -> Plugin {
    let text = std::fs::read_to_string(folder.join(Manifest::FILE)).unwrap();
    let faults = Faults::default();
    let manifest = Manifest::parse(Source::new("plugin.toml", &text), &faults).unwrap();
    let component = std::fs::read(folder.join(&manifest.component))
        .unwrap_or_else(|error| panic!("{error}: sceau plugin build {}", folder.display()));
    machine.compiled_here(manifest, &component).unwrap()
}

fn call() -> Call {
    Call {
        dossier: "D1".into(),
        step: "route".into(),
        attempt: 1,
        idempotency_key: "1".into(),
        documents: vec!["document".into()],
        settings: json!({ "otherwise": "reste", "rule": [
            { "outcome": "liasse", "text": ["cerfa 2065"] },
            { "outcome": "mission", "text": ["Lettre de MISSION", "société"] },
        ] }),
        work: StepWork::Route,
    }
}

fn rights() -> Effective {
    let asked = Asked { documents: true, ..Asked::default() };
    Effective::of(&asked, &Granted { documents: true, ..Granted::default() })
}

fn world() -> World {
    World {
        documents: Box::new(Page),
        http: Arc::new(NoHttp),
        filing: Arc::new(NoFiling),
        state: Box::new(Page),
        secrets: Arc::new(Page),
        clock: Box::new(Page),
        random: Box::new(Page),
        context: BTreeMap::new(),
        explain: false,
    }
}

/// A document of one page, and a world where there is nothing else.
struct Page;

fn text() -> String {
    let line = "Cabinet Exemple, lettre de mission de la société Dupont, à Lyon le 2 mars.\n";
    line.chars().cycle().take(TEXT).collect()
}

impl Documents for Page {
    fn open(&mut self, _id: &str) -> Option<Box<dyn Document>> {
        Some(Box::new(Page))
    }
}

impl Document for Page {
    fn name(&self) -> String {
        "lettre.pdf".into()
    }

    fn media_type(&self) -> String {
        "application/pdf".into()
    }

    fn size(&self) -> u64 {
        0
    }

    fn sha256(&self) -> [u8; 32] {
        [0; 32]
    }

    fn read(&mut self, _offset: u64, _count: u32) -> Result<Vec<u8>, Unreadable> {
        Ok(Vec::new())
    }

    fn page_count(&mut self) -> Result<u32, Unreadable> {
        Ok(1)
    }

    fn page_text(&mut self, _page: u32) -> Result<Option<String>, Unreadable> {
        Ok(Some(text()))
    }

    fn text_places(
        &mut self,
        _page: u32,
        _characters: Range<usize>,
    ) -> Result<Option<Vec<PageBox>>, Unreadable> {
        Ok(None)
    }

    fn page_box(&mut self, _page: u32) -> Result<Option<PageBox>, Unreadable> {
        Ok(None)
    }

    fn metadata(&mut self, _key: &str) -> Result<Option<String>, Unreadable> {
        Ok(None)
    }

    fn signatures(&mut self) -> Result<Vec<SignatureNote>, Unreadable> {
        Ok(Vec::new())
    }
}

impl State for Page {
    fn get(&mut self, _key: &str) -> Result<Option<(Vec<u8>, u64)>, StateError> {
        Ok(None)
    }

    fn put(&mut self, _: &Change<'_>) -> Result<u64, StateError> {
        Ok(1)
    }

    fn sizes(&mut self) -> Result<Vec<(String, u64)>, StateError> {
        Ok(Vec::new())
    }
}

impl Secrets for Page {
    fn secret(&self, name: &str) -> Result<String, String> {
        Err(name.to_owned())
    }
}

impl Clock for Page {
    fn now_ms(&self) -> u64 {
        0
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

impl Random for Page {
    fn fill(&mut self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// Time of this thread for one of [`BLOCK`] acts, in microseconds.
fn spent(act: impl Fn()) -> f64 {
    let before = cpu();
    (0..BLOCK).for_each(|_| act());
    (cpu() - before) / 1_000.0 / f64::from(BLOCK)
}

/// Time of this thread so far, in nanoseconds.
fn cpu() -> f64 {
    // The scheduler brings its accounts up to date when a thread yields.
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split_whitespace().next().unwrap().parse().unwrap()
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
