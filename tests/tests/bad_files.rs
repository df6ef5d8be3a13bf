//! One dropped file of each bad kind: told in plain words, untouched, and in nobody else's way.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;

use sceau_tests::cabinet::{Cabinet, owner_only};
use sceau_tests::folder::{Watched, files};
use sceau_tests::tsa::ForeignPki;
use sceau_tests::{attacks, fixtures, judges};

/// A cabinet whose folder loses patience with halves of files after a second.
fn impatient(more: &str) -> (Cabinet, sceau_tests::daemon::Daemon) {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.folders[0].2 = format!("patience = \"2s\"\n{more}");
    cabinet.finish_ready()
}

/// A good file dropped beside bad ones is sealed: nothing stands in its way.
fn others_go_on(cabinet: &Cabinet, watched: &Watched) {
    watched.drop_file("bon.pdf", &fixtures::small("good beside bad"));
    judges::ask(&watched.wait_delivered("bon"), &cabinet.anchors()).expect_b_t();
}

/// The rejected original, bit for bit. Its note comes first: a file is never set aside without one.
fn original(watched: &Watched, name: &[u8]) -> Vec<u8> {
    let stem = name.strip_suffix(b".pdf").unwrap_or(name);
    let path = watched.wait("the original beside its note", || {
        watched
            .find(&watched.rejected(), |other| other.starts_with(stem) && !other.ends_with(b".txt"))
    });
    fs::read(path).expect("the original")
}

fn says(note: &str, words: &[&str]) {
    for word in words {
        assert!(note.contains(word), "no {word:?} in:\n{note}");
    }
}

#[test]
fn what_is_no_document_is_set_aside_untouched_with_a_note() {
    let (cabinet, _daemon) = impatient("");
    let watched = cabinet.watched("attestations");
    let mut truncated = fixtures::named("libreoffice");
    truncated.truncate(truncated.len() / 2);
    let bad: [(&str, Vec<u8>, &str); 4] = [
        ("vide.pdf", Vec::new(), "vide"),
        ("texte.pdf", b"Bonjour, ceci est une lettre.\n".repeat(40), "pas un fichier PDF"),
        ("moitie.pdf", truncated, "incomplet"),
        ("chiffre.pdf", fixtures::named("bad/encrypted"), "chiffré"),
    ];
    for (name, bytes, _) in &bad {
        watched.drop_file(name, bytes);
    }
    others_go_on(&cabinet, &watched);
    for (name, bytes, reason) in &bad {
        let note = watched.wait_rejected(name.trim_end_matches(".pdf"));
        says(&note, &["Ce qui s'est passé", "Pourquoi", "Que faire", reason]);
        assert_eq!(&original(&watched, name.as_bytes()), bytes, "{name} was touched");
    }
}

#[test]
fn a_directory_and_a_link_are_set_aside_and_never_followed() {
    let (cabinet, _daemon) = impatient("");
    let watched = cabinet.watched("attestations");
    let secret = cabinet.path("ailleurs.pdf");
    fs::write(&secret, fixtures::small("never followed")).expect("written");
    fs::create_dir(watched.path().join("repertoire.pdf")).expect("a directory");
    fs::write(watched.path().join("repertoire.pdf/dedans.pdf"), fixtures::small("inside"))
        .expect("written");
    symlink(&secret, watched.path().join("lien.pdf")).expect("a link");
    symlink("/nulle/part", watched.path().join("lien-mort.pdf")).expect("a link");
    others_go_on(&cabinet, &watched);
    says(&watched.wait_rejected("repertoire"), &["répertoire"]);
    says(&watched.wait_rejected("lien.pdf"), &["lien"]);
    says(&watched.wait_rejected("lien-mort"), &["lien"]);
    assert_eq!(cabinet.dossiers().len(), 1, "only the good one");
    assert!(secret.exists());
}

