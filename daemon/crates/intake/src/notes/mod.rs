//! Every text that people read in a folder, French first, English complete.
//!
//! A note says what happened, why, what to do, and the dossier. Its lines end with CR LF: it is
//! read on the machines of a cabinet.

mod catalogue;
mod trouble;

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::Language;

pub use catalogue::{
    bad_file, duplicate, sidecar_alone, sidecar_faulty, sidecar_missing, sidecar_twice,
};
pub use trouble::{TroubleKind, folder_disk_full, state_disk_full, state_fails, unreadable_files};

/// The suffix of the note beside a file that was set aside.
pub const ERROR_SUFFIX: &str = ".erreur.txt";
/// The suffix of the note beside a file whose content has a dossier already.
pub const DUPLICATE_SUFFIX: &str = ".doublon.txt";
/// The suffix of the note beside a file whose dossier waits for a person.
pub const WAITING_SUFFIX: &str = ".attente.txt";

/// One text in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// French.
    pub fr: String,
    /// English.
    pub en: String,
}

impl Text {
    /// A text in both languages.
    #[must_use]
    pub fn new(fr: impl Into<String>, en: impl Into<String>) -> Self {
        Self { fr: fr.into(), en: en.into() }
    }

    /// The text in one language.
    #[must_use]
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::French => &self.fr,
            Language::English => &self.en,
        }
    }
}

/// What is told about one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// Stable code of the reason, for the operator's page about it.
    pub code: String,
    /// What happened.
    pub what: Text,
    /// Why.
    pub why: Text,
    /// What to do now.
    pub remedy: Text,
    /// The dossier's identifier, if there is one.
    pub dossier: Option<String>,
}

impl Note {
    /// The whole text about the file that people know as `file`.
    #[must_use]
    pub fn render(&self, language: Language, file: &str) -> String {
        let labels = match language {
            Language::French => ["Fichier", "Ce qui s'est passé", "Pourquoi", "Que faire"],
            Language::English => ["File", "What happened", "Why", "What to do"],
        };
        let texts = [file, self.what.get(language), self.why.get(language)];
        let mut lines = String::new();
        for (label, text) in labels.iter().zip(texts.into_iter().chain([self.remedy.get(language)]))
        {
            push_paragraph(&mut lines, language, label, text);
        }
        if let Some(dossier) = &self.dossier {
            push_paragraph(&mut lines, language, "Dossier", dossier);
        }
        push_paragraph(&mut lines, language, "Code", &self.code);
        lines
    }
}

fn push_paragraph(out: &mut String, language: Language, label: &str, text: &str) {
    let colon = match language {
        Language::French => " :",
        Language::English => ":",
    };
    out.push_str(label);
    out.push_str(colon);
    out.push_str("\r\n");
    for line in text.lines() {
        out.push_str("  ");
        out.push_str(line);
        out.push_str("\r\n");
    }
    out.push_str("\r\n");
}

/// A length for people: bytes up to 10,000, then kilo, mega and giga (powers of 1024).
fn size(bytes: u64, unit: &str) -> String {
    match bytes {
        0..10_000 => format!("{bytes} {unit}"),
        10_000..10_240_000 => format!("{} K{unit}", bytes.div_ceil(1 << 10)),
        10_240_000..10_485_760_000 => format!("{} M{unit}", bytes.div_ceil(1 << 20)),
        _ => format!("{} G{unit}", bytes.div_ceil(1 << 30)),
    }
}

/// A duration for people.
fn span(wait: Duration, language: Language) -> String {
    let seconds = wait.as_secs();
    match (language, seconds) {
        (_, 120..) => format!("{} minutes", seconds / 60),
        (Language::French, _) => format!("{seconds} secondes"),
        (Language::English, _) => format!("{seconds} seconds"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_says_what_why_what_to_do_and_the_dossier() {
        let text = duplicate("D-7").render(Language::French, "bilan.pdf");
        for part in ["bilan.pdf", "Pourquoi :\r\n", "Que faire :\r\n", "Dossier :\r\n  D-7\r\n"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        let text = duplicate("D-7").render(Language::English, "bilan.pdf");
        assert!(text.contains("Why:\r\n") && !text.contains("Pourquoi"));
    }

    #[test]
    fn every_trouble_has_its_own_name_in_both_languages() {
        let mut names: Vec<_> = TroubleKind::ALL
            .iter()
            .flat_map(|k| [k.file_name(Language::French), k.file_name(Language::English)])
            .collect();
        assert!(names.iter().all(|name| TroubleKind::owns(name)));
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), 2 * TroubleKind::ALL.len());
    }

    #[test]
    fn sizes_are_rounded_up() {
        assert_eq!(size(9_999, "o"), "9999 o");
        assert_eq!(size(20 << 20, "o"), "20 Mo");
        assert_eq!(size((20 << 20) + 1, "o"), "21 Mo");
    }

    #[test]
    fn every_fault_of_a_sidecar_is_a_line() {
        let faults = [Text::new("un", "one"), Text::new("deux", "two")];
        let note = sidecar_faulty("x.toml", &faults);
        assert!(note.render(Language::French, "x.pdf").contains("  - un\r\n  - deux\r\n"));
    }
}
