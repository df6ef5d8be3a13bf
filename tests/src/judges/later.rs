//! The judges under a clock that was moved: what they will say of a file years from now.

use std::path::Path;

use super::asked::Judge;
use super::{Policy, Verdicts, dss, poppler, pyhanko, qpdf};
use crate::clock::Clock;

/// Processes of their own; dropping them ends them.
pub struct Later {
    clock: Clock,
    dss: Judge,
    pyhanko: Judge,
}

impl Later {
    /// Starts them under this clock.
    ///
    /// # Panics
    /// When a judge is missing.
    pub fn start(clock: Clock) -> Self {
        Self { clock, dss: dss::start(clock), pyhanko: pyhanko::start(clock) }
    }

    /// As [`super::ask_long_term`], with DSS under this policy.
    ///
    /// # Panics
    /// When a judge does not answer.
    pub fn ask_long_term(&self, pdf: &Path, anchors: &Path, policy: Policy) -> Verdicts {
        Verdicts {
            dss: dss::ask(&self.dss, pdf, anchors, policy),
            pyhanko: pyhanko::ask_long_term(&self.pyhanko, pdf, anchors),
            pdfsig: poppler::judge(pdf, anchors, self.clock),
            qpdf: qpdf::judge(pdf),
        }
    }
}
