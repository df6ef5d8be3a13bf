//! The signer proper: keys, journal and rules, without a socket.

use std::collections::HashSet;

use sceau_disk::Dir;

use crate::{
    journal::{AppendError, Entry, Journal, JournalError, MAX_GROUP, Opening, act_key, step_key},
    key::KeyError,
    keystore::{KeyStore, StoredKey},
    request::{KeyInfo, Purpose, SignError, SignRequest, SignatureValue},
    rules,
};

type Digest = [u8; 32];

/// An answer to one request.
pub(crate) type Answer = Result<SignatureValue, SignError>;

/// Holds the keys and the journal; answers groups of requests.
#[derive(Debug)]
pub struct Signer {
    keys: KeyStore,
    journal: Journal,
    opening: Opening,
    accept_earlier_clock: bool,
}

/// A request that may use its key, waiting for the group's signing and commit.
struct Admitted<'g> {
    position: usize,
    request: &'g SignRequest,
    key: &'g StoredKey,
    act: Digest,
}

/// What becomes of one request of a group.
enum Fate<'g> {
    Answered(Answer),
    Admitted(Admitted<'g>),
    /// It touches an act or a step that an earlier request of the group is about to change.
    Later,
}

impl Signer {
    /// Opens the journal of `journal_dir` beside an opened key store. One signer only may hold a
    /// journal ([`sceau_disk::DiskError::Busy`]).
    pub fn open(keys: KeyStore, journal_dir: &dyn Dir) -> Result<Self, JournalError> {
        let (journal, opening) = Journal::open(journal_dir)?;
        Ok(Self { keys, journal, opening, accept_earlier_clock: false })
    }

    /// Gives time-stamps although the clock stands before the last one: for the operator who has
    /// set a clock right that had run ahead.
    #[must_use]
    pub fn accepting_earlier_clock(mut self, accept: bool) -> Self {
        self.accept_earlier_clock = accept;
        self
    }

    /// What opening the journal found.
    pub fn opening(&self) -> Opening {
        self.opening
    }

    /// What is known about each key.
    pub fn keys(&self) -> Vec<KeyInfo> {
        self.keys.infos()
    }

    /// True when the journal's state on the disk is unknown; the signer must end.
    pub(crate) fn is_broken(&self) -> bool {
        self.journal.is_broken()
    }

    /// Answers a group of at most [`MAX_GROUP`] requests with one durable write. `None` stands for
    /// a request to be put again with the next group.
    pub(crate) fn answer(&mut self, group: &[SignRequest], now_ms: i64) -> Vec<Option<Answer>> {
        debug_assert!(group.len() <= MAX_GROUP);
        let mut answers: Vec<Option<Answer>> = Vec::new();
        let (admitted, mut touched) = (&mut Vec::new(), HashSet::new());
        for (position, request) in group.iter().enumerate() {
            answers.push(match self.fate(position, request, &mut touched, now_ms) {
                Fate::Answered(answer) => Some(answer),
                Fate::Later => None,
                Fate::Admitted(one) => {
                    admitted.push(one);
                    None
                }
            });
        }
        let signed = sign_all(admitted, now_ms);
        self.commit(signed, &mut answers);
        answers
    }

    fn fate<'g>(
        &'g self,
        position: usize,
        request: &'g SignRequest,
        touched: &mut HashSet<Digest>,
        now_ms: i64,
    ) -> Fate<'g> {
        let refused = |refusal| Fate::Answered(Err(SignError::Refused(refusal)));
        let Some(key) = self.keys.get(&request.key) else {
            return refused(rules::unknown(&request.key));
        };
        if let Err(refusal) = rules::check_use(request, &key.info, key.key.kind()) {
            return refused(refusal);
        }
        let (act, keyed) = act_key(&request.key, &request.to_be_signed);
        if let Some(answer) = self.replay(request, &keyed) {
            return Fate::Answered(answer);
        }
        let step = step_key(&request.authorisation);
        if touched.contains(&keyed) || touched.contains(&step) {
            return Fate::Later;
        }
        let (index, accept) = (&self.journal.index, self.accept_earlier_clock);
        if let Err(refusal) = rules::check_authorisation(request, index, now_ms, accept) {
            return refused(refusal);
        }
        touched.insert(keyed);
        if request.purpose == Purpose::Seal {
            touched.insert(step);
        }
        Fate::Admitted(Admitted { position, request, key, act })
    }

    fn replay(&self, request: &SignRequest, keyed: &Digest) -> Option<Answer> {
        match self.journal.entry(keyed) {
            Ok(None) => None,
            Ok(Some(entry)) if entry.algorithm == request.algorithm => {
                Some(Ok(SignatureValue { bytes: entry.signature, replayed: true }))
            }
            Ok(Some(entry)) => {
                let journalled = entry.algorithm;
                let refusal = crate::request::Refusal::OtherAlgorithm { journalled };
                Some(Err(SignError::Refused(refusal)))
            }
            Err(error) => Some(Err(SignError::Journal(error.to_string()))),
        }
    }

    /// Nobody is answered with a signature before it is durable, save the status of a certificate,
    /// which the next request makes anew.
    fn commit(
        &mut self,
        signed: Vec<(usize, Result<Entry, KeyError>)>,
        answers: &mut [Option<Answer>],
    ) {
        let mut entries = Vec::new();
        let mut places = Vec::new();
        for (position, result) in signed {
            match result {
                Ok(entry) if entry.purpose == Purpose::Ocsp => {
                    let value = SignatureValue { bytes: entry.signature, replayed: false };
                    answers[position] = Some(Ok(value));
                }
                Ok(entry) => {
                    entries.push(entry);
                    places.push(position);
                }
                Err(error) => answers[position] = Some(Err(SignError::Key(error.to_string()))),
            }
        }
        if entries.is_empty() {
            return;
        }
        let outcome = self.journal.append(&entries).map_err(|error| match error {
            AppendError::NotWritten(_) | AppendError::Broken(_) => {
                SignError::Journal(error.to_string())
            }
        });
        for (position, entry) in places.into_iter().zip(entries) {
            let value = SignatureValue { bytes: entry.signature, replayed: false };
            answers[position] = Some(outcome.clone().map(|()| value));
        }
    }
}

/// RSA costs a millisecond and more: two such signatures are made on two cores.
fn sign_all(admitted: &[Admitted<'_>], now_ms: i64) -> Vec<(usize, Result<Entry, KeyError>)> {
    let slow = admitted.iter().filter(|one| one.key.key.kind().is_slow()).count();
    let sign = |part: &[Admitted<'_>]| -> Vec<_> {
        part.iter().map(|one| (one.position, sign_one(one, now_ms))).collect()
    };
    if slow < 2 {
        return sign(admitted);
    }
    let (left, right) = admitted.split_at(admitted.len() / 2);
    std::thread::scope(|scope| {
        let other = scope.spawn(|| sign(right));
        let mut signed = sign(left);
        signed.extend(other.join().expect("invariant: signing does not panic"));
        signed
    })
}

fn sign_one(one: &Admitted<'_>, now_ms: i64) -> Result<Entry, KeyError> {
    let SignRequest { request_id, key, purpose, authorisation, algorithm, to_be_signed } =
        one.request.clone();
    let signature = one.key.key.sign(algorithm, &to_be_signed)?;
    Ok(Entry {
        request_id,
        key,
        purpose,
        authorisation,
        algorithm,
        act: one.act,
        at_ms: now_ms,
        signature,
    })
}
