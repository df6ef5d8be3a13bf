//! `sceau`: a self-hosted signing daemon for French accounting firms.
//!
//! This crate holds `main`, the command line, the configuration and the wiring; business rules live
//! in the rooms (`daemon/crates`).

mod admin;
mod authority;
mod cli;
mod config;
mod demo;
mod doors;
mod file_source;
mod init;
mod keys;
mod run;
mod self_test;

fn main() -> std::process::ExitCode {
    cli::main()
}
