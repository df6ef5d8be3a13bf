//! An SMB share on loopback, and a mount of it.
//!
//! A kernel mount (`mount -t cifs`) wants a privilege that containers and CI machines do not have,
//! so the share is mounted by `rclone mount`, which speaks SMB to the same server and hands the
//! folder over through FUSE. It stands in well where it matters to a scanner: no inotify events for
//! what other clients write, no `RENAME_NOREPLACE` and no hard links, an fsync that promises little,
//! attributes that come late, a mount that can go away under the service. It differs in that inode
//! numbers and modification times are rclone's.
//!
//! rclone's write cache is off: with it, a rename that follows a write at once is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::ports::free_port;
use crate::{program, until};

const START: Duration = Duration::from_secs(20);

/// The server and what it serves.
#[derive(Debug)]
pub struct Share {
    folder: TempDir,
    port: u16,
    server: Child,
    mount: Option<Child>,
}

impl Share {
    /// Starts `smbd` with a configuration of its own and mounts its one share.
    pub fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("sceau-smb-").tempdir().expect("a folder");
        for name in ["share/depot", "mount", "state"] {
            fs::create_dir_all(folder.path().join(name)).expect("a place");
        }
        let port = free_port();
        fs::write(folder.path().join("smb.conf"), config(folder.path(), port)).expect("smb.conf");
        let server = serve(folder.path());
        let mut share = Self { folder, port, server, mount: None };
        until("SMB server", START, || (share.client("ls").code == Some(0)).then_some(()));
        share.mount();
        share
    }

    /// The folder for drops, as the service sees it: through the mount.
    pub fn mounted(&self) -> PathBuf {
        self.path("mount/depot")
    }

    /// The same folder as the server's disk has it.
    pub fn served(&self) -> PathBuf {
        self.path("share/depot")
    }

    /// Puts bytes into the folder as another machine would: over SMB, not through the mount.
    ///
    /// # Panics
    /// When the server refuses.
    pub fn put(&self, name: &str, bytes: &[u8]) {
        let local = self.path("state/outgoing");
        fs::write(&local, bytes).expect("written");
        self.client(&format!("put \"{}\" \"depot\\{name}\"", local.display())).expect(0);
    }

    /// Mounts the share (again).
    ///
    /// # Panics
    /// When it cannot be mounted.
    pub fn mount(&mut self) {
        let mut rclone = Command::new("rclone");
        rclone.args(["mount", ":smb:partage"]).arg(self.path("mount"));
        rclone.args(["--config", "/dev/null", "--smb-host", "127.0.0.1", "--smb-user", "invite"]);
        rclone.args(["--smb-port", &self.port.to_string(), "--smb-pass", &obscured()]);
        rclone.args([
            "--vfs-cache-mode",
            "off",
            "--dir-cache-time",
            "500ms",
            "--attr-timeout",
            "0",
        ]);
        rclone.stdin(Stdio::null()).stdout(Stdio::null()).stderr(self.log("rclone.log"));
        self.mount = Some(rclone.spawn().unwrap_or_else(|error| panic!("rclone: {error}")));
        until("mount", START, || self.mounted().is_dir().then_some(()));
    }

    /// Takes the mount away, as a network failure does.
    ///
    /// # Panics
    /// When it stays.
    pub fn unmount(&mut self) {
        let Some(mut mount) = self.mount.take() else { return };
        let mut fusermount = Command::new("fusermount3");
        fusermount.args(["-u", "-z"]).arg(self.path("mount"));
        program::run(&mut fusermount, Duration::from_secs(10));
        let _ = mount.kill();
        let _ = mount.wait();
        until("end of the mount", START, || (!self.mounted().exists()).then_some(()));
    }

    fn client(&self, command: &str) -> program::Said {
        let mut smbclient = Command::new("smbclient");
        smbclient.args(["-N", "-p", &self.port.to_string(), "//127.0.0.1/partage", "-c", command]);
        program::run(&mut smbclient, Duration::from_secs(20))
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn log(&self, name: &str) -> Stdio {
        fs::File::create(self.path("state").join(name)).expect("a log").into()
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.unmount();
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

fn serve(folder: &Path) -> Child {
    let mut smbd = Command::new("smbd");
    smbd.args(["--foreground", "--no-process-group", "--debug-stdout"]);
    smbd.arg(format!("--configfile={}", folder.join("smb.conf").display()));
    let log = fs::File::create(folder.join("state/smbd.log")).expect("a log");
    smbd.stdin(Stdio::null()).stdout(log.try_clone().expect("a second handle")).stderr(log);
    smbd.spawn().unwrap_or_else(|error| panic!("smbd: {error} (tests/peers/install.sh)"))
}

fn config(folder: &Path, port: u16) -> String {
    let (state, share) = (folder.join("state"), folder.join("share"));
    let (state, share) = (state.display(), share.display());
    format!(
        "[global]\nserver role = standalone server\nworkgroup = ESSAI\nmap to guest = bad user\n\
         guest account = root\ninterfaces = lo\nbind interfaces only = yes\nsmb ports = {port}\n\
         disable netbios = yes\ndisable spoolss = yes\nload printers = no\n\
         pid directory = {state}\nlock directory = {state}\nstate directory = {state}\n\
         cache directory = {state}\nprivate dir = {state}\nncalrpc dir = {state}/ncalrpc\n\
         log file = {state}/log\n\
         [partage]\npath = {share}\nguest ok = yes\nread only = no\nforce user = root\n"
    )
}

/// rclone wants passwords in a form of its own; the guest's is any.
fn obscured() -> String {
    let mut rclone = Command::new("rclone");
    rclone.args(["obscure", "invite"]);
    program::run(&mut rclone, Duration::from_secs(10)).expect(0).out.trim().to_owned()
}
