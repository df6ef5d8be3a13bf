//! What strangers may cost: so much in a second, and so much in a day.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

/// Seconds of a day.
const DAY: i64 = 24 * 3600;

/// A bound on what is done for strangers.
#[derive(Debug)]
pub struct Budget {
    a_second: u32,
    a_day: u32,
    spent: Mutex<Spent>,
}

/// What was done in the second and in the day that are being counted.
#[derive(Debug, Default)]
struct Spent {
    second: (i64, u32),
    day: (i64, u32),
}

impl Budget {
    /// At most so many in one second, and so many in one day (of UTC).
    pub fn new(a_second: u32, a_day: u32) -> Self {
        Self { a_second, a_day, spent: Mutex::default() }
    }

    /// Counts one that is done at `now`; false when it may not be done any more.
    pub fn spend(&self, now: Timestamp) -> bool {
        let second = now.as_second();
        let mut spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let within = |counted: (i64, u32), at: i64| if counted.0 == at { counted.1 } else { 0 };
        let in_second = within(spent.second, second);
        let in_day = within(spent.day, second.div_euclid(DAY));
        if in_second >= self.a_second || in_day >= self.a_day {
            return false;
        }
        spent.second = (second, in_second + 1);
        spent.day = (second.div_euclid(DAY), in_day + 1);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_in_a_second_and_so_many_in_a_day() {
        let budget = Budget::new(2, 3);
        let at = |second| Timestamp::from_second(second).expect("a moment");
        assert_eq!([0, 0, 0].map(|second| budget.spend(at(second))), [true, true, false]);
        assert_eq!([1, 1, 2].map(|second| budget.spend(at(second))), [true, false, false]);
        assert!(budget.spend(at(DAY)), "another day");
    }
}
