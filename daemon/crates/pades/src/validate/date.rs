//! PDF dates (ISO 32000-2 §7.9.4).

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// The instant that `D:YYYYMMDDHHmmSSOHH'mm'` names. Parts may be missing from the right; without
/// an offset it is taken for UTC. None for anything else.
pub fn parse(text: &str) -> Option<Timestamp> {
    let text = text.strip_prefix("D:").unwrap_or(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (local, zone) = text.split_at(digits);
    if !(4..=14).contains(&digits) || digits % 2 == 1 {
        return None;
    }
    let part = |start: usize, missing: i8| -> Option<i8> {
        local.get(start..start + 2).map_or(Some(missing), |two| two.parse().ok())
    };
    let year = local.get(..4)?.parse().ok()?;
    let (month, day) = (part(4, 1)?, part(6, 1)?);
    let (hour, minute, second) = (part(8, 0)?, part(10, 0)?, part(12, 0)?);
    let civil = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    offset(zone)?.to_timestamp(civil).ok()
}

fn offset(zone: &str) -> Option<Offset> {
    let sign = match zone.bytes().next() {
        None | Some(b'Z') => return Some(Offset::UTC),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    let mut parts = zone[1..].split('\'');
    let number = |part: Option<&str>| -> Option<i32> {
        match part {
            None | Some("") => Some(0),
            Some(two) => two.parse().ok().filter(|n| (0..60).contains(n)),
        }
    };
    let (hours, minutes) = (number(parts.next())?, number(parts.next())?);
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Option<String> {
        parse(text).map(|timestamp| timestamp.to_string())
    }

    #[test]
    fn dates_of_all_customary_forms_are_read() {
        assert_eq!(utc("D:20260301123456Z").unwrap(), "2026-03-01T12:34:56Z");
        assert_eq!(utc("D:20260301123456Z00'00'").unwrap(), "2026-03-01T12:34:56Z");
        assert_eq!(utc("D:20260301123456+01'00'").unwrap(), "2026-03-01T11:34:56Z");
        assert_eq!(utc("D:20260301123456-05'30").unwrap(), "2026-03-01T18:04:56Z");
        assert_eq!(utc("20260301").unwrap(), "2026-03-01T00:00:00Z");
        assert_eq!(utc("D:2026").unwrap(), "2026-01-01T00:00:00Z");
    }

    #[test]
    fn anything_else_is_no_date() {
        for text in ["", "D:", "D:20261301", "D:2026030112345", "D:20260301123456é", "hier"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
