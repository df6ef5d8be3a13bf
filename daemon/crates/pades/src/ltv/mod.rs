//! Above B-T: validation data in the document itself, document timestamps over it, and what a
//! document still lacks (EN 319 142-1 §5.4, §6.3).
//!
//! ```text
//! missing ──▶ the caller fetches ──▶ store (/DSS) ──▶ DocumentTimestamp::begin ──finish(token)──▶
//! ```
//!
//! What is done next, [`next`] decides from what is lacking: store, stamp, wait, or stay.
//! Every step is an incremental revision. A renewal is the same again: newer data for the last
//! timestamp's chain, and another timestamp. The level reached is always computed from the bytes.

mod at_hand;
mod case;
mod chain;
mod extend;
mod material;
mod missing;
mod next;
mod reached;
mod stamping;
mod subjects;
mod until;

pub(crate) use at_hand::{AtHand, Holdings};
pub use extend::{
    DocumentTimestamp, ExtendError, Extended, begin_document_timestamp, store_material,
};
pub(crate) use material::embedded_material;
pub use material::stored_material;
pub use missing::{Missing, Wanted, ageing, missing};
pub use next::{Look, Next, Patience, next};
pub(crate) use reached::Reached;
pub use stamping::{Stamp, Stamping};
pub use until::{outlasts, proven_until, token_proven_until};
