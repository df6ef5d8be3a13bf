//! What this room needs of the rest of the daemon.

use std::io;
use std::sync::Arc;

use sceau_engine::clock::Clock;
use sceau_engine::handle::Handle;
use sceau_workflow::definition::Parameter;
use sceau_workflow::machine::DocumentRef;
use serde_json::Value;

/// Tells what is not ready: (part, why); empty when all is. It may block.
pub type Readiness = Arc<dyn Fn() -> Vec<(String, String)> + Send + Sync>;

/// Judges the signatures of a document that was uploaded, and gives the report as JSON. It may block.
pub type Verifier = Arc<dyn Fn(&DocumentRef) -> Result<Value, VerifyError> + Send + Sync>;

/// Why nothing was judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VerifyError {
    /// The document cannot be read as a PDF.
    Unreadable(String),
    /// The state cannot be read.
    Broken(String),
}

/// What a document may tell the workflow of this name, as it is configured now; `None`: there is none.
pub type Declared = Arc<dyn Fn(&str) -> Option<Vec<Parameter>> + Send + Sync>;

/// Everything that the routes need. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// The engine.
    pub handle: Handle,
    /// Where uploaded documents go.
    pub uploads: Arc<dyn Uploads>,
    /// Where documents and evidence files are read.
    pub documents: Arc<dyn Documents>,
    /// Who judges signatures.
    pub verifier: Verifier,
    /// What is not ready.
    pub readiness: Readiness,
    /// What a document may tell a workflow.
    pub workflows: Declared,
    /// What our own authority tells the world; `None`: nothing.
    pub pki: Option<Arc<dyn PublicPki>>,
    /// The longest document that is taken, in bytes.
    pub max_upload: u64,
    /// The moment.
    pub clock: Arc<dyn Clock>,
}

/// What our own authority tells anybody who asks. All calls may block, and bound what they do.
pub trait PublicPki: Send + Sync {
    /// The OCSPResponse to an OCSPRequest (RFC 6960), both in DER.
    fn ocsp(&self, request: &[u8]) -> Vec<u8>;
    /// The issuing authority's revocation list in DER; `None`: not now.
    fn list(&self) -> Option<Vec<u8>>;
    /// The issuing authority's certificate in DER.
    fn issuing(&self) -> Vec<u8>;
    /// The root's certificate in DER.
    fn root(&self) -> Vec<u8>;
    /// The root's revocation list in DER, where there is one.
    fn root_list(&self) -> Option<Vec<u8>>;
    /// The TimeStampResp to a TimeStampReq (RFC 3161), both in DER; `None`: there is no unit here.
    fn timestamp(&self, request: &[u8]) -> Option<Vec<u8>>;
}

/// Where the bytes of a document are kept. All calls may block.
pub trait Uploads: Send + Sync {
    /// Makes room for a document of about `len` bytes (0: its length is not known).
    ///
    /// # Errors
    /// There is no room, or the state cannot be written.
    fn begin(&self, len: u64) -> Result<Box<dyn Upload>, UploadError>;
}

/// One document on its way in; dropped unfinished, it leaves nothing behind.
pub trait Upload: Send {
    /// Writes and hashes the next bytes.
    ///
    /// # Errors
    /// There is no room, or the state cannot be written.
    fn write(&mut self, bytes: &[u8]) -> Result<(), UploadError>;

    /// Makes it durable. After this a crash loses nothing of it.
    ///
    /// # Errors
    /// There is no room, or the state cannot be written.
    fn finish(self: Box<Self>) -> Result<DocumentRef, UploadError>;
}

/// Why a document cannot be kept; the machine is at fault, never the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UploadError {
    /// The disk is nearly full, or too much is under way: later.
    Full,
    /// The state cannot be written.
    Broken(String),
}

/// Where documents are read. All calls may block.
pub trait Documents: Send + Sync {
    /// Opens the document with these bytes.
    ///
    /// # Errors
    /// It is not there, or the state cannot be read.
    fn open(&self, document: &DocumentRef) -> io::Result<Arc<dyn Document>>;
}

/// A document that is open for reading.
pub trait Document: Send + Sync {
    /// Reads at an absolute offset; 0 means the end.
    ///
    /// # Errors
    /// The state cannot be read.
    fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<usize>;
}
