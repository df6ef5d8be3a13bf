//! What comes with a plugin from outside: its manifest and its component. Shortly; for long with
//! `SCEAU_PROVE=1`.

use std::sync::LazyLock;

use sceau_fuzz::{Target, budget};
use sceau_plugin_host::{Machine, Manifest, Settings, componentize};
use sceau_workflow::faults::{Faults, Source};

const TARGETS: [Target; 2] = [
    Target::new(
        "plugin-manifest",
        manifest,
        &[b"\"", b"\n[", b"]\n", b"MiB", b"\\u{0}", b" = "],
        2000,
    ),
    Target::new("plugin-component", component, &[b"\0asm", b"\x0d\0\x01\0", b"\x80\x80\x01"], 3000),
];

static MACHINE: LazyLock<Machine> =
    LazyLock::new(|| Machine::new(Settings::PORTABLE).expect("a machine"));

/// A manifest or faults, never both and never neither; any settings can be held against its schema.
fn manifest(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let faults = Faults::default();
    let manifest = Manifest::parse(Source::new("plugin.toml", text), &faults);
    assert_eq!(manifest.is_none(), !faults.is_empty());
    Faults::render(&faults.into_sorted());
    let settings = serde_json::json!({ "folder": "a", "list": [1, "x", null], "more": {} });
    manifest.map(|manifest| manifest.schema.faults(&settings)).is_some()
}

/// It loads and fits the contract, or is refused; what loads is not run here.
fn component(bytes: &[u8]) -> bool {
    let Ok(component) = componentize(bytes) else { return false };
    let text = "id = \"fuzzed\"\nversion = \"1.0.0\"\ncontract = \"1.0.0\"\nkind = \"validate\"\n";
    let faults = Faults::default();
    let manifest = Manifest::parse(Source::new("plugin.toml", text), &faults).expect("a manifest");
    MACHINE.compiled_here(manifest, &component).is_ok()
}

#[test]
fn no_manifest_and_no_component_makes_the_loader_panic_or_hang() {
    TARGETS.iter().for_each(|target| target.withstand(budget(target)));
}

#[test]
fn both_find_what_is_planted() {
    TARGETS.iter().for_each(Target::find_planted);
}
