//! The document security store: validation data in the file itself (ISO 32000-2, 12.8.4.3;
//! EN 319 142-1, 5.4.2).

use crate::filter::deflate;
use crate::sign::{SignRefusal, declare_extension};
use crate::write::{Body, Increment};
use crate::{Dictionary, Document, Object, ObjectId, ReadError, Revision};
use std::collections::HashSet;

/// Most streams of one kind that are read, or written.
const MAX_STREAMS: usize = 2048;
/// Most bytes of all of them together.
const MAX_BYTES: usize = 64 << 20;

/// Validation data, as DER or BER, in the order of the store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecurityStore {
    /// `/Certs`: certificates.
    pub certs: Vec<Vec<u8>>,
    /// `/OCSPs`: OCSP responses.
    pub ocsps: Vec<Vec<u8>>,
    /// `/CRLs`: revocation lists.
    pub crls: Vec<Vec<u8>>,
}

/// The lists of the store, by their keys (ISO 32000-2, table 261).
const LISTS: [&str; 3] = ["Certs", "OCSPs", "CRLs"];

impl SecurityStore {
    /// Whether there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.certs.is_empty() && self.ocsps.is_empty() && self.crls.is_empty()
    }

    fn lists(&self) -> [&Vec<Vec<u8>>; 3] {
        [&self.certs, &self.ocsps, &self.crls]
    }

    fn lists_mut(&mut self) -> [&mut Vec<Vec<u8>>; 3] {
        [&mut self.certs, &mut self.ocsps, &mut self.crls]
    }
}

impl Document<'_> {
    /// The document's security store; empty where it has none. A stream that cannot be decoded is
    /// passed over: it proves nothing to anybody.
    ///
    /// # Errors
    /// [`ReadError`] where the store is broken, or has more than 2,048 streams of a kind or 64 MiB
    /// in all.
    pub fn security_store(&self) -> Result<SecurityStore, ReadError> {
        let mut read = SecurityStore::default();
        let Object::Dictionary(store) = self.get(&self.catalog()?, "DSS")? else {
            return Ok(read);
        };
        let mut left = MAX_BYTES;
        for (key, into) in LISTS.into_iter().zip(read.lists_mut()) {
            let list = self.get(&store, key)?;
            for item in items(&list)? {
                let Object::Stream(stream) = self.resolve(item)? else { continue };
                match self.stream_data(&stream) {
                    Ok(data) => {
                        let rest = left.checked_sub(data.len());
                        left = rest.ok_or(ReadError::TooComplex { limit: "validation data" })?;
                        into.push(data);
                    }
                    Err(ReadError::Io(error)) => return Err(ReadError::Io(error)),
                    Err(_) => {}
                }
            }
        }
        Ok(read)
    }
}

fn items(list: &Object) -> Result<&[Object], ReadError> {
    let items = list.as_array().unwrap_or_default();
    if items.len() > MAX_STREAMS {
        return Err(ReadError::TooComplex { limit: "validation data" });
    }
    Ok(items)
}

/// Appends to the document's security store what it does not hold yet: one revision, or none when
/// there is nothing new. What the store holds, its `/VRI` included, stays.
///
/// Allowed whatever a certification says (12.8.2.2.2): it changes nothing that is shown.
///
/// # Errors
/// [`SignRefusal`] where the document is encrypted, damaged and signed, or cannot be read.
pub fn append_security_store(
    doc: &Document<'_>,
    addition: &SecurityStore,
) -> Result<Option<Revision>, SignRefusal> {
    if doc.is_encrypted() {
        return Err(SignRefusal::Encrypted);
    }
    if doc.is_repaired() && doc.signature_fields()?.iter().any(|field| field.value.is_some()) {
        return Err(SignRefusal::DamagedAndSigned);
    }
    let held = doc.security_store()?;
    let mut increment = Increment::new(doc);
    let mut catalog = increment.catalog()?;
    let own = catalog.get("DSS").and_then(Object::as_reference);
    let mut store = match increment.get(&catalog, "DSS")? {
        Object::Dictionary(store) => store,
        _ => Dictionary::new(),
    };
    for (index, key) in LISTS.into_iter().enumerate() {
        add(&mut increment, &mut store, key, held.lists()[index], addition.lists()[index])?;
    }
    if increment.is_empty() {
        return Ok(None);
    }
    let extended = declare_extension(&increment, &mut catalog)?;
    match own {
        Some(id) => increment.put(id, Body::Object(store.into())),
        None => catalog.set("DSS", increment.add(Body::Object(store.into()))?),
    }
    if own.is_none() || extended {
        increment.put(increment.root()?, Body::Object(catalog.into()));
    }
    Ok(Some(increment.finish(None)?))
}

/// Adds the streams of one list that are not held yet.
fn add(
    increment: &mut Increment<'_, '_>,
    store: &mut Dictionary,
    key: &str,
    held: &[Vec<u8>],
    addition: &[Vec<u8>],
) -> Result<(), SignRefusal> {
    let mut known: HashSet<&[u8]> = held.iter().map(Vec::as_slice).collect();
    for data in addition {
        if known.insert(data) {
            let stream = stream(increment, data)?;
            increment.push(store, key, stream.into())?;
        }
    }
    Ok(())
}

/// Deflated where that makes it smaller.
fn stream(increment: &mut Increment<'_, '_>, data: &[u8]) -> Result<ObjectId, SignRefusal> {
    let deflated = deflate(data);
    let body = if deflated.len() < data.len() {
        let dictionary = Dictionary::new().with("Filter", crate::Name::from("FlateDecode"));
        Body::Stream { dictionary, data: deflated }
    } else {
        Body::Stream { dictionary: Dictionary::new(), data: data.to_vec() }
    };
    Ok(increment.add(body)?)
}
