//! The bytes of a document on their way into the store: looked at at their head, counted, written
//! and hashed in one pass by a thread that may block.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use sceau_workflow::machine::DocumentRef;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::body::Dry;
use crate::ports::{App, Upload, UploadError, Uploads};
use crate::problem::{Code, Problem};

/// How far from the start `%PDF-` may stand, in bytes (ISO 32000-1, annex H, note 13).
const HEAD: usize = 1024;
/// Pieces that wait for the writing thread.
const PIECES: usize = 4;
/// How long the next piece may be awaited.
const PATIENCE: Duration = Duration::from_secs(30);

/// Keeps a document whose bytes come from `pieces`; `len` is its announced length, or 0.
///
/// Nothing is written before its head is that of a PDF; whatever ends early leaves nothing behind.
pub(super) async fn keep(
    app: &App,
    mut pieces: impl Stream<Item = Result<Bytes, Dry>> + Unpin,
    len: u64,
) -> Result<DocumentRef, Problem> {
    let mut head = BytesMut::new();
    while head.len() < HEAD {
        match next(app, &mut pieces).await? {
            Some(piece) => head.extend_from_slice(&piece),
            None => break,
        }
    }
    if !is_pdf(&head) {
        return Err(Problem::new(Code::NotAPdf));
    }
    let scribe = Scribe::start(app, len);
    scribe.write(head.freeze()).await;
    while let Some(piece) = next(app, &mut pieces).await? {
        if !scribe.write(piece).await {
            break;
        }
    }
    scribe.finish().await
}

async fn next(
    app: &App,
    pieces: &mut (impl Stream<Item = Result<Bytes, Dry>> + Unpin),
) -> Result<Option<Bytes>, Problem> {
    match tokio::time::timeout(PATIENCE, pieces.next()).await {
        Err(_) => Err(Problem::new(Code::RequestTooSlow)),
        Ok(None) => Ok(None),
        Ok(Some(Ok(piece))) => Ok(Some(piece)),
        Ok(Some(Err(Dry::TooMuch))) => Err(too_large(app.max_upload)),
        Ok(Some(Err(Dry::Broken))) => Err(Problem::new(Code::RequestMalformed)),
    }
}

/// The document is longer than `most` bytes.
pub(super) fn too_large(most: u64) -> Problem {
    Problem::new(Code::TooLarge).because(
        format!("Au plus {most} octets sont acceptés."),
        format!("At most {most} bytes are taken."),
    )
}

fn is_pdf(head: &[u8]) -> bool {
    let head = &head[..head.len().min(HEAD)];
    head.windows(5).any(|window| window == b"%PDF-")
}

/// The thread that writes. Dropped before [`Scribe::finish`], it throws away what it wrote.
struct Scribe {
    pieces: mpsc::Sender<Piece>,
    thread: JoinHandle<Result<DocumentRef, Stop>>,
}

enum Piece {
    Bytes(Bytes),
    End,
}

enum Stop {
    Upload(UploadError),
    /// Nobody said that this was all.
    Abandoned,
}

impl Scribe {
    fn start(app: &App, len: u64) -> Self {
        let (pieces, inbox) = mpsc::channel(PIECES);
        let uploads = std::sync::Arc::clone(&app.uploads);
        let thread = tokio::task::spawn_blocking(move || write(uploads.as_ref(), len, inbox));
        Self { pieces, thread }
    }

    /// False when the thread has stopped; [`Scribe::finish`] tells why.
    async fn write(&self, piece: Bytes) -> bool {
        self.pieces.send(Piece::Bytes(piece)).await.is_ok()
    }

    async fn finish(self) -> Result<DocumentRef, Problem> {
        let _ = self.pieces.send(Piece::End).await;
        match self.thread.await {
            Ok(Ok(document)) => Ok(document),
            Ok(Err(Stop::Upload(UploadError::Full))) => Err(Problem::new(Code::DiskFull)),
            Ok(Err(Stop::Upload(UploadError::Broken(error)))) => {
                tracing::error!(error, "a document could not be kept");
                Err(Problem::new(Code::Internal))
            }
            Ok(Err(Stop::Abandoned)) | Err(_) => Err(Problem::new(Code::Internal)),
        }
    }
}

fn write(
    uploads: &dyn Uploads,
    len: u64,
    mut inbox: mpsc::Receiver<Piece>,
) -> Result<DocumentRef, Stop> {
    let mut upload: Box<dyn Upload> = uploads.begin(len).map_err(Stop::Upload)?;
    loop {
        match inbox.blocking_recv() {
            Some(Piece::Bytes(bytes)) => upload.write(&bytes).map_err(Stop::Upload)?,
            Some(Piece::End) => return upload.finish().map_err(Stop::Upload),
            None => return Err(Stop::Abandoned),
        }
    }
}
