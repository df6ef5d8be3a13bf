//! The embedded authority answers for itself over HTTP: openssl asks, as any validator would.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use sceau_tests::cabinet::{Cabinet, SOCIETE};
use sceau_tests::daemon::Daemon;
use sceau_tests::http::{Answer, request};
use sceau_tests::program::{Said, binary, run};
use sceau_tests::{fixtures, judges, until};

const LIMIT: Duration = Duration::from_secs(60);

/// A running cabinet whose certificates carry the addresses of its own daemon.
fn reachable() -> (Cabinet, Daemon) {
    reachable_with("")
}

/// The same, with more lines in `[pki]`.
fn reachable_with(more: &str) -> (Cabinet, Daemon) {
    let mut cabinet = Cabinet::uninitialised();
    let url = format!("http://{}", cabinet.http());
    cabinet.init_more.extend([OsString::from("--pki-url"), url.clone().into()]);
    cabinet.extra = format!("\n[pki]\nbase_url = \"{url}/\"\n{more}\n");
    cabinet.finish_ready()
}

fn pki(cabinet: &Cabinet, name: &str) -> PathBuf {
    cabinet.state().join("pki").join(name)
}

fn openssl(cabinet: &Cabinet, arguments: &[&str]) -> Said {
    let mut command = Command::new("openssl");
    command.current_dir(cabinet.path("")).args(arguments);
    run(&mut command, LIMIT)
}

fn text(path: &Path) -> String {
    path.to_str().expect("ours").to_owned()
}

fn ask(cabinet: &Cabinet, certificate: &str, more: &[&str]) -> Said {
    let (issuer, root) = (text(&pki(cabinet, "issuing.pem")), text(&pki(cabinet, "root.pem")));
    let certificate = text(&pki(cabinet, certificate));
    let mut arguments = vec!["ocsp", "-issuer", &issuer, "-cert", &certificate];
    arguments.extend(["-CAfile", &root, "-verify_other", &issuer, "-text"]);
    arguments.extend(more);
    openssl(cabinet, &arguments)
}

fn get(cabinet: &Cabinet, path: &str) -> Answer {
    request(cabinet.http(), "GET", path, &[], b"").expect("an answer")
}

fn save(cabinet: &Cabinet, name: &str, bytes: &[u8]) -> String {
    std::fs::write(cabinet.path(name), bytes).expect("written");
    text(&cabinet.path(name))
}

/// The certificate's own addresses lead to answers that openssl verifies: status, list, issuer.
#[test]
fn certificates_carry_the_addresses_of_what_answers() {
    let (cabinet, daemon) = reachable();
    let base = format!("http://{}/pki", cabinet.http());
    for name in ["seal-exemple.pem", "tsu.pem"] {
        let path = text(&pki(&cabinet, name));
        let shown = openssl(&cabinet, &["x509", "-in", &path, "-noout", "-text"]).expect(0).out;
        for address in ["ocsp", "issuing.cer", "issuing.crl"] {
            assert!(shown.contains(&format!("URI:{base}/{address}")), "no {address} in {shown}");
        }
        assert!(!shown.contains("qcStatements"), "{shown}");
        let url = openssl(&cabinet, &["x509", "-in", &path, "-noout", "-ocsp_uri"]).expect(0).out;
        let said = ask(&cabinet, name, &["-url", url.trim()]).expect(0);
        assert!(said.all().contains("Response verify OK"), "{said}");
        assert!(said.out.contains(": good") && said.out.contains("OCSP Nonce"), "{said}");
        assert!(said.out.contains("OCSP No Check") && said.out.contains("OCSP Signing"), "{said}");
    }
    let issuing = text(&pki(&cabinet, "issuing.pem"));
    let shown = openssl(&cabinet, &["x509", "-in", &issuing, "-noout", "-text"]).expect(0).out;
    assert!(shown.contains(&format!("URI:{base}/root.crl")), "{shown}");

    let list = get(&cabinet, "/pki/issuing.crl").expect(200);
    assert_eq!(list.header("content-type"), Some("application/pkix-crl"));
    assert_eq!(list.header("cache-control"), Some("public, max-age=3600"));
    let file = save(&cabinet, "issuing.crl", &list.body);
    let crl = ["crl", "-inform", "DER", "-in", &file, "-noout", "-text", "-CAfile", &issuing];
    let said = openssl(&cabinet, &crl).expect(0);
    assert!(said.all().contains("verify OK") && said.out.contains("No Revoked"), "{said}");
    let again = get(&cabinet, "/pki/issuing.crl").expect(200);
    assert!(again.body == list.body, "a list is made anew without need");

    let root = text(&pki(&cabinet, "root.pem"));
    let file = save(&cabinet, "root.crl", &get(&cabinet, "/pki/root.crl").expect(200).body);
    let crl = ["crl", "-inform", "DER", "-in", &file, "-noout", "-CAfile", &root];
    assert!(openssl(&cabinet, &crl).expect(0).all().contains("verify OK"));
    for (path, pem) in [("/pki/issuing.cer", &issuing), ("/pki/root.cer", &root)] {
        let answer = get(&cabinet, path).expect(200);
        assert_eq!(answer.header("content-type"), Some("application/pkix-cert"));
        let file = save(&cabinet, "certificate.cer", &answer.body);
        let own = openssl(&cabinet, &["x509", "-inform", "DER", "-in", &file]).expect(0).out;
        assert!(std::fs::read_to_string(pem).expect("PEM").trim() == own.trim(), "{path}");
    }
    assert!(daemon.stop().success());
}

