//! The core against servers of this machine.
#![allow(clippy::unwrap_used)]

use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::connect::trusting;
use crate::target::Schemes;

const CERTIFICATE: &[u8] = include_bytes!("../../../web/fixtures/localhost.pem");
const KEY: &[u8] = include_bytes!("../../../web/fixtures/localhost.key");

const GET: Ask<'_> = Ask { method: "GET", headers: &[], body: &[] };
const POST: Ask<'_> = Ask { method: "POST", headers: &[("content-type", "a/b")], body: b"QUERY" };

fn bounds() -> Bounds {
    Bounds {
        schemes: Schemes::HttpAndHttps,
        allow_private: true,
        redirects: 3,
        answer: 1000,
        total: Duration::from_secs(20),
    }
}

/// Where a server is; it answers every connection with the same bytes and then waits.
async fn serve(tls: bool, answer: Vec<u8>) -> u16 {
    serve_at("127.0.0.1:0", tls, answer).await
}

async fn serve_at(place: &str, tls: bool, answer: Vec<u8>) -> u16 {
    let listener = TcpListener::bind(place).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = tls.then(acceptor);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, answer) = (acceptor.clone(), answer.clone());
            tokio::spawn(async move {
                match acceptor {
                    None => speak(stream, &answer).await,
                    Some(acceptor) => match acceptor.accept(stream).await {
                        Ok(stream) => speak(stream, &answer).await,
                        Err(_) => Some(()),
                    },
                }
            });
        }
    });
    port
}

async fn speak(mut stream: impl AsyncRead + AsyncWrite + Unpin, answer: &[u8]) -> Option<()> {
    let mut seen = [0; 4096];
    let _ = stream.read(&mut seen).await.ok()?;
    stream.write_all(answer).await.ok()?;
    stream.flush().await.ok()?;
    tokio::time::sleep(Duration::from_secs(60)).await;
    Some(())
}

fn acceptor() -> TlsAcceptor {
    let chain = CertificateDer::pem_slice_iter(CERTIFICATE).collect::<Result<_, _>>().unwrap();
    let key = PrivateKeyDer::from_pem_slice(KEY).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider);
    let config = config.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    TlsAcceptor::from(Arc::new(config.with_single_cert(chain, key).unwrap()))
}

/// Trusts the certificate of [`acceptor`].
fn its_roots() -> Result<Arc<ClientConfig>, Fault> {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(CERTIFICATE).unwrap()).unwrap();
    trusting(roots)
}

fn no_roots() -> Result<Arc<ClientConfig>, Fault> {
    Err(Fault::NoTlsRoots("none".to_owned()))
}

fn target(url: &str) -> Target {
    Target::parse(url, Schemes::HttpAndHttps).unwrap()
}

async fn ask(url: &str, ask: &Ask<'_>, bounds: &Bounds) -> Result<Answer, OutboundError> {
    Exchange { ask, bounds, roots: its_roots, is_public }.with(&target(url)).await
}

fn ok(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nX-A: b\r\n\r\n{body}", body.len()).into()
}

fn found(location: &str) -> Vec<u8> {
    format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n").into()
}

#[tokio::test]
async fn a_name_over_tls_is_judged_by_its_roots() {
    let port = serve(true, ok("sure")).await;
    let url = format!("https://localhost:{port}/a");
    let answer = ask(&url, &GET, &bounds()).await.unwrap();
    assert_eq!((answer.status, answer.body.as_slice()), (200, &b"sure"[..]));
    assert_eq!((answer.header("x-a"), answer.url.as_str()), (Some("b"), url.as_str()));
    let others = exchange(&target(&url), &GET, &bounds()).await.unwrap_err();
    assert!(matches!(others.fault, Fault::Tls(_) | Fault::NoTlsRoots(_)), "{others}");
    let none = Exchange { ask: &GET, bounds: &bounds(), roots: no_roots, is_public }
        .with(&target(&url))
        .await
        .unwrap_err();
    assert!(matches!(none.fault, Fault::NoTlsRoots(_)), "{none}");
    let by_number = format!("https://127.0.0.1:{port}/a");
    let other_name = ask(&by_number, &GET, &bounds()).await.unwrap_err();
    assert!(matches!(other_name.fault, Fault::Tls(_)), "{other_name}");
}

