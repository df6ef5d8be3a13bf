//! HTTP out for plugins. Names are resolved here, addresses that are not public are refused, and
//! the connection goes to the very address that was looked at; no redirect, proxy or cookie.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::header::{HOST, USER_AGENT};
use hyper::{Request, Response};
use hyper_rustls::ConfigBuilderExt as _;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use sceau_plugin_host::ports::{Http, HttpError, HttpRequest, HttpResponse, Target};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

/// Most headers of an answer that are handed on.
const MOST_HEADERS: usize = 100;

/// The network.
pub struct NetworkHttp {
    runtime: tokio::runtime::Handle,
    tls: Option<Arc<ClientConfig>>,
}

impl NetworkHttp {
    /// Requests run on `runtime`; certificates are judged by the system's authorities.
    pub fn new(runtime: tokio::runtime::Handle) -> Self {
        Self { runtime, tls: system_tls() }
    }
}

fn system_tls() -> Option<Arc<ClientConfig>> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .ok()?
        .with_native_roots()
        .ok()?
        .with_no_client_auth();
    Some(Arc::new(config))
}

impl Http for NetworkHttp {
    fn send(&self, request: HttpRequest, deadline: Instant) -> Result<HttpResponse, HttpError> {
        let tls = self.tls.clone();
        self.runtime.block_on(async move {
            let exchange = exchange(request, tls);
            match tokio::time::timeout_at(deadline.into(), exchange).await {
                Ok(answer) => answer,
                Err(_) => Err(HttpError::Timeout),
            }
        })
    }
}

async fn exchange(
    request: HttpRequest,
    tls: Option<Arc<ClientConfig>>,
) -> Result<HttpResponse, HttpError> {
    let address = resolve(&request.target, request.may_be_private).await?;
    let connect = |error: std::io::Error| HttpError::Connect(error.to_string());
    let stream = TcpStream::connect(address).await.map_err(connect)?;
    let most = request.most_body;
    let response = if request.target.cleartext {
        talk(stream, request).await?
    } else {
        let config = tls.ok_or_else(|| HttpError::Tls("no certification authorities".into()))?;
        let name = ServerName::try_from(request.target.host.clone())
            .map_err(|error| HttpError::Tls(error.to_string()))?;
        let stream = TlsConnector::from(config).connect(name, stream).await;
        talk(stream.map_err(|error| HttpError::Tls(error.to_string()))?, request).await?
    };
    answer(response, most).await
}

/// The address to connect to: every address of the name must be allowed, so that a name that leads
/// to several cannot be tried until the wrong one is met.
async fn resolve(target: &Target, may_be_private: bool) -> Result<SocketAddr, HttpError> {
    let found = tokio::net::lookup_host((target.host.as_str(), target.port)).await;
    let found = found.map_err(|error| HttpError::Dns(error.to_string()))?;
    let addresses: Vec<SocketAddr> = found.collect();
    if let Some(inner) = addresses.iter().find(|a| !may_be_private && !is_public(a.ip())) {
        return Err(HttpError::Private(inner.ip().to_string()));
    }
    addresses.first().copied().ok_or_else(|| HttpError::Dns("no address".to_owned()))
}

async fn talk<S>(
    stream: S,
    request: HttpRequest,
) -> Result<Response<hyper::body::Incoming>, HttpError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let other = |error: hyper::Error| HttpError::Other(error.to_string());
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(other)?;
    // The task ends with the connection, and the connection with `sender`.
    tokio::spawn(connection);
    sender.send_request(built(request)?).await.map_err(other)
}

fn built(request: HttpRequest) -> Result<Request<Full<Bytes>>, HttpError> {
    let Target { cleartext, host, port, path } = request.target;
    let usual = if cleartext { 80 } else { 443 };
    let name = if host.contains(':') { format!("[{host}]") } else { host };
    let authority = if port == usual { name } else { format!("{name}:{port}") };
    let mut builder = Request::builder()
        .method(request.method.as_str())
        .uri(path)
        .header(HOST, authority)
        .header(USER_AGENT, concat!("sceau/", env!("CARGO_PKG_VERSION")));
    for (name, value) in request.headers {
        builder = builder.header(name, value);
    }
    let body = Full::new(Bytes::from(request.body.unwrap_or_default()));
    builder.body(body).map_err(|error| HttpError::Other(error.to_string()))
}

async fn answer(
    response: Response<hyper::body::Incoming>,
    most: usize,
) -> Result<HttpResponse, HttpError> {
    let status = response.status().as_u16();
    let text =
        |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = response.headers().iter().take(MOST_HEADERS);
    let headers = headers.map(|(name, value)| (name.to_string(), text(value))).collect();
    let body =
        Limited::new(response.into_body(), most).collect().await.map_err(|error| {
            match error.downcast_ref::<LengthLimitError>() {
                Some(_) => HttpError::TooLarge(most as u64),
                None => HttpError::Other(error.to_string()),
            }
        })?;
    Ok(HttpResponse { status, headers, body: body.to_bytes().to_vec() })
}

/// Whether an address belongs to the public network (RFC 6890), its IPv4 forms in IPv6 included.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || v4.is_documentation()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (b == 18 || b == 19)))
        }
        IpAddr::V6(v6) => {
            if let Some(v4) = v6.to_ipv4() {
                return is_public(IpAddr::V4(v4));
            }
            let [a, b, ..] = v6.segments();
            let embeds = (a == 0x64 && b == 0xff9b) || a == 0x2002 || (a == 0x2001 && b == 0);
            // Only 2000::/3 is given out, less what is documentation or carries an IPv4 address.
            (a & 0xe000) == 0x2000 && !embeds && !(a == 0x2001 && b == 0xdb8)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_public_is_known() {
        for text in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "198.18.0.1",
            "192.0.0.1",
            "224.0.0.1",
            "255.255.255.255",
            "240.0.0.1",
            "::1",
            "::",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "fc00::1",
            "fd12::1",
            "fe80::1",
            "ff02::1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
            "2001:db8::1",
        ] {
            assert!(!is_public(text.parse().expect("an address")), "{text}");
        }
        for text in ["1.1.1.1", "93.184.216.34", "2606:4700::1111", "2a00:1450::1"] {
            assert!(is_public(text.parse().expect("an address")), "{text}");
        }
    }
}
