//! Tests that take several modules together, over one in-memory authority.

mod algorithms;
mod certificates;
mod chains;
mod foreign;
mod messages;
mod mutations;
mod responders;
mod revocation;
mod timestamps;

use std::sync::LazyLock;

use crate::{SignatureAlgorithm, testing::TestPki};

/// One authority for all tests: keys are dear to make.
static PKI: LazyLock<TestPki> =
    LazyLock::new(|| TestPki::generate(SignatureAlgorithm::EcdsaP256Sha256));

/// One for every algorithm.
static ALL: LazyLock<Vec<TestPki>> =
    LazyLock::new(|| SignatureAlgorithm::ALL.map(TestPki::generate).into());
