//! The HTTP API: dossiers in, results out, by tokens that are bound to accounts.

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use sceau_tests::cabinet::{ADMIN, COLLABORATOR, Cabinet};
use sceau_tests::daemon::{Daemon, get};
use sceau_tests::exit::{BAD_CONFIG, FAILED, INDETERMINATE, PASSED};
use sceau_tests::folder::PATIENCE;
use sceau_tests::http::{Answer, request};
use sceau_tests::program::sceau;
use sceau_tests::tsa::ForeignPki;
use sceau_tests::{fixtures, judges, until};

const DOSSIERS: &str = "/api/v1/dossiers";

fn post(address: SocketAddr, token: &str, more: &[(&str, &str)], body: &[u8]) -> Answer {
    let bearer = format!("Bearer {token}");
    let mut headers = vec![("Authorization", bearer.as_str()), ("Content-Type", "application/pdf")];
    headers.extend(more);
    let path = format!("{DOSSIERS}?workflow=attestation&societe=exemple&title=essai");
    request(address, "POST", &path, &headers, body).expect("an answer")
}

fn fetch(address: SocketAddr, token: &str, path: &str) -> Answer {
    let bearer = format!("Bearer {token}");
    request(address, "GET", path, &[("Authorization", &bearer)], b"").expect("an answer")
}

fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().unwrap_or_else(|| panic!("no id in {}", answer.text())).to_owned()
}

fn wait_state(cabinet: &Cabinet, token: &str, dossier: &str, state: &str) -> serde_json::Value {
    let path = format!("{DOSSIERS}/{dossier}");
    until(&format!("dossier {state}"), PATIENCE, || {
        let json = fetch(cabinet.http(), token, &path).expect(200).json();
        (json["state"] == state).then_some(json)
    })
}

#[test]
fn a_posted_pdf_comes_back_sealed() {
    let (cabinet, _daemon) = Cabinet::ready();
    let token = cabinet.token(COLLABORATOR, "submit,read");
    let bytes = fixtures::named("libreoffice");
    let answer = post(cabinet.http(), &token, &[], &bytes);
    assert!([201, 202].contains(&answer.status), "{} {}", answer.status, answer.text());
    let dossier = id(&answer);
    let location = answer.header("location").expect("a Location").to_owned();
    assert!(location.ends_with(&format!("{DOSSIERS}/{dossier}")), "{location}");
    let json = wait_state(&cabinet, &token, &dossier, "delivered");
    assert!(json["events"].as_array().is_some_and(|events| events.len() > 3), "{json:#}");
    let sealed =
        fetch(cabinet.http(), &token, &format!("{DOSSIERS}/{dossier}/document")).expect(200);
    assert_eq!(sealed.header("content-type"), Some("application/pdf"));
    let path = cabinet.path("sealed.pdf");
    std::fs::write(&path, &sealed.body).expect("written");
    judges::ask(&path, &cabinet.anchors()).expect_b_t();
    assert!(sealed.body.starts_with(&bytes));
}

#[test]
fn a_multipart_form_is_taken_too() {
    let (cabinet, _daemon) = Cabinet::ready();
    let token = cabinet.token(COLLABORATOR, "submit,read");
    let mut body = Vec::new();
    for (name, value) in [("workflow", "attestation"), ("societe", "exemple"), ("title", "Été")] {
        body.extend(
            format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
                .bytes(),
        );
    }
    body.extend(b"--xyz\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a.pdf\"\r\nContent-Type: application/pdf\r\n\r\n");
    body.extend(fixtures::small("multipart"));
    body.extend(b"\r\n--xyz--\r\n");
    let bearer = format!("Bearer {token}");
    let headers =
        [("Authorization", bearer.as_str()), ("Content-Type", "multipart/form-data; boundary=xyz")];
    let answer = request(cabinet.http(), "POST", DOSSIERS, &headers, &body).expect("an answer");
    assert!([201, 202].contains(&answer.status), "{} {}", answer.status, answer.text());
    wait_state(&cabinet, &token, &id(&answer), "delivered");
}

