//! The small filters: hexadecimal, base 85, run lengths (ISO 32000-2, 7.4.2, 7.4.3, 7.4.5).

use super::FilterError;

/// Hexadecimal digits up to `>`; a missing last digit is 0.
pub(super) fn hex(data: &[u8]) -> Vec<u8> {
    let inner = data.split(|byte| *byte == b'>').next().unwrap_or_default();
    let digits: Vec<u8> = inner
        .iter()
        .filter_map(|byte| char::from(*byte).to_digit(16))
        .map(|digit| digit as u8)
        .collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair.get(1).copied().unwrap_or(0)).collect()
}

/// Groups of five digits up to `~>`; `z` stands for four zeros.
pub(super) fn base85(data: &[u8], limit: usize) -> Result<Vec<u8>, FilterError> {
    let mut out = Vec::new();
    let mut group = Vec::with_capacity(5);
    for &byte in data {
        match byte {
            b'~' => break,
            b'z' if group.is_empty() => out.extend([0; 4]),
            b'!'..=b'u' => group.push(byte - b'!'),
            byte if crate::syntax::is_space(byte) => {}
            _ => return Err(FilterError::Damaged("a character that is not base 85")),
        }
        if group.len() == 5 {
            out.extend(five(&group));
            group.clear();
        }
        if out.len() > limit {
            return Err(FilterError::TooLong);
        }
    }
    if group.len() > 1 {
        let keep = group.len() - 1;
        group.resize(5, 84);
        out.extend(&five(&group)[..keep]);
    }
    Ok(out)
}

fn five(group: &[u8]) -> [u8; 4] {
    let value = group.iter().fold(0u64, |value, digit| value * 85 + u64::from(*digit));
    (value as u32).to_be_bytes()
}

/// Runs of equal or of different bytes, ended by 128.
pub(super) fn run_length(data: &[u8], limit: usize) -> Result<Vec<u8>, FilterError> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&length) = data.get(at) {
        at += 1;
        match length {
            0..=127 => {
                let end = data.len().min(at + usize::from(length) + 1);
                out.extend_from_slice(&data[at..end]);
                at = end;
            }
            128 => break,
            129.. => {
                let byte = data.get(at).copied();
                out.extend(byte.into_iter().flat_map(|byte| vec![byte; 257 - usize::from(length)]));
                at += 1;
            }
        }
        if out.len() > limit {
            return Err(FilterError::TooLong);
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values() {
        assert_eq!(hex(b"4a 4B5>ff"), [0x4a, 0x4b, 0x50]);
        assert_eq!(base85(b"87cURD]i,\"Ebo80~>", 99), Ok(b"Hello World!".to_vec()));
        assert_eq!(base85(b"z87cUR~>", 99), Ok(b"\0\0\0\0Hell".to_vec()));
        assert_eq!(
            run_length(&[2, b'a', b'b', b'c', 254, b'x', 128, 9], 99),
            Ok(b"abcxxx".to_vec())
        );
    }

    #[test]
    fn hostile_values_end() {
        assert_eq!(base85(&[b'z'; 100], 10), Err(FilterError::TooLong));
        assert_eq!(run_length(&[129; 100], 200), Err(FilterError::TooLong));
        assert_eq!(run_length(&[129], 200), Ok(vec![]));
        assert!(base85(b"\xff", 10).is_err());
    }
}
