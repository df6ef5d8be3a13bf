//! LZW within bounds (ISO 32000-2, 7.4.4.2).

use super::FilterError;

const CLEAR: u16 = 256;
const END: u16 = 257;
const MAX_CODES: usize = 4096;

/// The table: each code is an earlier code and one more byte.
struct Table {
    entries: Vec<(u16, u8)>,
}

impl Table {
    fn new() -> Self {
        Self { entries: Vec::with_capacity(MAX_CODES) }
    }

    fn next_code(&self) -> usize {
        258 + self.entries.len()
    }

    /// Appends what `code` stands for; gives back its first byte.
    fn write(&self, code: u16, out: &mut Vec<u8>) -> Option<u8> {
        let start = out.len();
        let mut code = code;
        while code > END {
            let (prefix, byte) = *self.entries.get(usize::from(code) - 258)?;
            out.push(byte);
            code = prefix;
        }
        out.push(u8::try_from(code).ok()?);
        out[start..].reverse();
        out.get(start).copied()
    }
}

/// Expands `data` to at most `limit` bytes.
pub(super) fn decode(data: &[u8], early: bool, limit: usize) -> Result<Vec<u8>, FilterError> {
    let damaged = FilterError::Damaged("LZW data with an impossible code");
    let (mut out, mut table, mut previous) = (Vec::new(), Table::new(), None::<u16>);
    let mut bits = Bits { data, at: 0 };
    while let Some(code) = bits.take(width(table.next_code() + usize::from(early))) {
        match code {
            CLEAR => (table, previous) = (Table::new(), None),
            END => break,
            code => {
                let known = usize::from(code) < table.next_code();
                let start = out.len();
                let shown = if known { code } else { previous.ok_or(damaged)? };
                let first = table.write(shown, &mut out).ok_or(damaged)?;
                if !known {
                    out.push(first);
                }
                if let Some(previous) = previous
                    && table.next_code() < MAX_CODES
                {
                    table.entries.push((previous, out[start]));
                }
                previous = Some(code);
            }
        }
        if out.len() > limit {
            return Err(FilterError::TooLong);
        }
    }
    Ok(out)
}

fn width(next: usize) -> usize {
    match next {
        ..512 => 9,
        512..1024 => 10,
        1024..2048 => 11,
        _ => 12,
    }
}

struct Bits<'a> {
    data: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, width: usize) -> Option<u16> {
        let end = self.at + width;
        if end > self.data.len() * 8 {
            return None;
        }
        let code = (self.at..end)
            .fold(0, |code, bit| code << 1 | u16::from(self.data[bit / 8] >> (7 - bit % 8) & 1));
        self.at = end;
        Some(code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_example() {
        let data = [0x80, 0x0b, 0x60, 0x50, 0x22, 0x0c, 0x0c, 0x85, 0x01];
        let found = decode(&data, true, 99);
        assert_eq!(found, Ok(vec![45, 45, 45, 45, 45, 65, 45, 45, 45, 66]));
    }

    #[test]
    fn an_impossible_code_is_damage() {
        assert!(decode(&[0xff, 0xff, 0xff], true, 99).is_err());
        assert_eq!(decode(&[], true, 99), Ok(vec![]));
    }
}
