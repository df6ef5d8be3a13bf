//! The sentences of the page of `--visual`, in both languages.

use sceau_render::{Place, Trouble};

/// The page's own sentences; those about verdicts and changes are shared with the text.
#[derive(Clone, Copy)]
pub(in super::super) struct PageWords {
    /// French, or English.
    pub(in super::super) french: bool,
}

/// One of two texts.
macro_rules! said {
    ($($(#[$doc:meta])* $name:ident: $fr:literal, $en:literal;)*) => {
        impl PageWords {
            $($(#[$doc])* pub(in super::super) fn $name(self) -> &'static str {
                if self.french { $fr } else { $en }
            })*
        }
    };
}

said! {
    lang: "fr", "en";
    title: "Vérification", "Verification";
    skip: "Aller aux signatures", "Skip to the signatures";
    signatures: "Signatures du document", "Signatures of the document";
    passed: "valide", "holds";
    indeterminate: "sans conclusion", "no conclusion";
    failed: "non valide", "does not hold";
    after: "Ce qui est venu après cette signature", "What came after this signature";
    nothing_after: "Rien n'est venu après elle : elle couvre le fichier entier.",
        "Nothing came after it: it covers the whole file.";
    unknown_after: "On ne peut pas dire ce qu'elle couvre : rien n'est comparé.",
        "It cannot be told what it covers: nothing is compared.";
    only_form: "Les octets qui suivent ne changent rien à ce qui est signé.",
        "The bytes that follow change nothing of what is signed.";
    permitted: "permis", "permitted";
    modification: "modification", "modification";
    before_picture: "Ce qui a été signé", "What was signed";
    after_picture: "Ce que montre le fichier", "What the file shows";
    marked_picture: "Différence", "Difference";
    enlarge: "Agrandir", "Enlarge";
    legend_gone: "disparu ou recouvert", "gone or covered";
    legend_new: "nouveau", "new";
    same: "Les deux états de la page ont le même aspect.",
        "Both states of the page look the same.";
    no_picture: "Pas d'image", "No picture";
    whole_page: "La page n'a plus le même format.", "The page has another size.";
    shown_above: "Ces deux états de la page sont montrés plus haut, sous", "Both states of the page are shown above, under";
    problems: "Pourquoi elle ne passe pas", "Why it does not pass";
    about: "À propos de cette page", "About this page";
    about_pictures: "Les images sont dessinées par Sceau à partir du fichier, dans un processus limité. Elles aident à voir ; le verdict vient de la comparaison des objets du fichier, pas des images. Un autre lecteur peut montrer une page autrement.",
        "The pictures are drawn by Sceau from the file, in a limited process. They help to see; the verdict comes from comparing the file's objects, not from pictures. Another reader may show a page differently.";
    about_nothing: "Cette page se suffit à elle-même : elle ne charge rien et n'exécute rien.",
        "This page stands alone: it loads nothing and runs nothing.";
    no_signature: "Le document n'a pas de signature : il n'y a rien à comparer.",
        "The document has no signature: there is nothing to compare.";
}

impl PageWords {
    /// `Page 3`.
    pub(in super::super) fn page(self, page: u32) -> String {
        format!("Page {page}")
    }

    /// Alternative text of a picture before.
    pub(in super::super) fn before_alt(self, page: u32, field: &str) -> String {
        if self.french {
            format!("La page {page} telle que « {field} » l'a signée")
        } else {
            format!("Page {page} as \u{201c}{field}\u{201d} signed it")
        }
    }

    /// Alternative text of a picture after.
    pub(in super::super) fn after_alt(self, page: u32) -> String {
        if self.french {
            format!("La page {page} telle que le fichier la montre maintenant")
        } else {
            format!("Page {page} as the file shows it now")
        }
    }

    /// Alternative text of the marked picture.
    pub(in super::super) fn marked_alt(self, page: u32, told: &str) -> String {
        if self.french {
            format!("La page {page}, pâlie, avec ce qui diffère en couleur. {told}")
        } else {
            format!("Page {page}, paled, with what differs in colour. {told}")
        }
    }

    /// How many regions differ, and where.
    pub(in super::super) fn regions(self, count: usize, places: &[Place]) -> String {
        let places: Vec<&str> = places.iter().map(|place| self.place(*place)).collect();
        let places = places.join(", ");
        match (self.french, count) {
            (true, 1) => format!("Une zone de la page diffère : {places}."),
            (true, _) => format!("{count} zones de la page diffèrent : {places}."),
            (false, 1) => format!("One region of the page differs: {places}."),
            (false, _) => format!("{count} regions of the page differ: {places}."),
        }
    }

    fn place(self, place: Place) -> &'static str {
        let (fr, en) = match (place.row, place.column) {
            (0, 0) => ("en haut à gauche", "top left"),
            (0, 1) => ("en haut au centre", "top centre"),
            (0, _) => ("en haut à droite", "top right"),
            (1, 0) => ("au milieu à gauche", "middle left"),
            (1, 1) => ("au centre", "centre"),
            (1, _) => ("au milieu à droite", "middle right"),
            (_, 0) => ("en bas à gauche", "bottom left"),
            (_, 1) => ("en bas au centre", "bottom centre"),
            (_, _) => ("en bas à droite", "bottom right"),
        };
        if self.french { fr } else { en }
    }

    /// Why there is no picture.
    pub(in super::super) fn trouble(self, trouble: &Trouble) -> String {
        if !self.french {
            return capital(&format!("{trouble}."));
        }
        let told = match trouble {
            Trouble::TooLarge => "Le document est trop grand pour être dessiné.",
            Trouble::NotOpened => "Le moteur de rendu ne peut pas ouvrir cet état du document.",
            Trouble::NoSuchPage => "Cette page n'existe pas dans cet état du document.",
            Trouble::TooLong => "Le dessin a pris trop de temps et a été arrêté.",
            Trouble::BrokeDown => "Le moteur de rendu n'est pas venu à bout de cette page.",
            Trouble::Spent => "Le temps de dessin était épuisé.",
            _ => "Le processus de dessin n'a pas pu être lancé.",
        };
        told.to_owned()
    }

    /// Pages that nothing names and that look the same.
    pub(in super::super) fn same_pages(self, count: u32) -> String {
        match (self.french, count) {
            (true, 1) => "Une autre page a été comparée : elle a le même aspect.".to_owned(),
            (true, _) => {
                format!("{count} autres pages ont été comparées : elles ont le même aspect.")
            }
            (false, 1) => "One other page was compared: it looks the same.".to_owned(),
            (false, _) => format!("{count} other pages were compared: they look the same."),
        }
    }

    /// Pages that were not drawn.
    pub(in super::super) fn left_out(self, count: u32) -> String {
        if self.french {
            format!("Images limitées : {count} page(s) à comparer n'ont pas été dessinées.")
        } else {
            format!("Pictures are limited: {count} page(s) to compare were not drawn.")
        }
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_says_where_it_is() {
        let places = [Place { row: 0, column: 0 }, Place { row: 2, column: 2 }];
        let (french, english) = (PageWords { french: true }, PageWords { french: false });
        let told = "2 zones de la page diffèrent : en haut à gauche, en bas à droite.";
        assert_eq!(french.regions(2, &places), told);
        assert_eq!(english.regions(1, &places[..1]), "One region of the page differs: top left.");
        assert_eq!(english.trouble(&Trouble::NoSuchPage), "There is no such page.");
    }
}
