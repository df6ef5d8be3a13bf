//! IssuingDistributionPoint (RFC 5280 §5.2.5): for which certificates a list speaks.

use super::CrlError;
use crate::{
    asn1::{Reader, Tlv, tag},
    certificate::Certificate,
};

/// Most names of one distribution point.
const MAX_NAMES: usize = 32;

/// For which certificates of its issuer a list speaks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The list's own addresses, where it says under which it is given out; else nothing.
    pub urls: Vec<String>,
    /// It has a distribution point whose names are no addresses.
    pub unreadable_point: bool,
    /// For certificates of end entities only.
    pub only_users: bool,
    /// For certificates of authorities only.
    pub only_authorities: bool,
    /// For attribute certificates only: for none of ours.
    pub only_attributes: bool,
    /// For some reasons of revocation only: absence proves nothing.
    pub some_reasons: bool,
}

impl Scope {
    pub(super) fn parse(value: &[u8]) -> Result<Self, CrlError> {
        let mut fields = Reader::single(value, tag::SEQUENCE)?.reader();
        let mut scope = Self::default();
        if let Some(point) = fields.optional(tag::constructed(0))? {
            scope.point(&point)?;
        }
        scope.only_users = flag(&mut fields, 1)?;
        scope.only_authorities = flag(&mut fields, 2)?;
        scope.some_reasons = fields.optional(tag::context(3))?.is_some();
        let indirect = flag(&mut fields, 4)?;
        scope.only_attributes = flag(&mut fields, 5)?;
        fields.finish()?;
        if indirect { Err(CrlError::Indirect) } else { Ok(scope) }
    }

    fn point(&mut self, point: &Tlv<'_>) -> Result<(), CrlError> {
        let Some(full) = point.reader().optional(tag::constructed(0))? else {
            self.unreadable_point = true;
            return Ok(());
        };
        let names = full.reader().all(MAX_NAMES)?;
        let urls = names.iter().filter(|name| name.tag == tag::context(6));
        let text = |name: &Tlv<'_>| std::str::from_utf8(name.value).ok().map(str::to_owned);
        self.urls = urls.filter_map(text).collect();
        self.unreadable_point = self.urls.is_empty();
        Ok(())
    }

    /// Whether the list speaks for this certificate (RFC 5280 §6.3.3, step b).
    pub fn covers(&self, certificate: &Certificate) -> bool {
        let authority = certificate.basic_constraints().is_some_and(|constraints| constraints.ca);
        let kind = !(self.only_users && authority
            || self.only_authorities && !authority
            || self.only_attributes);
        kind && self.is_point_of(certificate)
    }

    /// One of the list's addresses must be one of those that the certificate names.
    fn is_point_of(&self, certificate: &Certificate) -> bool {
        if self.unreadable_point {
            return false;
        }
        self.urls.is_empty() || self.urls.iter().any(|url| certificate.crl_urls().contains(url))
    }
}

/// `[n] BOOLEAN DEFAULT FALSE`.
fn flag(fields: &mut Reader<'_>, n: u8) -> Result<bool, CrlError> {
    match fields.optional(tag::context(n))? {
        None => Ok(false),
        Some(element) => Ok(element.value.iter().any(|octet| *octet != 0)),
    }
}
