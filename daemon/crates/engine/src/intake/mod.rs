//! The watched folders as the engine drives them: bytes into the blob store, submissions into the
//! writer, one thread a folder.

mod sink;
mod submission;
mod watch;

pub use sink::BlobSink;
pub use submission::{FolderRules, Submitter};
pub use watch::{WatchedFolders, show_troubles};
