//! The header: `%PDF-1.7`, and what may stand before it (ISO 32000-2, 7.5.2).

use crate::{ByteSource, OpenError};

/// The header is looked for in so many bytes (ISO 32000-1, annex H.3, note 13).
const SEARCHED: u64 = 1024;

/// Where the header stands and what it says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    /// The bytes before it.
    pub(super) offset: u64,
    /// Major and minor.
    pub(super) version: (u8, u8),
}

pub(super) fn find(source: &dyn ByteSource) -> Result<Header, OpenError> {
    let mut bytes = vec![0; source.len().min(SEARCHED) as usize];
    source.read_at(0, &mut bytes)?;
    let offset = memchr::memmem::find(&bytes, b"%PDF-").ok_or(OpenError::NotPdf)?;
    let version = version(&bytes[offset + 5..]).unwrap_or((1, 0));
    Ok(Header { offset: offset as u64, version })
}

/// `1.7` at the start of `text`.
pub(super) fn version(text: &[u8]) -> Option<(u8, u8)> {
    match text {
        [major @ b'0'..=b'9', b'.', minor @ b'0'..=b'9', ..] => Some((major - b'0', minor - b'0')),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn junk_before_the_header_is_measured() {
        let found = find(&b"junk\n%PDF-1.4\n".to_vec()).unwrap();
        assert_eq!((found.offset, found.version), (5, (1, 4)));
        assert!(matches!(find(&b"".to_vec()), Err(OpenError::NotPdf)));
        let far = [b" ".repeat(2000), b"%PDF-1.4".to_vec()].concat();
        assert!(matches!(find(&far), Err(OpenError::NotPdf)));
    }
}
