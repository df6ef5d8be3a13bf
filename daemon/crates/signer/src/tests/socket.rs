use std::{
    io::Write as _,
    os::unix::net::UnixStream,
    thread::{self, JoinHandle},
};

use jiff::Timestamp;
use proptest::prelude::*;

use super::{NOW, Scratch, seal};
use crate::{
    Refusal, ServeError, SignError, SignRequest, SignerClient,
    protocol::{Ask, Envelope, Hello, VERSION, write_frame},
    serve,
};

type Served = JoinHandle<Result<(), ServeError>>;

fn clock() -> Timestamp {
    Timestamp::from_millisecond(NOW).unwrap()
}

fn served(scratch: &Scratch) -> (UnixStream, Served) {
    let (own, its) = UnixStream::pair().unwrap();
    let signer = scratch.signer();
    (own, thread::spawn(move || serve(its, signer, &clock)))
}

fn client(scratch: &Scratch) -> (SignerClient, Served) {
    let (stream, served) = served(scratch);
    (SignerClient::new(stream).unwrap(), served)
}

#[test]
fn a_client_asks_and_closing_it_ends_the_signer() {
    let scratch = Scratch::new();
    let (client, served) = client(&scratch);
    client.ping().unwrap();
    let names: Vec<String> =
        client.keys().unwrap().into_iter().map(|key| key.id.to_string()).collect();
    assert_eq!(names, ["issuing", "ocsp", "seal", "tsu"]);
    assert!(!client.sign(seal("d", 1, "x")).unwrap().replayed);
    assert!(client.sign(seal("d", 1, "x")).unwrap().replayed);
    let refused = client.sign(seal("d", 1, "y")).unwrap_err();
    assert_eq!(refused, SignError::Refused(Refusal::OtherBytes { attempt: 1 }));
    drop(client);
    served.join().unwrap().unwrap();
}

#[test]
fn many_threads_share_one_client_and_each_gets_its_own_answer() {
    let scratch = Scratch::new();
    let (client, served) = client(&scratch);
    let spki = client.keys().unwrap().into_iter().find(|k| k.id.as_str() == "seal").unwrap().spki;
    thread::scope(|scope| {
        for worker in 0..8 {
            let (client, spki) = (client.clone(), &spki);
            scope.spawn(move || {
                for number in 0..20 {
                    let name = format!("{worker}-{number}");
                    let asked = seal(&name, 1, &name);
                    let value = client.sign(asked.clone()).unwrap();
                    let SignRequest { algorithm, to_be_signed, .. } = asked;
                    sceau_pki::verify_signature(algorithm, spki, &to_be_signed, &value.bytes)
                        .unwrap();
                }
            });
        }
    });
    drop(client);
    served.join().unwrap().unwrap();
    assert_eq!(crate::read_entries(&*scratch.dir("journal")).unwrap().len(), 160);
}

#[test]
fn racing_requests_for_one_act_use_the_key_once() {
    let scratch = Scratch::new();
    let (client, served) = client(&scratch);
    let values: Vec<_> = thread::scope(|scope| {
        let asking: Vec<_> =
            (0..16).map(|_| scope.spawn(|| client.sign(seal("d", 1, "x")).unwrap())).collect();
        asking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(values.iter().filter(|value| !value.replayed).count(), 1);
    assert!(values.iter().all(|value| value.bytes == values[0].bytes));
    drop(client);
    served.join().unwrap().unwrap();
    assert_eq!(crate::read_entries(&*scratch.dir("journal")).unwrap().len(), 1);
}

#[test]
fn racing_values_for_one_attempt_give_one_signature() {
    let scratch = Scratch::new();
    let (client, _served) = client(&scratch);
    let client = &client;
    let outcomes: Vec<_> = thread::scope(|scope| {
        let asking: Vec<_> = (0..16)
            .map(|n| scope.spawn(move || client.sign(seal("d", 1, &format!("value {n}")))))
            .collect();
        asking.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
}

#[test]
fn a_dead_signer_is_gone_for_waiting_and_later_callers() {
    let (own, its) = UnixStream::pair().unwrap();
    let client = SignerClient::new(own).unwrap();
    let waiting = {
        let client = client.clone();
        thread::spawn(move || client.sign(seal("d", 1, "x")))
    };
    let mut reading = its.try_clone().unwrap();
    let _ = crate::protocol::read_frame::<Envelope<Ask>>(&mut reading).unwrap();
    drop((its, reading));
    assert_eq!(waiting.join().unwrap(), Err(SignError::Gone));
    assert!(client.is_gone());
    assert_eq!(client.ping(), Err(SignError::Gone));
}

#[test]
fn a_request_too_large_for_a_frame_harms_nobody() {
    let scratch = Scratch::new();
    let (client, _served) = client(&scratch);
    let mut large = seal("d", 1, "x");
    large.to_be_signed = vec![0; 1_000_000];
    assert_eq!(client.sign(large), Err(SignError::TooLarge));
    let mut long = seal("d", 1, "x");
    long.to_be_signed = vec![0; crate::MAX_TO_BE_SIGNED + 1];
    let refused = client.sign(long).unwrap_err();
    assert!(matches!(refused, SignError::Refused(Refusal::WrongShape { .. })));
    client.ping().unwrap();
}

#[test]
fn a_second_hello_ends_the_signer() {
    let scratch = Scratch::new();
    let (mut stream, served) = served(&scratch);
    let somewhere = || "/somewhere".into();
    let hello = Hello {
        version: VERSION,
        keys: somewhere(),
        journal: somewhere(),
        secret: somewhere(),
        state: None,
        accept_earlier_clock: false,
    };
    write_frame(&mut stream, &Envelope { id: 1, body: Ask::Hello(hello) }).unwrap();
    assert!(matches!(served.join().unwrap(), Err(ServeError::SecondHello)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn foreign_frames_end_the_signer_without_a_panic(
        frames in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..80), 0..4),
        tail in proptest::collection::vec(any::<u8>(), 0..8),
    ) {
        let scratch = SHARED.with(std::rc::Rc::clone);
        let (mut stream, served) = served(&scratch);
        for frame in &frames {
            let _ = stream.write_all(&(frame.len() as u32).to_be_bytes());
            let _ = stream.write_all(frame);
        }
        let _ = stream.write_all(&tail);
        drop(stream);
        let _ = served.join().expect("no panic");
    }

    #[test]
    fn a_changed_byte_of_a_good_frame_never_signs_other_than_asked(at in 4usize..400, to in any::<u8>()) {
        let scratch = SHARED.with(std::rc::Rc::clone);
        let (mut stream, served) = served(&scratch);
        let envelope = Envelope { id: 1, body: Ask::Sign(seal("fuzz", 1, "x")) };
        let mut frame = crate::protocol::encode_frame(&envelope).unwrap();
        let at = at.min(frame.len() - 1);
        frame[at] = to;
        let _ = stream.write_all(&frame);
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = served.join().expect("no panic");
    }
}

thread_local! {
    static SHARED: std::rc::Rc<Scratch> = std::rc::Rc::new(Scratch::new());
}
