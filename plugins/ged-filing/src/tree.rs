//! The folder tree: a path out of a pattern, and the document under it.

use sceau_plugin::filing::{self, Filed, FilingError};
use sceau_plugin::{Input, StepError, log};

use crate::address::{Facts, filled_by};

/// The directory that the operator grants.
const DIRECTORY: &str = "ged";
/// The longest name, in bytes.
const LONGEST: usize = 200;
/// How many names are tried where other documents have the same.
const TRIES: u32 = 20;

/// Files the document; where it is then.
pub(crate) fn filed(pattern: &str, input: &Input, facts: &Facts) -> Result<String, StepError> {
    let document = input.documents.first();
    let document =
        document.ok_or_else(|| StepError::other("no-document", "the step has no document"))?;
    let path = path(pattern, facts)
        .map_err(|what| StepError::misconfigured("path", format!("settings.path: {what}")))?;
    for number in 1..=TRIES {
        let path = numbered(&path, number);
        match filing::put(document, DIRECTORY, &path) {
            Ok(Filed::Written) => return Ok(shown(&path)),
            Ok(Filed::Already) => {
                log::info("it was filed before");
                return Ok(shown(&path));
            }
            Err(FilingError::Exists) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(FilingError::Exists.into())
}

fn shown(path: &[String]) -> String {
    format!("{DIRECTORY}:{}", path.join("/"))
}

/// The names of the path. What is filled in stays one name: a `/` in it leads nowhere.
fn path(pattern: &str, facts: &Facts) -> Result<Vec<String>, String> {
    let mut names = Vec::new();
    for part in pattern.split('/') {
        let name = fitting(&filled_by(part, facts, replaced)?);
        if name.is_empty() {
            return Err(format!("`{part}` gives an empty name"));
        }
        names.push(name);
    }
    Ok(names)
}

/// Without what a name cannot hold on some file system.
fn replaced(value: &str) -> String {
    let other = |c: char| c.is_control() || r#"/\:*?"<>|"#.contains(c);
    value.chars().map(|c| if other(c) { '-' } else { c }).collect()
}

/// A name that begins with no full stop, ends with none and with no blank, and is not too long; its
/// ending stays.
fn fitting(name: &str) -> String {
    let name = name.trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']);
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let (stem, ending) = split(name);
    let room = LONGEST.saturating_sub(ending.len());
    let cut = (0..=room).rev().find(|at| stem.is_char_boundary(*at)).unwrap_or_default();
    format!("{}{ending}", stem[..cut].trim_end())
}

/// The path, or its form with ` (2)`, ` (3)` before the ending.
fn numbered(path: &[String], number: u32) -> Vec<String> {
    let mut path = path.to_vec();
    if let (2.., Some(name)) = (number, path.last_mut()) {
        let (stem, ending) = split(name);
        let ending = format!(" ({number}){ending}");
        let room = LONGEST.saturating_sub(ending.len()).min(stem.len());
        let cut = (0..=room).rev().find(|at| stem.is_char_boundary(*at)).unwrap_or_default();
        *name = format!("{}{ending}", &stem[..cut]);
    }
    path
}

/// Stem and ending; a long one is none.
fn split(name: &str) -> (&str, &str) {
    let dot = name.rfind('.').filter(|dot| *dot > 0 && name.len() - dot <= 12);
    name.split_at(dot.unwrap_or(name.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceau_plugin::Input;
    use sceau_plugin::testing::{Capability, Seen, TestDocument, TestHost};

    fn facts(name: &str) -> Facts {
        let fact = |text: &str| text.to_owned();
        let (societe, workflow, folder) = (fact("dupont"), fact("bilan"), fact("fiscal"));
        Facts {
            societe,
            workflow,
            folder,
            name: fact(name),
            dossier: fact("D1"),
            now_ms: 1_772_323_199_000,
        }
    }

    const PATTERN: &str = "{societe}/{year}/{name}";

    fn run(host: TestHost, name: &str) -> (Result<String, StepError>, Seen) {
        let host = host.document(TestDocument::new("a.pdf"));
        host.run(|input: Input| filed(PATTERN, &input, &facts(name)))
    }

    #[test]
    fn hostile_names_stay_one_name() {
        let last = |name: &str| path(PATTERN, &facts(name)).map(|path| path[2..].to_vec());
        for (name, becomes) in [
            ("Bilan été.pdf", "Bilan été.pdf"),
            ("../../etc/passwd", "-..-etc-passwd"),
            ("/etc/passwd", "-etc-passwd"),
            ("..\\..\\a.pdf", "-..-a.pdf"),
            (".bashrc", "bashrc"),
            ("a\0b\n.pdf", "a-b-.pdf"),
            ("C:\\x.pdf. ", "C--x.pdf"),
        ] {
            assert_eq!(last(name), Ok(vec![becomes.to_owned()]), "{name:?}");
        }
        assert!(last("..").is_err() && last("").is_err());
        assert!(path("{client}", &facts("a")).is_err());
        assert!(path("a//b", &facts("a")).is_err());
        let long = format!("{}.pdf", "é".repeat(200));
        let cut = last(&long).expect("a name").remove(0);
        assert!(cut.len() <= LONGEST && cut.ends_with("é.pdf"), "{cut}");
        assert!(numbered(&[cut], 12)[0].len() <= LONGEST);
    }

    #[test]
    fn it_is_filed_under_its_path_and_never_over_another() {
        let (location, seen) = run(TestHost::new(), "a.pdf");
        assert_eq!(location.as_deref(), Ok("ged:dupont/2026/a.pdf"));
        assert_eq!(seen.filed, ["ged/dupont/2026/a.pdf"]);
        let (location, seen) = run(TestHost::new().directories(Ok(Filed::Already)), "a.pdf");
        assert!(location.is_ok() && seen.log.iter().any(|line| line.contains("before")));
        let (location, seen) = run(TestHost::new().directories(Err(FilingError::Exists)), "a.pdf");
        assert!(matches!(location, Err(StepError::Misconfigured(_))), "{location:?}");
        assert_eq!((seen.filed.len(), seen.filed[1].as_str()), (20, "ged/dupont/2026/a (2).pdf"));
    }

    #[test]
    fn each_trouble_names_who_can_mend_it() {
        let away = FilingError::Unavailable("away".to_owned());
        let away = run(TestHost::new().directories(Err(away)), "a.pdf").0;
        assert!(matches!(away, Err(StepError::Retry(_))));
        let denied = run(TestHost::new().deny(Capability::Filing), "a.pdf").0;
        assert!(matches!(denied, Err(StepError::Misconfigured(_))));
    }
}
