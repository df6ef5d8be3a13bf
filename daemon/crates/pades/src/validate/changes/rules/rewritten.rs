//! Objects that a writer wrote again as they were.

use sceau_pdf::{Dictionary, Object, ReadError, Stream};

use super::super::same::{same, same_dictionary};
use super::super::step::Step;

/// Most streams that are compared byte for byte.
const MAX_STREAMS: usize = 256;

/// Explains what differs in its place alone.
pub(super) fn explain(step: &mut Step<'_, '_>) -> Result<(), ReadError> {
    let mut streams = 0;
    for id in step.unexplained() {
        let same = match (readable(step.old.object(id))?, readable(step.new.object(id))?) {
            (Object::Stream(old), Object::Stream(new)) => {
                streams += 1;
                streams <= MAX_STREAMS && same_stream(step, &old, &new)?
            }
            (Object::Null, _) => false,
            (old, new) => same(&old, &new),
        };
        if same {
            step.explain(id);
        }
    }
    Ok(())
}

/// The same data, packed as before, or otherwise where all readers unpack both alike.
fn same_stream(step: &Step<'_, '_>, old: &Stream, new: &Stream) -> Result<bool, ReadError> {
    const PACKED: [&str; 3] = ["Length", "Filter", "DecodeParms"];
    let alike = |keys: &[&str]| {
        same_dictionary(&without(&old.dictionary, keys), &without(&new.dictionary, keys))
    };
    if alike(&PACKED[..1]) {
        let (old, new) = (data(step.old.stream_data(old))?, data(step.new.stream_data(new))?);
        return Ok(old.is_some() && old == new);
    }
    if !alike(&PACKED) {
        return Ok(false);
    }
    let (old, new) = (data(step.old.plain_data(old))?, data(step.new.plain_data(new))?);
    Ok(old.as_ref().is_some_and(Option::is_some) && old == new)
}

/// What can be read.
fn data<T>(data: Result<T, ReadError>) -> Result<Option<T>, ReadError> {
    match data {
        Err(ReadError::Io(error)) => Err(error.into()),
        other => Ok(other.ok()),
    }
}

fn without(dictionary: &Dictionary, keys: &[&str]) -> Dictionary {
    let mut dictionary = dictionary.clone();
    keys.iter().for_each(|key| {
        dictionary.remove(key);
    });
    dictionary
}

/// A broken object is like no other, and says nothing.
pub(super) fn readable(object: Result<Object, ReadError>) -> Result<Object, ReadError> {
    match object {
        Err(ReadError::Damaged { .. }) => Ok(Object::Null),
        other => other,
    }
}
