//! Plugins from outside: installed, granted, run on dropped documents, refused, removed.

#[path = "plugins/changes.rs"]
mod changes;
#[path = "plugins/contract.rs"]
mod contract;
#[path = "plugins/install.rs"]
mod install;
#[path = "plugins/routes.rs"]
mod routes;

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use sceau_tests::cabinet::Cabinet;
use sceau_tests::daemon::Daemon;
use sceau_tests::folder::{PATIENCE, Watched};
use sceau_tests::{fixtures, memory, root, until};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// A cabinet with one more folder and workflow, whose plugin step stands before seal and delivery.
fn cabinet(name: &str, step: &str) -> Cabinet {
    cabinet_of(&[(name, step)])
}

/// The same with several.
fn cabinet_of(steps: &[(&str, &str)]) -> Cabinet {
    let mut cabinet = Cabinet::new();
    for (name, step) in steps {
        cabinet.folders.push(((*name).to_owned(), (*name).to_owned(), String::new()));
        workflow(&cabinet, name, step);
    }
    cabinet.write_config();
    cabinet
}

fn workflow(cabinet: &Cabinet, name: &str, step: &str) {
    let text = format!(
        "schema = 1\nname = \"{name}\"\ntitle = {{ fr = \"Essai\", en = \"Trial\" }}\n\n[[step]]\n\
         id = \"trial\"\nkind = \"plugin\"\n{step}\n\n[[step]]\nkind = \"seal\"\n\n[[step]]\nkind = \"deliver\"\n"
    );
    fs::write(cabinet.path(format!("config/workflows/{name}.toml")), text).expect("a workflow");
}

/// The step that the plugin `id` does.
fn validated_by(id: &str, version: &str) -> String {
    format!("plugin = \"{id}\"\nversion = \"{version}\"\ndoes = \"validate\"")
}

/// A plugin's directory, with the component of the contract's first version for its kind.
fn parcel(cabinet: &Cabinet, id: &str, kind: &str, more: &str) -> PathBuf {
    parcel_of(cabinet, (id, "1.0.0"), (kind, &format!("1.0.0/{kind}")), more)
}

/// The same, of any version, with any of the components that are committed.
fn parcel_of(
    cabinet: &Cabinet,
    (id, version): (&str, &str),
    (kind, component): (&str, &str),
    more: &str,
) -> PathBuf {
    let folder = cabinet.path(format!("parcels/{id}-{version}"));
    fs::create_dir_all(&folder).expect("a directory");
    let manifest = format!(
        "id = \"{id}\"\nversion = \"{version}\"\ncontract = \"1.0.0\"\nkind = \"{kind}\"\n{more}"
    );
    fs::write(folder.join("plugin.toml"), manifest).expect("a manifest");
    let component = format!("daemon/crates/plugin-host/tests/components/{component}.wasm");
    fs::copy(root().join(component), folder.join("plugin.wasm")).expect("a component");
    folder
}

fn install(cabinet: &Cabinet, parcel: &std::path::Path, flag: &str) -> sceau_tests::program::Said {
    let parcel = parcel.display().to_string();
    cabinet.admin(["plugin", "install", &parcel, flag])
}

fn stopped(cabinet: &Cabinet, phase: &str) -> Value {
    let found = until("stopped dossier", PATIENCE, || cabinet.dossiers_in(&[phase]).pop());
    cabinet.admin(["dossier", "show", &found, "--json"]).expect(0).json()
}

const READS: &str = "[capabilities]\ndocuments = true\n";

