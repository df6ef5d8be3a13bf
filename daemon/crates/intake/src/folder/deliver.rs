//! Putting results back: temporary name in the same directory, fsync, rename without overwrite,
//! fsync of the directory; then the source moves to the originals.

use std::ffi::OsStr;

use sceau_disk::{Dir, DiskError};

use super::place::{
    self, find, no_free_name, rename_over_placeholder, temporary_name, write_temporary,
};
use super::{Content, DeliverRequest, Delivered, Folder};
use crate::error::EffectError;
use crate::names::{MAX_CANDIDATES, candidate, fit, with_suffix};
use crate::notes::WAITING_SUFFIX;
use crate::path::RelPath;

impl Folder {
    /// Puts a document and its companions into the delivered place and moves the source to the
    /// originals. Done again, it finds what is there and changes nothing.
    ///
    /// # Errors
    /// [`EffectError`]; all transient ones may be tried again, nothing half-written stays visible.
    pub fn deliver(&self, request: &DeliverRequest<'_>) -> Result<Delivered, EffectError> {
        let root = self.root_for_effect()?;
        let dir = root.dir.as_ref();
        let place = self.delivered().join(&request.directory);
        place::ensure_dirs(dir, &place)?;
        let (file, companions) = put_all(self, dir, &place, request)?;
        let source = match request.source {
            Some(source) => {
                let _moves = self.moves();
                self.forget_notice(dir, source)?;
                Some(self.retire(dir, source, &self.originals())?)
            }
            None => None,
        };
        sceau_disk::boundary!("intake.deliver.done");
        Ok(Delivered { file, companions, source })
    }

    /// Removes the note beside a source that waited for a person.
    pub(super) fn forget_notice(
        &self,
        dir: &dyn Dir,
        source: &crate::ports::SourceFile,
    ) -> Result<(), DiskError> {
        let name = with_suffix(source.in_progress.name(), WAITING_SUFFIX);
        place::remove_if_there(dir, &source.in_progress.with_name(&name))
    }
}

/// The document first, so that its companions are named after it; one sync of the directory.
fn put_all(
    folder: &Folder,
    dir: &dyn Dir,
    place: &RelPath,
    request: &DeliverRequest<'_>,
) -> Result<(RelPath, Vec<RelPath>), EffectError> {
    let mut put = Put { folder, dir, place, key: &request.dossier, index: 0 };
    let file = put.one(&fit(&request.file_name), &request.content)?;
    let mut companions = Vec::with_capacity(request.companions.len());
    for companion in &request.companions {
        let name = with_suffix(file.name(), companion.suffix);
        companions.push(put.one(&name, &Content::bytes(companion.bytes))?);
    }
    dir.sync_dir(place.as_path())?;
    sceau_disk::boundary!("intake.deliver.dir_synced");
    Ok((file, companions))
}

struct Put<'a> {
    folder: &'a Folder,
    dir: &'a dyn Dir,
    place: &'a RelPath,
    key: &'a str,
    index: usize,
}

impl Put<'_> {
    /// One file under the first free form of `name`, unless its content stands there already.
    fn one(&mut self, name: &OsStr, content: &Content<'_>) -> Result<RelPath, EffectError> {
        let temporary = self.place.join(temporary_name(self.key.as_bytes(), self.index));
        self.index += 1;
        if let Some(there) = find(self.dir, self.place, name, content.len, &content.digest)? {
            place::remove_if_there(self.dir, &temporary)?;
            return Ok(there);
        }
        write_temporary(self.dir, &temporary, content)?;
        let target = self.publish(&temporary, name)?;
        sceau_disk::boundary!("intake.deliver.renamed");
        Ok(target)
    }

    fn publish(&self, temporary: &RelPath, name: &OsStr) -> Result<RelPath, EffectError> {
        let _puts = self.folder.puts();
        for n in 0..MAX_CANDIDATES {
            let target = self.place.join(candidate(name, n));
            if rename_over_placeholder(self.dir, temporary, &target)? {
                return Ok(target);
            }
        }
        Err(no_free_name(name))
    }
}
