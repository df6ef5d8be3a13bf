//! The transaction-shaped state port on redb, blobs by digest, and the hash-linked audit log.
