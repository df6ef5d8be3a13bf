//! What a signed field's own action makes of its value before it is shown (ISO 32000-2 §12.6.3, §12.7.6.3).
//!
//! The action is a script. Those that forms have call one function of a library that every reader with
//! scripts brings along; no standard describes it. Only a script that is one such call is understood.

use super::moment::Pattern;
use super::number::Numbers;
use super::squash;

/// Most bytes of a script that are looked at.
const MAX_SCRIPT: usize = 4_096;

/// How a field writes its value.
pub(super) enum Format {
    Number(Numbers),
    /// A date or a time, and the patterns by which its value is read.
    Moment {
        written: Pattern,
        read: Vec<Pattern>,
    },
    /// Digits in one of these masks, in which a 9 stands for any digit.
    Masks(&'static [&'static str]),
}

impl Format {
    /// By the script that formats, and the one that looks at what is typed.
    pub(super) fn of(format: &str, keystroke: Option<&str>) -> Self {
        let call = call(format);
        if let Some(written) = call.as_ref().and_then(pattern) {
            let typed = keystroke.and_then(self::call).as_ref().and_then(pattern);
            let read = [Some(written.clone()), typed].into_iter().flatten().collect();
            return Self::Moment { written, read };
        }
        match call.as_ref().and_then(masks) {
            Some(masks) => Self::Masks(masks),
            None => Self::Number(Numbers::of(format, call)),
        }
    }

    /// Whether `shown`, white space left out, is what it makes of `value`.
    pub(super) fn writes(&self, shown: &str, value: &str) -> bool {
        match self {
            Self::Number(numbers) => numbers.write(shown, &squash(value)),
            Self::Moment { written, read } => {
                let moments = read.iter().filter_map(|pattern| pattern.read(value));
                moments.into_iter().any(|moment| written.writes(shown, &moment))
            }
            Self::Masks(masks) => masks.iter().any(|mask| is_masked(shown, value, mask)),
        }
    }
}

/// The pattern of a call for dates or times; where it is told by its number, that is one of a list.
fn pattern(call: &Call) -> Option<Pattern> {
    const DATES: [&str; 14] = [
        "m/d",
        "m/d/yy",
        "mm/dd/yy",
        "mm/yy",
        "d-mmm",
        "d-mmm-yy",
        "dd-mmm-yy",
        "yy-mm-dd",
        "mmm-yy",
        "mmmm-yy",
        "mmm d, yyyy",
        "mmmm d, yyyy",
        "m/d/yy h:MM tt",
        "m/d/yy HH:MM",
    ];
    const TIMES: [&str; 4] = ["HH:MM", "h:MM tt", "HH:MM:ss", "h:MM:ss tt"];
    let listed = |list: &[&'static str]| list.get(call.index(0)?).copied().map(Pattern::of);
    match call.name.as_str() {
        "AFDate_FormatEx" | "AFTime_FormatEx" | "AFDate_KeystrokeEx" => {
            Some(Pattern::of(call.text(0)?))
        }
        "AFDate_Format" | "AFDate_Keystroke" => listed(&DATES),
        "AFTime_Format" | "AFTime_Keystroke" => listed(&TIMES),
        _ => None,
    }
}

/// Postal codes, numbers of telephones and of the social security, as in the United States.
fn masks(call: &Call) -> Option<&'static [&'static str]> {
    const MASKS: [&[&str]; 4] =
        [&["99999"], &["99999-9999"], &["(999)999-9999", "999-9999"], &["999-99-9999"]];
    (call.name == "AFSpecial_Format").then(|| call.index(0))?.and_then(|at| MASKS.get(at).copied())
}

/// Whether both are the same digits, as many as the mask has.
fn is_masked(shown: &str, value: &str, mask: &str) -> bool {
    let sign = |c: &char| !c.is_ascii_digit();
    let plain = value.chars().filter(sign).all(|c| " ()-./".contains(c));
    let mut digits = value.chars().filter(char::is_ascii_digit);
    let written: Option<String> =
        mask.chars().map(|c| if c == '9' { digits.next() } else { Some(c) }).collect();
    plain && digits.next().is_none() && written.is_some_and(|written| written == shown)
}

/// One call of one function.
pub(super) struct Call {
    pub(super) name: String,
    arguments: Vec<Argument>,
}

enum Argument {
    Number(f64),
    Text(String),
    Other,
}

impl Call {
    /// A number from 0 among the arguments.
    pub(super) fn index(&self, at: usize) -> Option<usize> {
        match self.arguments.get(at) {
            Some(Argument::Number(number)) if number.fract() == 0.0 && *number >= 0.0 => {
                Some(*number as usize)
            }
            _ => None,
        }
    }

