//! Keys that stay in a PKCS#11 token or hardware security module (OASIS PKCS#11 v2.40).
//!
//! A module is a shared library of the token's maker; it is loaded into this process, which is one
//! more reason why keys have a process of their own. Digests are made here, the token sees only
//! what its private key must transform, and its answer is verified with the public key before
//! anybody gets it. A session that the token ended (taken out, restarted) is opened anew once.

mod module;
mod objects;
mod reference;
mod sign;
mod token;

use std::{fmt, path::PathBuf};

use sceau_pki::Certificate;
use thiserror::Error;

pub use reference::{PinSource, TokenKeyRef};
pub(crate) use reference::{fields, from_fields};
pub(crate) use token::TokenKey;

use crate::{
    key::{KeyError, LocalKey},
    p12::chain_for,
    secret::SecretError,
};

/// Why a token's key cannot be used. The configuration, the token or its module is at fault.
#[derive(Debug, Error)]
pub enum TokenFault {
    /// The description of the key is not one.
    #[error("the PKCS#11 key is not well described: {0}")]
    Reference(&'static str),
    /// The module cannot be loaded.
    #[error("the PKCS#11 module {} cannot be used: {why}", path.display())]
    Module {
        /// Its file.
        path: PathBuf,
        /// What its loading said.
        why: String,
    },
    /// No token goes by that label and serial number.
    #[error("no PKCS#11 token is {wanted}; present: {present}")]
    NoToken {
        /// As asked.
        wanted: String,
        /// What was found.
        present: String,
    },
    /// Several tokens do.
    #[error("several PKCS#11 tokens are {0}: name the serial number too")]
    SeveralTokens(String),
    /// The PIN's file or credential.
    #[error("the PIN: {0}")]
    Pin(#[from] SecretError),
    /// The token refuses the PIN. It is not tried again: tokens lock after a few wrong ones.
    #[error("the PKCS#11 token refuses the PIN ({0})")]
    WrongPin(String),
    /// No private key of that name, or several.
    #[error("the PKCS#11 token holds {count} private keys that are {wanted}; it must be one")]
    Keys {
        /// As asked.
        wanted: String,
        /// How many there are.
        count: usize,
    },
    /// Neither certificate nor public key belong to the private key.
    #[error("the PKCS#11 token holds neither certificate nor public key with the key's CKA_ID")]
    NoPublicKey,
    /// The key is of a kind that is not supported.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The token failed.
    #[error("the PKCS#11 token: {0}")]
    Token(String),
}

/// A token's key and what certificates the token holds for it.
#[derive(Debug)]
pub struct TokenIdentity {
    /// The key, with which to sign.
    pub key: LocalKey,
    /// Its certificate first, then each issuer that the token holds, in order; empty where the
    /// token holds no certificate of that key.
    pub chain: Vec<Certificate>,
}

/// Opens the key that `reference` describes: some 10 ms, and whatever the token takes to log in.
///
/// # Errors
/// [`TokenFault`].
pub fn open_token(reference: &TokenKeyRef) -> Result<TokenIdentity, TokenFault> {
    let (key, certificates) = TokenKey::open(reference)?;
    let chain = chain_for(key.spki(), &certificates).unwrap_or_default();
    Ok(TokenIdentity { key: LocalKey::of_token(key), chain })
}

impl fmt::Display for TokenKeyRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}", self.key_words(), self.token_words())
    }
}
