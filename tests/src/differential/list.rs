//! The list of disagreements, and what is wrong with it.

use std::collections::BTreeMap;

use super::cases::SIGNED;
use super::{Case, Word, Words};
use crate::root;

/// One line of it; `*` stands for every input, or every signer. Where a judge's word depends on bytes
/// that are others in each run, both stand there, with `|` between; Sceau's is always one.
#[derive(Debug)]
struct Line {
    input: String,
    signer: String,
    change: String,
    words: [String; 3],
}

impl Line {
    /// Whether these words are told. A judge that a line for all inputs lets pass a changed copy says of it no
    /// better than what it says of the file before the change (`of_signed`): a file of the corpus may hold a
    /// signature of its own, which that judge does not trust or does not read. Sceau's word stands as it is told.
    fn says(&self, names: [&str; 3], of_signed: Option<[&str; 3]>) -> bool {
        let told = |at: usize| match of_signed {
            Some(before) if at > 0 && self.input == "*" && self.words[at] == "passes" => before[at],
            _ => self.words[at].as_str(),
        };
        (0..3).all(|at| told(at).split('|').any(|word| word == names[at]))
    }

    fn is_for_all(&self) -> bool {
        self.input == "*" && self.signer == "*"
    }
}

/// All lines.
#[derive(Debug)]
pub struct List(Vec<Line>);

impl List {
    /// As it is committed.
    ///
    /// # Panics
    /// When a line has not seven columns, or no reason.
    pub fn read() -> Self {
        let path = root().join("tests/differential/disagreements.tsv");
        let text = std::fs::read_to_string(path).expect("the list");
        let lines = text.lines().filter(|line| !line.starts_with('#') && !line.is_empty());
        Self(lines.map(line).collect())
    }

    /// The line for a case: one that names its input before one for all.
    fn of(&self, case: &Case) -> Option<usize> {
        let fits = |told: &str, is: &str| told == "*" || told == is;
        let fitting = self.0.iter().enumerate().filter(|(_, line)| {
            line.change == case.change
                && fits(&line.input, &case.input)
                && fits(&line.signer, &case.signer)
        });
        let named =
            |line: &Line| usize::from(line.input != "*") * 2 + usize::from(line.signer != "*");
        fitting.max_by_key(|(_, line)| named(line)).map(|(index, _)| index)
    }
}

fn line(text: &str) -> Line {
    let columns: Vec<&str> = text.split('\t').collect();
    let [input, signer, change, sceau, dss, pyhanko, reason] = columns[..] else {
        panic!("not seven columns: {text}")
    };
    assert!(!reason.is_empty(), "a disagreement without a reason: {text}");
    assert!(!sceau.contains('|'), "Sceau's verdict depends on nothing but the file: {text}");
    let [input, signer, change] = [input, signer, change].map(str::to_owned);
    Line { input, signer, change, words: [sceau, dss, pyhanko].map(str::to_owned) }
}

