//! A form that was certified for filling, or sealed, and that the programs filled with which people do:
//! each writes an incremental revision, and none of them is accused.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Command;

use sceau_tests::attacks::bench::{Bench, PATIENCE};
use sceau_tests::exit::{INDETERMINATE, PASSED};
use sceau_tests::program::run;
use sceau_tests::{attacks, fixtures, peers, root};
use serde_json::Value;

/// What is told of each signature, in the order of the form.
const FILLED: [&str; 5] = [
    "page 1: a text field was filled in (Nom)",
    "page 1: a text field was filled in (Siret)",
    "page 1: a box or button was set (Accord)",
    "page 1: a choice was made in a field (Forme)",
    "page 1: a text field was filled in (Date)",
];

/// The form as it goes to whoever fills it: certified by pyHanko, that and signed by Sceau, sealed by Sceau.
struct Forms {
    bench: Bench,
    files: Vec<PathBuf>,
}

impl Forms {
    fn make() -> Self {
        let bench = Bench::over(&fixtures::form());
        let mut made = bench.certified("2").to_vec();
        made.push(("sealed", bench.read("sceau.pdf")));
        let write = |(name, file): (&str, Vec<u8>)| {
            let path = bench.path(&format!("form-{name}.pdf"));
            std::fs::write(&path, file).expect("written");
            path
        };
        let files = made.into_iter().map(write).collect();
        Self { bench, files }
    }

    /// Each form beside what `program` makes of it.
    fn filled(&self, program: &str) -> Vec<(PathBuf, PathBuf)> {
        let target = |file: &PathBuf| file.with_extension(format!("{program}.pdf"));
        let pairs: Vec<_> = self.files.iter().map(|file| (file.clone(), target(file))).collect();
        let mut command = filler(program);
        command.args(pairs.iter().flat_map(|(from, to)| [from, to]));
        run(&mut command, PATIENCE).expect(PASSED);
        pairs
    }
}

fn filler(program: &str) -> Command {
    let (interpreter, arguments): (OsString, [OsString; 3]) = if program == "PDFBox" {
        let classes = format!("{}/lib/*", peers().join("dss/build").display());
        let source = root().join("tests/peers/dss/Filler.java");
        ("java".into(), ["-cp".into(), classes.into(), source.into()])
    } else {
        let script = root().join("tests/peers/fillers.py");
        let python = peers().join("venv/bin/python");
        (python.into(), ["-B".into(), script.into(), program.into()])
    };
    let mut command = Command::new(interpreter);
    command.args(arguments);
    command
}

/// What is told of the pages in the last change of a signature.
fn told(signature: &Value) -> Vec<&str> {
    let changes = signature["changes"].as_array().expect("changes");
    let items = changes.last().expect("a change")["items"].as_array().expect("items");
    let words = items.iter().filter_map(|item| item["en"].as_str());
    words.filter(|words| words.starts_with("page")).collect()
}

#[test]
fn no_program_that_fills_a_form_is_accused() {
    let forms = Forms::make();
    for program in ["pypdf", "PyMuPDF", "PDFium", "PDFBox"] {
        for (form, filled) in forms.filled(program) {
            let (before, after) = (std::fs::read(&form), std::fs::read(&filled));
            let (before, after) = (before.expect("the form"), after.expect("filled"));
            assert!(after.starts_with(&before), "{program} wrote {} anew", form.display());
            let said = forms.bench.verify(&filled);
            let report = said.json();
            assert_eq!(said.code, Some(PASSED), "{program}, {}: {report:#}", form.display());
            for signature in report["signatures"].as_array().expect("signatures") {
                assert_eq!(told(signature), FILLED, "{program}, {}", form.display());
            }
        }
    }
}

/// MuPDF packs nothing: what it wrote is changed in its place.
#[test]
fn what_a_program_filled_in_is_held_to_its_value() {
    let forms = Forms::make();
    let (_, filled) = forms.filled("PyMuPDF").remove(0);
    let filled = std::fs::read(filled).expect("filled");
    let text = attacks::lossy(&filled);
    for (shown, other, field) in [
        ("(12/03/2026) Tj", "(12/08/2026) Tj", "Date"),
        ("(3) Tj", "(8) Tj", "Accord"),
        ("civile) Tj", "ovicle) Tj", "Forme"),
    ] {
        let at = text.rfind(shown).expect("what it shows");
        let mut changed = filled.clone();
        changed[at..at + shown.len()].copy_from_slice(other.as_bytes());
        let said = forms.bench.verify(&forms.bench.write(&changed)).expect(INDETERMINATE).json();
        let swapped = format!("page 1: a field shows something else than its value ({field})");
        assert!(told(&said["signatures"][0]).contains(&&*swapped), "{said:#}");
    }
}
