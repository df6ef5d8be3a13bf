//! What speaks against one signature among others: the newest, in a named field.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use super::{Policy, dss, poppler, pyhanko, qpdf, texts};
use crate::clock::Clock;

/// How long `qpdf` may look at one file.
const PATIENCE: Duration = Duration::from_secs(60);

/// A baseline level (EN 319 142-1, 6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// The signature alone.
    B,
    /// With a timestamp.
    T,
    /// With what validation needs later.
    Lt,
    /// With a timestamp over that.
    Lta,
}

impl Level {
    /// All, from the lowest on.
    pub const ALL: [Self; 4] = [Self::B, Self::T, Self::Lt, Self::Lta];

    /// As `sceau` calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::B => "B-B",
            Self::T => "B-T",
            Self::Lt => "B-LT",
            Self::Lta => "B-LTA",
        }
    }

    /// Whether the signature's own revision is the last one.
    fn is_last(self) -> bool {
        self <= Self::T
    }
}

/// What each judge has against the signature in `field` of the file at `pdf`: that it is valid,
/// trusted and of this level, and that nothing was changed after it but what the level adds. Each line
/// begins with the judge's name.
///
/// # Panics
/// When a judge is missing.
pub fn against_newest(pdf: &Path, anchors: &Path, field: &str, level: Level) -> Vec<String> {
    let mut against = Vec::new();
    let said = match level {
        Level::Lta => pyhanko::judge_long_term(pdf, anchors),
        _ => pyhanko::judge(pdf, anchors),
    };
    against.extend(by_pyhanko(&said, field, level));
    let policy = if level.is_last() { Policy::NoRevocation } else { Policy::Strict };
    against.extend(by_dss(&dss::judge(pdf, anchors, policy), field, level));
    against.extend(by_pdfsig(&poppler::judge(pdf, anchors, Clock::default()), field, level));
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

fn by_pyhanko(answer: &Value, field: &str, level: Level) -> Option<String> {
    let signature = match of(answer, field) {
        Ok(signature) => signature,
        Err(none) => return Some(format!("pyHanko: {none}")),
    };
    let holds = |of: &Value, keys: &[&str]| keys.iter().all(|key| of[*key] == true);
    let mut good = holds(signature, &["bottom_line", "intact", "valid", "trusted"]);
    good &= level == Level::B || holds(&signature["timestamp"], &["intact", "valid", "trusted"]);
    good &= match level.is_last() {
        true => signature["coverage"] == "ENTIRE_FILE",
        // The empty appearance of a timestamp's field in PDF/A-1 is the filling of a form to it.
        false => ["LTA_UPDATES", "FORM_FILLING"]
            .iter()
            .any(|one| signature["modification_level"] == *one),
    };
    good &= level != Level::Lta || signature["ades"] == "OK";
    let told = [&signature["coverage"], &signature["modification_level"], &signature["ades"]];
    (!good).then(|| format!("pyHanko: {told:?} {}", signature["pretty"]))
}

fn by_dss(answer: &Value, field: &str, level: Level) -> Option<String> {
    let signature = match of(answer, field) {
        Ok(signature) => signature,
        Err(none) => return Some(format!("DSS: {none}")),
    };
    let passed = |of: &Value, word: &str| of["indication"] == word;
    let mut good = passed(signature, "TOTAL_PASSED") && texts(&signature["structure"]).is_empty();
    good &= signature["level"] == format!("PAdES-BASELINE-{}", &level.name()[2..]);
    let stamps = signature["timestamps"].as_array().map_or(&[][..], Vec::as_slice);
    good &= stamps.iter().all(|stamp| passed(stamp, "PASSED"));
    good &= stamps.is_empty() == (level == Level::B);
    let said = [texts(&signature["errors"]), texts(&signature["warnings"])].concat().join("; ");
    // It calls validation data and a document timestamp a modification too, without a finding.
    match (good, !level.is_last() || signature["modified"] == false) {
        (true, true) => None,
        (true, false) if said.contains(OTHER_PICTURE) => Some(format!("{REMARK}{said}")),
        (_, unmodified) => Some(format!(
            "DSS: {} {} {} {said} {}",
            signature["indication"],
            signature["level"],
            if unmodified { "" } else { "modified" },
            signature["timestamps"]
        )),
    }
}

/// What DSS finds where its renderer draws a page otherwise than in the revision before. It warns of it,
/// and its verdict stands.
const OTHER_PICTURE: &str = "BBB_FC_IVDBSFR_ANS";

/// What begins an objection that is none: DSS says TOTAL-PASSED at the level that was asked for, and
/// warns that pages look different.
pub const REMARK: &str = "DSS passes it, and warns: ";

fn by_pdfsig(said: &str, field: &str, level: Level) -> Option<String> {
    let name = format!("Signature Field Name: {field}\n");
    let block = said.split("Signature #").find(|block| block.contains(&name));
    let good = [
        "Signature Validation: Signature is Valid.",
        "Certificate Validation: Certificate is Trusted.",
        "Total document signed",
    ];
    let wanted = if level.is_last() { &good[..] } else { &good[..2] };
    match block {
        Some(block) if wanted.iter().all(|line| block.contains(line)) => None,
        Some(block) => Some(format!("pdfsig: {block}")),
        None => Some(format!("pdfsig: no signature in {field}: {said}")),
    }
}