#[test]
fn a_validating_plugin_is_installed_granted_run_and_told_in_the_evidence() {
    let cabinet = cabinet("checked", &validated_by("checker", "1.0.0"));
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
    assert_eq!(list["plugins"][0]["workflows"], serde_json::json!(["checked"]));
    assert_eq!(list["plugins"][0]["dossiers"], Value::Null, "no daemon runs");

    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let watched = cabinet.watched("checked");
    watched.drop_file("bilan.pdf", &fixtures::small("checked"));
    watched.wait_delivered("bilan");
    let evidence = watched.evidence("bilan");
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
    let cabinet = cabinet("checked", &validated_by("checker", "1.0.0"));
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
    let log = daemon.log();
    let refused = log.lines().find(|line| line.contains("a plugin was refused"));
    let refused = refused.expect("refused calls are logged");
    assert!(refused.contains("documents") && refused.contains("count=1"), "{refused}");
    exchanged_beneath(&cabinet, &watched);
    let dossier = shown["dossier"].as_str().expect("a name").to_owned();
    let said = cabinet.admin(["plugin", "remove", "checker", "1.0.0"]).expect(1);
    assert!(said.err.contains(&dossier) && said.err.contains("pinned"), "{said}");
    let said = cabinet.admin(["plugin", "list"]).expect(0);
    assert!(said.out.contains("used by no workflow; needed by 1 dossier that has begun"), "{said}");
    cabinet.admin(["dossier", "retry", &dossier]).expect(0);
    assert_eq!(watched.evidence("bilan")["steps"][0]["result"]["version"], "1.0.0");
    let over = || (cabinet.dossiers_in(&["delivered"]).len() == 2).then_some(());
    until("both dossiers over", PATIENCE, over);
    let said = cabinet.admin(["plugin", "list"]).expect(0);
    assert!(said.out.contains("sceau plugin remove checker 1.0.0"), "{said}");
    let native = || fs::read_dir(cabinet.state().join("plugin-cache")).expect("a cache").count();
    assert_eq!(native(), 1, "the versions have one component");
    cabinet.admin(["plugin", "remove", "checker", "1.0.0"]).expect(0);
    assert_eq!(native(), 1, "it is another version's too");
    install(&cabinet, &parcel(&cabinet, "stray", "route", ""), "--yes").expect(0);
    assert_eq!(native(), 2);
    cabinet.admin(["plugin", "remove", "stray", "1.0.0"]).expect(0);
    assert_eq!(native(), 1, "native code goes with its plugin");
    assert!(daemon.stop().success());
}

/// A new version takes the place of one that a dossier is pinned to, while the daemon runs: whole, or not
/// at all.
fn exchanged_beneath(cabinet: &Cabinet, watched: &Watched) {
    let next = parcel_of(cabinet, ("checker", "1.1.0"), ("validate", "1.0.0/validate"), READS);
    install(cabinet, &next, "--yes").expect(0);
    workflow(cabinet, "checked", &validated_by("checker", "9.9.9"));
    let said = cabinet.admin(["plugin", "reload"]).expect(1);
    assert!(said.err.contains("checker 9.9.9 is not installed"), "{said}");
    let bad = parcel_of(cabinet, ("checker", "1.2.0"), ("validate", "1.0.0/validate"), READS);
    let installed = cabinet.state().join("plugins/checker/1.2.0");
    fs::create_dir_all(&installed).expect("a directory");
    fs::copy(bad.join("plugin.toml"), installed.join("plugin.toml")).expect("put there by hand");
    fs::write(installed.join("plugin.wasm"), "no component").expect("put there by hand");
    workflow(cabinet, "checked", &validated_by("checker", "1.2.0"));
    let said = cabinet.admin(["plugin", "reload"]).expect(1);
    assert!(
        said.err.contains("nothing was changed: checker 1.2.0: it is no WebAssembly component"),
        "{said}"
    );
    workflow(cabinet, "checked", &validated_by("checker", "1.1.0"));
    let group = std::os::unix::fs::chown(cabinet.config(), None, Some(1234));
    group.expect("chown wants root");
    let said = cabinet.admin(["plugin", "grant", "checker", "--write"]).expect(0);
    assert!(said.out.contains("documents = true"), "what is granted is shown: {said}");
    assert!(said.out.contains("the running daemon has read it"), "{said}");
    let kept = fs::metadata(cabinet.config()).expect("sceau.toml").gid();
    assert_eq!(kept, 1234, "the service reads it still");
    watched.drop_file("suivant.pdf", &fixtures::small("the next version"));
    assert_eq!(watched.evidence("suivant")["steps"][0]["result"]["version"], "1.1.0");
}

