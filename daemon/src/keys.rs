//! Keys as the command line names them: those of PKCS#11 tokens, and how a key signs.

use std::path::{Path, PathBuf};

use sceau_pki::{Certificate, DigestAlgorithm, SignatureAlgorithm};
use sceau_signer::{KeyType, PinSource, TokenFault, TokenIdentity, TokenKeyRef, open_token};
use serde::Deserialize;

/// Largest file of certificates read, in bytes.
const MAX_PEM: u64 = 1 << 20;

/// One key of a PKCS#11 token or hardware security module.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct TokenArgs {
    /// Use a key that stays in a PKCS#11 token: the shared library of its maker.
    #[arg(long, value_name = "FILE")]
    pub(crate) pkcs11_module: Option<PathBuf>,
    /// The token's label.
    #[arg(long, value_name = "LABEL", requires = "pkcs11_module")]
    pub(crate) pkcs11_token: Option<String>,
    /// The token's serial number, where labels are not enough.
    #[arg(long, value_name = "TEXT", requires = "pkcs11_module")]
    pub(crate) pkcs11_serial: Option<String>,
    /// The label of the private key in the token.
    #[arg(long, value_name = "LABEL", requires = "pkcs11_module")]
    pub(crate) pkcs11_key: Option<String>,
    /// The id (CKA_ID) of the private key in the token, in hexadecimal.
    #[arg(long, value_name = "HEX", requires = "pkcs11_module")]
    pub(crate) pkcs11_key_id: Option<String>,
    /// A file of one line with the token's PIN, which only its owner may read.
    #[arg(
        long,
        value_name = "FILE",
        requires = "pkcs11_module",
        conflicts_with = "pin_credential"
    )]
    pub(crate) pin_file: Option<PathBuf>,
    /// The systemd credential that holds the token's PIN, in place of --pin-file.
    #[arg(long, value_name = "NAME", requires = "pkcs11_module")]
    pub(crate) pin_credential: Option<String>,
    /// The certificate of the token's key and its issuers (PEM), where the token does not hold them.
    #[arg(long, value_name = "FILE", requires = "pkcs11_module")]
    pub(crate) certificate: Option<PathBuf>,
}

/// Why a token's key could not be taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenKeyError {
    /// The options name no key.
    #[error("{0}")]
    Options(String),
    /// The token, its module or its PIN.
    #[error(transparent)]
    Token(#[from] TokenFault),
    /// The file of certificates.
    #[error("{}: {why}", path.display())]
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        why: String,
    },
}

impl TokenKeyError {
    /// The exit code of sysexits(3): 64 the options, 66 a file, 69 the token.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Self::Options(_) | Self::Token(TokenFault::Reference(_)) => 64,
            Self::Certificate { .. } | Self::Token(TokenFault::Pin(_)) => 66,
            Self::Token(_) => 69,
        }
    }
}

impl TokenArgs {
    /// Whether a token's key is asked for.
    pub(crate) fn is_given(&self) -> bool {
        self.pkcs11_module.is_some()
    }

    /// The key, and its certificates as far as there are any: those of `--certificate`, else those
    /// that the token holds.
    pub(crate) fn open(&self) -> Result<TokenIdentity, TokenKeyError> {
        let reference = self.reference().map_err(TokenKeyError::Options)?;
        let mut identity = open_token(&reference)?;
        let Some(path) = &self.certificate else { return Ok(identity) };
        let fault = |why: String| TokenKeyError::Certificate { path: path.clone(), why };
        let chain = certificates(path).map_err(fault)?;
        let spki = identity.key.spki().map_err(TokenFault::from)?;
        if chain.first().is_none_or(|first| first.spki() != spki) {
            return Err(fault("its first certificate is not that of the token's key".to_owned()));
        }
        identity.chain = chain;
        Ok(identity)
    }

