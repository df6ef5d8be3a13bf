//! When is a dropped file whole? Decided from what scans saw, without touching a file.
//!
//! A file is looked into when two scans at least the stability apart saw the same identity, or at
//! once when it was renamed into the folder or its done-marker appeared; it is taken when both its
//! ends are there, and waits for them as long as patience lasts.

use std::time::Duration;

use sceau_disk::{Kind, Meta};

use crate::shape::Shape;

/// The first wait after a transient trouble with one file.
const FIRST_RETRY: Duration = Duration::from_secs(5);
/// The longest wait after a transient trouble with one file.
const LAST_RETRY: Duration = Duration::from_secs(300);

/// What makes two sights of a name the same: nobody wrote, replaced or touched it in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sight {
    /// The kind of object.
    pub kind: Kind,
    /// Device number.
    pub dev: u64,
    /// Inode number.
    pub ino: u64,
    /// Length in bytes.
    pub len: u64,
    /// Last change of the content, in nanoseconds.
    pub mtime_ns: i128,
    /// Last change of content or metadata, in nanoseconds.
    pub ctime_ns: i128,
}

impl From<&Meta> for Sight {
    fn from(meta: &Meta) -> Self {
        let Meta { kind, len, dev, ino, mtime_ns, ctime_ns, .. } = *meta;
        Self { kind, dev, ino, len, mtime_ns, ctime_ns }
    }
}

impl Sight {
    /// Whether it is the same content under a name that was changed (a rename changes the ctime).
    #[must_use]
    pub fn same_content(&self, other: &Self) -> bool {
        Self { ctime_ns: 0, ..*self } == Self { ctime_ns: 0, ..*other }
    }
}

/// The times and bounds of one folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// How long a file must stay unchanged.
    pub stability: Duration,
    /// How long an unchanged file may lack one of its ends.
    pub patience: Duration,
    /// The longest document, in bytes.
    pub max_len: u64,
}

/// Why a file is set aside without having been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bad {
    /// No byte in it.
    Empty,
    /// Not the head of a PDF.
    NotPdf,
    /// The end is missing.
    Truncated,
    /// Longer than the folder takes.
    TooLarge {
        /// Its length in bytes.
        len: u64,
        /// The folder's limit in bytes.
        max: u64,
    },
    /// A directory where none is expected.
    Directory,
    /// A symbolic link.
    Link,
    /// A FIFO, a socket or a device.
    Special,
}

/// What to do with a name now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing before this moment (steady time), unless it changes.
    Wait(Duration),
    /// Look at both its ends, then [`Track::judge`].
    Look,
    /// Take it: it is whole.
    Take,
    /// Set it aside.
    SetAside(Bad),
}

/// What is known of one name from scan to scan. All times are steady (they never run backwards).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    sight: Sight,
    since: Duration,
    first_seen: Duration,
    agreeing: u32,
    hurried: bool,
    retry: Option<Retry>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Retry {
    wait: Duration,
    until: Duration,
}

impl Track {
    /// The first sight of a name.
    #[must_use]
    pub fn new(sight: Sight, now: Duration) -> Self {
        Self { sight, since: now, first_seen: now, agreeing: 1, hurried: false, retry: None }
    }

    /// Another sight of the same name. A change starts the waiting anew and ends a back-off.
    pub fn see(&mut self, sight: Sight, now: Duration) {
        if self.sight == sight {
            self.agreeing = self.agreeing.saturating_add(1);
        } else {
            let first_seen = self.first_seen;
            *self = Self { first_seen, ..Self::new(sight, now) };
        }
    }

    /// It was renamed into the folder, or its done-marker appeared: stability is not waited for.
    pub fn hurry(&mut self) {
        self.hurried = true;
    }

    /// A transient trouble: the next try waits, twice as long each time (5 s to 5 min).
    pub fn back_off(&mut self, now: Duration) {
        let wait = self.retry.map_or(FIRST_RETRY, |retry| (retry.wait * 2).min(LAST_RETRY));
        self.retry = Some(Retry { wait, until: now + wait });
    }

    /// Whether the last try gave trouble.
    #[must_use]
    pub fn is_troubled(&self) -> bool {
        self.retry.is_some()
    }

    /// When the next try is due, if the last one gave trouble.
    #[must_use]
    pub fn retry_at(&self) -> Option<Duration> {
        self.retry.map(|retry| retry.until)
    }

    /// The last sight.
    #[must_use]
    pub fn sight(&self) -> &Sight {
        &self.sight
    }

    /// When the name was first seen.
    #[must_use]
    pub fn first_seen(&self) -> Duration {
        self.first_seen
    }

    /// Since when it has been seen unchanged.
    #[must_use]
    pub fn since(&self) -> Duration {
        self.since
    }

    /// Whether scans far enough apart agree, or somebody said that it is finished.
    #[must_use]
    pub fn is_stable(&self, now: Duration, rules: &Rules) -> bool {
        self.hurried || (self.agreeing >= 2 && now.saturating_sub(self.since) >= rules.stability)
    }

