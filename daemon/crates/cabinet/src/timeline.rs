//! A value that changes with time and forgets nothing.

use jiff::Timestamp;

/// A step function of time: `at(t)` is the value set last at or before `t`.
///
/// Invariant: moments never decrease, and what was set is never removed, so that `at(t)` keeps its
/// answer for ever once a later moment has been set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Timeline<T> {
    steps: Vec<(Timestamp, T)>,
}

impl<T> Default for Timeline<T> {
    fn default() -> Self {
        Self { steps: Vec::new() }
    }
}

impl<T> Timeline<T> {
    pub(crate) fn starting(at: Timestamp, value: T) -> Self {
        Self { steps: vec![(at, value)] }
    }

    /// Sets the value from `at` on; an earlier moment than the last is moved up to the last.
    pub(crate) fn set(&mut self, at: Timestamp, value: T) {
        let at = self.steps.last().map_or(at, |(last, _)| at.max(*last));
        self.steps.push((at, value));
    }

    pub(crate) fn at(&self, moment: Timestamp) -> Option<&T> {
        self.step_at(moment).map(|(_, value)| value)
    }

    /// The value at `moment` with the moment since when it holds.
    pub(crate) fn step_at(&self, moment: Timestamp) -> Option<&(Timestamp, T)> {
        let after = self.steps.partition_point(|(from, _)| *from <= moment);
        after.checked_sub(1).map(|index| &self.steps[index])
    }

    pub(crate) fn latest(&self) -> Option<&T> {
        self.steps.last().map(|(_, value)| value)
    }

    pub(crate) fn begin(&self) -> Option<Timestamp> {
        self.steps.first().map(|(from, _)| *from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: i64) -> Timestamp {
        Timestamp::from_second(n).unwrap()
    }

    #[test]
    fn the_past_keeps_its_values() {
        let mut line = Timeline::starting(second(10), 'a');
        line.set(second(20), 'b');
        assert_eq!(line.at(second(9)), None);
        assert_eq!(line.at(second(19)), Some(&'a'));
        assert_eq!(line.at(second(20)), Some(&'b'));
    }

    #[test]
    fn a_clock_set_back_does_not_rewrite_history() {
        let mut line = Timeline::starting(second(10), 'a');
        line.set(second(20), 'b');
        line.set(second(15), 'c');
        assert_eq!(line.at(second(16)), Some(&'a'));
        assert_eq!(line.at(second(20)), Some(&'c'));
    }
}
