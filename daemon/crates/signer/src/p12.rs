//! PKCS#12 files (RFC 7292): the key of a certificate that somebody else issued, with its chain.

use p12_keystore::{Pkcs12Archive, error::Error as P12Error};
use sceau_pki::Certificate;
use thiserror::Error;

use crate::key::{KeyError, LocalKey};

/// Largest PKCS#12 file read, in bytes.
pub const MAX_P12: usize = 1024 * 1024;
/// Most certificates in one file.
const MAX_CERTIFICATES: usize = 64;

/// Why a PKCS#12 file could not be used. The file is at fault, or the password.
#[derive(Debug, Error)]
pub enum P12Fault {
    /// Larger than 1 MiB.
    #[error("a PKCS#12 file of {0} bytes is over the limit of {MAX_P12}")]
    TooLarge(usize),
    /// The password does not open it, or it was changed.
    #[error("the password does not open the PKCS#12 file")]
    WrongPassword,
    /// Not PKCS#12, or an encryption that is not supported.
    #[error("not a PKCS#12 file that can be read: {0}")]
    Malformed(String),
    /// It holds no private key.
    #[error("the PKCS#12 file holds no private key")]
    NoKey,
    /// It holds several private keys; which one is meant cannot be known.
    #[error("the PKCS#12 file holds {0} private keys; it must hold one")]
    SeveralKeys(usize),
    /// None of its certificates carries the key's public half.
    #[error("no certificate in the PKCS#12 file belongs to its key")]
    NoCertificate,
    /// The key is of a kind that is not supported.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// A key and the certificates that go with it.
#[derive(Debug)]
pub struct Identity {
    /// The private key.
    pub key: LocalKey,
    /// Its certificate first, then each issuer that the file holds, in order.
    pub chain: Vec<Certificate>,
}

/// Opens a PKCS#12 file that holds exactly one private key. The certificate is found by its public
/// key, not by the file's attributes, which many writers leave out.
pub fn open_p12(bytes: &[u8], password: &str) -> Result<Identity, P12Fault> {
    if bytes.len() > MAX_P12 {
        return Err(P12Fault::TooLarge(bytes.len()));
    }
    let archive = Pkcs12Archive::from_pkcs12(bytes, password).map_err(fault)?;
    let key = match archive.keys.as_slice() {
        [] => return Err(P12Fault::NoKey),
        [one] => LocalKey::from_pkcs8(one.key.as_der())?,
        several => return Err(P12Fault::SeveralKeys(several.len())),
    };
    let certificates: Vec<Certificate> = archive
        .certs
        .iter()
        .take(MAX_CERTIFICATES)
        .filter_map(|bag| Certificate::from_der(bag.cert.as_der()).ok())
        .collect();
    let chain = chain_for(&key.spki()?, &certificates).ok_or(P12Fault::NoCertificate)?;
    Ok(Identity { key, chain })
}

/// Follows the issuers by name as far as the file has them.
pub(crate) fn chain_for(spki: &[u8], certificates: &[Certificate]) -> Option<Vec<Certificate>> {
    let mut chain = vec![certificates.iter().find(|c| c.spki() == spki)?.clone()];
    while let Some(last) = chain.last().filter(|last| !last.is_self_issued()) {
        let issuer =
            certificates.iter().find(|c| c.subject() == last.issuer() && !chain.contains(c));
        match issuer {
            Some(issuer) => chain.push(issuer.clone()),
            None => break,
        }
    }
    Some(chain)
}

fn fault(error: P12Error) -> P12Fault {
    match error {
        P12Error::MacError(_) | P12Error::UnpadError | P12Error::Pkcs5Error(_) => {
            P12Fault::WrongPassword
        }
        other => P12Fault::Malformed(other.to_string()),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    macro_rules! fixture {
        ($name:literal) => {
            include_bytes!(concat!("../tests/fixtures/", $name, ".p12")).as_slice()
        };
    }

    #[test]
    fn modern_and_legacy_files_give_key_and_chain() {
        for (file, password) in [
            (fixture!("modern"), "test"),
            (fixture!("legacy"), "test"),
            (fixture!("no-mac"), "test"),
            (fixture!("accents"), "clé été"),
        ] {
            let identity = open_p12(file, password).unwrap();
            let names: Vec<String> =
                identity.chain.iter().map(|one| one.subject().to_string()).collect();
            assert_eq!(names.len(), 2, "{names:?}");
            assert!(names[0].contains("Test seal") && names[1].contains("Test root"), "{names:?}");
            assert_eq!(identity.chain[0].spki(), identity.key.spki().unwrap());
        }
    }

    #[test]
    fn a_wrong_password_is_told_apart_from_a_broken_file() {
        for file in [fixture!("modern"), fixture!("legacy"), fixture!("no-mac")] {
            let fault = open_p12(file, "wrong").unwrap_err();
            assert!(matches!(fault, P12Fault::WrongPassword), "{fault}");
        }
        let fault = open_p12(b"%PDF-1.7", "test").unwrap_err();
        assert!(matches!(fault, P12Fault::Malformed(_)), "{fault}");
    }

    #[test]
    fn what_a_file_lacks_is_named() {
        let fault = open_p12(fixture!("no-key"), "test").unwrap_err();
        assert!(matches!(fault, P12Fault::NoKey), "{fault}");
        let fault = open_p12(fixture!("no-certificate"), "test").unwrap_err();
        assert!(matches!(fault, P12Fault::NoCertificate), "{fault}");
        let fault = open_p12(fixture!("p521"), "test").unwrap_err();
        assert!(matches!(fault, P12Fault::Key(KeyError::Unsupported)), "{fault}");
        let fault = open_p12(&vec![0; MAX_P12 + 1], "test").unwrap_err();
        assert!(matches!(fault, P12Fault::TooLarge(_)), "{fault}");
    }

    #[test]
    fn cut_and_changed_files_never_panic() {
        let whole = fixture!("modern");
        for at in (0..whole.len()).step_by(37) {
            assert!(open_p12(&whole[..at], "test").is_err());
        }
        for at in (0..120).step_by(3) {
            let mut changed = whole.to_vec();
            changed[at] ^= 0x11;
            let _ = open_p12(&changed, "test");
        }
    }
}
