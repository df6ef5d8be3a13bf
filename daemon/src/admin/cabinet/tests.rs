//! Requests as the command line makes them, over a registry in memory.
