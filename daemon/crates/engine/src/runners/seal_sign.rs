//! `seal.sign`: hands the committed bytes and their authorisation to the signer. The signer
//! journals what it signs, so that asking again gives the same signature and uses no key.
//!
//! A try after trouble does not ride on the old authorisation: once the signer answers again, the
//! step asks for the right anew, so that a revocation committed meanwhile stops the act.

use sceau_cabinet::Basis;
use sceau_pades::ToBeSigned;
use sceau_signer::{Authorisation, Purpose, Refusal, SignError, SignRequest};
use sceau_workflow::machine::Authorised;
use serde::Deserialize as _;
use serde_json::{Value, json};

use super::Workshop;
use crate::runner::{Job, RunResult, Runner};
use crate::sentences;

pub(super) struct SealSign(pub(super) Workshop);

impl Runner for SealSign {
    fn run(&self, job: &Job) -> RunResult {
        match self.request(job) {
            Ok(_) if job.tries > 0 => self.ask_anew(),
            Ok(request) => self.sign(request),
            Err(stop) => stop,
        }
    }
}

impl SealSign {
    fn request(&self, job: &Job) -> Result<SignRequest, RunResult> {
        let unreadable = |error| RunResult::Failed(sentences::internal(error));
        let authorised: Authorised =
            serde_json::from_value(job.row.effect.payload["authorised"].clone())
                .map_err(unreadable)?;
        let prepared: ToBeSigned =
            ToBeSigned::deserialize(&job.dossier.state["session"]).map_err(unreadable)?;
        if prepared.act() != *authorised.act.bytes() {
            let detail = "the authorisation is for other bytes than those of the session";
            return Err(RunResult::Failed(sentences::internal(detail)));
        }
        let seal = self.0.seal_begun(job, &prepared)?;
        Ok(SignRequest {
            request_id: *job.row.id.bytes(),
            key: seal.key.clone(),
            purpose: Purpose::Seal,
            authorisation: authorisation(job, &authorised),
            algorithm: prepared.algorithm(),
            to_be_signed: prepared.to_be_signed().to_vec(),
        })
    }

    fn ask_anew(&self) -> RunResult {
        match self.0.keys.alive() {
            Ok(()) => expired(),
            Err(error) => RunResult::Retry(sentences::no_signer(error)),
        }
    }

    fn sign(&self, request: SignRequest) -> RunResult {
        sceau_disk::boundary!("engine.seal.before-sign");
        let answer = self.0.keys.sign(request);
        sceau_disk::boundary!("engine.seal.signed");
        match answer {
            Ok(value) => RunResult::Done(json!({ "signature": hex::encode(value.bytes) })),
            Err(SignError::Refused(Refusal::Expired { .. })) => expired(),
            Err(error) if error.is_transient() => RunResult::Retry(sentences::no_signer(error)),
            Err(error) => RunResult::Failed(sentences::internal(error)),
        }
    }
}

/// The step asks for the right anew and comes back with another authorisation of the same act.
fn expired() -> RunResult {
    RunResult::Done(Value::String("expired".to_owned()))
}

fn authorisation(job: &Job, authorised: &Authorised) -> Authorisation {
    let planned = job.plan.steps.get(authorised.step);
    let delegation_digest = match &authorised.basis {
        Basis::Delegation { digest, .. } => Some(*digest),
        Basis::Own => None,
    };
    Authorisation {
        dossier: job.dossier.received.dossier.to_string(),
        step: planned.map_or_else(|| authorised.step.to_string(), |planned| planned.id.clone()),
        attempt: authorised.attempt,
        delegation_digest,
        expires_at_ms: authorised.expires_at.as_millisecond(),
    }
}
