//! The codes are stable words, and the guide explains each of them.

use std::collections::BTreeSet;

use crate::problem::Code;

#[test]
fn every_code_is_one_word_and_stands_in_the_guide() {
    let guide = include_str!("../../../../../docs/guide/http-api.md");
    let words: BTreeSet<&str> = Code::ALL.iter().map(|code| code.word()).collect();
    assert_eq!(words.len(), Code::ALL.len());
    for code in Code::ALL {
        let row = format!("| `{}` | {} |", code.word(), code.status().as_u16());
        assert!(guide.contains(&row), "the guide has no row {row}");
        let (fr, en) = code.title();
        assert!(!fr.is_empty() && !en.is_empty() && fr != en);
    }
}
