//! HTTP API, sessions and pages.