/// `GET` with the request in the path, and what is no request.
#[test]
fn status_is_told_by_get_and_nonsense_is_answered() {
    let (cabinet, daemon) = reachable();
    ask(&cabinet, "seal-exemple.pem", &["-no_nonce", "-reqout", "request.der"]).expect(0);
    let encoded = openssl(&cabinet, &["base64", "-A", "-in", "request.der"]).expect(0).out;
    let escaped = encoded.trim().replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    let first = get(&cabinet, &format!("/pki/ocsp/{escaped}")).expect(200);
    assert_eq!(first.header("content-type"), Some("application/ocsp-response"));
    assert!(first.header("cache-control").is_some_and(|value| value.starts_with("public")));
    let file = save(&cabinet, "response.der", &first.body);
    let said = ask(&cabinet, "seal-exemple.pem", &["-respin", &file]).expect(0);
    assert!(said.out.contains(": good") && said.all().contains("verify OK"), "{said}");
    let second = get(&cabinet, &format!("/pki/ocsp/{escaped}")).expect(200);
    assert!(second.body == first.body, "the same question within the hour is signed once");

    let post = |path: &str, kind: &str, body: &[u8]| {
        request(cabinet.http(), "POST", path, &[("Content-Type", kind)], body).expect("an answer")
    };
    let kind = "application/ocsp-request";
    assert_eq!(post("/pki/ocsp", kind, b"nonsense").expect(200).body, [0x30, 3, 0x0a, 1, 1]);
    post("/pki/ocsp", "text/plain", b"nonsense").expect(415);
    post("/pki/ocsp", kind, &[0x30; 5000]).expect(413);
    get(&cabinet, "/pki/ocsp/%%%").expect(400);
    // A certificate of another issuer: no word about it, signed or not.
    let (root, issuing) = (text(&pki(&cabinet, "root.pem")), text(&pki(&cabinet, "issuing.pem")));
    let foreign = ["ocsp", "-issuer", &root, "-cert", &issuing, "-reqout", "foreign.der"];
    openssl(&cabinet, &foreign).expect(0);
    let foreign = std::fs::read(cabinet.path("foreign.der")).expect("a request");
    assert_eq!(post("/pki/ocsp", kind, &foreign).expect(200).body, [0x30, 3, 0x0a, 1, 6]);
    let unknown = ["ocsp", "-issuer", &issuing, "-serial", "0x4711", "-reqout", "unknown.der"];
    openssl(&cabinet, &unknown).expect(0);
    let unknown = std::fs::read(cabinet.path("unknown.der")).expect("a request");
    let answer = post("/pki/ocsp", kind, &unknown).expect(200);
    let file = save(&cabinet, "unknown.response", &answer.body);
    let shown = openssl(&cabinet, &["ocsp", "-respin", &file, "-text", "-noverify"]).out;
    assert!(shown.contains("Cert Status: unknown"), "{shown}");
    assert!(daemon.stop().success());
}

