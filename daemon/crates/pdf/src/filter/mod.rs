//! Decoding stream data within bounds (ISO 32000-2, 7.4).

mod ascii;
mod flate;
mod lzw;
mod predictor;

pub(crate) use flate::{decode_whole as inflate_whole, encode as deflate};

use crate::{Dictionary, Object};

/// Why data does not decode.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FilterError {
    /// More decoded bytes than allowed.
    TooLong,
    /// The data contradicts its filter.
    Damaged(&'static str),
    /// A filter that is not for structure (images), or an encryption filter.
    Unsupported,
}

/// One filter and its parameters, all resolved.
#[derive(Debug, Clone)]
pub(crate) struct Filter {
    pub(crate) name: String,
    pub(crate) parameters: Dictionary,
}

/// Runs `data` through `filters`; no step may give more than `limit` bytes.
pub(crate) fn decode(
    data: Vec<u8>,
    filters: &[Filter],
    limit: usize,
) -> Result<Vec<u8>, FilterError> {
    filters.iter().try_fold(data, |data, filter| filter.decode(&data, limit))
}

impl Filter {
    fn decode(&self, data: &[u8], limit: usize) -> Result<Vec<u8>, FilterError> {
        match self.name.as_str() {
            "FlateDecode" | "Fl" => self.predicted(flate::decode(data, limit)?),
            "LZWDecode" | "LZW" => self.predicted(lzw::decode(data, self.early_change(), limit)?),
            "ASCIIHexDecode" | "AHx" => Ok(ascii::hex(data)),
            "ASCII85Decode" | "A85" => ascii::base85(data, limit),
            "RunLengthDecode" | "RL" => ascii::run_length(data, limit),
            "Crypt" if self.parameters.name("Name").is_none_or(|name| name == "Identity") => {
                Ok(data.to_vec())
            }
            _ => Err(FilterError::Unsupported),
        }
    }

    fn early_change(&self) -> bool {
        self.parameters.integer("EarlyChange") != Some(0)
    }

    fn predicted(&self, data: Vec<u8>) -> Result<Vec<u8>, FilterError> {
        let number = |key, default| match self.parameters.get(key) {
            Some(Object::Integer(value)) => *value,
            _ => default,
        };
        predictor::undo(
            data,
            number("Predictor", 1),
            predictor::Row::new(
                number("Colors", 1),
                number("BitsPerComponent", 8),
                number("Columns", 1),
            )?,
        )
    }
}
