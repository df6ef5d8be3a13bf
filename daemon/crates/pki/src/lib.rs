//! Certificates, chains, CMS and time-stamp messages that keep their original bytes.
