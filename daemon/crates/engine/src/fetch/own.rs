//! Our own authority knows about what it issued, without the way over HTTP.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use sceau_pades::{Missing, Wanted};
use sceau_pki::Certificate;
use sceau_pki::crl::RevocationList;
use sceau_pki::ocsp::OcspResponse;

use super::{Answer, RevocationSource};
use crate::authority::OwnAuthority;

/// The issuing authority, and the root above it with the list that its last ceremony made.
pub struct Own {
    /// The authority.
    pub authority: Arc<OwnAuthority>,
    /// The root's certificate.
    pub root: Certificate,
    /// The root's revocation list (DER).
    pub root_list: Option<Vec<u8>>,
}

impl RevocationSource for Own {
    /// Of what it made itself, which is small.
    fn ask<'a>(
        &'a self,
        missing: &'a Missing,
        _room: usize,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        Box::pin(async move {
            let mut answer = Answer::default();
            if self.may_know(missing)
                && let Err(trouble) = self.tell(missing, &mut answer)
            {
                answer.troubles.push(trouble);
            }
            answer
        })
    }

    fn may_know(&self, missing: &Missing) -> bool {
        match &missing.wanted {
            Wanted::Issuer => self.issuer_of(&missing.certificate).is_some(),
            Wanted::Status { issuer, .. } if *issuer == self.root => self.root_list.is_some(),
            Wanted::Status { issuer, .. } => self.authority.is_own(issuer),
        }
    }
}

impl Own {
    fn tell(&self, missing: &Missing, answer: &mut Answer) -> Result<(), String> {
        match (&missing.wanted, &self.root_list) {
            (Wanted::Issuer, _) => {
                answer.material.certificates.extend(self.issuer_of(&missing.certificate).cloned());
            }
            (Wanted::Status { issuer, .. }, Some(list)) if *issuer == self.root => {
                let list = RevocationList::parse(list);
                answer.material.crls.push(list.map_err(|error| format!("root.crl: {error}"))?);
            }
            (Wanted::Status { newer_than, .. }, _) => {
                let der = self.authority.status_of(&missing.certificate, *newer_than);
                let der = der.map_err(|error| format!("our own authority: {error}"))?;
                let response = OcspResponse::parse(&der).map_err(|error| error.to_string())?;
                answer.material.ocsps.push(response);
            }
        }
        Ok(())
    }

    fn issuer_of(&self, certificate: &Certificate) -> Option<&Certificate> {
        let own = [self.authority.certificate(), &self.root];
        own.into_iter().find(|one| certificate.verify_signed_by(one).is_ok())
    }
}
