//! A certificate authority, a seal and a time-stamping unit in memory, for the tests of this and
//! other rooms (cargo feature `testing`). Everything but the keys is fixed; nothing of it is fit
//! for anything but tests.

use aws_lc_rs::{
    rsa::{KeyPair as RsaKeyPair, KeySize},
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair,
        RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256, RSA_PSS_SHA384,
        RSA_PSS_SHA512, RsaEncoding,
    },
};
use jiff::{Timestamp, ToSpan};

use crate::{
    SignatureAlgorithm, Siren,
    asn1::{bit_string, null, oid as encode_oid, sequence},
    certificate::Certificate,
    chain::TrustAnchors,
    oid,
    profile::{
        AuthorityName, Crl, Issuance, Issuer, LegalPerson, NaturalPerson, Revoked, Services,
        TbsCertificate, UnitName, issuing_ca, natural_person, root_ca, seal, tbs_crl,
        time_stamping_unit,
    },
    tsp::{Accuracy, PreparedToken, TimeStampRequest, TokenParameters},
};

/// A key pair with the algorithm that it is used for.
#[derive(Debug)]
pub struct TestKey {
    algorithm: SignatureAlgorithm,
    pair: Pair,
}

#[derive(Debug)]
enum Pair {
    Ec(EcdsaKeyPair),
    Rsa(RsaKeyPair),
}

impl TestKey {
    /// A new key: P-256, P-384 or RSA-2048, as the algorithm asks.
    pub fn generate(algorithm: SignatureAlgorithm) -> Self {
        let pair = match algorithm {
            SignatureAlgorithm::EcdsaP256Sha256 => {
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).map(Pair::Ec)
            }
            SignatureAlgorithm::EcdsaP384Sha384 => {
                EcdsaKeyPair::generate(&ECDSA_P384_SHA384_ASN1_SIGNING).map(Pair::Ec)
            }
            _ => RsaKeyPair::generate(KeySize::Rsa2048).map(Pair::Rsa),
        };
        Self { algorithm, pair: pair.expect("test key: generation") }
    }

    /// A key from its PKCS#8 (unencrypted) DER.
    pub fn from_pkcs8(algorithm: SignatureAlgorithm, pkcs8: &[u8]) -> Self {
        let pair = match algorithm {
            SignatureAlgorithm::EcdsaP256Sha256 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8).map(Pair::Ec)
            }
            SignatureAlgorithm::EcdsaP384Sha384 => {
                EcdsaKeyPair::from_pkcs8(&ECDSA_P384_SHA384_ASN1_SIGNING, pkcs8).map(Pair::Ec)
            }
            _ => RsaKeyPair::from_pkcs8(pkcs8).map(Pair::Rsa),
        };
        Self { algorithm, pair: pair.expect("test key: PKCS#8") }
    }

    /// Its algorithm.
    pub fn algorithm(&self) -> SignatureAlgorithm {
        self.algorithm
    }

    /// Its `SubjectPublicKeyInfo` in DER.
    pub fn spki(&self) -> Vec<u8> {
        let (algorithm, key) = match &self.pair {
            Pair::Ec(pair) => {
                let curve = match self.algorithm {
                    SignatureAlgorithm::EcdsaP256Sha256 => oid::P256,
                    _ => oid::P384,
                };
                let names = [encode_oid(&oid::EC_PUBLIC_KEY), encode_oid(&curve)];
                (sequence(&names), pair.public_key().as_ref())
            }
            Pair::Rsa(pair) => {
                (sequence(&[encode_oid(&oid::RSA), null()]), pair.public_key().as_ref())
            }
        };
        sequence(&[algorithm, bit_string(key)])
    }

    /// Signs.
    #[expect(clippy::disallowed_types, reason = "signing in tests needs randomness")]
    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = aws_lc_rs::rand::SystemRandom::new();
        match &self.pair {
            Pair::Ec(pair) => {
                let signature = pair.sign(&random, message).expect("test key: ECDSA");
                signature.as_ref().to_vec()
            }
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(self.encoding(), &random, message, &mut signature)
                    .expect("test key: RSA");
                signature
            }
        }
    }

    fn encoding(&self) -> &'static dyn RsaEncoding {
        match self.algorithm {
            SignatureAlgorithm::RsaPkcs1Sha384 => &RSA_PKCS1_SHA384,
            SignatureAlgorithm::RsaPkcs1Sha512 => &RSA_PKCS1_SHA512,
            SignatureAlgorithm::RsaPssSha256 => &RSA_PSS_SHA256,
            SignatureAlgorithm::RsaPssSha384 => &RSA_PSS_SHA384,
            SignatureAlgorithm::RsaPssSha512 => &RSA_PSS_SHA512,
            _ => &RSA_PKCS1_SHA256,
        }
    }
}

/// A key with its certificate.
#[derive(Debug)]
pub struct Holder {
    /// The key.
    pub key: TestKey,
    /// The certificate.
    pub certificate: Certificate,
}

/// The whole: root, issuing authority, seal, natural person, time-stamping unit.
#[derive(Debug)]
pub struct TestPki {
    /// The root, valid for twenty years around [`TestPki::now`].
    pub root: Holder,
    /// The issuing authority.
    pub issuing: Holder,
    /// The seal of « Cabinet Exemple », SIREN 732 829 320.
    pub seal: Holder,
    /// A natural person of that cabinet.
    pub person: Holder,
    /// The time-stamping unit.
    pub unit: Holder,
}

const NAME: &str = "Cabinet Exemple";

