//! What drawing can use up, at most.

use std::time::Duration;

/// The largest document that is drawn, in bytes.
pub const MOST_DOCUMENT: u64 = 64 << 20;
/// Address space of a drawing process, in bytes.
pub const MEMORY: u64 = 1 << 30;
/// Processor time of a drawing process, in seconds.
pub const CPU: u64 = 10;
/// The longest that is waited for a drawing process.
pub const WAIT: Duration = Duration::from_secs(15);
/// The longest that is waited for all drawing of one document, as [`crate::Drawer`] counts it.
pub const WAIT_FOR_ALL: Duration = Duration::from_secs(60);
/// Pages that one process is asked for.
pub const MOST_PAGES: usize = 32;
/// The longest side of a picture, in pixels.
pub const MOST_SIDE: u32 = 1_600;
/// Pixels of a picture.
pub const MOST_PIXELS: u32 = 2_000_000;
/// Pixels of a picture for each point (1/72 inch) of the page, where the bounds above allow it.
pub const SCALE: f32 = 1.5;
