//! `sceau demo --exit`: the README's first command, as a newcomer runs it.

use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use sceau_tests::folder::files;
use sceau_tests::{judges, program, root};

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
