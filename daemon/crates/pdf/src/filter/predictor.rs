//! Predictors (ISO 32000-2, 7.4.4.4): the rows of cross-reference streams.

use super::FilterError;

/// The shape of a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// Bytes of a row without its PNG tag.
    len: usize,
    /// Bytes between a byte and its left neighbour.
    pixel: usize,
    bits: i64,
}

impl Row {
    /// A row of `columns` pixels; more than 16 MiB is refused.
    pub(super) fn new(colors: i64, bits: i64, columns: i64) -> Result<Self, FilterError> {
        let known = matches!(bits, 1 | 2 | 4 | 8 | 16);
        if !known || !(1..=64).contains(&colors) || !(1..=1 << 20).contains(&columns) {
            return Err(FilterError::Damaged("predictor parameters out of range"));
        }
        let len = ((colors * bits * columns + 7) / 8) as usize;
        Ok(Self { len, pixel: ((colors * bits + 7) / 8) as usize, bits })
    }
}

/// Undoes `predictor` over `data`.
pub(super) fn undo(data: Vec<u8>, predictor: i64, row: Row) -> Result<Vec<u8>, FilterError> {
    match predictor {
        1 => Ok(data),
        2 => tiff(data, row),
        10..=15 => Ok(png(&data, row)),
        _ => Err(FilterError::Damaged("an unknown predictor")),
    }
}

fn tiff(mut data: Vec<u8>, row: Row) -> Result<Vec<u8>, FilterError> {
    if row.bits != 8 {
        return Err(FilterError::Unsupported);
    }
    for line in data.chunks_mut(row.len) {
        for at in row.pixel..line.len() {
            line[at] = line[at].wrapping_add(line[at - row.pixel]);
        }
    }
    Ok(data)
}

/// PNG: each row begins with the tag of its own filter (RFC 2083, 6).
fn png(data: &[u8], row: Row) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len());
    let mut above = vec![0; row.len];
    for line in data.chunks(row.len + 1) {
        let mut current = vec![0; row.len];
        current[..line.len() - 1].copy_from_slice(&line[1..]);
        unfilter(line[0], &mut current, &above, row.pixel);
        out.extend_from_slice(&current[..line.len() - 1]);
        above = current;
    }
    out
}

fn unfilter(tag: u8, current: &mut [u8], above: &[u8], pixel: usize) {
    for at in 0..current.len() {
        let left = if at >= pixel { current[at - pixel] } else { 0 };
        let corner = if at >= pixel { above[at - pixel] } else { 0 };
        let predicted = match tag {
            1 => left,
            2 => above[at],
            3 => ((u16::from(left) + u16::from(above[at])) / 2) as u8,
            4 => paeth(left, above[at], corner),
            _ => 0,
        };
        current[at] = current[at].wrapping_add(predicted);
    }
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let [a, b, c] = [left, above, corner].map(i16::from);
    let p = a + b - c;
    let (da, db, dc) = ((p - a).abs(), (p - b).abs(), (p - c).abs());
    if da <= db && da <= dc {
        left
    } else if db <= dc {
        above
    } else {
        corner
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn png_up_rows_add_the_row_above() {
        let data = vec![2, 1, 2, 3, 2, 1, 1, 1, 0, 9, 9, 9];
        let row = Row::new(1, 8, 3).unwrap();
        assert_eq!(undo(data, 12, row), Ok(vec![1, 2, 3, 2, 3, 4, 9, 9, 9]));
    }

    #[test]
    fn png_sub_average_and_paeth() {
        let data = vec![1, 1, 1, 1, 3, 2, 2, 2, 4, 1, 1, 1];
        let row = Row::new(1, 8, 3).unwrap();
        assert_eq!(undo(data, 15, row), Ok(vec![1, 2, 3, 2, 4, 5, 3, 5, 6]));
    }

    #[test]
    fn hostile_parameters_allocate_nothing() {
        assert!(Row::new(1, 8, i64::MAX).is_err());
        assert!(Row::new(-1, 8, 4).is_err());
        assert!(Row::new(1, 7, 4).is_err());
        let row = Row::new(1, 8, 4).unwrap();
        assert_eq!(undo(vec![2], 12, row), Ok(vec![]));
        assert!(undo(vec![1], 99, row).is_err());
    }
}
