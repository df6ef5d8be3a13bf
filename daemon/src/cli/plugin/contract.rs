//! `sceau plugin contract`: the contract as WIT, for the builders of other languages.

use std::fs;
use std::io::{self, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use super::{Trouble, exit};

/// Write the contract of plugins as WIT, which the builders of JavaScript, Python and others read
#[derive(Debug, clap::Args)]
pub(super) struct ContractArgs {
    /// The directory to make.
    #[arg(default_value = "wit")]
    directory: PathBuf,
}

macro_rules! wit {
    ($($file:literal),* $(,)?) => {
        &[$((
            $file,
            include_str!(concat!("../../../../plugins/wit/1.1.0/", $file)),
        )),*]
    };
}

/// All files of the newest version; a test holds the list to the directory.
const FILES: &[(&str, &str)] = wit![
    "worlds.wit",
    "deps/after-seal.wit",
    "deps/clock.wit",
    "deps/context.wit",
    "deps/document-output.wit",
    "deps/documents.wit",
    "deps/events.wit",
    "deps/filing.wit",
    "deps/http.wit",
    "deps/log.wit",
    "deps/notify.wit",
    "deps/places.wit",
    "deps/prepare.wit",
    "deps/random.wit",
    "deps/route.wit",
    "deps/self-test.wit",
    "deps/state.wit",
    "deps/types.wit",
    "deps/validate.wit",
];

pub(super) fn run(order: &ContractArgs) -> Result<ExitCode, Trouble> {
    let shown = order.directory.display();
    if order.directory.exists() {
        return Err(Trouble::Refused(exit::USAGE, format!("{shown} exists already")));
    }
    fs::create_dir_all(order.directory.join("deps"))?;
    for (name, text) in FILES {
        fs::write(order.directory.join(name), text)?;
    }
    writeln!(io::stdout(), "wrote the contract to {shown}; the worlds stand in worlds.wit")?;
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_of_the_newest_version_is_missing() {
        let newest = sceau_plugin_host::manifest::CONTRACTS.last().expect("a contract");
        let place = format!("{}/../plugins/wit/{newest}", env!("CARGO_MANIFEST_DIR"));
        let mut there = vec!["worlds.wit".to_owned()];
        let mut inner: Vec<String> = fs::read_dir(format!("{place}/deps"))
            .expect("the contract")
            .map(|file| format!("deps/{}", file.expect("a file").file_name().to_string_lossy()))
            .collect();
        inner.sort();
        there.extend(inner);
        assert_eq!(FILES.iter().map(|(name, _)| *name).collect::<Vec<_>>(), there);
        for (name, text) in FILES {
            let file = fs::read_to_string(format!("{place}/{name}")).expect("readable");
            assert_eq!(&file, text, "{name} is of another version");
        }
    }
}
