use proptest::prelude::*;

use super::*;

const TOML: &str = r#"
title = "Plaquette 2025"
societe = "dupont"

[[signatories]]
name = "Jeanne Martin"
email = "jeanne@example.fr"
role = "gérante"

[parameters]
exercice = 2025
client = "Dupont"
"#;

const JSON: &str = r#"{
  "title": "Plaquette 2025",
  "societe": "dupont",
  "signatories": [
    { "name": "Jeanne Martin", "email": "jeanne@example.fr", "role": "gérante" }
  ],
  "parameters": { "exercice": 2025, "client": "Dupont" }
}"#;

fn allowed() -> Vec<String> {
    vec!["dupont".into(), "durand".into()]
}

fn lines(bytes: &str, form: Form) -> Vec<usize> {
    let faults = parse(bytes.as_bytes(), form, &allowed()).unwrap_err();
    faults.iter().map(|fault| fault.line).collect()
}

#[test]
fn both_forms_say_the_same() {
    let toml = parse(TOML.as_bytes(), Form::Toml, &allowed()).unwrap();
    let json = parse(JSON.as_bytes(), Form::Json, &allowed()).unwrap();
    assert_eq!(toml, json);
    assert_eq!(toml.parameters["exercice"], "2025");
    assert_eq!(toml.signatories[0].role.as_deref(), Some("gérante"));
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let bytes = ["\u{feff}", TOML].concat();
    assert!(parse(bytes.as_bytes(), Form::Toml, &allowed()).is_ok());
}

#[test]
fn all_faults_of_a_toml_sidecar_are_told_with_their_lines() {
    let text = "titel = \"x\"\nsociete = \"autre\"\n[[signatories]]\nname = 3\nemail = \"a b@c\"\n";
    assert_eq!(lines(text, Form::Toml), [1, 2, 3, 4]);
    let faults = parse(text.as_bytes(), Form::Toml, &allowed()).unwrap_err();
    assert!(faults[0].told().fr.contains("ligne 1") && faults[0].text.fr.contains("« title »"));
    assert!(faults[1].text.en.contains("allowed: dupont, durand"));
}

#[test]
fn all_faults_of_a_json_sidecar_are_told_with_their_lines() {
    let text = "{\n\"title\": \"\",\n\"signatories\": [\n{\"name\": \"J\"}\n],\n\"x\": 1\n}";
    assert_eq!(lines(text, Form::Json), [2, 4, 6]);
}

#[test]
fn syntax_faults_have_their_line() {
    assert_eq!(lines("title = \"x\"\nsociete =\n", Form::Toml), [2]);
    assert_eq!(lines("{\n\"title\": \"x\",\n}", Form::Json), [3]);
    assert_eq!(lines("{\"title\": \"x\",\n\"title\": \"y\"}", Form::Json), [2]);
    assert_eq!(lines(&"[".repeat(100_000), Form::Json), [1]);
    assert_eq!(lines(&format!("a = {}", "[".repeat(100_000)), Form::Toml)[0], 1);
    assert_eq!(lines("[1]", Form::Json), [1]);
}

#[test]
fn latin_1_is_told() {
    let faults = parse(b"a = 1\ntitle = \"\xe9\"", Form::Toml, &[]).unwrap_err();
    assert_eq!(faults[0].line, 2);
    assert!(faults[0].text.fr.contains("UTF-8"));
}

#[test]
fn no_société_where_the_folder_allows_none() {
    let faults = parse(b"societe = \"dupont\"", Form::Toml, &[]).unwrap_err();
    assert!(faults[0].text.fr.contains("ne permet pas"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let _ = parse(&bytes, Form::Toml, &[]);
        let _ = parse(&bytes, Form::Json, &[]);
    }

    #[test]
    fn no_json_like_text_makes_it_panic(text in r#"[{}\[\]",:a-z0-9 \n]{0,80}"#) {
        let _ = parse(text.as_bytes(), Form::Json, &[]);
        let _ = parse(text.as_bytes(), Form::Toml, &[]);
    }
}
