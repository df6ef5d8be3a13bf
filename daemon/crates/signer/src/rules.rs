//! May this request use this key now? Pure: the index, the key and the clock are arguments.
//!
//! A replay (the same bytes, the same key) is not a new use of the key. It is answered from the
//! journal whatever the attempt and however old the authorisation: an answer that was lost in a
//! crash must be obtainable again, and nothing is signed that was not signed already. Key, purpose,
//! algorithm and shape are checked for it as for any other.

use crate::{
    journal::{Index, step_key},
    key::KeyType,
    request::{
        Authorisation, CLOCK_SKEW_MS, KeyId, KeyInfo, MAX_AUTHORISATION_LIFE_MS, MAX_NAME,
        MAX_TO_BE_SIGNED, Purpose, Refusal, SignRequest,
    },
    shape,
};

/// How far the clock may stand before the last time given, in milliseconds: what a time service
/// corrects in passing.
const CLOCK_TOLERANCE_MS: i64 = 5_000;

/// Whether the key may sign such bytes at all; checked for replays too.
pub(crate) fn check_use(
    request: &SignRequest,
    key: &KeyInfo,
    kind: KeyType,
) -> Result<(), Refusal> {
    let id = || request.key.clone();
    if key.purpose != request.purpose {
        let (holds, asked) = (key.purpose, request.purpose);
        return Err(Refusal::WrongPurpose { key: id(), holds, asked });
    }
    if !kind.suits(request.algorithm) {
        return Err(Refusal::WrongAlgorithm { key: id(), algorithm: request.algorithm });
    }
    let wrong = |why: &str| Refusal::WrongShape { purpose: request.purpose, why: why.into() };
    if request.to_be_signed.len() > MAX_TO_BE_SIGNED {
        return Err(wrong("too long"));
    }
    shape::check(request.purpose, &request.to_be_signed).map_err(wrong)
}

/// Whether the authorisation lets the key be used anew at `now_ms`.
pub(crate) fn check_authorisation(
    request: &SignRequest,
    index: &Index,
    now_ms: i64,
    accept_earlier_clock: bool,
) -> Result<(), Refusal> {
    well_formed(&request.authorisation)?;
    within_its_life(&request.authorisation, now_ms)?;
    if request.purpose != Purpose::Seal && !accept_earlier_clock {
        clock_goes_on(index, now_ms)?;
    }
    not_superseded(request, index)
}

pub(crate) fn unknown(key: &KeyId) -> Refusal {
    Refusal::UnknownKey { key: key.clone() }
}

fn well_formed(authorisation: &Authorisation) -> Result<(), Refusal> {
    let why = match authorisation {
        a if !(1..=MAX_NAME).contains(&a.dossier.len()) => "the dossier's name",
        a if !(1..=MAX_NAME).contains(&a.step.len()) => "the step's name",
        a if a.attempt == 0 => "the attempt is zero",
        _ => return Ok(()),
    };
    Err(Refusal::Malformed { why: why.into() })
}

fn within_its_life(authorisation: &Authorisation, now_ms: i64) -> Result<(), Refusal> {
    let life_ms = authorisation.expires_at_ms.saturating_sub(now_ms);
    match life_ms {
        ..=0 => Err(Refusal::Expired { late_ms: life_ms.saturating_neg() }),
        _ if life_ms > MAX_AUTHORISATION_LIFE_MS + CLOCK_SKEW_MS => {
            Err(Refusal::TooLong { life_ms })
        }
        _ => Ok(()),
    }
}

/// What bears the time of its making must not bear one before a time already given: a token (RFC
/// 3161 §2.4.2, ordering), a revocation list or a status, which would be older than the last.
fn clock_goes_on(index: &Index, now_ms: i64) -> Result<(), Refusal> {
    let behind_ms = index.last_vouched_ms().map_or(0, |last| last.saturating_sub(now_ms));
    if behind_ms > CLOCK_TOLERANCE_MS {
        return Err(Refusal::ClockWentBack { behind_ms });
    }
    Ok(())
}

/// One attempt seals one value: the act is not in the journal, so the bytes are other ones.
/// A time-stamp may be asked for again within its attempt, with a later time; certificates and their
/// status belong to no step.
fn not_superseded(request: &SignRequest, index: &Index) -> Result<(), Refusal> {
    if matches!(request.purpose, Purpose::Certificate | Purpose::Ocsp) {
        return Ok(());
    }
    let attempt = request.authorisation.attempt;
    match index.sealed_attempt(&step_key(&request.authorisation)) {
        Some(seen) if attempt < seen => Err(Refusal::Superseded { attempt, seen }),
        Some(seen) if attempt == seen && request.purpose == Purpose::Seal => {
            Err(Refusal::OtherBytes { attempt })
        }
        _ => Ok(()),
    }
}
