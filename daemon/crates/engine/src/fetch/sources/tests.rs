//! The bound over all answers of one gathering.
#![allow(clippy::unwrap_used)]

use std::sync::Mutex;
use std::time::Duration;

use sceau_pki::SignatureAlgorithm;
use sceau_pki::profile::{Issuance, LegalPerson, Services, seal};
use sceau_pki::testing::{Holder, TestKey, TestPki};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;

const ALGORITHM: SignatureAlgorithm = SignatureAlgorithm::EcdsaP256Sha256;

/// Serves every connection with these bytes.
async fn serve(body: Vec<u8>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/a", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut seen = [0; 4096];
            let _ = stream.read(&mut seen).await;
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
            let _ = stream.write_all(&[head.as_bytes(), &body].concat()).await;
        }
    });
    url
}

/// A seal whose certificate names these addresses.
fn seal_with(pki: &TestPki, services: &Services) -> Holder {
    pki.issuing.issue(TestKey::generate(ALGORITHM), 9, |issuance, issuer| {
        let Issuance { serial, not_before, not_after, public_key, .. } = *issuance;
        let issuance = Issuance { serial, not_before, not_after, public_key, services };
        let siren = sceau_pki::Siren::parse("732829320").unwrap();
        let person = LegalPerson { organization: "Cabinet", siren, common_name: "Cabinet" };
        seal(&issuance, issuer, &person)
    })
}

fn status_of(pki: &TestPki, holder: &Holder) -> Missing {
    let issuer = pki.issuing.certificate.clone();
    Missing {
        field: "Cachet".to_owned(),
        certificate: holder.certificate.clone(),
        wanted: Wanted::Status { issuer, newer_than: None },
        why: Vec::new(),
    }
}

#[tokio::test]
async fn an_answer_has_the_room_that_others_left() {
    let pki = TestPki::generate(ALGORITHM);
    let list = pki.crls(&[])[0].der().to_vec();
    let crl = Some(serve(list.clone()).await);
    let missing = status_of(&pki, &seal_with(&pki, &Services { crl, ..Services::NONE }));
    let policy = FetchPolicy { allow_private: true, timeout: Duration::from_secs(5) };
    let network = Network { policy };
    let answer = network.ask(&missing, list.len()).await;
    assert_eq!(answer.material.bytes(), list.len(), "{:?}", answer.troubles);
    let answer = network.ask(&missing, list.len() - 1).await;
    assert!(answer.material.is_empty());
    assert!(answer.troubles[0].contains("all answers about one document"), "{:?}", answer.troubles);
}

/// Answers with the same list, and remembers how much room it was given.
struct Telling<'t> {
    list: &'t RevocationList,
    rooms: Mutex<Vec<usize>>,
}

impl RevocationSource for Telling<'_> {
    fn ask<'a>(
        &'a self,
        _missing: &'a Missing,
        room: usize,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        self.rooms.lock().unwrap().push(room);
        let crls = vec![self.list.clone()];
        let material = Material { crls, ..Material::default() };
        Box::pin(async move { Answer { material, troubles: Vec::new() } })
    }

    fn may_know(&self, _missing: &Missing) -> bool {
        true
    }
}

#[tokio::test]
async fn what_was_answered_leaves_less_room_for_the_next() {
    let pki = TestPki::generate(ALGORITHM);
    let list = RevocationList::parse(pki.crls(&[])[0].der()).unwrap();
    let source = Telling { list: &list, rooms: Mutex::default() };
    let sources: [&dyn RevocationSource; 1] = [&source];
    let mut asking = Asking { sources: &sources, asked: Vec::new(), gathered: Gathered::default() };
    let missing = status_of(&pki, &pki.seal);
    asking.ask(&[missing.clone(), missing]).await;
    let left = MAX_GATHERED - list.der().len();
    assert_eq!(*source.rooms.lock().unwrap(), [MAX_GATHERED, left]);
}
