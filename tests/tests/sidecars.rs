//! What comes with a document, in a file beside it or by the sub-folder that it lies in: read, used,
//! and put away together with it; or told in plain words.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use sceau_tests::cabinet::{ADMIN, Cabinet, SOCIETE};
use sceau_tests::daemon::Daemon;
use sceau_tests::folder::Watched;
use sceau_tests::{fixtures, judges};

/// A parameter that a sidecar must tell; the stamp shows what was understood.
const BY_SIDECAR: &str = r#"
schema = 1
name = "fiche"
title = { fr = "Avec fiche", en = "With a sidecar" }

[[parameter]]
name = "exercice"
title = { fr = "Exercice", en = "Financial year" }
required = true

[[step]]
kind = "prepare"

[step.stamp]
lines = ["{title} / {exercice} / {societe}"]

[[step]]
kind = "seal"

[[step]]
kind = "deliver"
"#;

/// The same parameter, told by the sub-folder.
const BY_SUBFOLDER: &str = r#"
schema = 1
name = "exercice"
title = { fr = "Par exercice", en = "By financial year" }
subfolders = ["exercice"]

[[parameter]]
name = "exercice"
title = { fr = "Exercice", en = "Financial year" }
required = true

[[step]]
kind = "prepare"

[step.stamp]
lines = ["Comptes de {exercice}"]

[[step]]
kind = "seal"

[[step]]
kind = "deliver"
"#;

/// So long a document waits for its sidecar, and a sidecar for its document.
const WAIT: Duration = Duration::from_secs(2);
const QUICK: &str = "stability = \"0s\"\npoll = \"1s\"\npatience = \"1s\"\n";
/// A second société, and its SIREN.
const AUDIT: (&str, &str) = ("exemple-audit", "552100554");

/// Folders `fiches` (a sidecar is required, and waited for as long as it takes), `pressees` (the same for
/// [`WAIT`]) and `exercices` (sub-folders, sidecars at will).
fn places() -> Cabinet {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.write_workflow("fiche", BY_SIDECAR);
    cabinet.write_workflow("exercice", BY_SUBFOLDER);
    let waits = format!("sidecar_wait = \"{}s\"", WAIT.as_secs());
    for (folder, workflow, more) in [
        ("fiches", "fiche", format!("sidecar = \"required\"\nsocietes = [\"{}\"]", AUDIT.0)),
        ("pressees", "fiche", format!("sidecar = \"required\"\n{waits}")),
        ("exercices", "exercice", "sidecar = \"optional\"\nsidecar_wait = \"0s\"".to_owned()),
    ] {
        cabinet.folders.push((folder.into(), workflow.into(), format!("{QUICK}{more}")));
    }
    cabinet
}

fn says(note: &str, words: &[&str]) {
    for word in words {
        assert!(note.contains(word), "no {word:?} in:\n{note}");
    }
}

/// Waits until a file holds these bytes: a note comes before what it is about, a result before the
/// original is put away.
fn wait_for(watched: &Watched, path: &Path, bytes: &[u8]) {
    watched.wait(&format!("{}", path.display()), || {
        fs::read(path).ok().filter(|found| found == bytes).map(drop)
    });
}

