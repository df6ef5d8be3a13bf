//! Large documents within 64 MiB of memory: by the command line, and through the daemon, whose signer
//! counts too.
//!
//! The ordinary run takes 200 MiB and 2,000 pages; `tests/prove.sh` takes 4 GiB (1 GiB up to B-LTA, and
//! through the daemon, which keeps a copy of each level) and 10,000 pages of 320,000 objects.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sceau_tests::cabinet::Cabinet;
use sceau_tests::forms::level_options;
use sceau_tests::judges::Level;
use sceau_tests::ladder::LadderPki;
use sceau_tests::tsa::ForeignPki;
use sceau_tests::{fixtures, judges, memory, program, proving, until};

const PATIENCE: Duration = Duration::from_secs(300);

/// On the command line: beyond what 32 bits can address.
fn large_len() -> u64 {
    if proving() { 1 << 32 } else { 200 << 20 }
}

fn large_dossier_len() -> u64 {
    large_len().min(1 << 30)
}

fn pages() -> usize {
    if proving() { 10_000 } else { 2_000 }
}

fn sign(pki: &ForeignPki, input: &Path) -> (std::path::PathBuf, u64) {
    let out = pki.path("signed.pdf");
    let mut sign = Command::new(program::binary());
    sign.arg("sign").arg(input).arg(&out).arg("--p12").arg(pki.p12());
    sign.arg("--password-file").arg(pki.path("password")).args(["--level", "B-B"]);
    let (code, peak) = memory::run(&mut sign, PATIENCE);
    assert_eq!(code, Some(0));
    (out, peak)
}

fn verify(pki: &ForeignPki, file: &Path) -> u64 {
    let mut verify = Command::new(program::binary());
    verify.arg("verify").arg(file).arg("--trust").arg(pki.anchors());
    let (code, peak) = memory::run(&mut verify, PATIENCE);
    assert_eq!(code, Some(0));
    peak
}

#[track_caller]
fn modest(what: &str, peak: u64) {
    assert!(peak <= memory::LIMIT, "{what}: {} MiB", peak >> 20);
}

#[test]
fn a_large_file_is_signed_and_verified_in_little_memory() {
    let (pki, _tsa) = ForeignPki::start();
    let input = pki.path("large.pdf");
    fixtures::write_large(&input, large_len()).expect("written");
    let (out, peak) = sign(&pki, &input);
    modest("sign", peak);
    modest("verify", verify(&pki, &out));
    let said = program::run(Command::new("pdfsig").arg(&out), PATIENCE);
    assert!(said.out.contains("Signature is Valid."), "{said}");
}

#[test]
fn many_pages_are_signed_and_verified_in_little_memory() {
    let (pki, _tsa) = ForeignPki::start();
    let input = pki.path("long.pdf");
    std::fs::write(&input, fixtures::long(pages())).expect("written");
    let (out, peak) = sign(&pki, &input);
    modest("sign", peak);
    modest("verify", verify(&pki, &out));
    let against = judges::ask(&out, &pki.anchors()).against("PAdES-BASELINE-B");
    assert!(against.is_empty(), "{against:#?}");
}

#[test]
fn a_large_file_climbs_to_b_lta_in_little_memory() {
    let pki = LadderPki::start();
    let (input, out) = (pki.path("large.pdf"), pki.path("signed.pdf"));
    fixtures::write_large(&input, large_dossier_len()).expect("written");
    let mut sign = Command::new(program::binary());
    sign.arg("sign").arg(&input).arg(&out).arg("--p12").arg(pki.path("signer.p12"));
    sign.arg("--password-file").arg(pki.path("password")).args(level_options(Level::Lta, &pki));
    let (code, peak) = memory::run(&mut sign, PATIENCE);
    assert_eq!(code, Some(0));
    modest("sign up to B-LTA", peak);
    let mut verify = Command::new(program::binary());
    verify.arg("verify").arg(&out).arg("--trust").arg(pki.path("root.pem"));
    let (code, peak) = memory::run(&mut verify, PATIENCE);
    assert_eq!(code, Some(0));
    modest("verify at B-LTA", peak);
}

/// Up to B-LTA, each level a copy.
#[test]
fn the_daemon_seals_a_large_file_in_little_memory() {
    the_daemon_seals("conservation", |outside| fixtures::write_large(outside, large_dossier_len()));
}

#[test]
fn the_daemon_seals_many_pages_in_little_memory() {
    the_daemon_seals("attestation", |outside| std::fs::write(outside, fixtures::long(pages())));
}

fn the_daemon_seals(workflow: &str, write: impl Fn(&Path) -> std::io::Result<()>) {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.folders[0].1 = workflow.to_owned();
    cabinet.folders[0].2 = "max_size = \"2GiB\"".to_owned();
    let (cabinet, daemon) = cabinet.finish_ready();
    let watched = cabinet.watched("attestations");
    let outside = cabinet.path("watch/large.part");
    write(&outside).expect("written");
    let processes = memory::with_children(daemon.pid());
    assert!(processes.len() > 1, "the signer is a process of its own");
    processes.iter().for_each(|process| memory::forget_peak(*process));
    std::fs::rename(&outside, watched.path().join("large.pdf")).expect("renamed in");
    let sealed = until("delivered large file", PATIENCE, || watched.find_delivered("large"));
    for process in &processes {
        modest("daemon or signer", memory::peak(*process).expect("it runs"));
    }
    let own = processes.iter().map(|process| memory::peak_beside_code(*process).expect("it runs"));
    modest("daemon and signer, their code apart", own.sum());
    let mut verify = Command::new(program::binary());
    verify.arg("verify").arg(&sealed).arg("--trust").arg(cabinet.anchors());
    program::run(&mut verify, PATIENCE).expect(0);
}
