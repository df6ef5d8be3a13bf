//! Handing documents in.

use std::sync::{Arc, Mutex};

use axum::body::Body;
use axum::http::Request;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use proptest::prelude::*;
use sceau_cabinet::Scope;

use super::world::{Answer, EXPERT, MOST, PAUL, PDF, World};
use crate::router::DOSSIERS;

type Piece = Result<Bytes, std::io::Error>;

const QUERY: &str = "workflow=attestation&societe=martin&title=Bilan%20%C3%A9t%C3%A9";

fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().unwrap_or_else(|| panic!("{answer:?}")).to_owned()
}

#[tokio::test]
async fn a_pdf_becomes_a_dossier() {
    let world = World::new();
    let token = world.full(EXPERT);
    let answer = world.post(&token, QUERY, &[], PDF).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let json = answer.json();
    assert_eq!(answer.header("location"), format!("{DOSSIERS}/{}", id(&answer)));
    assert_eq!((&json["state"], &json["title"]), (&"running".into(), &"Bilan été".into()));
    assert_eq!((&json["channel"], &json["duplicate"]), (&"api".into(), &false.into()));
    let again = world.post(&token, QUERY, &[], PDF).await;
    assert_eq!((again.status.as_u16(), id(&again)), (200, id(&answer)));
    assert_eq!(again.json()["duplicate"], true);
    let other = world.post(&token, &format!("{QUERY}&parameter.exercice=2025"), &[], PDF).await;
    assert_eq!(other.status, 201, "other particulars: {other:?}");
    assert_eq!(world.dossiers(), 2);
}

#[tokio::test]
async fn a_missing_right_is_told_with_its_dossier_in_both_languages() {
    let world = World::new();
    let token = world.full(PAUL);
    let french = world.post(&token, QUERY, &[], PDF).await;
    let location = french.header("location").to_owned();
    let french = french.expect(403, "dossier-rejected");
    let english = world.post(&token, QUERY, &[("accept-language", "en")], PDF).await;
    assert_eq!(english.header("content-language"), "en");
    let english = english.expect(403, "dossier-rejected");
    assert!(location.ends_with(french["dossier"].as_str().unwrap()));
    assert_eq!(french["detail"], french["failure"]["fr"]);
    assert_eq!(english["detail"], english["failure"]["en"]);
    assert_ne!(french["detail"], english["detail"]);
    let seen = world.get(&token, french["links"]["self"].as_str().unwrap()).await.json();
    assert_eq!((&seen["state"], &seen["failure"]), (&"rejected".into(), &french["failure"]));
}

#[tokio::test]
async fn a_key_names_one_request() {
    let world = World::new();
    let token = world.full(EXPERT);
    let key = [("idempotency-key", "une-cle-0001")];
    let first = world.post(&token, QUERY, &key, PDF).await;
    assert_eq!((first.status.as_u16(), first.header("idempotency-replayed")), (201, ""));
    let again = world.post(&token, QUERY, &key, PDF).await;
    assert_eq!((again.status.as_u16(), again.header("idempotency-replayed")), (200, "true"));
    assert_eq!(id(&again), id(&first));
    let other = [PDF, b"%"].concat();
    world.post(&token, QUERY, &key, other).await.expect(422, "idempotency-key-reused");
    let title = QUERY.replace("Bilan", "Compte");
    world.post(&token, &title, &key, PDF).await.expect(422, "idempotency-key-reused");
    let bad = [("idempotency-key", "a b")];
    world.post(&token, QUERY, &bad, PDF).await.expect(400, "idempotency-key-malformed");
    let another = world.full(PAUL);
    world.post(&another, QUERY, &key, PDF).await.expect(403, "dossier-rejected");
    assert_eq!(world.dossiers(), 2, "keys are each account's own");
}

