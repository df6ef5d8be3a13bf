//! Who may do what: people, sociétés, délégations, and the one function that answers.
