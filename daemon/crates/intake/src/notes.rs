//! Every text that people read in a folder, French first, English complete.
//!
//! A note says what happened, why, what to do, and the dossier. Its lines end with CR LF: it is
//! read on the machines of a cabinet.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::Language;
use crate::scan::Bad;

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

fn note(code: &str, what: (&str, &str), why: (&str, &str), remedy: (&str, &str)) -> Note {
    let text = |pair: (&str, &str)| Text::new(pair.0, pair.1);
    let (what, why, remedy) = (text(what), text(why), text(remedy));
    Note { code: code.into(), what, why, remedy, dossier: None }
}

const NOT_TAKEN: (&str, &str) = (
    "Le fichier n'a pas été traité. Il a été mis de côté, inchangé, à côté de cette note.",
    "The file was not processed. It was set aside, unchanged, beside this note.",
);

/// The note for a file that could not be a document.
#[must_use]
pub fn bad_file(bad: Bad) -> Note {
    match bad {
        Bad::Empty => note(
            "intake-empty",
            NOT_TAKEN,
            ("Le fichier est vide (0 octet).", "The file is empty (0 bytes)."),
            (
                "Enregistrez ou exportez de nouveau le document en PDF, puis déposez-le.",
                "Save or export the document as PDF again, then drop it.",
            ),
        ),
        Bad::NotPdf => note(
            "intake-not-pdf",
            NOT_TAKEN,
            ("Ce n'est pas un fichier PDF.", "This is not a PDF file."),
            (
                "Exportez le document en PDF, puis déposez le PDF dans ce dossier.",
                "Export the document as PDF, then drop the PDF into this folder.",
            ),
        ),
        Bad::Truncated => note(
            "intake-incomplete",
            NOT_TAKEN,
            (
                "Le fichier PDF est incomplet : sa fin manque. La copie a sans doute été \
                 interrompue.",
                "The PDF file is incomplete: its end is missing. The copy was probably \
                 interrupted.",
            ),
            (
                "Copiez de nouveau le fichier complet dans ce dossier.",
                "Copy the complete file into this folder again.",
            ),
        ),
        Bad::TooLarge { len, max } => too_large(len, max),
        Bad::Directory => note(
            "intake-directory",
            (
                "Ce répertoire a été mis de côté avec tout son contenu, inchangé.",
                "This directory was set aside with all it holds, unchanged.",
            ),
            (
                "Ce dossier surveillé n'attend pas de sous-répertoire à cet endroit.",
                "This watched folder expects no sub-directory in this place.",
            ),
            (
                "Déposez les fichiers PDF un par un, sans leur répertoire.",
                "Drop the PDF files one by one, without their directory.",
            ),
        ),
        Bad::Link => note(
            "intake-link",
            (
                "Le lien n'a pas été suivi. Il a été mis de côté à côté de cette note.",
                "The link was not followed. It was set aside beside this note.",
            ),
            (
                "C'est un lien ou un raccourci vers un autre endroit, pas un document.",
                "It is a link to another place, not a document.",
            ),
            (
                "Copiez dans ce dossier le fichier PDF lui-même.",
                "Copy the PDF file itself into this folder.",
            ),
        ),
        Bad::Special => note(
            "intake-special",
            NOT_TAKEN,
            (
                "C'est un objet du système (tube, connecteur ou périphérique), pas un document.",
                "It is a system object (pipe, socket or device), not a document.",
            ),
            (
                "Déposez un fichier PDF ordinaire et signalez cette note à votre administrateur.",
                "Drop an ordinary PDF file and show this note to your administrator.",
            ),
        ),
    }
}

