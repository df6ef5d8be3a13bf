//! Certificate extensions (RFC 5280 §4.2).

use serde::{Deserialize, Serialize};

use super::{CertificateError, QcStatements};
use crate::{
    asn1::{Asn1Error, Reader, tag},
    oid::{self, Oid},
};

/// Most extensions, and most elements of one, that a certificate may hold.
const MAX: usize = 64;

/// An extension as it stands in the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Which.
    pub id: Oid,
    /// Whether whoever does not know it must refuse the certificate.
    pub critical: bool,
    /// Its value in DER.
    pub value: Vec<u8>,
}

/// The bits of the key usage extension (RFC 5280 §4.2.1.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyUsage(u16);

impl KeyUsage {
    /// `digitalSignature`.
    pub const DIGITAL_SIGNATURE: Self = Self(1 << 0);
    /// `nonRepudiation`, now `contentCommitment`.
    pub const NON_REPUDIATION: Self = Self(1 << 1);
    /// `keyCertSign`.
    pub const KEY_CERT_SIGN: Self = Self(1 << 5);
    /// `cRLSign`.
    pub const CRL_SIGN: Self = Self(1 << 6);

    /// Whether every bit of `other` is set.
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both sets of bits.
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Content octets of the named BIT STRING in DER: no trailing zero bits (X.690 §11.2.2).
    pub(crate) fn content(self) -> Vec<u8> {
        let bits = self.0.reverse_bits().to_be_bytes();
        match 16 - self.0.leading_zeros() {
            0 => vec![0],
            used @ 1..=8 => vec![(8 - used) as u8, bits[0]],
            used => vec![(16 - used) as u8, bits[0], bits[1]],
        }
    }

    fn parse(value: &[u8]) -> Result<Self, Asn1Error> {
        match Reader::single(value, tag::BIT_STRING)?.value {
            [0] => Ok(Self(0)),
            [0..=7, first] => Ok(Self(u16::from_be_bytes([*first, 0]).reverse_bits())),
            [0..=7, first, second] => {
                Ok(Self(u16::from_be_bytes([*first, *second]).reverse_bits()))
            }
            _ => Err(Asn1Error::Value("key usage")),
        }
    }
}

/// The basic constraints extension (RFC 5280 §4.2.1.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BasicConstraints {
    /// Whether the subject is a certification authority.
    pub ca: bool,
    /// Most intermediate authorities that may follow below it.
    pub path_len: Option<u64>,
}

/// The extended key usage extension (RFC 5280 §4.2.1.12).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtendedKeyUsage {
    /// Whether it is critical.
    pub critical: bool,
    /// The purposes.
    pub purposes: Vec<Oid>,
}

impl ExtendedKeyUsage {
    /// Whether the purpose is among them.
    pub fn allows(&self, purpose: &Oid) -> bool {
        self.purposes.contains(purpose)
    }
}

#[derive(Debug, Default)]
pub(super) struct Extensions {
    pub(super) all: Vec<Extension>,
    pub(super) key_usage: Option<KeyUsage>,
    pub(super) extended_key_usage: Option<ExtendedKeyUsage>,
    pub(super) basic_constraints: Option<BasicConstraints>,
    pub(super) subject_key_identifier: Option<Vec<u8>>,
    pub(super) authority_key_identifier: Option<Vec<u8>>,
    pub(super) qc_statements: Option<QcStatements>,
    pub(super) crl_urls: Vec<String>,
    pub(super) ocsp_urls: Vec<String>,
    pub(super) ca_issuer_urls: Vec<String>,
}

impl Extensions {
    /// Reads `Extensions`.
    pub(super) fn parse(value: &[u8]) -> Result<Self, CertificateError> {
        let mut extensions = Self::default();
        for element in Reader::single(value, tag::SEQUENCE)?.reader().all(MAX)? {
            let (id, critical, value) = element.extension()?;
            let extension = Extension { id, critical, value: value.to_vec() };
            if extensions.all.iter().any(|known| known.id == extension.id) {
                return Err(CertificateError::DuplicateExtension);
            }
            extensions.take(&extension)?;
            extensions.all.push(extension);
        }
        Ok(extensions)
    }

