//! Délégations: who lets whom do what, for which société, through which doors, from when to when.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

use crate::address::AddressCommitment;
use crate::canonical::{canonical, sha256};
use crate::channel::ChannelGrant;
use crate::event::Actor;
use crate::ids::{DelegationId, PersonId, SocieteId};
use crate::right::{Right, Rights};
use crate::timeline::Timeline;

/// First and last day, both included, as days of Europe/Paris; an absent one sets no bound.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Days {
    /// The first day on which it counts.
    pub first: Option<Date>,
    /// The last day on which it counts.
    pub last: Option<Date>,
}

impl Days {
    /// Whether the first day is still ahead at that moment.
    pub fn are_ahead(&self, at: Timestamp) -> bool {
        self.first.is_some_and(|first| paris_day(at) < first)
    }

    /// Whether the last day has passed at that moment.
    pub fn are_over(&self, at: Timestamp) -> bool {
        self.last.is_some_and(|last| paris_day(at) > last)
    }
}

/// The calendar day of a moment in France.
pub(crate) fn paris_day(at: Timestamp) -> Date {
    let paris = TimeZone::get("Europe/Paris")
        .expect("invariant: the time-zone database is compiled into the program");
    at.to_zoned(paris).date()
}

/// To whom a délégation is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Delegataire {
    /// To a person with an account.
    Account {
        /// Who.
        person: PersonId,
    },
    /// To an e-mail address that has no account yet.
    Address {
        /// The commitment to the address.
        commitment: AddressCommitment,
    },
}

/// What a délégation says. It never changes; a délégation with other terms is another délégation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationTerms {
    /// The expert-comptable in whose place the délégataire acts.
    pub delegant: PersonId,
    /// For which société.
    pub societe: SocieteId,
    /// What the délégataire may do; never empty.
    pub rights: Rights,
    /// For which workflows (document types); `None`: all.
    pub workflows: Option<BTreeSet<String>>,
    /// Through which doors; `None`: all.
    pub channels: Option<BTreeSet<ChannelGrant>>,
    /// From which day to which.
    pub days: Days,
}

/// In what state a délégation is at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DelegationState {
    /// The address of the délégataire has no account yet.
    WaitingForAccount,
    /// The right to sign waits for the délégataire's enregistrement (the other rights do not).
    WaitingForRegistration,
    /// Its first day is ahead.
    NotYet,
    /// In force.
    Active,
    /// Its last day has passed.
    Expired,
    /// It was revoked.
    Revoked,
}

/// A délégation with its whole history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delegation {
    id: DelegationId,
    terms: DelegationTerms,
    delegataire: Timeline<Delegataire>,
    granted_at: Timestamp,
    granted_by: Actor,
    revoked: Option<(Timestamp, Actor)>,
}

impl Delegation {
    pub(crate) fn new(
        id: DelegationId,
        delegataire: Delegataire,
        terms: DelegationTerms,
        granted_at: Timestamp,
        granted_by: Actor,
    ) -> Self {
        let delegataire = Timeline::starting(granted_at, delegataire);
        Self { id, terms, delegataire, granted_at, granted_by, revoked: None }
    }

    pub(crate) fn bind(&mut self, person: PersonId, at: Timestamp) {
        self.delegataire.set(at, Delegataire::Account { person });
    }

    /// The first revocation counts; a second one changes nothing.
    pub(crate) fn revoke(&mut self, at: Timestamp, by: Actor) {
        self.revoked.get_or_insert((at, by));
    }

    /// Its name for ever.
    pub fn id(&self) -> DelegationId {
        self.id
    }

    /// What it says.
    pub fn terms(&self) -> &DelegationTerms {
        &self.terms
    }

    /// When it was granted.
    pub fn granted_at(&self) -> Timestamp {
        self.granted_at
    }

    /// Who ordered the grant (the délégant himself, or somebody in his name).
    pub fn granted_by(&self) -> Actor {
        self.granted_by
    }

    /// When it was revoked and by whom, as known now.
    pub fn revoked(&self) -> Option<(Timestamp, Actor)> {
        self.revoked
    }

    /// When it was revoked, seen from that moment.
    pub fn revoked_since(&self, at: Timestamp) -> Option<Timestamp> {
        self.revoked.map(|(since, _)| since).filter(|since| *since <= at)
    }

    /// To whom it was given, seen from that moment; `None` before it was granted.
    pub fn delegataire_at(&self, at: Timestamp) -> Option<Delegataire> {
        self.delegataire.at(at).copied()
    }

    /// To whom it is given now.
    pub fn delegataire(&self) -> Delegataire {
        *self.delegataire.latest().expect("invariant: set when it was granted")
    }

