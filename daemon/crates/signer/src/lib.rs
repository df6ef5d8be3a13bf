//! The process that holds keys.
//!
//! Keys are opened once, in a process that does nothing else: no PDF, no workflow, no network. It
//! speaks to the daemon over a socket pair, journals what it signs before it answers, and holds
//! these rules, whatever the daemon asks ([`Refusal`]):
//!
//! - A key serves one [`Purpose`], fixed when it was made; the bytes must be of that purpose's shape.
//! - A request names an [`Authorisation`], which lives for a minute at most.
//! - The same bytes, asked of the same key again, give the journalled signature: the key is not used
//!   again. This holds after the authorisation's end too.
//! - One attempt of a step seals one value, and a superseded attempt seals nothing.
//! - No answer goes out before its journal entry is durable; the status of certificates (OCSP), which
//!   is made anew each time, is not journalled.
//! - No time-stamp, certificate, revocation list or status is given while the clock stands before the
//!   last one that is journalled.
//!
//! Modules: [`Secret`] opens a [`KeyStore`] of [`LocalKey`]s; [`open_p12`] reads keys made elsewhere,
//! [`open_token`] uses those that stay in a PKCS#11 token;
//! [`Signer`] holds store and journal; [`serve`] answers a socket; [`SignerClient`] asks;
//! [`SignerProcess`] starts the child, [`run_child`] is the child.

mod client;
mod journal;
mod key;
mod keystore;
mod p12;
mod pkcs11;
mod process;
mod protocol;
mod request;
mod rules;
mod secret;
mod serve;
mod shape;
mod signer;

pub use client::SignerClient;
pub use journal::{Entry, JournalError, Opening, read_entries};
pub use key::{KeyError, KeyType, LocalKey};
pub use keystore::{KeyStore, KeyStoreError, StoredKey, key_file};
pub use p12::{Identity, MAX_P12, P12Fault, open_p12};
pub use pkcs11::{PinSource, TokenFault, TokenIdentity, TokenKeyRef, open_token};
pub use process::{ChildError, OpenError, SignerConfig, SignerProcess, SpawnError, run_child};
pub use protocol::{FrameError, MAX_FRAME, VERSION};
pub use request::{
    Authorisation, CLOCK_SKEW_MS, InvalidKeyId, KeyId, KeyInfo, MAX_AUTHORISATION_LIFE_MS,
    MAX_NAME, MAX_TO_BE_SIGNED, Purpose, Refusal, SignError, SignRequest, SignatureValue,
};
pub use secret::{Secret, SecretError, credential_path, random, read_password};
pub use serve::{ServeError, serve};
pub use signer::Signer;

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
