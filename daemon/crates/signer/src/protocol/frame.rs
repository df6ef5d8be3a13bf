//! Frames on the socket: a length of four bytes, big-endian, then that many bytes of JSON.

use std::io::{self, Read, Write};

use serde::{Serialize, de::DeserializeOwned};
use thiserror::Error;

/// Largest body of a frame, in bytes. A request carries at most [`super::MAX_TO_BE_SIGNED`] bytes,
/// twice as long in hex, and short texts.
pub const MAX_FRAME: usize = 256 * 1024;

/// Why a frame could not be read. The peer is at fault, save `Io`.
#[derive(Debug, Error)]
pub enum FrameError {
    /// The frame announces more than [`MAX_FRAME`] bytes.
    #[error("a frame of {0} bytes is over the limit of {MAX_FRAME}")]
    TooLong(usize),
    /// The stream ended inside a frame.
    #[error("the stream ended inside a frame")]
    Truncated,
    /// The body is not the message that was expected.
    #[error("the frame is not a message: {0}")]
    Malformed(#[from] serde_json::Error),
    /// The socket failed.
    #[error("the socket failed: {0}")]
    Io(#[source] io::Error),
}

/// Reads one message; `None` when the stream ended cleanly between two frames.
pub(crate) fn read_frame<T: DeserializeOwned>(
    stream: &mut impl Read,
) -> Result<Option<T>, FrameError> {
    let Some(header) = read_header(stream)? else { return Ok(None) };
    let length = u32::from_be_bytes(header) as usize;
    if length > MAX_FRAME {
        return Err(FrameError::TooLong(length));
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).map_err(within_frame)?;
    Ok(Some(serde_json::from_slice(&body)?))
}

/// Writes one message, in one write.
pub(crate) fn write_frame<T: Serialize>(
    stream: &mut impl Write,
    message: &T,
) -> Result<(), FrameError> {
    let frame = encode_frame(message)?;
    stream.write_all(&frame).map_err(FrameError::Io)
}

/// The bytes of one frame.
pub(crate) fn encode_frame<T: Serialize>(message: &T) -> Result<Vec<u8>, FrameError> {
    let mut frame = vec![0; 4];
    serde_json::to_writer(&mut frame, message)?;
    let length = frame.len() - 4;
    if length > MAX_FRAME {
        return Err(FrameError::TooLong(length));
    }
    frame[..4].copy_from_slice(&(length as u32).to_be_bytes());
    Ok(frame)
}

fn read_header(stream: &mut impl Read) -> Result<Option<[u8; 4]>, FrameError> {
    let mut header = [0; 4];
    let mut filled = 0;
    while filled < header.len() {
        match stream.read(&mut header[filled..]) {
            Ok(0) if filled == 0 => return Ok(None),
            Ok(0) => return Err(FrameError::Truncated),
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(FrameError::Io(error)),
        }
    }
    Ok(Some(header))
}

fn within_frame(error: io::Error) -> FrameError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => FrameError::Truncated,
        _ => FrameError::Io(error),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_message_reads_back_and_the_end_is_clean() {
        let mut wire = Vec::new();
        write_frame(&mut wire, &vec!["one", "two"]).unwrap();
        let mut reader = wire.as_slice();
        let read: Vec<String> = read_frame(&mut reader).unwrap().unwrap();
        assert_eq!(read, ["one", "two"]);
        assert!(read_frame::<Vec<String>>(&mut reader).unwrap().is_none());
    }

    #[test]
    fn a_huge_length_is_refused_before_memory_is_taken() {
        let mut reader = &[0xff, 0xff, 0xff, 0xff, b'x'][..];
        let refusal = read_frame::<String>(&mut reader).unwrap_err();
        assert!(matches!(refusal, FrameError::TooLong(_)));
        assert!(encode_frame(&"x".repeat(MAX_FRAME)).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]
        #[test]
        fn any_bytes_end_in_a_message_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..64)) {
            let mut reader = bytes.as_slice();
            while let Ok(Some(_)) = read_frame::<serde_json::Value>(&mut reader) {}
        }

        #[test]
        fn every_cut_of_a_frame_is_told_apart(cut in 1usize..11) {
            let wire = encode_frame(&"seven b").unwrap();
            let mut reader = &wire[..cut];
            prop_assert!(matches!(read_frame::<String>(&mut reader), Err(FrameError::Truncated)));
        }
    }
}
