//! The contract's first version through the daemon: every function, every error, every kind, by components
//! that are committed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;

use sceau_tests::daemon::Daemon;
use sceau_tests::folder::PATIENCE;
use sceau_tests::{fixtures, until};
use serde_json::{Value, json};

use super::{READS, cabinet, cabinet_of, install, parcel, parcel_of, stopped};

/// What `every-call` asks.
const ASKS: &str = "[capabilities]\ndocuments = true\nevents = true\nstate = \"1KiB\"\nhttp = [\"*\"]\n\
     secrets = [\"token\"]\n[settings]\ntype = \"object\"\nadditionalProperties = true\n";

/// A step of `every-call`, or of its twin that is granted nothing.
fn calls(id: &str, act: &str, more: &str) -> String {
    format!(
        "plugin = \"{id}\"\nversion = \"1.0.0\"\ndoes = \"validate\"\n{more}\n\
         [step.settings]\nact = \"{act}\"\n"
    )
}

/// A server that answers each request with its body and `x-answered`; its address.
fn answering() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("its address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut reader = BufReader::new(stream.expect("a client"));
            let (mut length, mut line) = (0, String::new());
            while reader.read_line(&mut line).expect("a line") > 2 {
                if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().expect("a length");
                }
                line.clear();
            }
            let mut body = vec![0; length];
            reader.read_exact(&mut body).expect("the body");
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nX-Answered: yes\r\nConnection: close\r\n\r\n"
            );
            reader.get_mut().write_all(head.as_bytes()).expect("answered");
            reader.get_mut().write_all(&body).expect("answered");
        }
    });
    address
}

#[test]
fn every_function_of_the_first_version_answers_in_the_daemon() {
    let address = answering();
    let all = calls("every-call", "all", "") + &format!("url = \"{address}/\"\n");
    let denied = calls("denied-all", "denied", "") + "url = \"https://allowed.example.fr/\"\n";
    let mut cabinet = cabinet_of(&[("all", &all), ("denied", &denied)]);
    let secret = cabinet.path("token");
    std::fs::write(&secret, "a-secret-of-the-test\n").expect("a secret");
    cabinet.extra = format!(
        "\n[[plugins.grant]]\nplugin = \"every-call\"\ndocuments = true\nevents = true\n\
         state = \"1KiB\"\nhttp_private = [\"{address}\"]\nsecrets = {{ token = \"{}\" }}\n",
        secret.display()
    );
    cabinet.write_config();
    for id in ["every-call", "denied-all"] {
        let component = ("validate", "1.0.0/every-call");
        install(&cabinet, &parcel_of(&cabinet, (id, "1.0.0"), component, ASKS), "--yes").expect(0);
    }
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let watched = cabinet.watched("all");
    watched.drop_file("bilan.pdf", &fixtures::small("Bonjour"));
    watched.wait_delivered("bilan");
    let evidence = watched.evidence("bilan");
    let result = &evidence["steps"][0]["result"];
    let told = |code: &str| {
        let all = result["report"]["findings"].as_array().expect("findings");
        let found = all.iter().find(|finding| finding["code"] == code);
        found.unwrap_or_else(|| panic!("{code}: {result:#}"))["en"].clone()
    };
    for (code, value) in [
        ("societe", "exemple"),
        ("name", "bilan.pdf"),
        ("media-type", "application/pdf"),
        ("read", "%PDF-"),
        ("page-count", "1"),
        ("page-text", "Bonjour"),
        ("signatures", "0"),
        ("versions", "1 2"),
        ("status", "200"),
        ("body", "a body"),
        ("headers", "some"),
    ] {
        assert_eq!(told(code), value, "{code}");
    }
    assert_eq!(result["events"], json!([{ "name": "asked", "data": { "calls": "all" } }]));
    assert_eq!(result["refused"], json!({ "http": 1, "secret": 1 }));

    cabinet.watched("denied").drop_file("bilan.pdf", &fixtures::small("nothing is granted"));
    let shown = stopped(&cabinet, "needs-person");
    assert_eq!(shown["trouble"]["code"], "validation-review", "{shown:#}");
    let refused = json!({ "documents": 1, "events": 1, "http": 1, "state": 4 });
    assert_eq!(shown["trouble"]["result"]["refused"], refused);
    assert!(daemon.stop().success());
}