/// Endless loops and bombs of 64 MiB, in their workflows: they stop closed with what to do, and the daemon's
/// memory returns to where it was. A document that comes after them, to another plugin, is sealed while they
/// run: no plugin has more than its share of the lane.
#[test]
fn hostile_plugins_stop_their_own_dossiers_and_nothing_else() {
    let steps = ["checker", "loop", "bomb"].map(|id| (id, validated_by(id, "1.0.0")));
    let cabinet = cabinet_of(&steps.each_ref().map(|(id, step)| (*id, step.as_str())));
    for (id, component) in
        [("checker", "1.0.0/validate"), ("loop", "daemon/loop"), ("bomb", "daemon/bomb")]
    {
        let limits = "[limits]\nmemory = \"64MiB\"\ntime = \"1s\"\n";
        let more = if id == "checker" { READS } else { limits };
        let parcel = parcel_of(&cabinet, (id, "1.0.0"), ("validate", component), more);
        install(&cabinet, &parcel, "--grant").expect(0);
    }
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let [honest, loops, bombs] = ["checker", "loop", "bomb"].map(|name| cabinet.watched(name));
    let stopped = || cabinet.dossiers_in(&["needs-person"]).len();
    let at_rest = |count: usize| {
        until("dossiers at rest", PATIENCE, || (stopped() == count).then_some(()));
        memory::resident(daemon.pid()).expect("it runs")
    };
    honest.drop_file("avant.pdf", &fixtures::small("before them"));
    honest.wait_delivered("avant");
    bombs.drop_file("bombe.pdf", &fixtures::small("bomb"));
    let before = at_rest(1);
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let loops_in_all = 6 * cores;
    for number in 0..loops_in_all {
        let bytes = fixtures::small(&format!("loop {number}"));
        loops.drop_file(format!("boucle-{number}.pdf"), &bytes);
    }
    let running = || (stopped() > 1).then_some(());
    until("the first loop at rest", PATIENCE, running);
    honest.drop_file("bilan.pdf", &fixtures::small("beside them"));
    honest.wait_delivered("bilan");
    assert!(stopped() < 1 + loops_in_all, "it was sealed while loops ran");
    for number in 0..12 {
        let bytes = fixtures::small(&format!("bomb {number}"));
        bombs.drop_file(format!("bombe-{number}.pdf"), &bytes);
    }
    let after = at_rest(13 + loops_in_all);
    assert!(after < before + (32 << 20), "{before} bytes before 12 bombs of 64 MiB, {after} after");
    let details: Vec<String> = cabinet
        .dossiers_in(&["needs-person"])
        .iter()
        .map(|dossier| {
            let shown = cabinet.admin(["dossier", "show", dossier, "--json"]).expect(0).json();
            shown["trouble"]["detail"].as_str().unwrap_or_default().to_owned()
        })
        .collect();
    let told = |text: &str| details.iter().filter(|detail| detail.contains(text)).count();
    assert_eq!(
        told("plugin loop 1.0.0, step `trial`: it ran longer than 1000 ms"),
        loops_in_all,
        "{details:?}"
    );
    assert_eq!(told("it wanted more than 67108864 bytes of memory"), 13, "{details:?}");
    assert!(loops.find_delivered("").is_none() && bombs.find_delivered("").is_none());
    assert!(daemon.stop().success());
}

#[test]
fn an_output_is_taken_with_both_digests_or_refused() {
    let step = |id: &str| format!("plugin = \"{id}\"\nversion = \"1.0.0\"\ndoes = \"prepare\"");
    let cabinet = cabinet_of(&[("stamped", &step("stamper")), ("copied", &step("copier"))]);
    let more = "[capabilities]\ndocuments = true\ndocument-output = true\n";
    install(&cabinet, &parcel(&cabinet, "stamper", "prepare", more), "--grant").expect(0);
    let copier = parcel_of(&cabinet, ("copier", "1.0.0"), ("prepare", "daemon/copy"), more);
    install(&cabinet, &copier, "--grant").expect(0);
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    cabinet.watched("stamped").drop_file("bilan.pdf", &fixtures::small("output"));
    let shown = stopped(&cabinet, "needs-person");
    assert_eq!(shown["trouble"]["code"], "plugin-output", "{shown:#}");
    let (watched, before) = (cabinet.watched("copied"), fixtures::small("copied"));
    watched.drop_file("bilan.pdf", &before);
    let after = [before.as_slice(), b"%\n"].concat();
    let sealed = fs::read(watched.wait_delivered("bilan")).expect("what was delivered");
    assert!(sealed.starts_with(&after), "what the plugin made is what was sealed");
    let evidence = watched.evidence("bilan");
    for (which, bytes) in [("before", &before), ("after", &after)] {
        let told = evidence["steps"][0]["result"][which]["digest"].as_str().unwrap_or_default();
        assert!(told.ends_with(&hex::encode(Sha256::digest(bytes))), "{which}: {evidence:#}");
    }
    assert!(daemon.stop().success());
}

#[test]
fn what_is_no_plugin_is_not_installed() {
    let cabinet = cabinet("strange", &validated_by("stranger", "1.0.0"));
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
    let untested = parcel_of(&cabinet, ("rules", "1.0.0"), ("validate", "daemon/no-rules"), "");
    let said = install(&cabinet, &untested, "--yes").expect(65);
    let why = "the self-test of rules 1.0.0 fails: no rules are there (no-rules)";
    assert!(said.err.contains(why) && !cabinet.state().join("plugins/rules").exists(), "{said}");
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
