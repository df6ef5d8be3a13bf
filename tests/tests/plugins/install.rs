//! What an operator sees and says before a plugin is there: what it asks, who signed it, yes or no.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sceau_tests::cabinet::Cabinet;
use sceau_tests::program::{Said, binary, run};
use serde_json::json;

use super::{cabinet, cabinet_with_signatures, install, parcel, parcel_of, validated_by};

/// It reads documents, and has HTTP and a secret: it can send documents away.
const AWAY: &str = "description = \"Files documents elsewhere\"\n[limits]\nmemory = \"32MiB\"\n\
     time = \"2s\"\n[capabilities]\ndocuments = true\nhttp = [\"ged.example.fr\"]\nsecrets = [\"token\"]\n";

/// `sceau plugin install` at a terminal, where somebody types `answer`.
fn typed(cabinet: &Cabinet, parcel: &Path, answer: &str) -> Said {
    let (program, config) = (binary().display().to_string(), cabinet.config());
    let command =
        format!("{program} plugin install {} --config {}", parcel.display(), config.display());
    let typed = format!("printf '{answer}\\n' | script -qec '{command}' /dev/null");
    run(Command::new("sh").args(["-c", &typed]), Duration::from_secs(120))
}

#[test]
fn at_a_terminal_somebody_reads_what_it_asks_and_types_yes() {
    let cabinet = cabinet("checked", &validated_by("checker", "1.0.0"));
    let parcel = parcel(&cabinet, "checker", "validate", AWAY);
    let installed = cabinet.state().join("plugins/checker/1.0.0");
    for no in ["n", "", "maybe"] {
        let said = typed(&cabinet, &parcel, no).expect(64);
        assert!(said.out.contains("Install checker 1.0.0? It gets nothing until"), "{said}");
        assert!(said.out.contains("documents and http together: a grant to SEND DOCUMENTS AWAY"));
        assert!(said.out.contains("not installed") && !installed.exists(), "{no:?}: {said}");
    }
    let said = typed(&cabinet, &parcel, "y").expect(0);
    assert!(said.out.contains("checker 1.0.0 installed"), "{said}");
    assert!(installed.join("plugin.wasm").exists());
    let config = fs::read_to_string(cabinet.config()).expect("sceau.toml");
    assert!(!config.contains("[[plugins.grant]]"), "yes to it is no grant");
}

