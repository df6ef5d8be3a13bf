//! Revocation lists of the test authority, made when they are asked for, by somebody who may be dead.

use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use jiff::{SignedDuration, Timestamp};
use sceau_engine::clock::Clock;
use sceau_engine::fetch::{Answer, RevocationSource};
use sceau_engine::ladder::Sources;
use sceau_pades::{Missing, Wanted};
use sceau_pki::crl::RevocationList;
use sceau_pki::profile::{Issuer, Revoked, tbs_crl};
use sceau_pki::testing::Holder;

use super::genesis::genesis;
use crate::support::VirtualClock;

/// What is told of the certificates, and whether anybody tells it.
#[derive(Clone, Debug)]
pub(crate) struct Lists {
    clock: VirtualClock,
    dead: Arc<AtomicBool>,
    revoked: Arc<Mutex<Vec<Revoked>>>,
}

impl Lists {
    pub(crate) fn new(clock: &VirtualClock) -> Self {
        Self { clock: clock.clone(), dead: Arc::default(), revoked: Arc::default() }
    }

    /// From now on nobody answers, or somebody does again.
    pub(crate) fn kill(&self, dead: bool) {
        self.dead.store(dead, Ordering::Relaxed);
    }

    /// The seal's certificate is revoked since then.
    pub(crate) fn revoke_seal(&self, since: Timestamp) {
        let seal = &genesis().pki.seal.certificate;
        self.revoked.lock().unwrap().push(Revoked::new(seal, since));
    }

    pub(crate) fn sources(&self) -> Sources {
        static RUNTIME: OnceLock<tokio::runtime::Runtime> = OnceLock::new();
        let make = || tokio::runtime::Builder::new_current_thread().build().unwrap();
        Sources::new(vec![Arc::new(self.clone())], RUNTIME.get_or_init(make).handle().clone())
    }

    fn list(&self, issuer: &Holder) -> RevocationList {
        let now = self.clock.now();
        let by = Issuer { certificate: &issuer.certificate, algorithm: issuer.key.algorithm() };
        let until = now + SignedDuration::from_hours(7 * 24);
        let number = u64::try_from(now.as_millisecond()).unwrap();
        let tbs = tbs_crl(&by, number, now, until, &self.revoked.lock().unwrap()).unwrap();
        let list = tbs.signed(&issuer.key.sign(tbs.to_be_signed())).unwrap();
        RevocationList::parse(list.der()).unwrap()
    }
}

impl RevocationSource for Lists {
    fn ask<'a>(
        &'a self,
        missing: &'a Missing,
        _room: usize,
    ) -> Pin<Box<dyn Future<Output = Answer> + Send + 'a>> {
        Box::pin(async move {
            let mut answer = Answer::default();
            let Wanted::Status { issuer, .. } = &missing.wanted else { return answer };
            if self.dead.load(Ordering::Relaxed) {
                answer.troubles.push("nobody answers".to_owned());
                return answer;
            }
            let pki = &genesis().pki;
            let holder = [&pki.issuing, &pki.root].into_iter().find(|h| h.certificate == *issuer);
            answer.material.crls.extend(holder.map(|holder| self.list(holder)));
            answer
        })
    }

    fn may_know(&self, _missing: &Missing) -> bool {
        true
    }
}
