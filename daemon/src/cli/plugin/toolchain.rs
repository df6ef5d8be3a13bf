//! The Rust that builds plugins: the author's own where it has the WebAssembly target, else the one
//! that `sceau plugin doctor --fetch` made from Debian's packages.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The target.
pub(super) const TARGET: &str = "wasm32-unknown-unknown";
/// The script that makes the fallback, in its directory.
pub(super) const FETCH: &str = include_str!("../../../../plugins/wasm-toolchain.sh");
/// Names the directory of the fallback.
const PLACE: &str = "SCEAU_WASM_TOOLCHAIN";

/// What is there.
pub(super) struct Toolchain {
    /// What `rustc --version` says; `None` where there is none.
    pub(super) rustc: Option<String>,
    /// Whether that one has the target.
    pub(super) target: bool,
    /// The fallback's directory, where it is there.
    pub(super) fallback: Option<PathBuf>,
    /// A linker for the fallback.
    pub(super) linker: Option<PathBuf>,
}

impl Toolchain {
    pub(super) fn find() -> Self {
        let rustc = said(&mut Command::new("rustc"), &["--version"]);
        let libraries =
            said(&mut Command::new("rustc"), &["--print", "target-libdir", "--target", TARGET]);
        let target = libraries.is_some_and(|place| has_std(Path::new(&place)));
        let fallback = place().filter(|place| place.join("usr/bin/rustc").is_file());
        Self { rustc, target, fallback, linker: linker() }
    }

    /// What stands in the way of building, if anything does.
    pub(super) fn fault(&self) -> Option<String> {
        let fetch = "sceau plugin doctor --fetch";
        match (&self.rustc, self.target, &self.fallback) {
            (None, ..) => Some("there is no Rust here: install it (rustup.rs)".to_owned()),
            (_, true, _) => None,
            (_, false, None) => Some(format!(
                "this Rust has not the target {TARGET}: `rustup target add {TARGET}`; where that \
                 cannot be (Debian without its network), `{fetch}`"
            )),
            (_, false, Some(_)) if self.linker.is_none() => {
                Some("there is no WebAssembly linker: install lld, or Rust by rustup".to_owned())
            }
            (_, false, Some(_)) => None,
        }
    }

    /// `cargo`, told which Rust to use.
    pub(super) fn cargo(&self) -> Command {
        let mut cargo = Command::new("cargo");
        if !self.target
            && let (Some(place), Some(linker)) = (&self.fallback, &self.linker)
        {
            cargo
                .env("RUSTC", place.join("usr/bin/rustc"))
                .env("LD_LIBRARY_PATH", place.join("usr/lib/x86_64-linux-gnu"))
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
        }
        cargo
    }
}

/// Where the fallback is or would be.
pub(super) fn place() -> Option<PathBuf> {
    let named = std::env::var_os(PLACE).filter(|value| !value.is_empty()).map(PathBuf::from);
    let data = || std::env::var_os("XDG_DATA_HOME").map(PathBuf::from);
    let home = || std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".local/share"));
    named.or_else(|| Some(data().or_else(home)?.join("sceau/wasm-toolchain")))
}

fn has_std(libraries: &Path) -> bool {
    let entries = std::fs::read_dir(libraries).into_iter().flatten().flatten();
    entries.into_iter().any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
}

/// rustup's own, or lld's by its name.
fn linker() -> Option<PathBuf> {
    let root = said(&mut Command::new("rustc"), &["--print", "sysroot"])?;
    let own = Path::new(&root).join("lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld");
    if own.is_file() {
        return Some(own);
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).map(|folder| folder.join("wasm-ld")).find(|file| file.is_file())
}

/// The first line of what a program says; `None` where it is not there or fails.
pub(super) fn said(program: &mut Command, arguments: &[&str]) -> Option<String> {
    let output = program.args(arguments).stdin(Stdio::null()).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).lines().next()?.trim().to_owned();
    output.status.success().then_some(text)
}
