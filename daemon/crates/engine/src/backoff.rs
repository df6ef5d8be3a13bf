//! When to try again: doubling pauses with jitter, and an end.

use jiff::SignedDuration;

/// First pause.
const FIRST: SignedDuration = SignedDuration::from_secs(1);
/// Longest pause.
const LONGEST: SignedDuration = SignedDuration::from_mins(2);
/// After this long in trouble a person is asked.
pub const PATIENCE: SignedDuration = SignedDuration::from_hours(24);

/// The pause before the next try, after `tries` that ended in trouble: between half of the doubled
/// pause and all of it, as `jitter` (0 to 255) says.
pub fn pause(tries: u32, jitter: u8) -> SignedDuration {
    let doubled = FIRST.saturating_mul(1_i32 << tries.saturating_sub(1).min(16));
    let full = doubled.min(LONGEST);
    full / 2 + full * i32::from(jitter) / 510
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
}