    pub(super) fn text(&self, at: usize) -> Option<&str> {
        match self.arguments.get(at) {
            Some(Argument::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// The call that `script` is, with literal arguments and nothing before or behind it.
fn call(script: &str) -> Option<Call> {
    let script = Some(script).filter(|script| script.len() <= MAX_SCRIPT)?.trim();
    let script = script.trim_end_matches(';').trim_end();
    let (name, rest) = script.strip_suffix(')')?.split_once('(')?;
    let name = name.trim();
    let known =
        name.starts_with("AF") && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let mut rest = rest.trim_start();
    let mut arguments = Vec::new();
    while known && !rest.is_empty() {
        let (argument, behind) = argument(rest)?;
        arguments.push(argument);
        rest = match behind.trim_start() {
            "" => "",
            behind => behind.strip_prefix(',')?.trim_start(),
        };
    }
    known.then(|| Call { name: name.to_owned(), arguments })
}

fn argument(text: &str) -> Option<(Argument, &str)> {
    if let Some(quote) = text.chars().next().filter(|c| matches!(c, '"' | '\'')) {
        return literal(&text[1..], quote).map(|(text, rest)| (Argument::Text(text), rest));
    }
    let end = text.find([',', '(', ')']).unwrap_or(text.len());
    let (word, rest) = text.split_at(end);
    let argument = match word.trim() {
        "true" | "false" => Argument::Other,
        word => Argument::Number(word.parse().ok().filter(|number: &f64| number.is_finite())?),
    };
    Some((argument, rest))
}

/// The text of a literal whose first quote is read, and what stands behind its last one.
fn literal(text: &str, quote: char) -> Option<(String, &str)> {
    let (mut read, mut rest) = (String::new(), text.chars());
    loop {
        match rest.next()? {
            end if end == quote => return Some((read, rest.as_str())),
            '\\' => {
                let escaped = match rest.next()? {
                    'u' => coded(&mut rest, 4)?,
                    'x' => coded(&mut rest, 2)?,
                    'n' => '\n',
                    't' => '\t',
                    other => other,
                };
                read.push(escaped);
            }
            plain => read.push(plain),
        }
    }
}

fn coded(rest: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let code = rest.as_str().get(..digits)?;
    *rest = rest.as_str()[digits..].chars();
    u32::from_str_radix(code, 16).ok().and_then(char::from_u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writes(format: &str, shown: &str, value: &str) -> bool {
        Format::of(format, None).writes(&squash(shown), value)
    }

    #[test]
    fn a_date_is_written_as_the_signed_format_says() {
        let french = "AFDate_FormatEx(\"dd/mm/yyyy\");";
        assert!(writes(french, "12/03/2026", "12.3.26"));
        assert!(writes(french, "12/03/2026", "12 mars 2026"));
        assert!(!writes(french, "12/08/2026", "12/03/2026"), "another month");
        assert!(!writes(french, "03/12/2026", "12/03/2026"), "the other way round");
        assert!(writes("AFDate_Format(2)", "03/12/26", "3/12/2026"));
        assert!(!writes("AFDate_Format(99)", "03/12/26", "3/12/2026"));
        assert!(writes("AFTime_Format( 1 ) ;", "2:05 pm", "14:05"));
        assert!(!writes("AFTime_Format(1)", "2:05 am", "14:05"));
    }

    #[test]
    fn what_is_typed_has_an_order_of_its_own_where_the_form_says_so() {
        let typed = Some("AFDate_KeystrokeEx('mm/dd/yyyy')");
        let format = Format::of("AFDate_FormatEx('dd mmmm yyyy')", typed);
        assert!(format.writes("12mars2026", "03/12/2026"), "as it is typed");
        assert!(format.writes("03décembre2026", "03/12/2026"), "as it is written");
        assert!(!format.writes("13mars2026", "03/12/2026"));
    }

    #[test]
    fn only_one_call_with_its_arguments_is_understood() {
        for script in [
            "AFDate_FormatEx(\"dd/mm/yyyy\"); event.value = '12/08/2026'",
            "event.value = AFDate_FormatEx(\"dd/mm/yyyy\")",
            "AFDate_FormatEx(format)",
            "AFDate_FormatEx(\"dd/mm/yyyy)",
            "AFDate_FormatEx(\"dd\" \"/mm/yyyy\")",
            "if (true) AFDate_FormatEx(\"dd/mm/yyyy\")",
        ] {
            assert!(!writes(script, "12/03/2026", "12.3.26"), "{script}");
        }
        assert!(writes("AFDate_FormatEx(\"d\\u002Fm\\x2fyy\")", "12/3/26", "12.3.2026"));
    }

    proptest::proptest! {
        #[test]
        fn nothing_that_is_signed_or_filled_in_makes_it_fall_over(
            pattern in "[dmyHhMst/ é\\\\]{0,14}",
            script in "AF(Number|Date|Special|Percent)_Format(Ex)?\\([0-9\"',\\\\ux€.-]{0,12}\\)",
            value in "[0-9/.:, amars-]{0,14}",
        ) {
            let date = format!("AFDate_FormatEx('{}')", pattern.replace('\\', "\\\\"));
            let _ = (writes(&date, &value, &value), writes(&script, &value, &value));
        }
    }

    #[test]
    fn digits_stand_in_the_mask_of_the_signed_format() {
        assert!(writes("AFSpecial_Format(2);", "(555) 123-4567", "5551234567"));
        assert!(writes("AFSpecial_Format(2);", "123-4567", "1234567"));
        assert!(writes("AFSpecial_Format(3);", "123-45-6789", "123 45 6789"));
        assert!(writes("AFSpecial_Format(1);", "12345-6789", "123456789"));
        for (shown, value) in
            [("12345", "1234"), ("12345", "123456"), ("12345", "12346"), ("12345", "12345 A")]
        {
            assert!(!writes("AFSpecial_Format(0);", shown, value), "{shown} for {value}");
        }
    }
}