const JEANNE: [&str; 3] = ["Jeanne Exemple", "jeanne@client.example", "+33 6 00 00 00 00"];

/// A form with a signatory of the given name, under an idempotency key.
fn post_signatory(address: SocketAddr, token: &str, name: &str) -> Answer {
    let [_, email, phone] = JEANNE;
    let metadata = serde_json::json!({
        "workflow": "attestation", "societe": "exemple",
        "signatories": [{ "name": name, "email": email, "phone": phone }],
    });
    let mut body = format!(
        "--xyz\r\nContent-Disposition: form-data; name=\"metadata\"\r\n\r\n{metadata}\r\n--xyz\r\n\
         Content-Disposition: form-data; name=\"document\"; filename=\"api.pdf\"\r\n\r\n"
    )
    .into_bytes();
    body.extend([fixtures::small("signatory by API"), b"\r\n--xyz--\r\n".to_vec()].concat());
    let (bearer, form) = (format!("Bearer {token}"), "multipart/form-data; boundary=xyz");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", form)];
    let key = ("Idempotency-Key", "avec-signataire");
    request(address, "POST", DOSSIERS, &[&headers[..], &[key]].concat(), &body).expect("an answer")
}

/// Events, evidence and audit log know those who sign by an identifier; their details can be erased,
/// and every proof stands afterwards.
#[test]
fn signatories_are_named_in_nothing_that_lasts() {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.folders[0].2 = "sidecar = \"optional\"\nsidecar_wait = \"1s\"".to_owned();
    let (cabinet, _daemon) = cabinet.finish_ready();
    let watched = cabinet.watched("attestations");
    let [name, email, phone] = JEANNE;
    let sidecar =
        format!("[[signatories]]\nname = \"{name}\"\nemail = \"{email}\"\nphone = \"{phone}\"\n");
    watched.drop_file("fiche.toml", sidecar.as_bytes());
    watched.drop_file("fiche.pdf", &fixtures::small("signatory by sidecar"));
    let token = cabinet.token(COLLABORATOR, "submit,read");
    let by_api = id(&post_signatory(cabinet.http(), &token, name).expect(201));
    let again = post_signatory(cabinet.http(), &token, name).expect(200);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    let other = post_signatory(cabinet.http(), &token, "Somebody else");
    assert!([409, 422].contains(&other.status), "{} {}", other.status, other.text());

    let pdf = watched.wait_delivered("fiche");
    let evidence = std::fs::read_to_string(watched.wait_evidence("fiche")).expect("evidence");
    let answer = wait_state(&cabinet, &token, &by_api, "delivered");
    let own = format!("{DOSSIERS}/{by_api}/evidence");
    let fetched = fetch(cabinet.http(), &token, &own).expect(200).text();
    let log = cabinet.admin(["audit", "export"]).expect(0).out;
    let mut told = vec![evidence, answer.to_string(), fetched, log];
    let dossiers = cabinet.dossiers();
    assert_eq!(dossiers.len(), 2, "{dossiers:?}");
    for dossier in &dossiers {
        let dossier = dossier["dossier"].as_str().expect("an id");
        let shown = cabinet.admin(["dossier", "show", dossier, "--json"]).expect(0);
        let people = shown.json()["events"][0]["signatories"].clone();
        assert_eq!(people[0].as_str().map(str::len), Some(32), "{shown}");
        told.push(shown.out);
    }
    for personal in ["Jeanne", email, "client.example", phone] {
        let named = told.iter().find(|text| text.contains(personal));
        assert_eq!(named, None, "{personal} is named");
    }

    cabinet.admin(["account", "erase", email]).expect(0);
    cabinet.admin(["account", "erase", email]).expect(1);
    cabinet.evidence_agrees(&pdf, &cabinet.anchors());
    let log = cabinet.path("audit.jsonl").display().to_string();
    cabinet.admin(["audit", "export", "--out", &log]).expect(0);
    cabinet.sceau(["audit", "verify", &log].map(Into::into)).expect(0);
}

