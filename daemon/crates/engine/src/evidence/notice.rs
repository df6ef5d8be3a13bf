//! What the evidence file says about its legal worth, so that nobody reads more into it: of the seal
//! that was made, from what its step committed.

use sceau_workflow::machine::Dossier;
use serde_json::{Value, json};

/// French, and English complete.
type Words = (&'static str, &'static str);

const OWN_SEAL: Words = (
    "Cachet apposé sous l'autorité de certification interne du cabinet : il n'est pas « qualifié » \
     au sens du règlement eIDAS et ne bénéficie d'aucune présomption.",
    "Seal made under the cabinet's internal certification authority: it is not “qualified” in the \
     sense of the eIDAS regulation and has no presumption in its favour.",
);
const FOREIGN_SEAL: Words = (
    "Cachet apposé avec un certificat qu'une autorité extérieure à ce service a délivré ; ce fichier \
     ne dit pas s'il est « qualifié » au sens du règlement eIDAS.",
    "Seal made with a certificate that an authority outside this service issued; this file does not \
     say whether it is “qualified” in the sense of the eIDAS regulation.",
);
const NO_SEAL: Words =
    ("Ce circuit n'a apposé aucun cachet.", "This workflow has applied no seal.");
const OWN_TIME: Words =
    ("L'horodatage interne n'est pas indépendant.", "The internal time stamp is not independent.");
const FOREIGN_TIME: Words = (
    "L'horodatage du cachet vient d'une autorité extérieure à ce service.",
    "The seal's time stamp comes from an authority outside this service.",
);
const NO_TIME: Words = (
    "Le cachet ne porte pas d'horodatage : son heure est celle que le service indique.",
    "The seal bears no time stamp: its time is what the service tells.",
);

/// The sentences that are true of the last seal.
pub(super) fn notice(dossier: &Dossier) -> Value {
    let mut results = dossier.results.iter().rev().map(|step| step.result.as_ref());
    // A renewal is no sealing: it uses no certificate.
    let sealed = results.find(|result| result["certificates"].is_array());
    let words = sealed.map_or_else(|| vec![NO_SEAL], of_seal);
    let join =
        |pick: fn(&Words) -> &'static str| words.iter().map(pick).collect::<Vec<_>>().join(" ");
    json!({ "fr": join(|words| words.0), "en": join(|words| words.1) })
}

fn of_seal(result: &Value) -> Vec<Words> {
    let seal = if result["own_authority"] == true { OWN_SEAL } else { FOREIGN_SEAL };
    let time = match (&result["internal_time"], &result["level"]) {
        (Value::Bool(true), _) => OWN_TIME,
        (_, level) if level == "B-B" => NO_TIME,
        _ => FOREIGN_TIME,
    };
    vec![seal, time]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_is_what_was_done() {
        let said = |own: bool, internal: bool, level: &str| {
            of_seal(&json!({ "own_authority": own, "internal_time": internal, "level": level }))
        };
        assert_eq!(said(true, true, "B-T"), [OWN_SEAL, OWN_TIME]);
        assert_eq!(said(false, true, "B-LTA"), [FOREIGN_SEAL, OWN_TIME]);
        assert_eq!(said(true, false, "B-LT"), [OWN_SEAL, FOREIGN_TIME]);
        assert_eq!(said(false, false, "B-B"), [FOREIGN_SEAL, NO_TIME]);
    }
}
