//! Dates and times as the formats of forms write them: `dd/mm/yyyy`, `d mmmm yyyy`, `h:MM tt`.

use jiff::civil::Date;

use super::squash;

/// Most letters of a pattern.
const MAX_PATTERN: usize = 64;

/// What one place of a pattern stands for.
#[derive(Clone, Copy, PartialEq)]
enum Part {
    /// One of `dmyHhMst`, so many times: `mm` is a month in two digits, `mmmm` its name.
    Field(char, usize),
    Sign(char),
}

/// The form of a date or a time.
#[derive(Clone)]
pub(super) struct Pattern(Vec<Part>);

/// What of a date and a time was read.
#[derive(Default)]
pub(super) struct Moment {
    year: Option<i16>,
    month: Option<i8>,
    day: Option<i8>,
    hour: Option<i8>,
    minute: Option<i8>,
    second: Option<i8>,
    afternoon: Option<bool>,
}

impl Pattern {
    /// The longest field at each place; one behind a backslash is a sign.
    pub(super) fn of(text: &str) -> Self {
        let text: Vec<char> = text.chars().take(MAX_PATTERN).collect();
        let (mut parts, mut at) = (Vec::new(), 0);
        while let Some(letter) = text.get(at) {
            let alike = text[at..].iter().take_while(|other| *other == letter).count();
            let width = width(*letter, alike);
            let part = match (letter, width) {
                ('\\', _) => text.get(at + 1).map_or(Part::Sign('\\'), |sign| Part::Sign(*sign)),
                (letter, 0) => Part::Sign(*letter),
                (letter, width) => Part::Field(*letter, width),
            };
            parts.push(part);
            at += if *letter == '\\' { 2 } else { width.max(1) };
        }
        Self(parts)
    }

    /// What `value` says, its numbers in the order of the pattern and each in its range; a month may be
    /// named. None where it has more or less than the pattern, but for seconds.
    pub(super) fn read(&self, value: &str) -> Option<Moment> {
        let mut moment = Moment::default();
        let mut numbers = Vec::new();
        for word in words(value) {
            if word.starts_with(|c: char| c.is_ascii_digit()) {
                numbers.push(word);
            } else {
                moment.name(&word.to_lowercase())?;
            }
        }
        let order = self.order(moment.month.is_some());
        let least = order.len() - usize::from(order.last() == Some(&'s'));
        let fits = !order.is_empty() && (least..=order.len()).contains(&numbers.len());
        let mut read = order.iter().zip(numbers);
        (fits && read.all(|(field, digits)| moment.set(*field, digits))).then_some(())?;
        moment.is_one().then_some(moment)
    }

    /// The fields that are numbers. A time may be told with its seconds though the pattern has none.
    fn order(&self, month_is_named: bool) -> Vec<char> {
        let mut order: Vec<char> = Vec::new();
        for part in &self.0 {
            match part {
                Part::Field('d', 3..) | Part::Field('t', _) | Part::Sign(_) => {}
                Part::Field('m', _) if month_is_named => {}
                Part::Field(field, _) if !order.contains(field) => order.push(*field),
                Part::Field(..) => {}
            }
        }
        if order.last() == Some(&'M') {
            order.push('s');
        }
        order
    }

    /// Whether `shown`, white space left out, is what it makes of a moment, with the names of a language.
    pub(super) fn writes(&self, shown: &str, moment: &Moment) -> bool {
        let shown = shown.to_lowercase();
        let told = |names: &Names| -> Option<String> {
            self.0.iter().map(|part| moment.part(*part, names)).collect()
        };
        LANGUAGES.iter().filter_map(told).any(|told| squash(&told).to_lowercase() == shown)
    }
}

/// How many of so many equal letters are one field; 0 where the letter is none.
fn width(letter: char, alike: usize) -> usize {
    match letter {
        'd' | 'm' => alike.min(4),
        'y' if alike >= 4 => 4,
        'y' => alike / 2 * 2,
        'H' | 'h' | 'M' | 's' | 't' => alike.min(2),
        _ => 0,
    }
}

/// Numbers and words.
fn words(value: &str) -> Vec<&str> {
    let kind = |c: char| (c.is_ascii_digit(), c.is_alphabetic());
    let mut words = Vec::new();
    let mut rest = value;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c| kind(c) != kind(first)).unwrap_or(rest.len());
        words.extend((kind(first) != (false, false)).then(|| &rest[..end]));
        rest = &rest[end..];
    }
    words
}

