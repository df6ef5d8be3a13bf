//! How a moment is shown to a person at a terminal.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// The moment on this machine's clock, to the second, with the name of the clock's zone: reasons tell
/// the time of Paris, and a server's clock is often set to UTC.
pub(crate) fn local(at: Timestamp) -> String {
    let system = Some(TimeZone::system()).filter(|zone| !zone.is_unknown());
    shown(at, system.unwrap_or(TimeZone::UTC))
}

fn shown(at: Timestamp, zone: TimeZone) -> String {
    at.to_zoned(zone).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_tells_its_zone_and_no_fraction() {
        let at: Timestamp = "2026-11-26T21:03:34.972303389Z".parse().unwrap();
        assert_eq!(shown(at, TimeZone::UTC), "2026-11-26 21:03:34 UTC");
        let paris = TimeZone::get("Europe/Paris").unwrap();
        assert_eq!(shown(at, paris), "2026-11-26 22:03:34 CET");
    }
}
