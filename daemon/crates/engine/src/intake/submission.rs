//! A whole document from a watched folder, handed to the writer.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, sync_channel};

use sceau_cabinet::{Channel, Language, PersonId, Signatory, SocieteId};
use sceau_intake::notes::{Note, Text};
use sceau_intake::sidecar::Sidecar;
use sceau_intake::{Received, Refused, RelPath, SourceFile, SubmitOutcome};
use sceau_workflow::definition::{Parameter, ParameterFault, complete};
use sceau_workflow::machine::{Digest, DocumentRef, Dossier, Origin};
use serde_json::{Value, json};

use crate::core::{Answer, NotDone, Request, Submission, Submitted};
use crate::handle::Handle;

/// For whom a folder acts, and in which workflow.
#[derive(Clone, Debug)]
pub struct FolderRules {
    /// The workflow.
    pub workflow: String,
    /// The account that it acts for; it can do no more than that account may do through it.
    pub account: PersonId,
    /// The société, unless a sidecar names another of the allow-list.
    pub societe: SocieteId,
    /// What the workflow lets a document tell.
    pub parameters: Vec<Parameter>,
}

/// Submits what the scanner of one folder took.
#[derive(Debug)]
pub struct Submitter {
    rules: FolderRules,
    // Invariant: only a handle to a channel; nothing is held while it waits.
    handle: Mutex<Handle>,
}

impl Submitter {
    /// For one folder.
    pub fn new(rules: FolderRules, handle: Handle) -> Self {
        Self { rules, handle: Mutex::new(handle) }
    }

    fn submission(&self, received: &Received) -> Result<Submission, Box<Refused>> {
        let sidecar = received.sidecar.as_ref();
        let content = sidecar.map(|sidecar| &sidecar.content);
        let named = content.and_then(|content| content.societe.as_deref());
        let societe = named.and_then(|named| named.parse().ok());
        let text = |(name, value): (&String, &String)| (name.clone(), Value::String(value.clone()));
        let parameters: BTreeMap<String, Value> = received.parameters.iter().map(text).collect();
        let parameters = complete(&self.rules.parameters, parameters)
            .map_err(|faults| Box::new(mistold(&faults)))?;
        let signatories = content.map_or(Ok(Vec::new()), signatories)?;
        let title = content.and_then(|content| content.title.clone());
        Ok(Submission {
            workflow: self.rules.workflow.clone(),
            account: self.rules.account,
            societe: societe.unwrap_or_else(|| self.rules.societe.clone()),
            origin: Origin {
                channel: Channel::Folder(received.folder.clone()),
                name: received.display_name.clone(),
                source: json!({
                    "file": received.source,
                    "drop_id": received.drop_id,
                    "observed": received.observed,
                }),
            },
            title: title.unwrap_or_else(|| title_of(&received.display_name)),
            parameters,
            signatories,
            document: DocumentRef {
                digest: Digest::new(received.source.digest),
                len: received.source.len,
            },
            sidecar: sidecar.map(|sidecar| Digest::new(sidecar.digest)),
            owner_uid: Some(received.owner_uid),
            idempotency: None,
        })
    }