#[tokio::test]
async fn nobody_is_answered_with_anothers_dossier() {
    let world = World::new();
    let query = "workflow=copie&societe=martin";
    let (hers, his) = (world.full(EXPERT), world.full(PAUL));
    let first = world.post(&hers, query, &[], PDF).await;
    let second = world.post(&his, query, &[], PDF).await;
    assert_eq!((first.status.as_u16(), second.status.as_u16()), (201, 201));
    assert_ne!(id(&first), id(&second));
}

#[tokio::test]
async fn tokens_open_what_they_say() {
    let world = World::new();
    let reader = world.token(EXPERT, &[Scope::Read]);
    world.post(&reader, QUERY, &[], PDF).await.expect(403, "scope-submit-missing");
    let writer = world.token(EXPERT, &[Scope::Submit]);
    world.get(&writer, DOSSIERS).await.expect(403, "scope-read-missing");
    let unknown = world.post("sceau_00", QUERY, &[], PDF).await;
    assert!(unknown.header("www-authenticate").contains("invalid_token"));
    unknown.expect(401, "token-invalid");
    let none = Request::post(format!("{DOSSIERS}?{QUERY}")).body(Body::empty()).unwrap();
    let none = world.ask(none).await;
    assert_eq!(none.header("www-authenticate"), "Bearer realm=\"sceau\"");
    none.expect(401, "token-missing");
    world.revoke(&writer);
    world.post(&writer, QUERY, &[], PDF).await.expect(401, "token-invalid");
    assert_eq!((world.dossiers(), world.shelf.count()), (0, 0));
}

#[tokio::test]
async fn a_token_revoked_during_the_upload_hands_nothing_in() {
    let world = Arc::new(World::new());
    let token = world.full(EXPERT);
    let (held, secret) = (Arc::clone(&world), token.clone());
    let pieces = stream::iter(0..2).map(move |number| {
        if number == 1 {
            held.revoke(&secret);
        }
        Ok::<_, std::io::Error>([PDF, &[b' '; 2000]].concat())
    });
    let answer = world.post(&token, QUERY, &[], Body::from_stream(pieces)).await;
    answer.expect(401, "token-invalid");
    assert_eq!(world.dossiers(), 0);
}

#[tokio::test]
async fn what_cannot_be_taken_makes_no_dossier() {
    let world = World::new();
    let token = world.full(EXPERT);
    for (query, status, code) in [
        ("", 422, "parameter-invalid"),
        ("workflow=attestation", 422, "parameter-invalid"),
        ("workflow=inconnu&societe=martin", 422, "workflow-unknown"),
        ("workflow=attestation&societe=dupont", 422, "societe-unknown"),
        ("workflow=attestation&societe=../x", 422, "societe-unknown"),
        ("workflow=attestation&societe=martin&societe=martin", 422, "parameter-invalid"),
        ("workflow=attestation&societe=martin&color=red", 422, "parameter-invalid"),
        ("workflow=attestation&societe=martin&parameter.exercise=2025", 422, "parameter-invalid"),
        ("workflow=attestation&societe=martin&title=%20", 422, "parameter-invalid"),
        ("workflow=attestation&societe=martin&name=..%2Fx.pdf", 422, "parameter-invalid"),
        ("workflow=attestation&societe=martin&parameter.signatories=x", 422, "parameter-invalid"),
    ] {
        world.post(&token, query, &[], PDF).await.expect(status, code);
    }
    for body in [&b""[..], b"no PDF", &[b' '; 2000]] {
        world.post(&token, QUERY, &[], body).await.expect(422, "not-a-pdf");
    }
    let coded = [("content-encoding", "gzip")];
    world.post(&token, QUERY, &coded, PDF).await.expect(415, "media-type-unsupported");
    let word = Request::post(format!("{DOSSIERS}?{QUERY}"))
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/msword");
    world.ask(word.body(Body::from(PDF)).unwrap()).await.expect(415, "media-type-unsupported");
    *world.shelf.full.lock().unwrap() = true;
    let full = world.post(&token, QUERY, &[], PDF).await;
    assert_eq!(full.header("retry-after"), "300");
    full.expect(503, "disk-full");
    assert_eq!((world.dossiers(), world.shelf.count()), (0, 0));
}

