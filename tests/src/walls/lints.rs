//! The pure rooms' `clippy.toml`: what it must forbid, and whether clippy then really refuses it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A function or type that no pure room may use, and a line of Rust that uses it.
pub struct Forbidden {
    /// The path as `clippy.toml` names it.
    pub path: &'static str,
    /// An expression (for functions) or a type (for types).
    pub sample: &'static str,
}

const fn ban(path: &'static str, sample: &'static str) -> Forbidden {
    Forbidden { path, sample }
}

/// Functions: files, environment, processes, clocks.
pub const METHODS: &[Forbidden] = &[
    ban("std::fs::read", r#"std::fs::read("x")"#),
    ban("std::fs::read_to_string", r#"std::fs::read_to_string("x")"#),
    ban("std::fs::write", r#"std::fs::write("x", "y")"#),
    ban("std::fs::copy", r#"std::fs::copy("x", "y")"#),
    ban("std::fs::rename", r#"std::fs::rename("x", "y")"#),
    ban("std::fs::hard_link", r#"std::fs::hard_link("x", "y")"#),
    ban("std::fs::remove_file", r#"std::fs::remove_file("x")"#),
    ban("std::fs::remove_dir", r#"std::fs::remove_dir("x")"#),
    ban("std::fs::remove_dir_all", r#"std::fs::remove_dir_all("x")"#),
    ban("std::fs::create_dir", r#"std::fs::create_dir("x")"#),
    ban("std::fs::create_dir_all", r#"std::fs::create_dir_all("x")"#),
    ban("std::fs::read_dir", r#"std::fs::read_dir("x")"#),
    ban("std::fs::metadata", r#"std::fs::metadata("x")"#),
    ban("std::fs::symlink_metadata", r#"std::fs::symlink_metadata("x")"#),
    ban("std::fs::canonicalize", r#"std::fs::canonicalize("x")"#),
    ban("std::fs::exists", r#"std::fs::exists("x")"#),
    ban("std::path::Path::exists", r#"std::path::Path::new("x").exists()"#),
    ban("std::path::Path::is_file", r#"std::path::Path::new("x").is_file()"#),
    ban("std::path::Path::is_dir", r#"std::path::Path::new("x").is_dir()"#),
    ban("std::path::Path::metadata", r#"std::path::Path::new("x").metadata()"#),
    ban("std::path::Path::read_dir", r#"std::path::Path::new("x").read_dir()"#),
    ban("std::path::Path::canonicalize", r#"std::path::Path::new("x").canonicalize()"#),
    ban("std::env::var", r#"std::env::var("x")"#),
    ban("std::env::var_os", r#"std::env::var_os("x")"#),
    ban("std::env::current_dir", "std::env::current_dir()"),
    ban("std::thread::sleep", "std::thread::sleep(std::time::Duration::ZERO)"),
    ban("std::thread::spawn", "std::thread::spawn(|| ())"),
    ban("std::process::exit", "std::process::exit(1)"),
    ban("std::time::SystemTime::now", "std::time::SystemTime::now()"),
    ban("std::time::Instant::now", "std::time::Instant::now()"),
    ban("jiff::Timestamp::now", "jiff::Timestamp::now()"),
    ban("jiff::Zoned::now", "jiff::Zoned::now()"),
    ban("jiff::tz::TimeZone::system", "jiff::tz::TimeZone::system()"),
];

/// Types: handles on files, sockets, processes.
pub const TYPES: &[Forbidden] = &[
    ban("std::fs::File", "std::fs::File"),
    ban("std::fs::OpenOptions", "std::fs::OpenOptions"),
    ban("std::fs::DirBuilder", "std::fs::DirBuilder"),
    ban("std::net::TcpStream", "std::net::TcpStream"),
    ban("std::net::TcpListener", "std::net::TcpListener"),
    ban("std::net::UdpSocket", "std::net::UdpSocket"),
    ban("std::os::unix::net::UnixStream", "std::os::unix::net::UnixStream"),
    ban("std::os::unix::net::UnixListener", "std::os::unix::net::UnixListener"),
    ban("std::os::unix::net::UnixDatagram", "std::os::unix::net::UnixDatagram"),
    ban("std::process::Command", "std::process::Command"),
];

/// What the `clippy.toml` of a pure room leaves open, and whether the crate lets lints pass.
pub fn open_doors(folder: &Path) -> Vec<String> {
    let path = folder.join("clippy.toml");
    let Ok(text) = std::fs::read_to_string(&path) else {
        return vec![format!("{}: missing", path.display())];
    };
    let missing = |list: &'static [Forbidden], key: &str| {
        let named = named(&text, key);
        let absent = list.iter().filter(move |ban| !named.iter().any(|name| name == ban.path));
        absent.map(|ban| format!("{}: does not forbid {}", path.display(), ban.path)).collect()
    };
    let mut doors: Vec<String> = missing(METHODS, "disallowed-methods");
    doors.extend::<Vec<String>>(missing(TYPES, "disallowed-types"));
    doors.extend(silenced(&folder.join("src")));
    doors
}

/// The paths that a `clippy.toml` lists under one key.
fn named(text: &str, key: &str) -> Vec<String> {
    let table: toml::Table = toml::from_str(text).unwrap_or_default();
    let list = table.get(key).and_then(|value| value.as_array()).cloned().unwrap_or_default();
    list.iter()
        .filter_map(|entry| entry.get("path").or(Some(entry)).and_then(|path| path.as_str()))
        .map(str::to_owned)
        .collect()
}

/// Sources under `folder` that switch the lint off in what ships: outside of `#[cfg(test)]`, and of
/// the module of test helpers that the feature `testing` guards.
fn silenced(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let root = std::fs::read_to_string(folder.join("lib.rs")).unwrap_or_default();
    let guarded = root.contains("#[cfg(any(test, feature = \"testing\"))]\npub mod testing;");
    for file in sources(folder) {
        if guarded && file == folder.join("testing.rs") {
            continue;
        }
        let text = std::fs::read_to_string(&file).unwrap_or_default();
        let shipped = text.split("#[cfg(test)]").next().unwrap_or_default();
        for lint in ["clippy::disallowed_methods", "clippy::disallowed_types"] {
            if shipped.contains(lint) {
                found.push(format!("{}: switches {lint} off", file.display()));
            }
        }
    }
    found
}

/// The only file that may switch `unsafe_code` on: it loads plugins that were compiled before.
pub const UNSAFE: &str = "plugin-host/src/cache.rs";

/// Sources under `folder`, but for [`UNSAFE`], that switch `unsafe_code` on.
pub fn unsafe_sources(folder: &Path) -> Vec<String> {
    let switches = |file: &PathBuf| {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        !file.ends_with(UNSAFE) && text.contains("unsafe_code")
    };
    let found = sources(folder).into_iter().filter(switches);
    found.map(|file| format!("{}: switches unsafe_code on", file.display())).collect()
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// Runs clippy over a tiny crate that uses all that is forbidden, under the given `clippy.toml`,
/// and returns the forbidden paths that clippy did NOT refuse.
///
/// # Panics
/// When the tiny crate cannot be written, or clippy cannot be run.
pub fn not_refused(clippy_toml: &Path, target: &Path, lockfile: &Path) -> Vec<&'static str> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    write_tiny_crate(folder.path(), clippy_toml, lockfile);
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["clippy", "--offline", "--quiet", "--", "-D", "warnings", "-A", "unused"])
        .current_dir(folder.path())
        .env("CARGO_TARGET_DIR", target)
        .env_remove("CLIPPY_CONF_DIR")
        .output()
        .expect("cargo clippy starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success(), "clippy accepts the forbidden crate: {said}");
    assert!(said.contains("disallowed"), "clippy did not get to the lints: {said}");
    let refused = |ban: &&Forbidden| {
        said.contains(&format!("disallowed method `{}`", ban.path))
            || said.contains(&format!("disallowed type `{}`", ban.path))
    };
    METHODS.iter().chain(TYPES).filter(|ban| !refused(ban)).map(|ban| ban.path).collect()
}

fn write_tiny_crate(folder: &Path, clippy_toml: &Path, lockfile: &Path) {
    let manifest = "[package]\nname = \"forbidden\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
        [dependencies.jiff]\nversion = \"0.2\"\ndefault-features = false\n\
        features = [\"std\", \"serde\", \"tzdb-bundle-always\"]\n[workspace]\n";
    let mut source = String::from("//! All that a pure room may not use.\n");
    for (index, ban) in METHODS.iter().enumerate() {
        let _ = writeln!(source, "pub fn m{index}() {{ let _ = {}; }}", ban.sample);
    }
    for (index, ban) in TYPES.iter().enumerate() {
        let _ = writeln!(source, "pub fn t{index}(_: &{}) {{}}", ban.sample);
    }
    std::fs::create_dir(folder.join("src")).expect("src");
    std::fs::write(folder.join("Cargo.toml"), manifest).expect("Cargo.toml");
    std::fs::write(folder.join("src/lib.rs"), source).expect("lib.rs");
    std::fs::copy(clippy_toml, folder.join("clippy.toml")).expect("clippy.toml");
    std::fs::copy(lockfile, folder.join("Cargo.lock")).expect("Cargo.lock");
}
