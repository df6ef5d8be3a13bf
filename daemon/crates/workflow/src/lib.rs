//! Workflow definitions, and the state machine of a dossier.
pub mod definition;
pub mod faults;
pub mod machine;