#[tokio::test]
async fn a_document_is_bounded_whether_its_length_is_announced_or_not() {
    let world = World::new();
    let token = world.full(EXPERT);
    let mut bytes = PDF.to_vec();
    bytes.resize(MOST as usize, b' ');
    assert_eq!(world.post(&token, QUERY, &[], bytes.clone()).await.status, 201);
    bytes.push(b' ');
    let length = bytes.len().to_string();
    let announced = [("content-length", length.as_str())];
    world.post(&token, QUERY, &announced, bytes.clone()).await.expect(413, "too-large");
    let pieces: Vec<Piece> = bytes.chunks(1000).map(|c| Ok(Bytes::copy_from_slice(c))).collect();
    let unannounced = Body::from_stream(stream::iter(pieces));
    world.post(&token, QUERY, &[], unannounced).await.expect(413, "too-large");
    assert_eq!(world.dossiers(), 1);
}

fn part(name: &str, more: &str, value: &[u8]) -> Vec<u8> {
    let head = format!("--xyz\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n");
    [head.as_bytes(), value, b"\r\n"].concat()
}

async fn form(world: &World, token: &str, parts: &[Vec<u8>]) -> Answer {
    let body = [parts.concat(), b"--xyz--\r\n".to_vec()].concat();
    // In small pieces, as a network may bring them.
    let piece = if body.len() < 20_000 { 7 } else { 8192 };
    let pieces: Vec<Piece> = body.chunks(piece).map(|c| Ok(Bytes::copy_from_slice(c))).collect();
    send(world, token, Body::from_stream(stream::iter(pieces))).await
}

async fn send(world: &World, token: &str, body: Body) -> Answer {
    let request = Request::post(DOSSIERS)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "multipart/form-data; boundary=xyz");
    world.ask(request.body(body).unwrap()).await
}

const METADATA: &str = r#"{"workflow":"attestation","societe":"martin","title":"Été",
    "parameters":{"exercice":2025},"signatories":[{"name":"Jeanne Martin","email":"j@m.example"}]}"#;

#[tokio::test]
async fn a_form_is_taken_in_any_order() {
    let world = World::new();
    let token = world.full(EXPERT);
    let document = part("document", "; filename=\"C:\\\\tmp\\\\bilan.pdf\"", PDF);
    let fields = [part("workflow", "", b"attestation"), part("societe", "", b"martin")];
    let parts = [document.clone(), fields[0].clone(), fields[1].clone()];
    let plain = form(&world, &token, &parts).await;
    assert_eq!(plain.status, 201, "{plain:?}");
    let plain = plain.json();
    assert_eq!((&plain["name"], &plain["title"]), (&"bilan.pdf".into(), &"bilan".into()));
    let metadata = part("metadata", "", METADATA.as_bytes());
    let rich = form(&world, &token, &[metadata, document]).await;
    assert_eq!((rich.status.as_u16(), &rich.json()["title"]), (201, &"Été".into()));
    let id = rich.json()["id"].as_str().unwrap().parse().unwrap();
    let received = world.handle.dossier(&id).unwrap().unwrap().received;
    assert_eq!(received.parameters["exercice"], "2025");
    let told = format!("{:?}", world.handle.events(&id).unwrap());
    assert!(!told.contains("Jeanne") && !told.contains("j@m"), "{told}");
    let jeanne = world.handle.signatory(received.signatories[0]).unwrap().unwrap();
    assert_eq!((jeanne.name.as_str(), jeanne.email.as_str()), ("Jeanne Martin", "j@m.example"));
}

#[tokio::test]
async fn a_large_form_is_taken_piece_by_piece() {
    let world = World::new();
    let token = world.full(EXPERT);
    let large = [PDF, &vec![b' '; (5 << 20) / 2]].concat();
    let parts = [part("metadata", "", METADATA.as_bytes()), part("document", "", &large)];
    let body = [parts.concat(), b"--xyz--\r\n".to_vec()].concat();
    let pieces: Vec<Piece> = body.chunks(8192).map(|c| Ok(Bytes::copy_from_slice(c))).collect();
    let answer = send(&world, &token, Body::from_stream(stream::iter(pieces))).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    let largest = *world.shelf.largest.lock().unwrap();
    assert!(largest <= 64 << 10, "{largest} bytes were in memory at one time");
}

