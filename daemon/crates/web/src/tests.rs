//! Tests over a real engine with a store in memory.
