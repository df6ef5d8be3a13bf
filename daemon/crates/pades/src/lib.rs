//! The staged signing session, PAdES levels, and validation with its report.
