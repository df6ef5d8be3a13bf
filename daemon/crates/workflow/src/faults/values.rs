//! Values that TOML has no type for: durations and sizes.

use std::time::Duration;

/// A duration of the form `500ms`, `30s`, `10min`, `2h`, `21d`; whole numbers only.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let (number, unit) = split_number(text)?;
    let milliseconds = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" | "j" => 86_400_000,
        _ => return None,
    };
    number.checked_mul(milliseconds).map(Duration::from_millis)
}

/// A size of the form `512`, `64KiB`, `10MiB`, `4GiB`, `1TiB`, `10MB`; in bytes.
pub fn parse_size(text: &str) -> Option<u64> {
    let (number, unit) = split_number(text)?;
    let bytes: u64 = match unit {
        "" | "B" => 1,
        "kB" | "KB" => 1_000,
        "KiB" => 1 << 10,
        "MB" => 1_000_000,
        "MiB" => 1 << 20,
        "GB" => 1_000_000_000,
        "GiB" => 1 << 30,
        "TB" => 1_000_000_000_000,
        "TiB" => 1 << 40,
        _ => return None,
    };
    number.checked_mul(bytes)
}

/// A duration as it would be written: `90s`, `2h`, `21d`.
pub(super) fn show_duration(duration: Duration) -> String {
    let milliseconds = duration.as_millis();
    let units = [(86_400_000, "d"), (3_600_000, "h"), (60_000, "min"), (1_000, "s")];
    show(milliseconds, &units, "ms", "0s")
}

/// A size as it would be written: `10MiB`.
pub(super) fn show_size(bytes: u64) -> String {
    let units = [(1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB")];
    show(u128::from(bytes), &units, "", "0")
}

/// In the largest unit that divides the number.
fn show(number: u128, units: &[(u128, &str)], smallest: &str, zero: &str) -> String {
    if number == 0 {
        return zero.to_owned();
    }
    match units.iter().find(|(size, _)| number.is_multiple_of(*size)) {
        Some((size, unit)) => format!("{}{unit}", number / size),
        None => format!("{number}{smallest}"),
    }
}

fn split_number(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number = text[..digits].parse().ok()?;
    Some((number, text[digits..].trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        assert_eq!(parse_duration("30s"), Some(Duration::from_secs(30)));
        assert_eq!(parse_duration("2 h"), Some(Duration::from_secs(7_200)));
        assert_eq!(parse_duration("21d"), Some(Duration::from_secs(21 * 86_400)));
        for bad in ["", "30", "s", "-1s", "1.5h", "1 week", "99999999999999999999s"] {
            assert_eq!(parse_duration(bad), None, "{bad}");
        }
    }

    #[test]
    fn bounds_are_shown_as_they_would_be_written() {
        for text in ["0s", "500ms", "90s", "2h", "21d"] {
            assert_eq!(parse_duration(text).map(show_duration).as_deref(), Some(text));
        }
        for text in ["0", "7", "64KiB", "16GiB", "1TiB"] {
            assert_eq!(parse_size(text).map(show_size).as_deref(), Some(text));
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(parse_size("64KiB"), Some(65_536));
        assert_eq!(parse_size("10 MB"), Some(10_000_000));
        assert_eq!(parse_size("2TB"), Some(2_000_000_000_000));
        assert_eq!(parse_size("7"), Some(7));
        for bad in ["", "MiB", "1TiBx", "18446744073709551615GiB"] {
            assert_eq!(parse_size(bad), None, "{bad}");
        }
    }
}
