//! Why a certificate was revoked (RFC 5280 §5.3.1).

use std::fmt;

use serde::{Deserialize, Serialize};

/// `CRLReason`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevocationReason {
    /// No reason is told.
    Unspecified,
    /// The subject's key fell into other hands.
    KeyCompromise,
    /// An authority's key fell into other hands.
    CaCompromise,
    /// The subject's name or affiliation changed.
    AffiliationChanged,
    /// Replaced by another certificate.
    Superseded,
    /// No longer needed.
    CessationOfOperation,
    /// Suspended: the only reason that may be taken back.
    CertificateHold,
    /// Taken off the list; in delta lists only.
    RemoveFromCrl,
    /// A privilege in the certificate was withdrawn.
    PrivilegeWithdrawn,
    /// An attribute authority's key fell into other hands.
    AaCompromise,
}

impl RevocationReason {
    /// Those for which an authority of ours revokes what it issued: no authority's key, nothing that
    /// could be taken back.
    pub const OURS: [Self; 6] = [
        Self::Unspecified,
        Self::KeyCompromise,
        Self::AffiliationChanged,
        Self::Superseded,
        Self::CessationOfOperation,
        Self::PrivilegeWithdrawn,
    ];

    /// The reason of ours that a word names, as in `key-compromise`.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::OURS.into_iter().find(|reason| reason.word() == word)
    }

    /// The word for it on the command line: its name in small letters, with hyphens.
    pub fn word(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "key-compromise",
            Self::CaCompromise => "ca-compromise",
            Self::AffiliationChanged => "affiliation-changed",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessation-of-operation",
            Self::CertificateHold => "certificate-hold",
            Self::RemoveFromCrl => "remove-from-crl",
            Self::PrivilegeWithdrawn => "privilege-withdrawn",
            Self::AaCompromise => "aa-compromise",
        }
    }

    /// The reason of a `CRLReason` number, of which 7 is none.
    pub fn from_code(code: u8) -> Option<Self> {
        Some(match code {
            0 => Self::Unspecified,
            1 => Self::KeyCompromise,
            2 => Self::CaCompromise,
            3 => Self::AffiliationChanged,
            4 => Self::Superseded,
            5 => Self::CessationOfOperation,
            6 => Self::CertificateHold,
            8 => Self::RemoveFromCrl,
            9 => Self::PrivilegeWithdrawn,
            10 => Self::AaCompromise,
            _ => return None,
        })
    }

    /// Its number.
    pub fn code(self) -> u8 {
        match self {
            Self::Unspecified => 0,
            Self::KeyCompromise => 1,
            Self::CaCompromise => 2,
            Self::AffiliationChanged => 3,
            Self::Superseded => 4,
            Self::CessationOfOperation => 5,
            Self::CertificateHold => 6,
            Self::RemoveFromCrl => 8,
            Self::PrivilegeWithdrawn => 9,
            Self::AaCompromise => 10,
        }
    }

    /// Its name in the standard, as in `keyCompromise`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Unspecified => "unspecified",
            Self::KeyCompromise => "keyCompromise",
            Self::CaCompromise => "cACompromise",
            Self::AffiliationChanged => "affiliationChanged",
            Self::Superseded => "superseded",
            Self::CessationOfOperation => "cessationOfOperation",
            Self::CertificateHold => "certificateHold",
            Self::RemoveFromCrl => "removeFromCRL",
            Self::PrivilegeWithdrawn => "privilegeWithdrawn",
            Self::AaCompromise => "aACompromise",
        }
    }
}

impl fmt::Display for RevocationReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_come_back() {
        for code in (0..=10).filter(|code| *code != 7) {
            assert_eq!(RevocationReason::from_code(code).unwrap().code(), code);
        }
        assert_eq!(RevocationReason::from_code(7), None);
        assert_eq!(RevocationReason::from_code(11), None);
    }

    #[test]
    fn reasons_of_ours_have_words() {
        for reason in RevocationReason::OURS {
            assert_eq!(RevocationReason::of_word(reason.word()), Some(reason));
        }
        assert_eq!(RevocationReason::of_word("remove-from-crl"), None);
    }
}
