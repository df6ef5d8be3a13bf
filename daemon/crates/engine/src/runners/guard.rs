//! What a document holds that could change its reading after it was signed.

use sceau_pdf::{Danger, Document, ScanBounds, inspect};
use sceau_workflow::definition::Guard;

use crate::runner::RunResult;
use crate::sentences;

/// Most dangers that a sentence names; the detail names all.
const MOST_NAMED: usize = 5;

/// What could change the document's reading after it was signed; refused where the workflow says so.
pub(super) fn guard(document: &Document<'_>, guard: Guard) -> Result<Vec<Danger>, RunResult> {
    if guard == Guard::Allow {
        return Ok(Vec::new());
    }
    let inspection = match inspect(document, &ScanBounds::default()) {
        Ok(inspection) => inspection,
        Err(error) if error.fault() == sceau_pdf::Fault::Medium => {
            return Err(sentences::again(error));
        }
        Err(error) => {
            let failure = sentences::active_content("?").with_detail(error.to_string());
            return Err(RunResult::Failed(failure));
        }
    };
    let dangers = inspection.dangers();
    if guard == Guard::Warn || dangers.is_empty() {
        return Ok(dangers);
    }
    let named: Vec<_> = dangers.iter().take(MOST_NAMED).map(named).collect();
    let places: Vec<String> =
        dangers.iter().map(|danger| format!("{}: {}", danger.word, danger.place)).collect();
    Err(RunResult::Failed(sentences::guarded(&named).with_detail(places.join("; "))))
}

/// A danger with its place, in French and in English.
fn named(danger: &Danger) -> (String, String) {
    let word = danger.word.as_str();
    let (fr, en) = words(word).unwrap_or((word, word));
    let object = danger.object.map(|id| format!("{} {} R", id.number, id.generation));
    let place = |object_word: &str| {
        let page = danger.page.map(|page| format!("page {page}"));
        let object = object.as_ref().map(|object| format!("{object_word} {object}"));
        let parts: Vec<String> = page.into_iter().chain(object).collect();
        if parts.is_empty() { String::new() } else { format!(" ({})", parts.join(", ")) }
    };
    (format!("{fr}{}", place("objet")), format!("{en}{}", place("object")))
}

/// The word of a danger, told; kinds of active content keep their names, which settings use too.
fn words(word: &str) -> Option<(&'static str, &'static str)> {
    Some(match word {
        "hidden-layer" => ("un calque caché", "a hidden layer"),
        "overlay" => ("un élément posé sur un champ", "something that lies over a field"),
        "covered-text" => (
            "du texte caché sous un élément que l'on peut retirer",
            "text beneath something that can be taken away",
        ),
        "not-looked-at" => (
            "une page que l'on n'a pas pu regarder en entier (trop d'éléments, ou illisibles)",
            "a page that could not be looked at to its end (too much, or unreadable)",
        ),
        "unreferenced" => ("une page que rien ne désigne", "a page that nothing refers to"),
        "hidden-object" => (
            "un objet caché, qu'une seule entrée ferait revenir",
            "a hidden object that one entry would bring back",
        ),
        "key-twice" => (
            "une entrée qui figure deux fois, avec deux valeurs : selon le lecteur, le document n'est pas \
             le même",
            "an entry that stands twice, with two values: readers may show different documents",
        ),
        "broken-references" => {
            ("des références croisées endommagées", "cross-references that are broken")
        }
        "javascript" => ("un script JavaScript", "a JavaScript script"),
        "launch" => ("le lancement d'un programme", "the launch of a program"),
        "external-stream" => ("du contenu d'un autre fichier", "content of another file"),
        _ => return None,
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_danger_is_told_in_both_languages_with_its_place() {
        let danger: Danger = serde_json::from_value(serde_json::json!({
            "word": "covered-text",
            "place": "page 3, object 12 0 R",
            "page": 3,
            "object": sceau_pdf::ObjectId::new(12, 0),
        }))
        .unwrap();
        let (fr, en) = named(&danger);
        assert_eq!(
            fr,
            "du texte caché sous un élément que l'on peut retirer (page 3, objet 12 0 R)"
        );
        assert_eq!(en, "text beneath something that can be taken away (page 3, object 12 0 R)");
        // Evidence of before tells a place in words alone.
        let before: Danger =
            serde_json::from_str(r#"{ "word": "launch", "place": "object 4 0 R" }"#).unwrap();
        assert_eq!(named(&before).0, "le lancement d'un programme");
    }
}
