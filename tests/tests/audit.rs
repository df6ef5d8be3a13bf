//! `sceau audit`: the exported chain of a real daemon, and what each kind of forgery is told.

use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sceau_tests::cabinet::{Cabinet, SOCIETE, owner_only};
use sceau_tests::exit::FAILED;
use sceau_tests::fixtures;
use sceau_tests::program::{Said, binary, run, sceau};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

struct Exported {
    cabinet: Cabinet,
    daemon: sceau_tests::daemon::Daemon,
    file: PathBuf,
    lines: Vec<String>,
    dossier: String,
}

/// The export of a daemon that sealed one document.
fn exported() -> Exported {
    let (cabinet, daemon) = Cabinet::ready();
    let watched = cabinet.watched("attestations");
    watched.drop_file("audit.pdf", &fixtures::small("audit"));
    watched.wait_delivered("audit");
    let dossier = cabinet.dossiers()[0]["dossier"].as_str().expect("an id").to_owned();
    let file = cabinet.path("audit.jsonl");
    cabinet.admin(["audit", "export", "--out", file.to_str().expect("text")]).expect(0);
    let text = std::fs::read_to_string(&file).expect("the export");
    let lines = text.lines().map(str::to_owned).collect();
    Exported { cabinet, daemon, file, lines, dossier }
}

fn verify(file: &Path, more: &[&str]) -> Said {
    let mut arguments = vec!["audit", "verify", file.to_str().expect("text"), "--json"];
    arguments.extend(more);
    sceau(arguments)
}

impl Exported {
    fn entries(&self) -> usize {
        self.lines.len() - 1
    }

    /// Verifies other lines, and returns the entry and the code that are told.
    fn broken(&self, lines: &[String], more: &[&str]) -> (u64, String) {
        let file = self.cabinet.path("forged.jsonl");
        std::fs::write(&file, lines.join("\n") + "\n").expect("written");
        let said = verify(&file, more).expect(FAILED).json();
        let broken = &said["broken"];
        (
            broken["entry"].as_u64().expect("an entry"),
            broken["code"].as_str().expect("a code").into(),
        )
    }
}

/// The documented formula, by another hand than the program's.
fn links(lines: &[String]) -> Vec<String> {
    let mut link = vec![0u8; 32];
    let mut links = Vec::new();
    for line in lines {
        let json: Value = serde_json::from_str(line).expect("a line of JSON");
        let mut hasher = Sha256::new();
        hasher.update(&link);
        hasher.update(json["position"].as_u64().expect("a number").to_be_bytes());
        hasher.update(json["at_ms"].as_i64().expect("a time").to_be_bytes());
        hasher.update(json["entry"].as_str().expect("an entry"));
        link = hasher.finalize().to_vec();
        links.push(hex::encode(&link));
        assert_eq!(json["link"], links[links.len() - 1].as_str(), "{line}");
    }
    links
}

#[test]
fn an_export_holds_and_every_forgery_is_named() {
    let exported = exported();
    let (lines, count) = (&exported.lines, exported.entries());
    let links = links(&lines[1..]);
    let head = links.last().expect("entries").as_str();
    let said = verify(&exported.file, &["--head", head]).expect(0).json();
    assert_eq!(said["entries"], count);
    assert_eq!(
        (&said["first"]["link"], &said["last"]["link"]),
        (&links[0].as_str().into(), &head.into())
    );

    let mut changed = lines.clone();
    changed[3] = changed[3].replacen("\"at_ms\":1", "\"at_ms\":2", 1);
    assert_eq!(exported.broken(&changed, &[]), (3, "wrong-link".into()));
    changed[3] = lines[3].replacen("actor", "actxr", 1);
    assert_eq!(exported.broken(&changed, &[]), (3, "wrong-link".into()));
    changed[3] = lines[3].replacen("position", "pssition", 1);
    assert_eq!(exported.broken(&changed, &[]), (3, "unreadable".into()));

    let mut dropped = lines.clone();
    dropped.remove(2);
    assert_eq!(exported.broken(&dropped, &[]), (2, "gap".into()));

    let mut reordered = lines.clone();
    reordered.swap(4, 5);
    assert_eq!(exported.broken(&reordered, &[]), (4, "gap".into()));

    let cut = lines[..count].to_vec();
    assert_eq!(exported.broken(&cut, &[]), (count as u64, "short".into()));
    // The first line told anew: a remembered head alone betrays it.
    let mut hidden = cut;
    hidden[0] = hidden[0].replace(head, &links[count - 2]);
    hidden[0] = hidden[0].replace(&format!(":{count},"), &format!(":{},", count - 1));
    assert_eq!(exported.broken(&hidden, &["--head", head]), (count as u64, "forgotten".into()));
    std::fs::write(exported.cabinet.path("hidden"), hidden.join("\n") + "\n").expect("written");
    verify(&exported.cabinet.path("hidden"), &[]).expect(0);
}