    fn handle(&self) -> Handle {
        self.handle.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

impl sceau_intake::Submission for Submitter {
    fn submit(&self, batch: Vec<Received>) -> Vec<SubmitOutcome> {
        let handle = self.handle();
        let ask = |received: &Received| {
            let (sender, receiver) = sync_channel(1);
            let request = Request::Submit(Box::new(self.submission(received)?));
            handle.send(
                request,
                Box::new(move |answer| {
                    let _ = sender.send(answer);
                }),
            );
            Ok(receiver)
        };
        // All are asked before the first answer is awaited: they share a commit.
        let asked: Vec<_> = batch.iter().map(ask).collect();
        let answer = |(received, asked): (&Received, Result<Receiver<_>, Box<Refused>>)| match asked
        {
            Ok(asked) => outcome(received, asked.recv().unwrap_or(Err(NotDone::Stopped))),
            Err(refused) => SubmitOutcome::Rejected(*refused),
        };
        batch.iter().zip(asked).map(answer).collect()
    }
}

fn outcome(received: &Received, answer: Result<Answer, NotDone>) -> SubmitOutcome {
    match answer {
        Ok(Answer::Submitted(submitted)) => placed(received, &submitted),
        Ok(_) | Err(NotDone::Stopped | NotDone::Store(_) | NotDone::Unreadable(_)) => {
            SubmitOutcome::Busy
        }
        Err(error) => SubmitOutcome::Rejected(refused(&error)),
    }
}

/// The same drop again gets its first answer again; another drop of the same content is a
/// duplicate.
fn placed(received: &Received, submitted: &Submitted) -> SubmitOutcome {
    let dossier = submitted.dossier.received.dossier.to_string();
    match same_drop(received, &submitted.dossier) {
        Some(in_progress) => SubmitOutcome::Accepted { dossier, in_progress },
        None => SubmitOutcome::Duplicate { dossier },
    }
}

/// The place that was committed for this drop, while its dossier has not ended.
fn same_drop(received: &Received, dossier: &Dossier) -> Option<RelPath> {
    let source = &dossier.received.origin.source;
    let known = serde_json::from_value(source["drop_id"].clone()).ok()?;
    let file: SourceFile = serde_json::from_value(source["file"].clone()).ok()?;
    let ended = dossier.phase == sceau_workflow::machine::Phase::Delivered;
    (received.drop_id == known && !ended).then_some(file.in_progress)
}

fn refused(error: &NotDone) -> Refused {
    let code = "intake-refused".to_owned();
    let note = Note {
        code: code.clone(),
        what: Text::new(
            "Le fichier n'a pas été accepté. Il est, inchangé, à côté de cette note.",
            "The file was not accepted. It is, unchanged, beside this note.",
        ),
        why: Text::new(format!("Configuration du dépôt : {error}."), format!("{error}.")),
        remedy: Text::new(
            "Prévenez votre administrateur, puis déposez le fichier de nouveau.",
            "Tell your administrator, then drop the file again.",
        ),
        dossier: None,
    };
    Refused { code, note }
}

/// Those whom the sidecar file names. The scanner looked for slips of the finger only; an address that
/// no mail could go to is told by its number, because notes name nobody.
fn signatories(sidecar: &Sidecar) -> Result<Vec<Signatory>, Box<Refused>> {
    let mut all = Vec::new();
    let mut lines = Text::new("", "");
    for (number, one) in (1..).zip(&sidecar.signatories) {
        let Ok(email) = one.email.parse() else {
            lines.fr += &format!("\n- l'adresse du signataire {number} n'est pas utilisable");
            lines.en += &format!("\n- the address of signatory {number} cannot be used");
            continue;
        };
        let (name, role) = (one.name.clone(), one.role.clone());
        let (phone, language) = (one.phone.clone(), one.language.clone());
        all.push(Signatory { name, email, role, phone, language });
    }
    if lines.fr.is_empty() { Ok(all) } else { Err(Box::new(unfit(lines))) }
}

fn mistold(faults: &[ParameterFault]) -> Refused {
    let lines = |language| {
        let line = |fault: &ParameterFault| format!("\n- {}", fault.sentence(language));
        faults.iter().map(line).collect::<String>()
    };
    unfit(Text::new(lines(Language::Fr), lines(Language::En)))
}

/// What the sidecar file and the sub-folders tell does not go with the workflow.
fn unfit(lines: Text) -> Refused {
    let code = "intake-parameters".to_owned();
    let note = Note {
        code: code.clone(),
        what: Text::new(
            "Le fichier n'a pas été traité. Il a été mis de côté, inchangé, à côté de cette note.",
            "The file was not processed. It was set aside, unchanged, beside this note.",
        ),
        why: Text::new(
            format!("Ce qui accompagne le document ne va pas avec le circuit :{}", lines.fr),
            format!("What comes with the document does not go with the workflow:{}", lines.en),
        ),
        remedy: Text::new(
            "Indiquez ces paramètres dans la fiche du document (ou par son sous-dossier, si le \
             circuit le prévoit), puis déposez-le de nouveau avec sa fiche.",
            "Tell these parameters in the document's sidecar file (or by its sub-folder, where the \
             workflow says so), then drop it again with its sidecar file.",
        ),
        dossier: None,
    };
    Refused { code, note }
}

fn title_of(name: &str) -> String {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    stem.to_owned()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn sidecar(emails: &[&str]) -> Sidecar {
        let text =
            |email: &&str| format!("[[signatories]]\nname = \"Jeanne\"\nemail = \"{email}\"\n");
        let text: String = emails.iter().map(text).collect();
        sceau_intake::sidecar::parse(text.as_bytes(), sceau_intake::sidecar::Form::Toml, &[])
            .unwrap()
    }

    #[test]
    fn an_address_that_cannot_be_used_is_told_by_its_number_alone() {
        let named = signatories(&sidecar(&["Jeanne@X.fr", "j@x.fr"])).unwrap();
        assert_eq!((named.len(), named[0].email.as_str()), (2, "jeanne@x.fr"));
        let refused = signatories(&sidecar(&["j@x.fr", "été@x.fr"])).unwrap_err();
        for (why, says) in
            [(&refused.note.why.fr, "du signataire 2"), (&refused.note.why.en, "signatory 2")]
        {
            assert!(why.contains(says) && !why.contains("x.fr"), "{why}");
        }
    }
}
