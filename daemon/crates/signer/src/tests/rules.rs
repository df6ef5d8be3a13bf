use sceau_pki::{SignatureAlgorithm, verify_signature};

use super::{NOW, Scratch, request, seal};
use crate::{KeyType, Purpose, Refusal, SignError, SignRequest, SignatureValue, Signer};

fn one(signer: &mut Signer, request: &SignRequest) -> Result<SignatureValue, SignError> {
    at(signer, request, NOW)
}

fn at(signer: &mut Signer, request: &SignRequest, now: i64) -> Result<SignatureValue, SignError> {
    signer.answer(std::slice::from_ref(request), now).remove(0).unwrap()
}

fn refusal(answer: Result<SignatureValue, SignError>) -> Refusal {
    match answer {
        Err(SignError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

#[test]
fn a_signature_verifies_and_the_same_bytes_give_it_again() {
    let scratch = Scratch::new();
    let mut signer = scratch.signer();
    let asked = seal("d", 1, "x");
    let first = one(&mut signer, &asked).unwrap();
    assert!(!first.replayed);
    let spki = signer.keys().into_iter().find(|key| key.id == asked.key).unwrap().spki;
    verify_signature(asked.algorithm, &spki, &asked.to_be_signed, &first.bytes).unwrap();
    let again = SignatureValue { replayed: true, ..first };
    assert_eq!(one(&mut signer, &asked).unwrap(), again);
    drop(signer);
    assert_eq!(one(&mut scratch.signer(), &asked).unwrap(), again);
}

#[test]
fn a_replay_needs_no_living_authorisation_nor_the_same_attempt() {
    let scratch = Scratch::new();
    let mut signer = scratch.signer();
    let asked = seal("d", 1, "x");
    let first = one(&mut signer, &asked).unwrap();
    assert_eq!(at(&mut signer, &asked, NOW + 3_600_000).unwrap().bytes, first.bytes);
    assert_eq!(one(&mut signer, &seal("d", 7, "x")).unwrap().bytes, first.bytes);
}

#[test]
fn authorisations_end_and_last_a_minute_at_most() {
    let scratch = Scratch::new();
    let mut signer = scratch.signer();
    let asked = seal("d", 1, "x");
    let expired = refusal(at(&mut signer, &asked, NOW + 30_000));
    assert_eq!(expired, Refusal::Expired { late_ms: 0 });
    let early = refusal(at(&mut signer, &asked, NOW - 33_000));
    assert_eq!(early, Refusal::TooLong { life_ms: 63_000 });
    at(&mut signer, &asked, NOW - 32_000).unwrap();
    let mut endless = seal("e", 1, "x2");
    endless.authorisation.expires_at_ms = i64::MAX;
    assert!(matches!(refusal(at(&mut signer, &endless, -5)), Refusal::TooLong { .. }));
    endless.authorisation.expires_at_ms = i64::MIN;
    assert!(matches!(refusal(one(&mut signer, &endless)), Refusal::Expired { .. }));
}

#[test]
fn an_attempt_seals_one_value_and_a_superseded_one_none() {
    let scratch = Scratch::new();
    let mut signer = scratch.signer();
    one(&mut signer, &seal("d", 2, "x")).unwrap();
    let other = refusal(one(&mut signer, &seal("d", 2, "other")));
    assert_eq!(other, Refusal::OtherBytes { attempt: 2 });
    let stale = refusal(one(&mut signer, &seal("d", 1, "other")));
    assert_eq!(stale, Refusal::Superseded { attempt: 1, seen: 2 });
    let stale = refusal(one(&mut signer, &request("tsu", Purpose::Timestamp, "d", 1, "token")));
    assert_eq!(stale, Refusal::Superseded { attempt: 1, seen: 2 });
    one(&mut signer, &seal("d", 3, "prepared anew")).unwrap();
    one(&mut signer, &seal("another dossier", 1, "other")).unwrap();
    drop(signer);
    let mut signer = scratch.signer();
    let stale = refusal(one(&mut signer, &seal("d", 2, "third")));
    assert_eq!(stale, Refusal::Superseded { attempt: 2, seen: 3 });
}

#[test]
fn a_key_serves_its_own_purpose_and_shape_only() {
    let scratch = Scratch::new();
    let mut signer = scratch.signer();
    let named = ["seal", "tsu", "issuing", "ocsp"];
    for (key, own) in named.into_iter().zip(Purpose::ALL) {
        for asked in Purpose::ALL.into_iter().filter(|asked| *asked != own) {
            let confused = refusal(one(&mut signer, &request(key, asked, "d", 1, "x")));
            assert!(matches!(confused, Refusal::WrongPurpose { .. }), "{key} {asked}");
            let mut disguised = request(key, asked, "d", 1, "x");
            disguised.purpose = own;
            let confused = refusal(one(&mut signer, &disguised));
            assert!(matches!(confused, Refusal::WrongShape { .. }), "{key} {asked}");
        }
    }
    assert_eq!(crate::read_entries(&*scratch.dir("journal")).unwrap(), []);
}

#[test]
fn unknown_keys_and_unsuited_algorithms_are_refused() {
    let scratch = Scratch::new();
    let mut signer = scratch.signer();
    let unknown = refusal(one(&mut signer, &request("nobody", Purpose::Seal, "d", 1, "x")));
    assert!(matches!(unknown, Refusal::UnknownKey { .. }));
    let mut asked = seal("d", 1, "x");
    asked.algorithm = SignatureAlgorithm::RsaPssSha256;
    assert!(matches!(refusal(one(&mut signer, &asked)), Refusal::WrongAlgorithm { .. }));
}

#[test]
fn the_same_bytes_with_another_algorithm_are_refused() {
    let scratch = Scratch::new();
    scratch.generate("rsa", Purpose::Seal, KeyType::Rsa2048);
    let mut signer = scratch.signer();
    let mut asked = request("rsa", Purpose::Seal, "d", 1, "x");
    asked.algorithm = SignatureAlgorithm::RsaPkcs1Sha256;
    one(&mut signer, &asked).unwrap();
    asked.algorithm = SignatureAlgorithm::RsaPssSha256;
    let journalled = SignatureAlgorithm::RsaPkcs1Sha256;
    assert_eq!(refusal(one(&mut signer, &asked)), Refusal::OtherAlgorithm { journalled });
}

#[test]
fn malformed_names_are_refused() {
    let scratch = Scratch::new();
    let mut signer = scratch.signer();
    for (dossier, attempt) in [("", 1), ("d", 0), (&*"d".repeat(201), 1)] {
        let malformed = refusal(one(&mut signer, &seal(dossier, attempt, "x")));
        assert!(matches!(malformed, Refusal::Malformed { .. }));
    }
}

#[test]
fn no_token_is_given_while_the_clock_stands_before_the_last_one() {
    let scratch = Scratch::new();
    let mut signer = scratch.signer();
    let token = |content| {
        let mut request = request("tsu", Purpose::Timestamp, "d", 1, content);
        request.authorisation.expires_at_ms = NOW + 10_000;
        request
    };
    at(&mut signer, &token("one"), NOW).unwrap();
    at(&mut signer, &token("two"), NOW - 5_000).unwrap();
    let back = refusal(at(&mut signer, &token("three"), NOW - 5_001));
    assert_eq!(back, Refusal::ClockWentBack { behind_ms: 5_001 });
    drop(signer);
    let mut signer = scratch.signer();
    assert!(at(&mut signer, &token("three"), NOW - 6_000).is_err());
    let mut signer = {
        drop(signer);
        scratch.signer().accepting_earlier_clock(true)
    };
    at(&mut signer, &token("three"), NOW - 6_000).unwrap();
}

#[test]
fn nothing_that_bears_a_time_is_given_while_the_clock_stands_before_the_last_one() {
    let scratch = Scratch::new();
    let mut signer = scratch.signer();
    let asked = |key, purpose, content| {
        let mut request = request(key, purpose, "d", 1, content);
        request.authorisation.expires_at_ms = NOW + 10_000;
        request
    };
    at(&mut signer, &asked("issuing", Purpose::Certificate, "list"), NOW).unwrap();
    for (key, purpose) in
        [("tsu", Purpose::Timestamp), ("issuing", Purpose::Certificate), ("ocsp", Purpose::Ocsp)]
    {
        let back = refusal(at(&mut signer, &asked(key, purpose, "later"), NOW - 5_001));
        assert_eq!(back, Refusal::ClockWentBack { behind_ms: 5_001 }, "{purpose}");
    }
}

#[test]
fn the_status_of_a_certificate_is_not_journalled() {
    let scratch = Scratch::new();
    let mut signer = scratch.signer();
    let asked = request("ocsp", Purpose::Ocsp, "status", 1, "x");
    let first = one(&mut signer, &asked).unwrap();
    let spki = signer.keys().into_iter().find(|key| key.id == asked.key).unwrap().spki;
    verify_signature(asked.algorithm, &spki, &asked.to_be_signed, &first.bytes).unwrap();
    assert!(!one(&mut signer, &asked).unwrap().replayed);
    one(&mut signer, &request("ocsp", Purpose::Ocsp, "status", 1, "y")).unwrap();
    assert_eq!(crate::read_entries(&*scratch.dir("journal")).unwrap(), []);
}

#[test]
fn a_group_is_answered_as_if_one_by_one() {
    let scratch = Scratch::new();
    let mut signer = scratch.signer();
    let group = [
        seal("a", 1, "x"),
        seal("b", 1, "y"),
        seal("a", 1, "x"),
        seal("b", 1, "z"),
        seal("c", 1, "w"),
    ];
    let answers = signer.answer(&group, NOW);
    let later: Vec<bool> = answers.iter().map(Option::is_none).collect();
    assert_eq!(later, [false, false, true, true, false]);
    assert!(one(&mut signer, &group[2]).unwrap().replayed);
    assert_eq!(refusal(one(&mut signer, &group[3])), Refusal::OtherBytes { attempt: 1 });
    assert_eq!(crate::read_entries(&*scratch.dir("journal")).unwrap().len(), 3);
}

#[test]
fn rsa_groups_are_signed_on_two_cores_each_in_its_place() {
    let scratch = Scratch::new();
    scratch.generate("rsa", Purpose::Seal, KeyType::Rsa2048);
    let mut signer = scratch.signer();
    let group: Vec<SignRequest> = (0..7)
        .map(|number| {
            let name = format!("d{number}");
            let mut request = request("rsa", Purpose::Seal, &name, 1, &name);
            request.algorithm = SignatureAlgorithm::RsaPssSha256;
            request
        })
        .collect();
    let rsa = signer.keys().into_iter().find(|key| key.id == group[0].key).unwrap();
    for (request, answer) in group.iter().zip(signer.answer(&group, NOW)) {
        let value = answer.unwrap().unwrap();
        verify_signature(request.algorithm, &rsa.spki, &request.to_be_signed, &value.bytes)
            .unwrap();
    }
}
