//! Components that the daemon meets in its own tests, made here.

use std::path::PathBuf;

use super::{LOOP, phases};
use crate::support::{BOMB, component, step};

/// Those that the daemon meets (`tests/tests/plugins.rs`) are committed as bytes.
#[test]
fn what_the_daemon_meets_is_what_it_is_called() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/components/daemon");
    for (name, made) in [
        ("loop", component("validate", &step("validate", LOOP))),
        ("bomb", component("validate", &step("validate", BOMB))),
        ("no-rules", phases::without_rules()),
        ("copy", gives_back("")),
        (
            "change",
            gives_back("(i32.store8 offset=7 (i32.load (i32.const 3208)) (i32.const 0x34))"),
        ),
        ("script", scripts()),
    ] {
        let file = folder.join(format!("{name}.wasm"));
        if std::env::var_os("SCEAU_BLESS").is_some() {
            std::fs::create_dir_all(&folder).expect("a directory");
            std::fs::write(&file, &made).expect("written");
        }
        let found = std::fs::read(&file).unwrap_or_default();
        assert!(found == made, "{}: SCEAU_BLESS=1 writes it anew", file.display());
    }
}

/// One that gives the document back with a comment behind it, after `more` was done to its bytes: nothing,
/// or another digit of its version.
fn gives_back(more: &str) -> Vec<u8> {
    let imports = r#"(import "sceau:documents/documents@1.0.0" "open" (func $open (param i32 i32 i32)))
        (import "sceau:documents/documents@1.0.0" "[method]document.size" (func $size (param i32) (result i64)))
        (import "sceau:documents/documents@1.0.0" "[method]document.read" (func $read (param i32 i64 i32 i32)))
        (import "sceau:document-output/document-output@1.0.0" "begin" (func $begin (param i32)))
        (import "sceau:document-output/document-output@1.0.0" "[method]writer.write" (func $write (param i32 i32 i32 i32)))
        (import "sceau:document-output/document-output@1.0.0" "[method]writer.finish" (func $finish (param i32 i32)))
        (data (i32.const 4096) "%\0a")"#;
    let code = format!(
        "(local $d i32) (local $w i32) \
        (call $open (i32.load (local.get 7)) (i32.load offset=4 (local.get 7)) (i32.const 3072)) \
        (local.set $d (i32.load (i32.const 3080))) \
        (call $read (local.get $d) (i64.const 0) (i32.wrap_i64 (call $size (local.get $d))) (i32.const 3200)) {more} \
        (call $begin (i32.const 3072)) (local.set $w (i32.load (i32.const 3080))) \
        (call $write (local.get $w) (i32.load (i32.const 3208)) (i32.load (i32.const 3212)) (i32.const 3400)) \
        (call $write (local.get $w) (i32.const 4096) (i32.const 2) (i32.const 3400)) \
        (call $finish (local.get $w) (i32.const 3304)) \
        (i32.store8 (i32.const 2056) (i32.const 1)) \
        (i32.store (i32.const 2060) (i32.load (i32.const 3312))) \
        (i32.store (i32.const 2064) (i32.load (i32.const 3316))) (i32.const 2048)"
    );
    component("prepare", &format!("{imports}\n{}", step("prepare", &code)))
}

/// One that gives another document back, which runs a script when it is opened.
fn scripts() -> Vec<u8> {
    let document = scripted();
    let data: String = document.iter().map(|byte| format!("\\{byte:02x}")).collect();
    let imports = format!(
        r#"(import "sceau:document-output/document-output@1.0.0" "begin" (func $begin (param i32)))
        (import "sceau:document-output/document-output@1.0.0" "[method]writer.write" (func $write (param i32 i32 i32 i32)))
        (import "sceau:document-output/document-output@1.0.0" "[method]writer.finish" (func $finish (param i32 i32)))
        (data (i32.const 4096) "{data}")"#
    );
    let code = format!(
        "(local $w i32) (call $begin (i32.const 3072)) (local.set $w (i32.load (i32.const 3080))) \
        (call $write (local.get $w) (i32.const 4096) (i32.const {}) (i32.const 3400)) \
        (call $finish (local.get $w) (i32.const 3304)) \
        (i32.store8 (i32.const 2056) (i32.const 1)) \
        (i32.store (i32.const 2060) (i32.load (i32.const 3312))) \
        (i32.store (i32.const 2064) (i32.load (i32.const 3316))) (i32.const 2048)",
        document.len()
    );
    component("prepare", &format!("{imports}\n{}", step("prepare", &code)))
}

fn scripted() -> Vec<u8> {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/OpenAction<</S/JavaScript/JS(app.alert\\(1\\))>>>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>",
    ];
    let (mut text, mut table) = ("%PDF-1.7\n".to_owned(), "0000000000 65535 f \n".to_owned());
    for (number, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", text.len());
        text += &format!("{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let start = text.len();
    text +=
        &format!("xref\n0 4\n{table}trailer\n<</Size 4/Root 1 0 R>>\nstartxref\n{start}\n%%EOF\n");
    text.into_bytes()
}
