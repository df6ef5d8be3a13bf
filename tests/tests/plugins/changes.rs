//! What plugins may not do to a document: change signed bytes, add what acts.

use sceau_tests::daemon::Daemon;
use sceau_tests::fixtures;

use super::{cabinet_of, install, parcel_of};

const WRITES: &str = "[capabilities]\ndocuments = true\ndocument-output = true\n";

/// A document that came in signed goes on only as it is, or with more behind it; one that gets a script
/// does not go on at all.
#[test]
fn neither_signed_bytes_nor_scripts_get_through() {
    let step = |id: &str| format!("plugin = \"{id}\"\nversion = \"1.0.0\"\ndoes = \"prepare\"");
    let (changes, scripts) = (step("changer"), step("scripter"));
    let cabinet = cabinet_of(&[("changed", &changes), ("scripted", &scripts)]);
    for (id, component) in [("changer", "daemon/change"), ("scripter", "daemon/script")] {
        let parcel = parcel_of(&cabinet, (id, "1.0.0"), ("prepare", component), WRITES);
        install(&cabinet, &parcel, "--grant").expect(0);
    }
    let daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let attestations = cabinet.watched("attestations");
    attestations.drop_file("scelle.pdf", &fixtures::small("to be sealed"));
    let sealed = std::fs::read(attestations.wait_delivered("scelle")).expect("what was delivered");
    let changed = cabinet.watched("changed");
    changed.drop_file("signe.pdf", &sealed);
    cabinet.watched("scripted").drop_file("nu.pdf", &fixtures::small("no script"));
    let details = changed.wait("two stopped dossiers", || {
        let stopped = cabinet.dossiers_in(&["needs-person"]);
        (stopped.len() == 2).then(|| stopped.iter().map(|one| detail(&cabinet, one)).collect())
    });
    let details: Vec<String> = details;
    let told = |text: &str| details.iter().any(|detail| detail.contains(text));
    assert!(told("bytes that were signed are changed"), "{details:?}");
    assert!(told("it adds what could change its reading: active javascript"), "{details:?}");
    // The same change of a document that nobody signed is taken.
    changed.drop_file("libre.pdf", &fixtures::small("not signed"));
    let delivered = std::fs::read(changed.wait_delivered("libre")).expect("what was delivered");
    assert!(delivered.starts_with(b"%PDF-1.4"), "the plugin's document is what was sealed");
    assert!(daemon.stop().success());
}

fn detail(cabinet: &sceau_tests::cabinet::Cabinet, dossier: &str) -> String {
    let shown = cabinet.admin(["dossier", "show", dossier, "--json"]).expect(0).json();
    assert_eq!(shown["trouble"]["code"], "plugin-output", "{shown:#}");
    shown["trouble"]["detail"].as_str().unwrap_or_default().to_owned()
}
