//! Who signed, natural or legal person, by which délégation, and by whose clock: told in both languages, in
//! JSON and in XML, of what certificates of every kind say and of a file that the daemon delivered.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sceau_tests::cabinet::{Cabinet, SIREN};
use sceau_tests::daemon::Daemon;
use sceau_tests::exit::PASSED;
use sceau_tests::fixtures;
use sceau_tests::program::{Said, run, sceau};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The extensions of a seal or signature, and of one that its issuer states to be qualified, for
/// `esign` (1) or `eseal` (2).
const CONFIGURATION: &str = "
[req]
distinguished_name = none
[none]
[plain]
basicConstraints = critical, CA:FALSE
keyUsage = critical, nonRepudiation
subjectKeyIdentifier = hash
[qualified]
basicConstraints = critical, CA:FALSE
keyUsage = critical, nonRepudiation
subjectKeyIdentifier = hash
1.3.6.1.5.5.7.1.3 = ASN1:SEQUENCE:statements
[statements]
compliance = SEQUENCE:compliance
device = SEQUENCE:device
type = SEQUENCE:type
[compliance]
id = OID:0.4.0.1862.1.1
[device]
id = OID:0.4.0.1862.1.4
[type]
id = OID:0.4.0.1862.1.6
types = SEQUENCE:types
[types]
id = OID:0.4.0.1862.1.6.TYPE
";

/// A certificate that openssl made of a subject, with its key, and a document that it signed.
struct Signed(TempDir);

impl Signed {
    fn by(subject: &str, qualified: Option<u8>) -> Self {
        let signed = Self(tempfile::tempdir().expect("a folder"));
        let kind = qualified.unwrap_or(1).to_string();
        signed.write("openssl.cnf", CONFIGURATION.replace("TYPE", &kind).as_bytes());
        signed.write("in.pdf", &fixtures::small("qui"));
        signed.write("password", b"essai");
        sceau_tests::cabinet::owner_only(&signed.path("password"), 0o600);
        let extensions = if qualified.is_some() { "qualified" } else { "plain" };
        let make =
            ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];
        let more =
            ["-keyout", "key.pem", "-out", "cert.pem", "-days", "30", "-config", "openssl.cnf"];
        signed
            .openssl(&[&make[..], &more, &["-extensions", extensions, "-subj", subject]].concat());
        let pack = ["pkcs12", "-export", "-inkey", "key.pem", "-in", "cert.pem", "-out", "key.p12"];
        signed.openssl(&[&pack[..], &["-passout", "pass:essai"]].concat());
        let [input, output, p12, password] =
            ["in.pdf", "out.pdf", "key.p12", "password"].map(|name| signed.path(name));
        let arguments: [&Path; 9] = [
            "sign".as_ref(),
            &input,
            &output,
            "--p12".as_ref(),
            &p12,
            "--password-file".as_ref(),
            &password,
            "--level".as_ref(),
            "B-B".as_ref(),
        ];
        sceau(arguments).expect(PASSED);
        signed
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).expect("written");
    }

    fn openssl(&self, arguments: &[&str]) {
        let mut openssl = Command::new("openssl");
        openssl.current_dir(self.0.path()).args(arguments);
        run(&mut openssl, Duration::from_secs(20)).expect(0);
    }

    fn verify(&self, more: &[&str]) -> Said {
        verify(&self.path("out.pdf"), &self.path("cert.pem"), more)
    }
}

fn verify(file: &Path, anchors: &Path, more: &[&str]) -> Said {
    let mut arguments = vec!["verify".as_ref(), file.as_os_str()];
    arguments.extend(["--trust".as_ref(), anchors.as_os_str()]);
    arguments.extend(more.iter().map(std::ffi::OsStr::new));
    sceau(arguments).expect(PASSED)
}

#[track_caller]
fn says(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.contains(line), "no {line:?} in:\n{text}");
    }
}

