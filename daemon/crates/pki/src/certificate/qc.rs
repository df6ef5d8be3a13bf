//! Qualified certificate statements (RFC 3739 §3.2.6, EN 319 412-5), read and shown, never written:
//! what our own authority issues is not qualified.

use serde::{Deserialize, Serialize};

use crate::{
    asn1::{Asn1Error, Reader, tag},
    oid::{self, Oid},
};

/// For what a certificate is qualified (EN 319 412-5 §4.2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum QcType {
    /// Electronic signatures of natural persons.
    Esign,
    /// Electronic seals of legal persons.
    Eseal,
    /// Web sites.
    Web,
}

impl QcType {
    /// Its word in reports, as in `eseal`.
    pub fn word(self) -> &'static str {
        match self {
            Self::Esign => "esign",
            Self::Eseal => "eseal",
            Self::Web => "web",
        }
    }
}

/// What the issuer states about a certificate. It is the issuer's word: whether it is entitled to
/// it, only the trusted lists tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QcStatements {
    /// QcCompliance: stated to be qualified under eIDAS.
    pub compliance: bool,
    /// QcSSCD: the key is stated to reside in a qualified device.
    pub sscd: bool,
    /// QcType.
    pub types: Vec<QcType>,
    /// Every statement's identifier, in order.
    pub all: Vec<Oid>,
}

impl QcStatements {
    /// Reads the extension's value.
    pub(super) fn parse(value: &[u8]) -> Result<Self, Asn1Error> {
        let mut statements = Self::default();
        for statement in Reader::single(value, tag::SEQUENCE)?.reader().all(64)? {
            let mut fields = statement.reader();
            statements.take(fields.oid()?, fields)?;
        }
        Ok(statements)
    }

    fn take(&mut self, id: Oid, mut info: Reader<'_>) -> Result<(), Asn1Error> {
        self.all.push(id);
        match id {
            oid::QC_COMPLIANCE => self.compliance = true,
            oid::QC_SSCD => self.sscd = true,
            oid::QC_TYPE => {
                let mut types = info.sequence()?;
                while !types.is_empty() {
                    self.types.extend(qc_type(types.oid()?));
                }
            }
            _ => {}
        }
        Ok(())
    }
}

fn qc_type(id: Oid) -> Option<QcType> {
    match id {
        oid::QCT_ESIGN => Some(QcType::Esign),
        oid::QCT_ESEAL => Some(QcType::Eseal),
        oid::QCT_WEB => Some(QcType::Web),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1;

    #[test]
    fn statements_are_read() {
        let types = asn1::sequence(&[asn1::oid(&oid::QCT_ESEAL)]);
        let value = asn1::sequence(&[
            asn1::sequence(&[asn1::oid(&oid::QC_COMPLIANCE)]),
            asn1::sequence(&[asn1::oid(&oid::QC_SSCD)]),
            asn1::sequence(&[asn1::oid(&oid::QC_TYPE), types]),
        ]);
        let statements = QcStatements::parse(&value).unwrap();
        assert!(statements.compliance && statements.sscd);
        assert_eq!(statements.types, [QcType::Eseal]);
        assert_eq!(statements.all.len(), 3);
        assert!(QcStatements::parse(&value[..value.len() - 1]).is_err());
    }
}
