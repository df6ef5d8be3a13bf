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

fn same_stream(step: &Step<'_, '_>, old: &Stream, new: &Stream) -> Result<bool, ReadError> {
    if !same_dictionary(&without_length(&old.dictionary), &without_length(&new.dictionary)) {
        return Ok(false);
    }
    match (step.old.stream_data(old), step.new.stream_data(new)) {
        (Ok(old), Ok(new)) => Ok(old == new),
        (Err(ReadError::Io(error)), _) | (_, Err(ReadError::Io(error))) => Err(error.into()),
        _ => Ok(false),
    }
}

fn without_length(dictionary: &Dictionary) -> Dictionary {
    let mut dictionary = dictionary.clone();
    dictionary.remove("Length");
    dictionary
}

/// A broken object is like no other.
fn readable(object: Result<Object, ReadError>) -> Result<Object, ReadError> {
    match object {
        Err(ReadError::Damaged { .. }) => Ok(Object::Null),
        other => other,
    }
}