/// The grant to send documents away is shown as what it is, wherever it is asked or given.
#[test]
fn what_can_send_documents_away_says_so() {
    let cabinet = cabinet("checked", &validated_by("checker", "1.0.0"));
    let parcel = parcel(&cabinet, "checker", "validate", AWAY);
    let shown = parcel.display().to_string();
    let said = cabinet.admin(["plugin", "inspect", &shown]).expect(0);
    for line in [
        "checker 1.0.0: a plugin that does validate",
        "Files documents elsewhere",
        "contract 1.0.0; at most 32 MiB and 2000 ms a run",
        "signed: no",
        "- documents: read the documents of its step",
        "- http: reach ged.example.fr",
        "- secret: have `token` filled into its requests, to any host it may reach",
        "- documents and http together: a grant to SEND DOCUMENTS AWAY",
    ] {
        assert!(said.out.contains(line), "{line}: {said}");
    }
    let inspected = cabinet.admin(["plugin", "inspect", &shown, "--json"]).expect(0).json();
    let expected = json!({
        "plugin": "checker", "plugin_version": "1.0.0", "kind": "validate", "contract": "1.0.0",
        "signed": false, "sends_documents_away": true,
        "limits": { "memory": 32 << 20, "time_ms": 2_000 },
    });
    for (key, value) in expected.as_object().expect("an object") {
        assert_eq!(&inspected[key], value, "{key}");
    }
    assert_eq!(inspected["asked"]["hosts"], json!(["ged.example.fr"]));
    assert!(!cabinet.state().join("plugins").exists(), "a look installs nothing");

    install(&cabinet, &parcel, "--yes").expect(0);
    let before = fs::read_to_string(cabinet.config()).expect("sceau.toml");
    let text = cabinet.admin(["plugin", "grant", "checker"]).expect(0).out;
    for line in [
        "[[plugins.grant]]\nplugin = \"checker\"\n",
        "# documents and http together: a grant to send documents away\n",
        "documents = true\nhttp = [\"ged.example.fr\"]\n",
        "# the plugin may have it sent to any of the hosts above\n",
        "secrets = { token = \"/etc/sceau/secrets/token\" }\n",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert_eq!(fs::read_to_string(cabinet.config()).expect("sceau.toml"), before, "only shown");
    let listed = cabinet.admin(["plugin", "list", "--json"]).expect(0).json();
    assert_eq!(listed["plugins"][0]["sends_documents_away"], false, "nothing is granted yet");
    fs::write(cabinet.config(), before + "\n" + &text).expect("sceau.toml");
    let said = cabinet.admin(["plugin", "list"]).expect(0);
    assert!(said.out.contains("CAN SEND DOCUMENTS AWAY"), "{said}");
    let listed = cabinet.admin(["plugin", "list", "--json"]).expect(0).json();
    assert_eq!(listed["plugins"][0]["sends_documents_away"], true);

    let other = parcel_of(&cabinet, ("sender", "1.0.0"), ("validate", "1.0.0/validate"), AWAY);
    let said = install(&cabinet, &other, "--grant").expect(0);
    assert!(said.out.contains("SEND DOCUMENTS AWAY"), "{said}");
    assert!(said.out.contains("a grant to send documents away"), "what is granted: {said}");
}

/// A signature holds for one plugin, by one of the pinned keys.
#[test]
fn a_signature_by_another_key_or_over_another_component_is_none() {
    let cabinet = cabinet("strange", &validated_by("stranger", "1.0.0"));
    let parcel = parcel(&cabinet, "stranger", "validate", "");
    cabinet_with_signatures(&cabinet);
    let other = cabinet.path("other.pem").display().to_string();
    openssl(&["genpkey", "-algorithm", "ed25519", "-out", &other]);
    let refused = |why: &str| {
        let said = install(&cabinet, &parcel, "--yes").expect(65);
        assert!(said.err.contains("its signature is by none of the pinned keys"), "{why}: {said}");
        assert!(!cabinet.state().join("plugins/stranger").exists(), "{why}");
    };
    sign(&cabinet, &parcel, &other);
    refused("another key");
    let own = cabinet.path("key.pem").display().to_string();
    sign(&cabinet, &parcel, &own);
    let (good, component) = (parcel.join("plugin.wasm"), "tests/components/daemon/loop.wasm");
    let kept = fs::read(&good).expect("a component");
    fs::copy(sceau_tests::root().join("daemon/crates/plugin-host").join(component), &good)
        .expect("exchanged");
    refused("another component");
    fs::write(&good, kept).expect("put back");
    install(&cabinet, &parcel, "--yes").expect(0);
}

fn sign(cabinet: &Cabinet, parcel: &Path, key: &str) {
    let text = cabinet.admin(["plugin", "inspect", &parcel.display().to_string(), "--to-sign"]);
    let file = cabinet.path("to-sign");
    fs::write(&file, text.expect(0).out).expect("written");
    let (file, made) =
        (file.display().to_string(), parcel.join("plugin.sig").display().to_string());
    openssl(&["pkeyutl", "-sign", "-rawin", "-inkey", key, "-in", &file, "-out", &made]);
}

fn openssl(arguments: &[&str]) {
    let status = Command::new("openssl").args(arguments).status();
    assert!(status.expect("openssl").success(), "openssl {arguments:?}");
}

#[test]
fn the_doctor_tells_programs_what_is_there() {
    let said =
        run(Command::new(binary()).args(["plugin", "doctor", "--json"]), Duration::from_secs(60));
    let told = said.json();
    let looks = told["looks"].as_array().expect("what was looked at");
    let machine = looks.iter().find(|look| look["what"] == "machine").expect("the machine");
    assert_eq!((&machine["is"], &machine["needed"]), (&json!("there"), &json!(true)), "{told:#}");
    let lacks = looks.iter().any(|look| look["needed"] == true && look["is"] == "missing");
    assert_eq!(told["well"], json!(!lacks), "{told:#}");
}

/// A step after the seal that nothing is sealed before is told before any document comes; one to which a
/// sealed dossier is routed is none.
#[test]
fn a_step_after_the_seal_wants_a_seal_before_it() {
    let step = "plugin = \"filer\"\nversion = \"1.0.0\"\ndoes = \"after-seal\"";
    let cabinet = cabinet("early", step);
    install(&cabinet, &parcel(&cabinet, "filer", "after-seal", ""), "--yes").expect(0);
    install(&cabinet, &parcel(&cabinet, "router", "route", ""), "--yes").expect(0);
    let said = cabinet.admin(["check"]).expect(78);
    assert!(
        said.all().contains("the step `trial` does after-seal, and nothing is sealed"),
        "{said}"
    );
    let routes = "schema = 1\nname = \"first\"\ntitle = { fr = \"Essai\", en = \"Trial\" }\n\n\
         [[step]]\nkind = \"seal\"\n\n[[step]]\nkind = \"plugin\"\nplugin = \"router\"\n\
         version = \"1.0.0\"\ndoes = \"route\"\noutcomes = { fiscal = { workflow = \"early\" } }\n\n\
         [[step]]\nkind = \"deliver\"\n";
    let file = cabinet.path("config/workflows/first.toml");
    fs::write(&file, routes).expect("a workflow");
    cabinet.admin(["check"]).expect(0);
    fs::write(&file, routes.replace("\"early\"", "\"attestation\"")).expect("a workflow");
    cabinet.admin(["check"]).expect(78);
}
