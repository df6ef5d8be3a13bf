//! Trouble that no file is to blame for: a visible file at the folder's top while it lasts.

use std::ffi::OsStr;

use super::place::{remove_if_there, write_replacing};
use super::{Folder, lock};
use crate::config::Language;
use crate::error::EffectError;
use crate::notes::{Text, TroubleKind};
use crate::path::RelPath;

impl Folder {
    /// Shows `ATTENTION - ….txt` with that detail, or takes it away when the trouble is over
    /// (`None`). The same again costs nothing; at start, `None` clears what a crash left.
    ///
    /// # Errors
    /// [`EffectError`]; all transient ones may be tried again.
    pub fn trouble(&self, kind: TroubleKind, detail: Option<&Text>) -> Result<(), EffectError> {
        let text = detail.map(|detail| kind.render(self.config.language, detail));
        let text = text.unwrap_or_default();
        let mut shown = lock(&self.shown);
        if shown.get(&kind) == Some(&text) {
            return Ok(());
        }
        let root = self.root_for_effect()?;
        let (dir, top) = (root.dir.as_ref(), RelPath::default());
        if text.is_empty() {
            for language in [Language::French, Language::English] {
                remove_if_there(dir, &top.join(kind.file_name(language)))?;
            }
        } else {
            let name = OsStr::new(kind.file_name(self.config.language));
            write_replacing(dir, &top, name, text.as_bytes())?;
        }
        shown.insert(kind, text);
        Ok(())
    }
}
