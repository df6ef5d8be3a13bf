//! The notes beside files: one function for each reason.

use std::time::Duration;

use super::{Note, Text, size, span};
use crate::config::Language;
use crate::scan::Bad;

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
            "Rien : le résultat est (ou arrivera) parmi les documents livrés. Tant qu'il n'y est \
             pas, votre administrateur peut annuler le premier dossier, pour recommencer.",
            "Nothing: the result is (or will come) among the delivered documents. As long as it \
             is not there, your administrator can cancel the first dossier, to begin again.",
        ),
    );
    Note { dossier: Some(dossier.to_owned()), ..made }
}
