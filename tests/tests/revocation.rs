//! Who may have what sealed, while it happens: asked at intake, asked again before the act.

use sceau_tests::cabinet::{ADMIN, COLLABORATOR, Cabinet, SOCIETE};
use sceau_tests::daemon::Daemon;
use sceau_tests::folder::Watched;
use sceau_tests::tsa::{ForeignPki, Tsa};
use sceau_tests::{fixtures, judges};
use serde_json::Value;

/// A running cabinet whose timestamps come from a foreign authority, which runs.
fn with_foreign_time() -> (Cabinet, Daemon, ForeignPki, Tsa) {
    let (pki, tsa) = ForeignPki::start();
    let mut cabinet = Cabinet::uninitialised();
    cabinet.time = pki.time_section();
    let cabinet = cabinet.finish();
    let daemon = Daemon::start(&cabinet);
    (cabinet, daemon, pki, tsa)
}

fn only_dossier(cabinet: &Cabinet) -> String {
    let dossiers = cabinet.dossiers();
    assert_eq!(dossiers.len(), 1, "{dossiers:?}");
    dossiers[0]["dossier"].as_str().expect("an id").to_owned()
}

fn show(cabinet: &Cabinet, dossier: &str) -> String {
    cabinet.admin(["dossier", "show", dossier]).expect(0).out
}

fn shown(cabinet: &Cabinet, dossier: &str) -> Value {
    cabinet.admin(["dossier", "show", dossier, "--json"]).expect(0).json()
}

/// The anchors of our own seal and of the foreign authority in one file.
fn both_anchors(cabinet: &Cabinet, pki: &ForeignPki) -> std::path::PathBuf {
    let mut text = std::fs::read_to_string(cabinet.anchors()).expect("ours");
    text.push_str(&std::fs::read_to_string(pki.anchors()).expect("theirs"));
    let path = cabinet.path("anchors.pem");
    std::fs::write(&path, text).expect("written");
    path
}

fn no_result(watched: &Watched) {
    assert!(watched.find_delivered("").is_none(), "sealed all the same:\n{}", watched.show());
}

#[test]
fn without_a_delegation_nothing_is_sealed_and_retry_after_a_grant_delivers() {
    let cabinet = Cabinet::new();
    let _daemon = Daemon::start(&cabinet);
    let watched = cabinet.watched("attestations");
    watched.drop_file("sans-droit.pdf", &fixtures::small("no right"));
    let note = watched.wait_rejected("sans-droit");
    assert!(note.contains("délégation"), "{note}");
    no_result(&watched);
    let dossier = only_dossier(&cabinet);
    assert!(note.contains(&dossier), "the note does not name the dossier {dossier}:\n{note}");
    cabinet.grant("sceller");
    cabinet.admin(["dossier", "retry", &dossier]).expect(0);
    judges::ask(&watched.wait_delivered("sans-droit"), &cabinet.anchors()).expect_b_t();
}

#[test]
fn a_new_drop_after_a_grant_delivers_too() {
    let cabinet = Cabinet::new();
    let _daemon = Daemon::start(&cabinet);
    let watched = cabinet.watched("attestations");
    let bytes = fixtures::small("dropped twice");
    watched.drop_file("redepose.pdf", &bytes);
    watched.wait_rejected("redepose");
    cabinet.grant("sceller");
    watched.drop_file("redepose.pdf", &bytes);
    judges::ask(&watched.wait_delivered("redepose"), &cabinet.anchors()).expect_b_t();
}

/// The authority is down, so that a dossier stands between intake and seal for as long as we like.
#[test]
fn a_revocation_between_intake_and_seal_stops_the_seal() {
    let (cabinet, _daemon, pki, tsa) = with_foreign_time();
    let delegation = cabinet.grant("sceller");
    let watched = cabinet.watched("attestations");
    drop(tsa);
    watched.drop_file("revoque.pdf", &fixtures::small("revoked"));
    watched.wait("sign of the dead authority", || {
        watched
            .find(watched.path(), |name| name.ends_with("horodatage indisponible.txt".as_bytes()))
    });
    let dossier = only_dossier(&cabinet);
    cabinet.revoke(&delegation);
    let _tsa = pki.serve();
    cabinet.admin(["dossier", "retry", &dossier]);
    let note = watched.wait_rejected("revoque");
    let short = &delegation[..8];
    assert!(note.contains(&format!("Délégation {short} : révoquée le ")), "{note}");
    let text = show(&cabinet, &dossier);
    let trouble = text.lines().find(|line| line.starts_with("trouble   "));
    let trouble = trouble.unwrap_or_else(|| panic!("no trouble in {text}"));
    let why = format!("The right “seal” is missing. Délégation {short}: revoked on ");
    assert!(trouble.contains(&why) && trouble.ends_with("(right-missing)"), "{trouble}");
    no_result(&watched);

    cabinet.grant("sceller");
    cabinet.admin(["dossier", "retry", &dossier]).expect(0);
    let sealed = watched.wait_delivered("revoque");
    judges::ask(&sealed, &both_anchors(&cabinet, &pki)).expect_b_t();
}

