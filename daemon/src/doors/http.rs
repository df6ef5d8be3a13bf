//! HTTP: the web room's ports over the blob store, TLS from its files, and the server.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use sceau_disk::{DiskError, ReadFile};
use sceau_engine::clock::{Clock, SystemClock};
use sceau_engine::documents::OpenDocument;
use sceau_engine::handle::Handle;
use sceau_engine::intake::BlobSink;
use sceau_engine::verification::validate;
use sceau_intake::SinkError;
use sceau_pades::ValidationOptions;
use sceau_pki::TrustAnchors;
use sceau_store::{BlobId, BlobStore, BlobWriter};
use sceau_web::rustls::ServerConfig;
use sceau_web::rustls::crypto::aws_lc_rs::default_provider;
use sceau_web::rustls::pki_types::pem::PemObject;
use sceau_web::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use sceau_web::{
    App, Document, Documents, PublicPki, Server, Upload, UploadError, Uploads, Verifier,
    VerifyError, router,
};
use sceau_workflow::machine::{Digest, DocumentRef};
use tokio::runtime::Runtime;

use crate::config::{HttpConfig, TlsConfig};
use crate::run::{CurrentWorkflows, Readiness, StartError};

/// How long requests under way have at the end.
const PATIENCE: Duration = Duration::from_secs(10);

/// Listens where the configuration says.
pub(super) fn open(
    http: &HttpConfig,
    workflows: &Arc<CurrentWorkflows>,
    handle: &Handle,
    readiness: &Readiness,
    sink: &BlobSink,
    (anchors, pki): (&Arc<TrustAnchors>, Option<Arc<dyn PublicPki>>),
    runtime: &Runtime,
) -> Result<Server, StartError> {
    let (readiness, workflows) = (readiness.clone(), Arc::clone(workflows));
    let app = App {
        handle: handle.clone(),
        uploads: Arc::new(Room(sink.clone())),
        documents: Arc::new(Shelf(sink.blobs.clone())),
        verifier: verifier(&sink.blobs, anchors),
        readiness: Arc::new(move || readiness.missing()),
        workflows: Arc::new(move |name| workflows.declared(name)),
        pki,
        max_upload: http.max_upload,
        clock: Arc::new(SystemClock),
    };
    let tls = http.tls.as_ref().map(tls).transpose()?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let server = Server::open(http.listen, tls, router(app), runtime.handle());
    let what = || format!("[http] listen = \"{}\"", http.listen);
    let server = server.map_err(|source| StartError::Socket { what: what(), source })?;
    tracing::info!(address = %server.address(), scheme, "HTTP");
    Ok(server)
}

/// Lets requests come to their end, for a bounded time.
pub(super) fn close(server: Server, runtime: &Runtime) {
    runtime.block_on(server.close(PATIENCE));
}

fn tls(files: &TlsConfig) -> Result<ServerConfig, StartError> {
    let fault = |path: &Path, why: &dyn std::fmt::Display| {
        StartError::Configuration(format!("{}: {why}", path.display()))
    };
    let read = |path: &Path| std::fs::read(path).map_err(|error| fault(path, &error));
    let chain = CertificateDer::pem_slice_iter(&read(&files.certificate)?)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| fault(&files.certificate, &error))?;
    let key = PrivateKeyDer::from_pem_slice(&read(&files.key)?)
        .map_err(|error| fault(&files.key, &error))?;
    ServerConfig::builder_with_provider(Arc::new(default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| fault(&files.certificate, &error))?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| fault(&files.certificate, &error))
}

/// Uploads go where dropped files go.
struct Room(BlobSink);

impl Uploads for Room {
    fn begin(&self, len: u64) -> Result<Box<dyn Upload>, UploadError> {
        let writer = self.0.writer(len).map_err(|error| match error {
            SinkError::Busy | SinkError::Full => UploadError::Full,
            other => UploadError::Broken(other.to_string()),
        })?;
        Ok(Box::new(Incoming(writer)))
    }
}

struct Incoming(BlobWriter);

impl Upload for Incoming {
    fn write(&mut self, bytes: &[u8]) -> Result<(), UploadError> {
        self.0.write(bytes).map_err(|error| refused(&error))
    }

    fn finish(self: Box<Self>) -> Result<DocumentRef, UploadError> {
        let stored = self.0.finish().map_err(|error| refused(&error))?;
        Ok(DocumentRef { digest: Digest::new(stored.id.0), len: stored.len })
    }
}

fn refused(error: &DiskError) -> UploadError {
    match error {
        DiskError::NoSpace { .. } => UploadError::Full,
        other => UploadError::Broken(other.to_string()),
    }
}

/// Judges what was uploaded, for now, with the anchors of this daemon.
fn verifier(blobs: &BlobStore, anchors: &Arc<TrustAnchors>) -> Verifier {
    let (blobs, anchors) = (blobs.clone(), Arc::clone(anchors));
    Arc::new(move |document| {
        let broken = |error: &dyn std::fmt::Display| VerifyError::Broken(error.to_string());
        let source = OpenDocument::open(&blobs, document).map_err(|error| broken(&error))?;
        let options = ValidationOptions::new(TrustAnchors::clone(&anchors), SystemClock.now());
        let report = validate(&source, &options).map_err(|error| match error.fault() {
            sceau_pdf::Fault::Medium => broken(&error),
            _ => VerifyError::Unreadable(error.to_string()),
        })?;
        serde_json::to_value(&report).map_err(|error| broken(&error))
    })
}

/// Documents come from the blob store.
struct Shelf(BlobStore);

impl Documents for Shelf {
    fn open(&self, document: &DocumentRef) -> io::Result<Arc<dyn Document>> {
        let file = self.0.read(&BlobId(*document.digest.bytes())).map_err(io::Error::other)?;
        Ok(Arc::new(Open(file)))
    }
}

struct Open(Box<dyn ReadFile>);

impl Document for Open {
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        self.0.read_at(offset, buf).map_err(io::Error::other)
    }
}
