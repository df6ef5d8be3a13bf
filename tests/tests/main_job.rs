//! The main job: what comes in by any writer comes out sealed, and four judges agree.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use rustix::process::Signal;
use sceau_tests::cabinet::{Cabinet, SIREN};
use sceau_tests::daemon::Daemon;
use sceau_tests::folder::files;
use sceau_tests::judges::{self, Verdicts};
use sceau_tests::program::{binary, run};
use sceau_tests::writers::{self, Writer};
use sceau_tests::{fixtures, until};

/// The délégation's place in the signed attributes (signer-attributes-v2, EN 319 122-1, 5.2.6).
const SIGNER_ATTRIBUTES_V2: &str = "0.4.0.19122.1.1";

#[test]
fn every_fixture_by_every_writer_is_sealed_to_the_liking_of_all_judges() {
    let (cabinet, daemon) = Cabinet::ready();
    let watched = cabinet.watched("attestations");
    let drops = drops();
    std::thread::scope(|scope| {
        for (name, writer, bytes) in &drops {
            let path = watched.path().join(name);
            scope.spawn(move || writer.write(&path, bytes));
        }
    });
    for (name, _, bytes) in &drops {
        let stem = name.trim_end_matches(".pdf");
        let sealed = watched.wait_delivered(stem);
        judge(&sealed, bytes, &cabinet);
    }
    assert!(!watched.rejected().exists() || files(&watched.rejected()).is_empty());
    assert_eq!(cabinet.dossiers().len(), drops.len());
    assert!(daemon.stop().success());
}

/// What a workflow attaches is part of what a dossier is pinned to: it never becomes another file.
#[test]
fn an_edited_attachment_changes_no_dossier_that_has_begun() {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.folders[0].1 = "jointe".to_owned();
    cabinet.folders[0].2 = "stability = \"0s\"".to_owned();
    let terms = cabinet.path("config/conditions.txt");
    let write = |version: &str| std::fs::write(&terms, version).expect("the terms");
    let workflow = "schema = 1\nname = \"jointe\"\ntitle = { fr = \"J\", en = \"J\" }\n\
        [[step]]\nkind = \"prepare\"\n[[step.attach]]\nfile = \"conditions.txt\"\n\
        [[step]]\nkind = \"seal\"\n[[step]]\nkind = \"deliver\"\n";
    cabinet.write_workflow("jointe", workflow);
    write("conditions 2025");
    let (cabinet, daemon) = cabinet.finish_ready();
    let watched = cabinet.watched("attestations");
    let waits = |attempt: u32| {
        until("dossier that waits for a person", Duration::from_secs(30), || {
            let dossier = cabinet.dossiers_in(&["needs-person"]).pop()?;
            let shown = cabinet.admin(["dossier", "show", &dossier, "--json"]).expect(0).json();
            assert_eq!(shown["trouble"]["code"], "step-attachment-changed", "{shown:#}");
            (shown["step"][1].as_u64()? >= u64::from(attempt)).then_some(dossier)
        })
    };
    write("conditions 2026");
    watched.drop_file("avant.pdf", &fixtures::small("before"));
    let dossier = waits(1);
    assert!(daemon.stop().success());

    let _daemon = Daemon::start(&cabinet);
    watched.drop_file("apres.pdf", &fixtures::small("after"));
    holds(&watched.wait_delivered("apres"), "conditions 2026");
    cabinet.admin(["dossier", "retry", &dossier]).expect(0);
    waits(2);
    write("conditions 2025");
    cabinet.admin(["dossier", "retry", &dossier]).expect(0);
    holds(&watched.wait_delivered("avant"), "conditions 2025");
}

/// A PDF has the file `conditions.txt` with this text attached.
fn holds(pdf: &Path, text: &str) {
    let mut qpdf = Command::new("qpdf");
    qpdf.arg("--show-attachment=conditions.txt").arg(pdf);
    assert_eq!(run(&mut qpdf, Duration::from_secs(30)).expect(0).out, text);
}

/// Each fixture by each writer, the bytes of each made unlike any other's: the same content twice
/// would be one dossier.
fn drops() -> Vec<(String, Writer, Vec<u8>)> {
    let mut drops = Vec::new();
    for fixture in fixtures::all() {
        let stem = fixture.file_stem().expect("a name").to_string_lossy().into_owned();
        for writer in writers::ALL {
            let mut bytes = std::fs::read(&fixture).expect("a fixture");
            if writer != Writer::RenameIn {
                bytes.extend_from_slice(format!("%{writer:?}\n").as_bytes());
            }
            drops.push((format!("{stem}-{writer:?}.pdf"), writer, bytes));
        }
    }
    drops
}

