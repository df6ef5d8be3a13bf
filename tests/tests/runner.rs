//! `tests/run.sh` itself: what it cannot build or run is a failure, never a quieter success.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sceau_tests::{peers, program, root};

/// What `tests/run.sh` ends with where `cargo` does as a script says, beside programs of old builds.
fn run_with(cargo: &str) -> (i32, String) {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    for build in ["checked", "crash"] {
        std::fs::create_dir_all(at("target").join(build)).expect("a directory");
        std::fs::write(at("target").join(build).join("sceau"), "an old one").expect("written");
    }
    let fake = at("cargo");
    std::fs::write(&fake, format!("#!/bin/sh\n{cargo}\n")).expect("written");
    std::fs::set_permissions(&fake, std::fs::Permissions::from_mode(0o755)).expect("executable");
    let mut command = Command::new(root().join("tests/run.sh"));
    command.env("PATH", before(folder.path())).env("SCEAU_PEERS", peers());
    command.env("CARGO_TARGET_DIR", at("target"));
    let done = program::run(&mut command, Duration::from_secs(300));
    let last = done.out.trim_end().lines().last().unwrap_or_default().to_owned();
    (done.code.expect("an exit code"), last)
}

fn before(first: &Path) -> String {
    format!("{}:{}", first.display(), std::env::var("PATH").expect("a path"))
}

/// `.ci/run` beside an installer of the peers that hangs, where each limit of time lasts a second; the
/// limits are told in the file `limits`.
#[test]
fn what_ci_starts_has_a_limit_of_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let write = |name: &str, text: &str| {
        std::fs::create_dir_all(at(name).parent().expect("a place")).expect("a directory");
        std::fs::write(at(name), text).expect("written");
        std::fs::set_permissions(at(name), std::fs::Permissions::from_mode(0o755)).expect("run");
    };
    let ci = std::fs::read_to_string(root().join(".ci/run")).expect("a script");
    write(".ci/run", &ci);
    write("tests/peers/install.sh", "#!/bin/sh\nexec sleep 1000\n");
    write("tests/run.sh", "#!/bin/sh\necho 1 passed, 0 failed\n");
    write("plugins/none", "");
    write("bin/cargo", "#!/bin/sh\n");
    let limits = at("limits").display().to_string();
    write(
        "bin/timeout",
        &format!("#!/bin/sh\necho $2 >>{limits}\nshift 2\nexec /usr/bin/timeout 1 \"$@\"\n"),
    );
    let mut command = Command::new(at(".ci/run"));
    command.env("PATH", before(&at("bin")));
    let done = program::run(&mut command, Duration::from_secs(60)).expect(0);
    assert_eq!(done.out.trim_end().lines().last(), Some("1 passed, 0 failed"), "{done}");
    let limits = std::fs::read_to_string(limits).expect("limits");
    let limits: Vec<u32> = limits.lines().map(|line| line.parse().expect("seconds")).collect();
    assert_eq!(limits.len(), 6, "fmt, peers, clippy, fmt, clippy, tests: {limits:?}");
    assert!(limits.iter().all(|limit| (60..=2700).contains(limit)), "{limits:?}");
}

#[test]
fn a_crash_build_that_fails_ends_the_run() {
    let (code, last) = run_with("case \"$*\" in *fault-injection*) exit 101 ;; esac");
    assert_eq!((code, last.as_str()), (1, "0 passed, 1 failed"));
}

#[test]
fn a_run_without_a_single_test_is_no_success() {
    let (code, last) = run_with("exit 0");
    assert_eq!((code, last.as_str()), (1, "0 passed, 1 failed"));
}
