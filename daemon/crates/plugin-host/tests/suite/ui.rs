//! Golden files: `ui/<name>.toml` is a manifest with faults, `ui/<name>.err` what is shown of them.
//!
//! `SCEAU_BLESS=1 cargo test -p sceau-plugin-host --test suite ui` writes the `.err` files anew; read the
//! difference before committing it.

use std::fs;
use std::path::{Path, PathBuf};

use sceau_plugin_host::Manifest;
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
    let text = fs::read_to_string(file).expect("a golden file");
    let name = file.file_name().and_then(|name| name.to_str()).expect("a plain name");
    let faults = Faults::default();
    let manifest = Manifest::parse(Source::new(name, &text), &faults);
    assert_eq!(manifest.is_none(), !faults.is_empty(), "{name}: a manifest or faults, never both");
    Faults::render(&faults.into_sorted())
}

#[test]
fn faults_are_shown_as_the_golden_files_say() {
    let (mut wrong, files) = (Vec::new(), golden());
    assert!(files.len() >= 6, "the golden files are there");
    for file in files {
        let (expected, shown) = (file.with_extension("err"), shown(&file));
        if std::env::var_os("SCEAU_BLESS").is_some() {
            fs::write(&expected, &shown).expect("written");
        }
        if fs::read_to_string(&expected).unwrap_or_default() != shown {
            wrong.push(format!("{}:\n{shown}", file.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_whole_manifest_is_read() {
    let text = r#"
        id = "ged-filing"
        version = "1.2.0"
        contract = "1.0.0"
        kind = "after-seal"
        description = "Files what was sealed"
        [limits]
        memory = "128MiB"
        time = "30s"
        [capabilities]
        documents = true
        state = "64KiB"
        http = ["ged.example.fr"]
        secrets = ["ged-token"]
        [settings]
        type = "object"
        required = ["folder"]
        [settings.properties.folder]
        type = "string"
    "#;
    let faults = Faults::default();
    let manifest = Manifest::parse(Source::new("plugin.toml", text), &faults);
    let manifest = manifest.unwrap_or_else(|| panic!("{}", Faults::render(&faults.into_sorted())));
    assert_eq!(manifest.asked.state, Some(65_536));
    assert_eq!(manifest.limits.time.as_secs(), 30);
    assert_eq!(manifest.component, "plugin.wasm");
    assert_eq!(manifest.schema.faults(&serde_json::json!({})), ["settings.folder: is missing"]);
}
