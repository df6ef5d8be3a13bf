//! HTTP out: one bounded exchange with somebody outside.
//!
//! Three kinds of addresses are asked: the time-stamping authorities of the configuration, those that
//! certificates name (a stranger made them), and those that a plugin was granted. What differs among
//! them is a value, [`Bounds`]; what must hold for all of them is code that stands here once:
//!
//! - every address that a name has is judged ([`is_public`]) before any is connected to, the connection
//!   goes to one of those very addresses, and the name is not resolved again;
//! - redirects are followed of a `GET` only, counted, and each is judged as the first address was; none
//!   leads from https to http;
//! - connecting, the whole exchange and the answer's size are bounded; an answer that is larger is
//!   never held;
//! - TLS is judged by the system's certification authorities and by the name that was asked for;
//! - no proxy, no cookie, no credential, no connection that is kept.
//!
//! What comes back is bytes from outside. Whoever asked judges them.

mod address;
mod bounds;
mod connect;
mod error;
mod exchange;
mod target;

pub use address::is_public;
pub use bounds::{Bounds, CONNECT_TIMEOUT, MOST_ADDRESSES, MOST_HEADERS};
pub use error::{Fault, OutboundError};
pub use exchange::{Answer, Ask, exchange};
pub use target::{MAX_URL, Schemes, Target};
