//! Random stories of dossiers.

use jiff::SignedDuration;
use proptest::prelude::*;
use sceau_workflow::machine::kinds::{DELIVER, SEAL_FINISH, SEAL_PREPARE, SEAL_SIGN};
use sceau_workflow::machine::{
    Command, Digest, DossierEvent, EffectRow, Failure, Fault, Outcome, Phase, Refusal,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

use crate::bench::*;

/// Something that may happen to a dossier.
#[derive(Clone, Debug)]
enum Happens {
    Ends { which: usize, how: usize },
    Late { which: usize },
    Rings,
    Clicks,
    Retried,
    Cancelled,
    Granted,
    Revoked,
    Passes,
}

fn happens() -> impl Strategy<Value = Happens> {
    let index = || any::<prop::sample::Index>().prop_map(|index| index.index(1 << 16));
    prop_oneof![
        12 => (index(), 0..8usize).prop_map(|(which, how)| Happens::Ends { which, how }),
        2 => index().prop_map(|which| Happens::Late { which }),
        1 => Just(Happens::Rings),
        1 => Just(Happens::Clicks),
        3 => Just(Happens::Retried),
        1 => Just(Happens::Cancelled),
        1 => Just(Happens::Granted),
        1 => Just(Happens::Revoked),
        1 => Just(Happens::Passes),
    ]
}

/// How an effect of that kind may end: mostly well.
fn ending(kind: &str, how: usize, mark: usize) -> Outcome {
    let failed = |fault| Outcome::Failed { failure: Failure::new("trouble", fault, "fr", "en") };
    let value = match (how, kind) {
        (0, _) => return failed(Fault::Document),
        (1, _) => return failed(Fault::Peer),
        (2, SEAL_SIGN) => json!("expired"),
        (2, SEAL_FINISH) => json!({ "hole_too_small": { "timestamp_len": 9000 } }),
        (3, _) => json!({ "what": "is this?" }),
        (_, SEAL_PREPARE) => prepared(&mark.to_string()),
        (_, SEAL_SIGN) => json!({ "signature": format!("{mark:04x}") }),
        (_, SEAL_FINISH) => sealed(),
        (_, DELIVER) => delivered(),
        _ => Value::Null,
    };
    Outcome::Done { value }
}

impl Bench {
    fn happen(&mut self, what: &Happens, mark: usize) {
        let refused = match what {
            Happens::Ends { which, how } => {
                let rows: Vec<EffectRow> = self.rows.values().cloned().collect();
                let Some(row) = rows.get(which % rows.len().max(1)) else { return };
                let ended = self.ask(&outcome(row, ending(&row.effect.kind, *how, mark)));
                ended.expect("an outcome that is waited for");
                return;
            }
            Happens::Late { which } => {
                let Some(row) = self.over.get(which % self.over.len().max(1)).cloned() else {
                    return;
                };
                let late = self.ask(&outcome(&row, ending(&row.effect.kind, 7, mark)));
                assert!(matches!(late, Err(Refusal::Stale { .. })));
                return;
            }
            Happens::Rings => {
                let (step, attempt) = (self.dossier().step, self.dossier().attempt);
                self.ask(&Command::Timer { step, attempt, name: "unknown".into() })
            }
            Happens::Clicks => {
                self.ask(&Command::Step { name: "unknown".into(), payload: Value::Null })
            }
            Happens::Retried => self.retry(),
            Happens::Cancelled if mark.is_multiple_of(4) => {
                self.ask(&Command::Cancel { by: "test".into(), reason: "essai".into() })
            }
            Happens::Cancelled => return,
            Happens::Granted => return self.grant(),
            Happens::Revoked => return self.revoke(),
            Happens::Passes => {
                self.now += SignedDuration::from_hours(1);
                return;
            }
        };
        let allowed =
            matches!(refused, Ok(_) | Err(Refusal::WrongPhase { .. } | Refusal::Stale { .. }));
        assert!(allowed, "{refused:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    /// Whatever happens in whatever order: every decision holds to [`Bench::hold`], and one act is
    /// authorised for one preparation.
    #[test]
    fn nothing_that_happens_breaks_the_rules(
        granted in any::<bool>(),
        story in prop::collection::vec(happens(), 0..60),
    ) {
        let mut bench = Bench::received(granted);
        for (mark, what) in story.iter().enumerate() {
            bench.happen(what, mark);
        }
        let mut acts: BTreeMap<u32, BTreeSet<Digest>> = BTreeMap::new();
        for (event, _) in &bench.events {
            if let DossierEvent::Authorised(authorised) = event {
                acts.entry(authorised.attempt).or_default().insert(authorised.act);
            }
        }
        prop_assert!(acts.values().all(|acts| acts.len() == 1), "one attempt, one act");
        if bench.dossier().phase == Phase::Delivered {
            prop_assert_eq!(bench.dossier().results.len(), 2);
        }
    }
}