    fn take(&mut self, extension: &Extension) -> Result<(), Asn1Error> {
        let value = extension.value.as_slice();
        match extension.id {
            oid::KEY_USAGE => self.key_usage = Some(KeyUsage::parse(value)?),
            oid::EXTENDED_KEY_USAGE => {
                let purposes = parse_purposes(value)?;
                self.extended_key_usage =
                    Some(ExtendedKeyUsage { critical: extension.critical, purposes });
            }
            oid::BASIC_CONSTRAINTS => self.basic_constraints = Some(parse_constraints(value)?),
            oid::SUBJECT_KEY_IDENTIFIER => {
                let id = Reader::single(value, tag::OCTET_STRING)?.value;
                self.subject_key_identifier = Some(id.to_vec());
            }
            oid::AUTHORITY_KEY_IDENTIFIER => {
                let mut fields = Reader::single(value, tag::SEQUENCE)?.reader();
                let id = fields.optional(tag::context(0))?;
                self.authority_key_identifier = id.map(|id| id.value.to_vec());
            }
            oid::QC_STATEMENTS => self.qc_statements = Some(QcStatements::parse(value)?),
            oid::CRL_DISTRIBUTION_POINTS => self.crl_urls = parse_crl_points(value)?,
            oid::AUTHORITY_INFO_ACCESS => self.take_access(value)?,
            _ => {}
        }
        Ok(())
    }

    fn take_access(&mut self, value: &[u8]) -> Result<(), Asn1Error> {
        for description in Reader::single(value, tag::SEQUENCE)?.reader().all(MAX)? {
            let mut fields = description.reader();
            let method = fields.oid()?;
            let url = url(&fields.next()?);
            match method {
                oid::AD_OCSP => self.ocsp_urls.extend(url),
                oid::AD_CA_ISSUERS => self.ca_issuer_urls.extend(url),
                _ => {}
            }
        }
        Ok(())
    }
}

fn parse_purposes(value: &[u8]) -> Result<Vec<Oid>, Asn1Error> {
    let elements = Reader::single(value, tag::SEQUENCE)?.reader().all(MAX)?;
    elements.iter().map(|element| Reader::new(element.whole).oid()).collect()
}

fn parse_constraints(value: &[u8]) -> Result<BasicConstraints, Asn1Error> {
    let mut fields = Reader::single(value, tag::SEQUENCE)?.reader();
    let ca = fields.flag()?;
    let path_len = if fields.is_empty() { None } else { Some(fields.unsigned()?) };
    fields.finish()?;
    Ok(BasicConstraints { ca, path_len })
}

/// The URLs of `CRLDistributionPoints`; relative names are passed over.
fn parse_crl_points(value: &[u8]) -> Result<Vec<String>, Asn1Error> {
    let mut urls = Vec::new();
    for point in Reader::single(value, tag::SEQUENCE)?.reader().all(MAX)? {
        let Some(name) = point.reader().optional(tag::constructed(0))? else { continue };
        let Some(full) = name.reader().optional(tag::constructed(0))? else { continue };
        urls.extend(full.reader().all(MAX)?.iter().filter_map(url));
    }
    Ok(urls)
}

/// A `GeneralName` that is a URL.
fn url(name: &crate::asn1::Tlv<'_>) -> Option<String> {
    let text = std::str::from_utf8(name.value).ok()?;
    (name.tag == tag::context(6)).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1;

    #[test]
    fn key_usage_comes_back() {
        let seal = KeyUsage::NON_REPUDIATION;
        assert_eq!(asn1::tlv(tag::BIT_STRING, &seal.content()), [3, 2, 6, 0x40]);
        let ca = KeyUsage::KEY_CERT_SIGN.with(KeyUsage::CRL_SIGN);
        assert_eq!(asn1::tlv(tag::BIT_STRING, &ca.content()), [3, 2, 1, 0x06]);
        for usage in [seal, ca, KeyUsage::default(), KeyUsage(1 << 8 | 1)] {
            let value = asn1::tlv(tag::BIT_STRING, &usage.content());
            assert_eq!(KeyUsage::parse(&value), Ok(usage));
        }
    }

    #[test]
    fn the_same_extension_twice_is_refused() {
        let one =
            asn1::sequence(&[asn1::oid(&oid::SUBJECT_KEY_IDENTIFIER), asn1::octet_string(&[4, 0])]);
        let twice = asn1::sequence(&[one.clone(), one]);
        assert!(matches!(Extensions::parse(&twice), Err(CertificateError::DuplicateExtension)));
    }
}
