//! What was promised of the figures, and whether this run keeps it.

use std::fmt;

/// The aims of a run, with what was measured.
#[derive(Debug, Default)]
pub struct Aims(Vec<Aim>);

#[derive(Debug)]
struct Aim {
    what: String,
    measured: f64,
    bound: Bound,
}

#[derive(Debug, Clone, Copy)]
enum Bound {
    Most(f64),
    Least(f64),
}

impl Aim {
    /// A figure that is none keeps nothing.
    fn is_met(&self) -> bool {
        match self.bound {
            Bound::Most(most) => self.measured <= most,
            Bound::Least(least) => self.measured >= least,
        }
    }
}

impl Aims {
    /// `measured` may be so much.
    pub fn at_most(&mut self, what: impl Into<String>, measured: f64, most: f64) {
        self.0.push(Aim { what: what.into(), measured, bound: Bound::Most(most) });
    }

    /// `measured` has to be so much.
    pub fn at_least(&mut self, what: impl Into<String>, measured: f64, least: f64) {
        self.0.push(Aim { what: what.into(), measured, bound: Bound::Least(least) });
    }

    /// Whether all are met.
    pub fn are_met(&self) -> bool {
        self.0.iter().all(Aim::is_met)
    }
}

impl fmt::Display for Aims {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| aim | wanted | measured | |")?;
        writeln!(f, "|---|---|---|---|")?;
        for aim in &self.0 {
            let wanted = match aim.bound {
                Bound::Most(most) => format!("≤ {most}"),
                Bound::Least(least) => format!("≥ {least}"),
            };
            let word = if aim.is_met() { "met" } else { "NOT MET" };
            writeln!(f, "| {} | {wanted} | {:.2} | {word} |", aim.what, aim.measured)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_is_not_met_is_told_and_counts() {
        let mut aims = Aims::default();
        aims.at_most("time", 1.5, 1.5);
        aims.at_least("rate", 0.6, 0.5);
        assert!(aims.are_met() && !aims.to_string().contains("NOT MET"), "{aims}");
        for (measured, least) in [(0.49, 0.5), (f64::NAN, 0.5)] {
            let mut aims = Aims::default();
            aims.at_least("rate", measured, least);
            assert!(!aims.are_met() && aims.to_string().contains("NOT MET"), "{aims}");
        }
        aims.at_most("ratio", 1.51, 1.5);
        assert!(!aims.are_met());
    }
}