/// Where the operator says so, and only there: each token stays in the signer's journal for good.
#[test]
fn strangers_get_time_stamps_where_that_is_configured() {
    let (cabinet, daemon) = reachable();
    let headers = [("Content-Type", "application/timestamp-query")];
    let none = request(cabinet.http(), "POST", "/pki/tsa", &headers, b"any").expect("an answer");
    none.expect(404);
    assert!(daemon.stop().success());
    let (cabinet, daemon) = reachable_with("public_tsa = true");
    save(&cabinet, "data", b"data");
    openssl(&cabinet, &["ts", "-query", "-data", "data", "-sha512", "-cert", "-out", "q.tsq"])
        .expect(0);
    let query = std::fs::read(cabinet.path("q.tsq")).expect("a query");
    let headers = [("Content-Type", "application/timestamp-query")];
    let answer = request(cabinet.http(), "POST", "/pki/tsa", &headers, &query).expect("an answer");
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/timestamp-reply"));
    save(&cabinet, "r.tsr", &answer.body);
    let (root, issuing) = (text(&pki(&cabinet, "root.pem")), text(&pki(&cabinet, "issuing.pem")));
    let verify = ["ts", "-verify", "-in", "r.tsr", "-queryfile", "q.tsq", "-CAfile", &root];
    let verify = [&verify[..], &["-untrusted", &issuing]].concat();
    assert!(openssl(&cabinet, &verify).expect(0).all().contains("Verification: OK"));
    let bad =
        request(cabinet.http(), "POST", "/pki/tsa", &headers, b"nonsense").expect("an answer");
    save(&cabinet, "bad.tsr", &bad.expect(200).body);
    let shown = openssl(&cabinet, &["ts", "-reply", "-in", "bad.tsr", "-text"]).out;
    assert!(shown.contains("Rejected"), "{shown}");
    assert!(daemon.stop().success());
}

/// What EU DSS finds out by itself about the seal and its timestamp, by addresses of one kind: the verdicts,
/// and the status of the two certificates, each with the address that told it.
fn found_by_dss(cabinet: &Cabinet, pdf: &Path, kind: &str) -> [(String, Vec<String>); 2] {
    let base = format!("http://{}/pki/", cabinet.http());
    let told = judges::dss_online(pdf, &cabinet.anchors(), kind);
    ["signature", "timestamp"].map(|of| {
        let asked = told[of]["revocation"].as_array().expect("a list").iter();
        let ours = asked.inspect(|one| {
            let url = one["url"].as_str().unwrap_or_default();
            assert!(one["origin"] == "EXTERNAL" && url.starts_with(&base), "{told:#}");
        });
        let statuses = ours.map(|one| {
            let of = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
            let file = of("url").rsplit('/').next().unwrap_or_default().to_owned();
            format!("{} {file} {} {}", of("type"), of("status"), of("reason")).trim().to_owned()
        });
        let indication = told[of]["indication"].as_str().expect("a verdict");
        let more = told[of]["sub_indication"].as_str().unwrap_or_default();
        (format!("{indication} {more}").trim().to_owned(), statuses.collect())
    })
}

/// EU DSS, which is told nothing but the root, asks the addresses that the certificates carry: by OCSP and
/// by lists the seal is good, and revoked once it is.
#[test]
fn eu_dss_asks_the_running_daemon_about_its_certificates() {
    let (cabinet, daemon) = reachable();
    let watched = cabinet.watched("attestations");
    watched.drop_file("acte.pdf", &fixtures::small("asked by DSS"));
    let sealed = watched.wait_delivered("acte");
    let good = |kind: &str, own: &str| {
        let [seal, stamp] = found_by_dss(&cabinet, &sealed, kind);
        assert_eq!((seal.0.as_str(), stamp.0.as_str()), ("TOTAL_PASSED", "PASSED"), "{kind}");
        for (_, told) in [seal, stamp] {
            assert!(told.contains(&format!("{own} GOOD")), "{kind}: {told:?}");
        }
    };
    good("ocsp", "OCSP ocsp");
    good("crl", "CRL issuing.crl");

    let order = ["ca", "revoke", "--societe", SOCIETE, "--reason", "key-compromise"];
    cabinet.admin(order).expect(0);
    for (kind, own) in [("ocsp", "OCSP ocsp"), ("crl", "CRL issuing.crl")] {
        let [seal, stamp] = found_by_dss(&cabinet, &sealed, kind);
        let revoked = format!("{own} REVOKED KEY_COMPROMISE");
        assert!(seal.1.contains(&revoked), "{kind}: {seal:?}");
        assert!(stamp.1.contains(&format!("{own} GOOD")), "{kind}: {stamp:?}");
    }
    assert!(daemon.stop().success());
}

