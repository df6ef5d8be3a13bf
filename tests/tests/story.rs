//! A file signed twice, filled in, extended to B-LTA and then edited: `sceau verify` tells each of
//! those in plain words, in both languages.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use sceau_tests::exit::{INDETERMINATE, PASSED};
use sceau_tests::ladder::LadderPki;
use sceau_tests::program::{Said, sceau};
use sceau_tests::{attacks, root};

struct Story {
    pki: LadderPki,
    tsa: String,
}

impl Story {
    fn begin() -> Self {
        let pki = LadderPki::start();
        let tsa = pki.tsa("tsa2");
        Self { pki, tsa }
    }

    fn sign(&self, seal: &str, field: &str, input: &Path, output: &Path) {
        let p12 = self.pki.path(&format!("{seal}.p12"));
        let password = self.pki.path("password");
        let mut arguments: Vec<OsString> = vec!["sign".into(), input.into(), output.into()];
        arguments.extend(["--p12".into(), p12.into(), "--password-file".into(), password.into()]);
        arguments.extend(["--field", field, "--level", "B-T", "--tsa", &self.tsa].map(Into::into));
        arguments.extend(["--guard", "allow"].map(Into::into));
        sceau(arguments).expect(PASSED);
    }

    fn extend(&self, input: &Path, output: &Path) {
        let mut arguments: Vec<OsString> = vec!["extend".into(), input.into(), output.into()];
        arguments.extend(["--trust".into(), self.pki.path("root.pem").into()]);
        arguments.extend(["--level", "B-LTA", "--tsa", &self.tsa].map(Into::into));
        arguments.extend(["--wait", "--allow-private-network"].map(Into::into));
        sceau(arguments).expect(PASSED);
    }

    fn verify(&self, file: &Path, more: &[&str]) -> Said {
        let mut arguments: Vec<OsString> = vec!["verify".into(), file.into(), "--trust".into()];
        arguments.push(self.pki.path("root.pem").into());
        arguments.extend(more.iter().map(Into::into));
        sceau(arguments)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.pki.path(name)
    }
}

/// What a person or a program does to a file, by its name in the attack suite.
fn done(name: &str, file: &Path, output: &Path) {
    let attack = attacks::all().into_iter().find(|one| one.name == name).map(|one| one.make);
    let twin = attacks::twins().into_iter().find(|(twin, _)| *twin == name).map(|(_, make)| make);
    let make = attack.or(twin).expect("a name of the suite");
    let made = make(&std::fs::read(file).expect("a file"));
    std::fs::write(output, made).expect("written");
}

/// Every sentence stands in the text, one after the other.
#[track_caller]
fn tells(text: &str, sentences: &[&str]) {
    let mut rest = text;
    for sentence in sentences {
        let Some((_, after)) = rest.split_once(sentence) else {
            panic!("{sentence:?} is not told, or not in its place:\n{text}")
        };
        rest = after;
    }
}

#[test]
fn each_thing_that_happened_is_told_in_plain_words() {
    let story = Story::begin();
    let names = ["base", "once", "twice", "filled", "archived", "contrat"];
    let [base, once, twice, filled, archived, edited] =
        names.map(|name| story.path(&format!("{name}.pdf")));
    std::fs::write(&base, attacks::base("")).expect("written");
    story.sign("signer", "Premier", &base, &once);
    story.sign("checked", "Second", &once, &twice);
    done("a field filled, in place", &twice, &filled);
    story.extend(&filled, &archived);
    story.verify(&archived, &[]).expect(PASSED);
    done("a revision with another content", &archived, &edited);

    let english = story.verify(&edited, &[]).expect(INDETERMINATE).out;
    tells(
        &english,
        &[
            "contrat.pdf: INDETERMINATE / SIG_CONSTRAINTS_FAILURE",
            "Signature \"Premier\", B-LTA: INDETERMINATE",
            "signed by     CN=Cachet ordinaire",
            "timestamp     2",
            "covers        the first ",
            "added later   a further signature was added, in a field of its own (Second)",
            "added later   page 1: a text field was filled in (Nom)",
            "added later   validation data was added",
            "added later   a document timestamp was added",
            "changed later page 1: the content of the page was changed",
            "problem       SIG_CONSTRAINTS_FAILURE: the document was changed after the signature",
            "Signature \"Second\", B-LTA: INDETERMINATE",
            "signed by     CN=Cachet au répondeur vérifié",
            "added later   page 1: a text field was filled in (Nom)",
            "changed later page 1: the content of the page was changed",
            "Document timestamp ",
            "changed later page 1: the content of the page was changed",
        ],
    );
    let french = story.verify(&edited, &["--lang", "fr"]).expect(INDETERMINATE).out;
    tells(
        &french,
        &[
            "On ne peut pas dire que chaque signature tient.",
            "Signature \"Premier\", B-LTA : INDETERMINATE",
            "signé par     CN=Cachet ordinaire",
            "ajouté après  une autre signature a été ajoutée, dans son propre champ « Second »",
            "ajouté après  page 1 : un champ de texte a été rempli « Nom »",
            "ajouté après  des données de validation ont été ajoutées",
            "ajouté après  un horodatage du document a été ajouté",
            "modifié après page 1 : le contenu de la page a été modifié",
            "problème      SIG_CONSTRAINTS_FAILURE : le document a été modifié après la signature",
            "Signature \"Second\", B-LTA",
            "Horodatage du document ",
            "modifié après page 1 : le contenu de la page a été modifié",
        ],
    );
    guides_show(&english, &french);
}

/// The output in the guides is this one, but for what differs from run to run.
fn guides_show(english: &str, french: &str) {
    for (guide, said) in [("verification.en.md", english), ("verification.md", french)] {
        let text = std::fs::read_to_string(root().join("docs/guide").join(guide)).expect("a guide");
        let shown: Vec<String> = text.lines().map(settled).collect();
        for line in said.lines().skip(1).filter(|line| !line.trim().is_empty()) {
            assert!(shown.contains(&settled(line)), "{guide} does not show {line:?} of\n{said}");
        }
    }
}

/// Without numbers and times.
fn settled(line: &str) -> String {
    let words = line.split_whitespace().map(|word| {
        let varies = word.chars().next().is_some_and(|first| first.is_ascii_digit());
        if varies { "N" } else { word }
    });
    words.collect::<Vec<_>>().join(" ")
}
