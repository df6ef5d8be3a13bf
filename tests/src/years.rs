//! The daemon under a clock that is moved by years: a cabinet whose seals climb to B-LTA, and what the judges
//! say of them later.

use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::cabinet::Cabinet;
use crate::clock::Clock;
use crate::folder::{PATIENCE, Watched};
use crate::judges::{Later, Policy};
use crate::program::{Said, run};
use crate::until;

const LEVEL: &str = "PAdES-BASELINE-LTA";
/// A day.
pub const DAY: SignedDuration = SignedDuration::from_hours(24);
/// What pyHanko says after EN 319 102-1 §5.6.3 of a seal, and whether it trusts it by its certificate of
/// today, which it does of none that has ended.
pub type ByPyhanko = (&'static str, bool);

/// A cabinet whose folder `archives` seals up to B-LTA, and whose daemon answers for its certificates.
pub fn archiving() -> Cabinet {
    archiving_with("p256", Clock::default())
}

/// The same with keys of a kind, made at the time of a clock.
pub fn archiving_with(key_type: &str, clock: Clock) -> Cabinet {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.clock = clock;
    cabinet.folders.push(("archives".into(), "conservation".into(), String::new()));
    let url = format!("http://{}", cabinet.http());
    cabinet.init_more.extend(["--pki-url".into(), url.clone().into()]);
    cabinet.init_more.extend(["--key-type".into(), key_type.into()]);
    cabinet.extra = format!("\n[pki]\nbase_url = \"{url}\"\npublic_tsa = true\n");
    cabinet.finish()
}

/// What `dossier show` tells of the only dossier.
///
/// # Panics
/// When there is another one.
pub fn only_dossier(cabinet: &Cabinet) -> Value {
    let dossiers = cabinet.dossiers();
    assert_eq!(dossiers.len(), 1, "{dossiers:?}");
    let id = dossiers[0]["dossier"].as_str().expect("an id").to_owned();
    cabinet.admin(["dossier", "show", &id, "--json"]).expect(0).json()
}

/// A moment in JSON.
///
/// # Panics
/// When it is none.
pub fn moment(value: &Value) -> Timestamp {
    value.as_str().expect("a moment").parse().expect("a moment")
}

/// The only dossier, once its renewal is planned: right after its delivery.
///
/// # Panics
/// When there is none.
pub fn with_renewal(cabinet: &Cabinet) -> Value {
    until("renewal that is planned", PATIENCE, || {
        let dossier = only_dossier(cabinet);
        dossier["renewal"].is_object().then_some(dossier)
    })
}

/// All judges are content with a seal whose certificate is in force.
///
/// # Panics
/// When one is not.
pub fn expect_today(judges: &Later, pdf: &Path, anchors: &Path) {
    let verdicts = judges.ask_long_term(pdf, anchors, Policy::Strict);
    let against = verdicts.against_long_term(LEVEL);
    assert!(against.is_empty(), "{against:#?}\n{verdicts:#?}");
}

/// The same once that certificate, or the unit's, has ended.
///
/// # Panics
/// When one is not.
pub fn expect_later(
    judges: &Later,
    pdf: &Path,
    anchors: &Path,
    policy: Policy,
    expected: ByPyhanko,
) {
    let verdicts = judges.ask_long_term(pdf, anchors, policy);
    let mut against = verdicts.against_long_term(LEVEL);
    against.retain(|text| !text.starts_with("pyHanko: \"") && text != "pyHanko: trusted is false");
    assert!(against.is_empty(), "{against:#?}\n{verdicts:#?}");
    let told = &verdicts.pyhanko["signatures"][0];
    assert_eq!((&told["ades"], &told["trusted"]), (&expected.0.into(), &expected.1.into()));
}

/// `sceau verify` at a moment ends with this code.
///
/// # Panics
/// When it does not.
pub fn verify(cabinet: &Cabinet, pdf: &Path, at: Timestamp, code: i32) {
    verify_by(cabinet, &cabinet.anchors(), pdf, at, code);
}

/// The same under these anchors.
///
/// # Panics
/// When it does not.
pub fn verify_by(cabinet: &Cabinet, anchors: &Path, pdf: &Path, at: Timestamp, code: i32) {
    let arguments = ["verify".into(), pdf.into(), "--at".into(), at.to_string().into()];
    let trust = ["--trust".into(), anchors.into()];
    cabinet.sceau(arguments.into_iter().chain(trust)).expect(code);
}

/// How many document time stamps stand in a file.
pub fn stamps(pdf: &[u8]) -> usize {
    let name = b"/ETSI.RFC3161";
    pdf.windows(name.len()).filter(|window| window == name).count()
}

/// The renewed copy, once it lies there.
///
/// # Panics
/// When there is none.
pub fn renewed(watched: &Watched) -> PathBuf {
    watched.wait_delivered("acte.renouvele-")
}

/// openssl in `pki/`, under the cabinet's clock.
///
/// # Panics
/// When it is missing.
pub fn openssl(cabinet: &Cabinet, arguments: &[&str]) -> Said {
    let mut command = Command::new("openssl");
    command.current_dir(cabinet.state().join("pki")).envs(cabinet.clock.environment());
    run(command.args(arguments), PATIENCE)
}

/// The last instant of a certificate beneath `pki/`.
///
/// # Panics
/// When it cannot be read.
pub fn end_of(cabinet: &Cabinet, file: &str) -> Timestamp {
    let arguments = ["x509", "-in", file, "-noout", "-enddate", "-dateopt", "iso_8601"];
    let told = openssl(cabinet, &arguments).expect(0).out;
    told.trim().trim_start_matches("notAfter=").parse().expect("a moment")
}
