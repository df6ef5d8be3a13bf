//! The form of one value, token by token (ISO 32000-2 §7.3): what is open, and what may come next.

use super::{token, without_space};

/// The deepest nesting that is followed.
const MAX_DEPTH: usize = 100;

/// A value as far as it was read.
pub(super) struct Form {
    open: Vec<Open>,
}

struct Open {
    kind: Kind,
    /// Whether a value must come: at the beginning, or after a key.
    awaits: bool,
    /// Integers that came last, which `R` would make a reference of (§7.3.10).
    integers: usize,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Around the value itself.
    One,
    Dictionary,
    Array,
}

impl Form {
    pub(super) fn new() -> Self {
        Self { open: vec![Open { kind: Kind::One, awaits: true, integers: 0 }] }
    }

    /// How many arrays and dictionaries are open.
    pub(super) fn depth(&self) -> usize {
        self.open.len() - 1
    }

    /// Whether the token, which may come next, would be a key of the outermost dictionary.
    pub(super) fn is_key(&self, token: &[u8]) -> bool {
        let open = self.open.last().filter(|open| open.kind == Kind::Dictionary && !open.awaits);
        self.depth() == 1 && open.is_some() && token.starts_with(b"/")
    }

    /// Whether the value is whole.
    pub(super) fn is_whole(&self) -> bool {
        matches!(self.open.as_slice(), [one] if one.rests())
    }

    /// Whether the token may come next.
    pub(super) fn take(&mut self, token: &[u8]) -> bool {
        match token {
            b"<<" => self.begin(Kind::Dictionary),
            b"[" => self.begin(Kind::Array),
            b">>" => self.end(Kind::Dictionary),
            b"]" => self.end(Kind::Array),
            b"R" => self.last().is_some_and(Open::reference),
            [b'/', ..] => self.last().is_some_and(Open::name),
            [b'<' | b'(', ..] | b"true" | b"false" | b"null" => self.value(false),
            number => is_number(number) && self.value(number.iter().all(u8::is_ascii_digit)),
        }
    }

    fn last(&mut self) -> Option<&mut Open> {
        self.open.last_mut()
    }

    fn value(&mut self, integer: bool) -> bool {
        self.last().is_some_and(|open| open.value(integer))
    }

    fn begin(&mut self, kind: Kind) -> bool {
        let fits = self.open.len() < MAX_DEPTH && self.value(false);
        self.open.push(Open { kind, awaits: false, integers: 0 });
        fits
    }

    fn end(&mut self, kind: Kind) -> bool {
        self.open.pop_if(|open| open.kind == kind && open.rests()).is_some()
    }
}

impl Open {
    fn value(&mut self, integer: bool) -> bool {
        let second = integer && self.integers == 1;
        let fits = self.kind == Kind::Array || self.awaits || second;
        self.awaits = false;
        self.integers = if integer { self.integers + 1 } else { 0 };
        fits
    }

    fn reference(&mut self) -> bool {
        std::mem::take(&mut self.integers) >= 2
    }

    /// A key, or a name as a value.
    fn name(&mut self) -> bool {
        if self.kind != Kind::Dictionary || self.awaits {
            return self.value(false);
        }
        let rests = self.rests();
        (self.awaits, self.integers) = (true, 0);
        rests
    }

    /// Whether nothing is missing: no value after a key, no `R` after two integers.
    fn rests(&self) -> bool {
        !self.awaits && (self.kind == Kind::Array || self.integers < 2)
    }
}

fn is_number(word: &[u8]) -> bool {
    let digits = word.strip_prefix(b"-").or(word.strip_prefix(b"+")).unwrap_or(word);
    let points = digits.iter().filter(|byte| **byte == b'.').count();
    points < 2
        && digits.len() > points
        && digits.iter().all(|byte| byte.is_ascii_digit() || *byte == b'.')
}

/// Whether these bytes are one dictionary, and the keys of the outermost one with what follows each.
pub(super) fn dictionary(bytes: &[u8]) -> Option<Vec<(&[u8], &[u8])>> {
    let (mut form, mut keys, mut rest) = (Form::new(), Vec::new(), without_space(bytes));
    rest.starts_with(b"<<").then_some(())?;
    while !rest.is_empty() {
        let (token, behind) = token(rest)?;
        let key = form.is_key(token);
        form.take(token).then_some(())?;
        if key {
            keys.push((token, without_space(behind)));
        }
        rest = without_space(behind);
    }
    form.is_whole().then_some(keys)
}

/// Whether readers could differ in which value of a key counts: it stands twice, or may be written so that
/// not all see that it does.
pub(super) fn has_twice<'k>(keys: impl IntoIterator<Item = &'k [u8]>) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    keys.into_iter().any(|key| key.contains(&b'#') || !seen.insert(key))
}

#[cfg(test)]
mod tests {
    use super::dictionary;

    #[test]
    fn dictionaries_as_the_standard_has_them() {
        for good in [
            "<<>>",
            "<</A 1/B -2.5/C true/D null/E(x)/F<00>/G/H/I 1 0 R>>",
            "<< /A [1 2 0 R 3 [] << /B /C >> ] /D << /E 1 0 R >> >>",
        ] {
            assert!(dictionary(good.as_bytes()).is_some(), "{good}");
        }
        let keys = dictionary(b"<</A<</B 1>>/C/D/E 2>>").unwrap();
        let names: Vec<_> = keys.iter().map(|(key, _)| *key).collect();
        assert_eq!(names, [b"/A", b"/C", b"/E"]);
    }

    #[test]
    fn what_readers_pass_over_in_different_ways_is_a_fault() {
        for bad in [
            "<</A *00ff>>",
            "<</A[<00> *00ff>]>>",
            "<</A 1/>>",
            "<</A 1/ >>",
            "<</A>>",
            "<</A 1 2>>",
            "<</A 1 2/B 3>>",
            "<</A R>>",
            "<</A 1 R>>",
            "<</A 1 2 3 R>>",
            "<</A[1 R]>>",
            "<<1/A>>",
            "<</A 1]>>",
            "<</A[1>>]",
            "<</A 1.2.3>>",
            "<</A ->>",
            "<</A one>>",
            "<</A 1",
            "<</A 1>>>>",
            "<</A 1>> 2",
        ] {
            assert!(dictionary(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