#[test]
fn english_notes_where_the_folder_says_so() {
    let (cabinet, _daemon) = impatient("language = \"en\"");
    let watched = cabinet.watched("attestations");
    watched.drop_file("empty.pdf", b"");
    says(&watched.wait_rejected("empty"), &["What happened", "empty", "What to do"]);
}

/// Names that are no UTF-8, decomposed, or as long as a name can be.
#[test]
fn difficult_names_come_back_as_they_came() {
    let (cabinet, _daemon) = impatient("");
    let watched = cabinet.watched("attestations");
    let long = format!("{}.pdf", "n".repeat(251));
    let names: [&[u8]; 4] = [
        b"soci\xe9t\xe9 2025.pdf",
        "e\u{301}tat des frais.pdf".as_bytes(),
        long.as_bytes(),
        "Œuf d'or & fils — n°1 (copie).pdf".as_bytes(),
    ];
    for (index, name) in names.iter().enumerate() {
        watched.drop_file(OsStr::from_bytes(name), &fixtures::small(&format!("name {index}")));
    }
    for name in names {
        let beginning = &name[..name.len().min(20) - 4];
        let sealed = watched.wait("a delivered file of that name", || {
            watched.find(&watched.delivered(), |other| {
                other.starts_with(beginning) && other.ends_with(b".pdf")
            })
        });
        let plain = cabinet.path("judged.pdf");
        fs::copy(&sealed, &plain).expect("a plain name");
        judges::ask(&plain, &cabinet.anchors()).expect_b_t();
    }
}

#[test]
fn a_long_name_leaves_room_for_its_note() {
    let (cabinet, _daemon) = impatient("");
    let watched = cabinet.watched("attestations");
    watched.drop_file(format!("{}.pdf", "é".repeat(125)), b"");
    says(&watched.wait_rejected("éééé"), &["vide"]);
    watched.drop_file(OsStr::from_bytes(b"\xe9\xe8\xff.pdf"), b"");
    watched.wait("note beside a name that is no UTF-8", || {
        watched.find(&watched.rejected(), |name| {
            name.starts_with(b"\xe9\xe8\xff") && name.ends_with(b".erreur.txt")
        })
    });
}

/// Root reads everything, so the service runs as another user here, as it does in production.
#[test]
fn an_unreadable_file_waits_in_sight_and_goes_on_when_it_can_be_read() {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.user = Some(65534);
    let (cabinet, _daemon) = cabinet.finish_ready();
    let watched = cabinet.watched("attestations");
    let path = watched.path().join("interdit.pdf");
    fs::write(cabinet.path("interdit"), fixtures::small("forbidden")).expect("written");
    owner_only(&cabinet.path("interdit"), 0o000);
    fs::rename(cabinet.path("interdit"), &path).expect("renamed in");
    others_go_on(&cabinet, &watched);
    watched.wait("sign of the unreadable file", || mentioned(watched.path(), "interdit.pdf"));
    assert!(path.exists(), "it stays where it is: {}", watched.show());
    owner_only(&path, 0o644);
    judges::ask(&watched.wait_delivered("interdit"), &cabinet.anchors()).expect_b_t();
    watched.wait("end of the sign", || {
        mentioned(watched.path(), "interdit.pdf").is_none().then_some(())
    });
}

/// Some text file of the folder that names the file.
fn mentioned(folder: &Path, name: &str) -> Option<()> {
    let texts =
        files(folder).into_iter().filter(|path| path.extension() == Some(OsStr::new("txt")));
    let mut texts = texts.map(|path| fs::read_to_string(path).unwrap_or_default());
    texts.any(|text| text.contains(name)).then_some(())
}