#[test]
fn a_document_and_its_sidecar_go_together_whichever_comes_first() {
    let (cabinet, _daemon) = places().finish_ready();
    let watched = cabinet.watched("fiches");
    let toml = b"title = \"Bilan Durand\"\n\n[parameters]\nexercice = 2025\n\n[[signatories]]\n\
                 name = \"Jeanne Exemple\"\nemail = \"jeanne@client.example\"\nrole = \"g\xc3\xa9rante\"\n";
    let json = br#"{ "title": "Bilan Petit", "parameters": { "exercice": "2024" },
        "signatories": [{ "name": "Jean Petit", "email": "jean@client.example" }] }"#;
    let (first, second) = (fixtures::small("sidecar first"), fixtures::small("sidecar second"));
    watched.drop_file("durand.toml", toml);
    watched.drop_file("petit.pdf", &second);
    // Several looks of the scanner, which rests for a second.
    std::thread::sleep(Duration::from_millis(2500));
    for name in ["durand.toml", "petit.pdf"] {
        assert!(
            watched.path().join(name).exists(),
            "{name} was not waited for: {}",
            watched.show()
        );
    }
    assert!(cabinet.dossiers().is_empty());

    watched.drop_file("durand.pdf", &first);
    watched.drop_file("petit.pdf.json", json);
    for (stem, shown) in [
        ("durand", "Bilan Durand / 2025 / Cabinet Exemple"),
        ("petit", "Bilan Petit / 2024 / Cabinet Exemple"),
    ] {
        let sealed = watched.wait_delivered(stem);
        says(&judges::text(&sealed), &[shown]);
        judges::ask(&sealed, &cabinet.anchors()).expect_b_t();
        let origin = &watched.evidence(stem)["origin"];
        assert!(origin["sidecar_sha256"].is_string(), "{stem}: {origin:#}");
    }
    let kept = watched.delivered().join("originaux");
    wait_for(&watched, &kept.join("durand.pdf"), &first);
    wait_for(&watched, &kept.join("durand.toml"), toml);
    wait_for(&watched, &kept.join("petit.pdf"), &second);
    wait_for(&watched, &kept.join("petit.pdf.json"), json);
    let mut titles: Vec<_> = cabinet.dossiers().iter().map(|one| one["title"].clone()).collect();
    titles.sort_by_key(ToString::to_string);
    assert_eq!(titles, ["Bilan Durand", "Bilan Petit"]);
}

#[test]
fn what_is_missing_or_alone_is_told_when_the_wait_is_over() {
    let (cabinet, _daemon) = places().finish_ready();
    let watched = cabinet.watched("pressees");
    let document = fixtures::small("no sidecar");
    let dropped = Instant::now();
    watched.drop_file("sans-fiche.pdf", &document);
    watched.drop_file("seule.toml", b"title = \"Seule\"\n");
    let note = watched.wait_rejected("sans-fiche");
    assert!(dropped.elapsed() >= WAIT, "after {:?} already", dropped.elapsed());
    says(&note, &["demande une fiche", "aucune n'est arrivée en 2 secondes", "x.pdf.json"]);
    wait_for(&watched, &watched.rejected().join("sans-fiche.pdf"), &document);
    says(&watched.wait_rejected("seule"), &["Cette fiche est restée seule", "en 2 secondes"]);
    wait_for(&watched, &watched.rejected().join("seule.toml"), b"title = \"Seule\"\n");
    assert!(cabinet.dossiers().is_empty());

    watched.drop_file("sans-fiche.toml", b"[parameters]\nexercice = \"2025\"\n");
    watched.drop_file("sans-fiche.pdf", &document);
    watched.wait_delivered("sans-fiche");
}

#[test]
fn the_faults_of_a_sidecar_are_told_beside_both_files() {
    let (cabinet, _daemon) = places().finish_ready();
    let watched = cabinet.watched("pressees");
    let faulty = "{\n  \"titel\": \"Bilan\",\n  \"societe\": \"autre\",\n  \"signatories\": [\n    \
                  { \"name\": \"Jeanne Exemple\" }\n  ]\n}\n";
    let drop = |stem: &str, sidecars: &[(&str, &str)]| {
        for (name, text) in sidecars {
            watched.drop_file(name, text.as_bytes());
        }
        watched.drop_file(format!("{stem}.pdf"), &fixtures::small(stem));
    };
    drop("fautes", &[("fautes.json", faulty)]);
    drop("deux", &[("deux.toml", "title = \"Une\"\n"), ("deux.pdf.json", "{}")]);
    drop("incomplete", &[("incomplete.toml", "[parameters]\nexercise = \"2025\"\n")]);

    let note = watched.wait_rejected("fautes");
    let told = [
        "La fiche « fautes.json » a des fautes",
        "- ligne 2 : la clé « titel » est inconnue (voulez-vous dire « title » ?)",
        "- ligne 3 : la société « autre » n'est pas permise dans ce dossier (permises : exemple)",
        "- ligne 5 : le signataire n'a pas de « email »",
    ];
    says(&note, &told);
    assert!(!note.contains("Jeanne"), "a personal detail in:\n{note}");
    says(&watched.wait_rejected("deux"), &["Plusieurs fiches", "deux.pdf.json", "deux.toml"]);
    let note = watched.wait_rejected("incomplete");
    says(&note, &["« exercise » est inconnu", "« exercice » (Exercice) manque"]);
    for (name, bytes) in [
        ("fautes.pdf", fixtures::small("fautes")),
        ("fautes.json", faulty.into()),
        ("deux.toml", b"title = \"Une\"\n".to_vec()),
        ("deux.pdf.json", b"{}".to_vec()),
        ("incomplete.pdf", fixtures::small("incomplete")),
    ] {
        wait_for(&watched, &watched.rejected().join(name), &bytes);
    }
    assert!(cabinet.dossiers().is_empty());
}

