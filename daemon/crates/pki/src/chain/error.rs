//! Why a path is not valid.

use jiff::Timestamp;

use crate::oid::Oid;

/// Why no valid path was found. Names are those of the certificates' subjects.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainError {
    /// Nothing leads from the certificate to a trust anchor.
    #[error("no path leads from « {subject} » to a trust anchor")]
    NoPath {
        /// The last certificate that was reached.
        subject: String,
    },
    /// A certificate's signature is not its issuer's.
    #[error("the signature on the certificate of « {subject} » is not its issuer's")]
    BadSignature {
        /// The certificate.
        subject: String,
    },
    /// A certificate was no longer valid.
    #[error("the certificate of « {subject} » expired on {not_after}")]
    Expired {
        /// The certificate.
        subject: String,
        /// When it expired.
        not_after: Timestamp,
    },
    /// A certificate was not valid yet.
    #[error("the certificate of « {subject} » is valid from {not_before} on only")]
    NotYetValid {
        /// The certificate.
        subject: String,
        /// When it becomes valid.
        not_before: Timestamp,
    },
    /// An issuer is no certification authority, or may not sign certificates.
    #[error("« {subject} » is not a certification authority")]
    NotAnAuthority {
        /// The issuer.
        subject: String,
    },
    /// More authorities than an issuer allows below it.
    #[error("more authorities follow « {subject} » than its path length allows")]
    PathLength {
        /// The issuer.
        subject: String,
    },
    /// A critical extension that is not known here.
    #[error("the certificate of « {subject} » has an unknown critical extension {extension}")]
    CriticalExtension {
        /// The certificate.
        subject: String,
        /// The extension.
        extension: Oid,
    },
    /// The certificate is not meant for this purpose.
    #[error("the certificate of « {subject} » is not meant for this use")]
    WrongUsage {
        /// The certificate.
        subject: String,
    },
    /// The search was given up: the certificates are too many or too entangled.
    #[error("the certificates are too entangled to find a path within bounds")]
    TooComplex,
}

impl ChainError {
    /// The sub-indication of EN 319 102-1 §5.1.3 that goes with it.
    pub fn sub_indication(&self) -> &'static str {
        match self {
            Self::NoPath { .. } | Self::TooComplex => "NO_CERTIFICATE_CHAIN_FOUND",
            Self::BadSignature { .. } => "CERTIFICATE_CHAIN_GENERAL_FAILURE",
            Self::Expired { .. } | Self::NotYetValid { .. } => "OUT_OF_BOUNDS_NO_POE",
            Self::NotAnAuthority { .. }
            | Self::PathLength { .. }
            | Self::CriticalExtension { .. }
            | Self::WrongUsage { .. } => "CHAIN_CONSTRAINTS_FAILURE",
        }
    }

    /// How far the path came that failed so: the farthest failure is the one to tell.
    pub(super) fn progress(&self) -> u8 {
        match self {
            Self::NoPath { .. } => 0,
            Self::BadSignature { .. } => 1,
            Self::TooComplex => 2,
            Self::NotAnAuthority { .. } | Self::CriticalExtension { .. } => 3,
            Self::PathLength { .. } => 4,
            Self::WrongUsage { .. } | Self::Expired { .. } | Self::NotYetValid { .. } => 5,
        }
    }
}
