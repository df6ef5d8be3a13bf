//! From a name to a connection with an address that was judged.

use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::bounds::{CONNECT_TIMEOUT, MOST_ADDRESSES};
use crate::error::{Fault, causes};
use crate::target::Target;

/// Whom TLS trusts.
pub(crate) type Roots = fn() -> Result<Arc<ClientConfig>, Fault>;

/// Which addresses may be connected to.
pub(crate) type Judge = fn(IpAddr) -> bool;

/// All of them.
pub(crate) fn anywhere(_address: IpAddr) -> bool {
    true
}

/// A connection, with TLS or without.
pub(crate) trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send> Stream for S {}

/// Resolves, judges, connects; over TLS where the address says so.
pub(crate) async fn connect(
    target: &Target,
    may: Judge,
    roots: Roots,
) -> Result<Pin<Box<dyn Stream>>, Fault> {
    // Before anybody is asked: a machine without roots asks nobody over TLS.
    let tls = target.tls.then(roots).transpose()?;
    let stream = first_of(&resolve(target, may).await?).await?;
    let Some(config) = tls else { return Ok(Box::pin(stream)) };
    let name = ServerName::try_from(target.host.clone()).map_err(|e| Fault::Tls(causes(&e)))?;
    let agreed = TlsConnector::from(config).connect(name, stream).await;
    Ok(Box::pin(agreed.map_err(|error| Fault::Tls(causes(&error)))?))
}

/// The addresses that may be connected to. All that the name has must be allowed, so that a name that
/// leads to several cannot be tried until the wrong one is met. Version 4 comes first: many networks
/// announce version 6 without having it.
async fn resolve(target: &Target, may: Judge) -> Result<Vec<SocketAddr>, Fault> {
    let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
    let mut found: Vec<SocketAddr> = found.map_err(|e| Fault::Dns(causes(&e)))?.collect();
    if let Some(own) = found.iter().find(|one| !may(one.ip())) {
        return Err(Fault::Private(own.ip()));
    }
    found.sort_by_key(SocketAddr::is_ipv6);
    found.truncate(MOST_ADDRESSES);
    Ok(found)
}

/// The first of them that answers.
async fn first_of(addresses: &[SocketAddr]) -> Result<TcpStream, Fault> {
    let mut trouble = Fault::Dns("it has no address".to_owned());
    for address in addresses {
        match tokio::time::timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(error)) => trouble = Fault::Connect(causes(&error)),
            Err(_) => trouble = Fault::Connect(format!("{} did not answer", address.ip())),
        }
    }
    Err(trouble)
}

/// The system's certification authorities, read once by this process; tried again while there are none.
pub(crate) fn system_roots() -> Result<Arc<ClientConfig>, Fault> {
    static CONFIG: OnceLock<Arc<ClientConfig>> = OnceLock::new();
    if let Some(config) = CONFIG.get() {
        return Ok(config.clone());
    }
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        let why = found.errors.first().map_or("none was found".to_owned(), ToString::to_string);
        return Err(Fault::NoTlsRoots(why));
    }
    let config = trusting(roots)?;
    Ok(CONFIG.get_or_init(|| config).clone())
}

/// A configuration that trusts these and no others.
pub(crate) fn trusting(roots: RootCertStore) -> Result<Arc<ClientConfig>, Fault> {
    let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| Fault::NoTlsRoots(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
