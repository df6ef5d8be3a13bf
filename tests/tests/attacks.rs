//! Every published attack, upon files that Sceau and pyHanko signed a moment ago: what `sceau verify`
//! says, beside EU DSS and pyHanko; and the honest twins, which must pass.
//!
//! Disagreements are listed with their reasons in `tests/attacks/disagreements.tsv`: a new one fails,
//! and so does one that is gone.

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Duration;

use sceau_tests::attacks::bench::{Bench, PATIENCE};
use sceau_tests::attacks::table::{Row, foreign, hold, refused, say, told, verdict};
use sceau_tests::exit::PASSED;
use sceau_tests::program::run;
use sceau_tests::{attacks, judges, memory, peers, root};

/// What a hostile file may cost: computing time, and memory in bytes.
const LONGEST: Duration = Duration::from_secs(5);
const LARGEST: u64 = 256 << 20;

#[test]
fn no_published_attack_passes_and_the_table_is_as_told() {
    let bench = Bench::new();
    let rows = attacks::all().into_iter().flat_map(|attack| {
        let made = |(signer, file): (&'static str, Vec<u8>)| {
            (attack.class, attack.name, signer, attack.expected, (attack.make)(&file))
        };
        bench.signed().map(made)
    });
    refused(&bench, "attack", rows.collect());
}

/// Who has the names of the authorities, but not their keys; and tokens that were given for other
/// documents.
#[test]
fn no_forged_or_copied_timestamp_passes_and_no_swapped_issuer() {
    let (bench, forger) = (Bench::new(), Bench::new());
    let mut python = Command::new(peers().join("venv/bin/python"));
    python.arg(root().join("tests/peers/pyhanko_forger.py"));
    run(python.arg(bench.path("")).arg(forger.path("")), PATIENCE).expect(PASSED);
    let timed = |p12: &str, pki: &Bench| bench.seal(p12, "timed.pdf", &b_t(&pki.url()));
    let signed = || [("Sceau", timed("seal.p12", &bench)), ("pyHanko", bench.read("sealed.pdf"))];
    let mut rows: Vec<Row> = Vec::new();
    let mut row = |class, name, expected, files: [Vec<u8>; 2]| {
        let signers = ["Sceau", "pyHanko"].into_iter().zip(files);
        rows.extend(signers.map(|(signer, file)| (class, name, signer, expected, file)));
    };
    const UNPROVEN: &str = "NO_CERTIFICATE_CHAIN_FOUND";
    let forged = [timed("seal.p12", &forger), bench.read("forged-time.pdf")];
    row("timestamp", "of an authority that has the name alone", UNPROVEN, forged);
    // A token of pyHanko's file and one of ours are not of one length.
    let donors = [&(|| timed("seal.p12", &bench)) as &dyn Fn() -> Vec<u8>, &|| {
        bench.pyhanko("invisible", &attacks::base(""))
    }];
    let copied = [0, 1].map(|at| {
        let file = signed()[at].1.clone();
        let mut donors = (0..60).map(|_| donors[at]());
        donors.find_map(|donor| attacks::with_token_of(&file, &donor)).expect("a donor")
    });
    row("timestamp", "copied from another signature", "SIG_CONSTRAINTS_FAILURE", copied);
    let stamped = signed().map(|(_, file)| forger.pyhanko("timestamp", &file));
    row("timestamp", "a document timestamp of the name alone", UNPROVEN, stamped);
    let copied = signed().map(|(_, file)| {
        let donor = bench.pyhanko("timestamp", &attacks::base(""));
        attacks::with_cms_of(&bench.pyhanko("timestamp", &file), &donor)
    });
    row("timestamp", "a document timestamp of another document", "HASH_FAILURE", copied);
    let called = signed()
        .map(|(_, file)| attacks::timestamp_as_signature(&bench.pyhanko("timestamp", &file)));
    row("timestamp", "a document timestamp called a signature", "FORMAT_FAILURE", called);
    let beneath = [timed("false-seal.p12", &bench), bench.read("false-seal.pdf")];
    row("issuer", "a false seal beneath the true issuer", UNPROVEN, beneath);
    for (signer, file) in signed() {
        bench.verify(&bench.write(&file)).expect(PASSED);
        let stamped = bench.pyhanko("timestamp", &file);
        assert_eq!(bench.verify(&bench.write(&stamped)).code, Some(PASSED), "{signer}: the twin");
    }
    // A false issuer beside the true seal is nobody's issuer: the true one is trusted and found.
    for beside in [timed("false-issuer.p12", &bench), bench.read("false-issuer.pdf")] {
        bench.verify(&bench.write(&beside)).expect(PASSED);
    }
    refused(&bench, "forgery", rows);
}

