//! Flate within bounds (ISO 32000-2, 7.4.4).

use super::FilterError;
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};

const STEP: usize = 64 << 10;

/// Inflates `data` to at most `limit` bytes. Data that ends early or has a wrong checksum gives what
/// was there, as readers in the field do, unless it is nothing.
pub(super) fn decode(data: &[u8], limit: usize) -> Result<Vec<u8>, FilterError> {
    let mut inflate = Decompress::new(true);
    let mut out = Vec::new();
    loop {
        if out.len() > limit {
            return Err(FilterError::TooLong);
        }
        out.reserve(STEP.min(data.len() * 4 + 64));
        let (consumed, before) = (inflate.total_in() as usize, out.len());
        let rest = &data[consumed.min(data.len())..];
        let status = inflate.decompress_vec(rest, &mut out, FlushDecompress::None);
        let moved = inflate.total_in() as usize > consumed || out.len() > before;
        match status {
            Ok(Status::Ok | Status::BufError) if moved => {}
            Ok(Status::StreamEnd) => return within(out, limit),
            Ok(_) | Err(_) if out.is_empty() && !data.is_empty() => {
                return Err(FilterError::Damaged("compressed data that does not inflate"));
            }
            Ok(_) | Err(_) => return within(out, limit),
        }
    }
}

/// Inflates `data` to at most `limit` bytes, where it is whole, with the right checksum, and nothing but an
/// end of line stands behind it; none otherwise.
pub(crate) fn decode_whole(data: &[u8], limit: usize) -> Option<Vec<u8>> {
    let mut inflate = Decompress::new(true);
    let mut out = Vec::new();
    loop {
        out.reserve(STEP);
        let (consumed, before) = (inflate.total_in() as usize, out.len());
        let rest = data.get(consumed..)?;
        let status = inflate.decompress_vec(rest, &mut out, FlushDecompress::None).ok()?;
        let moved = inflate.total_in() as usize > consumed || out.len() > before;
        if status == Status::StreamEnd {
            let behind = data.get(inflate.total_in() as usize..)?;
            return (out.len() <= limit && matches!(behind, b"" | b"\n" | b"\r" | b"\r\n"))
                .then_some(out);
        }
        if !moved || out.len() > limit {
            return None;
        }
    }
}

fn within(out: Vec<u8>, limit: usize) -> Result<Vec<u8>, FilterError> {
    if out.len() > limit { Err(FilterError::TooLong) } else { Ok(out) }
}

/// Deflates `data`, in the zlib form that `/FlateDecode` reads.
pub(crate) fn encode(data: &[u8]) -> Vec<u8> {
    let mut deflate = Compress::new(Compression::default(), true);
    let mut out = Vec::with_capacity(data.len() / 2 + 64);
    loop {
        let rest = &data[deflate.total_in() as usize..];
        let status = deflate.compress_vec(rest, &mut out, FlushCompress::Finish);
        match status {
            Ok(Status::StreamEnd) => return out,
            _ => out.reserve(STEP),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_whole_inflates_for_all_readers() {
        let data = vec![7; 100_000];
        let whole = encode(&data);
        assert_eq!(decode_whole(&whole, data.len()), Some(data.clone()));
        assert_eq!(decode_whole(&[&whole[..], b"\r\n"].concat(), data.len()), Some(data.clone()));
        assert_eq!(decode_whole(&whole, data.len() - 1), None, "too long");
        assert_eq!(decode_whole(&[&whole[..], b"x"].concat(), data.len()), None, "more behind");
        assert_eq!(decode_whole(&whole[..whole.len() - 1], data.len()), None, "cut off");
        let mut wrong = whole;
        *wrong.last_mut().unwrap() ^= 1;
        assert_eq!(decode_whole(&wrong, data.len()), None, "another checksum");
        assert_eq!(decode(&wrong, data.len()), Ok(data), "which lenient readers pass over");
    }

    #[test]
    fn what_is_deflated_inflates() {
        for len in [0, 1, 1000, 300_000] {
            let data: Vec<u8> = (0..len).map(|at: u32| (at.wrapping_mul(at) >> 3) as u8).collect();
            assert_eq!(decode(&encode(&data), len as usize), Ok(data));
        }
    }

    #[test]
    fn a_bomb_ends_at_the_limit() {
        let bomb = encode(&vec![0; 32 << 20]);
        assert!(bomb.len() < 64 << 10);
        assert_eq!(decode(&bomb, 1 << 20), Err(FilterError::TooLong));
    }

    #[test]
    fn a_cut_stream_gives_what_it_has() {
        let data = b"0123456789".repeat(1000);
        let cut = encode(&data);
        let found = decode(&cut[..cut.len() - 4], 1 << 20).unwrap();
        assert_eq!(found, data);
        assert!(decode(b"not zlib at all", 100).is_err());
    }
}