/// Each error of the contract, a trap, and verdicts that stop, as the one reads it who can mend it.
#[test]
fn every_error_of_the_first_version_is_told_to_whom_it_concerns() {
    let acts = ["rejected", "misconfigured", "other", "panic", "reject", "review", "retry"];
    let mut steps: Vec<(&str, String)> =
        acts.iter().map(|act| (*act, calls("every-call", act, ""))).collect();
    steps.push(("panic-again", calls("every-call", "panic", "on_failure = \"retry\"")));
    let steps: Vec<(&str, &str)> =
        steps.iter().map(|(name, step)| (*name, step.as_str())).collect();
    let cabinet = cabinet_of(&steps);
    let component = ("validate", "1.0.0/every-call");
    let made = parcel_of(&cabinet, ("every-call", "1.0.0"), component, ASKS);
    install(&cabinet, &made, "--yes").expect(0);
    let digest = cabinet.admin(["plugin", "list", "--json"]).expect(0).json();
    let digest = digest["plugins"][0]["sha256"].clone();
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    for (name, _) in &steps {
        cabinet.watched(name).drop_file(format!("{name}.pdf"), &fixtures::small(name));
    }
    let shown = |name: &str| {
        let ask = || {
            let list = cabinet.admin(["dossier", "list", "--json"]).expect(0).json();
            let all = list.as_array()?.iter();
            let mut mine = all.filter(|one| one["workflow"] == name && !one["trouble"].is_null());
            Some(mine.next()?["dossier"].as_str()?.to_owned())
        };
        let dossier = until(name, PATIENCE, ask);
        cabinet.admin(["dossier", "show", &dossier, "--json"]).expect(0).json()
    };
    for (name, code, phase, told) in [
        ("rejected", "plugin-rejected", "rejected", "Asked so."),
        ("misconfigured", "plugin-misconfigured", "needs-person", "asked to be misconfigured"),
        ("other", "plugin-failed", "needs-person", "asked for other"),
        ("panic", "plugin-failed", "needs-person", "asked to panic, attempt 1"),
        ("reject", "validation-rejected", "rejected", "Found here (page 2)."),
        ("review", "validation-review", "needs-person", "Found here (page 2)."),
        ("retry", "plugin-waits", "running", "asked to wait"),
        ("panic-again", "plugin-failed", "running", "src/lib.rs:"),
    ] {
        let shown = shown(name);
        assert_eq!(shown["trouble"]["code"], code, "{name}: {shown:#}");
        assert_eq!(shown["phase"], phase, "{name}: {shown:#}");
        assert!(shown["trouble"].to_string().contains(told), "{name}: {shown:#}");
        if ["reject", "review"].contains(&name) {
            let result = &shown["trouble"]["result"];
            assert_eq!(result["plugin_sha256"], digest, "{name}: {result:#}");
            let place = &result["report"]["findings"][0]["where"];
            let rectangle = json!([72.0, 700.0, 100.5, 12.0]);
            assert_eq!((&place["page"], &place["rectangle"]), (&json!(2), &rectangle), "{name}");
        }
    }
    let note = cabinet.watched("reject").wait_rejected("reject");
    assert!(note.contains("Trouvé ici (page 2)."), "the page stands in the note: {note}");
    assert!(daemon.stop().success());
}

#[test]
fn a_notifying_plugin_tells_and_the_dossier_goes_on() {
    let step = "plugin = \"teller\"\nversion = \"1.0.0\"\ndoes = \"notify\"";
    let cabinet = cabinet("told", step);
    install(&cabinet, &parcel(&cabinet, "teller", "notify", ""), "--yes").expect(0);
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let watched = cabinet.watched("told");
    watched.drop_file("bilan.pdf", &fixtures::small("told"));
    watched.wait_delivered("bilan");
    let result: &Value = &watched.evidence("bilan")["steps"][0]["result"];
    assert_eq!((&result["does"], &result["delivery"]), (&json!("notify"), &json!("delivered")));
    assert!(daemon.stop().success());
}

/// The manifest's contract holds: what came later is not asked and not imported.
#[test]
fn a_manifest_of_the_first_version_takes_nothing_of_the_second() {
    let cabinet = cabinet("held", &super::validated_by("placer", "1.0.0"));
    let later = parcel_of(&cabinet, ("placer", "1.0.0"), ("validate", "1.1.0/validate"), READS);
    let said = install(&cabinet, &later, "--yes").expect(65);
    assert!(said.err.contains("sceau:places/places@1.0.0"), "{said}");
    assert!(said.err.contains("contract 1.0.0"), "{said}");
    let asks = "[capabilities]\nfiling = [\"ged\"]\n";
    let asked = parcel_of(&cabinet, ("filer", "1.0.0"), ("after-seal", "1.0.0/after-seal"), asks);
    let said = install(&cabinet, &asked, "--yes").expect(66);
    assert!(said.err.contains("`filing` came with the contract 1.1.0"), "{said}");
    assert!(!cabinet.state().join("plugins").exists());
}
