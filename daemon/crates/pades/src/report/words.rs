//! The catalogue of what can come after a signature: one line each, French and English. `{}` is the
//! field, the key or the reason.

use super::What;

/// The sentences for one item, French and English, with the page before them.
pub(super) fn of(what: What, page: Option<u32>, subject: Option<&str>) -> (String, String) {
    let (fr, en) = sentence(what);
    let filled = |text: &str| match subject {
        Some(subject) => text.replace("{}", subject),
        None => text.replace(" « {} »", "").replace(" ({})", "").replace(": {}", ""),
    };
    match page {
        Some(page) => {
            (format!("page {page} : {}", filled(fr)), format!("page {page}: {}", filled(en)))
        }
        None => (filled(fr), filled(en)),
    }
}

fn sentence(what: What) -> (&'static str, &'static str) {
    permitted(what)
        .or_else(|| refused_form(what))
        .or_else(|| refused_page(what))
        .unwrap_or(("le document a été modifié ({})", "the document was modified ({})"))
}

fn permitted(what: What) -> Option<(&'static str, &'static str)> {
    Some(match what {
        What::ValidationDataAdded => {
            ("des données de validation ont été ajoutées", "validation data was added")
        }
        What::DocumentTimestampAdded => {
            ("un horodatage du document a été ajouté", "a document timestamp was added")
        }
        What::SignatureAdded => (
            "une autre signature a été ajoutée, dans son propre champ « {} »",
            "a further signature was added, in a field of its own ({})",
        ),
        What::VisibleSignatureAdded => (
            "une autre signature, visible, a été ajoutée dans son propre champ « {} »",
            "a further signature that is shown was added, in a field of its own ({})",
        ),
        What::EmptySignatureFieldAdded => (
            "un champ pour une signature à venir a été ajouté « {} »",
            "an empty signature field is added ({})",
        ),
        What::SignatureFieldSigned => (
            "le champ de signature prévu « {} » a été signé",
            "the signature field that waited for it was signed ({})",
        ),
        What::TextFieldFilled => {
            ("un champ de texte a été rempli « {} »", "a text field was filled in ({})")
        }
        What::ChoiceMade => {
            ("un choix a été fait dans un champ « {} »", "a choice was made in a field ({})")
        }
        What::ButtonSet => {
            ("une case ou un bouton a été coché « {} »", "a box or button was set ({})")
        }
        What::NoteAdded => ("une note a été ajoutée ({})", "a note was added ({})"),
        What::MetadataUpdated => (
            "les métadonnées du document ont été mises à jour",
            "the document's metadata were updated",
        ),
        _ => return None,
    })
}

fn refused_form(what: What) -> Option<(&'static str, &'static str)> {
    Some(match what {
        What::ValidationDataRemoved => {
            ("les données de validation ont été retirées", "the validation data was removed")
        }
        What::ValidationDataStrange => (
            "ce qui se dit données de validation n'en est pas",
            "the validation data is not of the standard's form",
        ),
        What::Repurposed => (
            "un objet du document signé a été détourné vers un autre usage ({})",
            "an object of the signed document was turned into something else ({})",
        ),
        What::FormReplaced => {
            ("le formulaire a été remplacé ou retiré", "the form was replaced or removed")
        }
        What::FormChanged => (
            "un réglage du formulaire a été modifié ({})",
            "a setting of the form was changed ({})",
        ),
        What::FieldsRemoved => (
            "des champs ont été retirés ou changés d'ordre",
            "fields of the form were removed or reordered",
        ),
        What::FieldAdded => (
            "un champ qui n'est pas un champ de signature a été ajouté « {} »",
            "a field that is no new signature field was added ({})",
        ),
        What::FieldNameTaken => (
            "un champ a été ajouté sous un nom déjà pris « {} »",
            "a field was added under a name in use ({})",
        ),
        What::SignatureStrange => (
            "une signature ajoutée n'a pas la forme voulue ({})",
            "an added signature is not of the standard's form ({})",
        ),
        What::SignatureForbidden => (
            "une signature a été ajoutée à un document qui n'admet plus de changement « {} »",
            "a signature was added to a document that allows no change ({})",
        ),
        What::SignatureOverCertified => (
            "une signature visible a été posée sur un document certifié « {} »",
            "a signature that is shown was put onto a certified document ({})",
        ),
        What::SignatureOverlaps => (
            "une signature visible a été posée sur un autre élément « {} »",
            "a signature that is shown was put over something else ({})",
        ),
        What::FieldLocked => (
            "un champ verrouillé par une signature a été rempli « {} »",
            "a field that a signature locks was filled ({})",
        ),
        What::FieldForbidden => (
            "un champ a été rempli alors que la certification l'interdit « {} »",
            "a field was filled although the certification forbids it ({})",
        ),
        What::FieldChanged => (
            "un champ a été modifié autrement qu'en le remplissant « {} »",
            "a field was changed otherwise than by filling it ({})",
        ),
        What::AppearanceSwapped => (
            "un champ montre autre chose que sa valeur « {} »",
            "a field shows something else than its value ({})",
        ),
        What::AnnotationForbidden => (
            "une annotation a été ajoutée sans que le document le permette ({})",
            "an annotation was added where the document allows none ({})",
        ),
        What::AnnotationCovers => (
            "une annotation qui peut cacher ce qui a été signé a été ajoutée ({})",
            "an annotation that can hide what was signed was added ({})",
        ),
        What::AnnotationChanged => {
            ("une annotation a été modifiée ou retirée", "an annotation was changed or removed")
        }
        _ => return None,
    })
}

