//! The bindings that are committed with the SDK are those that the contract gives: authors need no
//! generator. `SCEAU_BLESS=1` writes them anew.

use std::path::PathBuf;

use wit_bindgen_core::{Files, WorldGenerator as _};
use wit_bindgen_rust::{Opts, WithOption};
use wit_parser::Resolve;

/// One module that holds what the host offers, and one for each kind of step.
const MODULES: [&str; 6] = ["imports", "prepare", "route", "validate", "notify", "after-seal"];

/// The packages that the host offers; `document-output` only to `prepare`.
const OFFERED: [&str; 12] = [
    "types",
    "log",
    "context",
    "clock",
    "random",
    "documents",
    "places",
    "document-output",
    "events",
    "state",
    "http",
    "filing",
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../plugins")
}

fn snake(name: &str) -> String {
    name.replace('-', "_")
}

/// A world that imports all that the host offers, and exports nothing.
fn imports() -> String {
    let line = |name: &str| format!("import sceau:{name}/{name}@1.0.0;");
    format!("package sceau:sdk;\nworld imports {{ {} }}", OFFERED.map(line).join(" "))
}

fn options(module: &str) -> Opts {
    let mut options = Opts {
        format: true,
        runtime_path: Some("wit_bindgen::rt".to_owned()),
        additional_derive_attributes: vec!["PartialEq".to_owned()],
        ..Opts::default()
    };
    if module == "imports" {
        options.generate_all = true;
        return options;
    }
    options.pub_export_macro = true;
    options.export_macro_name = Some(format!("export_{}", snake(module)));
    options.default_bindings_module = Some(format!("$crate::bindings::{}", snake(module)));
    let used = OFFERED.iter().filter(|name| **name != "document-output" || module == "prepare");
    options.with = used
        .map(|name| {
            let path = format!("crate::bindings::imports::sceau::{0}::{0}", snake(name));
            (format!("sceau:{name}/{name}@1.0.0"), WithOption::Path(path))
        })
        .collect();
    options
}

fn generated(module: &str) -> String {
    let mut resolve = Resolve::default();
    let (package, _) = resolve.push_dir(root().join("wit/1.1.0")).expect("the contract");
    let package = match module {
        "imports" => resolve.push_str("sdk.wit", &imports()).expect("a world of imports"),
        _ => package,
    };
    let world = resolve.select_world(&[package], Some(module)).expect("a world");
    let mut files = Files::default();
    options(module).build().generate(&mut resolve, world, &mut files).expect("bindings");
    let (_, bytes) = files.iter().next().expect("one file");
    let text = String::from_utf8(bytes.to_vec()).expect("Rust");
    // What is generated prints itself as Rust writes it; people read words.
    let text = text.replace("write!(f, \"{:?}\", self)", "crate::words::Words::write(self, f)");
    // Every kind exports the self-test; its macro is named by the kind, so that they do not collide.
    text.replace("__export_sceau_self_test_", &format!("__export_{}_self_test_", snake(module)))
}

#[test]
fn the_bindings_of_the_sdk_are_those_of_the_contract() {
    for module in MODULES {
        let file = root().join("sdk/src/bindings").join(format!("{}.rs", snake(module)));
        let wanted = generated(module);
        if std::env::var_os("SCEAU_BLESS").is_some() {
            std::fs::write(&file, &wanted).expect("written");
        }
        let found = std::fs::read_to_string(&file).unwrap_or_default();
        assert!(found == wanted, "{}: SCEAU_BLESS=1 writes it anew", file.display());
    }
}
