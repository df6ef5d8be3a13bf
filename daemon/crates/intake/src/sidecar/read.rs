//! The tree to a [`Sidecar`], gathering every fault.

use std::collections::BTreeMap;

use super::tree::{Node, Value};
use super::{Fault, MAX_SIGNATORIES, Sidecar, Signatory};
use crate::notes::Text;

/// The longest text of one value, in characters.
const MAX_TEXT: usize = 1000;
/// The most parameters.
const MAX_PARAMETERS: usize = 100;

/// Reads the whole; what is faulty is left out and told.
pub(super) fn sidecar(tree: &Node, societes: &[String], faults: &mut Vec<Fault>) -> Sidecar {
    let mut sidecar = Sidecar::default();
    let Some(entries) = table(tree, "la fiche", "the sidecar", faults) else { return sidecar };
    for (key, line, node) in entries {
        match key.as_str() {
            "title" => sidecar.title = text(key, node, faults),
            "societe" => sidecar.societe = societe(key, node, societes, faults),
            "signatories" => sidecar.signatories = signatories(node, faults),
            "parameters" => sidecar.parameters = parameters(node, faults),
            _ => unknown(key, *line, &["title", "societe", "signatories", "parameters"], faults),
        }
    }
    sidecar
}

fn societe(key: &str, node: &Node, allowed: &[String], faults: &mut Vec<Fault>) -> Option<String> {
    let named = text(key, node, faults)?;
    if allowed.contains(&named) {
        return Some(named);
    }
    let list = allowed.join(", ");
    tell(
        faults,
        node.line,
        match allowed {
            [] => Text::new(
                "ce dossier ne permet pas de nommer une société",
                "this folder does not allow a société to be named",
            ),
            _ => Text::new(
                format!(
                    "la société « {named} » n'est pas permise dans ce dossier (permises : {list})"
                ),
                format!("the société \"{named}\" is not allowed in this folder (allowed: {list})"),
            ),
        },
    );
    None
}

fn signatories(node: &Node, faults: &mut Vec<Fault>) -> Vec<Signatory> {
    let Value::List(items) = &node.value else {
        tell(
            faults,
            node.line,
            Text::new(
                "« signatories » doit être une liste ([[signatories]])",
                "\"signatories\" must be a list ([[signatories]])",
            ),
        );
        return Vec::new();
    };
    if items.len() > MAX_SIGNATORIES {
        tell(
            faults,
            node.line,
            Text::new(
                format!("plus de {MAX_SIGNATORIES} signataires"),
                format!("more than {MAX_SIGNATORIES} signatories"),
            ),
        );
        return Vec::new();
    }
    items.iter().filter_map(|item| signatory(item, faults)).collect()
}

fn signatory(node: &Node, faults: &mut Vec<Fault>) -> Option<Signatory> {
    let entries = table(node, "un signataire", "a signatory", faults)?;
    let mut fields: BTreeMap<&str, String> = BTreeMap::new();
    const KNOWN: [&str; 5] = ["name", "email", "role", "phone", "language"];
    for (key, line, value) in entries {
        match KNOWN.iter().find(|known| *known == key) {
            Some(known) => fields.extend(text(key, value, faults).map(|text| (*known, text))),
            None => unknown(key, *line, &KNOWN, faults),
        }
    }
    let given = |key: &str| entries.iter().any(|(known, ..)| known == key);
    for needed in ["name", "email"].into_iter().filter(|key| !given(key)) {
        tell(
            faults,
            node.line,
            Text::new(
                format!("le signataire n'a pas de « {needed} »"),
                format!("the signatory has no \"{needed}\""),
            ),
        );
    }
    let email = fields.remove("email").filter(|email| is_email(email, node.line, faults));
    Some(Signatory {
        name: fields.remove("name")?,
        email: email?,
        role: fields.remove("role"),
        phone: fields.remove("phone"),
        language: fields.remove("language"),
    })
}

/// Something on both sides of one `@`, a dot in the domain, no space and no control character:
/// what a slip of the finger breaks. Whether it is deliverable only mail can tell.
fn is_email(email: &str, line: usize, faults: &mut Vec<Fault>) -> bool {
    let parts: Vec<&str> = email.split('@').collect();
    let plausible = matches!(parts[..], [user, domain]
        if !user.is_empty() && domain.contains('.') && !domain.starts_with('.')
            && !domain.ends_with('.'))
        && !email.contains(|c: char| c.is_whitespace() || c.is_control() || "<>,;\"".contains(c));
    if !plausible {
        tell(
            faults,
            line,
            Text::new(
                "« email » n'est pas une adresse (nom@domaine.fr)",
                "\"email\" is no address (name@domain.example)",
            ),
        );
    }
    plausible
}

fn parameters(node: &Node, faults: &mut Vec<Fault>) -> BTreeMap<String, String> {
    let Some(entries) = table(node, "« parameters »", "\"parameters\"", faults) else {
        return BTreeMap::new();
    };
    if entries.len() > MAX_PARAMETERS {
        tell(
            faults,
            node.line,
            Text::new(
                format!("plus de {MAX_PARAMETERS} paramètres"),
                format!("more than {MAX_PARAMETERS} parameters"),
            ),
        );
        return BTreeMap::new();
    }
    let read = |(key, _, node): &(String, usize, Node)| {
        let value = match &node.value {
            Value::Scalar(written) => Some(written.clone()),
            _ => text(key, node, faults),
        };
        value.map(|value| (key.clone(), value))
    };
    entries.iter().filter_map(read).collect()
}

fn table<'n>(
    node: &'n Node,
    fr: &str,
    en: &str,
    faults: &mut Vec<Fault>,
) -> Option<&'n Vec<(String, usize, Node)>> {
    match &node.value {
        Value::Table(entries) => Some(entries),
        _ => {
            tell(
                faults,
                node.line,
                Text::new(format!("{fr} doit être une table"), format!("{en} must be a table")),
            );
            None
        }
    }
}

fn text(key: &str, node: &Node, faults: &mut Vec<Fault>) -> Option<String> {
    let (fr, en) = match &node.value {
        Value::Text(text) if text.trim().is_empty() => ("est vide", "is empty"),
        Value::Text(text) if text.chars().count() > MAX_TEXT => ("est trop long", "is too long"),
        Value::Text(text) if text.contains(|c: char| c.is_control() && c != '\n') => {
            ("contient un caractère de contrôle", "holds a control character")
        }
        Value::Text(text) => return Some(text.clone()),
        _ => ("doit être un texte entre guillemets", "must be a text in quotes"),
    };
    tell(faults, node.line, Text::new(format!("« {key} » {fr}"), format!("\"{key}\" {en}")));
    None
}

fn unknown(key: &str, line: usize, known: &[&str], faults: &mut Vec<Fault>) {
    let near = known.iter().find(|known| are_near(known, key));
    let (fr, en) = match near {
        Some(near) => (format!(" (voulez-vous dire « {near} » ?)"), format!(" (\"{near}\"?)")),
        None => {
            let list = known.join(", ");
            (format!(" (clés connues : {list})"), format!(" (known keys: {list})"))
        }
    };
    tell(
        faults,
        line,
        Text::new(
            format!("la clé « {key} » est inconnue{fr}"),
            format!("the key \"{key}\" is unknown{en}"),
        ),
    );
}

/// At most two letters added, left out or changed.
fn are_near(known: &str, key: &str) -> bool {
    strsim::damerau_levenshtein(known, &key.to_lowercase()) <= 2
}

fn tell(faults: &mut Vec<Fault>, line: usize, text: Text) {
    faults.push(Fault { line, text });
}
