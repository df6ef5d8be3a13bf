//! What a plugin can use up, at most.

use std::time::Duration;

/// The largest component that is read, in bytes (a Python guest has 18 MB).
pub const MOST_COMPONENT: usize = 64 << 20;
/// The largest manifest that is read, in bytes.
pub const MOST_MANIFEST: usize = 64 << 10;
/// The largest range that one `read` or `write` moves, in bytes.
pub const MOST_RANGE: usize = 1 << 20;
/// The largest document that a plugin may give back, in bytes.
pub const MOST_OUTPUT: u64 = 64 << 20;
/// Documents that one run may hold open at once.
pub const MOST_OPEN: usize = 256;
/// Bytes of one value in a plugin's memory.
pub const MOST_VALUE: usize = 1 << 20;
/// Changes that one run may make in its memory: each is a durable commit.
pub const MOST_WRITES: u32 = 1_000;
/// Keys of one plugin's memory for one société.
pub const MOST_HELD: usize = 10_000;
/// Characters whose places one call may ask for.
pub const MOST_PLACED: u32 = 10_000;
/// Host calls of one run; a plugin that makes more is stopped.
pub const MOST_CALLS: u64 = 100_000;
/// Log lines of one run that are kept.
pub const MOST_LOG_LINES: usize = 200;
/// Bytes of log of one run that are kept.
pub const MOST_LOG_BYTES: usize = 64 << 10;
/// Events of one run.
pub const MOST_EVENTS: usize = 32;
/// Bytes of one event's data.
pub const MOST_EVENT: usize = 16 << 10;
/// HTTP requests of one run.
pub const MOST_REQUESTS: u32 = 32;
/// Files that one run may put into directories.
pub const MOST_FILED: u32 = 32;
/// Names in one path beneath such a directory.
pub const MOST_NAMES: usize = 16;
/// Bytes of one name.
pub const LONGEST_NAME: usize = 200;
/// Bytes of one HTTP body, either way.
pub const MOST_BODY: usize = 8 << 20;
/// Findings of one report, artifacts of one answer.
pub const MOST_ITEMS: usize = 500;
/// Bytes of one text in an answer.
pub const MOST_TEXT: usize = 2_000;
/// Bytes that pass between guest and host in one call, all lists and texts together.
pub const MOST_PASSED: usize = 16 << 20;
/// Random bytes of one call.
pub const MOST_RANDOM: u32 = 65_536;
/// Elements of all tables.
pub const MOST_ELEMENTS: usize = 200_000;
/// Stack of the guest, in bytes.
pub const STACK: usize = 1 << 20;
/// How often running guests are looked at.
pub const TICK: Duration = Duration::from_millis(10);
/// Time of a self-test.
pub const SELF_TEST: Duration = Duration::from_secs(5);

/// What a manifest may ask, and what one run of it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Limits {
    /// Memory of the guest, in bytes.
    pub memory: u64,
    /// Time of one run.
    pub time: Duration,
}

impl Limits {
    /// What a manifest gets that asks nothing.
    pub const DEFAULT: Self = Self { memory: 64 << 20, time: Duration::from_secs(5) };
    /// Least and most memory that can be asked, in bytes.
    pub const MEMORY: std::ops::RangeInclusive<u64> = 1 << 20..=512 << 20;
    /// Least and most time that can be asked.
    pub const TIME: std::ops::RangeInclusive<Duration> =
        Duration::from_millis(100)..=Duration::from_secs(120);
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