impl Moment {
    /// Takes up a month or a half of the day; none for any other word.
    fn name(&mut self, word: &str) -> Option<()> {
        let half = match word {
            "am" | "a" => Some(false),
            "pm" | "p" => Some(true),
            _ => None,
        };
        if let (Some(half), None) = (half, self.afternoon) {
            self.afternoon = Some(half);
            return Some(());
        }
        let known = |month: &(&str, &str)| month.0 == word || month.1.trim_end_matches('.') == word;
        let month = LANGUAGES.iter().find_map(|names| names.months.iter().position(known))?;
        self.month.replace(month as i8 + 1).is_none().then_some(())
    }

    fn set(&mut self, field: char, digits: &str) -> bool {
        let number = digits.parse::<i16>().ok();
        let small = || number.filter(|_| digits.len() <= 2).and_then(|n| i8::try_from(n).ok());
        match field {
            'y' => self.year = number.and_then(|year| of_century(year, digits.len())),
            'm' => self.month = small(),
            'd' => self.day = small(),
            'H' | 'h' => self.hour = small().and_then(|hour| self.of_day(hour)),
            'M' => self.minute = small().filter(|minute| *minute < 60),
            _ => self.second = small().filter(|second| *second < 60),
        }
        let set = [self.month, self.day, self.hour, self.minute, self.second];
        let at = "mdHMs".find(if field == 'h' { 'H' } else { field });
        at.map_or(self.year.is_some(), |at| set[at].is_some())
    }

    fn of_day(&self, hour: i8) -> Option<i8> {
        match self.afternoon {
            None => (0..24).contains(&hour).then_some(hour),
            Some(afternoon) => {
                (1..=12).contains(&hour).then(|| hour % 12 + if afternoon { 12 } else { 0 })
            }
        }
    }

    /// Whether there is such a day.
    fn is_one(&self) -> bool {
        self.date().is_some()
    }