/// A revocation is told at once by responder, list and command, stops the seal, and outlives a restart.
#[test]
fn a_revoked_seal_is_told_and_seals_no_more() {
    let (cabinet, daemon) = reachable();
    let watched = cabinet.watched("attestations");
    watched.drop_file("avant.pdf", &fixtures::small("avant"));
    judges::ask(&watched.wait_delivered("avant"), &cabinet.anchors()).expect_b_t();
    let url = format!("http://{}/pki/ocsp", cabinet.http());
    let good = ask(&cabinet, "seal-exemple.pem", &["-url", &url, "-no_nonce"]).expect(0);
    assert!(good.out.contains(": good"), "{good}");
    let before = get(&cabinet, "/pki/issuing.crl").expect(200).body;

    cabinet.admin(["ca", "revoke", "4711", "--reason", "superseded"]).expect(1);
    let order = ["ca", "revoke", "--societe", SOCIETE, "--reason", "key-compromise", "--json"];
    let revoked = cabinet.admin(order).expect(0).json();
    assert_eq!(revoked["reason"], "key-compromise");
    let serial = revoked["serial"].as_str().expect("a serial number").to_owned();
    let again = cabinet.admin(order).expect(1);
    assert!(again.err.contains("already"), "{again}");
    let audit = cabinet.admin(["audit", "list"]).expect(0).out;
    let about = format!("certificate/{serial}");
    let entry = audit.lines().find(|line| line.contains(&about)).expect("an audit entry");
    assert!(entry.contains("uid/") && entry.trim_end().ends_with("revoked"), "{entry}");

    let told = |cabinet: &Cabinet| {
        for nonce in [&["-no_nonce"][..], &[]] {
            let said = ask(cabinet, "seal-exemple.pem", &[&["-url", &url], nonce].concat());
            assert!(said.out.contains(": revoked"), "{said}");
            assert!(said.out.contains("keyCompromise"), "{said}");
        }
        cabinet.admin(["ca", "crl", &text(&cabinet.path("own.crl"))]).expect(0);
        let crl = ["crl", "-inform", "DER", "-in", "own.crl", "-noout", "-text"];
        let shown = openssl(cabinet, &crl).expect(0).out;
        assert!(
            shown.contains(&serial.to_uppercase()) && shown.contains("Key Compromise"),
            "{shown}"
        );
        let list = cabinet.admin(["ca", "list"]).expect(0).out;
        assert!(
            list.lines().any(|line| line.starts_with(&serial) && line.contains("REVOKED")),
            "{list}"
        );
    };
    told(&cabinet);
    assert!(get(&cabinet, "/pki/issuing.crl").expect(200).body != before);

    watched.drop_file("apres.pdf", &fixtures::small("apres"));
    let stopped = until("dossier that stopped", LIMIT, || {
        cabinet.dossiers_in(&["needs-person"]).into_iter().next()
    });
    let shown = cabinet.admin(["dossier", "show", &stopped]).expect(0).out;
    assert!(shown.contains("revoked") || shown.contains("révoqué"), "{shown}");
    assert!(watched.find_delivered("apres").is_none());
    assert!(daemon.stop().success());

    let daemon = Daemon::start(&cabinet);
    told(&cabinet);
    assert!(daemon.stop().success());

    cabinet.admin(["societe", "seal", SOCIETE, "--renew"]).expect(0);
    let daemon = Daemon::start(&cabinet);
    let good = ask(&cabinet, "seal-exemple.pem", &["-url", &url]).expect(0);
    assert!(good.out.contains(": good"), "{good}");
    watched.drop_file("neuf.pdf", &fixtures::small("neuf"));
    watched.wait_delivered("neuf");
    assert!(daemon.stop().success());
}

/// A seal that is issued while the daemon runs is answered for and can be revoked, and which one is meant
/// must be said.
#[test]
fn a_seal_that_is_issued_meanwhile_is_known() {
    let (cabinet, daemon) = reachable();
    let url = format!("http://{}/pki/ocsp", cabinet.http());
    let made = cabinet.admin(["societe", "seal", SOCIETE, "--renew", "--json"]).expect(0).json();
    let serial = made["serial"].as_str().expect("a serial number");
    let told = |word: &str| {
        let said = ask(&cabinet, "seal-exemple.pem", &["-url", &url]).expect(0);
        assert!(said.out.contains(word), "{word}: {said}");
    };
    told(": good");
    let list = cabinet.admin(["ca", "list"]).expect(0).out;
    assert!(list.lines().any(|line| line.starts_with(serial)), "{list}");
    let order = ["ca", "revoke", "--societe", SOCIETE, "--reason", "superseded"];
    let unclear = cabinet.admin(order).expect(1);
    assert!(unclear.err.contains(serial) && unclear.err.contains("by its serial"), "{unclear}");
    cabinet.admin(["ca", "revoke", serial, "--reason", "superseded"]).expect(0);
    told(": revoked");
    assert!(daemon.stop().success());
}

