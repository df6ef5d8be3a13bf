//! Object identifiers that this room reads and writes, named after their standards.

mod value;

pub use value::{MalformedOid, Oid};

macro_rules! oids {
    ($($(#[$doc:meta])* $name:ident = $dotted:literal;)*) => {
        $($(#[$doc])* pub const $name: Oid = Oid::constant($dotted);)*
    };
}

oids! {
    // Keys and signatures
    /// `id-ecPublicKey` (RFC 5480 §2.1.1).
    EC_PUBLIC_KEY = "1.2.840.10045.2.1";
    /// `secp256r1` (RFC 5480 §2.1.1.1).
    P256 = "1.2.840.10045.3.1.7";
    /// `secp384r1` (RFC 5480 §2.1.1.1).
    P384 = "1.3.132.0.34";
    /// `secp521r1` (RFC 5480 §2.1.1.1).
    P521 = "1.3.132.0.35";
    /// `ecdsa-with-SHA256` (RFC 5758 §3.2).
    ECDSA_SHA256 = "1.2.840.10045.4.3.2";
    /// `ecdsa-with-SHA384` (RFC 5758 §3.2).
    ECDSA_SHA384 = "1.2.840.10045.4.3.3";
    /// `ecdsa-with-SHA512` (RFC 5758 §3.2).
    ECDSA_SHA512 = "1.2.840.10045.4.3.4";
    /// `rsaEncryption` (RFC 8017 A.1).
    RSA = "1.2.840.113549.1.1.1";
    /// `id-RSASSA-PSS` (RFC 4055 §3.1).
    RSA_PSS = "1.2.840.113549.1.1.10";
    /// `id-mgf1` (RFC 4055 §2.2).
    MGF1 = "1.2.840.113549.1.1.8";
    /// `sha256WithRSAEncryption` (RFC 4055 §5).
    RSA_SHA256 = "1.2.840.113549.1.1.11";
    /// `sha384WithRSAEncryption` (RFC 4055 §5).
    RSA_SHA384 = "1.2.840.113549.1.1.12";
    /// `sha512WithRSAEncryption` (RFC 4055 §5).
    RSA_SHA512 = "1.2.840.113549.1.1.13";
    /// `id-sha1` (RFC 3279 §2.2.1): read in certificate references only.
    SHA1 = "1.3.14.3.2.26";
    /// `id-sha256` (RFC 5754 §2.2).
    SHA256 = "2.16.840.1.101.3.4.2.1";
    /// `id-sha384` (RFC 5754 §2.3).
    SHA384 = "2.16.840.1.101.3.4.2.2";
    /// `id-sha512` (RFC 5754 §2.4).
    SHA512 = "2.16.840.1.101.3.4.2.3";

    // CMS, CAdES, time-stamps
    /// `id-data` (RFC 5652 §4).
    DATA = "1.2.840.113549.1.7.1";
    /// `id-signedData` (RFC 5652 §5.1).
    SIGNED_DATA = "1.2.840.113549.1.7.2";
    /// `id-ct-TSTInfo` (RFC 3161 §2.4.2).
    TST_INFO = "1.2.840.113549.1.9.16.1.4";
    /// `id-contentType` (RFC 5652 §11.1).
    CONTENT_TYPE = "1.2.840.113549.1.9.3";
    /// `id-messageDigest` (RFC 5652 §11.2).
    MESSAGE_DIGEST = "1.2.840.113549.1.9.4";
    /// `id-signingTime` (RFC 5652 §11.3).
    SIGNING_TIME = "1.2.840.113549.1.9.5";
    /// `id-aa-signingCertificate` (RFC 2634 §5.4).
    SIGNING_CERTIFICATE = "1.2.840.113549.1.9.16.2.12";
    /// `id-aa-signingCertificateV2` (RFC 5035 §3).
    SIGNING_CERTIFICATE_V2 = "1.2.840.113549.1.9.16.2.47";
    /// `id-aa-signatureTimeStampToken` (RFC 3161 Appendix A).
    SIGNATURE_TIMESTAMP = "1.2.840.113549.1.9.16.2.14";
    /// `id-aa-ets-signerAttrV2` (EN 319 122-1 §5.2.6.1).
    SIGNER_ATTRIBUTES_V2 = "0.4.0.19122.1.1";
    /// The X.520 attribute `name` (§6.2.1), the type under which a claimed role stands: the form
    /// that EU DSS writes, and that DSS and pyHanko read. (`role`, 2.5.4.72, asks for a
    /// `RoleSyntax`, which DSS does not show.)
    NAME = "2.5.4.41";

    // Certificate extensions
    /// `id-ce-subjectKeyIdentifier` (RFC 5280 §4.2.1.2).
    SUBJECT_KEY_IDENTIFIER = "2.5.29.14";
    /// `id-ce-keyUsage` (RFC 5280 §4.2.1.3).
    KEY_USAGE = "2.5.29.15";
    /// `id-ce-basicConstraints` (RFC 5280 §4.2.1.9).
    BASIC_CONSTRAINTS = "2.5.29.19";
    /// `id-ce-cRLNumber` (RFC 5280 §5.2.3).
    CRL_NUMBER = "2.5.29.20";
    /// `id-ce-nameConstraints` (RFC 5280 §4.2.1.10).
    NAME_CONSTRAINTS = "2.5.29.30";
    /// `id-ce-cRLDistributionPoints` (RFC 5280 §4.2.1.13).
    CRL_DISTRIBUTION_POINTS = "2.5.29.31";
    /// `id-ce-certificatePolicies` (RFC 5280 §4.2.1.4).
    CERTIFICATE_POLICIES = "2.5.29.32";
    /// `id-ce-authorityKeyIdentifier` (RFC 5280 §4.2.1.1).
    AUTHORITY_KEY_IDENTIFIER = "2.5.29.35";
    /// `id-ce-extKeyUsage` (RFC 5280 §4.2.1.12).
    EXTENDED_KEY_USAGE = "2.5.29.37";
    /// `id-pe-authorityInfoAccess` (RFC 5280 §4.2.2.1).
    AUTHORITY_INFO_ACCESS = "1.3.6.1.5.5.7.1.1";
    /// `id-pe-qcStatements` (RFC 3739 §3.2.6).
    QC_STATEMENTS = "1.3.6.1.5.5.7.1.3";
    /// `id-ad-ocsp` (RFC 5280 §4.2.2.1).
    AD_OCSP = "1.3.6.1.5.5.7.48.1";
    /// `id-ad-caIssuers` (RFC 5280 §4.2.2.1).
    AD_CA_ISSUERS = "1.3.6.1.5.5.7.48.2";
    /// `id-pkix-ocsp-basic`.
    OCSP_BASIC = "1.3.6.1.5.5.7.48.1.1";
    /// `id-pkix-ocsp-nonce`.
    OCSP_NONCE = "1.3.6.1.5.5.7.48.1.2";
    /// `id-pkix-ocsp-nocheck`.
    OCSP_NO_CHECK = "1.3.6.1.5.5.7.48.1.5";
    /// `id-pkix-ocsp-archive-cutoff`.
    OCSP_ARCHIVE_CUTOFF = "1.3.6.1.5.5.7.48.1.6";
    /// `reasonCode` of a revocation list's entry.
    CRL_REASON = "2.5.29.21";
    /// `invalidityDate` of a revocation list's entry.
    INVALIDITY_DATE = "2.5.29.24";
    /// `deltaCRLIndicator`.
    DELTA_CRL_INDICATOR = "2.5.29.27";
    /// `issuingDistributionPoint`.
    ISSUING_DISTRIBUTION_POINT = "2.5.29.28";
    /// `certificateIssuer` of an indirect list's entry.
    CERTIFICATE_ISSUER = "2.5.29.29";
    /// `expiredCertsOnCRL` (X.509 §9.5.2.8).
    EXPIRED_CERTS_ON_CRL = "2.5.29.60";

    // Extended key usages
    /// `anyExtendedKeyUsage` (RFC 5280 §4.2.1.12).
    EKU_ANY = "2.5.29.37.0";
    /// `id-kp-emailProtection` (RFC 5280 §4.2.1.12).
    EKU_EMAIL = "1.3.6.1.5.5.7.3.4";
    /// `id-kp-timeStamping` (RFC 5280 §4.2.1.12).
    EKU_TIME_STAMPING = "1.3.6.1.5.5.7.3.8";
    /// `id-kp-OCSPSigning` (RFC 6960 §4.2.2.2).
    EKU_OCSP_SIGNING = "1.3.6.1.5.5.7.3.9";
    /// `id-kp-documentSigning` (RFC 9336 §3.1).
    EKU_DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36";

    /// Microsoft's document signing.
    EKU_MS_DOCUMENT_SIGNING = "1.3.6.1.4.1.311.10.3.12";
    /// `adbe-revocationInfoArchival` (ISO 32000-1 §12.8.3.3).
    REVOCATION_ARCHIVAL = "1.2.840.113583.1.1.8";
    /// `id-ri-ocsp-response` (RFC 5940 §2.1).
    RI_OCSP_RESPONSE = "1.3.6.1.5.5.7.16.2";

    /// Adobe's authentic documents trust.
    EKU_ADOBE_DOCUMENTS = "1.2.840.113583.1.1.5";
    /// `id-kp-clientAuth` (RFC 5280 §4.2.1.12).
    EKU_CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    // Qualified certificate statements (EN 319 412-5 §4)
    /// `id-etsi-qcs-QcCompliance`: the issuer states that the certificate is qualified.
    QC_COMPLIANCE = "0.4.0.1862.1.1";
    /// `id-etsi-qcs-QcSSCD`: the key resides in a qualified device.
    QC_SSCD = "0.4.0.1862.1.4";
    /// `id-etsi-qcs-QcType`.
    QC_TYPE = "0.4.0.1862.1.6";
    /// `id-etsi-qct-esign`: for electronic signatures.
    QCT_ESIGN = "0.4.0.1862.1.6.1";
    /// `id-etsi-qct-eseal`: for electronic seals.
    QCT_ESEAL = "0.4.0.1862.1.6.2";
    /// `id-etsi-qct-web`: for web sites.
    QCT_WEB = "0.4.0.1862.1.6.3";

    // Attributes of a name (RFC 5280 Appendix A.1, X.520)
    /// `commonName`.
    COMMON_NAME = "2.5.4.3";
    /// `surname`.
    SURNAME = "2.5.4.4";
    /// `serialNumber`.
    SERIAL_NUMBER = "2.5.4.5";
    /// `countryName`.
    COUNTRY = "2.5.4.6";
    /// `localityName`.
    LOCALITY = "2.5.4.7";
    /// `stateOrProvinceName`.
    STATE = "2.5.4.8";
    /// `organizationName`.
    ORGANIZATION = "2.5.4.10";
    /// `organizationalUnitName`.
    ORGANIZATIONAL_UNIT = "2.5.4.11";
    /// `title`.
    TITLE = "2.5.4.12";
    /// `givenName`.
    GIVEN_NAME = "2.5.4.42";
    /// `pseudonym`.
    PSEUDONYM = "2.5.4.65";
    /// `organizationIdentifier` (EN 319 412-1 §5.1.4).
    ORGANIZATION_IDENTIFIER = "2.5.4.97";
    /// `emailAddress` (RFC 2985 §5.2.1).
    EMAIL = "1.2.840.113549.1.9.1";
    /// `domainComponent` (RFC 4519 §2.4).
    DOMAIN_COMPONENT = "0.9.2342.19200300.100.1.25";

    // Our own: arcs under 2.25 are UUIDs (X.667 §8) and need no registration. They never change.
    /// Certificate policy of everything that the embedded authority issues: an internal authority,
    /// without any claim of qualification. UUID b37a40ce-13d7-48e9-a6ed-4898b6d7f90e.
    POLICY_INTERNAL_CA = "2.25.238566585863597780424152048604112484622";
    /// Policy of the embedded time-stamping unit ("horodatage interne, non indépendant").
    /// UUID b0cc3ee3-53fe-4c88-9082-c5fd8263e2d7.
    POLICY_INTERNAL_TSA = "2.25.235004631337469300001237933937664451287";
    /// The délégation by which a signature was made: the type of an attribute among the claimed
    /// attributes of the signer. UUID 27bc0c26-fabb-4137-92c7-9e25e4a57f0f.
    DELEGATION = "2.25.52816290122199315562075234135831838479";
}
