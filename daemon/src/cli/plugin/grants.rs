//! `sceau plugin grant`: the text of a grant, and adding it to sceau.toml.

use std::fmt::Write as _;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, fchown};
use std::path::Path;
use std::process::ExitCode;

use sceau_plugin_host::Manifest;

use super::{Place, Reach, Trouble, exit};
use crate::admin::plugin::{PluginRequest, PluginResponse};

pub(super) fn run(plugin: &str, write: bool, reach: &Reach) -> Result<ExitCode, Trouble> {
    let place = Place::of(reach)?;
    let all = place.shelf().list();
    let good = all.iter().filter_map(|(_, parcel)| parcel.as_ref().ok());
    let versions = good.map(|parcel| &parcel.manifest).filter(|manifest| manifest.id == plugin);
    let Some(manifest) = versions.max_by_key(|manifest| numbers(&manifest.version)) else {
        return Err(Trouble::Refused(exit::NO_INPUT, format!("{plugin} is not installed")));
    };
    if !write {
        write!(std::io::stdout(), "{}", text(manifest))?;
        return Ok(ExitCode::SUCCESS);
    }
    add(reach.config(), manifest, &place)?;
    show(reach.config(), manifest)?;
    writeln!(std::io::stdout(), "{}", told(reach)?)?;
    Ok(ExitCode::SUCCESS)
}

/// A version as it is ordered: 1.10.0 comes after 1.9.0.
fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|number| number.parse().unwrap_or(0)).collect()
}

/// Adds the grant at the end of the file, where there is none yet.
pub(super) fn add(file: &Path, manifest: &Manifest, place: &Place) -> Result<(), Trouble> {
    if place.config.grants.contains_key(&manifest.id) {
        return Err(Trouble::Refused(
            exit::REFUSED,
            format!(
                "{} has a grant for {} already: change it there by hand. It asks:\n{}",
                file.display(),
                manifest.id,
                text(manifest)
            ),
        ));
    }
    appended(file, &text(manifest)).map_err(|error| {
        let why = format!("{}: {error}; nothing is granted. Add it there:", file.display());
        Trouble::Refused(exit::IO, format!("{why}\n{}", text(manifest)))
    })
}

/// Shows what was granted, as what it is.
pub(super) fn show(file: &Path, manifest: &Manifest) -> std::io::Result<()> {
    write!(std::io::stdout(), "granted in {}:\n{}", file.display(), text(manifest))
}

/// Puts a text behind the file's, whole or not at all; the file stays whose it was.
fn appended(file: &Path, more: &str) -> std::io::Result<()> {
    let mut content = std::fs::read_to_string(file)?;
    if !content.ends_with('\n') {
        content.push('\n');
    }
    content.push('\n');
    content.push_str(more);
    let (beside, was) = (file.with_extension("toml.new"), std::fs::metadata(file)?);
    let replaced = || {
        let mut new = std::fs::File::create(&beside)?;
        new.set_permissions(was.permissions())?;
        let own = new.metadata()?;
        if (own.uid(), own.gid()) != (was.uid(), was.gid()) {
            fchown(&new, Some(was.uid()), Some(was.gid()))?;
        }
        new.write_all(content.as_bytes())?;
        new.sync_all()?;
        std::fs::rename(&beside, file)
    };
    replaced().inspect_err(|_| {
        // Invariant: it is ours alone; what cannot be removed is written over by the next try.
        let _ = std::fs::remove_file(&beside);
    })
}

/// Has a running daemon read what was granted; where none runs, the next start does.
pub(super) fn told(reach: &Reach) -> Result<String, Trouble> {
    Ok(match reach.client().plugin(PluginRequest::Reload) {
        Ok(PluginResponse::Refused { why }) => {
            let why = format!("the running daemon did not take it up: {why}");
            return Err(Trouble::Refused(exit::REFUSED, why));
        }
        Ok(_) => "the running daemon has read it".to_owned(),
        Err(error) => format!("the next start reads it ({error})"),
    })
}

/// The grant of all that a plugin asks, as it stands in sceau.toml.
pub(super) fn text(manifest: &Manifest) -> String {
    let asked = &manifest.asked;
    let mut text = format!("[[plugins.grant]]\nplugin = \"{}\"\n", manifest.id);
    if asked.documents && !asked.hosts.is_empty() {
        text.push_str("# documents and http together: a grant to send documents away\n");
    }
    for (yes, key) in [
        (asked.documents, "documents"),
        (asked.document_output, "document-output"),
        (asked.events, "events"),
    ] {
        if yes {
            let _ = writeln!(text, "{key} = true");
        }
    }
    if let Some(quota) = asked.state {
        let _ = writeln!(text, "state = \"{quota}\"");
    }
    let hosts: Vec<String> =
        asked.hosts.iter().filter(|host| *host != "*").map(|host| format!("\"{host}\"")).collect();
    if !asked.hosts.is_empty() {
        if asked.hosts.contains("*") {
            text.push_str("# it asks for the hosts that you name here\n");
        }
        let _ = writeln!(text, "http = [{}]", hosts.join(", "));
    }
    if !asked.secrets.is_empty() {
        text.push_str("# each secret in a file that only the service reads (chmod 600);\n");
        text.push_str("# the plugin may have it sent to any of the hosts above\n");
        let secret = |name: &String| format!("{name} = \"/etc/sceau/secrets/{name}\"");
        let secrets: Vec<String> = asked.secrets.iter().map(secret).collect();
        let _ = writeln!(text, "secrets = {{ {} }}", secrets.join(", "));
    }
    if !asked.directories.is_empty() {
        text.push_str("# each directory within a share, not where the share is mounted\n");
        let directory = |name: &String| format!("{name} = \"/srv/{name}\"");
        let directories: Vec<String> = asked.directories.iter().map(directory).collect();
        let _ = writeln!(text, "directories = {{ {} }}", directories.join(", "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn versions_are_ordered_by_their_numbers() {
        assert!(numbers("1.10.0") > numbers("1.9.0") && numbers("2.0.0") > numbers("1.99.99"));
    }
}
