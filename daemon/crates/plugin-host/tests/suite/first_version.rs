//! Components that were built against the first version of the contract, committed as bytes: each
//! later host runs them. They are never built anew; `SCEAU_BLESS=1` writes only those that are
//! missing.

use std::path::PathBuf;

use crate::support::{Recorder, all, call, component, ok, step, tell, world};
use sceau_plugin_host::{
    Answer, Delivery, Happened, Machine, Manifest, Sealed, Settings, StepWork, Verdict,
};
use serde_json::json;

fn bytes(kind: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/components/1.0.0");
    let file = folder.join(format!("{kind}.wasm"));
    if !file.exists() && std::env::var_os("SCEAU_BLESS").is_some() {
        std::fs::create_dir_all(&folder).expect("a directory");
        std::fs::write(&file, component(kind, &text(kind))).expect("written");
    }
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// What each does, as it was written for the first version.
fn text(kind: &str) -> String {
    match kind {
        "prepare" => {
            let imports = r#"(import "sceau:document-output/document-output@1.0.0" "begin" (func $begin (param i32)))
                (import "sceau:document-output/document-output@1.0.0" "[method]writer.write" (func $write (param i32 i32 i32 i32)))
                (import "sceau:document-output/document-output@1.0.0" "[method]writer.finish" (func $finish (param i32 i32)))
                (data (i32.const 4096) "made by a plugin")"#;
            let code = "(local $w i32) (call $begin (i32.const 3072)) (local.set $w (i32.load (i32.const 3080))) \
                (call $write (local.get $w) (i32.const 4096) (i32.const 16) (i32.const 3200)) \
                (call $finish (local.get $w) (i32.const 3304)) \
                (i32.store8 (i32.const 2056) (i32.const 1)) \
                (i32.store (i32.const 2060) (i32.load (i32.const 3312))) \
                (i32.store (i32.const 2064) (i32.load (i32.const 3316))) (i32.const 2048)";
            format!("{imports}\n{}", step(kind, code))
        }
        "route" => {
            let data = r#"(data (i32.const 4096) "fiscalby the first version")
                (data (i32.const 2056) "\00\10\00\00\06\00\00\00\06\10\00\00\14\00\00\00")"#;
            format!("{data}\n{}", step(kind, "(i32.const 2048)"))
        }
        "validate" => {
            let imports = r#"(import "sceau:documents/documents@1.0.0" "open" (func $open (param i32 i32 i32)))
                (import "sceau:documents/documents@1.0.0" "[method]document.read" (func $read (param i32 i64 i32 i32)))
                (import "sceau:documents/documents@1.0.0" "[method]document.page-count" (func $pages (param i32 i32)))
                (import "sceau:log/log@1.0.0" "log" (func $log (param i32 i32 i32 i32 i32)))"#;
            let code = "(call $open (i32.load (local.get 7)) (i32.load offset=4 (local.get 7)) (i32.const 3072)) \
                (call $read (i32.load (i32.const 3080)) (i64.const 0) (i32.const 5) (i32.const 3200)) \
                (call $log (i32.const 2) (i32.load (i32.const 3208)) (i32.load (i32.const 3212)) (i32.const 0) (i32.const 0)) \
                (call $pages (i32.load (i32.const 3080)) (i32.const 3304)) \
                (if (i32.eqz (i32.load (i32.const 3312))) (then unreachable)) (i32.const 2048)";
            format!("{imports}\n{}", step(kind, code))
        }
        _ => step(kind, "(i32.const 2048)"),
    }
}

/// Their manifests name the contract that they were built for.
fn honest(kind: &str) -> Manifest {
    Manifest { contract: "1.0.0".to_owned(), ..crate::honest(kind) }
}

fn answer(machine: &Machine, kind: &str, work: StepWork) -> (Answer, Vec<String>) {
    let plugin = machine.compiled_here(honest(kind), &bytes(kind)).expect("of the contract");
    let test = machine.self_test(&plugin, world(Recorder::new(ok)));
    assert_eq!(test.result.expect("its self-test"), Answer::Well);
    let run = machine.run(&plugin, &call(work), &all(), world(Recorder::new(ok)));
    let log = run.log.into_iter().map(|line| line.text).collect();
    (run.result.unwrap_or_else(|error| panic!("{error}")), log)
}

#[test]
fn components_of_the_first_version_run_on_this_host() {
    for settings in [Settings::NATIVE, Settings::PORTABLE] {
        let machine = Machine::new(settings).expect("a machine");
        let (answer_, _) = answer(&machine, "prepare", StepWork::Prepare);
        let Answer::Prepared(prepared) = answer_ else { panic!("{answer_:?}") };
        assert_eq!(prepared.document.as_deref(), Some(b"made by a plugin".as_slice()));
        let (answer_, _) = answer(&machine, "route", StepWork::Route);
        let Answer::Decision(decision) = answer_ else { panic!("{answer_:?}") };
        assert_eq!(
            (decision.outcome.as_str(), decision.reason.as_str()),
            ("fiscal", "by the first version")
        );
        let (answer_, log) = answer(&machine, "validate", StepWork::Validate);
        let Answer::Report(report) = answer_ else { panic!("{answer_:?}") };
        assert_eq!((report.verdict, log), (Verdict::Accept, vec!["%PDF-".to_owned()]));
        let happened = Happened { name: "step-reached".into(), at_ms: 1, data: json!({}) };
        let (answer_, _) = answer(&machine, "notify", StepWork::Notify(happened));
        assert_eq!(answer_, Answer::Delivery(Delivery::Delivered));
        let sealed = Sealed { sha256: [1; 32], level: "B-T".into(), sealed_at_ms: 1 };
        let (answer_, _) = answer(&machine, "after-seal", StepWork::AfterSeal(sealed));
        assert_eq!(answer_, Answer::Artifacts(Vec::new()));
    }
}

/// What each run costs, native and interpreted: `--nocapture` shows it.
#[test]
fn a_run_costs_little() {
    for settings in [Settings::NATIVE, Settings::PORTABLE] {
        let machine = Machine::new(settings).expect("a machine");
        let plugin = machine.compiled_here(honest("validate"), &bytes("validate")).expect("good");
        let begun = std::time::Instant::now();
        for _ in 0..200 {
            let run =
                machine.run(&plugin, &call(StepWork::Validate), &all(), world(Recorder::new(ok)));
            assert!(run.result.is_ok());
        }
        tell!("{}: {} µs a run", settings.word(), begun.elapsed().as_micros() / 200);
    }
}

#[test]
fn fuel_is_the_same_for_the_same_work() {
    let settings = Settings { portable: false, fuel: true };
    let machine = Machine::new(settings).expect("a machine");
    let plugin = machine.compiled_here(honest("validate"), &bytes("validate")).expect("good");
    let run = || machine.run(&plugin, &call(StepWork::Validate), &all(), world(Recorder::new(ok)));
    let (first, second) = (run().spent, run().spent);
    assert!(first.fuel.is_some_and(|fuel| fuel > 0));
    assert_eq!(first.fuel, second.fuel);
    assert_eq!(first.trace.len(), 4, "{:?}", first.trace);
    assert!(first.trace.iter().all(|call| call.fuel_left.is_some()));
}
