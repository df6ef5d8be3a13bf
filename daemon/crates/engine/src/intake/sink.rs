//! Where a dropped document's bytes go: the blob store, hashed in the same pass, durable before
//! anybody hears of them.

use sceau_disk::{Dir, DiskError, ReadFile};
use sceau_intake::{DocumentSink, DocumentWriter, SinkError, Stored};
use sceau_store::{BlobStore, BlobWriter};
use std::sync::Arc;

/// The blob store as a sink.
#[derive(Clone, Debug)]
pub struct BlobSink {
    /// The store.
    pub blobs: BlobStore,
    /// Its directory, for the free space.
    pub dir: Arc<dyn Dir>,
    /// Nothing new is taken below this many free bytes (twice the document is needed besides: the
    /// original and the sealed one).
    pub min_free_bytes: u64,
}

impl BlobSink {
    /// A new blob for a document of about `len` bytes, where there is room for it.
    pub fn writer(&self, len: u64) -> Result<BlobWriter, SinkError> {
        let space = self.dir.space().map_err(|error| state(&error))?;
        if space.free_bytes < self.min_free_bytes.saturating_add(len.saturating_mul(2)) {
            return Err(SinkError::Full);
        }
        self.blobs.writer().map_err(|error| state(&error))
    }
}

impl DocumentSink for BlobSink {
    fn begin(&self, len: u64) -> Result<Box<dyn DocumentWriter>, SinkError> {
        Ok(Box::new(Writer(self.writer(len)?)))
    }
}

struct Writer(BlobWriter);

impl DocumentWriter for Writer {
    fn copy_from(&mut self, src: &dyn ReadFile, offset: u64, len: u64) -> Result<u64, SinkError> {
        self.0.copy_from(src, offset, len).map_err(|error| match error.op() {
            "read" => SinkError::Source(error),
            _ => state(&error),
        })
    }

    fn finish(self: Box<Self>) -> Result<Stored, SinkError> {
        let stored = self.0.finish().map_err(|error| state(&error))?;
        Ok(Stored { digest: stored.id.0, len: stored.len })
    }
}

fn state(error: &DiskError) -> SinkError {
    match error {
        DiskError::NoSpace { .. } => SinkError::Full,
        other => SinkError::State(other.to_string()),
    }
}