/// What is not as the list says: a disagreement that it does not name, one that it names and that is
/// gone. With `complete`, every line must have been met that is for all inputs, or for one that was judged (what is
/// gathered differs a little each time); else those for all inputs and signers.
pub fn breaches(list: &List, cases: &[Case], said: &[Words], complete: bool) -> Vec<String> {
    let (mut breaches, mut met) = (Vec::new(), vec![false; list.0.len()]);
    let before = cases.iter().zip(said).filter(|(case, _)| case.change == SIGNED);
    let signed: BTreeMap<(&str, &str), [&str; 3]> = before
        .map(|(case, words)| ((&*case.input, &*case.signer), words.map(Word::name)))
        .collect();
    for (case, words) in cases.iter().zip(said) {
        let names = words.map(Word::name);
        let row = [&case.input, &case.signer, &case.change].map(String::as_str);
        let told = format!("{}\t{}", row.join("\t"), names.join("\t"));
        match list.of(case) {
            None if words.iter().any(|word| word != &words[0]) => {
                breaches.push(format!("new: {told}"));
            }
            None => {}
            Some(index) => {
                met[index] = true;
                let of_signed = signed.get(&(&*case.input, &*case.signer)).copied();
                if !list.0[index].says(names, of_signed) {
                    breaches.push(format!("not as listed {:?}: {told}", list.0[index].words));
                }
            }
        }
    }
    for (line, met) in list.0.iter().zip(met) {
        let judged = line.input == "*" || cases.iter().any(|case| case.input == line.input);
        if !met && (complete && judged || line.is_for_all()) {
            breaches.push(format!("listed, and not met: {line:?}"));
        }
        if line.words.iter().all(|word| *word == line.words[0]) {
            breaches.push(format!("listed, and no disagreement: {line:?}"));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    fn case(input: &str, change: &str) -> Case {
        let [input, signer, change] = [input, "Sceau", change].map(str::to_owned);
        Case { input, signer, change, path: Default::default() }
    }

    fn list(lines: &[&str]) -> List {
        List(lines.iter().map(|text| line(text)).collect())
    }

    const SPLIT: Words = [Word::Refuses, Word::Passes, Word::Passes];

    #[test]
    fn a_new_disagreement_and_one_that_is_gone_are_breaches() {
        let known = list(&["*\t*\ttail\trefuses\tpasses\tpasses\twhy"]);
        let cases = [case("a", "tail")];
        assert!(breaches(&known, &cases, &[SPLIT], true).is_empty());
        assert_eq!(breaches(&known, &cases, &[[Word::Passes; 3]], true).len(), 1);
        assert_eq!(breaches(&known, &[case("a", "head")], &[SPLIT], true).len(), 2);
        assert_eq!(breaches(&list(&[]), &cases, &[SPLIT], false).len(), 1);
        let of_one = list(&["a\t*\thead\trefuses\tpasses\tpasses\twhy"]);
        assert_eq!(breaches(&of_one, &cases, &[[Word::Passes; 3]], true).len(), 1);
        assert!(breaches(&of_one, &[case("b", "tail")], &[[Word::Passes; 3]], true).is_empty());
    }

    #[test]
    fn a_word_of_two_fits_both_and_no_other() {
        let known = list(&["*\t*\ttail\trefuses\tpasses|refuses\tpasses\twhy"]);
        let said = |dss| [Word::Refuses, dss, Word::Passes];
        let breaches = |dss| breaches(&known, &[case("a", "tail")], &[said(dss)], true).len();
        let found = [Word::Passes, Word::Refuses, Word::Untrusted].map(breaches);
        assert_eq!(found, [0, 0, 1]);
    }

    #[test]
    fn a_judge_says_no_better_of_a_changed_copy_than_of_the_file() {
        let known = list(&["*\t*\ttail\trefuses\tpasses\trefuses\twhy"]);
        let (cases, all) = ([case("a", SIGNED), case("a", "tail")], [Word::Untrusted; 3]);
        let found = |sceau, dss| {
            let said = [all, [sceau, dss, Word::Refuses]];
            breaches(&known, &cases, &said, true).len()
        };
        assert_eq!(found(Word::Refuses, Word::Untrusted), 0);
        assert_eq!(found(Word::Refuses, Word::Passes), 1);
        assert_eq!(found(Word::Untrusted, Word::Untrusted), 1, "Sceau's word stands");
    }

    #[test]
    fn the_line_that_names_the_input_counts() {
        let known = list(&[
            "*\t*\ttail\trefuses\tpasses\tpasses\twhy",
            "a\t*\ttail\trefuses\trefuses\tpasses\twhy",
        ]);
        let other = [Word::Refuses, Word::Refuses, Word::Passes];
        let cases = [case("a", "tail"), case("b", "tail")];
        assert!(breaches(&known, &cases, &[other, SPLIT], true).is_empty());
    }
}