#[test]
fn the_same_idempotency_key_is_one_dossier() {
    let (cabinet, _daemon) = Cabinet::ready();
    let token = cabinet.token(COLLABORATOR, "submit,read");
    let key = [("Idempotency-Key", "une-cle-0001")];
    let bytes = fixtures::small("idempotent");
    let first = id(&post(cabinet.http(), &token, &key, &bytes));
    let again = post(cabinet.http(), &token, &key, &bytes).expect(200);
    assert_eq!(again.header("idempotency-replayed"), Some("true"));
    assert_eq!(id(&again), first);
    assert_eq!(cabinet.dossiers().len(), 1);
    let other = post(cabinet.http(), &token, &key, &fixtures::small("another"));
    assert!([409, 422].contains(&other.status), "{} {}", other.status, other.text());
    assert_eq!(cabinet.dossiers().len(), 1);
}

#[test]
fn tokens_are_asked_for_and_end_with_their_revocation() {
    let (cabinet, _daemon) = Cabinet::ready();
    let bytes = fixtures::small("token");
    let nobody =
        request(cabinet.http(), "POST", DOSSIERS, &[("Content-Type", "application/pdf")], &bytes);
    nobody.expect("an answer").expect(401);
    post(cabinet.http(), "faux", &[], &bytes).expect(401);
    let secret = cabinet.token(COLLABORATOR, "submit,read");
    let dossier = id(&post(cabinet.http(), &secret, &[], &bytes));
    let list = cabinet.admin(["token", "list", "--json"]).expect(0);
    assert!(!list.out.contains(&secret), "the list shows the secret");
    let tokens = list.json();
    let name = tokens[0]["token"].as_str().expect("an id").to_owned();
    cabinet.admin(["token", "revoke", &name]).expect(0);
    fetch(cabinet.http(), &secret, &format!("{DOSSIERS}/{dossier}")).expect(401);
    assert!(
        !everything(&cabinet.state()).windows(secret.len()).any(|w| w == secret.as_bytes()),
        "the token stands in the state directory in clear"
    );
}

/// All bytes beneath a directory.
fn everything(place: &std::path::Path) -> Vec<u8> {
    sceau_tests::folder::files(place)
        .iter()
        .flat_map(|path| std::fs::read(path).unwrap_or_default())
        .collect()
}

#[test]
fn a_scope_is_a_limit() {
    let (cabinet, _daemon) = Cabinet::ready();
    let reader = cabinet.token(COLLABORATOR, "read");
    post(cabinet.http(), &reader, &[], &fixtures::small("scope")).expect(403);
}

#[test]
fn one_account_never_reads_anothers_dossier() {
    let (cabinet, _daemon) = Cabinet::ready();
    let (hers, his) =
        (cabinet.token(ADMIN, "submit,read"), cabinet.token(COLLABORATOR, "submit,read"));
    let dossier = id(&post(cabinet.http(), &his, &[], &fixtures::small("private")));
    wait_state(&cabinet, &his, &dossier, "delivered");
    for tail in ["", "/document", "/evidence"] {
        let path = format!("{DOSSIERS}/{dossier}{tail}");
        let absent = format!("{DOSSIERS}/0123456789abcdef0123456789abcdef{tail}");
        let (theirs, nobodys) =
            (fetch(cabinet.http(), &hers, &path), fetch(cabinet.http(), &hers, &absent));
        assert_eq!(theirs.status, 404, "{path}");
        assert_eq!((theirs.status, theirs.body.len()), (nobodys.status, nobodys.body.len()));
    }
}

#[test]
fn an_account_without_the_right_is_told_so() {
    let cabinet = Cabinet::new();
    let _daemon = Daemon::start(&cabinet);
    let token = cabinet.token(COLLABORATOR, "submit,read");
    let bytes = fixtures::small("no right");
    let answer = post(cabinet.http(), &token, &[], &bytes).expect(403);
    assert_eq!(answer.header("content-type"), Some("application/problem+json"));
    let problem = answer.json();
    assert_eq!(problem["code"], "dossier-rejected");
    for language in ["fr", "en"] {
        let reason = problem["failure"][language].as_str().expect("a reason");
        assert!(reason.contains("gation"), "{language}: {reason}");
    }
    let dossier = problem["dossier"].as_str().expect("a dossier").to_owned();
    assert!(answer.header("location").is_some_and(|place| place.ends_with(&dossier)));
    wait_state(&cabinet, &token, &dossier, "rejected");
    cabinet.grant("sceller");
    cabinet.admin(["dossier", "retry", &dossier]).expect(0);
    wait_state(&cabinet, &token, &dossier, "delivered");
}

