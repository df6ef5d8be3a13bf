//! Write plugins for Sceau in Rust.
//!
//! A plugin does one step of a workflow, as a WebAssembly component without WASI. Choose the trait of
//! its kind ([`Prepare`], [`Route`], [`Validate`], [`Notify`], [`AfterSeal`]), write `run`, and name
//! the type in [`plugin!`]:
//!
//! ```
//! use sceau_plugin::{Input, Report, StepError, Validate, documents, plugin};
//!
//! struct OnePage;
//!
//! impl Validate for OnePage {
//!     fn run(input: Input) -> Result<Report, StepError> {
//!         let document = documents::open(&input.documents[0])?;
//!         if document.page_count()? > 1 {
//!             return Err(StepError::rejected("pages", "Une page, pas plus.", "One page, no more."));
//!         }
//!         Ok(Report::accept())
//!     }
//! }
//!
//! plugin!(OnePage, validate);
//!
//! // In a test, natively, against a double of the host:
//! use sceau_plugin::testing::{TestDocument, TestHost};
//! let host = TestHost::new().document(TestDocument::new("lettre.pdf").page("Bonjour"));
//! let (answer, _) = host.run(|input| OnePage::run(input));
//! assert!(answer.is_ok());
//! ```
//!
//! `sceau plugin build` makes the component, `sceau plugin test` runs it as the daemon would.
//! What the host refuses (a capability that was not asked or not granted) is an error of each call;
//! `?` turns it into a [`StepError`] that names who can mend it.

#[doc(hidden)]
pub mod bindings;
mod errors;
mod input;
mod kinds;
mod panics;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
mod words;

#[cfg(target_arch = "wasm32")]
use bindings::imports::sceau as host;
#[cfg(not(target_arch = "wasm32"))]
use testing::host;

pub use bindings::exports::{
    Artifact, Decision, Delivery, Event, Finding, Prepared, Report, Sealed, Severity, Verdict,
};
pub use bindings::imports::sceau::types::types::{
    Failure, Region, Rejection, Retry, StepError, StepInput as Input,
};
pub use kinds::{AfterSeal, Notify, Prepare, Route, Validate};
#[doc(hidden)]
pub use panics::begin;

/// The moment; always granted.
pub mod clock {
    pub use crate::host::clock::clock::{monotonic_ns, now_ms};
}

/// Where the step runs; always granted. Keys: `societe`, `workflow`, `channel`, `folder`, `language`,
/// `file-name`, `host-version`.
pub mod context {
    pub use crate::host::context::context::get;
}

/// Unpredictable bytes; always granted.
pub mod random {
    pub use crate::host::random::random::bytes;
}

/// Lines for the operator; always granted, bounded. Never log a secret or personal data.
pub mod log {
    pub use crate::bindings::imports::sceau::log::log::Level;
    pub use crate::host::log::log::log;

    /// A line of level `info`.
    pub fn info(message: &str) {
        log(Level::Info, message, &[]);
    }

    /// A line of level `warn`.
    pub fn warn(message: &str) {
        log(Level::Warn, message, &[]);
    }
}

/// Capability `documents`: reading the documents of this step.
pub mod documents {
    pub use crate::bindings::imports::sceau::documents::documents::{DocumentError, Signature};
    pub use crate::host::documents::documents::{Document, open};
}

/// Capability `documents` too: where texts stand on the pages of this step's documents.
pub mod places {
    pub use crate::bindings::imports::sceau::places::places::PlaceError;
    pub use crate::host::places::places::{of_page, of_text};
}

/// Capability `document-output`, kind `prepare` only: giving a new document back.
pub mod document_output {
    pub use crate::bindings::imports::sceau::document_output::document_output::OutputError;
    pub use crate::host::document_output::document_output::{Writer, begin};

    /// Writes a whole document; the id for [`Prepared::document`](crate::Prepared).
    ///
    /// # Errors
    /// Not granted, or larger than an output may be.
    pub fn give(bytes: &[u8]) -> Result<String, OutputError> {
        let writer = begin()?;
        for chunk in bytes.chunks(1 << 20) {
            writer.write(chunk)?;
        }
        writer.finish()
    }
}

/// Capability `events`: facts for the dossier's journal. No personal data: it is never erased.
pub mod events {
    pub use crate::bindings::imports::sceau::events::events::EventError;
    pub use crate::host::events::events::emit;
}

/// Capability `state`: a small memory of the plugin's own for each société, with versions and a quota.
pub mod state {
    pub use crate::bindings::imports::sceau::state::state::{Entry, Expectation, StateError};
    pub use crate::host::state::state::{delete, get, keys, set};
}

/// Capability `filing`: putting a document of this step into a directory that the operator named.
pub mod filing {
    pub use crate::bindings::imports::sceau::filing::filing::{Filed, FilingError};
    pub use crate::host::filing::filing::put;
}

/// Capability `http`: requests to the hosts that the operator granted.
pub mod http {
    pub use crate::bindings::imports::sceau::http::http::{
        HttpError, Request, Response, SecretHeader,
    };
    pub use crate::host::http::http::send;

    impl Request {
        /// A request without headers and body, with ten seconds.
        pub fn new(method: &str, url: impl Into<String>) -> Self {
            Self {
                method: method.to_owned(),
                url: url.into(),
                headers: Vec::new(),
                secret_headers: Vec::new(),
                body: None,
                timeout_ms: 10_000,
            }
        }

        /// The same with a header.
        #[must_use]
        pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
            self.headers.push((name.to_owned(), value.into()));
            self
        }

        /// The same with a header whose value the host fills in: `prefix`, then the secret.
        #[must_use]
        pub fn secret(mut self, name: &str, prefix: &str, secret: &str) -> Self {
            let [name, prefix, secret] = [name, prefix, secret].map(str::to_owned);
            self.secret_headers.push(SecretHeader { name, prefix, secret });
            self
        }

        /// The same with a body.
        #[must_use]
        pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
            self.body = Some(body.into());
            self
        }
    }
}
