//! Watched folders: scan, stability, claim, digest, sidecar, and delivery back.