/// What comes onto a certified document, and a signature that hides what was there on any.
#[test]
fn nothing_is_put_over_a_certified_document() {
    const MODIFIED: &str = "SIG_CONSTRAINTS_FAILURE";
    let bench = Bench::sound();
    let (filling, notes) = (bench.certified("2"), bench.certified("3"));
    let mut rows: Vec<Row> = Vec::new();
    for attack in attacks::all().iter().filter(|attack| attack.class == "notes") {
        let made = |(signer, file): &(&'static str, Vec<u8>)| {
            ("EAA", attack.name, *signer, MODIFIED, (attack.make)(file))
        };
        rows.extend(notes.iter().map(made));
    }
    for (signer, file) in &filling {
        let row = |class, name, file| (class, name, *signer, MODIFIED, file);
        rows.push(row("EAA", "a note where filling alone is allowed", attacks::note(file)));
        rows.push(row("OCA", "a signature shown over the text", bench.pyhanko("sneaky", file)));
        rows.push(row("OCA", "a signature shown beside the text", bench.pyhanko("visible", file)));
    }
    for (signer, file) in bench.signed() {
        let hides = bench.pyhanko("hiding", &file);
        rows.push(("overlay", "a signature that hides the text", signer, MODIFIED, hides));
    }
    let awaited =
        |(signer, file): (&'static str, Vec<u8>)| (signer, bench.pyhanko("invisible", &file));
    let twins = notes.map(|(signer, file)| (signer, attacks::note(&file)));
    for (signer, twin) in twins.into_iter().chain(bench.certified("2-awaited").map(awaited)) {
        let said = bench.verify(&bench.write(&twin));
        assert_eq!(said.code, Some(PASSED), "{signer}: {}", said.out);
    }
    refused(&bench, "certified", rows);
}

/// What may be done to the same place is a file that passes, made here or in a test of its own.
#[test]
fn every_attack_has_a_twin() {
    let twins: Vec<&str> = attacks::twins().iter().map(|(name, _)| *name).collect();
    for attack in attacks::all() {
        let known = twins.contains(&attack.twin) || attacks::MADE.contains(&attack.twin);
        assert!(known, "{}: no twin {:?}", attack.name, attack.twin);
    }
}

fn b_t(url: &str) -> [&str; 4] {
    ["--level", "B-T", "--tsa", url]
}

#[test]
fn every_honest_twin_passes() {
    let bench = Bench::new();
    let (mut accused, mut seen) = (Vec::new(), BTreeMap::new());
    for (name, make) in attacks::twins() {
        for (signer, file) in bench.signed() {
            let path = bench.write(&make(&file));
            let said = bench.verify(&path);
            if said.code != Some(PASSED) {
                accused.push((name, signer, said.out));
            }
            let verdicts = judges::ask(&path, &bench.path("root.pem"));
            say(&format!("{name}, {signer}: pyHanko: {}", told(&verdicts.pyhanko)));
            let (dss, pyhanko) = foreign(&verdicts);
            if [&dss, &pyhanko].iter().any(|word| *word != "passes") {
                seen.insert(format!("twin\t{name}\t{signer}"), format!("{dss}\t{pyhanko}"));
            }
        }
    }
    assert!(accused.is_empty(), "{accused:#?}");
    hold("twin", &seen);
}

/// Signed once more by the other program, extended, and filled in between: nobody may be accused.
#[test]
fn real_second_signatures_are_no_modifications() {
    let bench = Bench::sound();
    let mut accused = Vec::new();
    for (signer, file) in bench.signed() {
        let filled =
            attacks::twins().into_iter().find(|(name, _)| name.starts_with("a field filled"));
        let filled = filled.expect("a twin").1(&file);
        let mut made =
            vec![("Sceau", bench.sign_again(&file)), ("Sceau, filled", bench.sign_again(&filled))];
        for kind in ["invisible", "visible", "timestamp", "lta"] {
            made.push((kind, bench.pyhanko(kind, &file)));
        }
        made.push(("visible, filled", bench.pyhanko("visible", &filled)));
        for (kind, twice) in made {
            let path = bench.write(&twice);
            let said = bench.verify(&path);
            if said.code != Some(PASSED)
                || said.json()["signatures"].as_array().map(Vec::len) < Some(2)
            {
                accused.push((signer, kind, said.out));
            }
            let verdicts = judges::ask(&path, &bench.path("root.pem"));
            let words = foreign(&verdicts);
            if words != ("passes".to_owned(), "passes".to_owned()) {
                accused.push((signer, kind, format!("{words:?} {}", told(&verdicts.pyhanko))));
            }
        }
    }
    assert!(accused.is_empty(), "{accused:#?}");
}

/// Of the form that came before PAdES: it holds, names no level, and is no easier to attack.
#[test]
fn a_signature_of_iso_32000_1_is_judged_as_strictly() {
    let bench = Bench::new();
    let signed = bench.pyhanko("pkcs7", &attacks::base(""));
    let said = bench.verify(&bench.write(&signed)).expect(PASSED).json();
    assert_eq!(said["signatures"][0]["level"], serde_json::Value::Null, "{said}");
    let all = attacks::all();
    let kept = ["a byte of the page", "a revision with another content", "no ByteRange"];
    for attack in all.iter().filter(|attack| kept.contains(&attack.name)) {
        let said = bench.verify(&bench.write(&(attack.make)(&signed)));
        let (indication, reason) = verdict(&said);
        assert!(attack.expected == reason, "{}: {indication} {reason}", attack.name);
    }
}

/// Loops, depth, bombs and bogus counts end, within bounds of computing time and memory: the clock on the
/// wall would measure what else the machine does; that it ends at all is bounded by [`PATIENCE`].
#[test]
fn hostile_files_end_within_their_bounds() {
    let bench = Bench::new();
    let [(_, signed), _] = bench.signed();
    let mut beyond = Vec::new();
    for (name, file) in attacks::hostile(&signed) {
        let path = bench.write(&file);
        for command in ["verify", "inspect", "sign"] {
            let cost = memory::measured(&mut bench.command(command, &path), PATIENCE);
            let (mib, cpu) = (cost.peak >> 20, cost.cpu);
            say(&format!("{command} {name}: {cpu:?}, {mib} MiB, exit {:?}", cost.code));
            let fits = cpu < LONGEST && cost.peak < LARGEST;
            let ended = cost.code.is_some_and(|code| code != PASSED || command != "verify");
            if !fits || !ended {
                beyond.push(format!("{command} {name}: {cost:?}"));
            }
        }
    }
    assert!(beyond.is_empty(), "{beyond:#?}");
}
