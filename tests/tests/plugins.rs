//! Plugins from outside: installed, granted, run on dropped documents, refused, removed.

use std::fs;
use std::path::PathBuf;

use sceau_tests::cabinet::Cabinet;
use sceau_tests::daemon::Daemon;
use sceau_tests::fixtures;
use sceau_tests::folder::{PATIENCE, files};
use sceau_tests::{root, until};
use serde_json::Value;

/// A cabinet with one more folder and workflow, whose plugin step stands before seal and delivery.
fn cabinet(name: &str, step: &str) -> Cabinet {
    let mut cabinet = Cabinet::new();
    cabinet.folders.push((name.to_owned(), name.to_owned(), String::new()));
    let workflow = format!(
        "schema = 1\nname = \"{name}\"\ntitle = {{ fr = \"Essai\", en = \"Trial\" }}\n\n[[step]]\n\
         id = \"trial\"\nkind = \"plugin\"\n{step}\n\n[[step]]\nkind = \"seal\"\n\n[[step]]\nkind = \"deliver\"\n"
    );
    fs::write(cabinet.path(format!("config/workflows/{name}.toml")), workflow).expect("a workflow");
    cabinet.write_config();
    cabinet
}

/// A plugin's directory, with the component of the contract's first version for its kind.
fn parcel(cabinet: &Cabinet, id: &str, kind: &str, more: &str) -> PathBuf {
    let folder = cabinet.path(format!("parcels/{id}"));
    fs::create_dir_all(&folder).expect("a directory");
    let manifest = format!(
        "id = \"{id}\"\nversion = \"1.0.0\"\ncontract = \"1.0.0\"\nkind = \"{kind}\"\n{more}"
    );
    fs::write(folder.join("plugin.toml"), manifest).expect("a manifest");
    let component = format!("daemon/crates/plugin-host/tests/components/1.0.0/{kind}.wasm");
    fs::copy(root().join(component), folder.join("plugin.wasm")).expect("a component");
    folder
}

fn install(cabinet: &Cabinet, parcel: &std::path::Path, flag: &str) -> sceau_tests::program::Said {
    let parcel = parcel.display().to_string();
    cabinet.admin(["plugin", "install", &parcel, flag])
}

/// The evidence file of the only delivered document of a folder.
fn evidence(cabinet: &Cabinet, folder: &str) -> Value {
    let is_evidence = |path: &PathBuf| path.to_string_lossy().ends_with(".preuve.json");
    let delivered = cabinet.watched(folder).delivered();
    let find = || files(&delivered).into_iter().find(is_evidence);
    let text = fs::read_to_string(until("evidence file", PATIENCE, find)).expect("readable");
    serde_json::from_str(&text).expect("JSON")
}

fn stopped(cabinet: &Cabinet, phase: &str) -> Value {
    let found = until("stopped dossier", PATIENCE, || cabinet.dossiers_in(&[phase]).pop());
    cabinet.admin(["dossier", "show", &found, "--json"]).expect(0).json()
}

const READS: &str = "[capabilities]\ndocuments = true\n";

#[test]
fn a_validating_plugin_is_installed_granted_run_and_told_in_the_evidence() {
    let step = "plugin = \"checker\"\nversion = \"1.0.0\"\ndoes = \"validate\"";
    let cabinet = cabinet("checked", step);
    let said = cabinet.admin(["check"]).expect(78);
    assert!(said.all().contains("checker 1.0.0 is not installed"), "{said}");
    let parcel = parcel(&cabinet, "checker", "validate", READS);
    let said = cabinet.admin(["plugin", "install", &parcel.display().to_string()]).expect(64);
    assert!(said.out.contains("documents: read the documents of its step"), "{said}");
    assert!(!cabinet.state().join("plugins/checker").exists(), "nobody said yes");
    install(&cabinet, &parcel, "--grant").expect(0);
    install(&cabinet, &parcel, "--yes").expect(0);
    cabinet.admin(["check"]).expect(0);
    let list = cabinet.admin(["plugin", "list", "--json"]).expect(0).json();
    let digest = list["plugins"][0]["sha256"].as_str().expect("a digest").to_owned();
    assert_eq!(list["plugins"][0]["not_granted"], serde_json::json!([]));

    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let watched = cabinet.watched("checked");
    watched.drop_file("bilan.pdf", &fixtures::small("checked"));
    watched.wait_delivered("bilan");
    let evidence = evidence(&cabinet, "checked");
    let result = &evidence["steps"][0]["result"];
    assert_eq!(result["plugin_sha256"], Value::from(digest), "{result:#}");
    assert_eq!(result["report"]["verdict"], "accept");
    assert_eq!(result["document"]["digest"], evidence["document"]["before"]["digest"]);

    let said = cabinet.admin(["plugin", "remove", "checker", "1.0.0"]).expect(1);
    assert!(said.err.contains("the workflow `checked` uses checker 1.0.0"), "{said}");
    fs::write(
        parcel.join("plugin.toml"),
        "id = \"checker\"\nversion = \"1.0.0\"\ncontract = \"1.0.0\"\nkind = \"validate\"\n",
    )
    .expect("written");
    let said = install(&cabinet, &parcel, "--yes").expect(65);
    assert!(said.err.contains("installed already with other content"), "{said}");
    assert!(daemon.stop().success());
}

