//! Questions to the person who runs `sceau init`, and where the answers come from.

use std::io::{self, BufRead, IsTerminal, Write};

/// Longest line read from a person, in bytes.
const MAX_LINE: u64 = 4096;

/// Somebody who can be told things and, perhaps, asked.
pub(crate) trait Console {
    /// True when questions get answers.
    fn is_interactive(&self) -> bool;
    /// Says a line.
    fn tell(&mut self, text: &str);
    /// Asks; the answer without its newline. An ended input is an error.
    fn ask(&mut self, question: &str) -> io::Result<String>;
}

/// The terminal: questions go to standard error, so that standard output stays a result.
#[derive(Debug, Default)]
pub(crate) struct Terminal;

impl Console for Terminal {
    fn is_interactive(&self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    fn tell(&mut self, text: &str) {
        // A closed standard error must not stop the ceremony.
        let _ = writeln!(io::stderr(), "{text}");
    }

    fn ask(&mut self, question: &str) -> io::Result<String> {
        write!(io::stderr(), "{question} ")?;
        io::stderr().flush()?;
        let mut line = String::new();
        let mut input = io::Read::take(io::stdin().lock(), MAX_LINE);
        if input.read_line(&mut line)? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(line.trim().to_owned())
    }
}

/// Asks until `parse` takes the answer; an empty answer stands for `default`.
pub(super) fn ask_until<T>(
    console: &mut dyn Console,
    question: &str,
    default: Option<&str>,
    parse: impl Fn(&str) -> Result<T, String>,
) -> io::Result<T> {
    let question = match default {
        Some(default) => format!("{question} [{default}]:"),
        None => format!("{question}:"),
    };
    loop {
        let answer = console.ask(&question)?;
        let answer = match (answer.as_str(), default) {
            ("", Some(default)) => default,
            (given, _) => given,
        };
        match parse(answer) {
            Ok(value) => return Ok(value),
            Err(fault) => console.tell(&format!("  {fault}")),
        }
    }
}

/// Asks for yes or no.
pub(super) fn ask_yes(
    console: &mut dyn Console,
    question: &str,
    default: bool,
) -> io::Result<bool> {
    ask_until(console, question, Some(if default { "y" } else { "n" }), yes)
}

/// Understands a yes or no, in English or French.
pub(super) fn yes(answer: &str) -> Result<bool, String> {
    match answer.to_lowercase().as_str() {
        "y" | "yes" | "o" | "oui" => Ok(true),
        "n" | "no" | "non" => Ok(false),
        _ => Err("please answer y or n".into()),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::collections::VecDeque;

    use super::*;

    /// Answers from a list, and keeps what it was told.
    #[derive(Debug, Default)]
    pub(in super::super) struct Script {
        pub(in super::super) answers: VecDeque<&'static str>,
        pub(in super::super) asked: Vec<String>,
        pub(in super::super) told: Vec<String>,
    }

    impl Script {
        pub(in super::super) fn new(answers: &[&'static str]) -> Self {
            Self { answers: answers.iter().copied().collect(), ..Self::default() }
        }
    }

    impl Console for Script {
        fn is_interactive(&self) -> bool {
            true
        }

        fn tell(&mut self, text: &str) {
            self.told.push(text.into());
        }

        fn ask(&mut self, question: &str) -> io::Result<String> {
            self.asked.push(question.into());
            self.answers.pop_front().map(str::to_owned).ok_or(io::ErrorKind::UnexpectedEof.into())
        }
    }

    #[test]
    fn a_faulty_answer_is_asked_again() {
        let mut script = Script::new(&["maybe", "", "oui"]);
        assert!(!ask_yes(&mut script, "Go on?", false).is_ok_and(|yes| yes));
        assert_eq!(script.told, ["  please answer y or n"]);
        assert!(ask_yes(&mut script, "Go on?", false).is_ok_and(|yes| yes));
        assert!(ask_yes(&mut script, "Go on?", false).is_err());
    }
}
