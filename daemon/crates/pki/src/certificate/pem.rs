//! PEM text (RFC 7468) of certificates.

use der::pem::{self, LineEnding};

use super::{Certificate, CertificateError};

const LABEL: &str = "CERTIFICATE";
const END: &str = "-----END ";

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
        let text = std::str::from_utf8(pem).map_err(|_| CertificateError::Pem)?;
        if text.len() > MAX_PEM {
            return Err(CertificateError::Pem);
        }
        let blocks = blocks(text);
        let certificates = blocks.map(read_block).collect::<Result<Vec<_>, _>>()?;
        if certificates.is_empty() {
            Err(CertificateError::NoCertificate)
        } else {
            Ok(certificates)
        }
    }

    /// The certificate as one PEM block of 64-column lines, ended by a line feed.
    pub fn to_pem(&self) -> String {
        pem::encode_string(LABEL, LineEnding::LF, self.der())
            .expect("invariant: the label is well formed and the length known")
    }
}

/// The certificate blocks of a text, from their first to their last boundary.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    let starts = text.match_indices("-----BEGIN CERTIFICATE-----");
    starts.map(|(at, _)| {
        let block = &text[at..];
        let end = block.find(END).and_then(|end| Some(end + block[end..].find('\n')? + 1));
        end.map_or(block, |end| &block[..end])
    })
}

fn read_block(block: &str) -> Result<Certificate, CertificateError> {
    let (_, der) = pem::decode_vec(block.as_bytes()).map_err(|_| CertificateError::Pem)?;
    Certificate::from_der(&der)
}
