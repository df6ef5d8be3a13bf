//! Tokens on their way into a document: the room that they take, and what they are worth by themselves.

use jiff::ToSpan;
use sceau_pades::report::SubIndication;
use sceau_pades::{
    ExtendError, Stamp, Stamping, TokenRoom, ValidationOptions, judge_token, proven_until,
    token_proven_until,
};
use sceau_pki::testing::TestPki;
use sceau_pki::tsp::Imprint;
use sceau_pki::{DigestAlgorithm, TrustAnchors};

use super::{joined, sealed, token};
use crate::common::Bench;

#[test]
fn a_token_that_does_not_fit_gets_more_room_and_not_for_ever() {
    let bench = Bench::p256();
    let file = sealed(&bench);
    let stamping = Stamping::begin(&file, TokenRoom::of(100)).unwrap();
    let first = token(&bench, stamping.imprint(), TestPki::now());
    let Stamp::Again(stamping) = stamping.finish(&first).unwrap() else { panic!("no room") };
    let second = token(&bench, stamping.imprint(), TestPki::now());
    let Stamp::Done(extended) = stamping.finish(&second).unwrap() else { panic!("room enough") };
    let file = joined(&file, &extended);

    let by_itself = token_proven_until(&second, &bench.pki.anchors(), TestPki::now());
    let within = proven_until(&file, &bench.pki.anchors(), TestPki::now()).unwrap();
    assert_eq!((by_itself, by_itself.is_some()), (within, true));
    let other = token(&bench, &[1; 32], TestPki::now());
    let stamping = Stamping::begin(&file, TokenRoom::of(100)).unwrap();
    assert!(matches!(stamping.finish(&other), Err(ExtendError::Token(_))));
}

/// As the verdict on a document that holds it.
#[test]
fn a_token_is_judged_before_it_stands_in_a_document() {
    let bench = Bench::p256();
    let imprint = Imprint::new(DigestAlgorithm::Sha256, vec![1; 32]);
    let made = TestPki::now();
    let bytes = token(&bench, &[1; 32], made);
    let judge = |anchors: TrustAnchors, imprint: &Imprint, at| {
        let options = ValidationOptions::new(anchors, at);
        judge_token(&bytes, imprint, &options).verdict.sub_indication
    };
    let anchors = bench.pki.anchors();
    assert_eq!(judge(anchors.clone(), &imprint, made), None);
    let other = Imprint::new(DigestAlgorithm::Sha256, vec![2; 32]);
    assert_eq!(judge(anchors.clone(), &other, made), Some(SubIndication::HashFailure));
    let early = judge(anchors.clone(), &imprint, made - 1.hours());
    assert_eq!(early, Some(SubIndication::TimestampOrderFailure));
    let late = bench.pki.unit.certificate.not_after() + 1.hours();
    assert_eq!(judge(anchors, &imprint, late), Some(SubIndication::OutOfBoundsNoPoe));
    let unknown = judge(Bench::p256().pki.anchors(), &imprint, made);
    assert_eq!(unknown, Some(SubIndication::NoCertificateChainFound));
}
