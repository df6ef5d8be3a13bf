//! Until when keys are accepted: a table with dates (ETSI TS 119 312 V1.5.1).
//!
//! What is not accepted at all (SHA-1, RSA below 2048 bits, DSA) is refused by the parsers of the
//! `pki` room already. A change of opinion about an algorithm is a change of a line here.

use jiff::Timestamp;
use jiff::civil::date;
use jiff::tz::TimeZone;
use sceau_pki::{Certificate, KeyKind};

/// One line of the table: from the day `until` on, in UTC, it is not accepted any more.
struct Line {
    what: &'static str,
    covers: fn(KeyKind) -> bool,
    until: (i16, i8, i8),
}

/// What has an end. Elliptic curves from 256 bits on, longer RSA keys and SHA-2 have none here.
const TABLE: [Line; 1] = [Line {
    what: "RSA below 3000 bits",
    covers: |key| matches!(key, KeyKind::Rsa { bits } if bits < 3000),
    until: (2029, 1, 1),
}];

/// When a kind of key stops being accepted; nothing where no end is known.
#[must_use]
pub fn accepted_until(key: KeyKind) -> Option<Timestamp> {
    TABLE.iter().filter(|line| (line.covers)(key)).filter_map(|line| end(line.until)).min()
}

/// Why a certificate's key is not accepted at a moment; nothing where it is.
pub(crate) fn refusal(certificate: &Certificate, at: Timestamp) -> Option<String> {
    refusal_of(certificate.public_key().ok()?, at)
}

fn refusal_of(key: KeyKind, at: Timestamp) -> Option<String> {
    let ended = |line: &&Line| (line.covers)(key) && end(line.until).is_some_and(|end| at >= end);
    let line = TABLE.iter().find(ended)?;
    let (year, month, day) = line.until;
    Some(format!("{} is not accepted since {year:04}-{month:02}-{day:02}", line.what))
}

fn end((year, month, day): (i16, i8, i8)) -> Option<Timestamp> {
    let midnight = date(year, month, day).to_zoned(TimeZone::UTC).ok()?;
    Some(midnight.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_rsa_keys_end_and_others_do_not_yet() {
        let short = KeyKind::Rsa { bits: 2048 };
        let end: Timestamp = "2029-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(accepted_until(short), Some(end));
        assert!(refusal_of(short, end).is_some());
        assert_eq!(refusal_of(short, end - jiff::SignedDuration::from_secs(1)), None);
        for long in [KeyKind::Rsa { bits: 3072 }, KeyKind::EcP256, KeyKind::EcP384] {
            assert_eq!(accepted_until(long), None);
            assert_eq!(refusal_of(long, "2099-01-01T00:00:00Z".parse().unwrap()), None);
        }
    }
}
