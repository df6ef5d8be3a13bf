//! Numbers as people and formats write them.

use super::format::Call;
use super::squash;

/// How a format writes numbers.
#[derive(Default)]
pub(super) struct Numbers {
    /// The whole script: what sign for money it may add.
    script: String,
    /// As many digits behind the point; none where the script tells it in its own way.
    decimals: Option<usize>,
    /// What it writes before or behind a number.
    money: String,
    /// Brackets stand around what is less than nothing.
    brackets: bool,
    percent: bool,
}

impl Numbers {
    pub(super) fn of(script: &str, call: Option<Call>) -> Self {
        let own = Self {
            script: script.to_lowercase(),
            percent: script.contains("Percent"),
            ..Self::default()
        };
        match call {
            Some(call) if call.name == "AFNumber_Format" => Self {
                decimals: call.index(0),
                money: squash(call.text(4).unwrap_or_default()),
                brackets: matches!(call.index(2), Some(2 | 3)),
                ..own
            },
            Some(call) if call.name == "AFPercent_Format" => {
                Self { decimals: call.index(0), ..own }
            }
            _ => own,
        }
    }

    /// Whether both are one number, rounded where the format rounds; a sign for money or share, where the
    /// value has none, is the format's.
    pub(super) fn write(&self, shown: &str, value: &str) -> bool {
        let (Some((shown, sign)), Some((value, own))) = (self.shown(shown), self.value(value))
        else {
            return false;
        };
        let alike = |shown: f64, value: f64| {
            let step = self.decimals.map_or(0.0, |places| 0.5 * 0.1f64.powi(places.min(20) as i32));
            (shown - value).abs() <= step * (1.0 + 1e-9) + value.abs() * 1e-14
        };
        match (sign, own) {
            (Some('%'), None) => self.percent && alike(shown, value * 100.0),
            (Some(sign), None) => self.adds(sign) && alike(shown, value),
            (sign, own) => sign == own && alike(shown, value),
        }
    }

    fn adds(&self, sign: char) -> bool {
        let escaped = format!("\\u{:04x}", u32::from(sign));
        self.script.contains(sign) || self.script.contains(&escaped)
    }

    fn shown(&self, text: &str) -> Option<(f64, Option<char>)> {
        let inner = text.strip_prefix('(').and_then(|text| text.strip_suffix(')'));
        match inner.filter(|_| self.brackets) {
            Some(inner) => {
                let (number, sign) = number(self.bare(inner), self.decimals)?;
                (number >= 0.0).then_some((-number, sign))
            }
            None => number(self.bare(text), self.decimals),
        }
    }

    /// A lone point or comma of a value stands before its decimals, however many they are.
    fn value(&self, text: &str) -> Option<(f64, Option<char>)> {
        let text = self.bare(text);
        let lone = text.matches([',', '.']).count() == 1;
        number(text, if lone && self.decimals.is_some() { Some(usize::MAX) } else { None })
    }

    /// Without the money of the format.
    fn bare<'t>(&self, text: &'t str) -> &'t str {
        let money = self.money.as_str();
        let bare = text.strip_prefix(money).or_else(|| text.strip_suffix(money));
        bare.filter(|_| !money.is_empty()).unwrap_or(text)
    }
}

/// A number, and its sign for money or share. The last point or comma stands before at most so many
/// decimals, two where nobody says; any before it parts thousands.
fn number(text: &str, decimals: Option<usize>) -> Option<(f64, Option<char>)> {
    const SIGNS: &str = "€$£¥%";
    let mut signs = text.chars().filter(|c| SIGNS.contains(*c));
    let (sign, more) = (signs.next(), signs.next());
    let digits: String = text.chars().filter(|c| !SIGNS.contains(*c) && *c != '\'').collect();
    let most = decimals.unwrap_or(2);
    let decimal = digits.rfind([',', '.']).filter(|at| most > 0 && digits.len() - at - 1 <= most);
    let plain: String = digits
        .char_indices()
        .filter_map(|(at, c)| match c {
            ',' | '.' if Some(at) == decimal => Some('.'),
            ',' | '.' => None,
            c => Some(c),
        })
        .collect();
    let digits = plain.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | '-' | '+'));
    (more.is_none() && digits).then(|| plain.parse().ok().map(|number| (number, sign)))?
}

#[cfg(test)]
mod tests {
    use super::super::format::Format;
    use super::*;

    fn written(shown: &str, value: &str, script: &str) -> bool {
        Format::of(script, None).writes(&squash(shown), value)
    }

    #[test]
    fn a_number_is_written_as_the_signed_format_says() {
        let euro = "AFNumber_Format(2, 2, 0, 0, \" \\u20AC\", false);";
        assert!(written("1 234,50 €", "1234.5", euro) && written("1.234,50", "1234.50", euro));
        assert!(!written("1 234,50", "123450", euro), "another number");
        assert!(!written("1 234,50 $", "1234.5", euro), "another currency");
        assert!(!written("$100", "€100", euro));
        assert!(written("50%", "0.5", "AFPercent_Format(0, 0);"));
        assert!(!written("50%", "50", "AFPercent_Format(0, 0);"));
        assert!(!written("inf", "infinity", euro));
        assert!(written("1 234,50 €", "1234,5", "event.value = montant(event.value) + ' €'"));
    }

    #[test]
    fn a_number_is_rounded_as_far_as_the_format_says() {
        let format = "AFNumber_Format(2, 2, 2, 0, \"CHF\", true)";
        assert!(written("CHF1.234,57", "1234.567", format));
        assert!(!written("CHF1.234,56", "1234.567", format));
        assert!(written("1,23", "1.234", format));
        assert!(!written("1.234,00", "1.234", format), "a thousand times as much");
        assert!(written("(CHF 5,00)", "-5", format) && !written("(CHF 5,00)", "5", format));
        assert!(!written("(5,00)", "-5", "AFNumber_Format(2, 2, 0, 0, \"\", true)"));
        assert!(written("12,35%", "0.12345", "AFPercent_Format(2, 2)"));
        assert!(!written("12,36%", "0.12345", "AFPercent_Format(2, 2)"));
        assert!(!written("1.235", "1.235", "AFNumber_Format(0, 2, 0, 0, \"\", true)"));
    }
}
