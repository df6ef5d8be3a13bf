//! Accepting connections, over TLS where it is configured, until the end is asked for.

use std::io;
use std::net::{SocketAddr, TcpListener as StdListener};
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;

/// Most connections at one time; more wait in the system's queue.
const MOST_CONNECTIONS: usize = 512;
/// How long a TLS handshake may take.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long the head of a request may take; also how long a connection may lie idle.
const HEAD: Duration = Duration::from_secs(30);
/// The longest head of a request, in bytes.
const HEAD_BYTES: u32 = 32 << 10;
/// Requests side by side on one HTTP/2 connection.
const STREAMS: u32 = 32;
/// Pause after the system gave no connection (no more file handles, say).
const PAUSE: Duration = Duration::from_millis(200);

/// The server; it runs until [`Server::close`].
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Server {
    /// Binds `listen` (port 0: any free one) and serves there on the runtime.
    ///
    /// # Errors
    /// The address is taken, not ours, or not allowed.
    pub fn open(
        listen: SocketAddr,
        tls: Option<ServerConfig>,
        routes: Router,
        runtime: &Handle,
    ) -> io::Result<Self> {
        let listener = StdListener::bind(listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let _inside = runtime.enter();
        let listener = TcpListener::from_std(listener)?;
        let (stop, stopping) = watch::channel(false);
        let tls = tls.map(|mut config| {
            config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            TlsAcceptor::from(Arc::new(config))
        });
        let task = runtime.spawn(serve(listener, Line { tls, routes }, stopping));
        Ok(Self { address, stop, task })
    }

    /// Where it really listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes nothing new, lets what runs come to its end for at most `patience`, cuts off the rest.
    pub async fn close(self, patience: Duration) {
        let _ = self.stop.send(true);
        let mut task = self.task;
        if tokio::time::timeout(patience, &mut task).await.is_err() {
            tracing::warn!("requests were still under way at the end; they are cut off");
            task.abort();
        }
    }
}

/// What one connection needs.
#[derive(Clone)]
struct Line {
    tls: Option<TlsAcceptor>,
    routes: Router,
}

/// Accepts until the end; dropping it ends all its connections.
async fn serve(listener: TcpListener, line: Line, mut stopping: watch::Receiver<bool>) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    let graceful = GracefulShutdown::new();
    let mut connections = JoinSet::new();
    loop {
        let permit = tokio::select! {
            permit = Arc::clone(&room).acquire_owned() => permit,
            _ = stopping.changed() => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stopping.changed() => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let (line, watcher) = (line.clone(), graceful.watcher());
                connections.spawn(async move {
                    line.connection(stream, watcher).await;
                    drop(permit);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    graceful.shutdown().await;
    while connections.join_next().await.is_some() {}
}

impl Line {
    async fn connection(self, stream: TcpStream, watcher: Watcher) {
        let _ = stream.set_nodelay(true);
        let Some(tls) = self.tls.clone() else {
            return self.speak(stream, false, watcher).await;
        };
        match tokio::time::timeout(HANDSHAKE, tls.accept(stream)).await {
            Ok(Ok(stream)) => {
                let h2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                self.speak(stream, h2, watcher).await;
            }
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    /// HTTP/2 only where TLS agreed on it (ALPN); HTTP/1.1 otherwise.
    async fn speak(
        self,
        stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
        h2: bool,
        watcher: Watcher,
    ) {
        let mut builder = Builder::new(TokioExecutor::new());
        builder
            .http1()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD)
            .max_buf_size(HEAD_BYTES as usize)
            .max_headers(100);
        builder
            .http2()
            .timer(TokioTimer::new())
            .max_header_list_size(HEAD_BYTES)
            .max_concurrent_streams(STREAMS)
            .keep_alive_interval(HEAD)
            .keep_alive_timeout(HANDSHAKE);
        let builder = if h2 { builder.http2_only() } else { builder.http1_only() };
        let service = TowerToHyperService::new(self.routes);
        let connection = builder.serve_connection(TokioIo::new(stream), service).into_owned();
        if let Err(error) = watcher.watch(connection).await {
            tracing::debug!(%error, "a connection ended early");
        }
    }
}
