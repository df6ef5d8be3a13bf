//! Failures of the runners in the words of the person who reads them: French first, English
//! complete. Technical detail goes beside, for the administrator.

mod plugins;

pub use plugins::{
    plugin_failed, plugin_fault, plugin_missing, plugin_not_sealed, plugin_output, plugin_unpinned,
};

use std::fmt::Display;

use sceau_disk::DiskError;
use sceau_pades::{BeginError, DocumentError, ExtendError};
use sceau_pdf::{OpenError, SignRefusal, UpdateRefusal};
use sceau_workflow::machine::{Failure, Fault};

use crate::runner::{Job, RunResult};

/// The state directory's disk.
pub fn disk(error: &DiskError) -> RunResult {
    let failure = Failure::new(
        "disk",
        Fault::Ourselves,
        "Le disque du service ne répond pas correctement (plein ou en panne) ; l'étape sera relancée.",
        "The service's disk does not answer rightly (full or failing); the step will be tried again.",
    );
    RunResult::Retry(failure.with_detail(error.to_string()))
}

/// Something that should not happen; trying again may help.
pub fn again(detail: impl Display) -> RunResult {
    RunResult::Retry(internal(detail))
}

/// Something that should not happen; trying again would not help.
pub fn internal(detail: impl Display) -> Failure {
    Failure::new(
        "internal",
        Fault::Ourselves,
        "Une erreur interne est survenue.",
        "An internal error happened.",
    )
    .with_detail(detail.to_string())
}

/// The configuration is at fault.
pub fn configuration(fr: &str, en: &str, detail: impl Display) -> Failure {
    Failure::new("configuration", Fault::Configuration, fr, en).with_detail(detail.to_string())
}

/// The document cannot be opened.
pub fn cannot_open(error: &OpenError) -> RunResult {
    if error.fault() == sceau_pdf::Fault::Medium {
        return again(error);
    }
    let (code, fr, en) = match error {
        OpenError::NotPdf => NOT_A_PDF,
        _ => DAMAGED,
    };
    RunResult::Failed(document(code, fr, en, error))
}

/// The document cannot be changed as the workflow asks.
pub fn cannot_prepare(error: &UpdateRefusal) -> RunResult {
    let (code, fr, en) = match error {
        UpdateRefusal::Encrypted => ENCRYPTED,
        UpdateRefusal::Signed => (
            "document-signed",
            "Le document porte déjà une signature : le modifier la casserait.",
            "The document bears a signature already: changing it would break it.",
        ),
        UpdateRefusal::PdfA { .. } => (
            "document-pdfa",
            "Le document est déclaré PDF/A, et la mention demandée par le circuit le rendrait non conforme.",
            "The document claims PDF/A, and the stamp that the workflow asks for would break the claim.",
        ),
        UpdateRefusal::Read(error) if error.fault() == sceau_pdf::Fault::Medium => {
            return again(error);
        }
        _ => DAMAGED,
    };
    match error.fault() {
        sceau_pdf::Fault::Caller => RunResult::Failed(configuration(
            "La mention ou la pièce jointe demandée par le circuit est impossible.",
            "The stamp or attachment that the workflow asks for is impossible.",
            error,
        )),
        _ => RunResult::Failed(document(code, fr, en, error)),
    }
}

/// A file that the workflow attaches is another than the one that the dossier's definition names.
pub fn attachment_changed(path: &dyn Display) -> Failure {
    Failure::new(
        "step-attachment-changed",
        Fault::Configuration,
        "Une pièce que le circuit joint au document n'est plus celle avec laquelle ce dossier a commencé ; \
         le document est conservé.",
        "A file that the workflow attaches is no longer the one with which this dossier began; the \
         document is kept.",
    )
    .with_detail(format!(
        "{path}: put the former file back and retry, or restart the daemon, which reads the new one for \
         dossiers to come, cancel this one and drop the document again"
    ))
}

