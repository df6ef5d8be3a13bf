//! Removing what nobody refers to.

use std::path::Path;
use std::time::Duration;

use sceau_disk::{DiskError, Kind, Meta, boundary};
use thiserror::Error;

use super::{BlobId, BlobStore, DRAFTS};
use crate::{StateStore, StoreError};

/// What an orphan collection did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Collected {
    /// Blobs removed.
    pub blobs: u64,
    /// Unfinished files removed.
    pub drafts: u64,
    /// Bytes given back.
    pub bytes: u64,
}

/// Why a collection stopped; what it removed before stays removed.
#[derive(Debug, Error)]
pub enum CollectError {
    /// The blob directory.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The state, which knows what is referred to.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Removes blobs without a reference and unfinished files, both only when their last change is
/// more than `grace` before `now_ms` (milliseconds since 1970-01-01T00:00:00Z, by the clock of the
/// file system). `grace` must exceed the time between the arrival of a blob and the commit that
/// refers to it.
///
/// # Errors
/// The blob directory or the state cannot be read.
pub fn collect_orphans(
    store: &dyn StateStore,
    blobs: &BlobStore,
    grace: Duration,
    now_ms: i64,
) -> Result<Collected, CollectError> {
    let before_ns = i128::from(now_ms) * 1_000_000 - grace.as_nanos() as i128;
    let mut collected = Collected::default();
    for shard in 0..=u8::MAX {
        for (id, meta) in blobs.list(shard)? {
            if meta.mtime_ns < before_ns && remove_orphan(store, blobs, &id, before_ns)? {
                collected.blobs += 1;
                collected.bytes += meta.len;
            }
        }
    }
    remove_drafts(blobs, before_ns, &mut collected)?;
    Ok(collected)
}

/// Looks again with the names held: a blob that came anew since it was listed is young.
fn remove_orphan(
    store: &dyn StateStore,
    blobs: &BlobStore,
    id: &BlobId,
    before_ns: i128,
) -> Result<bool, CollectError> {
    if store.blob_references(id)? > 0 {
        return Ok(false);
    }
    let _names = blobs.names();
    let old = blobs.meta(id)?.is_some_and(|meta| meta.mtime_ns < before_ns);
    if !old || store.blob_references(id)? > 0 {
        return Ok(false);
    }
    boundary!("blob.orphan.before-remove");
    blobs.remove(id)?;
    Ok(true)
}

fn remove_drafts(
    blobs: &BlobStore,
    before_ns: i128,
    collected: &mut Collected,
) -> Result<(), DiskError> {
    let abandoned = |meta: &Meta| meta.kind == Kind::File && meta.mtime_ns < before_ns;
    for entry in blobs.dir().list(Path::new(DRAFTS))? {
        if abandoned(&entry.meta) {
            blobs.dir().remove(&Path::new(DRAFTS).join(&entry.name))?;
            collected.drafts += 1;
            collected.bytes += entry.meta.len;
        }
    }
    Ok(())
}
