//! When to try again: doubling pauses with jitter, and an end.

use jiff::SignedDuration;

/// First pause.
const FIRST: SignedDuration = SignedDuration::from_secs(1);
/// Longest pause.
const LONGEST: SignedDuration = SignedDuration::from_mins(2);
/// The longest pause that a runner may ask for.
pub const LONGEST_ASKED: SignedDuration = SignedDuration::from_hours(1);
/// After this long in trouble a person is asked.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// The pause before the next try, after `tries` that ended in trouble: between half of the doubled
/// pause and all of it, as `jitter` (0 to 255) says.
pub fn pause(tries: u32, jitter: u8) -> SignedDuration {
    let doubled = FIRST.saturating_mul(1_i32 << tries.saturating_sub(1).min(16));
    let full = doubled.min(LONGEST);
    full / 2 + full * i32::from(jitter) / 510
}

/// That pause, or the one that the runner asked for where it is longer.
pub fn pause_of(tries: u32, jitter: u8, asked: SignedDuration) -> SignedDuration {
    pause(tries, jitter).max(asked.min(LONGEST_ASKED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        assert_eq!(pause(1, 255), FIRST);
        assert_eq!(pause(1, 0), FIRST / 2);
        assert_eq!(pause(3, 255), FIRST * 4);
        assert_eq!(pause(40, 255), LONGEST);
    }

    #[test]
    fn a_pause_that_is_asked_for_holds_within_bounds() {
        let asked = |seconds| pause_of(1, 255, SignedDuration::from_secs(seconds));
        assert_eq!(asked(0), FIRST);
        assert_eq!(asked(90), SignedDuration::from_secs(90));
        assert_eq!(asked(i64::MAX), LONGEST_ASKED);
    }
}
