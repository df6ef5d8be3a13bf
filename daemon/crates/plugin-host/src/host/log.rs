//! `sceau:log`: bounded in lines and bytes; what is beyond is dropped and counted.

use super::Ctx;
use crate::bindings::sceau::log::log::{Host, Level};
use crate::error::Panic;
use crate::limits::{MOST_LOG_BYTES, MOST_LOG_LINES, MOST_TEXT};

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogLine {
    /// `trace`, `debug`, `info`, `warn` or `error`.
    pub level: &'static str,
    /// Message and fields, on one line.
    pub text: String,
}

/// The lines of a run.
#[derive(Debug, Default)]
pub(crate) struct Log {
    pub(crate) lines: Vec<LogLine>,
    bytes: usize,
}

impl Log {
    fn add(&mut self, level: Level, text: String) -> bool {
        let room = self.lines.len() < MOST_LOG_LINES && self.bytes + text.len() <= MOST_LOG_BYTES;
        if room {
            self.bytes += text.len();
            self.lines.push(LogLine { level: word(level), text });
        }
        room
    }
}

impl Host for Ctx {
    fn log(
        &mut self,
        level: Level,
        message: String,
        fields: Vec<(String, String)>,
    ) -> wasmtime::Result<()> {
        self.call(
            "log.log",
            || clean(&message),
            |ctx| {
                let mut text = clean(&message);
                for (name, value) in fields.iter().take(32) {
                    text.push_str(&format!(" {}={}", clean(name), clean(value)));
                }
                if !ctx.log.add(level, text) {
                    ctx.spent.dropped_lines += 1;
                }
            },
        )
    }

    fn panic(&mut self, message: String, place: String) -> wasmtime::Result<()> {
        self.call(
            "log.panic",
            || clean(&message),
            |ctx| {
                ctx.panic = Some(Panic { message: clean(&message), place: clean(&place) });
            },
        )
    }
}

/// One line of text, of bounded length: a plugin forges no second line of the daemon's log.
pub(crate) fn clean(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().take(MOST_TEXT).map(plain).collect()
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Trace => "trace",
        Level::Debug => "debug",
        Level::Info => "info",
        Level::Warn => "warn",
        Level::Error => "error",
    }
}
