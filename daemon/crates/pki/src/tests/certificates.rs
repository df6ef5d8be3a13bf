use x509_cert::der::{Decode, Encode};

use super::PKI;
use crate::{
    Certificate, CertificateError, KeyKind, SignatureAlgorithm, Siren,
    certificate::KeyUsage,
    oid,
    profile::{
        AuthorityName, Issuance, Issuer, LegalPerson, ProfileError, Revoked, Services,
        WrongSignature, root_ca, seal,
    },
    testing::{TestKey, TestPki},
};

#[test]
fn another_reader_reads_the_same() {
    for certificate in PKI.seal_chain() {
        let other = x509_cert::Certificate::from_der(certificate.der()).unwrap();
        assert_eq!(other.to_der().unwrap(), certificate.der());
        let tbs = other.tbs_certificate();
        assert_eq!(tbs.to_der().unwrap(), certificate.tbs());
        assert_eq!(tbs.serial_number().as_bytes(), certificate.serial());
        assert_eq!(tbs.subject().to_der().unwrap(), certificate.subject().der());
        assert_eq!(
            tbs.validity().not_after.to_unix_duration().as_secs() as i64,
            certificate.not_after().as_second()
        );
    }
    for crl in PKI.crls(&[Revoked::new(&PKI.seal.certificate, TestPki::now())]) {
        let other: x509_cert::crl::CertificateList = Decode::from_der(crl.der()).unwrap();
        assert_eq!(other.to_der().unwrap(), crl.der());
    }
}

#[test]
fn a_seal_is_that_of_a_legal_person() {
    let seal = &PKI.seal.certificate;
    assert_eq!(seal.organization_identifier(), Some("NTRFR-732829320"));
    assert_eq!(seal.subject().organization(), Some("Cabinet Exemple"));
    assert_eq!(seal.subject().attribute(&oid::COUNTRY), Some("FR"));
    assert_eq!(seal.key_usage(), Some(KeyUsage::NON_REPUDIATION));
    assert_eq!(seal.public_key(), Ok(KeyKind::EcP256));
    assert!(seal.qc_statements().is_none() && seal.extended_key_usage().is_none());
    assert!(seal.basic_constraints().is_none() && !seal.is_self_issued());
    assert_eq!(seal.authority_key_identifier(), PKI.issuing.certificate.subject_key_identifier());
}

#[test]
fn a_unit_may_only_timestamp() {
    let usage = PKI.unit.certificate.extended_key_usage().unwrap();
    assert!(usage.critical);
    assert_eq!(usage.purposes, [oid::EKU_TIME_STAMPING]);
}

#[test]
fn a_person_has_a_name() {
    let subject = PKI.person.certificate.subject();
    assert_eq!(
        subject.to_string(),
        "CN=Élodie Martin, serialNumber=P-0001, GN=Élodie, SN=Martin, \
         organizationIdentifier=NTRFR-732829320, O=Cabinet Exemple, C=FR"
    );
}

#[test]
fn services_are_written() {
    let key = TestKey::generate(SignatureAlgorithm::EcdsaP256Sha256);
    let services = Services {
        crl: Some("http://ac.example.fr/liste.crl".into()),
        ocsp: Some("http://ocsp.example.fr".into()),
        ca_issuers: Some("http://ac.example.fr/ac.cer".into()),
    };
    let holder = PKI.issuing.issue(key, 6, |issuance, issuer| {
        let issuance = Issuance { services: &services, ..issuance.clone() };
        seal(&issuance, issuer, &person("Cabinet"))
    });
    assert_eq!(holder.certificate.crl_urls(), ["http://ac.example.fr/liste.crl"]);
    assert_eq!(holder.certificate.ocsp_urls(), ["http://ocsp.example.fr"]);
    assert_eq!(holder.certificate.ca_issuer_urls(), ["http://ac.example.fr/ac.cer"]);
}

