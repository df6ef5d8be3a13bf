//! What speaks against one signature among others: the newest, in a named field.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::{Policy, dss, poppler, pyhanko, qpdf, texts};

/// How long `qpdf` may look at one file.
const PATIENCE: Duration = Duration::from_secs(20);

/// What each judge has against the signature in `field` of the file at `pdf`: that it is valid,
/// trusted, over the whole file, and that nothing was changed after it.
///
/// # Panics
/// When a judge is missing.
pub fn against_newest(pdf: &Path, anchors: &Path, field: &str) -> Vec<String> {
    let mut against = Vec::new();
    against.extend(by_pyhanko(&pyhanko::judge(pdf, anchors), field));
    against.extend(by_dss(&dss::judge(pdf, anchors, Policy::NoRevocation), field));
    against.extend(by_pdfsig(&poppler::judge(pdf, anchors), field));
    against
}

/// Whether `qpdf` finds neither errors nor warnings; none where it crashes, hangs or asks for a
/// password.
pub fn is_clean(pdf: &Path) -> Option<bool> {
    qpdf::judge_within(pdf, PATIENCE)
}

fn of<'a>(answer: &'a Value, field: &str) -> Result<&'a Value, String> {
    let named = |signature: &&Value| signature["field"] == field;
    let found = answer["signatures"].as_array().and_then(|all| all.iter().find(named));
    found.ok_or_else(|| format!("no signature in {field}: {}", answer["error"]))
}

fn by_pyhanko(answer: &Value, field: &str) -> Option<String> {
    let signature = match of(answer, field) {
        Ok(signature) => signature,
        Err(none) => return Some(format!("pyHanko: {none}")),
    };
    let good = ["bottom_line", "intact", "valid", "trusted"].iter().all(|k| signature[k] == true);
    if good && signature["coverage"] == "ENTIRE_FILE" {
        return None;
    }
    Some(format!("pyHanko: covers {}: {}", signature["coverage"], signature["pretty"]))
}

fn by_dss(answer: &Value, field: &str) -> Option<String> {
    let signature = match of(answer, field) {
        Ok(signature) => signature,
        Err(none) => return Some(format!("DSS: {none}")),
    };
    let passed = signature["indication"] == "TOTAL_PASSED" && signature["modified"] == false;
    if passed && signature["level"] == "PAdES-BASELINE-B" {
        return None;
    }
    let modified = if signature["modified"] == true { "modified" } else { "" };
    let said = [texts(&signature["errors"]), texts(&signature["warnings"])].concat().join("; ");
    Some(format!("DSS: {} {} {modified} {said}", signature["indication"], signature["level"]))
}

fn by_pdfsig(said: &str, field: &str) -> Option<String> {
    let name = format!("Signature Field Name: {field}\n");
    let block = said.split("Signature #").find(|block| block.contains(&name));
    let good = [
        "Signature Validation: Signature is Valid.",
        "Certificate Validation: Certificate is Trusted.",
        "Total document signed",
    ];
    match block {
        Some(block) if good.iter().all(|line| block.contains(line)) => None,
        Some(block) => Some(format!("pdfsig: {block}")),
        None => Some(format!("pdfsig: no signature in {field}: {said}")),
    }
}