#[test]
fn what_is_not_a_document_is_refused() {
    let (cabinet, _daemon) = Cabinet::ready();
    let token = cabinet.token(COLLABORATOR, "submit,read");
    let refused = |body: &[u8]| post(cabinet.http(), &token, &[], body).status;
    assert!([400, 415, 422].contains(&refused(b"")), "an empty body");
    assert!([400, 415, 422].contains(&refused(b"not a PDF")), "no PDF");
    let bearer = format!("Bearer {token}");
    let unknown = format!("{DOSSIERS}?workflow=inconnu&societe=exemple");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/pdf")];
    let answer = request(cabinet.http(), "POST", &unknown, &headers, &fixtures::small("unknown"))
        .expect("an answer");
    assert!([400, 404, 422].contains(&answer.status), "{} {}", answer.status, answer.text());
    assert!(cabinet.dossiers().is_empty());
}

#[test]
fn a_document_larger_than_allowed_is_refused_early() {
    let mut cabinet = Cabinet::uninitialised();
    cabinet.http_more = "max_upload = \"64 KiB\"".to_owned();
    let (cabinet, _daemon) = cabinet.finish_ready();
    let token = cabinet.token(COLLABORATOR, "submit,read");
    let mut bytes = fixtures::small("large");
    bytes.resize(1 << 20, b' ');
    post(cabinet.http(), &token, &[], &bytes).expect(413);
}

#[test]
fn readiness_names_what_is_not_ready() {
    let (cabinet, _daemon) = Cabinet::ready();
    get(&cabinet, "/livez").expect("an answer").expect(200);
    get(&cabinet, "/readyz").expect("an answer").expect(200);
    let folder = cabinet.watched("attestations").path().to_owned();
    std::fs::rename(&folder, folder.with_extension("away")).expect("away");
    until("unready daemon", PATIENCE, || {
        let answer = get(&cabinet, "/readyz")?;
        (answer.status == 503 && answer.text().contains("attestations")).then_some(())
    });
    get(&cabinet, "/livez").expect("an answer").expect(200);
}

#[test]
fn reading_never_changes_anything() {
    let (cabinet, _daemon) = Cabinet::ready();
    let token = cabinet.token(COLLABORATOR, "submit,read");
    let bearer = format!("Bearer {token}");
    for method in ["GET", "HEAD", "PUT", "DELETE"] {
        let path = format!("{DOSSIERS}?workflow=attestation&societe=exemple");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/pdf")];
        let _ = request(cabinet.http(), method, &path, &headers, &fixtures::small("get"));
    }
    assert!(cabinet.dossiers().is_empty());
}

