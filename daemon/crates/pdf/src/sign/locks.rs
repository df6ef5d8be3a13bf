//! What in a document forbids another signature (ISO 32000-2, 12.8.2.2 and 12.8.2.4).

use super::{Lock, SignRefusal, SubFilter};
use crate::document::FieldLock;
use crate::{DocMdp, Document, Object, ReadError, SignatureField};

/// Refuses a signature into the field `name` where the certification or a lock does.
///
/// A document timestamp is allowed whatever they say (12.8.2.2.2): it changes nothing that is shown.
pub(super) fn check(
    doc: &Document<'_>,
    sub_filter: SubFilter,
    name: &str,
) -> Result<(), SignRefusal> {
    let fields = doc.signature_fields()?;
    let mut signed = fields.iter().filter(|field| field.value.is_some()).peekable();
    if doc.is_repaired() && signed.peek().is_some() {
        return Err(SignRefusal::DamagedAndSigned);
    }
    if sub_filter == SubFilter::EtsiRfc3161 {
        return Ok(());
    }
    if doc.doc_mdp()? == Some(DocMdp::NoChange) {
        return Err(SignRefusal::Locked { lock: Lock::DocMdp });
    }
    for field in signed {
        if locks(doc, field, name)? {
            return Err(SignRefusal::Locked { lock: Lock::Field { by: field.name.clone() } });
        }
    }
    Ok(())
}

/// Whether the signature in `field` locks the field `name`, by its transform or by its `/Lock`.
fn locks(doc: &Document<'_>, field: &SignatureField, name: &str) -> Result<bool, ReadError> {
    let value = field.value.as_ref();
    let stated = value.map(|value| doc.field_lock(&value.dictionary)).transpose()?.flatten();
    if stated.as_ref().is_some_and(|lock| lock.covers(name)) {
        return Ok(true);
    }
    let Object::Dictionary(lock) = doc.get(&field.dictionary, "Lock")? else { return Ok(false) };
    let no_change = lock.integer("P") == Some(1);
    Ok(no_change || FieldLock::covers(&doc.lock_of(&lock)?, name))
}
