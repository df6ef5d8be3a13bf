//! What the report says around the facts, in both languages.

mod page;

use sceau_pades::report::{
    DelegationReport, Finding, Indication, QcReport, RevocationPolicy, SubIndication,
};
use sceau_pki::certificate::QcType;

pub(super) use self::page::PageWords;

/// The labels and sentences of one language.
pub(super) struct Words {
    pub(super) french: bool,
    pub(super) signature: &'static str,
    pub(super) document_timestamp: &'static str,
    pub(super) problem: &'static str,
    pub(super) signed_by: &'static str,
    pub(super) who: &'static str,
    pub(super) issued_by: &'static str,
    pub(super) trusted_by: &'static str,
    pub(super) algorithm: &'static str,
    pub(super) claimed_role: &'static str,
    pub(super) attribute: &'static str,
    pub(super) bytes: &'static str,
    pub(super) claimed_time: &'static str,
    pub(super) timestamp: &'static str,
    pub(super) reason: &'static str,
    pub(super) location: &'static str,
    pub(super) covers: &'static str,
    pub(super) whole_file: &'static str,
    pub(super) added: &'static str,
    pub(super) changed: &'static str,
    pub(super) unit: &'static str,
    pub(super) natural: &'static str,
    pub(super) not_stated: &'static str,
    pub(super) stated: &'static str,
    pub(super) own_clock: &'static str,
    pub(super) unreadable: &'static str,
    pub(super) by: &'static str,
}

pub(super) const ENGLISH: Words = Words {
    french: false,
    signature: "Signature",
    document_timestamp: "Document timestamp",
    problem: "problem",
    signed_by: "signed by",
    who: "who",
    issued_by: "issued by",
    trusted_by: "trusted by",
    algorithm: "algorithm",
    claimed_role: "claimed role",
    attribute: "attribute",
    bytes: "bytes",
    claimed_time: "claimed time",
    timestamp: "timestamp",
    reason: "reason",
    location: "location",
    covers: "covers",
    whole_file: "the whole file",
    added: "added later",
    changed: "changed later",
    unit: "a time-stamping unit",
    natural: "a natural person: a signature",
    not_stated: "not stated: the certificate does not say whether a natural or a legal person",
    stated: "issuer says",
    own_clock: ", horodatage interne, non indépendant (the cabinet's own clock)",
    unreadable: "unreadable",
    by: "by",
};

pub(super) const FRENCH: Words = Words {
    french: true,
    signature: "Signature",
    document_timestamp: "Horodatage du document",
    problem: "problème",
    signed_by: "signé par",
    who: "qui",
    issued_by: "émis par",
    trusted_by: "confiance",
    algorithm: "algorithme",
    claimed_role: "qualité dite",
    attribute: "attribut",
    bytes: "octets",
    claimed_time: "heure dite",
    timestamp: "horodatage",
    reason: "motif",
    location: "lieu",
    covers: "couvre",
    whole_file: "le fichier entier",
    added: "ajouté après",
    changed: "modifié après",
    unit: "une unité d'horodatage",
    natural: "une personne physique : une signature",
    not_stated: "non précisé : le certificat ne dit pas s'il est d'une personne physique ou morale",
    stated: "déclaré",
    own_clock: ", horodatage interne, non indépendant (l'horloge du cabinet)",
    unreadable: "illisible",
    by: "par",
};

