//! Every function of the contract's first version, called by a committed component (`plugins/every-call`),
//! on the machine of native code and on the interpreter.

use std::collections::BTreeSet;
use std::path::PathBuf;

use sceau_plugin_host::grant::Effective;
use sceau_plugin_host::{
    Answer, Call, Machine, Manifest, Report, Run, Settings, StepFault, StepWork, Verdict,
};
use serde_json::json;

use crate::honest;
use crate::support::{Recorder, all, call, ok, world};

fn bytes(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/components/1.0.0");
    let file = folder.join(format!("{name}.wasm"));
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn of_the_first(kind: &str) -> Manifest {
    Manifest { contract: "1.0.0".to_owned(), ..honest(kind) }
}

fn run(machine: &Machine, act: &str, rights: &Effective) -> Run {
    let component = bytes("every-call");
    let plugin = machine.compiled_here(of_the_first("validate"), &component).expect("good");
    let settings = json!({ "act": act, "url": "https://allowed.example.fr/" });
    let call = Call { settings, ..call(StepWork::Validate) };
    machine.run(&plugin, &call, rights, world(Recorder::new(ok)))
}

fn report(run: Run) -> Report {
    match run.result.unwrap_or_else(|error| panic!("{error}")) {
        Answer::Report(report) => report,
        other => panic!("{other:?}"),
    }
}

/// The functions that the first version's worlds import, as the host tells its calls.
fn functions() -> BTreeSet<String> {
    let wit = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../plugins/wit/1.0.0");
    let mut resolve = wit_parser::Resolve::default();
    let (package, _) = resolve.push_dir(wit).expect("the contract");
    let world = resolve.select_world(&[package], Some("prepare")).expect("the largest world");
    let mut functions = BTreeSet::new();
    for item in resolve.worlds[world].imports.values() {
        let wit_parser::WorldItem::Interface { id, .. } = item else { continue };
        let interface = &resolve.interfaces[*id];
        let name = interface.name.as_deref().expect("a package's interface has a name");
        let short = |function: &String| function.rsplit('.').next().unwrap_or_default().to_owned();
        functions.extend(interface.functions.keys().map(|f| format!("{name}.{}", short(f))));
    }
    functions
}

#[test]
fn every_function_of_the_first_version_answers_as_it_says() {
    for settings in [Settings::NATIVE, Settings::PORTABLE] {
        let machine = Machine::new(settings).expect("a machine");
        let done = run(&machine, "all", &all());
        let mut called: BTreeSet<&str> = done.spent.trace.iter().map(|call| call.name).collect();
        let panicked = run(&machine, "panic", &all());
        called.extend(panicked.spent.trace.iter().map(|call| call.name));
        let component = bytes("prepare");
        let plugin = machine.compiled_here(of_the_first("prepare"), &component).expect("good");
        let call = call(StepWork::Prepare);
        let prepared = machine.run(&plugin, &call, &all(), world(Recorder::new(ok)));
        called.extend(prepared.spent.trace.iter().map(|call| call.name));
        let functions = functions();
        assert!(functions.len() == 26, "{functions:?}");
        let missed: Vec<&String> =
            functions.iter().filter(|name| !called.contains(name.as_str())).collect();
        assert!(missed.is_empty(), "never called: {missed:?}");

        let levels: Vec<&str> = done.log.iter().map(|line| line.level).collect();
        assert_eq!(levels, ["trace", "debug", "info", "warn", "error"]);
        assert_eq!(done.log[2].text, "info field=value");
        assert_eq!(done.events, [("asked".to_owned(), r#"{"calls":"all"}"#.to_owned())]);
        assert_eq!(done.spent.denied, [("http".to_owned(), 1), ("secret".to_owned(), 1)].into());
        let report = report(done);
        assert_eq!(report.verdict, Verdict::Accept);
        let told = |code: &str| {
            let found = report.findings.iter().find(|finding| finding.code == code);
            found.map(|finding| finding.en.as_str()).unwrap_or_else(|| panic!("no {code}"))
        };
        for (code, value) in [
            ("societe", "dupont"),
            ("name", "lettre.pdf"),
            ("media-type", "application/pdf"),
            ("size", "34"),
            ("read", "%PDF-"),
            ("page-count", "1"),
            ("page-text", "Bonjour"),
            ("title", ""),
            ("signatures", "0"),
            ("versions", "1 2"),
            ("status", "200"),
            ("body", "fine"),
            ("headers", "none"),
        ] {
            assert_eq!(told(code), value, "{code}");
        }
        let placed = report.findings.last().and_then(|finding| finding.place.clone());
        let placed = placed.expect("a place");
        assert_eq!((placed.page, placed.rectangle), (1, [10.5, 20.0, 30.0, 40.25]));
    }
}

#[test]
fn every_capability_of_the_first_version_can_be_denied() {
    let machine = Machine::new(Settings::NATIVE).expect("a machine");
    let run = run(&machine, "denied", &Effective::default());
    let denied = [("documents", 1), ("events", 1), ("http", 1), ("state", 4)];
    let denied = denied.map(|(capability, count)| (capability.to_owned(), count)).into();
    assert_eq!(run.spent.denied, denied);
    assert_eq!(report(run).verdict, Verdict::Review);
}

#[test]
fn every_error_of_the_first_version_is_understood() {
    let machine = Machine::new(Settings::NATIVE).expect("a machine");
    let fault = |act: &str| match run(&machine, act, &all()).result {
        Ok(Answer::Fault(fault)) => fault,
        other => panic!("{act}: {other:?}"),
    };
    let StepFault::Retry { ruling, delay_ms } = fault("retry") else { panic!("a retry") };
    assert_eq!((ruling.code.as_str(), delay_ms), ("later", Some(60_000)));
    let StepFault::Rejected(rejection) = fault("rejected") else { panic!("a rejection") };
    assert_eq!((rejection.fr.as_str(), rejection.en.as_str()), ("Demandé ainsi.", "Asked so."));
    let StepFault::Misconfigured(ruling) = fault("misconfigured") else { panic!("the operator's") };
    assert_eq!(ruling.message, "asked to be misconfigured");
    assert!(matches!(fault("other"), StepFault::Other(_)));
    let panicked = run(&machine, "panic", &all()).result.expect_err("a trap");
    let panic = panicked.panic.clone().expect("what it said");
    assert_eq!(
        (panicked.cause.word(), panic.message.as_str()),
        ("trap", "asked to panic, attempt 1")
    );
    assert!(panic.place.contains("src/lib.rs:"), "{}", panic.place);
    for (act, verdict) in [("reject", Verdict::Reject), ("review", Verdict::Review)] {
        let report = report(run(&machine, act, &all()));
        assert_eq!(report.verdict, verdict);
        assert_eq!(report.findings[0].place.as_ref().map(|place| place.page), Some(2));
    }
}
