//! `[[folder]]`: the watched folders.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sceau_cabinet::{EmailAddress, SocieteId};
use sceau_intake::{FolderConfig, Language, Places, SidecarRule, WatchMode};
use sceau_workflow::faults::{FaultCode, Read, TableReader};

use super::draft::path;
use super::{FolderSettings, LoadedWorkflow};

/// A folder, as far as it could be read: what is at fault is absent, and noted.
#[derive(Debug)]
pub(super) struct DraftFolder {
    name: Option<String>,
    pub(super) path: Option<Read<PathBuf>>,
    pub(super) workflow: Option<Read<String>>,
    pub(super) sidecar_span: Range<usize>,
    account: Option<EmailAddress>,
    pub(super) societe: Option<SocieteId>,
    intake: FolderConfig,
}

impl DraftFolder {
    /// Whether a sidecar file may come with a document.
    pub(super) fn takes_sidecars(&self) -> bool {
        self.intake.sidecar != SidecarRule::None
    }

    /// The name, as messages show it.
    pub(super) fn shown(&self) -> &str {
        self.name.as_deref().unwrap_or("(without a name)")
    }

    /// The settings, where nothing is at fault and the workflow exists.
    pub(super) fn into_settings(
        self,
        workflows: &BTreeMap<String, LoadedWorkflow>,
    ) -> Option<FolderSettings> {
        let (workflow, path) = (self.workflow?.value, self.path?.value);
        let subfolders = workflows.get(&workflow)?.definition.subfolders.clone();
        Some(FolderSettings {
            intake: FolderConfig { name: self.name?, path, subfolders, ..self.intake },
            workflow,
            account: self.account?,
            societe: self.societe?,
        })
    }
}

/// All folders.
pub(super) fn read_all(root: &TableReader<'_>, base: &Path) -> Vec<DraftFolder> {
    let mut folders: Vec<DraftFolder> = Vec::new();
    for table in root.tables("folder") {
        let folder = folder(&table, base);
        table.finish();
        let named = |known: &DraftFolder| known.name.is_some() && known.name == folder.name;
        if folders.iter().any(named) {
            let message = format!("two folders are named `{}`", folder.shown());
            table.fault(FaultCode::Duplicate, table.span_of("name"), message, None);
        }
        folders.push(folder);
    }
    folders
}

fn folder(table: &TableReader<'_>, base: &Path) -> DraftFolder {
    let name = name(table);
    if !table.has("path") {
        table.missing("path", "the directory that is watched");
    }
    let path = path(table, "path", base);
    let workflow = table.need_string("workflow", "what is done with its documents");
    let account = account(table);
    let societe = societe(table);
    let intake = intake(table, societe.as_ref());
    let sidecar_span = table.span_of("sidecar");
    DraftFolder { name, path, workflow, sidecar_span, account, societe, intake }
}

/// A name stands in délégations (`folder:NAME`) and in messages: 1 to 60 letters, digits, `-`, `_`.
fn name(table: &TableReader<'_>) -> Option<String> {
    let name = table.need_string("name", "how délégations and messages call it")?;
    let plain = |c: char| c.is_alphanumeric() || "-_".contains(c);
    if !(1..=60).contains(&name.value.len()) || !name.value.chars().all(plain) {
        let message = "the name of a folder is 1 to 60 letters, digits, - and _".to_owned();
        table.fault(FaultCode::BadValue, name.span, message, None);
        return None;
    }
    Some(name.value)
}

fn account(table: &TableReader<'_>) -> Option<EmailAddress> {
    let text = table.need_string("account", "the e-mail address of the account it acts for")?;
    match text.value.parse() {
        Ok(address) => Some(address),
        Err(fault) => {
            let fault: sceau_cabinet::EmailFault = fault;
            table.fault(FaultCode::BadValue, text.span, fault.to_string(), None);
            None
        }
    }
}

fn societe(table: &TableReader<'_>) -> Option<SocieteId> {
    let text = table.need_string("societe", "the code of the société whose seal is applied")?;
    societe_code(table, text)
}

fn societe_code(table: &TableReader<'_>, text: Read<String>) -> Option<SocieteId> {
    match text.value.parse::<SocieteId>() {
        Ok(code) => Some(code),
        Err(fault) => {
            table.fault(FaultCode::BadValue, text.span, fault.to_string(), None);
            None
        }
    }
}

