//! Workflow definitions, and the state machine of a dossier.
pub mod machine;
