//! The address of a document, out of a pattern and the facts of its dossier.

/// What a pattern can name.
pub(crate) struct Facts {
    pub(crate) societe: String,
    pub(crate) workflow: String,
    pub(crate) folder: String,
    pub(crate) name: String,
    pub(crate) dossier: String,
    /// Milliseconds since 1970.
    pub(crate) now_ms: u64,
}

/// The pattern with its names filled in, each escaped so that it stays one part of the path; the error
/// says what of it is not known.
pub(crate) fn filled(pattern: &str, facts: &Facts) -> Result<String, String> {
    filled_by(pattern, facts, escaped)
}

/// The pattern with its names filled in, each value in the form that `form` gives it.
pub(crate) fn filled_by(
    pattern: &str,
    facts: &Facts,
    form: impl Fn(&str) -> String,
) -> Result<String, String> {
    let mut pieces = pattern.split('{');
    let mut filled = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once('}').ok_or("a `{` without its `}`")?;
        let value = facts.value(name).ok_or_else(|| format!("{{{name}}} is not known"))?;
        filled.push_str(&form(&value));
        filled.push_str(rest);
    }
    Ok(filled)
}

impl Facts {
    fn value(&self, name: &str) -> Option<String> {
        let (year, month, day) = date(self.now_ms / 86_400_000);
        Some(match name {
            "societe" => self.societe.clone(),
            "workflow" => self.workflow.clone(),
            "folder" => self.folder.clone(),
            "name" => self.name.clone(),
            "stem" => self.name.rsplit_once('.').map_or(self.name.as_str(), |(s, _)| s).to_owned(),
            "dossier" => self.dossier.clone(),
            "year" => format!("{year:04}"),
            "month" => format!("{month:02}"),
            "day" => format!("{day:02}"),
            _ => return None,
        })
    }
}

/// RFC 3986 §2.3: all but unreserved bytes as `%XX`. A part is never `.` or `..`, which would climb.
fn escaped(part: &str) -> String {
    let dots = part.bytes().all(|c| c == b'.');
    let plain = |c: u8| {
        c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'~') || (c == b'.' && !dots)
    };
    part.bytes()
        .map(|c| if plain(c) { char::from(c).to_string() } else { format!("%{c:02X}") })
        .collect()
}

/// Year, month and day (UTC) of a number of days since 1970-01-01, by the civil calendar.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (era * 400 + year + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(name: &str) -> Facts {
        Facts {
            societe: "dupont".to_owned(),
            workflow: "attestation".to_owned(),
            folder: "fiscal".to_owned(),
            name: name.to_owned(),
            dossier: "D1".to_owned(),
            now_ms: 1_772_323_199_000,
        }
    }

    #[test]
    fn names_are_filled_in_and_stay_one_part() {
        let url = filled("https://g/{societe}/{year}-{month}-{day}/{stem}", &facts("a/../b é.pdf"));
        assert_eq!(url.as_deref(), Ok("https://g/dupont/2026-02-28/a%2F..%2Fb%20%C3%A9"));
        assert_eq!(filled("{name}", &facts("..")).as_deref(), Ok("%2E%2E"));
        assert!(filled("{client}", &facts("a")).is_err());
        assert!(filled("{name", &facts("a")).is_err());
    }

    #[test]
    fn dates_follow_the_calendar() {
        assert_eq!(date(0), (1970, 1, 1));
        assert_eq!(date(11_016), (2000, 2, 29));
        assert_eq!(date(11_017), (2000, 3, 1));
        assert_eq!(date(20_453), (2025, 12, 31));
        assert_eq!(date(20_454), (2026, 1, 1));
    }
}