#[test]
fn a_sidecar_names_another_societe_of_the_folder() {
    let (cabinet, daemon) = places().finish_ready();
    let add = ["societe", "add", AUDIT.0, "--name", "Exemple Audit", "--siren", AUDIT.1];
    cabinet.admin(add).expect(0);
    let roles = ["account", "roles", ADMIN, "--admin", "--expert-comptable", SOCIETE];
    cabinet.admin(roles.into_iter().chain(["--expert-comptable", AUDIT.0])).expect(0);
    cabinet.admin(["societe", "seal", AUDIT.0]).expect(0);
    assert!(daemon.stop().success());
    let _daemon = Daemon::start(&cabinet);

    let watched = cabinet.watched("fiches");
    let fiche = format!("societe = \"{}\"\n[parameters]\nexercice = \"2025\"\n", AUDIT.0);
    let document = fixtures::small("another societe");
    let drop = || {
        watched.drop_file("audit.toml", fiche.as_bytes());
        watched.drop_file("audit.pdf", &document);
    };
    // The délégation for the folder's own société is none for that one.
    drop();
    says(&watched.wait_rejected("audit"), &["right-missing", "sceller"]);
    cabinet.grant_for(AUDIT.0, "sceller", &[]);
    drop();
    let sealed = watched.wait_delivered("audit");
    let verdicts = judges::ask(&sealed, &cabinet.anchors());
    verdicts.expect_b_t();
    assert_eq!(verdicts.organization_identifier(), format!("NTRFR-{}", AUDIT.1));
    says(&judges::text(&sealed), &["audit / 2025 / Exemple Audit"]);
    assert_eq!(watched.evidence("audit")["societe"]["id"], AUDIT.0);
}

#[test]
fn a_sub_folder_tells_a_parameter() {
    let (cabinet, _daemon) = places().finish_ready();
    let watched = cabinet.watched("exercices");
    let put = |below: &str, bytes: &[u8]| {
        let path = watched.path().join(below);
        fs::create_dir_all(path.parent().expect("a sub-folder")).expect("a sub-folder");
        fs::write(cabinet.path("elsewhere"), bytes).expect("written");
        fs::rename(cabinet.path("elsewhere"), path).expect("renamed in");
    };
    let document = fixtures::small("in a sub-folder");
    put("2025/bilan.pdf", &document);
    let sealed = watched.wait_delivered("bilan");
    assert_eq!(sealed, watched.delivered().join("2025/bilan.pdf"));
    says(&judges::text(&sealed), &["Comptes de 2025"]);
    wait_for(&watched, &watched.delivered().join("originaux/2025/bilan.pdf"), &document);

    // What a sidecar says besides must agree; at the top nothing tells the parameter; one level is
    // meant, not two.
    put("2024/contredit.toml", b"[parameters]\nexercice = \"2025\"\n");
    put("2024/contredit.pdf", &fixtures::small("contradicted"));
    put("2024/trop/profond.pdf", &fixtures::small("too deep"));
    watched.drop_file("haut.pdf", &fixtures::small("at the top"));
    let note = watched.wait_rejected("contredit");
    says(&note, &["« exercice » vaut « 2025 », mais « 2024 » d'après le sous-dossier"]);
    says(&watched.wait_rejected("haut"), &["« exercice » (Exercice) manque", "sous-dossier"]);
    says(&watched.wait_rejected("trop"), &["répertoire"]);
    wait_for(
        &watched,
        &watched.rejected().join("2024/trop/profond.pdf"),
        &fixtures::small("too deep"),
    );
    assert_eq!(cabinet.dossiers().len(), 1);
}