/// The unit gets another key and certificate; tokens of both are good, and both are answered for.
#[test]
fn the_unit_is_renewed_and_its_earlier_tokens_stay_good() {
    let (cabinet, daemon) = reachable();
    let url = format!("http://{}/pki/ocsp", cabinet.http());
    let watched = cabinet.watched("attestations");
    watched.drop_file("avant.pdf", &fixtures::small("avant"));
    let before = watched.wait_delivered("avant");
    let made = cabinet.admin(["ca", "renew-tsu", "--json"]).expect(0).json();
    let earlier = PathBuf::from(made["earlier"].as_str().expect("a path"));
    let earlier = earlier.file_name().expect("a name").to_str().expect("ours");
    assert!(earlier.starts_with("tsu."), "{earlier}");
    let good = |name: &str| {
        let said = ask(&cabinet, name, &["-url", &url]).expect(0);
        assert!(said.out.contains(": good"), "{name}: {said}");
    };
    good("tsu.pem");
    good(earlier);
    assert!(daemon.stop().success());

    let daemon = Daemon::start(&cabinet);
    watched.drop_file("apres.pdf", &fixtures::small("apres"));
    let after = watched.wait_delivered("apres");
    for pdf in [&before, &after] {
        judges::ask(pdf, &cabinet.anchors()).expect_b_t();
    }
    let serial = made["serial"].as_str().expect("a serial number");
    // The signature stands in the file in hexadecimal.
    let bears = |pdf: &Path| {
        let text = std::fs::read(pdf).expect("delivered").to_ascii_lowercase();
        text.windows(serial.len()).any(|window| window == serial.as_bytes())
    };
    assert!(!bears(&before) && bears(&after), "the new certificate stands in the new token alone");
    good("tsu.pem");
    good(earlier);
    assert!(daemon.stop().success());
}

/// Without `[pki]` nothing is told and no certificate carries an address, as before.
#[test]
fn without_an_address_nothing_is_told() {
    let (cabinet, daemon) = Cabinet::ready();
    get(&cabinet, "/pki/issuing.crl").expect(404);
    let seal = text(&pki(&cabinet, "seal-exemple.pem"));
    let shown = openssl(&cabinet, &["x509", "-in", &seal, "-noout", "-text"]).expect(0).out;
    assert!(!shown.contains("URI:"), "{shown}");
    cabinet.admin(["ca", "crl", &text(&cabinet.path("own.crl"))]).expect(0);
    assert!(daemon.stop().success());
    // A state that was made before there was a responder gets its key at its next start.
    std::fs::remove_file(cabinet.state().join("keys/ocsp.p8")).expect("the responder's key");
    let daemon = Daemon::spawn(&cabinet, binary(), &[]).wait_ready(&cabinet);
    assert!(cabinet.state().join("keys/ocsp.p8").is_file());
    assert!(daemon.stop().success());
}

/// A recipient's machine follows the addresses of a sealed document: pyHanko fetches the status of seal
/// and unit, refuses what it cannot find out, and learns of a revocation.
#[test]
fn a_sealed_document_leads_pyhanko_to_the_status_of_its_certificates() {
    let (cabinet, daemon) = reachable();
    let watched = cabinet.watched("attestations");
    watched.drop_file("contrat.pdf", &fixtures::small("contrat"));
    let sealed = watched.wait_delivered("contrat");
    let good = judges::pyhanko_online(&sealed, &cabinet.anchors());
    for part in ["signature", "timestamp"] {
        for key in ["intact", "valid", "trusted"] {
            assert_eq!(good[part][key], true, "{part} {key}: {good:#}");
        }
        // The certificate's status by OCSP, and the issuing authority's by the root's list.
        assert!(good["fetched"][part]["ocsp"].as_u64() >= Some(1), "{good:#}");
        assert!(good["fetched"][part]["crl"].as_u64() >= Some(1), "{good:#}");
    }
    let order = ["ca", "revoke", "--societe", SOCIETE, "--reason", "key-compromise"];
    cabinet.admin(order).expect(0);
    let revoked = judges::pyhanko_online(&sealed, &cabinet.anchors());
    assert_eq!(revoked["signature"]["trusted"], false, "{revoked:#}");
    assert_eq!(revoked["signature"]["revoked"], true, "{revoked:#}");
    assert_eq!(revoked["timestamp"]["trusted"], true, "{revoked:#}");
    assert!(daemon.stop().success());
    let silent = judges::pyhanko_online(&sealed, &cabinet.anchors());
    assert_eq!(silent["signature"]["trusted"], false, "nobody answers: {silent:#}");
}