#[test]
fn faults_of_the_caller_are_told() {
    let key = TestKey::generate(SignatureAlgorithm::EcdsaP256Sha256);
    let spki = key.spki();
    let good = issuance(&spki);
    let ca = Issuer { certificate: &PKI.issuing.certificate, algorithm: key.algorithm() };
    let fault = |issuance: &Issuance<'_>, issuer: &Issuer<'_>, name: &str| {
        seal(issuance, issuer, &person(name)).unwrap_err()
    };
    assert_eq!(fault(&good, &ca, " "), ProfileError::Text("organization"));
    assert_eq!(fault(&good, &ca, "a\nb"), ProfileError::Text("organization"));
    assert_eq!(fault(&good, &ca, &"é".repeat(257)), ProfileError::Text("organization"));
    let not_ca = Issuer { certificate: &PKI.seal.certificate, ..ca };
    assert_eq!(fault(&good, &not_ca, "Cabinet"), ProfileError::IssuerNotCa);
    let other = Issuer { algorithm: SignatureAlgorithm::RsaPkcs1Sha256, ..ca };
    assert_eq!(fault(&good, &other, "Cabinet"), ProfileError::Algorithm);
    let late = Issuance { not_after: "2046-01-01T00:00:00Z".parse().unwrap(), ..good.clone() };
    assert_eq!(fault(&late, &ca, "Cabinet"), ProfileError::Validity);
    let empty = Issuance { not_after: good.not_before, ..good.clone() };
    assert_eq!(fault(&empty, &ca, "Cabinet"), ProfileError::Validity);
    let keyless = Issuance { public_key: b"no key", ..good };
    assert_eq!(fault(&keyless, &ca, "Cabinet"), ProfileError::Key);
}

#[test]
fn anothers_signature_is_not_taken() {
    let (key, other) = (
        TestKey::generate(SignatureAlgorithm::EcdsaP256Sha256),
        TestKey::generate(SignatureAlgorithm::EcdsaP256Sha256),
    );
    let spki = key.spki();
    let name = AuthorityName { organization: "Cabinet", siren: siren(), common_name: "Racine" };
    let tbs = root_ca(&issuance(&spki), key.algorithm(), &name).unwrap();
    let wrong = tbs.signed(&other.sign(tbs.to_be_signed()));
    assert!(matches!(wrong, Err(WrongSignature::Signature(_))));
    let stored = serde_json::to_string(&tbs).unwrap();
    let again: crate::profile::TbsCertificate = serde_json::from_str(&stored).unwrap();
    assert!(again.signed(&key.sign(again.to_be_signed())).is_ok());
}

#[test]
fn pem_and_records_come_back() {
    let chain = PKI.seal_chain();
    let bundle: String =
        chain.iter().map(|one| format!("# {}\n{}", one.subject(), one.to_pem())).collect();
    assert_eq!(Certificate::from_pem_bundle(bundle.as_bytes()).unwrap(), chain);
    let windows = bundle.replace('\n', "\r\n");
    assert_eq!(Certificate::from_pem_bundle(windows.as_bytes()).unwrap(), chain);
    let wide = bundle.replace("\nMII", "\n  MII").replace('\n', "\n\n");
    assert_eq!(Certificate::from_pem_bundle(wide.as_bytes()).unwrap(), chain);
    let latin1 = [b"Propri\xe9taire\n", bundle.as_bytes()].concat();
    assert_eq!(Certificate::from_pem_bundle(&latin1).unwrap(), chain);
    let unended = bundle.trim_end();
    assert_eq!(Certificate::from_pem_bundle(unended.as_bytes()).unwrap(), chain);
    assert_eq!(Certificate::from_pem_bundle(b"text"), Err(CertificateError::NoCertificate));
    let cut = &bundle[..bundle.len() - 60];
    assert_eq!(Certificate::from_pem_bundle(cut.as_bytes()), Err(CertificateError::Pem));
    let record = serde_json::to_string(&chain).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Certificate>>(&record).unwrap(), chain);
}

fn person(organization: &str) -> LegalPerson<'_> {
    LegalPerson { organization, siren: siren(), common_name: "Cachet" }
}

fn siren() -> Siren {
    Siren::parse("732829320").unwrap()
}

fn issuance(public_key: &[u8]) -> Issuance<'_> {
    Issuance {
        serial: [0xff; 16],
        not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2029-01-01T00:00:00Z".parse().unwrap(),
        public_key,
        services: &Services::NONE,
    }
}
