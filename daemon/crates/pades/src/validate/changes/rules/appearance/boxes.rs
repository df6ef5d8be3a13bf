//! Boxes that a program drew anew: each state shows the sign that it showed when it was signed, and a frame
//! (ISO 32000-2 §12.7.5.2).

use sceau_pdf::{Dictionary, Object, ReadError, Stream};

use super::super::super::same::{by_name, same};
use super::super::super::step::{Step, differing_keys};
use super::canvas::Style;
use super::{bounds, is_hidden, reading, shown};

/// What the signs of the standard font mean to whoever sees them (annex D.6).
#[derive(PartialEq)]
enum Sign {
    None,
    Tick,
    Cross,
    Disc,
    Square,
    Diamond,
    Star,
}

/// Whether every state of every widget looks as before.
pub(super) fn look_alike(
    step: &Step<'_, '_>,
    before: &[Dictionary],
    now: &[Dictionary],
) -> Result<bool, ReadError> {
    if before.len() != now.len() {
        return Ok(false);
    }
    for (before, now) in before.iter().zip(now) {
        let (old, new) = (before.get("AP"), now.get("AP"));
        let kept = match (old, new) {
            (Some(old), Some(new)) => same(old, new),
            (old, new) => old.is_none() && new.is_none(),
        };
        if !kept && !states_look_alike(step, before, now)? {
            return Ok(false);
        }
    }
    Ok(true)
}

fn states_look_alike(
    step: &Step<'_, '_>,
    before: &Dictionary,
    now: &Dictionary,
) -> Result<bool, ReadError> {
    let (Object::Dictionary(old), Object::Dictionary(new)) =
        (step.old.get(before, "AP")?, step.new.get(now, "AP")?)
    else {
        return Ok(false);
    };
    let normal_alone = differing_keys(&old, &new).iter().all(|key| key == "N");
    let (Object::Dictionary(old), Object::Dictionary(new)) =
        (step.old.get(&old, "N")?, step.new.get(&new, "N")?)
    else {
        return Ok(false);
    };
    let (old, new) = (by_name(&old), by_name(&new));
    if !normal_alone || !old.keys().eq(new.keys()) {
        return Ok(false);
    }
    for (old, new) in old.values().zip(new.values()) {
        if !same(old, new) && !show_one_sign(step, now, old, new)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Whether both looks have the same sign, or none. The old one is an object that did not change.
fn show_one_sign(
    step: &Step<'_, '_>,
    widget: &Dictionary,
    old: &Object,
    new: &Object,
) -> Result<bool, ReadError> {
    let kept = old.as_reference().is_some_and(|id| !step.differs(id));
    let (Object::Stream(old), Object::Stream(new)) =
        (step.new.resolve(old)?, step.new.resolve(new)?)
    else {
        return Ok(false);
    };
    let (old, new) = (sign(step, widget, &old)?, sign(step, widget, &new)?);
    Ok(kept && old.is_some() && old == new)
}

/// The sign of a look; none where it shows more than a frame and one sign.
fn sign(
    step: &Step<'_, '_>,
    widget: &Dictionary,
    look: &Stream,
) -> Result<Option<Sign>, ReadError> {
    let Some(bounds) = bounds(step, widget, look)? else { return Ok(None) };
    let style = Style { bounds, signs: true, ..Style::default() };
    let Some((text, canvas)) = shown(step, look, &style)? else { return Ok(None) };
    let lines = reading::lines(&text.letters, canvas.turn.unwrap_or(0), bounds);
    let upright = canvas.turn.unwrap_or(0) == 0;
    let Some(lines) = lines.filter(|_| upright && !is_hidden(&text)) else { return Ok(None) };
    let seen: String = lines.iter().map(|line| line.text.as_str()).collect();
    Ok(Some(match seen.as_str() {
        "" => Sign::None,
        "3" | "4" => Sign::Tick,
        "5" | "6" | "7" | "8" => Sign::Cross,
        "l" => Sign::Disc,
        "n" => Sign::Square,
        "u" => Sign::Diamond,
        "H" => Sign::Star,
        _ => return Ok(None),
    }))
}