#[tokio::test]
async fn who_speaks_no_tls_is_not_spoken_to_without() {
    let port = serve(false, ok("plain")).await;
    let error = ask(&format!("https://localhost:{port}/"), &GET, &bounds()).await.unwrap_err();
    assert!(matches!(error.fault, Fault::Tls(_)), "{error}");
}

#[tokio::test]
async fn no_redirect_leads_out_of_tls() {
    let plain = serve(false, ok("plain")).await;
    let port = serve(true, found(&format!("http://localhost:{plain}/"))).await;
    let error = ask(&format!("https://localhost:{port}/"), &GET, &bounds()).await.unwrap_err();
    assert!(matches!(error.fault, Fault::BadUrl(_)), "{error}");
    let tls = serve(true, ok("sure")).await;
    let port = serve(false, found(&format!("https://localhost:{tls}/"))).await;
    let url = format!("http://localhost:{port}/");
    assert_eq!(ask(&url, &GET, &bounds()).await.unwrap().body, b"sure");
    let http_only = Bounds { schemes: Schemes::Http, ..bounds() };
    let error = ask(&url, &GET, &http_only).await.unwrap_err();
    assert!(matches!(error.fault, Fault::BadUrl("only http is spoken")), "{error}");
}

#[tokio::test]
async fn redirects_are_counted_and_of_a_get_only() {
    let last = serve(false, ok("end")).await;
    let mut url = format!("http://127.0.0.1:{last}/");
    for _ in 0..3 {
        url = format!("http://127.0.0.1:{}/", serve(false, found(&url)).await);
    }
    assert_eq!(ask(&url, &GET, &bounds()).await.unwrap().body, b"end");
    let fewer = Bounds { redirects: 2, ..bounds() };
    let error = ask(&url, &GET, &fewer).await.unwrap_err();
    assert!(matches!(error.fault, Fault::Redirects), "{error}");
    let none = Bounds { redirects: 0, ..bounds() };
    assert_eq!(ask(&url, &GET, &none).await.unwrap().status, 302);
    assert_eq!(ask(&url, &POST, &bounds()).await.unwrap().status, 302);
}

#[tokio::test]
async fn a_private_address_is_connected_to_by_nobody_who_may_not() {
    let port = serve(false, ok("ours")).await;
    let strict = Bounds { allow_private: false, ..bounds() };
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "127.1", "0x7f000001"] {
        let error = ask(&format!("http://{host}:{port}/"), &GET, &strict).await.unwrap_err();
        assert!(matches!(error.fault, Fault::Private(_)), "{host}: {error}");
    }
}

/// Here 127.0.0.2 stands for the public internet.
#[tokio::test]
async fn a_redirect_from_outside_leads_to_no_private_address() {
    let ours = serve(false, ok("ours")).await;
    let strict = Bounds { allow_private: false, ..bounds() };
    let public: Judge = |address| address == IpAddr::from([127, 0, 0, 2]);
    let ask = |port: u16| {
        let url = format!("http://127.0.0.2:{port}/");
        let exchange = Exchange { ask: &GET, bounds: &strict, roots: its_roots, is_public: public };
        async move { exchange.with(&target(&url)).await }
    };
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        for location in [format!("http://{host}:{ours}/"), format!("//{host}:{ours}/")] {
            let from = serve_at("127.0.0.2:0", false, found(&location)).await;
            let error = ask(from).await.unwrap_err();
            assert!(matches!(error.fault, Fault::Private(_)), "{location}: {error}");
        }
    }
    let target = serve_at("127.0.0.2:0", false, ok("theirs")).await;
    let from = serve_at("127.0.0.2:0", false, found(&format!("//127.0.0.2:{target}/"))).await;
    assert_eq!(ask(from).await.unwrap().body, b"theirs");
}