/// An authority that is dead, lies or floods is the authority's fault: shown, retried, and the
/// document is sealed once it answers. Nobody signs twice for it.
#[test]
fn an_outage_of_the_authority_is_shown_and_got_over() {
    let (cabinet, _daemon, pki, tsa) = with_foreign_time();
    cabinet.grant("sceller");
    let watched = cabinet.watched("attestations");
    drop(tsa);
    watched.drop_file("panne.pdf", &fixtures::small("outage"));
    let sign = watched.wait("sign of the dead authority", || {
        watched
            .find(watched.path(), |name| name.ends_with("horodatage indisponible.txt".as_bytes()))
    });
    no_result(&watched);
    let _tsa = pki.serve();
    cabinet.admin(["dossier", "retry", &only_dossier(&cabinet)]);
    let sealed = watched.wait_delivered("panne");
    judges::ask(&sealed, &both_anchors(&cabinet, &pki)).expect_b_t();
    watched.wait("end of the sign", || (!sign.exists()).then_some(()));
}

/// Whatever the first authorities do, the one that answers well is asked after them.
#[test]
fn an_authority_that_misbehaves_is_passed_over() {
    let (pki, _tsa) = ForeignPki::start();
    let mut cabinet = Cabinet::uninitialised();
    cabinet.time = pki.time_sections(&["lie", "flood", "refuse", ""]);
    let (cabinet, _daemon) = cabinet.finish_ready();
    let watched = cabinet.watched("attestations");
    watched.drop_file("relais.pdf", &fixtures::small("passed over"));
    let sealed = watched.wait_delivered("relais");
    judges::ask(&sealed, &both_anchors(&cabinet, &pki)).expect_b_t();
}

#[test]
fn a_delegation_is_bounded_by_workflow_channel_and_days() {
    let cabinet = Cabinet::new();
    let _daemon = Daemon::start(&cabinet);
    let watched = cabinet.watched("attestations");
    for (name, bound) in [
        ("autre-circuit", ["--workflow", "plaquette"]),
        ("autre-canal", ["--channel", "api"]),
        ("trop-tot", ["--from", "2199-01-01"]),
        ("trop-tard", ["--until", "2001-01-01"]),
    ] {
        cabinet.grant_with("sceller", &bound);
        watched.drop_file(format!("{name}.pdf"), &fixtures::small(name));
        watched.wait_rejected(name);
        no_result(&watched);
    }
    cabinet
        .grant_with("sceller", &["--workflow", "attestation", "--channel", "folder:attestations"]);
    watched.drop_file("juste.pdf", &fixtures::small("just right"));
    watched.wait_delivered("juste");
}

#[test]
fn explain_answers_for_now_and_for_the_past() {
    let cabinet = Cabinet::new();
    let _daemon = Daemon::start(&cabinet);
    let question = ["delegation", "explain", "--who", COLLABORATOR, "--right", "sceller"];
    let explain = |more: &[&str]| {
        let mut all = question.to_vec();
        all.extend(["--societe", SOCIETE]);
        all.extend(more);
        cabinet.admin(all)
    };
    let (yes, no) = (0, 1);
    let before = std::time::SystemTime::now();
    let said = explain(&[]).expect(no);
    assert!(said.out.starts_with("no:") && said.out.contains("no délégation gives it"), "{said}");
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let delegation = cabinet.grant("sceller");
    let said = explain(&[]).expect(yes);
    assert!(said.out.starts_with("yes:") && said.out.contains(&delegation[..8]), "{said}");
    let at = rfc3339(before);
    explain(&["--at", &at]).expect(no);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let during = rfc3339(std::time::SystemTime::now());
    std::thread::sleep(std::time::Duration::from_millis(1100));
    cabinet.revoke(&delegation);
    let said = explain(&[]).expect(no);
    let revoked = format!("délégation {}: revoked on 20", &delegation[..8]);
    assert!(said.out.contains(&revoked), "{said}");
    let said = explain(&["--lang", "fr"]).expect(no);
    let revoked = format!("délégation {} : révoquée le ", &delegation[..8]);
    assert!(said.out.starts_with("non:") && said.out.contains(&revoked), "{said}");
    explain(&["--at", &during]).expect(yes);
}