/// No seal can be put on the document.
pub fn cannot_begin(error: &BeginError) -> RunResult {
    match error {
        BeginError::Document(DocumentError::Open(error)) => return cannot_open(error),
        BeginError::Document(DocumentError::Refused(
            SignRefusal::Encrypted | SignRefusal::UnknownEncryption | SignRefusal::Forbidden,
        )) => {
            let (code, fr, en) = ENCRYPTED;
            return RunResult::Failed(document(code, fr, en, error));
        }
        BeginError::Document(DocumentError::Refused(SignRefusal::Place { .. })) => {
            return RunResult::Failed(document(
                "document-no-place",
                "Le cachet visible que demande le circuit n'a pas sa place dans ce document.",
                "The visible seal that the workflow asks for has no place in this document.",
                error,
            ));
        }
        BeginError::Document(DocumentError::Refused(
            SignRefusal::Character { .. } | SignRefusal::Field { .. } | SignRefusal::Picture { .. },
        )) => {
            return RunResult::Failed(configuration(
                "Le cachet ne peut pas être apposé comme le circuit le demande.",
                "The seal cannot be applied as the workflow asks.",
                error,
            ));
        }
        _ => {}
    }
    match error.fault() {
        sceau_pdf::Fault::Document => RunResult::Failed(document(
            "document-refuses-seal",
            "Le document n'admet pas de nouveau cachet (verrouillé ou endommagé).",
            "The document admits no further seal (locked or damaged).",
            error,
        )),
        sceau_pdf::Fault::Caller => RunResult::Failed(configuration(
            "Le certificat de cachet de la société ne peut pas être utilisé.",
            "The seal certificate of the société cannot be used.",
            error,
        )),
        sceau_pdf::Fault::Medium => again(error),
    }
}

/// The document holds content that the workflow refuses.
pub fn active_content(kinds: &str) -> Failure {
    Failure::new(
        "document-active",
        Fault::Document,
        format!("Le document contient du contenu actif, que ce circuit refuse : {kinds}."),
        format!("The document holds active content, which this workflow refuses: {kinds}."),
    )
}

/// The document holds what could change its reading after the signature; each named in French and in
/// English, with its place.
pub fn guarded(named: &[(String, String)]) -> Failure {
    let all = |pick: fn(&(String, String)) -> &str| {
        named.iter().map(pick).collect::<Vec<_>>().join(" ; ")
    };
    let (fr, en) = (all(|one| &one.0), all(|one| &one.1).replace(" ; ", "; "));
    Failure::new(
        "document-active",
        Fault::Document,
        format!(
            "Le document contient ce qui peut changer sa lecture, que ce circuit refuse : {fr}."
        ),
        format!(
            "The document holds what can change its reading, which this workflow refuses: {en}."
        ),
    )
}

/// No time-stamping authority answers with a token that holds.
pub fn no_timestamp(detail: impl Display) -> Failure {
    Failure::new(
        "timestamp-unavailable",
        Fault::Peer,
        "Le service d'horodatage ne répond pas, ou ce qu'il donne ne tient pas. Les documents sont \
         conservés et seront scellés dès que l'horodatage sera bon.",
        "The time-stamping service does not answer, or what it gives does not hold. The documents \
         are kept and will be sealed as soon as the time stamps are good.",
    )
    .with_detail(detail.to_string())
}

/// The signer does not answer.
pub fn no_signer(detail: impl Display) -> Failure {
    Failure::new(
        "signer-unavailable",
        Fault::Ourselves,
        "Le module de signature ne répond pas. Les documents sont conservés et seront scellés dès \
         son retour.",
        "The signing module does not answer. The documents are kept and will be sealed as soon as \
         it is back.",
    )
    .with_detail(detail.to_string())
}

/// The finished document does not validate; it is not delivered.
pub fn not_valid(detail: impl Display) -> Failure {
    Failure::new(
        "output-invalid",
        Fault::Ourselves,
        "Le document scellé n'a pas passé le contrôle avant livraison ; il n'a pas été livré.",
        "The sealed document did not pass the check before delivery; it was not delivered.",
    )
    .with_detail(detail.to_string())
}

/// The document itself is such that no reader can find a seal in it good.
pub fn no_valid_seal(findings: impl Display) -> Failure {
    document(
        "document-refuses-seal",
        "Le document est fait de telle sorte qu'aucun cachet n'y serait reconnu valable ; il n'a pas été livré.",
        "The document is made in such a way that no seal in it would be found valid; it was not delivered.",
        &findings,
    )
}

/// The sealed document takes no further revision.
pub fn cannot_extend(error: &ExtendError) -> RunResult {
    match error.fault() {
        sceau_pdf::Fault::Medium => again(error),
        _ => RunResult::Failed(document(
            "document-refuses-seal",
            "Le document scellé n'admet pas les données de preuve que demande le circuit.",
            "The sealed document does not admit the proofs that the workflow asks for.",
            error,
        )),
    }
}

