//! Durable files: the file-system port, its real implementation and the one that loses what was not synced.
