//! Black-box suites, their peers and fixtures.