fn judge(sealed: &Path, original: &[u8], cabinet: &Cabinet) -> Verdicts {
    let bytes = std::fs::read(sealed).expect("the delivered file");
    assert!(bytes.starts_with(original), "{}: the original was rewritten", sealed.display());
    let verdicts = judges::ask(sealed, &cabinet.anchors());
    verdicts.expect_b_t();
    assert_eq!(verdicts.organization_identifier(), format!("NTRFR-{SIREN}"));
    assert!(verdicts.subject().contains("Cabinet Exemple"), "{}", verdicts.subject());
    verdicts
}

#[test]
fn the_delegation_stands_in_the_signed_attributes() {
    let (cabinet, _daemon) = Cabinet::ready();
    let watched = cabinet.watched("attestations");
    let bytes = fixtures::small("delegation");
    watched.drop_file("attestation.pdf", &bytes);
    let verdicts = judge(&watched.wait_delivered("attestation"), &bytes, &cabinet);
    let attributes = verdicts.signed_attributes();
    assert!(attributes.iter().any(|oid| oid == SIGNER_ATTRIBUTES_V2), "{attributes:?}");
    assert!(!verdicts.claimed_roles().is_empty(), "no readable role: {verdicts:#?}");
    // Identifier and digest, no personal detail.
    let roles = verdicts.claimed_roles().join(" ");
    for detail in ["bruno", "Bruno", "Petit", "@"] {
        assert!(!roles.contains(detail), "a personal detail in the signature: {roles}");
    }
}

#[test]
fn prepared_documents_are_stamped_before_they_are_sealed() {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.folders.push(("plaquettes".into(), "plaquette".into(), String::new()));
    let (cabinet, _daemon) = cabinet.finish_ready();
    let watched = cabinet.watched("plaquettes");
    let bytes = fixtures::named("pdftex");
    let mut days = vec![day_in_paris()];
    watched.drop_file("plaquette 2025.pdf", &bytes);
    let sealed = watched.wait_delivered("plaquette 2025");
    judge(&sealed, &bytes, &cabinet);
    days.push(day_in_paris());
    let text = judges::text(&sealed);
    let dossier = only_dossier(&cabinet);
    let stamped =
        |day: &String| text.contains(&format!("Cabinet Exemple\nDossier {dossier} - {day}"));
    assert!(days.iter().any(stamped), "no {dossier} and {days:?} in {text}");
}

/// The shipped file with its commented block made a part of it.
#[test]
fn prepared_documents_carry_what_the_workflow_attaches() {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.folders.push(("plaquettes".into(), "plaquette".into(), String::new()));
    let cabinet = cabinet.finish();
    let file = cabinet.path("config/workflows/plaquette.toml");
    let shipped = std::fs::read_to_string(&file).expect("the shipped workflow");
    let lines: Vec<&str> = shipped.lines().map(|line| attaching(line).unwrap_or(line)).collect();
    let told = lines.join("\n");
    assert!(told.contains("\n[[step.attach]]\nfile = \"pieces/conditions.pdf\"\n"), "{told}");
    std::fs::write(&file, told).expect("a workflow");
    let attached = fixtures::small("conditions");
    std::fs::create_dir(cabinet.path("config/pieces")).expect("a directory");
    std::fs::write(cabinet.path("config/pieces/conditions.pdf"), &attached).expect("a file");
    let _daemon = Daemon::start(&cabinet);
    cabinet.grant("sceller");

    let watched = cabinet.watched("plaquettes");
    let bytes = fixtures::small("with an attachment");
    watched.drop_file("plaquette.pdf", &bytes);
    let sealed = watched.wait_delivered("plaquette");
    judge(&sealed, &bytes, &cabinet);
    assert_eq!(judges::attached(&sealed), [("conditions.pdf".to_owned(), attached)]);
    assert!(judges::text(&sealed).contains(&format!("Dossier {}", only_dossier(&cabinet))));
}

/// A line of the commented block of `[[step.attach]]`, without its comment sign.
fn attaching(line: &str) -> Option<&str> {
    let line = line.strip_prefix("# ")?;
    ["[[step.attach]]", "file = ", "description = "]
        .iter()
        .any(|head| line.starts_with(head))
        .then_some(line)
}

fn only_dossier(cabinet: &Cabinet) -> String {
    let dossiers = cabinet.dossiers();
    assert_eq!(dossiers.len(), 1, "{dossiers:?}");
    dossiers[0]["dossier"].as_str().expect("an id").to_owned()
}

