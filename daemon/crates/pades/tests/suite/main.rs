//! Seals, and what becomes of them, in one program: made stage by stage, extended, changed, attacked.

#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod attacks;
mod changes;
mod common;
mod filling;
mod fonts;
mod forged;
mod hole;
mod ltv;
mod seen;
mod session;
mod tamper;
mod verdicts;
mod written;