/// The same server again, which redirects for ever.
#[tokio::test]
async fn a_relative_redirect_is_followed_and_counted() {
    let port = serve(false, found("again?and=again")).await;
    let error = ask(&format!("http://127.0.0.1:{port}/a/b"), &GET, &bounds()).await.unwrap_err();
    assert!(matches!(error.fault, Fault::Redirects), "{error}");
    let last = serve(false, ok("end")).await;
    let port = serve(false, found(&format!("//127.0.0.1:{last}/a"))).await;
    let answer = ask(&format!("http://127.0.0.1:{port}/"), &GET, &bounds()).await.unwrap();
    assert_eq!((answer.body, answer.url), (b"end".to_vec(), format!("http://127.0.0.1:{last}/a")));
}

#[tokio::test]
async fn an_answer_stays_within_its_bounds() {
    let exact = Bounds { answer: 4, ..bounds() };
    let url = format!("http://127.0.0.1:{}/", serve(false, ok("four")).await);
    assert_eq!(ask(&url, &GET, &exact).await.unwrap().body, b"four");
    let less = Bounds { answer: 3, ..bounds() };
    let error = ask(&url, &GET, &less).await.unwrap_err();
    assert!(matches!(error.fault, Fault::TooLarge(3)), "{error}");
    let chunks =
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nfo\r\n2\r\nur\r\n0\r\n\r\n";
    let url = format!("http://127.0.0.1:{}/", serve(false, chunks.to_vec()).await);
    assert_eq!(ask(&url, &GET, &exact).await.unwrap().body, b"four");
    let error = ask(&url, &GET, &less).await.unwrap_err();
    assert!(matches!(error.fault, Fault::TooLarge(3)), "{error}");
    let crowd = "X: y\r\n".repeat(MOST_HEADERS + 1);
    let port = serve(false, format!("HTTP/1.1 200 OK\r\n{crowd}\r\n").into()).await;
    let error = ask(&format!("http://127.0.0.1:{port}/"), &GET, &bounds()).await.unwrap_err();
    assert!(matches!(error.fault, Fault::Broken(_)), "{error}");
}

/// The body is part of the time; so is the agreement about TLS.
#[tokio::test]
async fn time_is_bounded_to_the_last_byte() {
    let hasty = Bounds { total: Duration::from_millis(300), ..bounds() };
    let half = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf".to_vec();
    let url = format!("http://127.0.0.1:{}/", serve(false, half).await);
    let mute = format!("https://localhost:{}/", mute().await);
    for url in [url, mute] {
        let began = Instant::now();
        let error = ask(&url, &GET, &hasty).await.unwrap_err();
        assert!(matches!(error.fault, Fault::TimedOut(_)), "{url}: {error}");
        assert!(began.elapsed() < Duration::from_secs(5), "{url}");
    }
}

/// Accepts connections and says nothing.
async fn mute() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut kept = Vec::new();
        while let Ok((stream, _)) = listener.accept().await {
            kept.push(stream);
        }
    });
    port
}

#[tokio::test]
async fn what_makes_no_request_is_not_sent() {
    let url = format!("http://127.0.0.1:{}/", serve(false, ok("any")).await);
    for bad in [
        Ask { method: "GE T", ..GET },
        Ask { headers: &[("a b", "c")], ..GET },
        Ask { headers: &[("a", "b\r\nc: d")], ..GET },
    ] {
        let error = ask(&url, &bad, &bounds()).await.unwrap_err();
        assert!(matches!(error.fault, Fault::BadRequest(_)), "{bad:?}: {error}");
    }
}
