//! Golden files: `ui/<name>.toml` is a workflow with faults, `ui/<name>.err` what is shown of them.
//!
//! `SCEAU_BLESS=1 cargo test -p sceau-workflow --test ui` writes the `.err` files anew; read the
//! difference before committing it.

#![expect(clippy::disallowed_methods, reason = "tests read their golden files")]

use std::fs;
use std::path::{Path, PathBuf};

use sceau_workflow::definition::{StepParsers, WorkflowDefinition};
use sceau_workflow::faults::{Faults, Source};

fn golden() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let entries = fs::read_dir(folder).expect("tests/ui").flatten().map(|entry| entry.path());
    let mut files: Vec<PathBuf> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "toml")).collect();
    files.sort();
    files
}

fn shown(file: &Path) -> String {
    let stem = file.file_stem().and_then(|stem| stem.to_str()).expect("a plain name");
    let text = fs::read_to_string(file).expect("a golden file");
    let (name, faults) = (format!("{stem}.toml"), Faults::default());
    let source = Source::new(&name, &text);
    let parsed = WorkflowDefinition::parse(source, stem, &StepParsers::standard(), &faults);
    assert_eq!(parsed.is_none(), !faults.is_empty(), "{stem}: a definition or faults, never both");
    Faults::render(&faults.into_sorted())
}

#[test]
fn faults_are_shown_as_the_golden_files_say() {
    let (mut wrong, files) = (Vec::new(), golden());
    assert!(files.len() >= 15, "the golden files are there");
    for file in files {
        let (expected, shown) = (file.with_extension("err"), shown(&file));
        if std::env::var_os("SCEAU_BLESS").is_some() {
            fs::write(&expected, &shown).unwrap();
        }
        if fs::read_to_string(&expected).unwrap_or_default() != shown {
            wrong.push(format!("{}:\n{shown}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
