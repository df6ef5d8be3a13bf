//! Revocation of a certificate that our own authority issued: once, by the one writer, with its
//! event and audit entry.

use jiff::Timestamp;
use sceau_cabinet::Actor;
use sceau_pki::profile::Revoked;
use sceau_pki::revocation::RevocationReason;
use sceau_store::{ProjectionWrite, StateStore, StoreError, StreamId, Transaction, Version};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::scratch::Scratch;
use super::{Answer, Core, NotDone};
use crate::records::{self, REVOCATIONS};

/// Revocations read in one go.
const PAGE: usize = 1024;

/// What happened to a certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum CertificateEvent {
    /// It is worth nothing from now on.
    Revoked(Revoked),
}

impl Core {
    pub(super) fn revoke(
        &mut self,
        scratch: &mut Scratch,
        (serial, reason): (Vec<u8>, RevocationReason),
        actor: Actor,
        now: Timestamp,
    ) -> Result<(Answer, Option<Transaction>), NotDone> {
        let known = revocation(self.parts.store.as_ref(), &serial)?;
        if known.is_some() || !scratch.revoked.insert(serial.clone()) {
            return Err(NotDone::AlreadyRevoked);
        }
        let revoked = Revoked { serial, at: now, reason: Some(reason) };
        Ok((Answer::Done, Some(transaction(revoked, actor, now))))
    }
}

fn transaction(revoked: Revoked, actor: Actor, now: Timestamp) -> Transaction {
    let stream = StreamId::new(format!("certificate/{}", hex::encode(&revoked.serial)));
    let row = ProjectionWrite {
        table: REVOCATIONS.to_owned(),
        key: revoked.serial.clone(),
        value: Some(records::encode(&revoked)),
    };
    let event = CertificateEvent::Revoked(revoked);
    let audit = json!({ "actor": actor, "streams": [stream.to_string()], "events": [event] });
    Transaction {
        at_ms: now.as_millisecond(),
        preconditions: vec![(stream.clone(), Version(0))],
        events: vec![(stream, records::encode(&event))],
        projections: vec![row],
        audit: vec![records::encode(&audit)],
        ..Transaction::default()
    }
}

/// The revocation of the certificate with that serial number (content octets), as committed.
///
/// # Errors
/// The state cannot be read.
pub fn revocation(store: &dyn StateStore, serial: &[u8]) -> Result<Option<Revoked>, NotDone> {
    let Some(bytes) = store.projection(REVOCATIONS, serial)? else { return Ok(None) };
    Ok(Some(records::decode("revocation", &bytes)?))
}

/// Every revocation, by serial number.
///
/// # Errors
/// The state cannot be read.
pub fn revocations(store: &dyn StateStore) -> Result<Vec<Revoked>, NotDone> {
    let (mut all, mut last): (Vec<Revoked>, Option<Vec<u8>>) = (Vec::new(), None);
    loop {
        let page: Result<_, StoreError> = store.scan(REVOCATIONS, b"", last.as_deref(), PAGE);
        let page = page?;
        let ended = page.len() < PAGE;
        for (key, bytes) in page {
            all.push(records::decode("revocation", &bytes)?);
            last = Some(key);
        }
        if ended {
            return Ok(all);
        }
    }
}
