//! The room that is reserved for a timestamp token before it is there.

use crate::TOKEN_VARIATION;

/// How often room is reserved in all, because a token was larger than the one before.
const MOST_ATTEMPTS: usize = 3;

/// Room for a token, and how often more may be asked for yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TokenRoom {
    bytes: usize,
    left: usize,
}

/// The tokens grow with every request: the time-stamping authority is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the authority's tokens grow with every request")]
pub struct TokensGrow;

impl TokenRoom {
    /// So many bytes of DER.
    #[must_use]
    pub fn of(bytes: usize) -> Self {
        Self { bytes, left: MOST_ATTEMPTS - 1 }
    }

    /// What a token takes that is like one of `token_len` bytes, by [`TOKEN_VARIATION`].
    #[must_use]
    pub fn like(token_len: usize) -> Self {
        Self::of(token_len + TOKEN_VARIATION)
    }

    /// In bytes of DER.
    #[must_use]
    pub fn bytes(self) -> usize {
        self.bytes
    }

    /// More, for a token of `needed` bytes that did not fit.
    ///
    /// # Errors
    /// [`TokensGrow`] where that was done often enough.
    pub fn grown(self, needed: usize) -> Result<Self, TokensGrow> {
        let left = self.left.checked_sub(1).ok_or(TokensGrow)?;
        Ok(Self { left, ..Self::like(needed) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_grows_twice_and_no_more() {
        let first = TokenRoom::like(100);
        assert_eq!(first.bytes(), 100 + TOKEN_VARIATION);
        let third = first.grown(200).unwrap().grown(300).unwrap();
        assert_eq!(third.bytes(), 300 + TOKEN_VARIATION);
        assert_eq!(third.grown(400), Err(TokensGrow));
    }
}