    fn date(&self) -> Option<Date> {
        let (month, day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        // Without a year any day will do that some year has.
        Date::new(self.year.unwrap_or(2000), month, day).ok()
    }

    fn part(&self, part: Part, names: &Names) -> Option<String> {
        let (field, width) = match part {
            Part::Sign(sign) => return Some(sign.to_string()),
            Part::Field(field, width) => (field, width),
        };
        let number = match (field, width) {
            ('m', 3..) => return named(names.months.get(self.month? as usize - 1)?, width),
            ('d', 3..) => {
                self.year.and(self.month).and(self.day)?;
                let day = self.date()?.weekday().to_sunday_zero_offset();
                return named(names.days.get(day as usize)?, width);
            }
            ('t', _) => {
                return Some(["am", "pm"][usize::from(self.hour? >= 12)][..width].to_owned());
            }
            ('y', 2) => self.year? % 100,
            ('y', _) => self.year?,
            ('m', _) => self.month?.into(),
            ('d', _) => self.day?.into(),
            ('H', _) => self.hour?.into(),
            ('h', _) => ((self.hour? + 11) % 12 + 1).into(),
            ('M', _) => self.minute?.into(),
            _ => self.second.unwrap_or(0).into(),
        };
        Some(format!("{number:0width$}"))
    }
}

/// Years of two digits are those from 1950 to 2049.
fn of_century(year: i16, digits: usize) -> Option<i16> {
    match digits {
        2 => Some(year + if year < 50 { 2000 } else { 1900 }),
        4 => Some(year),
        _ => None,
    }
}

fn named((whole, short): &(&str, &str), width: usize) -> Option<String> {
    Some(if width == 4 { whole } else { short }.to_string())
}

/// Whole names and short ones, small.
struct Names {
    months: [(&'static str, &'static str); 12],
    /// From Sunday on.
    days: [(&'static str, &'static str); 7],
}

/// English as all programs write it; French with its points, and without.
#[rustfmt::skip]
const LANGUAGES: [Names; 3] = [
    Names {
        months: [
            ("january", "jan"), ("february", "feb"), ("march", "mar"), ("april", "apr"), ("may", "may"),
            ("june", "jun"), ("july", "jul"), ("august", "aug"), ("september", "sep"), ("october", "oct"),
            ("november", "nov"), ("december", "dec"),
        ],
        days: [
            ("sunday", "sun"), ("monday", "mon"), ("tuesday", "tue"), ("wednesday", "wed"),
            ("thursday", "thu"), ("friday", "fri"), ("saturday", "sat"),
        ],
    },
    Names {
        months: [
            ("janvier", "janv."), ("février", "févr."), ("mars", "mars"), ("avril", "avr."), ("mai", "mai"),
            ("juin", "juin"), ("juillet", "juil."), ("août", "août"), ("septembre", "sept."),
            ("octobre", "oct."), ("novembre", "nov."), ("décembre", "déc."),
        ],
        days: [
            ("dimanche", "dim."), ("lundi", "lun."), ("mardi", "mar."), ("mercredi", "mer."),
            ("jeudi", "jeu."), ("vendredi", "ven."), ("samedi", "sam."),
        ],
    },
    Names {
        months: [
            ("janvier", "janv"), ("février", "févr"), ("mars", "mars"), ("avril", "avr"), ("mai", "mai"),
            ("juin", "juin"), ("juillet", "juil"), ("août", "août"), ("septembre", "sept"),
            ("octobre", "oct"), ("novembre", "nov"), ("décembre", "déc"),
        ],
        days: [
            ("dimanche", "dim"), ("lundi", "lun"), ("mardi", "mar"), ("mercredi", "mer"), ("jeudi", "jeu"),
            ("vendredi", "ven"), ("samedi", "sam"),
        ],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    fn written(pattern: &str, value: &str, shown: &str) -> bool {
        let pattern = Pattern::of(pattern);
        pattern.read(value).is_some_and(|moment| pattern.writes(&squash(shown), &moment))
    }

    #[test]
    fn every_field_of_a_pattern_is_written() {
        for (pattern, value, shown) in [
            ("d/m/yy", "12/03/2026", "12/3/26"),
            ("dd-mm-yyyy", "1.2.85", "01-02-1985"),
            ("dddd d mmmm yyyy", "12/3/2026", "jeudi 12 mars 2026"),
            ("ddd d mmm yyyy", "1/8/2026", "Sat 1 Aug 2026"),
            ("d mmm yyyy", "1/2/2026", "1 févr. 2026"),
            ("d mmm yyyy", "1/2/2026", "1 févr 2026"),
            ("dd mmmm yyyy", "12 March 2026", "12 mars 2026"),
            ("mmm-yy", "3/2026", "Mar-26"),
            ("yyyy-mm-dd", "2026-3-1", "2026-03-01"),
            ("HH:MM", "9:05", "09:05"),
            ("HH:MM", "9:05:59", "09:05"),
            ("HH:MM:ss", "9:05", "09:05:00"),
            ("h:MM tt", "2:05 PM", "2:05 pm"),
            ("h:MM tt", "00:05", "12:05 am"),
            ("m/d/yy h:MM tt", "3/12/26 14:05", "3/12/26 2:05 pm"),
            ("\\d\\: dd/mm", "12/3", "d: 12/03"),
        ] {
            assert!(written(pattern, value, shown), "{shown} for {value} in {pattern}");
        }
    }

    #[test]
    fn another_moment_is_not_it_and_what_is_none_is_not_read() {
        for (value, shown) in [
            ("12/03/2026", "12/08/2026"),
            ("12/03/2026", "03/12/2026"),
            ("12/03/26", "12/03/1926"),
            ("12/03/2026", "12/03/26"),
            ("31/02/2026", "31/02/2026"),
            ("12/13/2026", "12/13/2026"),
            ("12/03", "12/03/2026"),
            ("12/03/2026/1", "12/03/2026"),
            ("1203/03/2026", "03/03/2026"),
            ("12/003/2026", "12/03/2026"),
            ("le 12/03/2026", "12/03/2026"),
            ("12 mars avril 2026", "12/04/2026"),
            ("", "01/01/2000"),
            ("-", "01/01/2000"),
        ] {
            assert!(!written("dd/mm/yyyy", value, shown), "{shown} for {value}");
        }
        assert!(!written("dddd d mmmm yyyy", "12/3/2026", "lundi 12 mars 2026"), "another day");
        assert!(!written("HH:MM", "25:00", "25:00") && !written("h:MM tt", "13:05 pm", "1:05 pm"));
        assert!(!written("", "", "") && !written("yyy", "26", "26"));
    }
}
