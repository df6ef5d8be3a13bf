//! Objects in their source form (ISO 32000-2, 7.3).

use crate::{Dictionary, Object};

/// Appends `object`. A stream has no data of its own here: its dictionary is written.
pub(super) fn write(object: &Object, out: &mut Vec<u8>) {
    match object {
        Object::Null => out.extend(b"null"),
        Object::Boolean(value) => out.extend(value.to_string().bytes()),
        Object::Integer(value) => out.extend(value.to_string().bytes()),
        Object::Real(real) => out.extend(real.as_str().bytes()),
        Object::String(string) => string.write(out),
        Object::Name(name) => name.write(out),
        Object::Array(items) => write_array(items, out),
        Object::Dictionary(dictionary) => write_dictionary(dictionary, out),
        Object::Stream(stream) => write_dictionary(&stream.dictionary, out),
        Object::Reference(id) => out.extend(format!("{id} R").bytes()),
    }
}

fn write_array(items: &[Object], out: &mut Vec<u8>) {
    out.push(b'[');
    for (at, item) in items.iter().enumerate() {
        if at > 0 {
            out.push(b' ');
        }
        write(item, out);
    }
    out.push(b']');
}

pub(super) fn write_dictionary(dictionary: &Dictionary, out: &mut Vec<u8>) {
    out.extend(b"<<");
    write_entries(dictionary, out);
    out.extend(b" >>");
}

pub(super) fn write_entries(dictionary: &Dictionary, out: &mut Vec<u8>) {
    for (key, value) in dictionary.iter() {
        out.push(b' ');
        key.write(out);
        out.push(b' ');
        write(value, out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::Parser;

    #[test]
    fn what_is_read_is_written_the_same() {
        let source = "<< /A#20B [1 -2 3.1400 (a\\)b) <4A> true null 7 0 R] /C << /D /E >> >>";
        let object = Parser::new(source.as_bytes(), true, 9).object().unwrap();
        let mut out = Vec::new();
        write(&object, &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), source);
    }

    #[test]
    fn what_readers_pass_over_in_a_string_is_not_written_again() {
        let object = Parser::new(b"[<4a4Bq> <4\x004> (a\0)]", true, 9).object().unwrap();
        let mut out = Vec::new();
        write(&object, &mut out);
        assert_eq!(out, b"[<4a4b> <44> (a\0)]");
    }
}
