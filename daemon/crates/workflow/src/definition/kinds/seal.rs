//! `seal`: the seal of the dossier's société (EN 319 142-1).

use sceau_cabinet::Right;
use serde::{Deserialize, Serialize};

use super::appearance::{self, AppearanceSettings};
use super::guard::Guard;
use crate::definition::kind::{Nature, ParsedStep, StepParser, StepScope};
use crate::definition::template::Template;
use crate::faults::{FaultCode, TableReader};

/// The baseline level that a seal must reach (EN 319 142-1, 6). Ordered: a higher level includes the
/// lower ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum SealLevel {
    /// Signed.
    #[serde(rename = "B-B")]
    BB,
    /// Signed, with a signature timestamp.
    #[serde(rename = "B-T")]
    BT,
    /// With all that its validation needs later.
    #[serde(rename = "B-LT")]
    BLt,
    /// With a document timestamp over all of it, which is renewed for as long as the workflow's
    /// retention says.
    #[serde(rename = "B-LTA")]
    BLta,
}

/// The settings of a `seal` step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealSettings {
    /// The level that the seal must reach; default `B-T`.
    pub level: SealLevel,
    /// Why the document is sealed (`/Reason`).
    pub reason: Option<Template>,
    /// Where (`/Location`).
    pub location: Option<Template>,
    /// The signature field: an existing unsigned one of this name, else a new one is made; absent: a
    /// new one with a name of its own.
    pub field: Option<String>,
    /// What is done about a document that holds what could change its reading after it was sealed.
    #[serde(default, skip_serializing_if = "Guard::is_allow")]
    pub guard: Guard,
    /// How the seal is seen; not at all where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appearance: Option<AppearanceSettings>,
}

/// The kind `seal`.
#[derive(Debug, Clone, Copy, Default)]
pub struct SealParser;

impl StepParser for SealParser {
    fn kind(&self) -> &'static str {
        "seal"
    }

    fn parse(&self, table: &TableReader<'_>, context: &StepScope<'_>) -> Option<ParsedStep> {
        let levels = [
            ("B-B", SealLevel::BB),
            ("B-T", SealLevel::BT),
            ("B-LT", SealLevel::BLt),
            ("B-LTA", SealLevel::BLta),
        ];
        let template = |key| table.string(key).and_then(|text| context.template(table, text));
        let field = field(table);
        let appearance = table
            .table("appearance")
            .and_then(|inner| appearance::parse(&inner, context, field.is_some()));
        let settings = SealSettings {
            level: table.word("level", &levels).unwrap_or(SealLevel::BT),
            reason: template("reason"),
            location: template("location"),
            field,
            guard: Guard::parse(table),
            appearance,
        };
        Some(ParsedStep::new(&settings, Nature::Signs).needing([Right::Sceller]))
    }
}

/// A partial field name holds no full stop (ISO 32000-2, 12.7.4.2).
fn field(table: &TableReader<'_>) -> Option<String> {
    let name = table.string("field")?;
    let length = name.value.chars().count();
    let good = (1..=60).contains(&length)
        && !name.value.contains('.')
        && !name.value.chars().any(char::is_control);
    if !good {
        let message = "the name of a field is 1 to 60 characters without a full stop".to_owned();
        table.fault(FaultCode::BadValue, name.span, message, None);
        return None;
    }
    Some(name.value)
}
