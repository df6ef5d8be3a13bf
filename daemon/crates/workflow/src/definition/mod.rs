//! Workflow definitions: TOML texts, parsed once and right from then on, pinned by their hash.
//!
//! [`WorkflowDefinition::parse`] gathers all faults of a text. A kind of step is a [`StepParser`]
//! registered in [`StepParsers`]; a new kind touches no other file of this room.

mod kind;
mod kinds;
mod order;
mod parameters;
mod parse;
mod template;
mod value;

pub use kind::{Nature, ParsedStep, StepParser, StepParsers, StepScope};
pub use kinds::{
    AppearancePlace, AppearanceSettings, Attachment, CollectOrder, CollectParser, CollectSettings,
    Corner, DeliverParser, DeliverSettings, Destination, Guard, OnFailure, Outcome, PluginParser,
    PluginSettings, PluginWork, PrepareParser, PrepareSettings, SealImage, SealLevel, SealParser,
    SealSettings, Signatories, Stamp, StampPage,
};
pub use parameters::{ParameterFault, complete};
pub use template::{PLACEHOLDERS, Template, TemplateFault};
pub use value::{Parameter, StepDefinition, Text, WorkflowDefinition};