/// The socket is its group's, and who comes by it stands in the log by his number. Acting as others
/// wants root.
#[test]
fn a_member_of_the_group_is_let_in_and_recorded() {
    let groups = std::fs::read_to_string("/etc/group").expect("groups");
    let users = groups.lines().find_map(|line| line.strip_prefix("users:x:")?.split(':').next());
    let users: u32 = users.and_then(|id| id.parse().ok()).expect("the group of Debian");
    let door = tempfile::Builder::new().prefix("sceau-door-").tempdir().expect("a folder");
    owner_only(door.path(), 0o755);
    let copy = door.path().join("sceau");
    std::fs::copy(binary(), &copy).expect("a program that others can reach");
    let mut cabinet = Cabinet::uninitialised();
    cabinet.socket = Some(door.path().join("admin.sock"));
    cabinet.admin_more = "group = \"users\"".to_owned();
    let (cabinet, _daemon) = cabinet.finish_ready();
    let meta = std::fs::metadata(cabinet.socket()).expect("the socket");
    assert_eq!((meta.mode() & 0o777, meta.gid()), (0o660, users));

    let rename = |uid: u32, gid: u32| {
        let mut command = Command::new(&copy);
        command.args(["societe", "rename", SOCIETE, "--name", "Autre nom", "--socket"]);
        command.arg(cabinet.socket()).current_dir("/").uid(uid).gid(gid);
        run(&mut command, Duration::from_secs(60))
    };
    let refused = rename(54_322, 54_322).expect(77);
    assert!(refused.err.contains("group only"), "{refused}");
    rename(54_321, users).expect(0);
    let listed = cabinet.admin(["audit", "list", "--limit", "5"]).expect(0).out;
    assert!(listed.contains("  uid/54321  societe/"), "{listed}");
}

#[test]
fn the_state_is_read_with_and_without_a_daemon() {
    let exported = exported();
    let Exported { cabinet, daemon, file, lines, dossier } = exported;
    let again = ["audit", "export", "--out", file.to_str().expect("text")];
    cabinet.admin(again).expect(74);

    let state = cabinet.state();
    let state = state.to_str().expect("text");
    let running = cabinet.admin(["audit", "verify", "--state", state, "--json"]).expect(0).json();
    let listed = cabinet.admin(["audit", "list", "--dossier", &dossier, "--json"]).expect(0).json();
    let listed = listed.as_array().expect("a list");
    assert!(listed.len() > 2, "{listed:#?}");
    assert!(listed[0]["position"].as_u64() > listed[1]["position"].as_u64(), "{listed:#?}");
    assert_eq!(listed[0]["streams"][0], format!("dossier/{dossier}"));
    let said = cabinet.admin(["audit", "list", "--limit", "2"]).expect(0);
    assert_eq!(said.out.lines().count(), 2, "{said}");

    assert!(daemon.stop().success());
    let stopped = cabinet.admin(["audit", "verify", "--json"]).expect(0).json();
    assert!(stopped["entries"].as_u64() >= running["entries"].as_u64(), "{stopped} {running}");
    let apart = sceau(["audit", "export", "--state", state]).expect(0).out;
    let apart: Vec<&str> = apart.lines().skip(1).take(lines.len() - 1).collect();
    assert_eq!(apart, lines[1..], "the same entries in the same form");
    let first = apart[0].split("\"link\":\"").nth(1).expect("a link")[..64].to_owned();
    sceau(["audit", "verify", "--state", state, "--head", &format!("1:{first}")]).expect(0);
    let other = format!("2:{first}");
    let said = sceau(["audit", "verify", "--state", state, "--head", &other]).expect(FAILED);
    assert!(said.out.contains("BROKEN at entry 2"), "{said}");
}

#[test]
fn mistakes_are_not_taken_for_forgeries() {
    let cabinet = Cabinet::uninitialised();
    let other = cabinet.path("other.txt");
    std::fs::write(&other, "Bonjour\n").expect("written");
    verify(&other, &[]).expect(66);
    verify(Path::new("/nulle/part.jsonl"), &[]).expect(66);
    verify(&other, &["--head", "12"]).expect(64);
    verify(&other, &["--state", "."]).expect(64);
    sceau(["audit"]).expect(64);
    sceau(["audit", "verify", "--state", "/nulle/part"]).expect(66);
}
