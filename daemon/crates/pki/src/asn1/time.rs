//! UTCTime and GeneralizedTime (RFC 5280 §4.1.2.5, RFC 3161 §2.4.2) as instants.

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};

use super::{Asn1Error, Tlv, tag, writer::tlv};

/// The time of a certificate or CRL: UTCTime through 2049, GeneralizedTime from 2050 on
/// (RFC 5280 §4.1.2.5). Fractions of a second are cut off.
pub(crate) fn x509_time(at: Timestamp) -> Vec<u8> {
    let time = at.to_zoned(TimeZone::UTC).datetime();
    if (1950..2050).contains(&time.year()) {
        tlv(tag::UTC_TIME, &digits(&time)[2..])
    } else {
        tlv(tag::GENERALIZED_TIME, &digits(&time))
    }
}

/// GeneralizedTime in DER, with at most milliseconds and no trailing zeros (X.690 §11.7).
pub(crate) fn generalized_time(at: Timestamp) -> Vec<u8> {
    let time = at.to_zoned(TimeZone::UTC).datetime();
    let mut text = digits(&time);
    let millis = time.subsec_nanosecond() / 1_000_000;
    if millis > 0 {
        text.pop();
        text.extend_from_slice(format!(".{millis:03}").trim_end_matches('0').as_bytes());
        text.push(b'Z');
    }
    tlv(tag::GENERALIZED_TIME, &text)
}

/// The instant that a UTCTime or GeneralizedTime names; it must be in UTC (`Z`).
pub(crate) fn parse_time(element: &Tlv<'_>) -> Result<Timestamp, Asn1Error> {
    let text = std::str::from_utf8(element.value).map_err(|_| MALFORMED)?;
    let text = text.strip_suffix('Z').ok_or(MALFORMED)?;
    match element.tag {
        tag::UTC_TIME => parse_utc(text),
        tag::GENERALIZED_TIME => parse_generalized(text),
        found => Err(Asn1Error::Unexpected { expected: tag::GENERALIZED_TIME, found }),
    }
}

const MALFORMED: Asn1Error = Asn1Error::Value("time");

fn digits(time: &DateTime) -> Vec<u8> {
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}Z",
        time.year(),
        time.month(),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
    .into_bytes()
}

fn parse_utc(text: &str) -> Result<Timestamp, Asn1Error> {
    let century =
        if text.as_bytes().first().is_some_and(|digit| *digit >= b'5') { "19" } else { "20" };
    match text.len() {
        12 => parse_digits(&format!("{century}{text}"), 0),
        // Seconds may be missing in BER.
        10 => parse_digits(&format!("{century}{text}00"), 0),
        _ => Err(MALFORMED),
    }
}

fn parse_generalized(text: &str) -> Result<Timestamp, Asn1Error> {
    match text.split_once(['.', ',']) {
        None => parse_digits(text, 0),
        Some((whole, fraction)) => parse_digits(whole, nanoseconds(fraction)?),
    }
}

fn nanoseconds(fraction: &str) -> Result<i32, Asn1Error> {
    if fraction.is_empty() || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(MALFORMED);
    }
    format!("{fraction:0<9}").parse().map_err(|_| MALFORMED)
}

fn parse_digits(text: &str, nanoseconds: i32) -> Result<Timestamp, Asn1Error> {
    if text.len() != 14 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(MALFORMED);
    }
    let two = |at: usize| text[at..at + 2].parse::<i8>().map_err(|_| MALFORMED);
    let year = text[..4].parse::<i16>().map_err(|_| MALFORMED)?;
    let time = DateTime::new(year, two(4)?, two(6)?, two(8)?, two(10)?, two(12)?, nanoseconds);
    let zoned = time.and_then(|time| time.to_zoned(TimeZone::UTC)).map_err(|_| MALFORMED)?;
    Ok(zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::asn1::Reader;

    fn back(bytes: &[u8]) -> Timestamp {
        parse_time(&Reader::new(bytes).next().unwrap()).unwrap()
    }

    #[test]
    fn times_come_back() {
        for text in ["2026-11-23T04:44:51Z", "2049-12-31T23:59:59Z", "2050-01-01T00:00:00Z"] {
            let at: Timestamp = text.parse().unwrap();
            assert_eq!(back(&x509_time(at)), at);
            assert_eq!(back(&generalized_time(at)), at);
        }
        let at: Timestamp = "2026-11-23T04:44:51.120Z".parse().unwrap();
        assert_eq!(generalized_time(at), b"\x18\x1220261123044451.12Z");
        assert_eq!(back(&generalized_time(at)), at);
    }

    #[test]
    fn malformed_times_are_refused() {
        for text in
            ["", "Z", "20261323044451Z", "2026112304445éZ", "20261123044451.Z", "+0261123044451Z"]
        {
            let element = tlv(tag::GENERALIZED_TIME, text.as_bytes());
            assert!(parse_time(&Reader::new(&element).next().unwrap()).is_err(), "{text}");
        }
    }
}