/// Subject, QcType, whose certificate it is, and how that is told.
type Case = (&'static str, Option<u8>, Option<&'static str>, [&'static str; 2]);

#[test]
fn a_certificate_says_whose_it_is_or_nobody_guesses() {
    const NATURAL: [&str; 2] =
        ["a natural person: a signature", "une personne physique : une signature"];
    const LEGAL: [&str; 2] = ["a legal person: a seal", "une personne morale : un cachet"];
    let cases: [Case; 7] = [
        (
            "/C=FR/O=Essai/CN=Cachet ordinaire",
            None,
            None,
            [
                "not stated: the certificate does not say whether a natural or a legal person",
                "non précisé : le certificat ne dit pas s'il est d'une personne physique ou morale",
            ],
        ),
        ("/C=FR/GN=Anne/SN=Durand/CN=Anne Durand", None, Some("natural"), NATURAL),
        ("/C=FR/serialNumber=PNOFR-42/CN=Anne Durand", None, Some("natural"), NATURAL),
        ("/C=FR/pseudonym=AD/CN=AD", None, Some("natural"), NATURAL),
        (
            "/C=FR/O=Essai/organizationIdentifier=NTRFR-732829320/CN=Cachet",
            None,
            Some("legal"),
            [
                "a legal person, NTRFR-732829320: a seal",
                "une personne morale, NTRFR-732829320 : un cachet",
            ],
        ),
        ("/C=FR/O=Essai/CN=Cachet ordinaire", Some(2), Some("legal"), LEGAL),
        (
            "/C=FR/O=Essai/organizationIdentifier=NTRFR-732829320/CN=Anne Durand",
            Some(1),
            Some("natural"),
            NATURAL,
        ),
    ];
    for (subject, qualified, person, [english, french]) in cases {
        let signed = Signed::by(subject, qualified);
        let signer = &signed.verify(&["--json"]).json()["signatures"][0]["signer"];
        assert_eq!(signer.get("person").and_then(Value::as_str), person, "{subject}: {signer:#}");
        assert_eq!(signer.get("qc").is_some(), qualified.is_some(), "{subject}: {signer:#}");
        says(&signed.verify(&[]).out, &[&format!("    who           {english}\n")]);
        says(&signed.verify(&["--lang", "fr"]).out, &[&format!("    qui           {french}\n")]);
    }
}

#[test]
fn what_the_issuer_states_of_its_being_qualified_is_told() {
    let signed = Signed::by("/C=FR/O=Essai/CN=Cachet ordinaire", Some(2));
    let report = signed.path("report.xml");
    let said = signed.verify(&["--json", "--report", &report.to_string_lossy()]).json();
    let statements = ["0.4.0.1862.1.1", "0.4.0.1862.1.4", "0.4.0.1862.1.6"];
    let stated = json!({
        "compliance": true, "sscd": true, "types": ["eseal"], "statements": statements,
    });
    assert_eq!(said["signatures"][0]["signer"]["qc"], stated);
    let xml = std::fs::read_to_string(report).expect("a report");
    says(&xml, &["<Person>legal</Person>", "<QcCompliance>true</QcCompliance>"]);
    says(&xml, &["<QcSSCD>true</QcSSCD>", "<QcType>eseal</QcType>"]);
    let english = "issuer says   qualified (eIDAS), for seals, key in a qualified device\n";
    says(&signed.verify(&[]).out, &[english]);
    let french =
        "déclaré       qualifié (eIDAS), pour des cachets, clé dans un dispositif qualifié\n";
    says(&signed.verify(&["--lang", "fr"]).out, &[french]);
}

/// A seal of the daemon's: the société, the quality, the délégation that was used, the cabinet's own clock.
#[test]
fn a_delivered_file_tells_who_by_which_delegation_and_by_whose_clock() {
    let cabinet = Cabinet::new();
    let _daemon = Daemon::start(&cabinet);
    let delegation = cabinet.grant("sceller");
    let watched = cabinet.watched("attestations");
    watched.drop_file("attestation.pdf", &fixtures::small("attestation"));
    let (sealed, anchors) = (watched.wait_delivered("attestation"), cabinet.anchors());
    let report = cabinet.path("report.xml");
    let more = ["--json", "--report", &report.to_string_lossy()];
    let json = verify(&sealed, &anchors, &more).json();
    let signature = &json["signatures"][0];
    assert_eq!(signature["signer"]["person"], "legal");
    assert_eq!(signature["signer"]["organization_identifier"], format!("NTRFR-{SIREN}"));
    let role = signature["claimed_roles"][0].as_str().expect("a quality");
    let used = &signature["delegation"];
    assert_eq!((&used["right"], &used["id"]), (&json!("sceller"), &json!(delegation)));
    let told = watched.evidence("attestation").to_string();
    let terms = used["terms_sha256"].as_str().expect("a digest");
    assert!(terms.len() == 64 && told.contains(terms), "{terms} is not in {told}");
    assert_eq!(signature["timestamps"][0]["independent"], false);

    let named =
        |right, id, terms| format!("délégation    {right} sceller, {id} {delegation}, {terms}");
    let english = verify(&sealed, &anchors, &[]).out;
    says(&english, &[&format!("who           a legal person, NTRFR-{SIREN}: a seal\n")]);
    says(&english, &[&format!("claimed role  {role}\n")]);
    says(&english, &[&named("right", "id", format!("terms SHA-256 {terms}\n"))]);
    says(
        &english,
        &["horodatage interne, non indépendant (the cabinet's own clock): TOTAL-PASSED"],
    );
    let french = verify(&sealed, &anchors, &["--lang", "fr"]).out;
    says(&french, &[&format!("qui           une personne morale, NTRFR-{SIREN} : un cachet\n")]);
    says(&french, &[&format!("qualité dite  {role}\n")]);
    says(&french, &[&named("droit", "identifiant", format!("SHA-256 des termes {terms}\n"))]);
    says(&french, &["horodatage interne, non indépendant (l'horloge du cabinet) : TOTAL-PASSED"]);
    let xml = std::fs::read_to_string(report).expect("a report");
    let told = format!("<Delegation>sceller {delegation} SHA-256 {terms}</Delegation>");
    says(&xml, &[&told, "<Person>legal</Person>", "<Independent>false</Independent>"]);
}