fn too_large(len: u64, max: u64) -> Note {
    let fr = format!("Le fichier fait {} ; la limite est {}.", size(len, "o"), size(max, "o"));
    let en = format!("The file has {}; the limit is {}.", size(len, "B"), size(max, "B"));
    note(
        "intake-too-large",
        NOT_TAKEN,
        (&fr, &en),
        (
            "Réduisez le document (images, pièces jointes) ou demandez à votre administrateur \
             de relever la limite de ce dossier.",
            "Make the document smaller (images, attachments) or ask your administrator to raise \
             this folder's limit.",
        ),
    )
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

/// The note for a document whose required sidecar did not come.
#[must_use]
pub fn sidecar_missing(wait: Duration) -> Note {
    let fr = format!(
        "Ce dossier demande une fiche (.toml ou .json) avec chaque document ; aucune n'est \
         arrivée en {}.",
        span(wait, Language::French)
    );
    let en = format!(
        "This folder asks for a sidecar (.toml or .json) with each document; none came within {}.",
        span(wait, Language::English)
    );
    note(
        "intake-sidecar-missing",
        NOT_TAKEN,
        (&fr, &en),
        (
            "Déposez ensemble le document (x.pdf) et sa fiche (x.toml, x.json, x.pdf.toml ou \
             x.pdf.json).",
            "Drop the document (x.pdf) together with its sidecar (x.toml, x.json, x.pdf.toml or \
             x.pdf.json).",
        ),
    )
}

/// The note for a sidecar whose document did not come.
#[must_use]
pub fn sidecar_alone(wait: Duration) -> Note {
    let fr = format!("Aucun document de ce nom n'est arrivé en {}.", span(wait, Language::French));
    let en = format!("No document of that name came within {}.", span(wait, Language::English));
    note(
        "intake-sidecar-alone",
        (
            "Cette fiche est restée seule. Elle a été mise de côté à côté de cette note.",
            "This sidecar stayed alone. It was set aside beside this note.",
        ),
        (&fr, &en),
        (
            "Déposez ensemble le document et sa fiche, du même nom.",
            "Drop the document and its sidecar, of the same name, together.",
        ),
    )
}

/// The note for a document whose sidecar has faults; each fault is a line of its own.
#[must_use]
pub fn sidecar_faulty(sidecar: &str, faults: &[Text]) -> Note {
    let list = |language: Language, head: String| {
        faults.iter().fold(head, |text, fault| text + "\n- " + fault.get(language))
    };
    let fr = list(Language::French, format!("La fiche « {sidecar} » a des fautes :"));
    let en = list(Language::English, format!("The sidecar \"{sidecar}\" has faults:"));
    note(
        "intake-sidecar-faulty",
        NOT_TAKEN,
        (&fr, &en),
        (
            "Corrigez la fiche, puis déposez de nouveau le document et sa fiche.",
            "Correct the sidecar, then drop the document and its sidecar again.",
        ),
    )
}

/// The note for a document with two sidecars.
#[must_use]
pub fn sidecar_twice(names: &[String]) -> Note {
    let list = names.join(", ");
    note(
        "intake-sidecar-twice",
        NOT_TAKEN,
        (
            &format!("Plusieurs fiches vont avec ce document : {list}."),
            &format!("Several sidecars go with this document: {list}."),
        ),
        (
            "Gardez une seule fiche, puis déposez de nouveau le document et sa fiche.",
            "Keep one sidecar only, then drop the document and its sidecar again.",
        ),
    )
}

/// The note for a file whose content has a living or delivered dossier already.
#[must_use]
pub fn duplicate(dossier: &str) -> Note {
    let made = note(
        "intake-duplicate",
        (
            "Rien n'a été fait une seconde fois. Le fichier a été mis de côté, inchangé, à côté \
             de cette note.",
            "Nothing was done a second time. The file was set aside, unchanged, beside this note.",
        ),
        (
            "Ce même document a déjà été déposé dans ce dossier.",
            "This same document was dropped into this folder before.",
        ),
        (
            "Rien : le résultat est (ou arrivera) parmi les documents livrés. S'il faut vraiment \
             recommencer, demandez à votre administrateur d'annuler le premier dossier.",
            "Nothing: the result is (or will come) among the delivered documents. If it really \
             must be done again, ask your administrator to cancel the first dossier.",
        ),
    );
    Note { dossier: Some(dossier.to_owned()), ..made }
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

/// Trouble that no single file is to blame for, shown at the folder's top while it lasts.
///
/// `Unreadable`, `DiskNearlyFull` and `IntakeBlocked` belong to the watcher, which settles them at
/// each scan; the others are the caller's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TroubleKind {
    /// Some files cannot be read by the service.
    Unreadable,
    /// The disk of the folder or of the state directory is nearly full: nothing new is taken.
    DiskNearlyFull,
    /// No time-stamping authority answers.
    TimestampUnavailable,
    /// The key of the seal cannot be used.
    SealUnavailable,
    /// The service cannot record what it takes: nothing new is taken.
    IntakeBlocked,
    /// Results cannot be put back.
    DeliveryBlocked,
    /// The service does not work for another reason.
    Stopped,
}

impl TroubleKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Unreadable,
        Self::DiskNearlyFull,
        Self::TimestampUnavailable,
        Self::SealUnavailable,
        Self::IntakeBlocked,
        Self::DeliveryBlocked,
        Self::Stopped,
    ];

    /// The name of the visible file.
    #[must_use]
    pub fn file_name(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Unreadable, Language::French) => "ATTENTION - fichiers illisibles.txt",
            (Self::Unreadable, Language::English) => "ATTENTION - files unreadable.txt",
            (Self::DiskNearlyFull, Language::French) => "ATTENTION - disque presque plein.txt",
            (Self::DiskNearlyFull, Language::English) => "ATTENTION - disk nearly full.txt",
            (Self::TimestampUnavailable, Language::French) => {
                "ATTENTION - horodatage indisponible.txt"
            }
            (Self::TimestampUnavailable, Language::English) => {
                "ATTENTION - timestamps unavailable.txt"
            }
            (Self::SealUnavailable, Language::French) => "ATTENTION - cachet indisponible.txt",
            (Self::SealUnavailable, Language::English) => "ATTENTION - seal unavailable.txt",
            (Self::IntakeBlocked, Language::French) => "ATTENTION - dépôt bloqué.txt",
            (Self::IntakeBlocked, Language::English) => "ATTENTION - intake blocked.txt",
            (Self::DeliveryBlocked, Language::French) => "ATTENTION - livraison impossible.txt",
            (Self::DeliveryBlocked, Language::English) => "ATTENTION - delivery blocked.txt",
            (Self::Stopped, Language::French) => "ATTENTION - traitement interrompu.txt",
            (Self::Stopped, Language::English) => "ATTENTION - work interrupted.txt",
        }
    }

    /// Whether a name at the folder's top is one of ours, in either language.
    #[must_use]
    pub fn owns(name: &str) -> bool {
        Self::ALL.iter().any(|kind| {
            [Language::French, Language::English].iter().any(|&l| kind.file_name(l) == name)
        })
    }

    fn intro(self) -> Text {
        match self {
            Self::Unreadable => Text::new(
                "Le service ne peut pas lire certains fichiers de ce dossier. Ils restent en \
                 place et seront repris dès qu'ils seront lisibles ; les autres fichiers sont \
                 traités.",
                "The service cannot read some files of this folder. They stay in place and will \
                 be taken as soon as they can be read; the other files are processed.",
            ),
            Self::DiskNearlyFull => Text::new(
                "Le disque est presque plein : aucun nouveau fichier n'est pris. Les fichiers \
                 déposés restent en place et seront traités dès qu'il y aura de la place.",
                "The disk is nearly full: no new file is taken. Dropped files stay in place and \
                 will be processed as soon as there is room.",
            ),
            Self::TimestampUnavailable => Text::new(
                "Le service d'horodatage ne répond pas. Les documents attendent et seront \
                 terminés dès qu'il répondra ; ne les déposez pas une seconde fois.",
                "The time-stamping service does not answer. Documents wait and will be finished \
                 as soon as it does; do not drop them a second time.",
            ),
            Self::SealUnavailable => Text::new(
                "Le cachet ne peut pas être apposé en ce moment. Les documents attendent ; ne les \
                 déposez pas une seconde fois.",
                "The seal cannot be applied at the moment. Documents wait; do not drop them a \
                 second time.",
            ),
            Self::IntakeBlocked => Text::new(
                "Aucun nouveau fichier n'est pris. Les fichiers déposés restent en place et \
                 seront traités plus tard.",
                "No new file is taken. Dropped files stay in place and will be processed later.",
            ),
            Self::DeliveryBlocked => Text::new(
                "Des documents terminés ne peuvent pas être remis dans ce dossier. Ils sont \
                 conservés et seront remis dès que possible.",
                "Finished documents cannot be put back into this folder. They are kept and will \
                 be delivered as soon as possible.",
            ),
            Self::Stopped => Text::new(
                "Le traitement est interrompu. Les fichiers déposés restent en place.",
                "Processing is interrupted. Dropped files stay in place.",
            ),
        }
    }

    /// The whole text of the visible file, with the `detail` that was given.
    #[must_use]
    pub fn render(self, language: Language, detail: &Text) -> String {
        let foot = Text::new(
            "Ce fichier disparaîtra de lui-même quand tout sera rentré dans l'ordre.",
            "This file will disappear by itself when all is well again.",
        );
        let parts = [self.intro(), detail.clone(), foot];
        parts.iter().fold(String::new(), |mut out, part| {
            for line in part.get(language).lines() {
                out.push_str(line);
                out.push_str("\r\n");
            }
            out + "\r\n"
        })
    }
}

