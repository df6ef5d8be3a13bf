//! The process that holds keys.
