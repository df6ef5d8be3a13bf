//! The kinds of this version, each with its settings.

mod appearance;
mod collect;
mod deliver;
mod guard;
mod plugin;
mod prepare;
mod seal;

pub use appearance::{AppearancePlace, AppearanceSettings, SealImage};
pub use collect::{CollectOrder, CollectParser, CollectSettings, Signatories};
pub use deliver::{DeliverParser, DeliverSettings};
pub use guard::Guard;
pub use plugin::{Destination, OnFailure, Outcome, PluginParser, PluginSettings, PluginWork};
pub use prepare::{Attachment, Corner, PrepareParser, PrepareSettings, Stamp, StampPage};
pub use seal::{SealLevel, SealParser, SealSettings};
