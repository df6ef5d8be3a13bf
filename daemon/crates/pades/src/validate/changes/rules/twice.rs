//! Keys that stand twice in one dictionary. Their value is undefined (ISO 32000-2 §7.3.7): some readers
//! take the first, others the last, and each shows another document.

use sceau_pdf::{Object, ObjectId, ReadError, Twofold, twofold};

use super::super::same::same;
use super::super::step::Step;
use super::Guard;
use super::rewritten::readable;
use crate::report::What;

/// Refuses an object that came or changed and says something twice, or did so before: whatever it shows
/// now, for one of the two kinds of readers it is another thing.
pub(super) fn check(step: &mut Step<'_, '_>) -> Result<(), ReadError> {
    let (old, new) = (step.old.trailer().clone(), step.new.trailer().clone());
    let information =
        [&old, &new].map(|trailer| trailer.get("Info").and_then(Object::as_reference));
    if let Some(key) = twofold_otherwise(&Object::Dictionary(old), &Object::Dictionary(new), false)
    {
        step.refuse(Guard::KeyTwice, What::KeyTwice, None, Some(&key));
    }
    let changed: Vec<ObjectId> = step.changed.values().copied().collect();
    for id in changed {
        let new = readable(step.new.object(id))?;
        let old = readable(step.old.object(id))?;
        // A title that was said twice may be said once: [`super::metadata`] wants one of the two.
        let settled = information.contains(&Some(id));
        if let Some(key) = twofold_otherwise(&old, &new, settled)
            && step.refuse(Guard::KeyTwice, What::KeyTwice, Some(id), Some(&key))
        {
            return Ok(());
        }
    }
    Ok(())
}

/// The first key that is twofold in one of the two and not so in the other; with `settled`, in the new
/// one alone. Where there are too many to compare, one of them.
fn twofold_otherwise(old: &Object, new: &Object, settled: bool) -> Option<String> {
    let (old, new) = (twofold(old), twofold(new));
    if let Some(one) = [&old, &new].into_iter().find_map(|all| all.get(Twofold::MOST - 1)) {
        return Some(String::from_utf8_lossy(one.key).into_owned());
    }
    let differ = |one: &Twofold<'_>| one.values.iter().any(|value| !same(one.values[0], value));
    let of = |all: Vec<_>| all.into_iter().filter(differ).collect::<Vec<_>>();
    let (old, new) = (of(old), of(new));
    let lacks = |all: &[Twofold<'_>], one: &Twofold<'_>| !all.iter().any(|other| alike(one, other));
    let fresh = new.iter().find(|one| lacks(&old, one));
    let gone = || old.iter().find(|one| !settled && lacks(&new, one));
    fresh.or_else(gone).map(|one| String::from_utf8_lossy(one.key).into_owned())
}

fn alike(one: &Twofold<'_>, other: &Twofold<'_>) -> bool {
    one.way == other.way
        && one.key == other.key
        && one.values.len() == other.values.len()
        && one.values.iter().zip(&other.values).all(|(one, other)| same(one, other))
}

#[cfg(test)]
mod tests {
    use super::super::super::same::tests::parsed;
    use super::twofold_otherwise;

    fn key(old: &str, new: &str, settled: bool) -> Option<String> {
        twofold_otherwise(&parsed(old), &parsed(new), settled)
    }

    #[test]
    fn what_is_said_once_or_twice_alike_is_none() {
        for new in ["<</A 1/B 2>>", "<</A 1/A 1.0>>", "[<</A 1>> <</A 2>>]", "<</A<</A 1>>>>"] {
            assert_eq!(key("<</A 3>>", new, false), None, "{new}");
        }
    }

    #[test]
    fn what_is_said_twice_is_told_wherever_it_stands() {
        for new in
            ["<</A 1/A 2>>", "<</A 1/#41 2>>", "[1 <</B[<</A 1/C 3/A 2>>]>>]", "<</A 1/A null>>"]
        {
            assert_eq!(key("<</A 2>>", new, false).as_deref(), Some("A"), "{new}");
        }
    }

    #[test]
    fn what_was_said_twice_stays_so() {
        assert_eq!(key("<</A 1/A 2>>", "<</A 1/B 3/A 2>>", false), None);
        for new in ["<</A 2/A 1>>", "<</B<</A 1/A 2>>>>", "<</A 2>>", "<</A 1>>", "<<>>"] {
            assert_eq!(key("<</A 1/A 2>>", new, false).as_deref(), Some("A"), "{new}");
        }
    }

    #[test]
    fn too_many_are_not_compared() {
        let many: String = (0..1_000).map(|at| format!("/K{at} 1/K{at} 2")).collect();
        let many = format!("<<{many}>>");
        assert!(key(&many, &many, false).is_some());
        let fewer = many.replace("/K999 1", "");
        assert_eq!(key(&fewer, &fewer, false), None);
    }

    #[test]
    fn a_title_said_twice_may_be_said_once() {
        assert_eq!(key("<</Title(a)/Title(b)>>", "<</Title(a)>>", true), None);
        let other = "<</Title(a)/Title(c)>>";
        assert_eq!(key("<</Title(a)/Title(b)>>", other, true).as_deref(), Some("Title"));
    }
}
