//! One key in a token, with its session.

use std::{
    fmt,
    sync::{Mutex, PoisonError},
};

use cryptoki::{object::ObjectHandle, session::Session};
use sceau_pki::{Certificate, PublicKey, SignatureAlgorithm, verify_signature};

use super::{TokenFault, TokenKeyRef, module, objects, sign};
use crate::key::{KeyError, KeyType};

/// A private key that does not leave its token. `Debug` shows which one.
pub(crate) struct TokenKey {
    reference: TokenKeyRef,
    kind: KeyType,
    spki: Vec<u8>,
    /// One signature at a time: a session bears no two. `None` after a failure.
    open: Mutex<Option<(Session, ObjectHandle)>>,
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenKey").field("reference", &self.reference).finish_non_exhaustive()
    }
}

impl TokenKey {
    /// Opens the key, and reads the token's certificates.
    pub(super) fn open(reference: &TokenKeyRef) -> Result<(Self, Vec<Certificate>), TokenFault> {
        let session = module::session(reference)?;
        let key = objects::private_key(&session, reference)?;
        let certificates = objects::certificates(&session)?;
        let spki = objects::public_key(&session, key, &certificates)?;
        let public = PublicKey::from_spki(&spki).map_err(|_| KeyError::Unsupported)?;
        let kind = KeyType::of(public.kind()).ok_or(KeyError::Unsupported)?;
        let open = Mutex::new(Some((session, key)));
        let certificates = certificates.into_iter().map(|(_, certificate)| certificate).collect();
        Ok((Self { reference: reference.clone(), kind, spki, open }, certificates))
    }

    pub(crate) fn reference(&self) -> &TokenKeyRef {
        &self.reference
    }

    pub(crate) fn kind(&self) -> KeyType {
        self.kind
    }

    pub(crate) fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// Signs, and believes the token only after having verified what it gave.
    pub(crate) fn sign(
        &self,
        algorithm: SignatureAlgorithm,
        bytes: &[u8],
    ) -> Result<Vec<u8>, KeyError> {
        let signature = self.ask(algorithm, bytes)?;
        verify_signature(algorithm, &self.spki, bytes, &signature)
            .map_err(|error| KeyError::Token(format!("{}: {error}", self.reference)))?;
        Ok(signature)
    }

    fn ask(&self, algorithm: SignatureAlgorithm, bytes: &[u8]) -> Result<Vec<u8>, KeyError> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let failed = |why: &dyn fmt::Display| KeyError::Token(why.to_string());
        if let Some((session, key)) = open.as_ref() {
            match sign::sign(session, *key, algorithm, bytes) {
                Ok(signature) => return Ok(signature),
                Err(error) if !sign::is_lost_session(&error) => return Err(failed(&error)),
                Err(_) => *open = None,
            }
        }
        let session = module::session(&self.reference).map_err(|fault| failed(&fault))?;
        let key = objects::private_key(&session, &self.reference).map_err(|e| failed(&e))?;
        let signature = sign::sign(&session, key, algorithm, bytes).map_err(|e| failed(&e));
        *open = Some((session, key));
        signature
    }
}
