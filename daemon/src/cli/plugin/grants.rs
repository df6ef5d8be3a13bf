//! `sceau plugin grant`: the text of a grant, and adding it to sceau.toml.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use sceau_plugin_host::Manifest;

use super::{Place, Reach, Trouble, exit};
use crate::admin::plugin::PluginRequest;

pub(super) fn run(plugin: &str, write: bool, reach: &Reach) -> Result<ExitCode, Trouble> {
    let place = Place::of(reach)?;
    let all = place.shelf().list();
    let found = all.iter().rev().filter_map(|(_, parcel)| parcel.as_ref().ok());
    let found = found.map(|parcel| &parcel.manifest).find(|manifest| manifest.id == plugin);
    let Some(manifest) = found else {
        return Err(Trouble::Refused(exit::NO_INPUT, format!("{plugin} is not installed")));
    };
    if !write {
        write!(std::io::stdout(), "{}", text(manifest))?;
        return Ok(ExitCode::SUCCESS);
    }
    add(reach.config(), manifest, &place)?;
    told(reach)
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
    let mut content = std::fs::read_to_string(file)?;
    if !content.ends_with('\n') {
        content.push('\n');
    }
    content.push('\n');
    content.push_str(&text(manifest));
    let beside = file.with_extension("toml.new");
    std::fs::write(&beside, content)?;
    std::fs::set_permissions(&beside, std::fs::metadata(file)?.permissions())?;
    std::fs::rename(&beside, file)?;
    Ok(())
}

/// Has a running daemon read the grants; where none runs, the next start does.
pub(super) fn told(reach: &Reach) -> Result<ExitCode, Trouble> {
    let told = match reach.client().plugin(PluginRequest::Reload) {
        Ok(_) => "the running daemon has read it",
        Err(_) => "no daemon runs here: the next start reads it",
    };
    writeln!(std::io::stdout(), "granted in {}; {told}", reach.config().display())?;
    Ok(ExitCode::SUCCESS)
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
        text.push_str("# each secret in a file that only the service reads (chmod 600)\n");
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