#[test]
fn explain_answers_for_a_workflow_and_a_channel() {
    let cabinet = Cabinet::new();
    let _daemon = Daemon::start(&cabinet);
    let bounds = ["--workflow", "attestation", "--channel", "folder:attestations"];
    let delegation = cabinet.grant_with("sceller", &bounds);
    let explain = |more: &[&str]| {
        let question = ["delegation", "explain", "--who", COLLABORATOR, "--right", "sceller"];
        let question = question.into_iter().chain(["--societe", SOCIETE]);
        cabinet.admin(question.chain(more.iter().copied()))
    };
    let short = &delegation[..8];
    let said = explain(&bounds).expect(0);
    assert!(said.out.starts_with("yes:") && said.out.contains(short), "{said}");
    let (other, api) = (["--workflow", "plaquette"], ["--channel", "api"]);
    let workflow = "does not cover the workflow `plaquette` (only attestation)";
    let channel = "does not open the channel `api` (only folder:attestations)";
    for (bounds, why) in [
        ([other, ["--channel", "folder:attestations"]].concat(), workflow.to_owned()),
        ([["--workflow", "attestation"], api].concat(), channel.to_owned()),
        ([other, api].concat(), format!("{workflow}; {channel}")),
    ] {
        let said = explain(&bounds).expect(1);
        let why = format!("délégation {short}: {why}");
        assert!(said.out.starts_with("no:") && said.out.contains(&why), "{why:?}: {said}");
    }
    let french = explain(&[&other[..], &["--lang", "fr"]].concat()).expect(1);
    let why = "ne couvre pas le circuit « plaquette » (seulement attestation)";
    assert!(french.out.contains(why), "{french}");
    // Not asked about, a bound does not stand in the way: the answer tells which there are.
    let said = explain(&[]).expect(0);
    for told in ["only in the workflows: attestation", "the channels: folder:attestations"] {
        assert!(said.out.contains(told), "no {told:?} in {said}");
    }
}

/// UTC to the second, by `date`, so that nothing of the house is used here.
fn rfc3339(time: std::time::SystemTime) -> String {
    let seconds = time.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_secs();
    let mut date = std::process::Command::new("date");
    date.args(["-u", "-d", &format!("@{seconds}"), "+%Y-%m-%dT%H:%M:%SZ"]);
    sceau_tests::program::run(&mut date, std::time::Duration::from_secs(5))
        .expect(0)
        .out
        .trim()
        .to_owned()
}

#[test]
fn nobody_grants_to_himself() {
    let cabinet = Cabinet::new();
    let _daemon = Daemon::start(&cabinet);
    let mut grant = vec!["delegation", "grant", "--by", ADMIN, "--to", ADMIN];
    grant.extend(["--societe", SOCIETE, "--right", "sceller"]);
    let said = cabinet.admin(grant);
    assert!(said.code.is_some_and(|code| code != 0), "{said}");
    assert!(cabinet.admin(["delegation", "list"]).expect(0).out.find("sceller").is_none());
}

#[test]
fn a_list_of_addresses_is_imported_whole_or_not_at_all() {
    let cabinet = Cabinet::new();
    let _daemon = Daemon::start(&cabinet);
    let csv = cabinet.path("delegations.csv");
    let good = format!("email,rights,societe\n{COLLABORATOR},sceller preparer,{SOCIETE}\n");
    std::fs::write(
        &csv,
        format!("{good}pas une adresse,sceller,{SOCIETE}\nx@y.example,tout,{SOCIETE}\n"),
    )
    .expect("written");
    let import = || cabinet.admin(["delegation", "import", "--by", ADMIN, &csv.to_string_lossy()]);
    let said = import();
    assert!(said.code.is_some_and(|code| code != 0), "{said}");
    for line in ["3", "4"] {
        assert!(said.all().contains(line), "no line {line}: {said}");
    }
    std::fs::write(&csv, good).expect("written");
    import().expect(0);
    let watched = cabinet.watched("attestations");
    watched.drop_file("importe.pdf", &fixtures::small("imported"));
    watched.wait_delivered("importe");
}

#[test]
fn the_command_line_says_clearly_that_no_daemon_runs() {
    let cabinet = Cabinet::new();
    let said = cabinet.admin(["dossier", "list"]);
    assert!(said.code.is_some_and(|code| code != 0), "{said}");
    assert!(said.err.contains("sceau run"), "no hint to start the daemon: {said}");
}

#[test]
fn the_details_of_a_dossier_tell_each_step() {
    let (cabinet, _daemon) = Cabinet::ready();
    let watched = cabinet.watched("attestations");
    watched.drop_file("etapes.pdf", &fixtures::small("steps"));
    watched.wait_delivered("etapes");
    let dossier = only_dossier(&cabinet);
    let json = shown(&cabinet, &dossier);
    assert!(json["events"].as_array().is_some_and(|events| events.len() > 3), "{json:#}");
    let text = json.to_string();
    for personal in [COLLABORATOR, "Bruno"] {
        assert!(!json["events"].to_string().contains(personal), "{personal} in an event: {text}");
    }
}