#[test]
fn temporary_and_hidden_names_are_left_alone() {
    let (cabinet, _daemon) = impatient("");
    let watched = cabinet.watched("attestations");
    let names = ["~$lettre.pdf", ".cache.pdf", "x.tmp", "x.part", "Thumbs.db", "desktop.ini"];
    for name in names {
        fs::write(watched.path().join(name), b"not for you").expect("written");
    }
    others_go_on(&cabinet, &watched);
    for name in names {
        assert!(watched.path().join(name).exists(), "{name} was touched: {}", watched.show());
    }
    assert_eq!(cabinet.dossiers().len(), 1);
}

#[test]
fn active_content_is_refused_where_the_workflow_says_so() {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.folders.push(("plaquettes".into(), "plaquette".into(), String::new()));
    let (cabinet, _daemon) = cabinet.finish_ready();
    let watched = cabinet.watched("plaquettes");
    watched.drop_file("active.pdf", &fixtures::active());
    says(&watched.wait_rejected("active"), &["actif", "javascript"]);
}

/// The same look right before the seal, in a workflow that prepares nothing.
#[test]
fn what_could_change_a_sealed_document_is_refused_or_told_before_the_seal() {
    let mut cabinet = Cabinet::uninitialised();
    for guard in ["refuse", "warn", "allow"] {
        cabinet.folders.push((guard.to_owned(), guard.to_owned(), String::new()));
    }
    let cabinet = cabinet.finish();
    for guard in ["refuse", "warn", "allow"] {
        let workflow = format!(
            "schema = 1\nname = \"{guard}\"\ntitle = {{ fr = \"Essai\", en = \"Trial\" }}\n\n[[step]]\n\
             kind = \"seal\"\nguard = \"{guard}\"\n\n[[step]]\nkind = \"deliver\"\n"
        );
        let path = cabinet.path(format!("config/workflows/{guard}.toml"));
        fs::write(path, workflow).expect("a workflow");
    }
    let _daemon = sceau_tests::daemon::Daemon::start(&cabinet);
    cabinet.grant("sceller");
    let (refuses, warns) = (cabinet.watched("refuse"), cabinet.watched("warn"));
    refuses.drop_file("actif.pdf", &fixtures::active());
    says(&refuses.wait_rejected("actif"), &["un script JavaScript (objet 1 0 R)"]);
    refuses.drop_file("couvert.pdf", &fixtures::stamped_over(690));
    says(&refuses.wait_rejected("couvert"), &["du texte caché", "(page 1, objet 6 0 R)"]);
    refuses.drop_file("cote.pdf", &fixtures::stamped_over(600));
    refuses.wait_delivered("cote");
    others_go_on(&cabinet, &refuses);
    warns.drop_file("actif.pdf", &fixtures::active());
    warns.wait_delivered("actif");
    let evidence = warns.evidence("actif");
    let told = &evidence["steps"][0]["result"]["dangers"];
    assert_eq!(told[0]["word"], "javascript", "{evidence:#}");
    let allows = cabinet.watched("allow");
    allows.drop_file("actif.pdf", &fixtures::active());
    allows.wait_delivered("actif");
    let evidence = allows.evidence("actif");
    assert_eq!(evidence["steps"][0]["result"].get("dangers"), None, "{evidence:#}");
}

/// Two fields that show one signature: no reader may find that file good, whatever seal is added.
#[test]
fn a_seal_that_nobody_could_find_valid_is_not_delivered() {
    let (pki, _tsa) = ForeignPki::over(&attacks::base(""));
    let signed = fs::read(pki.path("sealed.pdf")).expect("signed");
    let forged = attacks::all().into_iter().find(|one| one.name == "two fields with one signature");
    let (cabinet, _daemon) = Cabinet::ready();
    let watched = cabinet.watched("attestations");
    watched.drop_file("double.pdf", &(forged.expect("an attack").make)(&signed));
    let note = watched.wait_rejected("double");
    says(&note, &["aucun cachet n'y serait reconnu valable"]);
    // The same file as it was signed, by somebody whom nobody here trusts, is sealed.
    watched.drop_file("tiers.pdf", &signed);
    watched.wait_delivered("tiers");
}
