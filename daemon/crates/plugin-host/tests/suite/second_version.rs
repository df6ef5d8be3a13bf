//! What the second version of the contract adds: places of texts, and filing. Its component is committed
//! as bytes too, beside those of the first version (`first_version.rs`).

use std::path::PathBuf;

use crate::honest;
use crate::support::{Recorder, all, call, component, ok, step, world};
use sceau_plugin_host::grant::Effective;
use sceau_plugin_host::{
    Answer, Artifact, Call, Machine, Manifest, Run, Sealed, Settings, StepWork, Verdict,
};

/// Asks where the first seven characters of the first page stand; an error makes the verdict `reject`.
/// Demands one place, 72 points from the left.
const PLACES: &str = r#"(import "sceau:places/places@1.0.0" "of-text" (func $of_text (param i32 i32 i32 i32 i32 i32)))
    (import "sceau:places/places@1.0.0" "of-page" (func $of_page (param i32 i32 i32 i32)))"#;
const ASKS: &str = "(call $of_text (i32.load (local.get 7)) (i32.load offset=4 (local.get 7)) \
        (i32.const 1) (i32.const 0) (i32.const 7) (i32.const 3072)) \
    (call $of_page (i32.load (local.get 7)) (i32.load offset=4 (local.get 7)) (i32.const 1) (i32.const 3200)) \
    (if (i32.load8_u (i32.const 3072)) (then (i32.store8 (i32.const 2056) (i32.const 1))) (else \
        (if (i32.ne (i32.load (i32.const 3084)) (i32.const 1)) (then unreachable)) \
        (if (f64.ne (f64.load offset=16 (i32.load (i32.const 3080))) (f64.const 72)) (then unreachable)) \
        (if (f64.ne (f64.load offset=32 (i32.const 3208)) (f64.const 595)) (then unreachable)))) \
    (i32.const 2048)";

/// Puts the document into `ged` under the names at 4096; an error is a trap.
const FILING: &str =
    r#"(import "sceau:filing/filing@1.0.0" "put" (func $put (param i32 i32 i32 i32 i32 i32 i32)))"#;

fn filing(second: &str) -> String {
    let names = format!(
        "(data (i32.const 4096) \"ged2026{second}\")\n\
         (data (i32.const 4200) \"\\03\\10\\00\\00\\04\\00\\00\\00\\07\\10\\00\\00\\{:02x}\\00\\00\\00\")",
        second.len()
    );
    let code = "(call $put (i32.load (local.get 7)) (i32.load offset=4 (local.get 7)) \
        (i32.const 4096) (i32.const 3) (i32.const 4200) (i32.const 2) (i32.const 3072)) \
        (if (i32.load8_u (i32.const 3072)) (then unreachable)) (i32.const 2048)";
    format!("{FILING}\n{names}\n{}", step("after-seal", code))
}

fn bytes(kind: &str) -> Vec<u8> {
    let text = match kind {
        "validate" => format!("{PLACES}\n{}", step(kind, ASKS)),
        _ => filing("a.pdf"),
    };
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/components/1.1.0");
    let file = folder.join(format!("{kind}.wasm"));
    if !file.exists() && std::env::var_os("SCEAU_BLESS").is_some() {
        std::fs::create_dir_all(&folder).expect("a directory");
        std::fs::write(&file, component(kind, &text)).expect("written");
    }
    std::fs::read(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

fn run(kind: &str, bytes: &[u8], call: &Call, rights: &Effective) -> Run {
    let machine = Machine::new(Settings::NATIVE).expect("a machine");
    let plugin = machine.compiled_here(honest(kind), bytes).expect("of the contract");
    machine.run(&plugin, call, rights, world(Recorder::new(ok)))
}

fn verdict(run: &Run) -> Verdict {
    match &run.result {
        Ok(Answer::Report(report)) => report.verdict,
        other => panic!("{other:?}"),
    }
}

#[test]
fn places_are_told_to_those_who_may_read_the_document_and_of_no_other() {
    let mine = call(StepWork::Validate);
    let told = run("validate", &bytes("validate"), &mine, &all());
    assert_eq!(verdict(&told), Verdict::Accept);
    let names: Vec<&str> = told.spent.trace.iter().map(|call| call.name).collect();
    assert_eq!(names, ["places.of-text", "places.of-page"]);
    let denied = run("validate", &bytes("validate"), &mine, &Effective::default());
    assert_eq!(verdict(&denied), Verdict::Reject);
    assert_eq!(denied.spent.denied.get("documents"), Some(&2), "refused calls are counted");
    let other = Call { documents: vec!["document-of-another-dossier".into()], ..mine };
    assert_eq!(verdict(&run("validate", &bytes("validate"), &other, &all())), Verdict::Reject);
}

/// What it imports came with the second version: a manifest that names the first is told so.
#[test]
fn a_component_is_held_to_the_contract_that_its_manifest_names() {
    let machine = Machine::new(Settings::NATIVE).expect("a machine");
    for (kind, import) in
        [("validate", "sceau:places/places"), ("after-seal", "sceau:filing/filing")]
    {
        let earlier = Manifest { contract: "1.0.0".to_owned(), ..honest(kind) };
        let refused = machine.compiled_here(earlier, &bytes(kind)).expect_err("it is later");
        let told = refused.to_string();
        assert!(told.contains(import) && told.contains("contract 1.0.0"), "{told}");
    }
}

#[test]
fn a_document_is_filed_by_those_who_were_granted_the_directory() {
    let work =
        || StepWork::AfterSeal(Sealed { sha256: [1; 32], level: "B-T".into(), sealed_at_ms: 1 });
    let filed = run("after-seal", &bytes("after-seal"), &call(work()), &all());
    assert_eq!(filed.result.expect("filed"), Answer::Artifacts(Vec::<Artifact>::new()));
    assert_eq!(filed.spent.trace[0].detail, "ged 2026/a.pdf");
    let denied = run("after-seal", &bytes("after-seal"), &call(work()), &Effective::default());
    assert!(denied.result.is_err());
    assert_eq!(denied.spent.denied.get("filing"), Some(&1));
    let other = Call { documents: vec!["document-of-another-dossier".into()], ..call(work()) };
    assert!(run("after-seal", &bytes("after-seal"), &other, &all()).result.is_err());
}

#[test]
fn no_path_leads_out_of_the_directory() {
    let work =
        StepWork::AfterSeal(Sealed { sha256: [1; 32], level: "B-T".into(), sealed_at_ms: 1 });
    for name in ["..", "../a", "/etc/cron.d/a", "a/b", ".ssh", "", "a\\00b", "nul.pdf"] {
        let wasm = component("after-seal", &filing(name));
        let run = run("after-seal", &wasm, &call(work.clone()), &all());
        assert!(run.result.is_err(), "{name:?}");
        assert_eq!(run.spent.trace.len(), 1, "{name:?}");
    }
}
