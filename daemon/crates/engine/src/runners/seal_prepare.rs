//! `seal.prepare`: reads the document and computes the exact bytes that the key is to sign. Nothing
//! is written; doing it again gives another value, of which only the committed one is ever signed.

use sceau_cabinet::{Basis, Right};
use sceau_pades::{Level, SealRequest, ToBeSigned, begin};
use sceau_pdf::{Document, Limits};
use sceau_workflow::definition::{Guard, SealLevel, SealSettings};
use sceau_workflow::machine::Digest;
use serde::Deserialize;
use serde_json::json;

use super::Workshop;
use super::guard::guard;
use crate::core::revocation;
use crate::documents::OpenDocument;
use crate::keys::SealIdentity;
use crate::runner::{Job, RunResult, Runner};
use crate::sentences;
use crate::verification;

pub(super) struct SealPrepare(pub(super) Workshop);

#[derive(Deserialize)]
struct Payload {
    settings: SealSettings,
    basis: Basis,
    timestamp_len: Option<usize>,
}

impl Runner for SealPrepare {
    fn run(&self, job: &Job) -> RunResult {
        self.prepare(job).unwrap_or_else(|stop| stop)
    }
}

impl SealPrepare {
    fn prepare(&self, job: &Job) -> Result<RunResult, RunResult> {
        let payload: Payload = serde_json::from_value(job.row.effect.payload.clone())
            .map_err(|error| RunResult::Failed(sentences::internal(error)))?;
        let seal = self.0.seal(job)?;
        let request = self.request(job, &payload, seal)?;
        let base = OpenDocument::open(&self.0.blobs, &job.dossier.document)
            .map_err(|error| sentences::disk(&error))?;
        self.refuse_dangers(&base, payload.settings.guard)?;
        let prepared = begin(&base, &request).map_err(|error| sentences::cannot_begin(&error))?;
        let act = Digest::new(prepared.act());
        let session = serde_json::to_value(&prepared).map_err(sentences::again)?;
        sceau_disk::boundary!("engine.seal.prepared");
        Ok(RunResult::Done(json!({ "act": act, "session": session })))
    }

    /// Where the workflow only warns, somebody looks once the document is sealed
    /// ([`super::seal_finish`]).
    fn refuse_dangers(&self, base: &OpenDocument, wanted: Guard) -> Result<(), RunResult> {
        if wanted != Guard::Refuse {
            return Ok(());
        }
        let document = Document::open(base, &Limits::default())
            .map_err(|error| sentences::cannot_open(&error))?;
        guard(&document, wanted).map(|_| ())
    }

    fn request<'s>(
        &self,
        job: &Job,
        payload: &Payload,
        seal: &'s SealIdentity,
    ) -> Result<SealRequest<'s>, RunResult> {
        let level = match payload.settings.level {
            SealLevel::BB => Level::B,
            SealLevel::BT | SealLevel::BLt | SealLevel::BLta => Level::T,
        };
        let values = self.0.values(&job.dossier);
        let mut request = SealRequest::new(&seal.chain, seal.algorithm, level, job.now);
        request.reason = payload.settings.reason.as_ref().map(|text| text.fill(&values));
        request.location = payload.settings.location.as_ref().map(|text| text.fill(&values));
        request.name = Some(self.0.societe_name(&job.dossier));
        request.field_name = payload.settings.field.clone();
        let appearance = payload.settings.appearance.as_ref();
        let appearance = appearance.map(|settings| self.0.appearance(settings, job, &values));
        request.appearance = appearance.transpose()?;
        request.claimed_roles = vec![payload.basis.signed_role(Right::Sceller).to_owned()];
        request.signed_attribute =
            verification::attribute(&payload.basis, Right::Sceller).map_err(sentences::again)?;
        if level == Level::T {
            request.timestamp_len = Some(match payload.timestamp_len {
                Some(len) => len,
                None => self.0.time.token_len().map_err(RunResult::Retry)?,
            });
        }
        Ok(request)
    }
}

impl Workshop {
    /// The seal of the dossier's société.
    fn seal(&self, job: &Job) -> Result<&SealIdentity, RunResult> {
        let societe = &job.dossier.received.societe;
        let seal = self.seals.get(societe).ok_or_else(|| no_seal(job))?;
        self.not_revoked(job, seal)?;
        Ok(seal)
    }

    /// The seal with which an act was begun; it may have been renewed since.
    pub(super) fn seal_begun(
        &self,
        job: &Job,
        prepared: &ToBeSigned,
    ) -> Result<&SealIdentity, RunResult> {
        let societe = &job.dossier.received.societe;
        let seal = self.seals.begun_with(societe, prepared.certificate());
        let seal = seal.ok_or_else(|| no_seal(job))?;
        self.not_revoked(job, seal)?;
        Ok(seal)
    }

    /// No seal is applied with a certificate that our own authority has revoked.
    fn not_revoked(&self, job: &Job, seal: &SealIdentity) -> Result<(), RunResult> {
        let Some(certificate) = seal.chain.first().filter(|_| seal.own_authority) else {
            return Ok(());
        };
        match revocation(self.store.as_ref(), certificate.serial()) {
            Ok(None) => Ok(()),
            Ok(Some(revoked)) => Err(revoked_seal(job, revoked.at)),
            Err(error) => Err(sentences::again(error)),
        }
    }
}

fn revoked_seal(job: &Job, at: jiff::Timestamp) -> RunResult {
    let societe = &job.dossier.received.societe;
    RunResult::Failed(sentences::configuration(
        "Le certificat de cachet de cette société est révoqué.",
        "The seal certificate of this société is revoked.",
        format!("revoked since {at}: `sceau societe seal {societe} --renew` makes another"),
    ))
}

fn no_seal(job: &Job) -> RunResult {
    let societe = &job.dossier.received.societe;
    RunResult::Failed(sentences::configuration(
        "Cette société n'a pas de certificat de cachet sur ce service.",
        "This société has no seal certificate on this service.",
        format!("no seal for the société `{societe}`: `sceau societe seal {societe}` makes one"),
    ))
}