    /// What to do, before anything of the file has been read.
    #[must_use]
    pub fn step(&self, now: Duration, rules: &Rules) -> Step {
        if let Some(Retry { until, .. }) = self.retry
            && now < until
        {
            return Step::Wait(until);
        }
        if !self.is_stable(now, rules) {
            return Step::Wait(self.since + rules.stability);
        }
        match self.sight.kind {
            Kind::File if self.sight.len > rules.max_len => {
                let bad = Bad::TooLarge { len: self.sight.len, max: rules.max_len };
                self.patiently(bad, now, rules.stability)
            }
            Kind::File => Step::Look,
            Kind::Dir => self.patiently(Bad::Directory, now, rules.patience),
            Kind::Symlink => Step::SetAside(Bad::Link),
            Kind::Other => Step::SetAside(Bad::Special),
        }
    }

    /// What to do, now that both its ends were looked at.
    #[must_use]
    pub fn judge(&self, shape: Shape, now: Duration, rules: &Rules) -> Step {
        match shape {
            Shape::Whole => Step::Take,
            Shape::Empty => self.patiently(Bad::Empty, now, rules.patience),
            Shape::NoHead => self.patiently(Bad::NotPdf, now, rules.patience),
            Shape::NoTail => self.patiently(Bad::Truncated, now, rules.patience),
        }
    }

    /// Set aside once it stayed unchanged for `patience`, seen at least twice.
    fn patiently(&self, bad: Bad, now: Duration, patience: Duration) -> Step {
        if self.agreeing >= 2 && now.saturating_sub(self.since) >= patience {
            Step::SetAside(bad)
        } else {
            Step::Wait(self.since + patience)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules = Rules { stability: secs(5), patience: secs(60), max_len: 1000 };

    const fn secs(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    fn sight(len: u64, ctime_ns: i128) -> Sight {
        Sight { kind: Kind::File, dev: 1, ino: 2, len, mtime_ns: 3, ctime_ns }
    }

    #[test]
    fn two_scans_far_enough_apart_must_agree() {
        let mut track = Track::new(sight(10, 1), secs(0));
        assert_eq!(track.step(secs(9), &RULES), Step::Wait(secs(5)), "one scan is not two");
        track.see(sight(10, 1), secs(4));
        assert_eq!(track.step(secs(4), &RULES), Step::Wait(secs(5)));
        track.see(sight(10, 1), secs(5));
        assert_eq!(track.step(secs(5), &RULES), Step::Look);
        assert_eq!(track.judge(Shape::Whole, secs(5), &RULES), Step::Take);
    }

    #[test]
    fn a_change_that_keeps_length_and_mtime_is_seen() {
        let mut track = Track::new(sight(10, 1), secs(0));
        track.see(sight(10, 2), secs(5));
        track.see(sight(10, 2), secs(9));
        assert_eq!(track.step(secs(9), &RULES), Step::Wait(secs(10)));
    }

    #[test]
    fn a_hurried_file_is_looked_into_at_once_but_not_set_aside_sooner() {
        let mut track = Track::new(sight(10, 1), secs(7));
        track.hurry();
        assert_eq!(track.step(secs(7), &RULES), Step::Look);
        assert_eq!(track.judge(Shape::NoTail, secs(7), &RULES), Step::Wait(secs(67)));
    }

    #[test]
    fn an_unfinished_file_is_set_aside_when_patience_ends() {
        let mut track = Track::new(sight(0, 1), secs(0));
        track.see(sight(0, 1), secs(60));
        assert_eq!(track.judge(Shape::Empty, secs(59), &RULES), Step::Wait(secs(60)));
        assert_eq!(track.judge(Shape::Empty, secs(60), &RULES), Step::SetAside(Bad::Empty));
    }

    #[test]
    fn back_off_doubles_up_to_five_minutes_and_a_change_ends_it() {
        let mut track = Track::new(sight(10, 1), secs(0));
        track.hurry();
        track.back_off(secs(10));
        assert_eq!(track.step(secs(14), &RULES), Step::Wait(secs(15)));
        track.back_off(secs(15));
        assert_eq!(track.step(secs(16), &RULES), Step::Wait(secs(25)));
        for _ in 0..20 {
            track.back_off(secs(25));
        }
        assert_eq!(track.step(secs(26), &RULES), Step::Wait(secs(325)));
        track.see(sight(11, 2), secs(30));
        assert_eq!(track.step(secs(30), &RULES), Step::Wait(secs(35)));
    }

    #[test]
    fn too_long_links_and_devices_are_not_opened() {
        let mut large = Track::new(sight(1001, 1), secs(0));
        large.see(sight(1001, 1), secs(5));
        let bad = Bad::TooLarge { len: 1001, max: 1000 };
        assert_eq!(large.step(secs(5), &RULES), Step::SetAside(bad));
        let link = Sight { kind: Kind::Symlink, ..sight(3, 1) };
        let mut track = Track::new(link, secs(0));
        track.see(link, secs(5));
        assert_eq!(track.step(secs(5), &RULES), Step::SetAside(Bad::Link));
    }
}
