//! veraPDF, which says whether a file is the PDF/A or PDF/UA that it claims to be.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use super::asked::Judge;
use crate::peers;

static JUDGE: LazyLock<Judge> = LazyLock::new(|| {
    let build = peers().join("verapdf/build");
    let jar = build.join("verapdf-judge-1.jar");
    assert!(jar.is_file(), "veraPDF is missing: tests/peers/install.sh");
    let classes = format!("{0}/verapdf-judge-1.jar:{0}/lib/*", build.display());
    let mut java = Command::new("java");
    java.args(["-Xmx1g", "-Xss16m", "-XX:+UseSerialGC", "-cp", &classes]);
    Judge::start("veraPDF", java.arg("sceau.peers.Conformance"))
});

/// What veraPDF finds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conformance {
    /// Whether the file conforms.
    pub conforms: bool,
    /// Each rule that it breaks, and how often.
    pub broken: BTreeMap<String, u64>,
}

/// Asks veraPDF about the file at `pdf`; `flavour` is `1b`, `2u`, `ua1` and so on.
///
/// # Panics
/// When veraPDF is missing or cannot read the file.
pub fn conformance(pdf: &Path, flavour: &str) -> Conformance {
    let answer = JUDGE.ask(&[&pdf.to_string_lossy(), flavour]);
    assert!(answer["error"].is_null(), "{}: {}", pdf.display(), answer["error"]);
    let broken = answer["broken"].as_object().into_iter().flatten();
    Conformance {
        conforms: answer["conforms"] == true,
        broken: broken.map(|(rule, times)| (rule.clone(), times.as_u64().unwrap_or(0))).collect(),
    }
}