/// The day as it is in Paris, by `date`, so that nothing of the house is used here.
fn day_in_paris() -> String {
    let mut date = Command::new("date");
    run(date.env("TZ", "Europe/Paris").arg("+%F"), Duration::from_secs(5))
        .expect(0)
        .out
        .trim()
        .to_owned()
}

/// What cannot be done yet stops the dossier, and loses nothing; whoever waits in vain ends it.
#[test]
fn the_shipped_letter_stops_at_its_collection_and_is_cancelled() {
    let mut cabinet = Cabinet::uninitialised();
    let sidecar = "sidecar = \"required\"".to_owned();
    cabinet.folders.push(("lettres".into(), "lettre-de-mission".into(), sidecar));
    let (cabinet, _daemon) = cabinet.finish_ready();
    cabinet.grant("preparer");
    let watched = cabinet.watched("lettres");
    let bytes = fixtures::small("a letter");
    let fiche = b"[[signatories]]\nname = \"Jeanne Exemple\"\nemail = \"jeanne@client.example\"\n";
    watched.drop_file("lettre.toml", fiche);
    watched.drop_file("lettre.pdf", &bytes);
    let note = watched.in_progress().join("lettre.pdf.attente.txt");
    let told = watched.wait("note of the stopped dossier", || std::fs::read_to_string(&note).ok());
    let dossier = only_dossier(&cabinet);
    for word in ["« collect »", "pas encore prise en charge", "step-unavailable", &dossier] {
        assert!(told.contains(word), "no {word:?} in:\n{told}");
    }
    let kept = watched.in_progress().join("lettre.pdf");
    assert_eq!(std::fs::read(kept).ok().as_ref(), Some(&bytes), "{}", watched.show());
    let shown = cabinet.admin(["dossier", "show", &dossier]).expect(0).out;
    for line in
        ["phase     needs-person", "trouble   The step “collect” of this workflow is not run"]
    {
        assert!(shown.lines().any(|told| told.starts_with(line)), "no {line:?} in:\n{shown}");
    }

    let cancel = ["dossier", "cancel", &dossier, "--reason", "Signée sur papier"];
    cabinet.admin(cancel).expect(0);
    let told = watched.wait_rejected("lettre");
    for word in ["Le dossier a été annulé : Signée sur papier", "cancelled", &dossier] {
        assert!(told.contains(word), "no {word:?} in:\n{told}");
    }
    let rejected = |name: &str| std::fs::read(watched.rejected().join(name)).ok();
    watched.wait("the original and its sidecar", || {
        (rejected("lettre.pdf")? == bytes && rejected("lettre.toml")? == fiche).then_some(())
    });
    watched.wait("end of the note", || (!note.exists()).then_some(()));
    assert_eq!(cabinet.dossiers_in(&["cancelled"]), [dossier.as_str()]);
    for order in [&cancel[..], &["dossier", "retry", &dossier]] {
        let said = cabinet.admin(order.iter().copied()).expect(1);
        assert!(said.err.contains("cancelled"), "{said}");
    }
}

/// The workflow's lines stand below its anchor, and every judge accepts; a document without the
/// anchor is rejected with the code that says so.
#[test]
fn a_workflow_shows_its_seal_on_the_page() {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.write_workflow("vu", SHOWN);
    cabinet.folders.push(("vus".into(), "vu".into(), String::new()));
    let (cabinet, _daemon) = cabinet.finish_ready();
    let watched = cabinet.watched("vus");
    let bytes = fixtures::named("libreoffice");
    watched.drop_file("contrat.pdf", &bytes);
    let sealed = watched.wait_delivered("contrat");
    judge(&sealed, &bytes, &cabinet);
    let text = judges::text(&sealed);
    for line in ["Cachet électronique", "Cabinet Exemple", "contrat, le 20"] {
        assert!(text.contains(line), "no {line:?} in {text}");
    }
    watched.drop_file("autre.pdf", &fixtures::small("other"));
    let note = watched.wait_rejected("autre");
    assert!(note.contains("document-no-place"), "{note}");
}

