//! The codes are stable words; the guide explains each of them, and the OpenAPI description keeps
//! step with the routes and what they answer.

use std::collections::BTreeSet;

use super::world::{EXPERT, PDF, World};
use crate::problem::Code;

const OPENAPI: &str = include_str!("../../../../../docs/openapi.yaml");

#[test]
fn every_code_is_one_word_and_stands_in_the_guide() {
    let guide = include_str!("../../../../../docs/guide/http-api.md");
    let words: BTreeSet<&str> = Code::ALL.iter().map(|code| code.word()).collect();
    assert_eq!(words.len(), Code::ALL.len());
    for code in Code::ALL {
        let row = format!("| `{}` | {} |", code.word(), code.status().as_u16());
        assert!(guide.contains(&row), "the guide has no row {row}");
        let (fr, en) = code.title();
        assert!(!fr.is_empty() && !en.is_empty() && fr != en);
    }
}

#[tokio::test]
async fn the_description_names_every_route_code_and_field() {
    for code in Code::ALL {
        assert!(OPENAPI.contains(&format!("            - {}\n", code.word())), "{code:?}");
    }
    let (router, own) = (include_str!("../router.rs"), crate::router::DOSSIERS);
    let routes = router.split(".route(\"").skip(1).filter_map(|rest| rest.split('"').next());
    for route in routes.chain([own]) {
        assert!(OPENAPI.contains(&format!("\n  {route}:\n")), "{route}");
    }
    let world = World::new();
    let token = world.full(EXPERT);
    let query = "workflow=attestation&societe=martin";
    let place = world.post(&token, query, &[], PDF).await.header("location").to_owned();
    let dossier = world.get(&token, &place).await.json();
    for field in dossier.as_object().unwrap().keys() {
        assert!(
            OPENAPI.contains(&format!(" {field}: ")) || OPENAPI.contains(&format!(" {field}:\n"))
        );
    }
}
