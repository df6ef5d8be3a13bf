//! Foreign programs that say what a PDF is worth: EU DSS, pyHanko, poppler's pdfsig, qpdf, veraPDF.
//!
//! Each is asked with the same trust anchors. DSS and pyHanko run as one process for a whole test
//! binary; a peer that is not installed makes the test fail.

mod asked;
mod dss;
mod later;
mod maker;
mod newest;
mod poppler;
mod pyhanko;
mod qpdf;
mod verapdf;

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::clock::Clock;

pub use dss::Policy;
pub use later::Later;
pub use maker::make;
pub use newest::{Level, REMARK, against_newest, is_clean};
pub use poppler::{attached, text};
pub use pyhanko::acts;
pub use verapdf::{Conformance, conformance};

/// What all judges said about one file.
#[derive(Debug, Clone)]
pub struct Verdicts {
    /// EU DSS, as `tests/peers/dss` writes it.
    pub dss: Value,
    /// pyHanko, as `tests/peers/pyhanko_judge.py` writes it.
    pub pyhanko: Value,
    /// The text of `pdfsig`.
    pub pdfsig: String,
    /// The text of `qpdf --check`, and whether it had neither errors nor warnings.
    pub qpdf: (bool, String),
}

/// Asks all four about the file at `pdf`, with the certificates in the PEM file `anchors` trusted.
///
/// # Panics
/// When a judge is missing or does not answer.
pub fn ask(pdf: &Path, anchors: &Path) -> Verdicts {
    Verdicts {
        dss: dss::judge(pdf, anchors, Policy::NoRevocation),
        pyhanko: pyhanko::judge(pdf, anchors),
        pdfsig: poppler::judge(pdf, anchors, Clock::default()),
        qpdf: qpdf::judge(pdf),
    }
}

/// Asks pyHanko about the file at `pdf` as a recipient's machine would: it fetches what the certificates
/// point at, and refuses a certificate whose status cannot be found out. The answer is as
/// `tests/peers/pyhanko_online.py` writes it.
///
/// # Panics
/// When pyHanko is missing or does not answer.
pub fn pyhanko_online(pdf: &Path, anchors: &Path) -> Value {
    pyhanko::judge_online(pdf, anchors)
}

/// Asks EU DSS the same, by its default policy unchanged: `kind` is `ocsp`, where
/// it asks so whom a certificate names for it, or `crl`, for lists only. The answer is as `tests/peers/dss-online` writes it.
///
/// # Panics
/// When DSS is missing or does not answer.
pub fn dss_online(pdf: &Path, anchors: &Path, kind: &str) -> Value {
    dss::judge_online(pdf, anchors, kind)
}

/// How long pyHanko takes for the file at `pdf`, started and warm; `None` when it takes longer than
/// `limit`.
///
/// # Panics
/// When pyHanko is missing.
pub fn time_of_pyhanko(pdf: &Path, anchors: &Path, limit: Duration) -> Option<Duration> {
    pyhanko::time(pdf, anchors, limit)
}

/// The same of EU DSS.
///
/// # Panics
/// When DSS is missing.
pub fn time_of_dss(pdf: &Path, anchors: &Path, limit: Duration) -> Option<Duration> {
    dss::time(pdf, anchors, limit)
}

/// As [`ask`], with revocation data required: DSS by its own policy unchanged and by what the file
/// itself holds, pyHanko after EN 319 102-1.
///
/// # Panics
/// When a judge is missing or does not answer.
pub fn ask_long_term(pdf: &Path, anchors: &Path) -> Verdicts {
    Verdicts {
        dss: dss::judge(pdf, anchors, Policy::Strict),
        pyhanko: pyhanko::judge_long_term(pdf, anchors),
        pdfsig: poppler::judge(pdf, anchors, Clock::default()),
        qpdf: qpdf::judge(pdf),
    }
}

/// What EU DSS alone says, absent revocation data being no fault.
///
/// # Panics
/// When it is missing or does not answer.
pub fn ask_dss(pdf: &Path, anchors: &Path) -> Value {
    dss::judge(pdf, anchors, Policy::NoRevocation)
}

/// What pyHanko alone says.
///
/// # Panics
/// When it is missing or does not answer.
pub fn ask_pyhanko(pdf: &Path, anchors: &Path) -> Value {
    pyhanko::judge(pdf, anchors)
}