    /// Its state at that moment, for a délégataire whose enregistrement was complete or not;
    /// `None` before it was granted.
    pub fn state(&self, at: Timestamp, registered: bool) -> Option<DelegationState> {
        let delegataire = self.delegataire_at(at)?;
        let waits = matches!(delegataire, Delegataire::Address { .. });
        let signs = self.terms.rights.contains(&Right::Signer);
        Some(match () {
            () if self.revoked_since(at).is_some() => DelegationState::Revoked,
            () if self.terms.days.are_over(at) => DelegationState::Expired,
            () if waits => DelegationState::WaitingForAccount,
            () if self.terms.days.are_ahead(at) => DelegationState::NotYet,
            () if signs && !registered => DelegationState::WaitingForRegistration,
            () => DelegationState::Active,
        })
    }

    /// What is signed, logged and proven of it, as it was at that moment; `None` before it was
    /// granted.
    pub fn snapshot(&self, at: Timestamp) -> Option<DelegationSnapshot> {
        Some(DelegationSnapshot {
            format: DelegationSnapshot::FORMAT.to_owned(),
            delegation: self.id,
            delegataire: self.delegataire_at(at)?,
            granted_at: self.granted_at,
            terms: self.terms.clone(),
        })
    }
}

/// The part of a délégation that a digest is made of.
///
/// Its canonical bytes are the RFC 8785 JSON of this structure in UTF-8: keys sorted, no white space,
/// sets as sorted arrays, absent limits as `null`, `format` = `sceau-delegation/1`. They hold no
/// personal detail: people are opaque identifiers. Anyone with the evidence file can compute the
/// digest again with any SHA-256.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelegationSnapshot {
    /// Names and versions the encoding.
    pub format: String,
    /// Which délégation.
    pub delegation: DelegationId,
    /// To whom.
    pub delegataire: Delegataire,
    /// Since when.
    pub granted_at: Timestamp,
    /// What it says.
    pub terms: DelegationTerms,
}

impl DelegationSnapshot {
    /// The version of the encoding.
    pub const FORMAT: &str = "sceau-delegation/1";

    /// The canonical bytes.
    pub fn canonical_bytes(&self) -> Vec<u8> {
        canonical(self).expect("invariant: every key of a snapshot is a string").into_bytes()
    }

    /// SHA-256 of the canonical bytes.
    pub fn digest(&self) -> [u8; 32] {
        sha256(&self.canonical_bytes())
    }
}

/// The readable claimed roles for a signature (EN 319 122-1, 5.2.6.1); no personal detail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedRole {
    /// Own authority of an expert-comptable of the société.
    Own,
    /// By a délégation.
    Delegated,
}

impl SignedRole {
    /// The text of the claimed role for an act under this authority.
    pub const fn text(self, right: Right) -> &'static str {
        match (self, right) {
            (Self::Own, Right::Signer) => "Expert-comptable",
            (Self::Own, Right::Sceller) => "Cachet apposé par l'expert-comptable",
            (Self::Own, Right::Preparer) => "Collecte préparée par l'expert-comptable",
            (Self::Delegated, Right::Signer) => {
                "Collaborateur signant par délégation de l'expert-comptable"
            }
            (Self::Delegated, Right::Sceller) => {
                "Cachet apposé par délégation de l'expert-comptable"
            }
            (Self::Delegated, Right::Preparer) => {
                "Collecte préparée par délégation de l'expert-comptable"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::fixture::*;
    use crate::{ChannelGrant, Days, DelegationTerms, Right, SignedRole};

    /// The encoding is for ever: whoever changes these bytes makes old evidence unverifiable.
    #[test]
    fn the_canonical_bytes_stay_as_they_are() {
        let mut world = World::staffed();
        let channels = Some([ChannelGrant::Folder("a".into()), ChannelGrant::Api].into());
        let days = Days { first: None, last: Some(jiff::civil::date(2026, 12, 31)) };
        let rights = [Right::Sceller, Right::Signer].into();
        let terms = DelegationTerms { rights, channels, days, ..terms() };
        world.must(grant(terms));
        let snapshot = world.registry.delegation(GRANT).unwrap().snapshot(world.now()).unwrap();
        let text = String::from_utf8(snapshot.canonical_bytes()).unwrap();
        let (id, paul, claire) = ("09".repeat(16), "03".repeat(16), "02".repeat(16));
        let expected = format!(
            "{{\"delegataire\":{{\"kind\":\"account\",\"person\":\"{paul}\"}},\
             \"delegation\":\"{id}\",\"format\":\"sceau-delegation/1\",\
             \"granted_at\":\"2026-03-01T00:00:06Z\",\"terms\":{{\
             \"channels\":[\"folder:a\",\"api\"],\"days\":{{\"first\":null,\"last\":\"2026-12-31\"}},\
             \"delegant\":\"{claire}\",\"rights\":[\"signer\",\"sceller\"],\"societe\":\"martin\",\
             \"workflows\":null}}}}"
        );
        assert_eq!(text, expected);
        assert_eq!(
            hex::encode(snapshot.digest()),
            "b5693f4c0225a25bc2971b1ecd0e6891d2b22053db1f96116d84b1b3f3cfbe01"
        );
    }

    #[test]
    fn the_claimed_role_names_nobody() {
        let role = SignedRole::Delegated.text(Right::Sceller);
        assert_eq!(role, "Cachet apposé par délégation de l'expert-comptable");
    }
}