/// The detail of [`TroubleKind::Unreadable`]: the files, and what the system says.
#[must_use]
pub fn unreadable_files(names: &[String]) -> Text {
    let list = names.iter().fold(String::new(), |text, name| text + "\n- " + name);
    Text::new(
        format!(
            "Fichiers concernés :{list}\nVérifiez les droits de ces fichiers, ou fermez le \
             programme qui les tient ouverts."
        ),
        format!(
            "Files concerned:{list}\nCheck the permissions of these files, or close the program \
             that holds them open."
        ),
    )
}

/// The detail of [`TroubleKind::DiskNearlyFull`] for the folder's own disk.
#[must_use]
pub fn folder_disk_full(free: u64, min: u64) -> Text {
    Text::new(
        format!("Il reste {} ; il en faut {} au moins.", size(free, "o"), size(min, "o")),
        format!("{} are left; {} at least are needed.", size(free, "B"), size(min, "B")),
    )
}

/// The detail of [`TroubleKind::DiskNearlyFull`] for the state directory's disk.
#[must_use]
pub fn state_disk_full() -> Text {
    Text::new(
        "C'est le disque du service lui-même : prévenez votre administrateur.",
        "It is the disk of the service itself: tell your administrator.",
    )
}

/// The detail of [`TroubleKind::IntakeBlocked`] when the state directory fails.
#[must_use]
pub fn state_fails() -> Text {
    Text::new(
        "Le service ne peut pas enregistrer son travail : prévenez votre administrateur.",
        "The service cannot record its work: tell your administrator.",
    )
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
        assert_eq!(names.len(), 14);
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