    /// Paths become absolute: the daemon stands elsewhere.
    fn reference(&self) -> Result<TokenKeyRef, String> {
        let absolute = |path: &Path| {
            std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))
        };
        let module = self.pkcs11_module.as_deref().ok_or("--pkcs11-module: it is missing")?;
        let pin = match (&self.pin_file, &self.pin_credential) {
            (Some(file), None) => PinSource::File(absolute(file)?),
            (None, Some(name)) => PinSource::Credential(name.clone()),
            _ => return Err("one of --pin-file and --pin-credential is needed".to_owned()),
        };
        let key_id = self.pkcs11_key_id.as_deref().map(|id| {
            hex::decode(id).map_err(|_| "--pkcs11-key-id: this is no hexadecimal".to_owned())
        });
        let reference = TokenKeyRef {
            module: absolute(module)?,
            token_label: self.pkcs11_token.clone(),
            token_serial: self.pkcs11_serial.clone(),
            key_label: self.pkcs11_key.clone(),
            key_id: key_id.transpose()?,
            pin,
        };
        reference.check().map_err(|fault| fault.to_string())?;
        Ok(reference)
    }
}

fn certificates(path: &Path) -> Result<Vec<Certificate>, String> {
    let length = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if length > MAX_PEM {
        return Err("it is too long".to_owned());
    }
    let pem = std::fs::read(path).map_err(|error| error.to_string())?;
    Certificate::from_pem_bundle(&pem).map_err(|error| error.to_string())
}

/// A key and its certificates from a file, or a token's key, and how it signs.
#[derive(Debug, clap::Args)]
pub(crate) struct KeyArgs {
    /// The key and its certificates (PKCS#12).
    #[arg(long, value_name = "FILE", conflicts_with = "pkcs11_module", requires = "password_file")]
    p12: Option<PathBuf>,
    /// A file of one line with the password of the PKCS#12 file, which only its owner may read.
    #[arg(long, value_name = "FILE", requires = "p12", visible_alias = "p12-password-file")]
    password_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) token: TokenArgs,
    #[command(flatten)]
    pub(crate) scheme: SchemeArgs,
}

impl KeyArgs {
    /// The PKCS#12 file and that of its password, where they are given.
    pub(crate) fn p12(&self) -> Option<(PathBuf, PathBuf)> {
        self.p12.clone().zip(self.password_file.clone())
    }
}

/// How a key signs, where it can do so in several ways.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::Args, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SchemeArgs {
    /// Sign with RSASSA-PSS in place of PKCS#1 v1.5 (RSA keys only).
    #[arg(long)]
    pub(crate) pss: bool,
    /// The digest: sha256, sha384 or sha512 (RSA keys; P-256 goes with sha256, P-384 with sha384).
    #[arg(long, value_name = "NAME", value_parser = digest)]
    #[serde(deserialize_with = "told_digest")]
    pub(crate) digest: Option<DigestAlgorithm>,
}

impl SchemeArgs {
    /// The algorithm of a key of that kind.
    pub(crate) fn algorithm(self, kind: KeyType) -> Result<SignatureAlgorithm, String> {
        kind.algorithm(self.pss, self.digest).ok_or_else(|| {
            let (word, customary) = (kind.as_str(), kind.default_algorithm().as_str());
            format!("a {word} key does not sign so; without --pss and --digest it is {customary}")
        })
    }
}

fn digest(word: &str) -> Result<DigestAlgorithm, String> {
    match word {
        "sha256" => Ok(DigestAlgorithm::Sha256),
        "sha384" => Ok(DigestAlgorithm::Sha384),
        "sha512" => Ok(DigestAlgorithm::Sha512),
        _ => Err("none of sha256, sha384, sha512".to_owned()),
    }
}

fn told_digest<'d, D: serde::Deserializer<'d>>(
    deserializer: D,
) -> Result<Option<DigestAlgorithm>, D::Error> {
    let word = Option::<String>::deserialize(deserializer)?;
    word.map(|word| digest(&word).map_err(serde::de::Error::custom)).transpose()
}
