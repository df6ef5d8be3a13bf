//! `sceau plugin new`: a plugin that builds, passes its tests and can be installed, to be changed.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use sceau_plugin_host::Kind;

use super::{Trouble, exit};

/// Make a new plugin in Rust: manifest, source, a test with its document, and the SDK beside them
///
/// Then: cd into it, `sceau plugin build`, `sceau plugin test`, `sceau plugin install .`
#[derive(Debug, clap::Args)]
pub(super) struct NewArgs {
    /// The directory to make; its last name is the plugin's id (a-z, 0-9 and -).
    directory: PathBuf,
    /// The kind of step that it does: prepare, route, validate, notify or after-seal.
    #[arg(long, default_value = "validate", value_parser = kind)]
    kind: Kind,
}

fn kind(word: &str) -> Result<Kind, String> {
    let found = Kind::ALL.into_iter().find(|(known, _)| *known == word);
    found.map(|(_, kind)| kind).ok_or_else(|| {
        let words: Vec<&str> = Kind::ALL.iter().map(|(word, _)| *word).collect();
        format!("a kind is one of {}", words.join(", "))
    })
}

macro_rules! sdk {
    ($($file:literal),* $(,)?) => {
        &[$((
            concat!("sdk/", $file),
            include_str!(concat!("../../../../plugins/sdk/", $file)),
        )),*]
    };
}

/// The SDK as it is in this program, so that a plugin needs nothing of ours from elsewhere.
const SDK: &[(&str, &str)] = sdk![
    "Cargo.toml",
    "src/lib.rs",
    "src/bindings.rs",
    "src/bindings/after_seal.rs",
    "src/bindings/imports.rs",
    "src/bindings/notify.rs",
    "src/bindings/prepare.rs",
    "src/bindings/route.rs",
    "src/bindings/validate.rs",
    "src/errors.rs",
    "src/input.rs",
    "src/kinds.rs",
    "src/panics.rs",
    "src/testing/mod.rs",
    "src/words.rs",
    "src/testing/host.rs",
];

macro_rules! template {
    ($file:literal) => {
        include_str!(concat!("../../../../plugins/template/", $file))
    };
}

/// Files of every kind; `@ID@` and `@KIND@` stand for what was asked, `@OUTCOMES@` for where a route leads.
const COMMON: &[(&str, &str)] = &[
    ("Cargo.toml", template!("Cargo.toml.in")),
    ("Cargo.lock", include_str!("../../../../plugins/Cargo.lock")),
    ("plugin.toml", template!("plugin.toml.in")),
    ("README.md", template!("README.md.in")),
    (".gitignore", template!("gitignore")),
    ("tests/first.toml", template!("first.toml.in")),
];

/// The document of the first test.
const DOCUMENT: &[u8] = include_bytes!("../../../../plugins/template/lettre.pdf");

/// Source and expected outcome of a kind.
fn of_kind(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Prepare => (template!("prepare.rs.in"), template!("prepare.json")),
        Kind::Route => (template!("route.rs.in"), template!("route.json")),
        Kind::Validate => (template!("validate.rs.in"), template!("validate.json")),
        Kind::Notify => (template!("notify.rs.in"), template!("notify.json")),
        Kind::AfterSeal => (template!("after-seal.rs.in"), template!("after-seal.json")),
    }
}

pub(super) fn run(order: &NewArgs) -> Result<ExitCode, Trouble> {
    let id = id_of(&order.directory)?;
    if order.directory.exists() {
        let why = format!("{} exists already", order.directory.display());
        return Err(Trouble::Refused(exit::USAGE, why));
    }
    let outcomes = match order.kind {
        Kind::Route => "\n    outcomes = { courrier = \"continue\", dossier = \"continue\" }",
        _ => "",
    };
    let filled = |text: &str| {
        let text = text.replace("@ID@", &id).replace("@KIND@", order.kind.word());
        text.replace("@OUTCOMES@", outcomes)
    };
    let (source, golden) = of_kind(order.kind);
    for (name, text) in COMMON {
        write(&order.directory.join(name), filled(text).as_bytes())?;
    }
    write(&order.directory.join("src/lib.rs"), filled(source).as_bytes())?;
    write(&order.directory.join("tests/first.json"), golden.as_bytes())?;
    write(&order.directory.join("tests/lettre.pdf"), DOCUMENT)?;
    for (name, text) in SDK {
        write(&order.directory.join(name), text.as_bytes())?;
    }
    let shown = order.directory.display();
    let next =
        format!("cd {shown} && sceau plugin build && sceau plugin test && sceau plugin install .");
    writeln!(io::stdout(), "made {shown}, a plugin that does {}; next: {next}", order.kind.word())?;
    Ok(ExitCode::SUCCESS)
}

fn id_of(directory: &Path) -> Result<String, Trouble> {
    let name = directory.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let plain = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
    let good = (1..=60).contains(&name.len())
        && name.bytes().all(plain)
        && name.starts_with(|c: char| c.is_ascii_lowercase());
    if good {
        return Ok(name.to_owned());
    }
    let why = format!("`{name}` is no id: 1 to 60 of a-z, 0-9 and -, beginning with a letter");
    Err(Trouble::Refused(exit::USAGE, why))
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beneath = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(beneath)
        .and_then(|()| fs::write(path, bytes))
        .map_err(|error| io::Error::new(error.kind(), format!("{}: {error}", path.display())))
}