#[test]
fn what_was_not_granted_stops_closed_and_goes_on_once_it_is_granted() {
    let step = "plugin = \"checker\"\nversion = \"1.0.0\"\ndoes = \"validate\"";
    let cabinet = cabinet("checked", step);
    install(&cabinet, &parcel(&cabinet, "checker", "validate", READS), "--yes").expect(0);
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let watched = cabinet.watched("checked");
    watched.drop_file("bilan.pdf", &fixtures::small("closed"));
    let shown = stopped(&cabinet, "needs-person");
    assert_eq!(shown["trouble"]["code"], "plugin-failed", "{shown:#}");
    let detail = shown["trouble"]["detail"].as_str().unwrap_or_default();
    assert!(detail.contains("plugin checker 1.0.0, step `trial`"), "{detail}");
    assert!(watched.find_delivered("bilan").is_none(), "a validation never fails open");
    assert!(daemon.log().contains("a plugin was refused"), "refused calls are logged");
    cabinet.admin(["plugin", "grant", "checker", "--write"]).expect(0);
    let dossier = shown["dossier"].as_str().expect("a name").to_owned();
    cabinet.admin(["dossier", "retry", &dossier]).expect(0);
    watched.wait_delivered("bilan");
    assert!(daemon.stop().success());
}

#[test]
fn a_routing_plugin_hands_the_dossier_to_another_workflow() {
    let step = "plugin = \"router\"\nversion = \"1.0.0\"\ndoes = \"route\"\n\
                outcomes = { fiscal = { workflow = \"attestation\" }, rest = \"continue\" }";
    let cabinet = cabinet("routed", step);
    install(&cabinet, &parcel(&cabinet, "router", "route", ""), "--yes").expect(0);
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let watched = cabinet.watched("routed");
    watched.drop_file("liasse.pdf", &fixtures::small("routed"));
    watched.wait_delivered("liasse");
    let evidence = evidence(&cabinet, "routed");
    assert_eq!(evidence["workflow"]["name"], "attestation");
    assert_eq!(evidence["steps"][0]["kind"], "plugin", "{:#}", evidence["steps"]);
    let events = evidence["events"].as_array().expect("events");
    assert!(events.iter().any(|event| event["event"]["event"] == "routed"), "{events:#?}");
    assert!(daemon.stop().success());
}

#[test]
fn an_output_that_is_no_document_is_refused() {
    let step = "plugin = \"stamper\"\nversion = \"1.0.0\"\ndoes = \"prepare\"";
    let cabinet = cabinet("stamped", step);
    let more = "[capabilities]\ndocument-output = true\n";
    install(&cabinet, &parcel(&cabinet, "stamper", "prepare", more), "--grant").expect(0);
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    cabinet.watched("stamped").drop_file("bilan.pdf", &fixtures::small("output"));
    let shown = stopped(&cabinet, "needs-person");
    assert_eq!(shown["trouble"]["code"], "plugin-output", "{shown:#}");
    assert!(daemon.stop().success());
}

#[test]
fn what_is_no_plugin_is_not_installed() {
    let step = "plugin = \"stranger\"\nversion = \"1.0.0\"\ndoes = \"validate\"";
    let cabinet = cabinet("strange", step);
    let parcel = parcel(&cabinet, "stranger", "validate", "");
    let component = parcel.join("plugin.wasm");
    let good = fs::read(&component).expect("a component");
    fs::write(&component, &good[..good.len() / 2]).expect("written");
    let said = install(&cabinet, &parcel, "--yes").expect(65);
    assert!(said.err.contains("it is no WebAssembly component"), "{said}");
    fs::write(&component, b"#!/bin/sh\n").expect("written");
    install(&cabinet, &parcel, "--yes").expect(65);
    assert!(!cabinet.state().join("plugins/stranger").exists());
    fs::write(&component, &good).expect("written");
    cabinet_with_signatures(&cabinet);
    let said = install(&cabinet, &parcel, "--yes").expect(65);
    assert!(said.err.contains("it is not signed"), "{said}");
    let key = cabinet.path("key.pem");
    let text = cabinet.admin(["plugin", "inspect", &parcel.display().to_string(), "--to-sign"]);
    fs::write(cabinet.path("text"), text.expect(0).out).expect("written");
    let openssl = |arguments: &[&str]| {
        let status = std::process::Command::new("openssl").args(arguments).status();
        assert!(status.expect("openssl").success(), "openssl {arguments:?}");
    };
    let path = |name: &str| cabinet.path(name).display().to_string();
    let signature = parcel.join("plugin.sig").display().to_string();
    openssl(&[
        "pkeyutl",
        "-sign",
        "-rawin",
        "-inkey",
        &key.display().to_string(),
        "-in",
        &path("text"),
        "-out",
        &signature,
    ]);
    install(&cabinet, &parcel, "--yes").expect(0);
}

/// A key pair by openssl, and a configuration that demands its signature.
fn cabinet_with_signatures(cabinet: &Cabinet) {
    let path = |name: &str| cabinet.path(name).display().to_string();
    for arguments in [
        vec!["genpkey", "-algorithm", "ed25519", "-out", &path("key.pem")],
        vec!["pkey", "-in", &path("key.pem"), "-pubout", "-out", &path("public.pem")],
    ] {
        let status = std::process::Command::new("openssl").args(&arguments).status();
        assert!(status.expect("openssl").success(), "openssl {arguments:?}");
    }
    let mut text = fs::read_to_string(cabinet.config()).expect("sceau.toml");
    text.push_str(&format!(
        "\n[plugins]\nrequire_signature = true\nkeys = [\"{}\"]\n",
        path("public.pem")
    ));
    fs::write(cabinet.config(), text).expect("sceau.toml");
}