/// The level of the workflow waits for news of the certificates.
pub fn revocation_pending(detail: impl Display) -> Failure {
    Failure::new(
        "revocation-pending",
        Fault::Peer,
        "Le document est scellé et horodaté. Pour le niveau que demande le circuit, il attend que les \
         autorités de certification disent si les certificats ont été révoqués ; il sera livré dès \
         qu'elles l'auront dit.",
        "The document is sealed and time-stamped. For the level that the workflow asks for, it waits \
         until the certification authorities say whether the certificates were revoked; it will be \
         delivered once they have.",
    )
    .with_detail(detail.to_string())
}

/// The level of the workflow can never be reached.
pub fn no_revocation_source(detail: impl Display) -> Failure {
    configuration(
        "Le niveau que demande le circuit ne peut pas être atteint : un certificat ne dit pas qui \
         interroger sur sa révocation.",
        "The level that the workflow asks for cannot be reached: a certificate names nobody who tells \
         whether it was revoked.",
        detail,
    )
}

/// A certificate of the seal was revoked before its time stamp.
pub fn seal_void(job: &Job, detail: impl Display) -> Failure {
    let societe = &job.dossier.received.societe;
    configuration(
        "Le cachet est sans valeur : un certificat était révoqué avant l'horodatage.",
        "The seal is void: a certificate was revoked before the time stamp.",
        format!(
            "{detail}; with another certificate (`sceau societe seal {societe} --renew`) retry"
        ),
    )
}

/// A renewal that would prove no longer than what it renews, and what was said of each authority.
pub fn no_newer_unit(end: Option<jiff::Timestamp>, passed_over: &[String]) -> Failure {
    let told = pointless(end, passed_over).join("; ");
    Failure::new(
        "renewal-pointless",
        Fault::Configuration,
        "L'horodatage du document doit être renouvelé, mais le service d'horodatage n'a pas encore de \
         certificat plus durable que le précédent.",
        "The document's time stamp must be renewed, but the time-stamping service has no certificate \
         yet that outlasts the one before.",
    )
    .with_detail(format!(
        "{told}. A certificate ends: the internal unit gets a new one by `sceau ca renew-tsu`, beside an \
         authority elsewhere name another one by `[[time.tsa]]`. An algorithm of the authority that issued \
         it: name in [time] an authority that signs otherwise"
    ))
}

/// The same in English phrases: what was said of each authority, or of the only one.
pub fn pointless(end: Option<jiff::Timestamp>, passed_over: &[String]) -> Vec<String> {
    match passed_over {
        [] => vec![no_longer(end)],
        told => told.to_vec(),
    }
}

/// Why a time stamp does not renew the one before, in English.
pub fn no_longer(end: Option<jiff::Timestamp>) -> String {
    let end = end.map_or("an unknown moment".to_owned(), |end| end.to_string());
    format!("its time stamps prove until {end}, no longer than the one before")
}

/// The watched folder cannot be written now.
pub fn folder_unavailable(detail: impl Display) -> Failure {
    Failure::new(
        "folder-unavailable",
        Fault::Peer,
        "Le dossier de dépôt n'est pas accessible ; la livraison attend son retour.",
        "The watched folder is not accessible; the delivery waits for it.",
    )
    .with_detail(detail.to_string())
}

type Sentence = (&'static str, &'static str, &'static str);

const ENCRYPTED: Sentence = (
    "document-encrypted",
    "Le document est protégé par un mot de passe ou chiffré : il ne peut pas être scellé tel quel.",
    "The document is password-protected or encrypted: it cannot be sealed as it is.",
);
const NOT_A_PDF: Sentence = (
    "document-not-pdf",
    "Le fichier n'est pas un document PDF.",
    "The file is not a PDF document.",
);
const DAMAGED: Sentence = (
    "document-damaged",
    "Le document PDF est endommagé ou incomplet : il ne peut pas être lu sûrement.",
    "The PDF document is damaged or incomplete: it cannot be read safely.",
);

fn document(code: &str, fr: &str, en: &str, error: &dyn Display) -> Failure {
    Failure::new(code, Fault::Document, fr, en).with_detail(error.to_string())
}
