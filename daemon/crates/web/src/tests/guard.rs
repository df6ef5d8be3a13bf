//! What every request passes.

use axum::body::Body;
use axum::http::Request;

use super::world::{EXPERT, PDF, World};
use crate::router::DOSSIERS;

const QUERY: &str = "workflow=copie&societe=martin";

#[tokio::test]
async fn every_answer_has_the_security_headers() {
    let world = World::new();
    let token = world.full(EXPERT);
    for path in ["/livez", "/readyz", DOSSIERS, "/nothing"] {
        let answer = world.get(&token, path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("cache-control"), "no-store", "{path}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "{path}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"));
    }
}

#[tokio::test]
async fn pages_of_other_sites_change_nothing() {
    let world = World::new();
    let token = world.full(EXPERT);
    let host = ("host", "sceau.example");
    for refused in [
        [host, ("sec-fetch-site", "cross-site")],
        [host, ("sec-fetch-site", "same-site")],
        [host, ("origin", "https://mechant.example")],
        [host, ("origin", "null")],
    ] {
        world.post(&token, QUERY, &refused, PDF).await.expect(403, "cross-site");
    }
    assert_eq!(world.dossiers(), 0);
    for (number, taken) in [
        [host, ("sec-fetch-site", "same-origin")],
        [host, ("sec-fetch-site", "none")],
        [host, ("origin", "https://sceau.example")],
    ]
    .iter()
    .enumerate()
    {
        let body = [PDF, number.to_string().as_bytes()].concat();
        assert_eq!(world.post(&token, QUERY, taken, body).await.status, 201, "{taken:?}");
    }
}

#[tokio::test]
async fn reading_methods_change_nothing_and_others_are_refused() {
    let world = World::new();
    let token = world.full(EXPERT);
    for (method, status) in [("GET", 422), ("HEAD", 422), ("PUT", 405), ("DELETE", 405)] {
        let request = Request::builder()
            .method(method)
            .uri(format!("{DOSSIERS}?{QUERY}"))
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/pdf");
        let answer = world.ask(request.body(Body::from(PDF)).unwrap()).await;
        assert_eq!(answer.status, status, "{method}");
        if status == 405 {
            assert!(answer.header("allow").contains("POST"), "{:?}", answer.headers);
            answer.expect(405, "method-not-allowed");
        }
    }
    world.get(&token, "/api/v2/dossiers").await.expect(404, "not-found");
    assert_eq!((world.dossiers(), world.shelf.count()), (0, 0));
}

#[tokio::test]
async fn readiness_names_what_is_not_ready_and_life_goes_on() {
    let world = World::new();
    assert_eq!(world.get("", "/readyz").await.status, 200);
    let folder = ("folder attestations".to_owned(), "its mount is gone".to_owned());
    world.missing.lock().unwrap().push(folder);
    let answer = world.get("", "/readyz").await;
    assert_eq!(answer.status, 503);
    assert_eq!(answer.json()["missing"][0]["part"], "folder attestations");
    assert_eq!(world.get("", "/livez").await.status, 200);
}
