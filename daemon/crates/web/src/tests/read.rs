//! Reading one's own dossiers, and nobody else's.

use super::world::{EXPERT, PAUL, PDF, World};
use crate::router::DOSSIERS;

async fn new(world: &World, token: &str, number: usize) -> String {
    let body = [PDF, number.to_string().as_bytes()].concat();
    let answer =
        world.post(token, "workflow=copie&societe=martin&name=%C3%A9t%C3%A9.pdf", &[], body);
    answer.await.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_delivered_dossier_gives_its_document_and_its_evidence() {
    let world = World::new();
    let token = world.full(EXPERT);
    let id = new(&world, &token, 1).await;
    let own = format!("{DOSSIERS}/{id}");
    for tail in ["/document", "/evidence"] {
        world.get(&token, &format!("{own}{tail}")).await.expect(409, "not-delivered");
    }
    world.deliver(&id, b"{\"evidence\":1}");
    let json = world.get(&token, &own).await.json();
    assert_eq!(json["state"], "delivered");
    assert_eq!(json["document"]["after"], json["document"]["before"]);
    let document = world.get(&token, json["links"]["document"].as_str().unwrap()).await;
    assert_eq!(document.body, [PDF, b"1"].concat());
    assert_eq!(document.header("content-type"), "application/pdf");
    assert_eq!(document.header("content-length"), document.body.len().to_string());
    assert!(document.header("content-disposition").contains("filename*=UTF-8''%C3%A9t%C3%A9.pdf"));
    let evidence = world.get(&token, json["links"]["evidence"].as_str().unwrap()).await;
    assert_eq!(evidence.body, b"{\"evidence\":1}");
}

#[tokio::test]
async fn events_are_told_without_what_is_inside() {
    let world = World::new();
    let token = world.full(EXPERT);
    let answer = world.post(&token, "workflow=attestation&societe=martin", &[], PDF).await;
    let json = world.get(&token, answer.header("location")).await.json();
    let events = json["events"].as_array().unwrap();
    assert_eq!((&events[0]["event"], &events[0]["number"]), (&"received".into(), &1.into()));
    assert_eq!(events[0]["origin"]["source"], serde_json::Value::Null);
    let moved = events.iter().find(|event| event["event"] == "step_moved").unwrap();
    assert_eq!(moved["state"]["sha256"].as_str().map(str::len), Some(64));
    assert_eq!(json["step"], serde_json::json!({ "number": 1, "attempt": 1 }));
}

#[tokio::test]
async fn anothers_dossier_looks_like_none() {
    let world = World::new();
    let (hers, his) = (world.full(EXPERT), world.full(PAUL));
    let id = new(&world, &hers, 1).await;
    world.deliver(&id, b"{}");
    for tail in ["", "/document", "/evidence"] {
        let theirs = world.get(&his, &format!("{DOSSIERS}/{id}{tail}")).await;
        let absent = format!("{DOSSIERS}/D00000000000000000000000000{tail}");
        let absent = world.get(&his, &absent).await;
        assert_eq!(theirs.body, absent.body);
        assert_eq!(theirs.headers, absent.headers);
        theirs.expect(404, "not-found");
        world.get(&his, &format!("{DOSSIERS}/x{tail}")).await.expect(404, "not-found");
    }
    assert_eq!(world.get(&his, DOSSIERS).await.json()["dossiers"], serde_json::json!([]));
}

#[tokio::test]
async fn the_list_goes_on_where_it_stopped() {
    let world = World::new();
    let (hers, his) = (world.full(EXPERT), world.full(PAUL));
    let mut made = Vec::new();
    for number in 0..5 {
        made.push(new(&world, &hers, number).await);
        new(&world, &his, number).await;
    }
    // Names of one millisecond have no order among themselves.
    made.sort();
    let (mut seen, mut path) = (Vec::new(), format!("{DOSSIERS}?limit=2"));
    loop {
        let json = world.get(&hers, &path).await.json();
        let page = json["dossiers"].as_array().unwrap();
        seen.extend(page.iter().map(|dossier| dossier["id"].as_str().unwrap().to_owned()));
        let Some(next) = json["next"].as_str() else { break };
        path = format!("{DOSSIERS}?limit=2&after={next}");
    }
    assert_eq!(seen, made);
    for bad in ["after=x", "limit=x", "color=red"] {
        let path = format!("{DOSSIERS}?{bad}");
        world.get(&hers, &path).await.expect(422, "parameter-invalid");
    }
}
