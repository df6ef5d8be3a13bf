//! EU DSS, the reference validator of the European Commission.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

use serde_json::Value;

use super::asked::Judge;
use super::{one_signature, texts};
use crate::clock::Clock;
use crate::peers;
use crate::program::run;

/// Which validation policy DSS applies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Policy {
    /// Its default one.
    Strict,
    /// Its default one, except that absent revocation data is no fault: the certificates of an
    /// embedded authority name no place to ask.
    NoRevocation,
}

/// How long one question may take when answers are fetched, the start of the process included.
const ONLINE: Duration = Duration::from_secs(120);

static JUDGE: LazyLock<Judge> = LazyLock::new(|| start(Clock::default()));

pub(super) fn start(clock: Clock) -> Judge {
    let build = peers().join("dss/build");
    assert!(build.join("dss-judge-1.jar").is_file(), "DSS is missing: tests/peers/install.sh");
    let classes = format!("{0}/dss-judge-1.jar:{0}/lib/*", build.display());
    let mut java = Command::new("java");
    java.args(["-Xmx1g", "-Xss64m", "-XX:+UseSerialGC", "-cp", &classes, "sceau.peers.Judge"]);
    Judge::start("EU DSS", java.envs(clock.environment()))
}

pub(super) fn judge(pdf: &Path, anchors: &Path, policy: Policy) -> Value {
    ask(&JUDGE, pdf, anchors, policy)
}

pub(super) fn ask(judge: &Judge, pdf: &Path, anchors: &Path, policy: Policy) -> Value {
    let policy = match policy {
        Policy::Strict => "strict",
        Policy::NoRevocation => "no-revocation",
    };
    judge.ask(&[&pdf.to_string_lossy(), &anchors.to_string_lossy(), policy])
}

/// As a recipient's machine does, which asks what the certificates point at: `kind` is `ocsp` or `crl`.
pub(super) fn judge_online(pdf: &Path, anchors: &Path, kind: &str) -> Value {
    let build = peers().join("dss-online/build");
    assert!(build.join("dss-online-1.jar").is_file(), "DSS is missing: tests/peers/install.sh");
    let classes = format!("{0}/dss-online-1.jar:{0}/lib/*", build.display());
    let mut java = Command::new("java");
    java.args(["-Xmx1g", "-XX:+UseSerialGC", "-cp", &classes, "sceau.peers.Online"]);
    run(java.arg(pdf).arg(anchors).arg(kind), ONLINE).expect(0).json()
}

/// By a process of its own, which may not be able to answer.
pub(super) fn time(pdf: &Path, anchors: &Path, limit: Duration) -> Option<Duration> {
    let judge = start(Clock::default());
    judge.time(&[&pdf.to_string_lossy(), &anchors.to_string_lossy(), "no-revocation"], limit)
}

pub(super) fn against(answer: &Value, level: &str) -> Vec<String> {
    let mut against = Vec::new();
    let Some(signature) = one_signature("DSS", answer, &mut against) else { return against };
    for (key, wanted) in
        [("indication", "TOTAL_PASSED"), ("level", level), ("sub_filter", "ETSI.CAdES.detached")]
    {
        if signature[key] != wanted {
            against.push(format!("DSS: {key} is {}, not {wanted}", signature[key]));
        }
    }
    for key in ["errors", "structure"] {
        against.extend(texts(&signature[key]).iter().map(|text| format!("DSS: {key}: {text}")));
    }
    if signature["modified"] != false {
        against.push("DSS: modified after the signature".to_owned());
    }
    against.extend(unexpected_warnings(signature));
    against
}

/// Warnings other than "no place to ask about revocation", which is what the policy is about.
fn unexpected_warnings(signature: &Value) -> Vec<String> {
    texts(&signature["warnings"])
        .into_iter()
        .filter(|text| !text.contains("_AIA_PRES_") && !text.contains("_REVOC_PRES_"))
        .map(|text| format!("DSS: warning: {text}"))
        .collect()
}
