//! The systemd unit, its user and its folders, as systemd itself reads them.

use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use sceau_tests::cabinet::Cabinet;
use sceau_tests::daemon::Daemon;
use sceau_tests::program::{self, Said, sceau};
use sceau_tests::root;

const LIMIT: Duration = Duration::from_secs(30);
/// The exposure that `systemd-analyze security` may find, in tenths.
const EXPOSURE: &str = "14";

fn systemd(program: &str, arguments: &[&str]) -> Said {
    program::run(Command::new(program).args(arguments), LIMIT)
}

/// The unit with the program's place replaced by one that exists here.
fn unit(folder: &Path) -> String {
    let text = std::fs::read_to_string(root().join("packaging/systemd/sceau.service"));
    let text = text.expect("the unit").replace("/usr/bin/sceau", "/bin/true");
    let path = folder.join("sceau.service");
    std::fs::write(&path, text).expect("written");
    path.to_string_lossy().into_owned()
}

#[test]
fn the_unit_is_one_that_systemd_accepts() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = systemd("systemd-analyze", &["verify", &unit(folder.path())]).expect(0);
    assert!(said.all().trim().is_empty(), "{said}");
}

#[test]
fn the_unit_exposes_little() {
    let folder = tempfile::tempdir().expect("a folder");
    let threshold = format!("--threshold={EXPOSURE}");
    let unit = unit(folder.path());
    systemd("systemd-analyze", &["security", "--offline=true", &threshold, &unit]).expect(0);
}

#[test]
fn a_unit_that_is_wrong_or_open_is_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = unit(folder.path());
    std::fs::write(&path, "[Service]\nExecStart=/nulle/part\n").expect("written");
    let said = systemd("systemd-analyze", &["verify", &path]);
    assert!(said.code != Some(0) || !said.all().trim().is_empty(), "{said}");
    let threshold = format!("--threshold={EXPOSURE}");
    let said = systemd("systemd-analyze", &["security", "--offline=true", &threshold, &path]);
    assert_ne!(said.code, Some(0), "{said}");
}

#[test]
fn the_user_and_the_folders_are_made() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::create_dir(folder.path().join("etc")).expect("etc");
    let below = format!("--root={}", folder.path().display());
    let part = |name: &str| root().join("packaging").join(name).to_string_lossy().into_owned();
    systemd("systemd-sysusers", &[&below, &part("sysusers.d/sceau.conf")]).expect(0);
    let users = std::fs::read_to_string(folder.path().join("etc/passwd")).expect("passwd");
    assert!(users.lines().any(|line| line.starts_with("sceau:")), "{users}");
    systemd("systemd-tmpfiles", &["--create", &below, &part("tmpfiles.d/sceau.conf")]).expect(0);
    assert!(folder.path().join("srv/sceau").is_dir());
}

/// `Type=notify`: the daemon says when it is ready, that it makes progress, and that it stops.
#[test]
fn the_service_manager_is_told() {
    let cabinet = Cabinet::new();
    let path = cabinet.path("notify");
    let socket = UnixDatagram::bind(&path).expect("a socket");
    socket.set_read_timeout(Some(LIMIT)).expect("a limit");
    let environment = [("NOTIFY_SOCKET", path.into_os_string())];
    let daemon = Daemon::spawn(&cabinet, program::binary(), &environment);
    let told = |wanted: &str| {
        let mut buffer = [0; 256];
        loop {
            let len = socket.recv(&mut buffer).unwrap_or_else(|_| panic!("no {wanted}"));
            if String::from_utf8_lossy(&buffer[..len]).contains(wanted) {
                return;
            }
        }
    };
    told("READY=1");
    told("WATCHDOG=1");
    assert!(daemon.stop().success());
    told("STOPPING=1");
}

/// By the debug build too, which checks the whole command line for contradictions.
#[test]
fn manual_pages_and_completions_are_written() {
    let folder = tempfile::tempdir().expect("a folder");
    for binary in [program::binary(), program::crash_binary()] {
        program::run(Command::new(binary).arg("man").arg(folder.path()), LIMIT).expect(0);
    }
    let pages = sceau_tests::folder::files(folder.path());
    assert!(pages.len() > 10, "{pages:?}");
    for shell in ["bash", "zsh", "fish"] {
        let said = sceau(["completions", shell]).expect(0);
        assert!(said.out.contains("sceau"), "{shell}: {said}");
    }
}

#[test]
fn the_debian_package_holds_what_it_should() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut build = Command::new(root().join("packaging/deb.sh"));
    build.arg(folder.path()).env("SCEAU_BIN", program::binary());
    // How small it becomes is not asked here, and a program with all its symbols takes minutes.
    build.envs([("DPKG_DEB_COMPRESSOR_TYPE", "gzip"), ("DPKG_DEB_COMPRESSOR_LEVEL", "1")]);
    program::run(&mut build, Duration::from_secs(300)).expect(0);
    let package = sceau_tests::folder::files(folder.path()).pop().expect("a package");
    let contents = systemd("dpkg-deb", &["--contents", &package.to_string_lossy()]).expect(0).out;
    for file in [
        "./usr/bin/sceau\n",
        "./usr/lib/systemd/system/sceau.service",
        "./usr/lib/sysusers.d/sceau.conf",
        "./usr/lib/tmpfiles.d/sceau.conf",
        "./usr/share/man/man1/sceau.1.gz",
        "./usr/share/bash-completion/completions/sceau",
        "./usr/share/doc/sceau/LICENSE-MIT",
        "./usr/share/doc/sceau/THIRD-PARTY.md",
        "./usr/share/doc/sceau/examples/config/sceau.toml",
    ] {
        assert!(contents.contains(file), "no {file:?} in\n{contents}");
    }
}
