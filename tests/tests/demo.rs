//! `sceau demo --exit`: the README's first command, as a newcomer runs it.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use sceau_tests::folder::files;
use sceau_tests::{judges, program, root, until};

#[test]
fn the_demo_seals_a_real_sample_and_says_where_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let place = folder.path().join("demo");
    let mut demo = Command::new(program::binary());
    demo.arg("demo").arg("--exit").arg("--dir").arg(&place).current_dir(root());
    let said = program::run(&mut demo, Duration::from_secs(120)).expect(0);
    let sealed = printed_pdf(&said.out).unwrap_or_else(|| panic!("no path of a PDF: {said}"));
    assert!(sealed.starts_with(&place), "{}", sealed.display());
    let anchors = files(&place).into_iter().find(|path| path.ends_with("pki/root.pem"));
    let verdicts = judges::ask(&sealed, &anchors.expect("the demo's root"));
    verdicts.expect_b_t();
    assert!(verdicts.organization_identifier().starts_with("NTRFR-"), "{verdicts:#?}");
}

/// A supervisor ends it as Ctrl-C does: in order, with its processes, and what it made stays.
#[test]
fn the_demo_ends_in_order_when_it_is_told_to() {
    for signal in ["TERM", "INT"] {
        let folder = tempfile::tempdir().expect("a folder");
        let place = folder.path().join("demo");
        let mut demo = Command::new(program::binary());
        demo.arg("demo").arg("--dir").arg(&place).stdout(Stdio::piped());
        let mut demo = demo.spawn().expect("the demo");
        let mut lines = BufReader::new(demo.stdout.take().expect("its output")).lines();
        assert!(lines.any(|line| line.expect("text").contains("end it with")), "it ended early");
        let signer = children(demo.id());
        assert!(!signer.is_empty(), "the keys are in a process of their own");
        let mut kill = Command::new("kill");
        kill.args(["-s", signal, &demo.id().to_string()]);
        program::run(&mut kill, Duration::from_secs(5)).expect(0);
        let ended =
            until("end of the demo", Duration::from_secs(30), || demo.try_wait().expect("its end"));
        assert_eq!(ended.code(), Some(0), "SIG{signal}");
        for process in signer {
            assert!(!Path::new("/proc").join(process).exists(), "SIG{signal} left the signer");
        }
        let sealed = files(&place)
            .into_iter()
            .find(|path| path.ends_with("livres/Attestation Boulangerie.pdf"));
        assert!(sealed.is_some() && !place.join("state/run/admin.sock").exists(), "SIG{signal}");
    }
}

/// The processes that a process started.
fn children(of: u32) -> Vec<String> {
    let tasks = std::fs::read_dir(format!("/proc/{of}/task")).expect("its threads");
    let of = |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("children"));
    let text: String = tasks.flatten().filter_map(|task| of(task).ok()).collect();
    text.split_whitespace().map(str::to_owned).collect()
}

/// Somewhere else than in the checkout, the program must find all that it needs in itself.
#[test]
fn the_demo_runs_anywhere() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut demo = Command::new(program::binary());
    demo.args(["demo", "--exit"]).current_dir(folder.path()).env("HOME", folder.path());
    let said = program::run(&mut demo, Duration::from_secs(120)).expect(0);
    let sealed = printed_pdf(&said.out).unwrap_or_else(|| panic!("no path of a PDF: {said}"));
    let sealed = folder.path().join(sealed);
    assert!(sealed.is_file(), "{}", sealed.display());
    if !sealed.starts_with(folder.path()) {
        let _ = std::fs::remove_file(sealed);
    }
}

/// The last path of a PDF among the words that were printed; a path may hold spaces.
fn printed_pdf(out: &str) -> Option<PathBuf> {
    out.lines().rev().find_map(|line| {
        let end = line.rfind(".pdf")? + 4;
        let starts = line[..end].match_indices('/').map(|(at, _)| at);
        let mut candidates = starts.map(|at| PathBuf::from(&line[at..end]));
        candidates.find(|path| path.is_file())
    })
}