/// A seal shows the image of its workflow, and no other that takes its place while the daemon runs.
#[test]
fn a_workflow_shows_its_image_in_the_seal() {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.write_workflow("vu", &SHOWN.replace("below =", "image = \"logo.png\"\nbelow ="));
    let image = cabinet.path("config/logo.png");
    let put = |name: &str| std::fs::copy(fixtures::picture(name), &image).expect("an image");
    put("logo.png");
    cabinet.folders.push(("vus".into(), "vu".into(), String::new()));
    let (cabinet, _daemon) = cabinet.finish_ready();
    let watched = cabinet.watched("vus");
    let bytes = fixtures::named("libreoffice");
    watched.drop_file("contrat.pdf", &bytes);
    let sealed = watched.wait_delivered("contrat");
    judge(&sealed, &bytes, &cabinet);
    let list = run(Command::new("pdfimages").arg("-list").arg(&sealed), Duration::from_secs(60));
    let list = list.expect(0).out;
    assert!(list.contains("smask   ") && list.contains(" 96    96 "), "{list}");

    put("logo.jpg");
    let bytes = fixtures::named("libreoffice-pdfa2b");
    watched.drop_file("autre.pdf", &bytes);
    let note = watched.wait("note beside the waiting document", || {
        watched.find(&watched.in_progress(), |name| name.ends_with(b".attente.txt"))
    });
    let note = std::fs::read_to_string(note).expect("a note");
    assert!(note.contains("L'image") && note.contains("a changé"), "{note}");
    let id = note.lines().map(str::trim).find(|line| line.starts_with("D0")).expect("an id");
    put("logo.png");
    cabinet.admin(["dossier", "retry", id]).expect(0);
    judge(&watched.wait_delivered("autre"), &bytes, &cabinet);
}

/// A seal below a text of the document.
const SHOWN: &str = r#"
schema = 1
name = "vu"
title = { fr = "Cachet vu", en = "Shown seal" }

[[step]]
kind = "seal"

[step.appearance]
below = "Fait en deux exemplaires"
text = ["Cachet électronique", "{societe}", "{name}, le {date}"]

[[step]]
kind = "deliver"
"#;

#[test]
fn the_same_content_is_one_dossier_and_a_notice() {
    let (cabinet, _daemon) = Cabinet::ready();
    let watched = cabinet.watched("attestations");
    let bytes = fixtures::small("twice");
    watched.drop_file("first.pdf", &bytes);
    watched.wait_delivered("first");
    watched.drop_file("again.pdf", &bytes);
    watched.wait("notice about the second drop", || {
        watched.find(watched.path(), |name| name.ends_with(b".doublon.txt"))
    });
    assert_eq!(cabinet.dossiers().len(), 1);
    assert!(watched.find_delivered("again").is_none());
}

#[test]
fn the_same_name_with_other_content_is_two_dossiers() {
    let (cabinet, _daemon) = Cabinet::ready();
    let watched = cabinet.watched("attestations");
    watched.drop_file("same.pdf", &fixtures::small("one"));
    watched.wait_delivered("same");
    watched.drop_file("same.pdf", &fixtures::small("two"));
    watched.wait("two results", || {
        let results = files(&watched.delivered());
        let sealed = results.iter().filter(|path| {
            let name = path.to_string_lossy();
            name.ends_with(".pdf") && !name.contains("originaux")
        });
        (sealed.count() == 2).then_some(())
    });
    assert_eq!(cabinet.dossiers().len(), 2);
}

#[test]
fn sigterm_stops_at_once_and_a_restart_goes_on() {
    let (cabinet, daemon) = Cabinet::ready();
    let watched = cabinet.watched("attestations");
    for index in 0..20 {
        watched.drop_file(format!("lot-{index:02}.pdf"), &fixtures::small(&format!("lot {index}")));
    }
    std::thread::sleep(std::time::Duration::from_millis(1200));
    assert!(daemon.stop().success());
    let _daemon = Daemon::start(&cabinet);
    for index in 0..20 {
        watched.wait_delivered(&format!("lot-{index:02}"));
    }
    assert_eq!(cabinet.dossiers().len(), 20);
}

/// The start is held where the signer waits for its journal.
#[test]
fn sigterm_during_the_start_is_an_orderly_end_too() {
    let (cabinet, daemon) = Cabinet::ready();
    assert!(daemon.stop().success());
    let held = File::open(cabinet.state().join("signer/journal.lock")).expect("the lock file");
    held.lock().expect("nobody has it");
    let mut daemon = Daemon::spawn(&cabinet, binary(), &[]);
    let children =
        PathBuf::from(format!("/proc/{0}/task/{0}/children", daemon.pid().as_raw_nonzero()));
    until("a signer", Duration::from_secs(30), || {
        std::fs::read_to_string(&children).is_ok_and(|pids| !pids.is_empty()).then_some(())
    });
    daemon.signal(Signal::TERM);
    drop(held);
    let status = daemon.wait(Duration::from_secs(60)).expect("an end");
    assert!(status.success(), "{status}: {}", daemon.log());
}
