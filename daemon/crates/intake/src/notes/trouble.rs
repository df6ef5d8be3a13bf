//! What is shown at the folder's top when no single file is to blame.

use serde::{Deserialize, Serialize};

use super::{Text, size};
use crate::config::Language;

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
    /// Sealed documents wait for news of their certificates.
    LevelPending,
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
    pub const ALL: [Self; 8] = [
        Self::Unreadable,
        Self::DiskNearlyFull,
        Self::TimestampUnavailable,
        Self::LevelPending,
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
            (Self::LevelPending, Language::French) => "ATTENTION - preuves en attente.txt",
            (Self::LevelPending, Language::English) => "ATTENTION - proofs awaited.txt",
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
                "Le service d'horodatage ne répond pas, ou ce qu'il donne ne tient pas. Les documents \
                 attendent et seront terminés dès que l'horodatage sera bon ; ne les déposez pas une \
                 seconde fois.",
                "The time-stamping service does not answer, or what it gives does not hold. Documents \
                 wait and will be finished as soon as the time stamps are good; do not drop them a \
                 second time.",
            ),
            Self::LevelPending => Text::new(
                "Des documents scellés attendent que les autorités de certification disent si leurs \
                 certificats ont été révoqués. Ils seront livrés ensuite ; ne les déposez pas une \
                 seconde fois.",
                "Sealed documents wait until the certification authorities say whether their \
                 certificates were revoked. They will be delivered then; do not drop them a second \
                 time.",
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
