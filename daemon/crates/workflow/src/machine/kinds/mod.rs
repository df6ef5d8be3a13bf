//! The kinds of step that come with the daemon, as reducers. Each stands alone: adding one adds a
//! file here and a line in [`standard`].

mod climb;
mod deliver;
mod plugin;
mod prepare;
mod seal;
mod unavailable;

pub use climb::{SEAL_EXTEND, SEAL_STAMP};
pub use deliver::{DELIVER, Deliver, api_lane};
pub use plugin::{Answered, PLUGIN, Plugin, Verdict};
pub use prepare::{PREPARE, Prepare};
pub use seal::{SEAL_FINISH, SEAL_PREPARE, SEAL_SIGN, Seal};
pub use unavailable::Unavailable;

use sceau_cabinet::Right;

use super::StepKinds;

/// Lane of the work that needs a processor and nothing else.
pub const CPU_LANE: &str = "cpu";
/// Lane of the work that needs a key.
pub const KEY_LANE: &str = "key";
/// Lane of the work that asks about the revocation of certificates.
pub const REVOCATION_LANE: &str = "revocation";
/// Lane of the work that needs a time-stamping authority.
pub const TSA_LANE: &str = "tsa";
/// Lane of the work that plugins do: none of it stops any other.
pub const PLUGIN_LANE: &str = "plugin";

/// The kinds of this version.
pub fn standard() -> StepKinds {
    StepKinds::default()
        .with(Prepare)
        .with(Seal)
        .with(Deliver)
        .with(Unavailable { kind: "collect", rights: &[Right::Preparer] })
        .with(Plugin)
}