impl TestPki {
    /// With new keys, all for the same algorithm.
    pub fn generate(algorithm: SignatureAlgorithm) -> Self {
        Self::from_keys(std::array::from_fn(|_| TestKey::generate(algorithm)))
    }

    /// With given keys, in the order root, issuing authority, seal, person, unit.
    pub fn from_keys(keys: [TestKey; 5]) -> Self {
        let [root, issuing, seal_key, person, unit] = keys;
        let root = Self::root(root);
        let issuing = root.issue(issuing, 2, |issuance, issuer| {
            issuing_ca(issuance, issuer, &authority("Cabinet Exemple AC"))
        });
        let seal_holder = issuing.issue(seal_key, 3, |issuance, issuer| {
            let person = LegalPerson { organization: NAME, siren: siren(), common_name: NAME };
            seal(issuance, issuer, &person)
        });
        let person = issuing
            .issue(person, 4, |issuance, issuer| natural_person(issuance, issuer, &someone()));
        let unit = issuing.issue(unit, 5, |issuance, issuer| {
            let name = UnitName {
                organization: NAME,
                siren: siren(),
                common_name: "Cabinet Exemple horodatage interne",
            };
            time_stamping_unit(issuance, issuer, &name)
        });
        Self { root, issuing, seal: seal_holder, person, unit }
    }

    fn root(key: TestKey) -> Holder {
        let spki = key.spki();
        let tbs = root_ca(&issuance(1, &spki), key.algorithm, &authority("Cabinet Exemple racine"));
        let tbs = tbs.expect("test authority: root");
        let certificate = tbs.signed(&key.sign(tbs.to_be_signed()));
        Holder { certificate: certificate.expect("test authority: signature"), key }
    }

    /// An instant within every validity: 2026-11-23T12:00:00Z.
    pub fn now() -> Timestamp {
        "2026-11-23T12:00:00Z".parse().expect("test authority: time")
    }

    /// The root as trust anchor.
    pub fn anchors(&self) -> TrustAnchors {
        TrustAnchors::new(vec![self.root.certificate.clone()])
    }

    /// The seal's certificate and its authorities, root included.
    pub fn seal_chain(&self) -> Vec<Certificate> {
        self.chain_of(&self.seal)
    }

    /// A holder's certificate and its authorities, root included.
    pub fn chain_of(&self, holder: &Holder) -> Vec<Certificate> {
        let authorities = [&self.issuing, &self.root].map(|one| one.certificate.clone());
        std::iter::once(holder.certificate.clone()).chain(authorities).collect()
    }

    /// The unit's token for a request, made at `at`.
    pub fn timestamp(&self, request: &TimeStampRequest, at: Timestamp) -> Vec<u8> {
        let chain = [self.issuing.certificate.clone()];
        let prepared = PreparedToken::new(&self.unit_parameters(&chain), request, [9; 16], at);
        let signature = self.unit.key.sign(prepared.to_be_signed());
        prepared.finish(&signature).expect("test unit: token")
    }

    /// The parameters of the unit's tokens; `chain` goes into them.
    pub fn unit_parameters<'a>(&'a self, chain: &'a [Certificate]) -> TokenParameters<'a> {
        TokenParameters {
            unit: &self.unit.certificate,
            chain,
            algorithm: self.unit.key.algorithm,
            policy: oid::POLICY_INTERNAL_TSA,
            accuracy: Some(Accuracy::ONE_SECOND),
        }
    }

    /// The issuing authority's and the root's revocation lists, valid for a week around
    /// [`TestPki::now`].
    pub fn crls(&self, revoked: &[Revoked]) -> [Crl; 2] {
        [self.issuing.crl(revoked), self.root.crl(&[])]
    }
}

impl Holder {
    /// Has this authority issue to `key`; `number` makes the serial number.
    pub fn issue<E: std::fmt::Debug>(
        &self,
        key: TestKey,
        number: u8,
        profile: impl FnOnce(&Issuance<'_>, &Issuer<'_>) -> Result<TbsCertificate, E>,
    ) -> Holder {
        let spki = key.spki();
        let issuer = Issuer { certificate: &self.certificate, algorithm: self.key.algorithm };
        let tbs = profile(&issuance(number, &spki), &issuer).expect("test authority: profile");
        let certificate = tbs.signed(&self.key.sign(tbs.to_be_signed()));
        Holder { key, certificate: certificate.expect("test authority: signature") }
    }

    fn crl(&self, revoked: &[Revoked]) -> Crl {
        let issuer = Issuer { certificate: &self.certificate, algorithm: self.key.algorithm };
        let (from, until) = (TestPki::now() - 84.hours(), TestPki::now() + 84.hours());
        let tbs = tbs_crl(&issuer, 1, from, until, revoked).expect("test authority: list");
        tbs.signed(&self.key.sign(tbs.to_be_signed())).expect("test authority: list signature")
    }
}

fn issuance(number: u8, public_key: &[u8]) -> Issuance<'_> {
    Issuance {
        serial: [number; 16],
        not_before: "2016-11-23T00:00:00Z".parse().expect("test authority: time"),
        not_after: "2036-11-23T00:00:00Z".parse().expect("test authority: time"),
        public_key,
        services: &Services::NONE,
    }
}

fn authority(common_name: &str) -> AuthorityName<'_> {
    AuthorityName { organization: NAME, siren: siren(), common_name }
}

fn someone() -> NaturalPerson<'static> {
    NaturalPerson {
        given_name: "Élodie",
        surname: "Martin",
        serial_number: "P-0001",
        country: "FR",
        organization: Some((NAME, siren())),
    }
}

fn siren() -> Siren {
    Siren::parse("732829320").expect("test authority: SIREN")
}