/// What the scanner needs, name and path apart.
fn intake(table: &TableReader<'_>, own: Option<&SocieteId>) -> FolderConfig {
    let modes =
        [("auto", WatchMode::Auto), ("local", WatchMode::Local), ("network", WatchMode::Network)];
    let languages = [("fr", Language::French), ("en", Language::English)];
    let default = FolderConfig::new("", "");
    let (second, hour, day) = (1, 3_600, 86_400);
    FolderConfig {
        mode: table.word("network", &modes).unwrap_or_default(),
        stability: duration(table, "stability", 0, hour),
        patience: duration(table, "patience", second, day),
        poll: duration(table, "poll", second, hour),
        take_renamed_at_once: table
            .boolean("take_renamed_at_once")
            .unwrap_or(default.take_renamed_at_once),
        done_marker: done_marker(table),
        sidecar: sidecar(table),
        societes: societes(table, own),
        max_file_len: table.size("max_size", 1 << 10..=16 << 30).unwrap_or(default.max_file_len),
        places: places(table),
        language: table.word("language", &languages).unwrap_or_default(),
        min_free_bytes: table.size("min_free", 0..=1 << 40).unwrap_or(default.min_free_bytes),
        ..default
    }
}

/// A duration whose bounds are in seconds.
fn duration(table: &TableReader<'_>, key: &'static str, least: u64, most: u64) -> Option<Duration> {
    table.duration(key, Duration::from_secs(least)..=Duration::from_secs(most))
}

fn done_marker(table: &TableReader<'_>) -> Option<String> {
    let form = "a suffix such as \".ok\"";
    let suffix = |text: &str| {
        let rest = text.strip_prefix('.')?;
        let plain = rest.bytes().all(|c| c.is_ascii_alphanumeric());
        let taken = ["pdf", "toml", "json", "tmp", "part"];
        let good = (1..=20).contains(&rest.len()) && plain && !taken.contains(&rest);
        good.then(|| text.to_owned())
    };
    table.parsed("done_marker", form, suffix).map(|read| read.value)
}

fn sidecar(table: &TableReader<'_>) -> SidecarRule {
    let wait = duration(table, "sidecar_wait", 0, 86_400).unwrap_or(Duration::from_secs(60));
    let words = [
        ("none", SidecarRule::None),
        ("optional", SidecarRule::Optional { wait }),
        ("required", SidecarRule::Required { wait }),
    ];
    let read = table.word("sidecar", &words);
    let none = read == Some(SidecarRule::None) || !table.has("sidecar");
    if none && table.has("sidecar_wait") {
        let message = "`sidecar_wait` has no effect without sidecar files".to_owned();
        let help = "say sidecar = \"optional\" or \"required\"".to_owned();
        table.fault(FaultCode::BadValue, table.span_of("sidecar_wait"), message, Some(help));
    }
    read.unwrap_or_default()
}

/// The sociétés that a sidecar may name: the listed ones and the folder's own.
fn societes(table: &TableReader<'_>, own: Option<&SocieteId>) -> Vec<String> {
    let listed = table.strings("societes").unwrap_or_default();
    let codes = listed.into_iter().filter_map(|text| societe_code(table, text));
    let mut all: Vec<String> = codes.map(|code| code.to_string()).collect();
    all.extend(own.map(ToString::to_string));
    all.sort();
    all.dedup();
    all
}

fn places(table: &TableReader<'_>) -> Places {
    let default = Places::default();
    let Some(inner) = table.table("places") else { return default };
    let places = Places {
        in_progress: place(&inner, "in_progress", default.in_progress),
        delivered: place(&inner, "delivered", default.delivered),
        originals: place(&inner, "originals", default.originals),
        rejected: place(&inner, "rejected", default.rejected),
    };
    inner.finish();
    let names = [&places.in_progress, &places.delivered, &places.originals, &places.rejected];
    let twice = |index: usize| names[..index].contains(&names[index]);
    if (0..names.len()).any(twice) {
        let message = "two places of the folder bear the same name".to_owned();
        inner.fault(FaultCode::Duplicate, inner.span(), message, None);
    }
    places
}

fn place(table: &TableReader<'_>, key: &'static str, default: String) -> String {
    let form = "the name of one directory, without slash and without a full stop in front";
    let name = |text: &str| {
        let plain = !text.contains(['/', '\\', '\0']) && !text.starts_with('.');
        ((1..=60).contains(&text.len()) && plain).then(|| text.to_owned())
    };
    table.parsed(key, form, name).map_or(default, |read| read.value)
}
