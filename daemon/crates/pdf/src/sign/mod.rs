//! Appending a signature: its dictionary with an exact hole, its field, and the form around it.

mod request;

pub use request::{FieldTarget, Lock, SignRefusal, SignatureRequest, SubFilter};

use crate::{Document, Revision};

/// Appends a signature to `doc`: the revision's hole waits for the CMS.
///
/// # Errors
/// [`SignRefusal`] where the document, or a lock in it, forbids the signature.
pub fn append_signature(
    doc: &Document<'_>,
    req: &SignatureRequest,
) -> Result<Revision, SignRefusal> {
    let _ = (doc, req);
    Err(SignRefusal::Unsupported { what: "signing is not built yet" })
}
