//! Who holds keys, as the engine sees it: a door to the signer, and the seals that it may ask for.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use sceau_cabinet::SocieteId;
use sceau_pki::{Certificate, SignatureAlgorithm};
use sceau_signer::{KeyId, SignError, SignRequest, SignatureValue, SignerClient};

/// Where signatures are asked for.
pub trait KeyDoor: Send + Sync {
    /// Signs, or says why not. Asking the same again is safe.
    fn sign(&self, request: SignRequest) -> Result<SignatureValue, SignError>;
    /// Whether the signer answers; its trouble otherwise.
    fn alive(&self) -> Result<(), SignError>;
}

impl KeyDoor for SignerClient {
    fn sign(&self, request: SignRequest) -> Result<SignatureValue, SignError> {
        Self::sign(self, request)
    }

    fn alive(&self) -> Result<(), SignError> {
        self.ping()
    }
}

/// Starts a signer and gives the connection to it; whatever must live as long is kept beside it.
pub type StartSigner<T> = Box<dyn Fn() -> Result<(T, SignerClient), String> + Send + Sync>;

/// A door that starts the signer again when it is gone.
pub struct RestartingDoor<T> {
    start: StartSigner<T>,
    current: Mutex<Option<(T, SignerClient)>>,
}

impl<T: Send> RestartingDoor<T> {
    /// A door to a signer that runs already.
    pub fn new(first: (T, SignerClient), start: StartSigner<T>) -> Self {
        Self { start, current: Mutex::new(Some(first)) }
    }

    fn client(&self) -> Result<SignerClient, SignError> {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = current.as_ref().filter(|(_, client)| !client.is_gone()) {
            return Ok(client.clone());
        }
        *current = None;
        match (self.start)() {
            Ok(started) => {
                tracing::warn!("the signer was gone and was started again");
                Ok(current.insert(started).1.clone())
            }
            Err(error) => {
                tracing::error!(error, "the signer cannot be started");
                Err(SignError::Gone)
            }
        }
    }
}

impl<T: Send> KeyDoor for RestartingDoor<T> {
    fn sign(&self, request: SignRequest) -> Result<SignatureValue, SignError> {
        self.client()?.sign(request)
    }

    fn alive(&self) -> Result<(), SignError> {
        self.client()?.ping()
    }
}

/// The seal of a société: which key, and its certificates.
#[derive(Clone, Debug)]
pub struct SealIdentity {
    /// The key in the signer.
    pub key: KeyId,
    /// How it signs.
    pub algorithm: SignatureAlgorithm,
    /// The seal's certificate first, then its issuers.
    pub chain: Vec<Certificate>,
    /// True when our own authority issued it: then nothing but our own word stands behind it.
    pub own_authority: bool,
}

/// The seals by société: those in force, and those before them, with which acts may have been begun.
#[derive(Clone, Debug, Default)]
pub struct Seals {
    current: BTreeMap<SocieteId, SealIdentity>,
    earlier: BTreeMap<SocieteId, Vec<SealIdentity>>,
}

impl Seals {
    /// The seals in force.
    pub fn new(seals: BTreeMap<SocieteId, SealIdentity>) -> Self {
        Self { current: seals, earlier: BTreeMap::new() }
    }

    /// With those that were in force before and whose keys the signer still holds.
    #[must_use]
    pub fn with_earlier(self, earlier: BTreeMap<SocieteId, Vec<SealIdentity>>) -> Self {
        Self { earlier, ..self }
    }

    /// The seal of `societe`.
    pub fn get(&self, societe: &SocieteId) -> Option<&SealIdentity> {
        self.current.get(societe)
    }

    /// The seal of `societe` with this certificate, in force or not: an act that was begun before a
    /// renewal ends with the key that its committed bytes name. Else the seal in force.
    pub fn begun_with(
        &self,
        societe: &SocieteId,
        certificate: Option<&Certificate>,
    ) -> Option<&SealIdentity> {
        let before = self.earlier.get(societe).map_or(&[][..], Vec::as_slice);
        let named = |seal: &&SealIdentity| seal.chain.first() == certificate;
        self.get(societe).into_iter().chain(before).find(named).or_else(|| self.get(societe))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = (&SocieteId, &SealIdentity)> {
        self.current.iter()
    }
}