impl Verdicts {
    /// What speaks against "one valid signature at this level, as DSS calls it, whose chains and
    /// their status the file itself holds".
    pub fn against_long_term(&self, level: &str) -> Vec<String> {
        let mut against = dss::against(&self.dss, level);
        // It calls validation data and a document timestamp a modification too, without a finding.
        against.retain(|text| !text.contains("modified after"));
        let signature = &self.pyhanko["signatures"][0];
        for (key, wanted) in [("intact", true), ("valid", true), ("trusted", true)] {
            if signature[key] != wanted {
                against.push(format!("pyHanko: {key} is {}", signature[key]));
            }
        }
        let ades = signature["ades"].as_str().unwrap_or_default();
        // Without a document timestamp it finds no proof of when the data in the file existed.
        if level.ends_with("LTA") && ades != "OK" {
            against.push(format!("pyHanko: {ades:?} {}", self.pyhanko["error"]));
        }
        against.extend(poppler::against_first(&self.pdfsig));
        if !self.qpdf.0 {
            against.push(format!("qpdf: {}", self.qpdf.1));
        }
        against
    }

    /// What speaks against "one valid signature at baseline level T over the whole file, trusted,
    /// in a clean PDF". Empty: all judges agree that it is so.
    pub fn against_b_t(&self) -> Vec<String> {
        let mut against = self.against("PAdES-BASELINE-T");
        if self.dss["signatures"][0]["timestamps"][0]["indication"] != "PASSED" {
            against.push("DSS: the timestamp has not passed".to_owned());
        }
        let stamp = &self.pyhanko["signatures"][0]["timestamp"];
        for key in ["intact", "valid", "trusted"] {
            if stamp[key] != true {
                against.push(format!("pyHanko: the timestamp is not {key}"));
            }
        }
        against
    }

    /// The same for another level as DSS calls it, without a look at timestamps.
    pub fn against(&self, level: &str) -> Vec<String> {
        let mut against = dss::against(&self.dss, level);
        against.extend(pyhanko::against(&self.pyhanko));
        against.extend(poppler::against(&self.pdfsig));
        if !self.qpdf.0 {
            against.push(format!("qpdf: {}", self.qpdf.1));
        }
        against
    }

    /// Demands that nothing speaks against B-T.
    ///
    /// # Panics
    /// When something does; the message holds all of it.
    #[track_caller]
    pub fn expect_b_t(&self) -> &Self {
        let against = self.against_b_t();
        assert!(against.is_empty(), "{against:#?}\n{self:#?}");
        self
    }

    /// The subject of the signing certificate, as DSS writes it.
    pub fn subject(&self) -> String {
        self.dss["signatures"][0]["subject"].as_str().unwrap_or_default().to_owned()
    }

    /// The organizationIdentifier of the signing certificate (EN 319 412-3).
    pub fn organization_identifier(&self) -> String {
        let identifier = &self.dss["signatures"][0]["organization_identifier"];
        identifier.as_str().unwrap_or_default().to_owned()
    }

    /// The claimed roles, as DSS reads them from signer-attributes-v2.
    pub fn claimed_roles(&self) -> Vec<String> {
        texts(&self.dss["signatures"][0]["claimed_roles"])
    }

    /// The object identifiers of the signed attributes, as pyHanko lists them.
    pub fn signed_attributes(&self) -> Vec<String> {
        texts(&self.pyhanko["signatures"][0]["signed_attributes"])
    }
}

fn texts(list: &Value) -> Vec<String> {
    let texts = list.as_array().into_iter().flatten();
    texts.filter_map(|text| text.as_str().map(str::to_owned)).collect()
}

fn one_signature<'a>(
    judge: &str,
    answer: &'a Value,
    against: &mut Vec<String>,
) -> Option<&'a Value> {
    if !answer["error"].is_null() {
        against.push(format!("{judge}: {}", answer["error"]));
    }
    let signatures = answer["signatures"].as_array().map_or(&[][..], Vec::as_slice);
    if let [signature] = signatures {
        return Some(signature);
    }
    against.push(format!("{judge}: {} signatures", signatures.len()));
    None
}
