//! The child process. The test executable stands for `sceau`: its ignored test `child` is the
//! hidden subcommand.

use std::{ffi::OsString, path::PathBuf};

use jiff::Timestamp;

use super::{Scratch, seal};
use crate::{Secret, SignError, SignRequest, SignerConfig, SignerProcess, SpawnError, run_child};

#[test]
#[ignore = "the child process of the other tests"]
fn child() {
    run_child().unwrap();
}

fn spawn(config: &SignerConfig) -> Result<SignerProcess, SpawnError> {
    let arguments = ["--exact", "tests::process::child", "--ignored", "--nocapture"];
    let arguments: Vec<OsString> = arguments.map(OsString::from).into();
    SignerProcess::spawn(&std::env::current_exe().unwrap(), &arguments, config)
}

/// The scratch directory's keys with a secret file beside them.
fn config(scratch: &Scratch) -> SignerConfig {
    let secret = scratch.keep.path().join("secret");
    std::fs::write(&secret, scratch.secret.password()).unwrap();
    chmod(&secret, 0o600);
    SignerConfig {
        keys: scratch.keep.path().join("keys"),
        journal: scratch.keep.path().join("journal"),
        secret,
        state: None,
        accept_earlier_clock: false,
    }
}

fn chmod(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

fn living(mut request: SignRequest) -> SignRequest {
    request.authorisation.expires_at_ms = Timestamp::now().as_millisecond() + 30_000;
    request
}

#[test]
fn a_child_signs_and_its_successor_replays() {
    let scratch = Scratch::new();
    let config = config(&scratch);
    let asked = living(seal("d", 1, "x"));
    let first = spawn(&config).unwrap();
    assert_eq!(first.keys().len(), 4);
    let value = first.client().sign(asked.clone()).unwrap();
    drop(first);
    let second = spawn(&config).unwrap();
    assert_eq!(second.opening().entries, 1);
    let again = second.client().sign(asked).unwrap();
    assert!(again.replayed && again.bytes == value.bytes);
}

#[test]
fn a_child_waits_for_its_predecessor_to_let_go_of_the_journal() {
    let scratch = Scratch::new();
    let config = config(&scratch);
    let predecessor = scratch.signer();
    let releasing = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(300));
        drop(predecessor);
    });
    spawn(&config).unwrap().client().ping().unwrap();
    releasing.join().unwrap();
}

#[test]
fn the_child_has_no_environment_and_cannot_be_read_by_its_user() {
    let scratch = Scratch::new();
    let process = spawn(&config(&scratch)).unwrap();
    let proc = PathBuf::from(format!("/proc/{}", process.id()));
    let limits = std::fs::read_to_string(proc.join("limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().nth(4), Some("0"));
    // Readable by root only, for the process is not dumpable; root finds nothing in it.
    if let Ok(environment) = std::fs::read(proc.join("environ")) {
        assert!(environment.is_empty());
    }
}

#[test]
fn a_killed_child_is_gone() {
    let scratch = Scratch::new();
    let mut process = spawn(&config(&scratch)).unwrap();
    let client = process.client().clone();
    process.child.kill().unwrap();
    process.child.wait().unwrap();
    assert_eq!(client.sign(living(seal("d", 1, "x"))), Err(SignError::Gone));
    assert!(process.try_wait().unwrap().is_some());
}

#[test]
fn what_does_not_open_is_told() {
    let scratch = Scratch::new();
    let mut config = config(&scratch);
    chmod(&config.secret, 0o644);
    let SpawnError::NotOpened(why) = spawn(&config).unwrap_err() else { panic!("not told") };
    assert!(why.contains("chmod 600"), "{why}");
    config.secret = scratch.keep.path().join("other-secret");
    Secret::create(&config.secret, None).unwrap();
    let SpawnError::NotOpened(why) = spawn(&config).unwrap_err() else { panic!("not told") };
    assert!(why.contains("does not open key"), "{why}");
    config.state = Some(scratch.keep.path().into());
    let SpawnError::NotOpened(why) = spawn(&config).unwrap_err() else { panic!("not told") };
    assert!(why.contains("inside the state directory"), "{why}");
}

#[test]
fn an_executable_that_is_no_signer_ends_before_it_is_ready() {
    let scratch = Scratch::new();
    let config = config(&scratch);
    let refusal = SignerProcess::spawn("/bin/true".as_ref(), &[], &config).unwrap_err();
    assert!(matches!(refusal, SpawnError::Ended(_)));
    let refusal = SignerProcess::spawn("/nonexistent".as_ref(), &[], &config).unwrap_err();
    assert!(matches!(refusal, SpawnError::Start(_)));
}
