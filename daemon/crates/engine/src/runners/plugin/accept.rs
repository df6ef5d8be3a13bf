//! A plugin's new document, taken once it was looked at ([`refusal`]).

use std::sync::Arc;

use sceau_store::BlobStore;
use sceau_workflow::machine::DocumentRef;

use crate::documents::{OpenDocument, keep};
use crate::plugins::{INSPECTION, refusal};
use crate::runner::RunResult;
use crate::sentences;

/// The document as a blob, once it was looked at. Made again after a crash it is the same blob.
pub(super) fn accept(
    blobs: &BlobStore,
    before: &DocumentRef,
    plugin: &str,
    bytes: Vec<u8>,
) -> Result<DocumentRef, RunResult> {
    let refused = |why: String| RunResult::Failed(sentences::plugin_output(plugin, &why));
    let base = OpenDocument::open(blobs, before).map_err(|error| sentences::disk(&error))?;
    let bytes = Arc::new(bytes);
    if let Some(why) = refusal(base, Arc::clone(&bytes), INSPECTION) {
        return Err(refused(why));
    }
    let made = keep(blobs, &bytes).map_err(|error| sentences::disk(&error))?;
    sceau_disk::boundary!("engine.plugin.blob-written");
    Ok(made)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::path::Path;
    use std::sync::Mutex;

    use sceau_disk::boundary::{Crashed, arm_unwind, disarm};
    use sceau_disk::{FileSystem, SimFs};

    use super::*;
    use crate::documents::of_objects;

    const BLOBS: &str = "/state/blobs";

    fn page(note: &str) -> Vec<u8> {
        let last = format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Note({note})>>");
        let objects = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>"];
        of_objects(&[objects[0].to_owned(), objects[1].to_owned(), last])
    }

    fn blobs(disk: &SimFs) -> BlobStore {
        BlobStore::open(disk.open_dir(Path::new(BLOBS)).unwrap()).unwrap()
    }

    /// The simulated daemon runs no plugin: this boundary is proven here.
    #[test]
    fn a_power_cut_after_the_blob_loses_nothing_and_a_second_try_makes_the_same() {
        let _alone = crate::plugins::alone();
        let disk = SimFs::new();
        disk.make_dirs(Path::new(BLOBS)).unwrap();
        let before = keep(&blobs(&disk), &page("before")).unwrap();
        for seed in [SimFs::LOSE_ALL, SimFs::KEEP_ALL, 3, 4] {
            let left = cut(&disk, &before, seed);
            let again = accept(&blobs(&left), &before, "stamper 1.0.0", page("after"));
            let again = again.unwrap_or_else(|_| panic!("accepted after a cut, seed {seed}"));
            let kept = OpenDocument::open(&blobs(&left), &again).unwrap();
            assert_eq!(again.len, page("after").len() as u64);
            let after = Arc::new(page("after"));
            assert!(refusal(kept, after, INSPECTION).is_none(), "it is readable");
            assert!(OpenDocument::open(&blobs(&left), &before).is_ok(), "seed {seed}");
        }
    }

    /// What the disk holds when the power fails at the boundary.
    fn cut(disk: &SimFs, before: &DocumentRef, seed: u64) -> SimFs {
        let (disk, left) = (disk.crash(SimFs::KEEP_ALL), Arc::new(Mutex::new(None)));
        let (hooked, picture) = (disk.clone(), Arc::clone(&left));
        let hook = move || *picture.lock().unwrap() = Some(hooked.crash(seed));
        arm_unwind("engine.plugin.blob-written", 1, hook).unwrap();
        let run = || accept(&blobs(&disk), before, "stamper 1.0.0", page("after"));
        let Err(payload) = catch_unwind(AssertUnwindSafe(run)) else { panic!("not hit") };
        disarm();
        assert!(payload.is::<Crashed>());
        left.lock().unwrap().take().unwrap()
    }
}