fn refused_page(what: What) -> Option<(&'static str, &'static str)> {
    Some(match what {
        What::Unreadable => {
            ("la révision ne peut pas être lue : {}", "the revision cannot be read: {}")
        }
        What::BrokenReferences => (
            "les références croisées sont endommagées : rien ne peut être comparé",
            "the cross-references are broken: nothing can be compared",
        ),
        What::KeyTwice => (
            "une même entrée y figure deux fois, avec deux valeurs : selon le lecteur, le document n'est \
             pas le même (/{})",
            "a key stands there twice with two values, and readers differ in which they show (/{})",
        ),
        What::Encrypted => (
            "le document est chiffré : rien ne peut être comparé",
            "the document is encrypted: nothing can be compared",
        ),
        What::TrailerChanged => {
            ("l'entrée /{} de la fin du fichier a été modifiée", "the trailer's /{} was changed")
        }
        What::CatalogChanged => {
            ("l'entrée /{} du catalogue a été modifiée", "the catalog's /{} was changed")
        }
        What::TitleChanged => (
            "le titre, l'auteur ou le sujet du document a été modifié ({})",
            "the document's title, author or subject was changed ({})",
        ),
        What::PageContentChanged => {
            ("le contenu de la page a été modifié", "the content of the page was changed")
        }
        What::PageChanged => ("la page a été modifiée ({})", "the page was changed ({})"),
        What::PagesChanged => (
            "des pages ont été ajoutées, retirées ou changées d'ordre",
            "pages were added, removed or reordered",
        ),
        What::FontChanged => ("une police a été modifiée ({})", "a font was changed ({})"),
        What::ImageChanged => (
            "une image ou une partie de page a été modifiée ({})",
            "an image or a part of a page was changed ({})",
        ),
        What::ObjectAdded => (
            "un objet que rien n'explique a été ajouté ({})",
            "an object that nothing explains was added ({})",
        ),
        What::ObjectChanged => (
            "un objet du document signé a été modifié ({})",
            "an object of the signed document was changed ({})",
        ),
        What::ObjectRemoved => (
            "un objet du document signé a été retiré ({})",
            "an object of the signed document was removed ({})",
        ),
        What::Awaited => (
            "un objet que le document signé attendait a été ajouté après coup ({})",
            "an object that the signed document awaited was added afterwards ({})",
        ),
        What::TooMuch => (
            "il y a trop de choses ajoutées pour que tout soit vérifié ({})",
            "there is more added than can be looked at ({})",
        ),
        What::BytesFollow => {
            ("des octets suivent la dernière révision", "bytes follow the last revision")
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_comes_first_and_the_subject_is_named() {
        let (fr, en) = of(What::TextFieldFilled, Some(3), None);
        assert_eq!(fr, "page 3 : un champ de texte a été rempli");
        assert_eq!(en, "page 3: a text field was filled in");
        let (fr, _) = of(What::TextFieldFilled, None, Some("Nom"));
        assert_eq!(fr, "un champ de texte a été rempli « Nom »");
    }

    #[test]
    fn every_refusal_has_words_of_its_own() {
        let (first, last) = (What::Unreadable as u8, What::BytesFollow as u8);
        let named = [What::Unreadable, What::FontChanged, What::Awaited, What::BytesFollow];
        assert!(named.iter().all(|what| (first..=last).contains(&(*what as u8))));
        assert!(
            named.iter().all(|what| !sentence(*what).1.starts_with("the document was modified"))
        );
    }
}