#[tokio::test]
async fn a_bad_form_is_refused() {
    let world = World::new();
    let token = world.full(EXPERT);
    let document = || part("document", "; filename=\"a.pdf\"", PDF);
    let metadata = || part("metadata", "", METADATA.as_bytes());
    let long = [PDF, &vec![b' '; MOST as usize]].concat();
    for (parts, status, code) in [
        (vec![metadata()], 422, "parameter-invalid"),
        (vec![document(), document(), metadata()], 422, "parameter-invalid"),
        (vec![document(), metadata(), metadata()], 422, "parameter-invalid"),
        (vec![document(), part("metadata", "", b"{\"worflow\":1}")], 400, "request-malformed"),
        (vec![document(), metadata(), part("x", "", b"y")], 422, "parameter-invalid"),
        (vec![part("document", "", b"no PDF"), metadata()], 422, "not-a-pdf"),
        (vec![part("document", "", &long), metadata()], 413, "too-large"),
        (vec![part("title", "", &[b'x'; 5000]), document()], 413, "too-large"),
    ] {
        form(&world, &token, &parts).await.expect(status, code);
    }
    let cut = Body::from([metadata(), document()].concat()[..200].to_vec());
    send(&world, &token, cut).await.expect(400, "request-malformed");
    assert_eq!(world.dossiers(), 0);
}

#[tokio::test]
async fn what_stands_around_the_document_is_bounded() {
    let world = World::new();
    let token = world.full(EXPERT);
    let endless = |head: &'static [u8]| {
        let pieces = stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from(vec![b'x'; 8192])));
        let first = stream::iter([Ok(Bytes::from_static(head))]);
        Body::from_stream(first.chain(pieces))
    };
    send(&world, &token, endless(b"")).await.expect(413, "too-large");
    send(&world, &token, endless(b"--xyz\r\nX-Y: ")).await.expect(413, "too-large");
    let head = b"--xyz\r\nContent-Disposition: form-data; name=\"document\"\r\n\r\n%PDF-1.7\n";
    send(&world, &token, endless(head)).await.expect(413, "too-large");
}

static WORLD: Mutex<Option<(World, String)>> = Mutex::new(None);

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    /// Whatever stands in a form: an answer, never a fault of ours, never a dossier without a PDF.
    #[test]
    fn any_bytes_get_an_answer(bytes in prop::collection::vec(any::<u8>(), 0..600), framed: bool) {
        let mut shared = WORLD.lock().unwrap();
        let (world, token) = shared.get_or_insert_with(|| {
            let world = World::new();
            let token = world.full(EXPERT);
            (world, token)
        });
        let body = if framed { part("metadata", "", &bytes) } else { bytes };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let answer = runtime.block_on(send(world, token, Body::from(body)));
        prop_assert!(answer.status.is_client_error(), "{:?}", answer);
        prop_assert_eq!(world.dossiers(), 0);
    }
}

#[tokio::test]
async fn a_document_is_judged_without_a_dossier() {
    let world = World::new();
    let token = world.token(EXPERT, &[Scope::Read]);
    let place = "/api/v1/verifications";
    let report = world.post_to(place, &token, &[], PDF).await.json();
    assert_eq!(report["len"], PDF.len());
    let dossiers = world.get(&token, DOSSIERS).await.json();
    assert_eq!(dossiers["dossiers"].as_array().unwrap().len(), 0);
    world.post_to(place, &token, &[], "no PDF").await.expect(422, "not-a-pdf");
    let other = world.token(EXPERT, &[Scope::Submit]);
    world.post_to(place, &other, &[], PDF).await.expect(403, "scope-read-missing");
}
