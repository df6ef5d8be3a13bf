//! PEM text (RFC 7468) of certificates. Reading is lax (§3): any length of line, any white space.

use base64::{Engine, prelude::BASE64_STANDARD};

use super::{Certificate, CertificateError};

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Columns of a line that is written (RFC 7468 §2).
const COLUMNS: usize = 64;

/// Largest PEM text accepted, in octets.
const MAX_PEM: usize = 4 * 1024 * 1024;

impl Certificate {
    /// Every certificate of a PEM text, in order. Other blocks (keys) and text between the blocks
    /// are passed over.
    ///
    /// # Errors
    /// [`CertificateError::Pem`] for a damaged block, [`CertificateError::NoCertificate`] when
    /// there is none; a text of more than 4 MiB is refused.
    pub fn from_pem_bundle(pem: &[u8]) -> Result<Vec<Self>, CertificateError> {
        if pem.len() > MAX_PEM {
            return Err(CertificateError::Pem);
        }
        // Comments between the blocks may be in any encoding.
        let text = String::from_utf8_lossy(pem);
        let blocks = text.split(BEGIN).skip(1);
        let certificates = blocks.map(read_block).collect::<Result<Vec<_>, _>>()?;
        if certificates.is_empty() {
            Err(CertificateError::NoCertificate)
        } else {
            Ok(certificates)
        }
    }

    /// The certificates of a file as people have them: one in DER, or a PEM text.
    ///
    /// # Errors
    /// As [`Certificate::from_pem_bundle`] and [`Certificate::from_der`].
    pub fn from_file(bytes: &[u8]) -> Result<Vec<Self>, CertificateError> {
        // A certificate in DER is a SEQUENCE; PEM is text.
        match bytes.first() {
            Some(0x30) => Ok(vec![Self::from_der(bytes)?]),
            _ => Self::from_pem_bundle(bytes),
        }
    }

    /// The certificate as one PEM block of 64-column lines, ended by a line feed.
    pub fn to_pem(&self) -> String {
        let mut pem = format!("{BEGIN}\n");
        let mut text = BASE64_STANDARD.encode(self.der());
        while !text.is_empty() {
            let rest = text.split_off(text.len().min(COLUMNS));
            pem.extend([text.as_str(), "\n"]);
            text = rest;
        }
        pem + END + "\n"
    }
}

/// What stands behind the first boundary, up to the second.
fn read_block(block: &str) -> Result<Certificate, CertificateError> {
    let (text, _) = block.split_once(END).ok_or(CertificateError::Pem)?;
    let text: String = text.split_ascii_whitespace().collect();
    let der = BASE64_STANDARD.decode(text).map_err(|_| CertificateError::Pem)?;
    Certificate::from_der(&der)
}
