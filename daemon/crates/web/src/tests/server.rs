//! The server over real sockets: TLS with both protocols, and an end that cuts nothing short.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::routing::get;
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use http_body_util::BodyExt;
use hyper::client::conn::{http1, http2};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, ServerConfig};

use super::world::World;
use crate::Server;

const CHAIN: &[u8] = include_bytes!("../../fixtures/localhost.pem");
const KEY: &[u8] = include_bytes!("../../fixtures/localhost.key");

fn routes() -> Router {
    let slow = || async {
        tokio::time::sleep(Duration::from_millis(400)).await;
        "slow"
    };
    Router::new().route("/", get(|| async { "quick" })).route("/slow", get(slow))
}

fn open(tls: Option<ServerConfig>) -> Server {
    let here = ([127, 0, 0, 1], 0).into();
    Server::open(here, tls, routes(), &tokio::runtime::Handle::current()).unwrap()
}

fn identity() -> ServerConfig {
    let chain = CertificateDer::pem_slice_iter(CHAIN).collect::<Result<_, _>>().unwrap();
    ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_slice(KEY).unwrap())
        .unwrap()
}

fn client(protocol: &[u8]) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(CHAIN).unwrap()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![protocol.to_vec()];
    TlsConnector::from(Arc::new(config))
}

async fn fetch(mut stream: impl AsyncRead + AsyncWrite + Unpin, path: &str) -> String {
    let request = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn tls_speaks_both_protocols() {
    let server = open(Some(identity()));
    let name = || ServerName::try_from("localhost").unwrap();
    let socket = TcpStream::connect(server.address()).await.unwrap();
    let stream = client(b"http/1.1").connect(name(), socket).await.unwrap();
    assert!(fetch(stream, "/").await.ends_with("quick"));
    let socket = TcpStream::connect(server.address()).await.unwrap();
    let mut stream = client(b"h2").connect(name(), socket).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    // Preface and an empty SETTINGS frame (RFC 9113, 3.4); the answer begins with SETTINGS (type 4).
    stream.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0").await.unwrap();
    let mut frame = [0; 9];
    stream.read_exact(&mut frame).await.unwrap();
    assert_eq!(frame[3], 4);
    let plain = TcpStream::connect(server.address()).await.unwrap();
    assert!(!fetch(plain, "/").await.contains("quick"), "cleartext on a TLS port");
    server.close(Duration::from_millis(500)).await;
}

/// A refusal is heard by a sender who is still sending, over HTTP/2 and HTTP/1.1.
#[tokio::test]
async fn a_refusal_is_heard_in_the_midst_of_a_body() {
    let world = World::new();
    let here = ([127, 0, 0, 1], 0).into();
    let runtime = tokio::runtime::Handle::current();
    let server = Server::open(here, Some(identity()), world.routes.clone(), &runtime).unwrap();
    for protocol in [&b"h2"[..], b"http/1.1"] {
        let socket = TcpStream::connect(server.address()).await.unwrap();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TokioIo::new(client(protocol).connect(name, socket).await.unwrap());
        let pieces = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from(vec![b'x'; 16384])));
        let request = Request::post("https://localhost/api/v1/dossiers")
            .header("host", "localhost")
            .body(Body::from_stream(pieces.take(512)))
            .unwrap();
        let response = if protocol == b"h2" {
            let (mut sender, connection) =
                http2::handshake(TokioExecutor::new(), stream).await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request).await.unwrap()
        } else {
            let (mut sender, connection) = http1::handshake(stream).await.unwrap();
            tokio::spawn(connection);
            sender.send_request(request).await.unwrap()
        };
        assert_eq!(response.status(), 401);
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(body.ends_with(b"}"), "{body:?}");
    }
}

#[tokio::test]
async fn the_end_waits_for_what_is_under_way_and_takes_nothing_new() {
    let server = open(None);
    let address = server.address();
    let under_way =
        tokio::spawn(
            async move { fetch(TcpStream::connect(address).await.unwrap(), "/slow").await },
        );
    // Lies idle: it must not hold the end.
    let idle = TcpStream::connect(address).await.unwrap();
    tokio::time::sleep(Duration::from_millis(100)).await;
    let begun = std::time::Instant::now();
    server.close(Duration::from_secs(5)).await;
    assert!(begun.elapsed() < Duration::from_secs(3), "{:?}", begun.elapsed());
    assert!(under_way.await.unwrap().ends_with("slow"));
    assert!(TcpStream::connect(address).await.is_err());
    drop(idle);
}

#[tokio::test]
async fn the_end_has_a_deadline() {
    let server = open(None);
    let address = server.address();
    let cut =
        tokio::spawn(
            async move { fetch(TcpStream::connect(address).await.unwrap(), "/slow").await },
        );
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.close(Duration::from_millis(50)).await;
    assert_eq!(cut.await.unwrap(), "");
}

#[tokio::test]
async fn a_head_without_end_is_refused() {
    let server = open(None);
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let head = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Long: {}", "x".repeat(100_000));
    let _ = stream.write_all(head.as_bytes()).await;
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 431"), "{answer}");
}

#[tokio::test]
async fn a_taken_address_is_an_error() {
    let server = open(None);
    let again = Server::open(server.address(), None, routes(), &tokio::runtime::Handle::current());
    assert_eq!(again.unwrap_err().kind(), std::io::ErrorKind::AddrInUse);
}
