//! Telling what happens to the sample, as it happens.

use std::time::{Duration, Instant};

use sceau_engine::handle::{Handle, NumberedEvent};
use sceau_pades::report::Report;
use sceau_workflow::machine::{DossierEvent, DossierId, Phase};

type Say<'s> = &'s dyn Fn(&str) -> Result<(), String>;

/// Tells the events of the first dossier until it is delivered.
pub(super) fn follow(
    handle: &Handle,
    deadline: Instant,
    say: Say<'_>,
) -> Result<DossierId, String> {
    let mut told = 0;
    while Instant::now() < deadline {
        let found = handle.dossiers(None, 1).map_err(|error| error.to_string())?;
        if let Some(dossier) = found.first() {
            let id = dossier.received.dossier.clone();
            let events = handle.events(&id).map_err(|error| error.to_string())?;
            for event in events.iter().skip(told) {
                tell(event, say)?;
            }
            told = events.len();
            match &dossier.phase {
                Phase::Delivered => return Ok(id),
                Phase::Running => {}
                stopped => {
                    let why = stopped.failure().map(|failure| failure.en.clone());
                    return Err(format!("the dossier stopped: {}", why.unwrap_or_default()));
                }
            }
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Err("the sample was not delivered in time".to_owned())
}

fn tell(event: &NumberedEvent, say: Say<'_>) -> Result<(), String> {
    let line = match &event.event {
        DossierEvent::Received(received) => format!(
            "received: {} bytes, SHA-256 {}…",
            received.document.len,
            &received.document.digest.to_string()[..16]
        ),
        DossierEvent::Authorised(authorised) => format!(
            "authorised: the right to seal, by a délégation, for this act, until {}",
            authorised.expires_at.strftime("%H:%M:%S")
        ),
        DossierEvent::EffectAsked { kind, .. } => format!("next: {kind}"),
        DossierEvent::StepDone { step, .. } => format!("step {} is done", step + 1),
        DossierEvent::Stopped { failure } => format!("stopped: {}", failure.en),
        DossierEvent::Completed => "delivered".to_owned(),
        _ => return Ok(()),
    };
    say(&format!("   {line}"))
}

/// The validation in a few lines.
pub(super) fn tell_report(report: &Report, say: Say<'_>) -> Result<(), String> {
    say(&format!("   {}", report.verdict.indication.name()))?;
    for signature in &report.signatures {
        let signer = signature.signer.as_ref().map_or("unknown", |signer| signer.subject.as_str());
        let level = signature.level.map(|level| level.to_string()).unwrap_or_default();
        say(&format!("   level {level}, sealed by {signer}"))?;
        for role in &signature.claimed_roles {
            say(&format!("   in the quality: {role}"))?;
        }
    }
    Ok(())
}