impl Words {
    /// What the verdict of the whole file amounts to.
    pub(super) fn meaning(&self, is: Indication, why: Option<SubIndication>) -> &'static str {
        let (fr, en) = match (is, why) {
            (_, Some(SubIndication::NoSignature)) => {
                ("Le document n'a pas de signature.", "The document has no signature.")
            }
            (_, Some(SubIndication::NoCertificateChainFound)) => (
                "Les octets signés sont intacts, mais rien de ce qui est donné par --trust ne répond d'un certificat.",
                "The signed bytes are intact, but nothing given with --trust vouches for a certificate.",
            ),
            (Indication::TotalPassed, _) => ("Chaque signature tient.", "Every signature holds."),
            (Indication::Indeterminate, _) => (
                "On ne peut pas dire que chaque signature tient.",
                "It cannot be said whether every signature holds.",
            ),
            (Indication::TotalFailed, _) => {
                ("Une signature ne tient pas.", "A signature does not hold.")
            }
        };
        if self.french { fr } else { en }
    }

    /// Under which conditions the file was judged.
    pub(super) fn conditions(
        &self,
        at: &str,
        anchors: usize,
        revocation: RevocationPolicy,
    ) -> String {
        let (fr, en) = match revocation {
            RevocationPolicy::NotChecked => ("non consultée", "not checked"),
            RevocationPolicy::IfAvailable => {
                ("d'après ce que dit le document", "as far as the document tells")
            }
            RevocationPolicy::Required => ("exigée", "required"),
        };
        if self.french {
            return format!(
                "jugé pour {at} ; racines de confiance : {anchors} ; révocation : {fr}"
            );
        }
        format!("judged for {at}; trust anchors: {anchors}; revocation: {en}")
    }

    /// A legal person, by the number of the organisation where the certificate has one
    /// (EN 319 412-1 §5.1.4).
    pub(super) fn legal(&self, identifier: Option<&str>) -> String {
        let identifier = identifier.map(|one| format!(", {one}")).unwrap_or_default();
        if self.french {
            format!("une personne morale{identifier} : un cachet")
        } else {
            format!("a legal person{identifier}: a seal")
        }
    }

    /// What the issuer states of a certificate's being qualified; none where it states nothing.
    pub(super) fn qualified(&self, qc: &QcReport) -> Option<String> {
        let mut parts = Vec::new();
        if qc.compliance {
            parts.push(if self.french { "qualifié (eIDAS)" } else { "qualified (eIDAS)" });
        }
        parts.extend(qc.types.iter().map(|one| match (one, self.french) {
            (QcType::Esign, true) => "pour des signatures",
            (QcType::Esign, false) => "for signatures",
            (QcType::Eseal, true) => "pour des cachets",
            (QcType::Eseal, false) => "for seals",
            (QcType::Web, true) => "pour des sites web",
            (QcType::Web, false) => "for web sites",
        }));
        if qc.sscd {
            parts.push(if self.french {
                "clé dans un dispositif qualifié"
            } else {
                "key in a qualified device"
            });
        }
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Bytes of the file up to the end of a revision.
    pub(super) fn first_bytes(&self, end: u64) -> String {
        if self.french {
            format!("les {end} premiers octets, une révision du fichier")
        } else {
            format!("the first {end} bytes, one revision of the file")
        }
    }

    /// A délégation that a signature names.
    pub(super) fn delegation(&self, named: &DelegationReport) -> String {
        let DelegationReport { right, id, terms_sha256 } = named;
        if self.french {
            format!("droit {right}, identifiant {id}, SHA-256 des termes {terms_sha256}")
        } else {
            format!("right {right}, id {id}, terms SHA-256 {terms_sha256}")
        }
    }

    /// What findings mean. Two that say the same in this language are told once.
    pub(super) fn findings(&self, findings: &[Finding]) -> Vec<String> {
        let mut told: Vec<String> = Vec::new();
        for finding in findings {
            let one = self.finding(finding.sub_indication, &finding.detail);
            if !told.contains(&one) {
                told.push(one);
            }
        }
        told
    }

    /// What a finding means: its detail in English, its sense in French.
    fn finding(&self, why: SubIndication, detail: &str) -> String {
        let name = why.name();
        if self.french { format!("{name} : {}", sense(why)) } else { format!("{name}: {detail}") }
    }
}

/// What each sub-indication says of a signature, in French.
fn sense(why: SubIndication) -> &'static str {
    match why {
        SubIndication::FormatFailure => "la signature ne couvre pas le fichier comme elle le doit",
        SubIndication::HashFailure => "ce qui est signé a été changé",
        SubIndication::SigCryptoFailure => "la valeur n'est pas de la clé du certificat",
        SubIndication::NotYetValid => "la signature est plus ancienne que son certificat",
        SubIndication::Revoked => "le certificat était révoqué quand on a signé",
        SubIndication::RevokedNoPoe => {
            "le certificat est révoqué, et rien ne prouve que la signature est plus ancienne"
        }
        SubIndication::RevokedCaNoPoe => {
            "une autorité est révoquée, et rien ne prouve que la signature est plus ancienne"
        }
        SubIndication::SigConstraintsFailure => {
            "le document a été modifié après la signature, ou elle n'est pas d'une forme admise"
        }
        SubIndication::ChainConstraintsFailure => "un certificat n'est pas fait pour cet usage",
        SubIndication::CertificateChainGeneralFailure => {
            "la chaîne de certificats ne peut pas être jugée"
        }
        SubIndication::CryptoConstraintsFailure => "un algorithme ou une clé n'est pas admis",
        SubIndication::CryptoConstraintsFailureNoPoe => {
            "un algorithme ou une clé n'est plus admis, et rien ne prouve que la signature est plus ancienne"
        }
        SubIndication::OutOfBoundsNoPoe => {
            "le certificat n'est plus (ou pas encore) valable, et rien ne prouve quand on a signé"
        }
        SubIndication::TimestampOrderFailure => "les horodatages se contredisent",
        SubIndication::NoSigningCertificateFound => "le certificat du signataire manque",
        SubIndication::NoCertificateChainFound => {
            "aucune chaîne ne mène à une racine donnée par --trust"
        }
        SubIndication::TryLater => "la révocation n'a pas pu être consultée",
        SubIndication::NoSignature => "le document n'a pas de signature",
    }
}