/// A stranger's signature is judged by the certificates that `[verify]` names, over HTTP and by
/// `sceau verify --config`; the seals of the cabinet by its own root, without being named.
#[test]
fn strangers_documents_are_judged_by_whom_the_configuration_trusts() {
    let (pki, _tsa) = ForeignPki::start();
    let foreign = signed_by(&pki);
    let (mut cabinet, daemon) = Cabinet::ready();
    let judge = |cabinet: &Cabinet, file: &Path, exit, indication: &str| {
        let token = cabinet.token(COLLABORATOR, "read");
        let bearer = format!("Bearer {token}");
        let bytes = std::fs::read(file).expect("a file");
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/pdf")];
        let answer = request(cabinet.http(), "POST", "/api/v1/verifications", &headers, &bytes);
        let report = answer.expect("an answer").expect(200).json();
        assert_eq!(report["verdict"]["indication"], indication, "{report:#}");
        cabinet.admin(["verify".as_ref(), file.as_os_str()]).expect(exit);
    };
    judge(&cabinet, &foreign, INDETERMINATE, "INDETERMINATE");
    assert!(daemon.stop().success());
    cabinet.extra = format!("\n[verify]\ntrust = [\"{}\"]\n", pki.anchors().display());
    cabinet.write_config();
    let _daemon = Daemon::start(&cabinet);
    judge(&cabinet, &foreign, PASSED, "TOTAL-PASSED");
    cabinet.sceau(["verify".into(), foreign.into()]).expect(INDETERMINATE);
    let own = cabinet.path("own.pdf");
    let watched = cabinet.watched("attestations");
    watched.drop_file("own.pdf", &fixtures::small("own"));
    std::fs::copy(watched.wait_delivered("own"), &own).expect("delivered");
    judge(&cabinet, &own, PASSED, "TOTAL-PASSED");
    std::fs::write(cabinet.config(), "no configuration").expect("written");
    cabinet.admin(["verify".as_ref(), own.as_os_str()]).expect(BAD_CONFIG);
}

/// What `POST /api/v1/verifications` answers is what `sceau verify --json` says, but for the moment of
/// asking; a changed byte is found there too.
#[test]
fn a_verification_over_http_says_what_the_command_says() {
    let (cabinet, _daemon) = Cabinet::ready();
    let watched = cabinet.watched("attestations");
    watched.drop_file("attestation.pdf", &fixtures::small("verification"));
    let whole = std::fs::read(watched.wait_delivered("attestation")).expect("delivered");
    let mut changed = whole.clone();
    let text = b"verification";
    let at = changed.windows(text.len()).position(|window| window == text).expect("the text");
    changed[at] = b'V';
    let token = cabinet.token(COLLABORATOR, "read");
    let bearer = format!("Bearer {token}");
    let headers = [("Authorization", bearer.as_str()), ("Content-Type", "application/pdf")];
    let cases = [
        ("whole.pdf", whole, PASSED, ("TOTAL-PASSED", None)),
        ("changed.pdf", changed, FAILED, ("TOTAL-FAILED", Some("HASH_FAILURE"))),
        (
            "unsigned.pdf",
            fixtures::small("nu"),
            INDETERMINATE,
            ("INDETERMINATE", Some("NO_SIGNATURE")),
        ),
    ];
    for (name, bytes, exit, (indication, why)) in cases {
        let answer = request(cabinet.http(), "POST", "/api/v1/verifications", &headers, &bytes);
        let over_http = answer.expect("an answer").expect(200).json();
        assert_eq!(over_http["verdict"]["indication"], indication, "{over_http:#}");
        assert_eq!(over_http["verdict"].get("sub_indication").and_then(|sub| sub.as_str()), why);
        let path = cabinet.path(name);
        std::fs::write(&path, bytes).expect("written");
        let said = cabinet.admin(["verify".as_ref(), path.as_os_str(), "--json".as_ref()]);
        assert_eq!(timeless(said.expect(exit).json()), timeless(over_http), "{name}");
    }
}

/// A report without the moment that it was made for; what is not proven was judged for that moment.
fn timeless(mut report: serde_json::Value) -> serde_json::Value {
    report["validated_at"].take();
    for signature in report["signatures"].as_array_mut().into_iter().flatten() {
        if signature["time_is_proven"] == false {
            signature["best_signature_time"].take();
        }
    }
    report
}

fn signed_by(pki: &ForeignPki) -> PathBuf {
    let [input, output] = ["in.pdf", "out.pdf"].map(|name| pki.path(name));
    std::fs::write(&input, fixtures::small("foreign")).expect("written");
    let mut arguments: Vec<OsString> = vec!["sign".into(), input.into(), (&output).into()];
    arguments.extend(["--p12".into(), pki.p12().into()]);
    arguments.extend(["--password-file".into(), pki.path("password").into()]);
    arguments.extend(["--level".into(), "B-B".into()]);
    sceau(arguments).expect(PASSED);
    output
}
