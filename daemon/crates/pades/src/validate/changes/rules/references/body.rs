//! The objects of a later revision, from the first byte to the cross-references (ISO 32000-2 §7.3.8, §7.3.10).

use super::form::{Form, has_twice};
use super::{is_white, number, token, without_space};

/// Whether nothing stands there but whole objects, white space and comments.
pub(super) fn is_sound(body: &[u8]) -> bool {
    let mut rest = without_comments(body);
    while !rest.is_empty() {
        match object(rest) {
            Some(behind) => rest = without_comments(behind),
            None => return false,
        }
    }
    true
}

fn without_comments(bytes: &[u8]) -> &[u8] {
    let mut rest = without_space(bytes);
    while rest.first() == Some(&b'%') {
        let line = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
        rest = without_space(&rest[line..]);
    }
    rest
}

/// What follows one object; none where it is not whole.
fn object(bytes: &[u8]) -> Option<&[u8]> {
    let (_, rest) = number(bytes)?;
    let (_, rest) = number(without_space(rest.strip_prefix(b" ")?))?;
    let mut rest = without_comments(without_space(rest).strip_prefix(b"obj")?);
    let (mut form, mut length, mut keys) = (Form::new(), None, Vec::new());
    loop {
        let (token, behind) = token(rest)?;
        match token {
            b"endobj" => return form.is_whole().then_some(behind),
            b"stream" if form.is_whole() => {
                return if is_twofold(&keys) { None } else { stream(behind, length) };
            }
            b"/Length" if form.depth() == 1 => length = direct(without_comments(behind)),
            _ => {}
        }
        if form.is_key(token) {
            keys.push(token);
        }
        form.take(token).then_some(())?;
        rest = without_comments(behind);
    }
}

/// Of a stream that could be cross-references (table 17) besides those of the trailer: whether it says
/// something twice.
fn is_twofold(keys: &[&[u8]]) -> bool {
    keys.iter().any(|key| matches!(*key, b"/W" | b"/#57")) && has_twice(keys.iter().copied())
}

/// A number that no reference follows.
fn direct(bytes: &[u8]) -> Option<usize> {
    let (value, rest) = number(bytes)?;
    let reference = number(without_space(rest))
        .is_some_and(|(_, rest)| without_space(rest).first() == Some(&b'R'));
    (!reference).then_some(value)
}

/// What follows a stream of this length; of one whose length stands elsewhere, what follows its first end.
fn stream(bytes: &[u8], length: Option<usize>) -> Option<&[u8]> {
    const END: &[u8] = b"endstream";
    let data = bytes.strip_prefix(b"\r\n").or_else(|| bytes.strip_prefix(b"\n"))?;
    let at = match length {
        Some(length) => length,
        None => data.windows(END.len()).position(|window| window == END)?,
    };
    let rest = without_space(data.get(at..)?).strip_prefix(END)?;
    let rest = rest.first().is_some_and(|byte| is_white(*byte)).then(|| without_space(rest))?;
    rest.strip_prefix(b"endobj")
}

#[cfg(test)]
mod tests {
    use super::is_sound;

    #[test]
    fn whole_objects_are_sound_however_they_are_spaced() {
        for body in [
            "",
            "\r\n% a comment\n",
            "1 0 obj\n<</A[1 2 0 R]/B(b)/C<00>>>\nendobj\n2 0 obj[]endobj",
            "3 0 obj<</Length 4>>stream\n1234\nendstream\nendobj\n4 0 obj\r37\rendobj\r",
            "5 0 obj <</Length 6 0 R>> stream\r\nxx endstream endobj",
        ] {
            assert!(is_sound(body.as_bytes()), "{body}");
        }
    }

    #[test]
    fn what_is_not_whole_is_a_fault() {
        for body in [
            "something",
            "1 0 obj\n<</A 1>>\nend*bj\n2 0 obj[]endobj",
            "1 0 obj\n<</A 1>\nendobj",
            "1 0 *bj\n<</A 1>>\nendobj",
            "1 0 obj\n<</A 1>>\n",
            "3 0 obj<</Length 5>>stream\n1234\nends\nendobj",
            "3 0 obj<</Length 2>>stream\n1234\nendstream\nendobj",
            "3 0 obj<</Length 4>>stream\r1234\nendstream\nendobj",
            "3 0 obj<</A<0x>>>endobj",
            "3 0 obj<</A *00>>endobj",
            "3 0 obj<</A>>endobj",
            "3 0 obj[one]endobj",
            "3 0 obj 1 2 endobj",
            "3 0 obj endobj",
        ] {
            assert!(!is_sound(body.as_bytes()), "{body}");
        }
    }
}
