//! The workflows that ship, as values; and what their hash depends on.

#![expect(clippy::disallowed_methods, reason = "tests read the shipped files")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sceau_cabinet::Right;
use sceau_workflow::definition::{
    CollectOrder, CollectSettings, DeliverSettings, Nature, PrepareSettings, SealLevel,
    SealSettings, Signatories, StepParsers, WorkflowDefinition,
};
use sceau_workflow::faults::{Faults, Source};

fn parse(name: &str, text: &str) -> WorkflowDefinition {
    let faults = Faults::default();
    let source = Source::new("x.toml", text);
    let parsed = WorkflowDefinition::parse(source, name, &StepParsers::standard(), &faults);
    parsed.unwrap_or_else(|| panic!("{}", Faults::render(&faults.into_sorted())))
}

fn shipped(name: &str) -> WorkflowDefinition {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../config/workflows");
    let file = folder.join(format!("{name}.toml"));
    parse(name, &fs::read_to_string(file).expect("the shipped file"))
}

fn settings<T: serde::de::DeserializeOwned>(workflow: &WorkflowDefinition, step: &str) -> T {
    let step = workflow.steps.iter().find(|one| one.id == step).expect("the step");
    serde_json::from_value(step.settings.clone()).expect("its settings")
}

#[test]
fn attestation_is_sealed_at_once() {
    let workflow = shipped("attestation");
    let kinds: Vec<&str> = workflow.steps.iter().map(|step| step.kind.as_str()).collect();
    assert_eq!(kinds, ["seal", "deliver"]);
    assert_eq!(settings::<SealSettings>(&workflow, "seal").level, SealLevel::BT);
    assert!(settings::<DeliverSettings>(&workflow, "deliver").evidence);
    assert_eq!(workflow.rights_needed(), [Right::Sceller].into());
    assert_eq!(workflow.title.fr, "Attestation");
}

#[test]
fn plaquette_is_prepared_and_sealed() {
    let workflow = shipped("plaquette");
    let prepare: PrepareSettings = settings(&workflow, "prepare");
    assert!(prepare.refuse_active.contains("javascript"));
    assert!(!prepare.refuse_active.contains("embedded-file"), "Factur-X is no danger");
    assert_eq!(prepare.stamp.unwrap().lines.len(), 2);
    assert_eq!(workflow.steps[0].nature, Nature::Rewrites);
}

#[test]
fn conservation_is_sealed_to_last_and_renewed() {
    let workflow = shipped("conservation");
    assert_eq!(settings::<SealSettings>(&workflow, "seal").level, SealLevel::BLta);
    assert_eq!(workflow.retention_years, Some(10));
}

#[test]
fn lettre_de_mission_collects_signatures() {
    let workflow = shipped("lettre-de-mission");
    let collect: CollectSettings = settings(&workflow, "collect");
    assert_eq!(collect.signatories, Signatories::Sidecar);
    assert_eq!((collect.order, collect.expires_days), (CollectOrder::Sequential, 21));
    assert_eq!(workflow.rights_needed(), [Right::Sceller, Right::Preparer].into());
}

const PLAIN: &str = "schema = 1\nname = \"x\"\ntitle = { fr = \"X\", en = \"X\" }\n\
                     [[step]]\nkind = \"seal\"\n[[step]]\nkind = \"deliver\"\n";

#[test]
fn the_hash_is_of_the_meaning_not_of_the_writing() {
    let plain = parse("x", PLAIN).hash();
    let spelled = "# A comment.\ntitle = { en = \"X\", fr = \"X\" }\nname = 'x'\nschema = 1\n\n\
                   [[step]]\nid = \"seal\"\nlevel = \"B-T\"\nkind = \"seal\"\n\n\
                   [[step]]\nkind = \"deliver\"\nevidence = true\nname = \"{name}.pdf\"\n";
    assert_eq!(parse("x", spelled).hash(), plain);
    for other in [
        PLAIN.replace("kind = \"seal\"", "kind = \"seal\"\nlevel = \"B-B\""),
        PLAIN.replace("fr = \"X\"", "fr = \"Y\""),
        PLAIN.replace("[[step]]\nkind = \"seal\"\n", ""),
    ] {
        assert_ne!(parse("x", &other).hash(), plain, "{other}");
    }
}

/// Dossiers are pinned to this: another hash for the same text would strand them.
#[test]
fn the_canonical_bytes_stay_as_they_are() {
    let workflow = parse("x", PLAIN);
    let text = String::from_utf8(workflow.canonical_bytes()).unwrap();
    assert_eq!(
        text,
        "{\"definition\":{\"description\":null,\"name\":\"x\",\"parameters\":[],\
         \"retention_years\":null,\"schema\":1,\"steps\":[\
         {\"id\":\"seal\",\"kind\":\"seal\",\"nature\":\"signs\",\"rights\":[\"sceller\"],\
         \"settings\":{\"field\":null,\"level\":\"B-T\",\"location\":null,\"reason\":null}},\
         {\"id\":\"deliver\",\"kind\":\"deliver\",\"nature\":\"delivers\",\"rights\":[],\
         \"settings\":{\"evidence\":true,\"language\":null,\"name\":\"{name}.pdf\",\"to\":null}}],\
         \"subfolders\":[],\"title\":{\"en\":\"X\",\"fr\":\"X\"}},\"format\":\"sceau-workflow/1\"}"
    );
    let stored = serde_json::to_string(&workflow).unwrap();
    assert_eq!(serde_json::from_str::<WorkflowDefinition>(&stored).unwrap(), workflow);
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 200, ..Default::default() })]

    /// Any text is a definition or has faults, each on a line that exists.
    #[test]
    fn no_text_brings_it_down(
        text in "(\\[\\[step\\]\\]\n|kind = \"(seal|prepare|collect|plugin|deliver)\"\n|[a-z_]{1,12} = (1|\"x\"|\\[\\]|\\{\\}|true)\n|\\PC{0,20}\n){0,12}"
    ) {
        let faults = Faults::default();
        let source = Source::new("x.toml", &text);
        let parsed = WorkflowDefinition::parse(source, "x", &StepParsers::standard(), &faults);
        let faults = faults.into_sorted();
        proptest::prop_assert_eq!(parsed.is_none(), !faults.is_empty());
        for fault in &faults {
            let lines = text.lines().count() + 1;
            proptest::prop_assert!(fault.spot.as_ref().is_none_or(|spot| spot.line <= lines));
            let _ = fault.to_string();
        }
    }
}

/// The reference of the guide, in both languages, says what is read: all of it, and the same.
#[test]
fn the_reference_of_the_guide_is_read() {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../docs/guide");
    let told = |file: &str| {
        let text = fs::read_to_string(guide.join(file)).expect("the guide");
        let mut blocks =
            text.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next());
        let block = blocks.find(|block| block.starts_with("schema = 1")).expect("the reference");
        parse("exemple", block)
    };
    let (french, english) = (told("README.md"), told("README.en.md"));
    assert_eq!(french, english);
    let kinds: BTreeSet<&str> = french.steps.iter().map(|step| step.kind.as_str()).collect();
    let parsers = StepParsers::standard();
    assert_eq!(kinds, parsers.kinds().collect(), "each kind has its place in the guide");
    assert_eq!(french.subfolders, ["exercice"]);
}
