//! The routes over a real engine with a store in memory. Documents are kept in memory too; no runner
//! is at work, so that a test says itself what becomes of a dossier.

mod codes;
mod guard;
mod read;
mod server;
mod submit;
mod world;
